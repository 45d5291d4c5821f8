/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/db/scratch.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

struct fixture {
    struct scratch scratch;
    struct db *db;
};

enum { READERS = 2, SHORT_MS = 60 };

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    scratch_init(&f->scratch);
    struct db_config config = {.url = f->scratch.url,
                               .readers = READERS,
                               .acquire_wait_ms = 20000,
                               .busy_wait_ms = SHORT_MS,
                               .sync = DB_SYNC_NORMAL};
    OK(db_open(&config, &f->db, &error));
    struct db_conn *conn;
    OK(db_acquire(f->db, DB_WRITE, &conn, &error));
    OK(db_exec(conn, "CREATE TABLE counter (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)",
               DB_NO_PARAMS, NULL, &error));
    OK(db_exec(conn, "INSERT INTO counter VALUES (1, 0)", DB_NO_PARAMS, NULL, &error));
    db_release(conn);
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

static int64_t counter_get(struct db *db) {
    struct db_conn *conn;
    struct db_rows rows = {0};
    OK(db_acquire(db, DB_READ, &conn, &error));
    OK(db_query_one(conn, "SELECT value FROM counter WHERE id = 1", DB_NO_PARAMS, &rows, &error));
    int64_t value = db_row_i64(&rows, 0);
    OK(db_rows_finish(&rows, &error));
    db_release(conn);
    return value;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void an_exhausted_pool_is_busy_at_the_deadline(void **state) {
    struct fixture *f = *state;
    struct db_conn *readers[READERS];
    struct db_conn *writer;
    struct db_conn *none = NULL;
    for (int i = 0; i < READERS; i++) {
        OK(db_acquire(f->db, DB_READ, &readers[i], &error));
    }
    OK(db_acquire(f->db, DB_WRITE, &writer, &error));
    struct db_stats stats = db_stats_get(f->db);
    assert_int_equal(stats.size, READERS + 1);
    assert_int_equal(stats.open, READERS + 1);
    assert_int_equal(stats.in_use, READERS + 1);
    assert_int_equal(stats.waiting, 0);
    int64_t start = now_ms();
    FAILS(ERR_BUSY, db_acquire_within(f->db, DB_READ, SHORT_MS, &none, &error));
    FAILS(ERR_BUSY, db_acquire_within(f->db, DB_WRITE, SHORT_MS, &none, &error));
    FAILS(ERR_BUSY, db_acquire_within(f->db, DB_WRITE, 0, &none, &error));
    assert_true(now_ms() - start >= 2 * SHORT_MS - 2);
    assert_null(none);
    assert_int_equal(db_stats_get(f->db).timeouts, 3);
    for (int i = 0; i < READERS; i++) {
        db_release(readers[i]);
    }
    db_release(writer);
    assert_int_equal(db_stats_get(f->db).in_use, 0);
    OK(db_ping(f->db, SHORT_MS, &error));
}

static void idle_connections_are_not_opened(void **state) {
    struct fixture *f = *state;
    assert_int_equal(db_stats_get(f->db).open, 1);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(counter_get(f->db), 0);
    }
    assert_int_equal(db_stats_get(f->db).open, 2);
}

enum { THREADS = 8, ROUNDS = 200 };

static void *count_up(void *arg) {
    struct db *db = arg;
    for (int i = 0; i < ROUNDS; i++) {
        AUTO(db_releasep) struct db_conn *conn = NULL;
        AUTO(db_tx_done) struct db_tx tx = {0};
        struct db_rows rows = {0};
        if (db_acquire(db, DB_WRITE, &conn, NULL) != ERR_OK ||
            db_tx_begin(conn, &tx, NULL) != ERR_OK ||
            db_query_one(conn, "SELECT value FROM counter WHERE id = 1", DB_NO_PARAMS, &rows,
                         NULL) != ERR_OK) {
            return arg;
        }
        int64_t value = db_row_i64(&rows, 0);
        if (db_rows_finish(&rows, NULL) != ERR_OK ||
            db_exec(conn, "UPDATE counter SET value = $1 WHERE id = 1",
                    DB_PARAMS(db_i64(value + 1)), NULL, NULL) != ERR_OK ||
            db_tx_commit(&tx, NULL) != ERR_OK) {
            return arg;
        }
    }
    return NULL;
}

