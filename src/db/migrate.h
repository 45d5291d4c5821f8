/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H
/*
 * Brings the tables of one component to the version this program knows.
 *
 * A component ("auth", "policy") owns an ordered list of migrations, versions 1, 2, 3, … without
 * gaps. Each runs in a transaction of its own together with its record in `schema_migrations`
 * (component, version, name, checksum, applied_ms), so that a crash leaves it done or not done.
 * Two programs may migrate at once: the write lock orders them and the second finds it done.
 *
 * Refused, with ERR_UNSUPPORTED: a database that holds a version this program does not know (it
 * was used by a newer one). Refused, with ERR_CORRUPT: a recorded checksum or name that differs,
 * because a migration that has run must never be edited.
 */
#include "db/db.h"

struct db_migration {
    uint32_t version;
    const char *name; /* lower case and '_' */
    const char *sql;  /* one or more statements, no parameters */
};

struct db_migrate_result {
    uint32_t from_version; /* 0 for an empty database */
    uint32_t to_version;
};

/* `now_ms` is recorded as the time of application. */
err db_migrate(struct db *db, const char *component, const struct db_migration *list, size_t count,
               int64_t now_ms, struct db_migrate_result *ret_result,
               struct error *reterr) MUST_CHECK;

#endif
