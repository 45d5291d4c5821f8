/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/ops/log.h"
#include "server/ops/signals.h"

struct fixture {
    struct scratch scratch;
    struct clock_manual clock;
    struct log *log;
    int fd;
};

static void setup(struct fixture *f) {
    scratch_make(&f->scratch);
    clock_manual_init(&f->clock, 1709210096789);
    f->fd = scratch_open(&f->scratch, "log");
    assert_ok(log_new("test-service", f->fd, LOG_LEVEL_INFO, &f->clock.clock, &f->log));
}

static void teardown(struct fixture *f) {
    log_free(f->log);
    close(f->fd);
    scratch_remove(&f->scratch);
}

static void a_line_has_its_fields_in_order(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    const struct log_context context = {.request_id = STR_INIT("r-1"), .trace_id = STR_INIT("t-1")};
    LOG(f.log, LOG_LEVEL_WARN, LOG_EVENT_AUTHENTICATION_FAILED, &context,
        LOG_STR("text", STR("a\"b\n\xFF")), LOG_C("c", "word"), LOG_C("absent", NULL),
        LOG_INT("int", -5), LOG_UINT("uint", UINT64_MAX), LOG_BOOL("bool", true),
        LOG_MICROS("us", 1550), LOG_RATIO("ratio", 0.5));
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_READY, NULL);
    assert_str_is(scratch_read(&f.scratch, "log"),
                  STR("{\"timestamp\":\"2024-02-29T12:34:56.789Z\",\"level\":\"warn\","
                      "\"service\":\"test-service\",\"event\":\"authentication_failed\","
                      "\"request_id\":\"r-1\",\"trace_id\":\"t-1\","
                      "\"text\":\"a\\\"b\\n\xEF\xBF\xBD\",\"c\":\"word\",\"int\":-5,"
                      "\"uint\":18446744073709551615,\"bool\":true,\"us\":1.6,\"ratio\":0.5000}\n"
                      "{\"timestamp\":\"2024-02-29T12:34:56.789Z\",\"level\":\"info\","
                      "\"service\":\"test-service\",\"event\":\"service_ready\"}\n"));
    teardown(&f);
}

static int evaluated;

static int64_t evaluate(void) {
    return ++evaluated;
}

static void lines_below_the_threshold_cost_nothing(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    LOG(f.log, LOG_LEVEL_DEBUG, LOG_EVENT_DECISION, NULL, LOG_INT("n", evaluate()));
    assert_int_equal(evaluated, 0);
    log_set_threshold(f.log, LOG_LEVEL_DEBUG);
    LOG(f.log, LOG_LEVEL_DEBUG, LOG_EVENT_DECISION, NULL, LOG_INT("n", evaluate()));
    log_set_threshold(f.log, LOG_LEVEL_ERROR);
    LOG(f.log, LOG_LEVEL_WARN, LOG_EVENT_DECISION, NULL, LOG_INT("n", evaluate()));
    assert_int_equal(evaluated, 1);
    assert_int_equal(line_count(scratch_read(&f.scratch, "log")), 1);
    teardown(&f);
}

static void long_strings_and_lines_are_cut(void **state) {
    IGNORE(state);
    struct fixture f;
    char text[1000];
    setup(&f);
    memset(text, 'x', sizeof text);
    memcpy(text + LOG_STRING_MAX - 1, "\xE2\x82\xAC", 3); /* across the cut */
    str value = str_make(text, sizeof text);
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_STR("long", value));
    memset(text, '\x01', sizeof text);
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_INT("first", 1), LOG_STR("a", value),
        LOG_STR("b", value), LOG_INT("last", 2));
    const struct log_context context = {.request_id = value, .trace_id = value};
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, &context, LOG_INT("n", 1));
    str all = scratch_read(&f.scratch, "log");
    assert_int_equal(line_count(all), 3);
    assert_int_equal(member_text(line_json(&f.scratch.arena, all, 0), "long").len,
                     LOG_STRING_MAX - 1);
    const struct json *second = line_json(&f.scratch.arena, all, 1);
    assert_int_equal(json_get(second, STR("first"))->integer, 1);
    assert_int_equal(member_text(second, "a").len, LOG_STRING_MAX);
    assert_null(json_get(second, STR("b"))); /* whole or not at all */
    assert_true(json_get(second, STR("truncated"))->boolean);
    const struct json *third = line_json(&f.scratch.arena, all, 2);
    assert_str_is(member_text(third, "event"), STR("decision"));
    assert_true(json_get(third, STR("truncated"))->boolean);
    teardown(&f);
}