static void *read_up(void *arg) {
    struct db *db = arg;
    int64_t before = 0;
    for (int i = 0; i < ROUNDS; i++) {
        AUTO(db_releasep) struct db_conn *conn = NULL;
        struct db_rows rows = {0};
        if (db_acquire(db, DB_READ, &conn, NULL) != ERR_OK ||
            db_query_one(conn, "SELECT value FROM counter WHERE id = 1", DB_NO_PARAMS, &rows,
                         NULL) != ERR_OK) {
            return arg;
        }
        int64_t value = db_row_i64(&rows, 0);
        if (db_rows_finish(&rows, NULL) != ERR_OK || value < before) {
            return arg; /* went backwards */
        }
        before = value;
    }
    return NULL;
}

static void threads_share_the_pool_and_lose_no_update(void **state) {
    struct fixture *f = *state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i % 2 == 0 ? count_up : read_up, f->db),
                         0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *problem = NULL;
        pthread_join(threads[i], &problem);
        assert_null(problem);
    }
    assert_int_equal(counter_get(f->db), THREADS / 2 * ROUNDS);
    assert_int_equal(db_stats_get(f->db).in_use, 0);
    assert_int_equal(db_stats_get(f->db).waiting, 0);
}

struct turn {
    struct db *db;
    pthread_mutex_t lock;
    int order[THREADS];
    int served;
};

struct turn_arg {
    struct turn *turn;
    int number;
};

static void *take_turn(void *arg) {
    struct turn_arg *a = arg;
    struct db_conn *conn = NULL;
    if (db_acquire(a->turn->db, DB_WRITE, &conn, NULL) != ERR_OK) {
        return arg;
    }
    pthread_mutex_lock(&a->turn->lock);
    a->turn->order[a->turn->served++] = a->number;
    pthread_mutex_unlock(&a->turn->lock);
    db_release(conn);
    return NULL;
}

