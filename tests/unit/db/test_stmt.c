/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/db/scratch.h"

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct db_conn *conn;
    struct arena arena;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    scratch_init(&f->scratch);
    struct db_config config = {.url = f->scratch.url, .sync = DB_SYNC_NORMAL};
    OK(db_open(&config, &f->db, &error));
    OK(db_acquire(f->db, DB_WRITE, &f->conn, &error));
    OK(db_exec(f->conn,
               "CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, data BLOB,"
               " level BIGINT NOT NULL DEFAULT 0 CHECK (level >= 0))",
               DB_NO_PARAMS, NULL, &error));
    OK(db_exec(f->conn,
               "CREATE TABLE part (id BIGINT PRIMARY KEY,"
               " item_id BIGINT NOT NULL REFERENCES item (id))",
               DB_NO_PARAMS, NULL, &error));
    arena_init(&f->arena, allocator_libc(), 1 << 20);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_done(&f->arena);
    db_release(f->conn);
    db_free(f->db);
    scratch_done(&f->scratch);
    free(f);
    return 0;
}

static const char insert_sql[] = "INSERT INTO item (id, name, data) VALUES ($1, $2, $3)";

static err insert(struct fixture *f, int64_t id, str name, str data, struct error *reterr) {
    return db_exec(f->conn, insert_sql, DB_PARAMS(db_i64(id), db_text(name), db_blob(data)), NULL,
                   reterr);
}

static void values_come_back_as_they_were_bound(void **state) {
    struct fixture *f = *state;
    static const struct {
        int64_t id;
        str name;
        str data;
    } cases[] = {
        {0, STR_INIT("plain"), STR_INIT("x")},
        {1, STR_INIT(""), STR_INIT("")},
        {INT64_MIN, STR_INIT("Gr\xc3\xbc\xc3\x9f'; DROP TABLE item; --"), {NULL, 0}},
        {INT64_MAX, STR_INIT("\xf0\x9f\x8c\xb2"), STR_INIT("\x00\xff\x00\x01 bytes\x00")},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        OK(insert(f, cases[i].id, cases[i].name, cases[i].data, &error));
        struct db_rows rows = {0};
        OK(db_query_one(f->conn, "SELECT id, name, data FROM item WHERE id = $1",
                        DB_PARAMS(db_i64(cases[i].id)), &rows, &error));
        assert_int_equal(db_row_i64(&rows, 0), cases[i].id);
        assert_true(str_equal(db_row_text(&rows, 1, &f->arena), cases[i].name));
        str data = db_row_blob(&rows, 2, &f->arena);
        assert_true(str_equal(data, cases[i].data));
        assert_int_equal(str_is_absent(data), str_is_absent(cases[i].data));
        assert_int_equal(db_row_is_null(&rows, 2), str_is_absent(cases[i].data));
        OK(db_rows_finish(&rows, &error));
    }
}

static void text_with_nul_or_bad_utf8_is_refused_and_not_shown(void **state) {
    struct fixture *f = *state;
    static const str cases[] = {STR_INIT("hunter2\0"), STR_INIT("\0hunter2"),
                                STR_INIT("hunter2\xff"), STR_INIT("hunter2\xc0\xaf")};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error detail = {0};
        assert_int_equal(insert(f, 1, cases[i], STR(""), &detail), ERR_SYNTAX);
        assert_null(strstr(detail.text, "hunter2"));
        assert_non_null(strstr(detail.text, "parameter 2"));
    }
}

static void violations_have_their_own_codes_and_hide_values(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *sql;
        err code;
        const char *names;
    } cases[] = {
        {"INSERT INTO item (id, name) VALUES (1, $1 || 'x')", ERR_EXISTS, "item.id"},
        {"INSERT INTO item (id, name) VALUES (2, $1)", ERR_EXISTS, "item.name"},
        {"INSERT INTO item (id, name, data) VALUES (3, NULL, $1)", ERR_MISSING, "item.name"},
        {"INSERT INTO item (id, name, level) VALUES (4, $1 || 'x', -1)", ERR_RANGE, "level"},
        {"INSERT INTO part (id, item_id) VALUES (1, 99 + length($1))", ERR_MISSING, "FOREIGN KEY"},
        {"INSERT INTO nowhere (id) VALUES ($1)", ERR_INTERNAL, "nowhere"},
        {"SELEC $1", ERR_INTERNAL, "SELEC"},
        {"SELECT $1; SELECT 2", ERR_INTERNAL, "one statement"},
        {"SELECT ?", ERR_INTERNAL, "$1"},
        {"SELECT $1, $2", ERR_INTERNAL, "parameters"},
        {"SELECT 1", ERR_INTERNAL, "parameters"},
        {"SELECT $33", ERR_INTERNAL, "parameters"},
    };
    OK(insert(f, 1, STR("hunter2"), STR(""), &error));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error detail = {0};
        err result =
            db_exec(f->conn, cases[i].sql, DB_PARAMS(db_text(STR("hunter2"))), NULL, &detail);
        if (result != cases[i].code || strstr(detail.text, cases[i].names) == NULL) {
            fail_msg("%s: %s %s", cases[i].sql, err_name(result), detail.text);
        }
        assert_int_equal(detail.code, result);
        assert_null(strstr(detail.text, "hunter2"));
    }
}

