/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

err store_code_create(struct store *store, const struct code *code, struct error *reterr) {
    TRY(code_check(code, reterr));
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "code_create", &work, reterr));
    TRY(sql_grant_insert(work.conn, &code->grant, reterr));
    TRY(db_exec(work.conn,
                "INSERT INTO codes (hash, grant_id, redirect_uri, code_challenge, nonce,"
                " created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                DB_PARAMS(db_blob(digest_str(&code->hash)), db_text(code->grant.id),
                          db_text(code->redirect_uri), db_text(code->code_challenge),
                          db_text(code->nonce), db_i64(code->created_ms), db_i64(code->expires_ms)),
                NULL, reterr));
    return work_commit(&work, reterr);
}

static err code_read(struct db_conn *conn, const struct digest *hash, struct arena *a,
                     struct code *ret, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_query_one(conn,
                     "SELECT c.hash, c.redirect_uri, c.code_challenge, c.nonce, c.created_ms,"
                     " c.expires_ms, c.redeemed_ms, " GRANT_COLUMNS
                     " FROM codes c JOIN grants g ON g.id = c.grant_id WHERE c.hash = $1",
                     DB_PARAMS(db_blob(digest_str(hash))), &rows, reterr));
    struct code code = {
        .redirect_uri = db_row_text(&rows, 1, a),
        .code_challenge = db_row_text(&rows, 2, a),
        .nonce = db_row_text(&rows, 3, a),
        .created_ms = db_row_i64(&rows, 4),
        .expires_ms = db_row_i64(&rows, 5),
        .is_redeemed = !db_row_is_null(&rows, 6),
        .redeemed_ms = db_row_i64_or(&rows, 6, 0),
    };
    digest_read(&rows, 0, &code.hash);
    TRY(sql_grant_columns_read(&rows, 7, a, &code.grant));
    TRY(db_rows_finish(&rows, reterr));
    *ret = code;
    return ERR_OK;
}

err store_code_get(struct store *store, const struct digest *hash, struct arena *a,
                   struct code *ret, struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    TRY(work_read(store, "code_get", &work, reterr));
    return code_read(work.conn, hash, a, ret, reterr);
}

/* Why a claim found nothing to claim. A replay revokes the grant and with it every token that was
 * or will be issued from the code (RFC 9700 §4.5). */
static err claim_refused(struct work *work, const struct code *code, int64_t now_ms,
                         struct error *reterr) {
    if (code->is_redeemed) {
        TRY(sql_grant_revoke(work->conn, code->grant.id, now_ms, reterr));
        TRY(work_commit(work, reterr));
        return error_set(reterr, ERR_REPLAY, "the code was redeemed before");
    }
    if (code->grant.is_revoked) {
        return error_set(reterr, ERR_DENIED, "the grant of the code is revoked");
    }
    return error_set(reterr, ERR_EXPIRED, "the code has expired");
}

err store_code_redeem(struct store *store, const struct digest *hash, int64_t now_ms,
                      struct arena *a, struct code *ret, struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    struct code code;
    int64_t claimed = 0;
    TRY(work_write(store, "code_redeem", &work, reterr));
    /* SECURITY: the one place where a code is spent; the condition and the change are one. */
    TRY(db_exec(work.conn,
                "UPDATE codes SET redeemed_ms = $2"
                " WHERE hash = $1 AND redeemed_ms IS NULL AND expires_ms > $2 AND EXISTS"
                " (SELECT 1 FROM grants g WHERE g.id = codes.grant_id AND g.revoked_ms IS NULL)",
                DB_PARAMS(db_blob(digest_str(hash)), db_i64(now_ms)), &claimed, reterr));
    TRY(code_read(work.conn, hash, a, &code, reterr));
    if (claimed == 0) {
        err refused = claim_refused(&work, &code, now_ms, reterr);
        if (refused == ERR_REPLAY) {
            *ret = code;
        }
        return refused;
    }
    TRY(work_commit(&work, reterr));
    *ret = code;
    return ERR_OK;
}
