/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"
#include "base/vec.h"

enum name_kind { NAME_ROLE = 1, NAME_GROUP = 2 }; /* user_names.kind */

#define USER_COLUMNS                                                                            \
    "id, email, email_key, name, password_hash, password_temporary, status, epoch, created_ms," \
    " updated_ms"

/* --- writing ------------------------------------------------------------------------------- */

static err names_insert(struct db_conn *conn, str user_id, enum name_kind kind, struct names names,
                        struct error *reterr) {
    for (size_t i = 0; i < names.count; i++) {
        TRY(db_exec(conn, "INSERT INTO user_names (user_id, kind, name) VALUES ($1, $2, $3)",
                    DB_PARAMS(db_text(user_id), db_i64(kind), db_text(names.items[i])), NULL,
                    reterr));
    }
    return ERR_OK;
}

err store_user_create(struct store *store, const struct user *user, struct error *reterr) {
    TRY(user_check(user, reterr));
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "user_create", &work, reterr));
    TRY(db_exec(work.conn,
                "INSERT INTO users (" USER_COLUMNS ")"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                DB_PARAMS(db_text(user->id), db_text(user->email.address), db_text(user->email.key),
                          db_text(str_is_absent(user->name) ? STR("") : user->name),
                          db_text(user->password_hash), db_i64(user->is_password_temporary),
                          db_i64(user->status), db_i64(user->epoch), db_i64(user->created_ms),
                          db_i64(user->updated_ms)),
                NULL, reterr));
    TRY(names_insert(work.conn, user->id, NAME_ROLE, user->roles, reterr));
    TRY(names_insert(work.conn, user->id, NAME_GROUP, user->groups, reterr));
    return work_commit(&work, reterr);
}

/* Everything that was issued to the user before now is void. ERR_NOT_FOUND: no such user. */
static err user_revoke(struct db_conn *conn, str user_id, str keep_sid, int64_t now_ms,
                       int64_t *ret_epoch, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_query_one(conn,
                     "UPDATE users SET epoch = epoch + 1, updated_ms = $2 WHERE id = $1"
                     " RETURNING epoch",
                     DB_PARAMS(db_text(user_id), db_i64(now_ms)), &rows, reterr));
    int64_t epoch = db_row_i64(&rows, 0);
    TRY(db_rows_finish(&rows, reterr));
    TRY(sql_session_delete_by_user(conn, user_id, keep_sid, reterr));
    TRY(sql_grant_revoke_by_user(conn, user_id, keep_sid, now_ms, reterr));
    if (!str_is_absent(keep_sid)) {
        TRY(db_exec(conn, "UPDATE sessions SET user_epoch = $3 WHERE user_id = $1 AND sid = $2",
                    DB_PARAMS(db_text(user_id), db_text(keep_sid), db_i64(epoch)), NULL, reterr));
        TRY(db_exec(conn,
                    "UPDATE grants SET user_epoch = $3"
                    " WHERE user_id = $1 AND sid = $2 AND revoked_ms IS NULL",
                    DB_PARAMS(db_text(user_id), db_text(keep_sid), db_i64(epoch)), NULL, reterr));
    }
    *ret_epoch = epoch;
    return ERR_OK;
}

