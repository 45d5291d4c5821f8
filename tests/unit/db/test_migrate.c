/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/db/scratch.h"

#include <pthread.h>

#include "db/migrate.h"

static const struct db_migration list[] = {
    {1, "items", "CREATE TABLE item (id BIGINT PRIMARY KEY); CREATE TABLE log (step BIGINT);"},
    {2, "names", "ALTER TABLE item ADD COLUMN name TEXT; INSERT INTO log VALUES (2);"},
    {3, "index", "CREATE INDEX item_name ON item (name); INSERT INTO log VALUES (3);"},
};

struct fixture {
    struct scratch scratch;
    struct db *db;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    scratch_init(&f->scratch);
    struct db_config config = {.url = f->scratch.url, .sync = DB_SYNC_NORMAL};
    OK(db_open(&config, &f->db, &error));
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    db_free(f->db);
    scratch_done(&f->scratch);
    free(f);
    return 0;
}

static int64_t number(struct db *db, const char *sql) {
    struct db_conn *conn;
    struct db_rows rows = {0};
    OK(db_acquire(db, DB_READ, &conn, &error));
    OK(db_query_one(conn, sql, DB_NO_PARAMS, &rows, &error));
    int64_t value = db_row_i64(&rows, 0);
    OK(db_rows_finish(&rows, &error));
    db_release(conn);
    return value;
}

static void migrations_run_once_in_order_and_are_recorded(void **state) {
    struct fixture *f = *state;
    struct db_migrate_result result;
    OK(db_migrate(f->db, "test", list, 1, 1000, &result, &error));
    assert_int_equal(result.from_version, 0);
    assert_int_equal(result.to_version, 1);
    OK(db_migrate(f->db, "test", list, 3, 2000, &result, &error));
    assert_int_equal(result.from_version, 1);
    assert_int_equal(result.to_version, 3);
    OK(db_migrate(f->db, "test", list, 3, 3000, &result, &error));
    assert_int_equal(result.from_version, 3);
    assert_int_equal(number(f->db, "SELECT COUNT(*) FROM log"), 2);
    assert_int_equal(number(f->db, "SELECT step FROM log LIMIT 1"), 2);
    assert_int_equal(number(f->db, "SELECT COUNT(*) FROM schema_migrations"), 3);
    assert_int_equal(number(f->db, "SELECT applied_ms FROM schema_migrations WHERE version = 1"),
                     1000);
    assert_int_equal(number(f->db, "SELECT applied_ms FROM schema_migrations WHERE version = 3"),
                     2000);
}

static void components_share_a_database(void **state) {
    struct fixture *f = *state;
    static const struct db_migration other[] = {{1, "other", "CREATE TABLE other (id BIGINT)"}};
    OK(db_migrate(f->db, "test", list, 3, 1000, NULL, &error));
    OK(db_migrate(f->db, "other", other, 1, 1000, NULL, &error));
    OK(db_migrate(f->db, "test", list, 3, 1000, NULL, &error));
    assert_int_equal(number(f->db, "SELECT COUNT(*) FROM schema_migrations"), 4);
}

static void a_newer_database_is_refused_with_both_versions(void **state) {
    struct fixture *f = *state;
    struct error detail = {0};
    OK(db_migrate(f->db, "test", list, 3, 1000, NULL, &error));
    assert_int_equal(db_migrate(f->db, "test", list, 2, 1000, NULL, &detail), ERR_UNSUPPORTED);
    assert_non_null(strstr(detail.text, "newer"));
    assert_non_null(strstr(detail.text, "version 3"));
    assert_non_null(strstr(detail.text, "up to 2"));
}

static void an_edited_migration_is_refused(void **state) {
    struct fixture *f = *state;
    struct db_migration edited[3];
    OK(db_migrate(f->db, "test", list, 3, 1000, NULL, &error));
    for (int i = 0; i < 2; i++) {
        memcpy(edited, list, sizeof list);
        if (i == 0) {
            edited[1].sql = "ALTER TABLE item ADD COLUMN name TEXT; INSERT INTO log VALUES (9);";
        } else {
            edited[1].name = "renamed";
        }
        struct error detail = {0};
        assert_int_equal(db_migrate(f->db, "test", edited, 3, 1000, NULL, &detail), ERR_CORRUPT);
        assert_non_null(strstr(detail.text, "migration 2"));
    }
}

static void a_failing_migration_leaves_nothing_behind_and_can_be_repaired(void **state) {
    struct fixture *f = *state;
    static const struct db_migration broken[] = {
        {1, "items", "CREATE TABLE item (id BIGINT PRIMARY KEY); CREATE TABLE log (step BIGINT);"},
        {2, "half", "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);"},
    };
    struct error detail = {0};
    assert_int_equal(db_migrate(f->db, "test", broken, 2, 1000, NULL, &detail), ERR_INTERNAL);
    assert_non_null(strstr(detail.text, "migration 2 (half)"));
    assert_int_equal(number(f->db, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'"), 0);
    assert_int_equal(number(f->db, "SELECT COUNT(*) FROM schema_migrations"), 1);
    struct db_migrate_result result;
    OK(db_migrate(f->db, "test", list, 3, 1000, &result, &error));
    assert_int_equal(result.from_version, 1);
}

static void *migrate_thread(void *arg) {
    struct db *db = NULL;
    err result = db_open(&(struct db_config){.url = arg, .sync = DB_SYNC_NORMAL}, &db, NULL);
    if (result == ERR_OK) {
        result = db_migrate(db, "test", list, 3, 1000, NULL, NULL);
    }
    db_free(db);
    return result == ERR_OK ? NULL : arg;
}

static void programs_that_start_together_migrate_once(void **state) {
    struct fixture *f = *state;
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_thread, f->scratch.url), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *problem = NULL;
        pthread_join(threads[i], &problem);
        assert_null(problem);
    }
    assert_int_equal(number(f->db, "SELECT COUNT(*) FROM log"), 2);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(migrations_run_once_in_order_and_are_recorded),
        T(components_share_a_database),
        T(a_newer_database_is_refused_with_both_versions),
        T(an_edited_migration_is_refused),
        T(a_failing_migration_leaves_nothing_behind_and_can_be_repaired),
        T(programs_that_start_together_migrate_once),
    };
#undef T
    return cmocka_run_group_tests_name("db/migrate", tests, NULL, NULL);
}