static void the_writer_is_given_in_the_order_of_arrival(void **state) {
    struct fixture *f = *state;
    struct turn turn = {.db = f->db, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct turn_arg args[THREADS];
    pthread_t threads[THREADS];
    struct db_conn *writer;
    OK(db_acquire(f->db, DB_WRITE, &writer, &error));
    for (int i = 0; i < THREADS; i++) {
        args[i] = (struct turn_arg){&turn, i};
        assert_int_equal(pthread_create(&threads[i], NULL, take_turn, &args[i]), 0);
        while (db_stats_get(f->db).waiting != (uint32_t)i + 1) {
            sched_yield();
        }
    }
    db_release(writer);
    for (int i = 0; i < THREADS; i++) {
        void *problem = NULL;
        pthread_join(threads[i], &problem);
        assert_null(problem);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(turn.order[i], i);
    }
}

static void a_lock_of_another_program_is_busy_not_a_hang(void **state) {
    struct fixture *f = *state;
    /* a second pool on the file stands for the other program */
    struct db_config config = {.url = f->scratch.url, .busy_wait_ms = SHORT_MS};
    AUTO(db_freep) struct db *other = NULL;
    OK(db_open(&config, &other, &error));
    AUTO(db_releasep) struct db_conn *theirs = NULL;
    AUTO(db_tx_done) struct db_tx their_tx = {0};
    OK(db_acquire(other, DB_WRITE, &theirs, &error));
    OK(db_tx_begin(theirs, &their_tx, &error));
    AUTO(db_releasep) struct db_conn *ours = NULL;
    OK(db_acquire(f->db, DB_WRITE, &ours, &error));
    int64_t start = now_ms();
    AUTO(db_tx_done) struct db_tx tx = {0};
    FAILS(ERR_BUSY, db_tx_begin(ours, &tx, &error));
    FAILS(ERR_BUSY, db_exec(ours, "UPDATE counter SET value = 9", DB_NO_PARAMS, NULL, &error));
    assert_in_range(now_ms() - start, SHORT_MS, 5000);
    assert_int_equal(counter_get(f->db), 0); /* readers go on */
    OK(db_tx_commit(&their_tx, &error));
    OK(db_exec(ours, "UPDATE counter SET value = 9", DB_NO_PARAMS, NULL, &error));
}

static void files_are_private_even_when_they_were_not(void **state) {
    struct fixture *f = *state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    struct stat st;
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        char path[112];
        snprintf(path, sizeof path, "%s%s", f->scratch.path, suffixes[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_int_equal(chmod(f->scratch.path, 0644), 0);
    AUTO(db_freep) struct db *again = NULL;
    OK(db_open(&(struct db_config){.url = f->scratch.url}, &again, &error));
    assert_int_equal(stat(f->scratch.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_is_not_a_database_is_refused_by_name(void **state) {
    struct fixture *f = *state;
    char path[96];
    char url[112];
    struct db *db = NULL;
    struct error detail = {0};
    snprintf(path, sizeof path, "%s/noise.db", f->scratch.dir);
    snprintf(url, sizeof url, "sqlite:%s", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 500; i++) {
        fputs("this is not a database\n", file);
    }
    fclose(file);
    assert_int_equal(db_open(&(struct db_config){.url = url}, &db, &detail), ERR_CORRUPT);
    assert_non_null(strstr(detail.text, "noise.db"));

    static const struct {
        const char *url;
        err code;
    } cases[] = {
        {"sqlite:/nonexistent/directory/x.db", ERR_IO},
        {"sqlite:/", ERR_IO},
        {"sqlite:", ERR_UNSUPPORTED},
        {"sqlite::memory:", ERR_UNSUPPORTED},
        {"", ERR_UNSUPPORTED},
        {"postgresql://user:hunter2@host/db", ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(db_open(&(struct db_config){.url = cases[i].url}, &db, &detail),
                         cases[i].code);
        assert_null(strstr(detail.text, "hunter2"));
        assert_null(db);
    }
}

/* In a child: opens the file, commits one update, leaves another one open, tells the parent and
 * waits to be killed. */
_Noreturn static void die_in_transaction(const char *url, int ready) {
    struct db *db = NULL;
    struct db_conn *conn = NULL;
    struct db_tx tx;
    if (db_open(&(struct db_config){.url = url}, &db, NULL) == ERR_OK &&
        db_acquire(db, DB_WRITE, &conn, NULL) == ERR_OK &&
        db_exec(conn, "UPDATE counter SET value = 41", DB_NO_PARAMS, NULL, NULL) == ERR_OK &&
        db_tx_begin(conn, &tx, NULL) == ERR_OK &&
        db_exec(conn, "UPDATE counter SET value = 666", DB_NO_PARAMS, NULL, NULL) == ERR_OK &&
        write(ready, "r", 1) == 1) {
        pause();
    }
    _exit(1);
}

static void a_killed_program_loses_only_what_it_had_not_committed(void **state) {
    struct fixture *f = *state;
    db_free(f->db); /* the child must not inherit connections */
    f->db = NULL;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        die_in_transaction(f->scratch.url, ready[1]);
    }
    assert_true(child > 0);
    close(ready[1]);
    char byte = 0;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    OK(db_open(&(struct db_config){.url = f->scratch.url}, &f->db, &error));
    assert_int_equal(counter_get(f->db), 41);
    struct db_conn *conn;
    OK(db_acquire(f->db, DB_WRITE, &conn, &error));
    struct db_rows rows = {0};
    OK(db_query_one(conn,
                    "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'",
                    DB_NO_PARAMS, &rows, &error));
    assert_int_equal(db_row_i64(&rows, 0), 1);
    OK(db_rows_finish(&rows, &error));
    OK(db_exec(conn, "UPDATE counter SET value = 42", DB_NO_PARAMS, NULL, &error));
    db_release(conn);
    assert_int_equal(counter_get(f->db), 42);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_exhausted_pool_is_busy_at_the_deadline),
        T(idle_connections_are_not_opened),
        T(threads_share_the_pool_and_lose_no_update),
        T(the_writer_is_given_in_the_order_of_arrival),
        T(a_lock_of_another_program_is_busy_not_a_hang),
        T(files_are_private_even_when_they_were_not),
        T(what_is_not_a_database_is_refused_by_name),
        T(a_killed_program_loses_only_what_it_had_not_committed),
    };
#undef T
    return cmocka_run_group_tests_name("db/pool", tests, NULL, NULL);
}
