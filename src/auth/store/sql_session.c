/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/limits.h"

enum { AMR_MAX_BYTES = MODEL_LIST_MAX * (MODEL_LIST_ITEM_MAX + 1) + 8192 };

#define SESSION_COLUMNS                                                                   \
    "sid, cookie_hash, user_id, user_epoch, auth_time_ms, amr, created_ms, last_seen_ms," \
    " idle_expires_ms, absolute_expires_ms"

static void arena_cleanup(struct arena *a) {
    arena_done(a);
}

static int64_t idle_expiry(const struct session *session) {
    return session->idle_expires_ms < session->absolute_expires_ms ? session->idle_expires_ms
                                                                   : session->absolute_expires_ms;
}

err store_session_create(struct store *store, const struct session *session, struct error *reterr) {
    TRY(session_check(session, reterr));
    AUTO(arena_cleanup) struct arena a;
    arena_init(&a, allocator_libc(), AMR_MAX_BYTES);
    str amr;
    TRY(names_join(&a, session->amr, &amr));
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "session_create", &work, reterr));
    TRY(sql_user_guard(work.conn, session->user_id, session->user_epoch, reterr));
    TRY(db_exec(work.conn,
                "INSERT INTO sessions (" SESSION_COLUMNS ")"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                DB_PARAMS(db_text(session->sid), db_blob(digest_str(&session->cookie_hash)),
                          db_text(session->user_id), db_i64(session->user_epoch),
                          db_i64(session->auth_time_ms), db_text(amr), db_i64(session->created_ms),
                          db_i64(session->last_seen_ms), db_i64(idle_expiry(session)),
                          db_i64(session->absolute_expires_ms)),
                NULL, reterr));
    return work_commit(&work, reterr);
}

err store_session_renew(struct store *store, const struct session *session, int64_t now_ms,
                        struct error *reterr) {
    TRY(session_check(session, reterr));
    AUTO(arena_cleanup) struct arena a;
    arena_init(&a, allocator_libc(), AMR_MAX_BYTES);
    str amr;
    int64_t changes = 0;
    TRY(names_join(&a, session->amr, &amr));
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "session_renew", &work, reterr));
    TRY(sql_user_guard(work.conn, session->user_id, session->user_epoch, reterr));
    TRY(db_exec(work.conn,
                "UPDATE sessions SET cookie_hash = $3, user_epoch = $4, auth_time_ms = $5,"
                " amr = $6, last_seen_ms = $7, idle_expires_ms = $8, absolute_expires_ms = $9"
                " WHERE sid = $1 AND user_id = $2"
                " AND idle_expires_ms > $10 AND absolute_expires_ms > $10",
                DB_PARAMS(db_text(session->sid), db_text(session->user_id),
                          db_blob(digest_str(&session->cookie_hash)), db_i64(session->user_epoch),
                          db_i64(session->auth_time_ms), db_text(amr),
                          db_i64(session->last_seen_ms), db_i64(idle_expiry(session)),
                          db_i64(session->absolute_expires_ms), db_i64(now_ms)),
                &changes, reterr));
    if (changes == 0) {
        return error_set(reterr, ERR_NOT_FOUND, "there is no such live session");
    }
    return work_commit(&work, reterr);
}

static err session_read(struct store *store, const char *operation, const char *sql,
                        struct db_value key, int64_t now_ms, struct arena *a, struct session *ret,
                        struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(work_read(store, operation, &work, reterr));
    TRY(db_query_one(work.conn, sql, DB_PARAMS(key), &rows, reterr));
    struct session session = {
        .sid = db_row_text(&rows, 0, a),
        .user_id = db_row_text(&rows, 2, a),
        .user_epoch = db_row_i64(&rows, 3),
        .auth_time_ms = db_row_i64(&rows, 4),
        .created_ms = db_row_i64(&rows, 6),
        .last_seen_ms = db_row_i64(&rows, 7),
        .idle_expires_ms = db_row_i64(&rows, 8),
        .absolute_expires_ms = db_row_i64(&rows, 9),
    };
    digest_read(&rows, 1, &session.cookie_hash);
    TRY(names_split(a, db_row_text(&rows, 5, a), &session.amr));
    TRY(db_rows_finish(&rows, reterr));
    if (!session_is_live(&session, now_ms)) {
        return error_set(reterr, ERR_EXPIRED, "the session has expired");
    }
    *ret = session;
    return ERR_OK;
}