/* Field sizes around every possible end of the line. */
static void no_line_is_longer_than_the_maximum(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    char text[LOG_STRING_MAX];
    memset(text, 'y', sizeof text);
    for (size_t len = 0; len <= LOG_STRING_MAX; len++) {
        str s = str_make(text, len);
        LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_STR("a", s), LOG_STR("b", s),
            LOG_STR("c", s), LOG_STR("d", s), LOG_STR("e", s), LOG_STR("f", s), LOG_STR("g", s),
            LOG_STR("h", s));
    }
    str all = scratch_read(&f.scratch, "log");
    assert_int_equal(line_count(all), LOG_STRING_MAX + 1);
    bool was_cut = false;
    while (all.len > 0) {
        str line;
        str_cut(all, '\n', &line, &all);
        assert_true(line.len < LOG_LINE_MAX);
        struct arena_mark mark = arena_mark(&f.scratch.arena);
        was_cut |= json_get(line_json(&f.scratch.arena, line, 0), STR("truncated")) != NULL;
        arena_reset(&f.scratch.arena, mark);
    }
    assert_true(was_cut);
    teardown(&f);
}

enum { THREADS = 4, LINES_PER_THREAD = 3000 };

struct writer {
    struct log *log;
    int id;
    pthread_t thread;
};

static void *write_lines(void *ptr) {
    struct writer *writer = ptr;
    for (int i = 0; i < LINES_PER_THREAD; i++) {
        LOG(writer->log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_INT("thread", writer->id),
            LOG_INT("n", i));
    }
    return NULL;
}

static void lines_of_many_threads_are_whole_and_counted(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    assert_ok(log_start(f.log));
    struct writer writers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){.log = f.log, .id = i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(writers[i].thread, NULL);
    }
    log_stop(f.log);
    int64_t next[THREADS] = {0};
    uint64_t seen = 0;
    int64_t reported = 0;
    str all = scratch_read(&f.scratch, "log");
    while (all.len > 0) {
        str line;
        str_cut(all, '\n', &line, &all);
        struct arena_mark mark = arena_mark(&f.scratch.arena);
        const struct json *value = line_json(&f.scratch.arena, line, 0);
        if (str_equal(member_text(value, "event"), STR("log_lost"))) {
            reported += json_get(value, STR("lines"))->integer;
        } else {
            int64_t thread = json_get(value, STR("thread"))->integer;
            int64_t n = json_get(value, STR("n"))->integer;
            assert_true(n >= next[thread]); /* each thread's lines in its order */
            next[thread] = n + 1;
            seen++;
        }
        arena_reset(&f.scratch.arena, mark);
    }
    assert_int_equal(seen + log_lost_total(f.log), THREADS * LINES_PER_THREAD);
    assert_int_equal(reported, log_lost_total(f.log));
    teardown(&f);
}

static size_t occurrences(str text, str word) {
    size_t count = 0;
    for (size_t at = str_find(text, word); at != SIZE_MAX; at = str_find(text, word)) {
        count++;
        text = str_slice(text, at + word.len, text.len);
    }
    return count;
}

