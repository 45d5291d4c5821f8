/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_STORE_STORE_INT_H
#define AUTH_STORE_STORE_INT_H
/*
 * What the files of the store share: the unit of work around every operation, and the readers of
 * records that appear inside others.
 */
#include "auth/store/store.h"
#include "db/db.h"
#include "db/migrate.h"

struct store {
    struct db *db;
    store_fault_fn *fault;
    void *fault_ctx;
};

/* The tables, oldest first. A migration that has been released is never edited. */
extern const struct db_migration schema_migrations[];
extern const size_t schema_migrations_count;

/* A borrowed connection and, for writes and snapshots, the transaction on it:
 * `AUTO(work_done) struct work work = {0};`. Left without work_commit it is rolled back. */
struct work {
    struct db_conn *conn;
    struct db_tx tx;
};

/* One statement that reads. */
err work_read(struct store *store, const char *operation, struct work *ret,
              struct error *reterr) MUST_CHECK;
/* Several statements that must see the same state. */
err work_snapshot(struct store *store, const char *operation, struct work *ret,
                  struct error *reterr) MUST_CHECK;
err work_write(struct store *store, const char *operation, struct work *ret,
               struct error *reterr) MUST_CHECK;
err work_commit(struct work *work, struct error *reterr) MUST_CHECK;
void work_done(struct work *work);

/* Text from outside that no record can hold (too long, NUL, not UTF-8) is ERR_NOT_FOUND right
 * away: the database would call it malformed, but to the caller it is simply not there. */
err lookup_check(str text, size_t max, struct error *reterr) MUST_CHECK;

void digest_read(struct db_rows *rows, int column, struct digest *out);

/* --- shared between the files; all run inside the caller's work ---------------------------- */

/* ERR_MISSING: no such user. ERR_DENIED: not active, or the epoch has moved on. */
err sql_user_guard(struct db_conn *conn, str user_id, int64_t epoch,
                   struct error *reterr) MUST_CHECK;

/* Columns of `grants g` that sql_grant_columns_read expects, from `first` on. */
#define GRANT_COLUMNS                                                                    \
    "g.id, g.client_id, g.user_id, g.sid, g.scope, g.user_epoch, g.auth_time_ms, g.amr," \
    " g.created_ms, g.expires_ms, g.revoked_ms, g.resource"
err sql_grant_columns_read(struct db_rows *rows, int first, struct arena *a,
                           struct grant *ret) MUST_CHECK;
err sql_grant_insert(struct db_conn *conn, const struct grant *grant,
                     struct error *reterr) MUST_CHECK;
err sql_grant_revoke(struct db_conn *conn, str grant_id, int64_t now_ms,
                     struct error *reterr) MUST_CHECK;
err sql_grant_revoke_by_session(struct db_conn *conn, str sid, int64_t now_ms,
                                struct error *reterr) MUST_CHECK;
/* Those of `keep_sid` (absent: none) stay. */
err sql_grant_revoke_by_user(struct db_conn *conn, str user_id, str keep_sid, int64_t now_ms,
                             struct error *reterr) MUST_CHECK;
err sql_session_delete_by_user(struct db_conn *conn, str user_id, str keep_sid,
                               struct error *reterr) MUST_CHECK;

#endif