err store_user_update_password(struct store *store, str user_id, str password_hash,
                               bool is_temporary, str keep_sid, int64_t now_ms, int64_t *ret_epoch,
                               struct error *reterr) {
    TRY(text_check(password_hash, "password hash", 1, MODEL_PASSWORD_HASH_MAX, reterr));
    TRY(lookup_check(user_id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    int64_t epoch = 0;
    TRY(work_write(store, "user_update_password", &work, reterr));
    TRY(user_revoke(work.conn, user_id, keep_sid, now_ms, &epoch, reterr));
    TRY(db_exec(
        work.conn, "UPDATE users SET password_hash = $2, password_temporary = $3 WHERE id = $1",
        DB_PARAMS(db_text(user_id), db_text(password_hash), db_i64(is_temporary)), NULL, reterr));
    TRY(work_commit(&work, reterr));
    if (ret_epoch != NULL) {
        *ret_epoch = epoch;
    }
    return ERR_OK;
}

static err changed_check(int64_t changes, struct error *reterr) {
    return changes > 0 ? ERR_OK : error_set(reterr, ERR_NOT_FOUND, "no such user");
}

err store_user_rehash_password(struct store *store, str user_id, str old_hash, str new_hash,
                               int64_t now_ms, struct error *reterr) {
    TRY(text_check(new_hash, "password hash", 1, MODEL_PASSWORD_HASH_MAX, reterr));
    TRY(lookup_check(user_id, MODEL_ID_MAX, reterr));
    TRY(lookup_check(old_hash, MODEL_PASSWORD_HASH_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    int64_t changes = 0;
    TRY(work_write(store, "user_rehash_password", &work, reterr));
    TRY(db_exec(work.conn,
                "UPDATE users SET password_hash = $3, updated_ms = $4"
                " WHERE id = $1 AND password_hash = $2",
                DB_PARAMS(db_text(user_id), db_text(old_hash), db_text(new_hash), db_i64(now_ms)),
                &changes, reterr));
    TRY(changed_check(changes, reterr));
    return work_commit(&work, reterr);
}

err store_user_set_status(struct store *store, str user_id, enum user_status status, int64_t now_ms,
                          struct error *reterr) {
    if (str_is_absent(user_status_name(status))) {
        return error_set(reterr, ERR_RANGE, "the user status is unknown");
    }
    TRY(lookup_check(user_id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    int64_t changes = 0;
    TRY(work_write(store, "user_set_status", &work, reterr));
    TRY(db_exec(work.conn, "UPDATE users SET status = $2, updated_ms = $3 WHERE id = $1",
                DB_PARAMS(db_text(user_id), db_i64(status), db_i64(now_ms)), &changes, reterr));
    TRY(changed_check(changes, reterr));
    if (status != USER_ACTIVE) {
        int64_t epoch;
        TRY(user_revoke(work.conn, user_id, (str){NULL, 0}, now_ms, &epoch, reterr));
    }
    return work_commit(&work, reterr);
}

static err names_replace(struct store *store, const char *operation, str user_id,
                         enum name_kind kind, struct names names, int64_t now_ms,
                         struct error *reterr) {
    TRY(lookup_check(user_id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    int64_t changes = 0;
    TRY(work_write(store, operation, &work, reterr));
    TRY(db_exec(work.conn, "UPDATE users SET updated_ms = $2 WHERE id = $1",
                DB_PARAMS(db_text(user_id), db_i64(now_ms)), &changes, reterr));
    TRY(changed_check(changes, reterr));
    TRY(db_exec(work.conn, "DELETE FROM user_names WHERE user_id = $1 AND kind = $2",
                DB_PARAMS(db_text(user_id), db_i64(kind)), NULL, reterr));
    TRY(names_insert(work.conn, user_id, kind, names, reterr));
    return work_commit(&work, reterr);
}

err store_user_set_roles(struct store *store, str user_id, struct names roles, int64_t now_ms,
                         struct error *reterr) {
    TRY(names_check(roles, "role", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX, reterr));
    return names_replace(store, "user_set_roles", user_id, NAME_ROLE, roles, now_ms, reterr);
}

err store_user_set_groups(struct store *store, str user_id, struct names groups, int64_t now_ms,
                          struct error *reterr) {
    TRY(names_check(groups, "group", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX, reterr));
    return names_replace(store, "user_set_groups", user_id, NAME_GROUP, groups, now_ms, reterr);
}

err store_user_revoke(struct store *store, str user_id, int64_t now_ms, struct error *reterr) {
    TRY(lookup_check(user_id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    int64_t epoch;
    TRY(work_write(store, "user_revoke", &work, reterr));
    TRY(user_revoke(work.conn, user_id, (str){NULL, 0}, now_ms, &epoch, reterr));
    return work_commit(&work, reterr);
}

/* --- reading ------------------------------------------------------------------------------- */

static err names_read(struct db_conn *conn, struct arena *a, struct user *user,
                      struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    VEC(str) lists[2] = {0}; /* roles, groups */
    bool has_row = false;
    TRY(db_query(conn, "SELECT kind, name FROM user_names WHERE user_id = $1 ORDER BY kind, name",
                 DB_PARAMS(db_text(user->id)), &rows, reterr));
    TRY(db_rows_next(&rows, &has_row, reterr));
    while (has_row) {
        size_t list = db_row_i64(&rows, 0) == NAME_ROLE ? 0 : 1;
        if (!VEC_PUSH(a, &lists[list], db_row_text(&rows, 1, a))) {
            return error_set(reterr, arena_error(a), "the roles and groups of a user do not fit");
        }
        TRY(db_rows_next(&rows, &has_row, reterr));
    }
    TRY(db_rows_finish(&rows, reterr));
    user->roles = (struct names){lists[0].items, lists[0].count};
    user->groups = (struct names){lists[1].items, lists[1].count};
    return ERR_OK;
}

static err user_read(struct db_conn *conn, const char *sql, str key, struct arena *a,
                     struct user *ret, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_query_one(conn, sql, DB_PARAMS(db_text(key)), &rows, reterr));
    struct user user = {
        .id = db_row_text(&rows, 0, a),
        .email = {db_row_text(&rows, 1, a), db_row_text(&rows, 2, a)},
        .name = db_row_text(&rows, 3, a),
        .password_hash = db_row_text(&rows, 4, a),
        .is_password_temporary = db_row_i64(&rows, 5) != 0,
        .status = (enum user_status)db_row_i64(&rows, 6),
        .epoch = db_row_i64(&rows, 7),
        .created_ms = db_row_i64(&rows, 8),
        .updated_ms = db_row_i64(&rows, 9),
    };
    TRY(db_rows_finish(&rows, reterr));
    TRY(names_read(conn, a, &user, reterr));
    *ret = user;
    return ERR_OK;
}

err store_user_by_id(struct store *store, str id, struct arena *a, struct user *ret,
                     struct error *reterr) {
    TRY(lookup_check(id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    TRY(work_snapshot(store, "user_by_id", &work, reterr));
    return user_read(work.conn, "SELECT " USER_COLUMNS " FROM users WHERE id = $1", id, a, ret,
                     reterr);
}

err store_user_by_email(struct store *store, str key, struct arena *a, struct user *ret,
                        struct error *reterr) {
    TRY(lookup_check(key, EMAIL_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    TRY(work_snapshot(store, "user_by_email", &work, reterr));
    return user_read(work.conn, "SELECT " USER_COLUMNS " FROM users WHERE email_key = $1", key, a,
                     ret, reterr);
}

err store_user_count(struct store *store, int64_t *ret, struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(work_read(store, "user_count", &work, reterr));
    TRY(db_query_one(work.conn, "SELECT COUNT(*) FROM users", DB_NO_PARAMS, &rows, reterr));
    int64_t count = db_row_i64(&rows, 0);
    TRY(db_rows_finish(&rows, reterr));
    *ret = count;
    return ERR_OK;
}

err sql_user_guard(struct db_conn *conn, str user_id, int64_t epoch, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    err result = db_query_one(conn, "SELECT status, epoch FROM users WHERE id = $1",
                              DB_PARAMS(db_text(user_id)), &rows, reterr);
    if (result == ERR_NOT_FOUND) {
        return error_set(reterr, ERR_MISSING, "there is no such user");
    }
    TRY(result);
    bool is_active = db_row_i64(&rows, 0) == USER_ACTIVE;
    bool is_current = db_row_i64(&rows, 1) == epoch;
    TRY(db_rows_finish(&rows, reterr));
    if (!is_active || !is_current) {
        return error_set(reterr, ERR_DENIED,
                         is_active ? "the user's password has changed meanwhile"
                                   : "the user is not active");
    }
    return ERR_OK;
}
