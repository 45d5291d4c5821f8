/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

/* One short transaction each. A deleted grant takes its code and its tokens along, so grants come
 * last, when most of their tokens have gone one by one. */
static const char *const sweeps[] = {
    "DELETE FROM sessions WHERE sid IN"
    " (SELECT sid FROM sessions WHERE idle_expires_ms <= $1 LIMIT $2)",

    "DELETE FROM refresh_tokens WHERE hash IN"
    " (SELECT hash FROM refresh_tokens WHERE expires_ms <= $1 LIMIT $2)",

    "DELETE FROM used_values WHERE expires_ms <= $1 AND value_hash IN"
    " (SELECT value_hash FROM used_values WHERE expires_ms <= $1 LIMIT $2)",

    "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_ms <= $1 LIMIT $2)",
};

err store_sweep(struct store *store, int64_t now_ms, uint32_t max_rows, int64_t *ret_deleted,
                struct error *reterr) {
    int64_t deleted = 0;
    for (size_t i = 0; i < ARRAY_LEN(sweeps); i++) {
        AUTO(work_done) struct work work = {0};
        int64_t changes = 0;
        TRY(work_write(store, "sweep", &work, reterr));
        TRY(db_exec(work.conn, sweeps[i], DB_PARAMS(db_i64(now_ms), db_i64(max_rows)), &changes,
                    reterr));
        TRY(work_commit(&work, reterr));
        deleted += changes;
    }
    *ret_deleted = deleted;
    return ERR_OK;
}