static void parameters_go_by_number_in_any_order_and_repeatedly(void **state) {
    struct fixture *f = *state;
    struct db_rows rows = {0};
    OK(db_query_one(f->conn, "SELECT $3, $1, $2, $1 FROM (SELECT 1) AS one WHERE $3 = 30",
                    DB_PARAMS(db_i64(10), db_i64(20), db_i64(30)), &rows, &error));
    static const int64_t expected[] = {30, 10, 20, 10};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(db_row_i64(&rows, i), expected[i]);
    }
    OK(db_rows_finish(&rows, &error));
}

static void a_column_of_another_type_fails_the_cursor(void **state) {
    struct fixture *f = *state;
    char bytes[4];
    for (int i = 0; i < 6; i++) {
        struct db_rows rows = {0};
        OK(db_query_one(f->conn, "SELECT 'text', 7, NULL, x'010203', 1.5", DB_NO_PARAMS, &rows,
                        &error));
        switch (i) {
        case 0:
            assert_int_equal(db_row_i64(&rows, 0), 0);
            break;
        case 1:
            assert_true(str_is_absent(db_row_text(&rows, 1, &f->arena)));
            break;
        case 2:
            assert_int_equal(db_row_i64(&rows, 2), 0);
            break;
        case 3:
            db_row_bytes(&rows, 3, bytes, sizeof bytes);
            break;
        case 4:
            assert_true(str_is_absent(db_row_blob(&rows, 4, &f->arena)));
            break;
        case 5:
            assert_true(str_is_absent(db_row_text(&rows, 3, &f->arena)));
            break;
        }
        FAILS(ERR_CORRUPT, db_rows_finish(&rows, &error));
    }
}

static void a_full_arena_fails_the_cursor(void **state) {
    struct fixture *f = *state;
    struct arena small;
    arena_init(&small, allocator_libc(), 512);
    struct db_rows rows = {0};
    OK(db_query_one(f->conn, "SELECT replace(hex(zeroblob(2000)), '0', 'a')", DB_NO_PARAMS, &rows,
                    &error));
    assert_true(str_is_absent(db_row_text(&rows, 0, &small)));
    FAILS(ERR_LIMIT, db_rows_finish(&rows, &error));
    arena_done(&small);
}

static void changes_are_counted_and_returning_gives_rows(void **state) {
    struct fixture *f = *state;
    for (int64_t i = 1; i <= 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%d", (int)i);
        OK(insert(f, i, str_c(name), STR(""), &error));
    }
    int64_t changes = -1;
    OK(db_exec(f->conn, "UPDATE item SET level = 1 WHERE id > $1", DB_PARAMS(db_i64(1)), &changes,
               &error));
    assert_int_equal(changes, 2);
    OK(db_exec(f->conn, "UPDATE item SET level = 1 WHERE id > $1", DB_PARAMS(db_i64(9)), &changes,
               &error));
    assert_int_equal(changes, 0);
    struct db_rows rows = {0};
    OK(db_query_one(f->conn, "UPDATE item SET level = 5 WHERE id = $1 RETURNING level",
                    DB_PARAMS(db_i64(1)), &rows, &error));
    assert_int_equal(db_row_i64(&rows, 0), 5);
    OK(db_rows_finish(&rows, &error));
    FAILS(ERR_NOT_FOUND, db_query_one(f->conn, "SELECT 1 FROM item WHERE id = $1",
                                      DB_PARAMS(db_i64(9)), &rows, &error));
}

static void the_same_query_may_run_inside_its_own_loop(void **state) {
    struct fixture *f = *state;
    OK(insert(f, 1, STR("a"), STR(""), &error));
    OK(insert(f, 2, STR("b"), STR(""), &error));
    static const char sql[] = "SELECT id FROM item ORDER BY id";
    struct db_rows outer = {0};
    bool has_outer = false;
    int64_t sum = 0;
    OK(db_query(f->conn, sql, DB_NO_PARAMS, &outer, &error));
    OK(db_rows_next(&outer, &has_outer, &error));
    while (has_outer) {
        struct db_rows inner = {0};
        bool has_inner = false;
        OK(db_query(f->conn, sql, DB_NO_PARAMS, &inner, &error));
        OK(db_rows_next(&inner, &has_inner, &error));
        while (has_inner) {
            sum += db_row_i64(&outer, 0) * 10 + db_row_i64(&inner, 0);
            OK(db_rows_next(&inner, &has_inner, &error));
        }
        db_rows_done(&inner);
        OK(db_rows_next(&outer, &has_outer, &error));
    }
    OK(db_rows_finish(&outer, &error));
    assert_int_equal(sum, 11 + 12 + 21 + 22);
}

