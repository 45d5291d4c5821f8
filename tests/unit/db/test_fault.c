/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when the file is damaged or the disk is full. */
#include "tests/unit/db/scratch.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { ROWS = 400 };

static void fill(struct db *db) {
    struct db_conn *conn;
    OK(db_acquire(db, DB_WRITE, &conn, &error));
    OK(db_exec(conn, "CREATE TABLE item (id BIGINT PRIMARY KEY, data BLOB NOT NULL)", DB_NO_PARAMS,
               NULL, &error));
    static const char data[1000] = "data";
    for (int i = 0; i < ROWS; i++) {
        OK(db_exec(conn, "INSERT INTO item VALUES ($1, $2)",
                   DB_PARAMS(db_i64(i), db_blob(str_make(data, sizeof data))), NULL, &error));
    }
    db_release(conn);
}

static err count(struct db *db, int64_t *ret, struct error *reterr) {
    AUTO(db_releasep) struct db_conn *conn = NULL;
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_acquire(db, DB_READ, &conn, reterr));
    TRY(db_query_one(conn, "SELECT COUNT(*), SUM(length(data)) FROM item", DB_NO_PARAMS, &rows,
                     reterr));
    int64_t value = db_row_i64(&rows, 0);
    TRY(db_rows_finish(&rows, reterr));
    *ret = value;
    return ERR_OK;
}

static void damage(const char *path) {
    struct stat st;
    char noise[512];
    memset(noise, 0xa5, sizeof noise);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 8192; at + 4096 <= st.st_size; at += 4096) { /* the schema stays readable */
        assert_int_equal(pwrite(fd, noise, sizeof noise, at), sizeof noise);
    }
    close(fd);
}

static void a_damaged_file_is_corrupt_each_time_and_never_empty(void **state) {
    (void)state;
    struct scratch scratch;
    struct db *db = NULL;
    int64_t rows = -1;
    scratch_init(&scratch);
    OK(db_open(&(struct db_config){.url = scratch.url}, &db, &error));
    fill(db);
    OK(count(db, &rows, &error));
    assert_int_equal(rows, ROWS);
    db_free(db);
    damage(scratch.path);
    OK(db_open(&(struct db_config){.url = scratch.url}, &db, &error));
    rows = -1;
    for (int i = 0; i < 3; i++) { /* the broken connection is replaced, the answer stays */
        FAILS(ERR_CORRUPT, count(db, &rows, &error));
        assert_int_equal(rows, -1);
    }
    assert_int_equal(db_stats_get(db).in_use, 0);
    db_free(db);
    scratch_done(&scratch);
}

/* In a child, because the limit is the process's: 0 when all went as it should. */
static int full_disk_run(const char *url) {
    struct db *db = NULL;
    struct rlimit unlimited;
    int64_t before = 0;
    int64_t after = 0;
    if (db_open(&(struct db_config){.url = url}, &db, NULL) != ERR_OK ||
        count(db, &before, NULL) != ERR_OK || getrlimit(RLIMIT_FSIZE, &unlimited) != 0) {
        return 1;
    }
    static const char data[50000] = "data";
    struct rlimit tight = {.rlim_cur = 100000, .rlim_max = unlimited.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &tight) != 0) {
        return 2;
    }
    err failure = ERR_OK;
    int64_t written = 0;
    while (failure == ERR_OK && written < 100) {
        AUTO(db_releasep) struct db_conn *conn = NULL;
        AUTO(db_tx_done) struct db_tx tx = {0};
        failure = db_acquire(db, DB_WRITE, &conn, NULL);
        if (failure == ERR_OK) {
            failure = db_tx_begin(conn, &tx, NULL);
        }
        if (failure == ERR_OK) {
            failure =
                db_exec(conn, "INSERT INTO item VALUES ($1, $2)",
                        DB_PARAMS(db_i64(ROWS + written), db_blob(str_make(data, sizeof data))),
                        NULL, NULL);
        }
        if (failure == ERR_OK) {
            failure = db_tx_commit(&tx, NULL);
        }
        written += failure == ERR_OK;
    }
    if (failure != ERR_IO) {
        return 3;
    }
    if (setrlimit(RLIMIT_FSIZE, &unlimited) != 0 || count(db, &after, NULL) != ERR_OK ||
        after != before + written) {
        return 4; /* what was reported as written is there, what failed is not */
    }
    struct db_conn *conn = NULL;
    if (db_acquire(db, DB_WRITE, &conn, NULL) != ERR_OK ||
        db_exec(conn, "INSERT INTO item VALUES (-1, $1)", DB_PARAMS(db_blob(STR("x"))), NULL,
                NULL) != ERR_OK) {
        return 5; /* with room again it goes on without a restart */
    }
    db_release(conn);
    db_free(db);
    return 0;
}

static void a_full_disk_fails_the_write_and_loses_nothing(void **state) {
    (void)state;
    struct scratch scratch;
    struct db *db = NULL;
    scratch_init(&scratch);
    OK(db_open(&(struct db_config){.url = scratch.url}, &db, &error));
    fill(db);
    db_free(db);
    pid_t child = fork();
    if (child == 0) {
        _exit(full_disk_run(scratch.url));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    scratch_done(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_file_is_corrupt_each_time_and_never_empty),
        cmocka_unit_test(a_full_disk_fails_the_write_and_loses_nothing),
    };
    return cmocka_run_group_tests_name("db/fault", tests, NULL, NULL);
}