err store_session_get(struct store *store, const struct digest *cookie_hash, int64_t now_ms,
                      struct arena *a, struct session *ret, struct error *reterr) {
    return session_read(store, "session_get",
                        "SELECT " SESSION_COLUMNS " FROM sessions WHERE cookie_hash = $1",
                        db_blob(digest_str(cookie_hash)), now_ms, a, ret, reterr);
}

err store_session_get_by_sid(struct store *store, str sid, int64_t now_ms, struct arena *a,
                             struct session *ret, struct error *reterr) {
    TRY(lookup_check(sid, MODEL_ID_MAX, reterr));
    return session_read(store, "session_get_by_sid",
                        "SELECT " SESSION_COLUMNS " FROM sessions WHERE sid = $1", db_text(sid),
                        now_ms, a, ret, reterr);
}

err store_session_touch(struct store *store, const struct digest *cookie_hash,
                        int64_t idle_expires_ms, int64_t now_ms, struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    int64_t changes = 0;
    TRY(work_write(store, "session_touch", &work, reterr));
    TRY(db_exec(
        work.conn,
        "UPDATE sessions SET last_seen_ms = $3, idle_expires_ms = CASE"
        " WHEN $2 > absolute_expires_ms THEN absolute_expires_ms"
        " WHEN $2 > idle_expires_ms THEN $2 ELSE idle_expires_ms END"
        " WHERE cookie_hash = $1 AND idle_expires_ms > $3 AND absolute_expires_ms > $3",
        DB_PARAMS(db_blob(digest_str(cookie_hash)), db_i64(idle_expires_ms), db_i64(now_ms)),
        &changes, reterr));
    if (changes == 0) {
        return error_set(reterr, ERR_NOT_FOUND, "there is no such live session");
    }
    return work_commit(&work, reterr);
}

err store_session_delete(struct store *store, str sid, int64_t now_ms, struct error *reterr) {
    if (lookup_check(sid, MODEL_ID_MAX, NULL) != ERR_OK) {
        return ERR_OK;
    }
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "session_delete", &work, reterr));
    TRY(db_exec(work.conn, "DELETE FROM sessions WHERE sid = $1", DB_PARAMS(db_text(sid)), NULL,
                reterr));
    TRY(sql_grant_revoke_by_session(work.conn, sid, now_ms, reterr));
    return work_commit(&work, reterr);
}

err sql_session_delete_by_user(struct db_conn *conn, str user_id, str keep_sid,
                               struct error *reterr) {
    str keep = str_is_absent(keep_sid) ? STR("") : keep_sid; /* no session has an empty sid */
    return db_exec(conn, "DELETE FROM sessions WHERE user_id = $1 AND sid <> $2",
                   DB_PARAMS(db_text(user_id), db_text(keep)), NULL, reterr);
}

err store_session_delete_by_user(struct store *store, str user_id, int64_t now_ms,
                                 struct error *reterr) {
    if (lookup_check(user_id, MODEL_ID_MAX, NULL) != ERR_OK) {
        return ERR_OK;
    }
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "session_delete_by_user", &work, reterr));
    TRY(db_exec(work.conn,
                "UPDATE grants SET revoked_ms = $2 WHERE revoked_ms IS NULL"
                " AND sid IN (SELECT sid FROM sessions WHERE user_id = $1)",
                DB_PARAMS(db_text(user_id), db_i64(now_ms)), NULL, reterr));
    TRY(sql_session_delete_by_user(work.conn, user_id, (str){NULL, 0}, reterr));
    return work_commit(&work, reterr);
}

err store_session_count(struct store *store, int64_t now_ms, int64_t *ret, struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(work_read(store, "session_count", &work, reterr));
    /* The idle expiry is never behind the absolute one. */
    TRY(db_query_one(work.conn, "SELECT COUNT(*) FROM sessions WHERE idle_expires_ms > $1",
                     DB_PARAMS(db_i64(now_ms)), &rows, reterr));
    int64_t count = db_row_i64(&rows, 0);
    TRY(db_rows_finish(&rows, reterr));
    *ret = count;
    return ERR_OK;
}
