/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/limits.h"

enum { AMR_MAX_BYTES = MODEL_LIST_MAX * (MODEL_LIST_ITEM_MAX + 1) + 8192 };

static void arena_cleanup(struct arena *a) {
    arena_done(a);
}

err sql_grant_columns_read(struct db_rows *rows, int first, struct arena *a, struct grant *ret) {
    struct grant grant = {
        .id = db_row_text(rows, first, a),
        .client_id = db_row_text(rows, first + 1, a),
        .user_id = db_row_text(rows, first + 2, a),
        .sid = db_row_text(rows, first + 3, a),
        .scope = db_row_text(rows, first + 4, a),
        .user_epoch = db_row_i64(rows, first + 5),
        .auth_time_ms = db_row_i64(rows, first + 6),
        .created_ms = db_row_i64(rows, first + 8),
        .expires_ms = db_row_i64(rows, first + 9),
        .is_revoked = !db_row_is_null(rows, first + 10),
        .revoked_ms = db_row_i64_or(rows, first + 10, 0),
        .resource = db_row_text(rows, first + 11, a),
    };
    TRY(names_split(a, db_row_text(rows, first + 7, a), &grant.amr));
    *ret = grant;
    return ERR_OK;
}

err sql_grant_insert(struct db_conn *conn, const struct grant *grant, struct error *reterr) {
    AUTO(arena_cleanup) struct arena a;
    arena_init(&a, allocator_libc(), AMR_MAX_BYTES);
    str amr;
    TRY(names_join(&a, grant->amr, &amr));
    TRY(sql_user_guard(conn, grant->user_id, grant->user_epoch, reterr));
    return db_exec(conn,
                   "INSERT INTO grants (id, client_id, user_id, sid, scope, user_epoch,"
                   " auth_time_ms, amr, created_ms, expires_ms, resource)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                   DB_PARAMS(db_text(grant->id), db_text(grant->client_id), db_text(grant->user_id),
                             db_text(grant->sid),
                             db_text(str_is_absent(grant->scope) ? STR("") : grant->scope),
                             db_i64(grant->user_epoch), db_i64(grant->auth_time_ms), db_text(amr),
                             db_i64(grant->created_ms), db_i64(grant->expires_ms),
                             db_text(grant->resource)),
                   NULL, reterr);
}

err store_grant_get(struct store *store, str grant_id, struct arena *a, struct grant *ret,
                    struct error *reterr) {
    TRY(lookup_check(grant_id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    struct grant grant;
    TRY(work_read(store, "grant_get", &work, reterr));
    TRY(db_query_one(work.conn, "SELECT " GRANT_COLUMNS " FROM grants g WHERE g.id = $1",
                     DB_PARAMS(db_text(grant_id)), &rows, reterr));
    TRY(sql_grant_columns_read(&rows, 0, a, &grant));
    TRY(db_rows_finish(&rows, reterr));
    *ret = grant;
    return ERR_OK;
}

err sql_grant_revoke(struct db_conn *conn, str grant_id, int64_t now_ms, struct error *reterr) {
    return db_exec(conn, "UPDATE grants SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL",
                   DB_PARAMS(db_text(grant_id), db_i64(now_ms)), NULL, reterr);
}

err sql_grant_revoke_by_session(struct db_conn *conn, str sid, int64_t now_ms,
                                struct error *reterr) {
    return db_exec(conn, "UPDATE grants SET revoked_ms = $2 WHERE sid = $1 AND revoked_ms IS NULL",
                   DB_PARAMS(db_text(sid), db_i64(now_ms)), NULL, reterr);
}

err sql_grant_revoke_by_user(struct db_conn *conn, str user_id, str keep_sid, int64_t now_ms,
                             struct error *reterr) {
    str keep = str_is_absent(keep_sid) ? STR("") : keep_sid; /* no session has an empty sid */
    return db_exec(conn,
                   "UPDATE grants SET revoked_ms = $3 WHERE user_id = $1 AND revoked_ms IS NULL"
                   " AND (sid IS NULL OR sid <> $2)",
                   DB_PARAMS(db_text(user_id), db_text(keep), db_i64(now_ms)), NULL, reterr);
}

err store_grant_revoke(struct store *store, str grant_id, int64_t now_ms, struct error *reterr) {
    if (lookup_check(grant_id, MODEL_ID_MAX, NULL) != ERR_OK) {
        return ERR_OK;
    }
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "grant_revoke", &work, reterr));
    TRY(sql_grant_revoke(work.conn, grant_id, now_ms, reterr));
    return work_commit(&work, reterr);
}

err store_grant_revoke_by_session(struct store *store, str sid, int64_t now_ms,
                                  struct error *reterr) {
    if (lookup_check(sid, MODEL_ID_MAX, NULL) != ERR_OK) {
        return ERR_OK;
    }
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "grant_revoke_by_session", &work, reterr));
    TRY(sql_grant_revoke_by_session(work.conn, sid, now_ms, reterr));
    return work_commit(&work, reterr);
}

err store_grant_revoke_by_user(struct store *store, str user_id, int64_t now_ms,
                               struct error *reterr) {
    if (lookup_check(user_id, MODEL_ID_MAX, NULL) != ERR_OK) {
        return ERR_OK;
    }
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "grant_revoke_by_user", &work, reterr));
    TRY(sql_grant_revoke_by_user(work.conn, user_id, (str){NULL, 0}, now_ms, reterr));
    return work_commit(&work, reterr);
}
