/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/text.h"

enum { KIND_MAX = 64 };

err store_jti_claim(struct store *store, str kind, const struct digest *value, int64_t expires_ms,
                    int64_t now_ms, struct error *reterr) {
    TRY(text_check(kind, "kind of one-time value", 1, KIND_MAX, reterr));
    if (expires_ms <= now_ms) {
        return error_set(reterr, ERR_EXPIRED, "the one-time value has expired");
    }
    AUTO(work_done) struct work work = {0};
    int64_t claimed = 0;
    TRY(work_write(store, "jti_claim", &work, reterr));
    /* SECURITY: a row that is there refuses, however old: a sweep may be late, never early. */
    TRY(db_exec(work.conn,
                "INSERT INTO used_values (kind, value_hash, expires_ms) VALUES ($1, $2, $3)"
                " ON CONFLICT (kind, value_hash) DO NOTHING",
                DB_PARAMS(db_text(kind), db_blob(digest_str(value)), db_i64(expires_ms)), &claimed,
                reterr));
    if (claimed == 0) {
        return error_set(reterr, ERR_REPLAY, "the one-time value was used before");
    }
    return work_commit(&work, reterr);
}
