/* SPDX-License-Identifier: Apache-2.0 */
#include "db/migrate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/hash.h"
#include "db/db_int.h"

enum { CHECKSUM_LEN = 16, MIGRATION_ROW_BYTES = 16384 };

static const char table_sql[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                " component TEXT NOT NULL,"
                                " version BIGINT NOT NULL,"
                                " name TEXT NOT NULL,"
                                " checksum TEXT NOT NULL,"
                                " applied_ms BIGINT NOT NULL,"
                                " PRIMARY KEY (component, version))";

/* Guards against mistakes, not against attackers: who can write the table can write all others.
 * The key is part of the format. */
static void checksum(const struct db_migration *migration, char out[CHECKSUM_LEN + 1]) {
    static const struct hash_key key = {UINT64_C(0x69726f6e776f6f64), 1};
    snprintf(out, CHECKSUM_LEN + 1, "%016" PRIx64,
             hash_pair(&key, str_c(migration->name), str_c(migration->sql)));
}

/* Compares what is recorded with what we know; *ret_version is the highest recorded. */
static err recorded_check(struct db_conn *conn, const char *component,
                          const struct db_migration *list, size_t count, struct arena *a,
                          uint32_t *ret_version, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    uint32_t version = 0;
    bool has_row = false;
    TRY(db_query(conn,
                 "SELECT version, checksum FROM schema_migrations"
                 " WHERE component = $1 ORDER BY version",
                 DB_PARAMS(db_text(str_c(component))), &rows, reterr));
    TRY(db_rows_next(&rows, &has_row, reterr));
    while (has_row) {
        int64_t recorded = db_row_i64(&rows, 0);
        str sum = db_row_text(&rows, 1, a);
        if (recorded > (int64_t)count) {
            return error_set(reterr, ERR_UNSUPPORTED,
                             "the database was used by a newer version of this program: its %s "
                             "tables are at version %" PRId64 ", this program knows up to %zu",
                             component, recorded, count);
        }
        char expected[CHECKSUM_LEN + 1] = "";
        if (recorded == (int64_t)version + 1) {
            checksum(&list[version], expected);
        }
        if (!str_equal_c(sum, expected)) {
            return error_set(reterr, ERR_CORRUPT,
                             "migration %" PRId64 " of the %s tables is recorded differently from "
                             "what this program contains",
                             recorded, component);
        }
        version++;
        arena_clear(a);
        TRY(db_rows_next(&rows, &has_row, reterr));
    }
    TRY(db_rows_finish(&rows, reterr));
    *ret_version = version;
    return ERR_OK;
}

static err apply(struct db_conn *conn, const char *component, const struct db_migration *migration,
                 int64_t now_ms, struct error *reterr) {
    char sum[CHECKSUM_LEN + 1];
    checksum(migration, sum);
    err result = conn->db->engine->script(conn, migration->sql, reterr);
    if (result != ERR_OK) {
        error_prefix(reterr, "migration %u (%s) of the %s tables", migration->version,
                     migration->name, component);
        return result;
    }
    return db_exec(conn,
                   "INSERT INTO schema_migrations (component, version, name, checksum, applied_ms)"
                   " VALUES ($1, $2, $3, $4, $5)",
                   DB_PARAMS(db_text(str_c(component)), db_i64(migration->version),
                             db_text(str_c(migration->name)), db_text(str_c(sum)), db_i64(now_ms)),
                   NULL, reterr);
}

/* One transaction: looks where the database is and goes one step on, if there is one. */
static err step(struct db_conn *conn, const char *component, const struct db_migration *list,
                size_t count, int64_t now_ms, struct arena *a, uint32_t *ret_before,
                struct error *reterr) {
    AUTO(db_tx_done) struct db_tx tx = {0};
    uint32_t before = 0;
    TRY(db_tx_begin(conn, &tx, reterr));
    TRY(recorded_check(conn, component, list, count, a, &before, reterr));
    if (before < count) {
        TRY(apply(conn, component, &list[before], now_ms, reterr));
    }
    TRY(db_tx_commit(&tx, reterr));
    *ret_before = before;
    return ERR_OK;
}

static void arena_cleanup(struct arena *a) {
    arena_done(a);
}

err db_migrate(struct db *db, const char *component, const struct db_migration *list, size_t count,
               int64_t now_ms, struct db_migrate_result *ret_result, struct error *reterr) {
    for (size_t i = 0; i < count; i++) {
        ASSERT(list[i].version == i + 1);
    }
    AUTO(arena_cleanup) struct arena a;
    arena_init(&a, allocator_libc(), MIGRATION_ROW_BYTES);
    AUTO(db_releasep) struct db_conn *conn = NULL;
    struct db_migrate_result result = {.to_version = (uint32_t)count};
    TRY(db_acquire(db, DB_WRITE, &conn, reterr));
    TRY(db_exec(conn, table_sql, DB_NO_PARAMS, NULL, reterr));
    uint32_t version = 0;
    TRY(step(conn, component, list, count, now_ms, &a, &version, reterr));
    result.from_version = version;
    while (version < count) { /* another program may take steps in between */
        TRY(step(conn, component, list, count, now_ms, &a, &version, reterr));
    }
    if (ret_result != NULL) {
        *ret_result = result;
    }
    return ERR_OK;
}