static void a_full_ring_drops_lines_and_says_so(void **state) {
    IGNORE(state);
    struct fixture f;
    int pipe_fds[2];
    setup(&f);
    log_free(f.log);
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    assert_ok(log_new("test-service", pipe_fds[1], LOG_LEVEL_INFO, &f.clock.clock, &f.log));
    assert_ok(log_start(f.log));
    enum { LINES = 4000 }; /* more than pipe and ring hold; nobody reads yet */
    for (int i = 0; i < LINES; i++) {
        LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_INT("n", i));
    }
    assert_true(log_lost_total(f.log) > 0);
    char *text = malloc(SCRATCH_TEXT_MAX);
    assert_non_null(text);
    size_t len = 0;
    size_t reports = 0;
    /* Each line arrives or is counted, and at least one report says so. */
    while (reports == 0 ||
           line_count(str_make(text, len)) - reports + log_lost_total(f.log) < LINES) {
        ssize_t n = read(pipe_fds[0], text + len, SCRATCH_TEXT_MAX - len);
        assert_true(n > 0);
        len += (size_t)n;
        reports = occurrences(str_make(text, len), STR("\"event\":\"log_lost\""));
    }
    assert_int_equal(line_count(str_make(text, len)) - reports + log_lost_total(f.log), LINES);
    free(text);
    log_stop(f.log);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    teardown(&f);
}

static void flush_waits_for_what_was_logged_before(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    assert_ok(log_start(f.log));
    for (size_t i = 1; i <= 50; i++) {
        LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_UINT("n", i));
        log_flush(f.log);
        struct arena_mark mark = arena_mark(&f.scratch.arena);
        assert_int_equal(line_count(scratch_read(&f.scratch, "log")), i);
        arena_reset(&f.scratch.arena, mark);
    }
    log_stop(f.log);
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_STOP, NULL); /* at once again */
    assert_int_equal(line_count(scratch_read(&f.scratch, "log")), 51);
    teardown(&f);
}

static void a_closed_descriptor_is_counted_not_fatal(void **state) {
    IGNORE(state);
    struct fixture f;
    int pipe_fds[2];
    setup(&f);
    log_free(f.log);
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    close(pipe_fds[0]);
    assert_ok(signals_block()); /* ignores SIGPIPE */
    assert_ok(log_new("test-service", pipe_fds[1], LOG_LEVEL_INFO, &f.clock.clock, &f.log));
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_START, NULL);
    assert_int_equal(log_lost_total(f.log), 1);
    assert_ok(log_start(f.log));
    LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_READY, NULL);
    log_flush(f.log);
    assert_int_equal(log_lost_total(f.log), 2);
    close(pipe_fds[1]);
    teardown(&f);
}

static void the_log_survives_an_abort(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    pid_t child = fork();
    if (child == 0) {
        err code = log_start(f.log);
        code = code == ERR_OK ? signals_flush_on_fatal(f.log) : code;
        for (int i = 0; i < 100 && code == ERR_OK; i++) {
            LOG(f.log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, NULL, LOG_INT("n", i));
        }
        abort();
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_true(line_count(scratch_read(&f.scratch, "log")) >= 100);
    teardown(&f);
}

static void levels_have_names(void **state) {
    IGNORE(state);
    enum log_level level = LOG_LEVEL_ERROR;
    assert_true(log_level_parse(STR("debug"), &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_level_parse(STR("verbose"), &level));
    assert_false(log_level_parse(STR(""), &level));
    assert_string_equal(log_level_name(LOG_LEVEL_WARN), "warn");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_fields_in_order),
        cmocka_unit_test(lines_below_the_threshold_cost_nothing),
        cmocka_unit_test(long_strings_and_lines_are_cut),
        cmocka_unit_test(no_line_is_longer_than_the_maximum),
        cmocka_unit_test(lines_of_many_threads_are_whole_and_counted),
        cmocka_unit_test(a_full_ring_drops_lines_and_says_so),
        cmocka_unit_test(flush_waits_for_what_was_logged_before),
        cmocka_unit_test(a_closed_descriptor_is_counted_not_fatal),
        cmocka_unit_test(the_log_survives_an_abort),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
