/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/limits.h"

static err token_insert(struct db_conn *conn, const struct digest *hash, str grant_id,
                        int64_t generation, int64_t created_ms, int64_t expires_ms,
                        struct error *reterr) {
    if (expires_ms <= created_ms) {
        return error_set(reterr, ERR_RANGE, "the refresh token expires before it begins");
    }
    TRY(db_exec(conn,
                "INSERT INTO refresh_tokens (hash, grant_id, generation, created_ms, expires_ms)"
                " VALUES ($1, $2, $3, $4, $5)",
                DB_PARAMS(db_blob(digest_str(hash)), db_text(grant_id), db_i64(generation),
                          db_i64(created_ms), db_i64(expires_ms)),
                NULL, reterr));
    /* INVARIANT: a grant lives as long as any of its tokens. */
    return db_exec(conn, "UPDATE grants SET expires_ms = $2 WHERE id = $1 AND expires_ms < $2",
                   DB_PARAMS(db_text(grant_id), db_i64(expires_ms)), NULL, reterr);
}

err store_refresh_create(struct store *store, const struct refresh *refresh, struct error *reterr) {
    TRY(grant_check(&refresh->grant, reterr));
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "refresh_create", &work, reterr));
    TRY(sql_grant_insert(work.conn, &refresh->grant, reterr));
    TRY(token_insert(work.conn, &refresh->hash, refresh->grant.id, 1, refresh->created_ms,
                     refresh->expires_ms, reterr));
    return work_commit(&work, reterr);
}

static err grant_usable_check(struct db_conn *conn, str grant_id, int64_t now_ms,
                              struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_query_one(conn, "SELECT revoked_ms, expires_ms FROM grants WHERE id = $1",
                     DB_PARAMS(db_text(grant_id)), &rows, reterr));
    bool is_revoked = !db_row_is_null(&rows, 0);
    int64_t expires_ms = db_row_i64(&rows, 1);
    TRY(db_rows_finish(&rows, reterr));
    if (is_revoked || expires_ms <= now_ms) {
        return error_set(reterr, ERR_DENIED, "the grant is revoked or has expired");
    }
    return ERR_OK;
}

err store_refresh_add(struct store *store, str grant_id, const struct digest *hash,
                      int64_t expires_ms, int64_t now_ms, struct error *reterr) {
    TRY(lookup_check(grant_id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "refresh_add", &work, reterr));
    TRY(grant_usable_check(work.conn, grant_id, now_ms, reterr));
    TRY(token_insert(work.conn, hash, grant_id, 1, now_ms, expires_ms, reterr));
    return work_commit(&work, reterr);
}

static err token_read(struct db_conn *conn, const struct digest *hash, struct arena *a,
                      struct refresh *ret, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_query_one(conn,
                     "SELECT t.hash, t.generation, t.created_ms, t.expires_ms, t.spent_ms,"
                     " " GRANT_COLUMNS " FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id"
                     " WHERE t.hash = $1",
                     DB_PARAMS(db_blob(digest_str(hash))), &rows, reterr));
    struct refresh token = {
        .generation = (uint32_t)db_row_i64(&rows, 1),
        .created_ms = db_row_i64(&rows, 2),
        .expires_ms = db_row_i64(&rows, 3),
        .is_spent = !db_row_is_null(&rows, 4),
        .spent_ms = db_row_i64_or(&rows, 4, 0),
    };
    digest_read(&rows, 0, &token.hash);
    TRY(sql_grant_columns_read(&rows, 5, a, &token.grant));
    TRY(db_rows_finish(&rows, reterr));
    *ret = token;
    return ERR_OK;
}

err store_refresh_get(struct store *store, const struct digest *hash, struct arena *a,
                      struct refresh *ret, struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    TRY(work_read(store, "refresh_get", &work, reterr));
    return token_read(work.conn, hash, a, ret, reterr);
}

static bool is_of_client(const struct grant *grant, str client_id) {
    return str_is_absent(grant->client_id) == str_is_absent(client_id) &&
           str_equal(grant->client_id, client_id);
}

/* Why a claim found nothing to claim. Reuse means that one of two holders is a thief, and we cannot
 * tell which: the family ends (RFC 9700 §4.14.2). */
static err claim_refused(struct work *work, const struct refresh *token, str client_id,
                         int64_t now_ms, struct error *reterr) {
    if (!is_of_client(&token->grant, client_id)) {
        return error_set(reterr, ERR_NOT_FOUND, "the refresh token belongs to another client");
    }
    if (token->is_spent) {
        TRY(sql_grant_revoke(work->conn, token->grant.id, now_ms, reterr));
        TRY(work_commit(work, reterr));
        return error_set(reterr, ERR_REPLAY, "the refresh token was used before");
    }
    if (token->grant.is_revoked) {
        return error_set(reterr, ERR_DENIED, "the family of the refresh token is revoked");
    }
    return error_set(reterr, ERR_EXPIRED, "the refresh token has expired");
}

/* SECURITY: the one place where a refresh token is spent; the condition and the change are one. */
static err token_claim(struct db_conn *conn, const struct digest *presented, str client_id,
                       const struct digest *successor, int64_t now_ms, bool *ret_is_claimed,
                       struct error *reterr) {
    int64_t claimed = 0;
    TRY(db_exec(conn,
                "UPDATE refresh_tokens SET spent_ms = $2, successor_hash = $3"
                " WHERE hash = $1 AND spent_ms IS NULL AND expires_ms > $2 AND EXISTS"
                " (SELECT 1 FROM grants g WHERE g.id = refresh_tokens.grant_id"
                " AND g.revoked_ms IS NULL AND g.client_id IS NOT DISTINCT FROM $4)",
                DB_PARAMS(db_blob(digest_str(presented)), db_i64(now_ms),
                          db_blob(digest_str(successor)), db_text(client_id)),
                &claimed, reterr));
    *ret_is_claimed = claimed == 1;
    return ERR_OK;
}

err store_refresh_rotate(struct store *store, const struct digest *presented, str client_id,
                         const struct refresh_successor *successor, int64_t now_ms, struct arena *a,
                         struct refresh *ret, struct error *reterr) {
    if (!str_is_absent(client_id)) {
        TRY(lookup_check(client_id, MODEL_ID_MAX, reterr));
    }
    AUTO(work_done) struct work work = {0};
    struct refresh token;
    bool is_claimed = false;
    TRY(work_write(store, "refresh_rotate", &work, reterr));
    TRY(token_claim(work.conn, presented, client_id, &successor->hash, now_ms, &is_claimed,
                    reterr));
    TRY(token_read(work.conn, presented, a, &token, reterr));
    if (!is_claimed) {
        err refused = claim_refused(&work, &token, client_id, now_ms, reterr);
        if (refused == ERR_REPLAY) {
            *ret = token;
        }
        return refused;
    }
    struct refresh next = {
        .hash = successor->hash,
        .generation = token.generation + 1,
        .created_ms = now_ms,
        .expires_ms = successor->expires_ms,
        .grant = token.grant,
    };
    TRY(token_insert(work.conn, &next.hash, next.grant.id, next.generation, now_ms, next.expires_ms,
                     reterr));
    if (next.grant.expires_ms < next.expires_ms) {
        next.grant.expires_ms = next.expires_ms;
    }
    TRY(work_commit(&work, reterr));
    *ret = next;
    return ERR_OK;
}
