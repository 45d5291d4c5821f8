/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/limits.h"
#include "base/vec.h"

err store_key_put(struct store *store, const struct key_record *key, struct error *reterr) {
    TRY(key_record_check(key, reterr));
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(work_write(store, "key_put", &work, reterr));
    TRY(db_exec(work.conn,
                "INSERT INTO signing_keys (kid, alg, public_jwk, sealed_private, created_ms,"
                " retired_ms, not_after_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                " ON CONFLICT (kid) DO UPDATE SET retired_ms = excluded.retired_ms,"
                " not_after_ms = excluded.not_after_ms"
                " WHERE signing_keys.alg = excluded.alg"
                " AND signing_keys.public_jwk = excluded.public_jwk",
                DB_PARAMS(db_text(key->kid), db_text(key->alg), db_text(key->public_jwk),
                          db_blob(key->sealed_private), db_i64(key->created_ms),
                          db_i64_if(key->is_retired, key->retired_ms), db_i64(key->not_after_ms)),
                NULL, reterr));
    TRY(db_query_one(work.conn,
                     "SELECT COUNT(*) FROM signing_keys"
                     " WHERE kid = $1 AND alg = $2 AND public_jwk = $3",
                     DB_PARAMS(db_text(key->kid), db_text(key->alg), db_text(key->public_jwk)),
                     &rows, reterr));
    bool is_same = db_row_i64(&rows, 0) == 1;
    TRY(db_rows_finish(&rows, reterr));
    if (!is_same) {
        return error_set(reterr, ERR_EXISTS, "another key has the same key id");
    }
    return work_commit(&work, reterr);
}

err store_key_list(struct store *store, int64_t now_ms, struct arena *a, struct key_list *ret,
                   struct error *reterr) {
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    VEC(struct key_record) keys = {0};
    bool has_row = false;
    TRY(work_read(store, "key_list", &work, reterr));
    TRY(db_query(work.conn,
                 "SELECT kid, alg, public_jwk, sealed_private, created_ms, retired_ms,"
                 " not_after_ms FROM signing_keys WHERE not_after_ms > $1"
                 " ORDER BY created_ms DESC, kid",
                 DB_PARAMS(db_i64(now_ms)), &rows, reterr));
    TRY(db_rows_next(&rows, &has_row, reterr));
    while (has_row) {
        struct key_record key = {
            .kid = db_row_text(&rows, 0, a),
            .alg = db_row_text(&rows, 1, a),
            .public_jwk = db_row_text(&rows, 2, a),
            .sealed_private = db_row_blob(&rows, 3, a),
            .created_ms = db_row_i64(&rows, 4),
            .is_retired = !db_row_is_null(&rows, 5),
            .retired_ms = db_row_i64_or(&rows, 5, 0),
            .not_after_ms = db_row_i64(&rows, 6),
        };
        if (!VEC_PUSH(a, &keys, key)) {
            return error_set(reterr, arena_error(a), "the list of signing keys does not fit");
        }
        TRY(db_rows_next(&rows, &has_row, reterr));
    }
    TRY(db_rows_finish(&rows, reterr));
    *ret = (struct key_list){keys.items, keys.count};
    return ERR_OK;
}

err store_key_retire(struct store *store, str kid, int64_t retired_ms, int64_t not_after_ms,
                     struct error *reterr) {
    TRY(lookup_check(kid, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(work_write(store, "key_retire", &work, reterr));
    TRY(db_exec(work.conn,
                "UPDATE signing_keys SET retired_ms = $2, not_after_ms = $3"
                " WHERE kid = $1 AND retired_ms IS NULL",
                DB_PARAMS(db_text(kid), db_i64(retired_ms), db_i64(not_after_ms)), NULL, reterr));
    TRY(db_query_one(work.conn, "SELECT kid FROM signing_keys WHERE kid = $1",
                     DB_PARAMS(db_text(kid)), &rows, reterr));
    TRY(db_rows_finish(&rows, reterr));
    return work_commit(&work, reterr);
}