static void more_statements_than_the_cache_holds_still_work(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[64];
            snprintf(sql, sizeof sql, "SELECT %d + $1", i);
            struct db_rows rows = {0};
            OK(db_query_one(f->conn, sql, DB_PARAMS(db_i64(1000)), &rows, &error));
            assert_int_equal(db_row_i64(&rows, 0), 1000 + i);
            OK(db_rows_finish(&rows, &error));
        }
    }
    /* all running at once: the ones over the cache are separate */
    struct db_rows rows[100] = {0};
    for (int i = 0; i < 100; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT %d + $1", i);
        OK(db_query_one(f->conn, sql, DB_PARAMS(db_i64(7)), &rows[i], &error));
    }
    for (int i = 0; i < 100; i++) {
        assert_int_equal(db_row_i64(&rows[i], 0), 7 + i);
        db_rows_done(&rows[i]);
    }
}

static void a_transaction_left_without_commit_is_rolled_back(void **state) {
    struct fixture *f = *state;
    {
        AUTO(db_tx_done) struct db_tx tx = {0};
        OK(db_tx_begin(f->conn, &tx, &error));
        OK(insert(f, 1, STR("lost"), STR(""), &error));
    }
    {
        AUTO(db_tx_done) struct db_tx tx = {0};
        OK(db_tx_begin(f->conn, &tx, &error));
        OK(insert(f, 2, STR("kept"), STR(""), &error));
        OK(db_tx_commit(&tx, &error));
    }
    struct db_rows rows = {0};
    OK(db_query_one(f->conn, "SELECT COUNT(*), MAX(id) FROM item", DB_NO_PARAMS, &rows, &error));
    assert_int_equal(db_row_i64(&rows, 0), 1);
    assert_int_equal(db_row_i64(&rows, 1), 2);
    OK(db_rows_finish(&rows, &error));
}

static void a_failed_statement_leaves_the_transaction_usable(void **state) {
    struct fixture *f = *state;
    AUTO(db_tx_done) struct db_tx tx = {0};
    OK(db_tx_begin(f->conn, &tx, &error));
    OK(insert(f, 1, STR("a"), STR(""), &error));
    FAILS(ERR_EXISTS, insert(f, 1, STR("b"), STR(""), &error));
    OK(insert(f, 2, STR("b"), STR(""), &error));
    OK(db_tx_commit(&tx, &error));
}

static void a_reader_sees_a_snapshot_and_cannot_write(void **state) {
    struct fixture *f = *state;
    AUTO(db_releasep) struct db_conn *reader = NULL;
    OK(db_acquire(f->db, DB_READ, &reader, &error));
    AUTO(db_tx_done) struct db_tx tx = {0};
    OK(db_tx_begin(reader, &tx, &error));
    for (int i = 0; i < 2; i++) {
        struct db_rows rows = {0};
        OK(db_query_one(reader, "SELECT COUNT(*) FROM item", DB_NO_PARAMS, &rows, &error));
        assert_int_equal(db_row_i64(&rows, 0), 0);
        OK(db_rows_finish(&rows, &error));
        OK(insert(f, i, i == 0 ? STR("a") : STR("b"), STR(""), &error));
    }
    OK(db_tx_commit(&tx, &error));
    FAILS(ERR_MISUSE, db_exec(reader, insert_sql,
                              DB_PARAMS(db_i64(9), db_text(STR("c")), db_null()), NULL, &error));
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(values_come_back_as_they_were_bound),
        T(text_with_nul_or_bad_utf8_is_refused_and_not_shown),
        T(violations_have_their_own_codes_and_hide_values),
        T(parameters_go_by_number_in_any_order_and_repeatedly),
        T(a_column_of_another_type_fails_the_cursor),
        T(a_full_arena_fails_the_cursor),
        T(changes_are_counted_and_returning_gives_rows),
        T(the_same_query_may_run_inside_its_own_loop),
        T(more_statements_than_the_cache_holds_still_work),
        T(a_transaction_left_without_commit_is_rolled_back),
        T(a_failed_statement_leaves_the_transaction_usable),
        T(a_reader_sees_a_snapshot_and_cannot_write),
    };
#undef T
    return cmocka_run_group_tests_name("db/stmt", tests, NULL, NULL);
}
