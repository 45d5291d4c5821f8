/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines, caps, pools and drain of the running server. */
#include "fixture.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define H "Host: a\r\n"

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void expect_echo(int fd, const char *body) {
    struct answer answer;
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_str_is(str_make(answer.body, answer.body_len), str_c(body));
    answer_free(&answer);
}

static int read_status(int fd) {
    struct answer answer;
    client_read(fd, false, &answer);
    answer_free(&answer);
    return answer.status;
}

static void a_slow_head_and_a_slow_body_are_cut_off(void **state) {
    static const struct server_config config = {
        .limits = {.head_deadline_ms = 300, .body_deadline_ms = 300, .idle_deadline_ms = 300}};
    static const char *const partial[] = {
        "G",
        "GET /hello HTTP/1.1\r\nHos",
        "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
    };
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    for (size_t i = 0; i < ARRAY_LEN(partial); i++) {
        uint64_t start_ms = now_ms();
        int fd = client_connect(&f);
        client_send(fd, str_c(partial[i]));
        assert_int_equal(read_status(fd), 408);
        assert_true(client_is_closed(fd));
        assert_in_range(now_ms() - start_ms, 250, 5000);
        close(fd);
    }
    /* An idle connection, and one whose unwanted body does not arrive, just close. */
    int idle = client_connect(&f);
    int skipping = client_connect(&f);
    client_send(skipping, STR("POST /nothing HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc"));
    assert_int_equal(read_status(skipping), 404);
    assert_true(client_is_closed(idle));
    assert_true(client_is_closed(skipping));
    close(idle);
    close(skipping);
    fixture_stop(&f);
}

static void trickling_does_not_extend_a_deadline(void **state) {
    static const struct server_config config = {.limits = {.head_deadline_ms = 400}};
    const struct timespec pause = {.tv_nsec = 20000000};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    uint64_t start_ms = now_ms();
    int fd = client_connect(&f);
    client_send(fd, STR("GET /hello HTTP/1.1\r\n"));
    /* The peer may not stop sending before it is answered, so bytes are sent until then. */
    char byte;
    while (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0) {
        assert_true(now_ms() - start_ms < 5000);
        client_send(fd, STR("a: b\r\n"));
        nanosleep(&pause, NULL);
    }
    assert_int_equal(read_status(fd), 408);
    close(fd);
    fixture_stop(&f);
}

/* One that is for ever in the middle of a head, each time of a new one. */
static void a_busy_pipeline_does_not_extend_the_deadline_of_others(void **state) {
    static const struct server_config config = {.limits = {.head_deadline_ms = 400}};
    const struct timespec pause = {.tv_nsec = 50000000};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    int busy = client_connect(&f);
    client_send(busy, STR("GET /hello HTTP/1.1\r\n" H "\r\nGET /he"));
    expect_echo(busy, "hello");
    int slow = client_connect(&f);
    client_send(slow, STR("GET /he"));
    uint64_t start_ms = now_ms();
    char byte;
    while (recv(slow, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0) {
        assert_true(now_ms() - start_ms < 5000);
        client_send(busy, STR("llo HTTP/1.1\r\n" H "\r\nGET /he"));
        expect_echo(busy, "hello");
        nanosleep(&pause, NULL);
    }
    assert_int_equal(read_status(slow), 408);
    close(slow);
    close(busy);
    fixture_stop(&f);
}

/* Sends the bytes again and again until the server takes no more; returns how often all of them
 * went out. */
static size_t send_until_stuck(int fd, str bytes) {
    const struct timespec pause = {.tv_nsec = 1000000};
    size_t total = 0;
    for (int waited = 0; waited < 300;) {
        size_t at = total % bytes.len;
        ssize_t sent = send(fd, bytes.ptr + at, bytes.len - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            total += (size_t)sent;
            waited = 0;
        } else {
            nanosleep(&pause, NULL);
            waited++;
        }
    }
    return total / bytes.len;
}

static void an_answer_that_cannot_be_sent_yet_waits_for_its_own_peer(void **state) {
    enum { BODY = 40000 };
    static const struct server_config config = {.pool_threads = 1};
    static struct fixture f;
    static char bytes[BODY + 512];
    IGNORE(state);
    int len = sprintf(bytes, "POST /echo HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", BODY);
    memset(bytes + len, 'e', BODY);
    len += BODY;
    len += sprintf(bytes + len, "POST /pool HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\npool");
    fixture_start(&f, &config);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(sem_post(&f.gate), 0); /* the worker never waits */
    }
    int stuck = client_connect(&f);
    size_t pairs = send_until_stuck(stuck, str_make(bytes, (size_t)len));
    assert_in_range(pairs, 1, 9999);
    for (int i = 0; i < 3; i++) {
        int other = client_connect(&f);
        client_send(other, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
        expect_echo(other, "hello");
        close(other);
    }
    for (size_t i = 0; i < pairs; i++) {
        struct answer answer;
        client_read(stuck, false, &answer);
        assert_int_equal(answer.body_len, BODY);
        answer_free(&answer);
        expect_echo(stuck, "pool");
    }
    close(stuck);
    fixture_stop(&f);
}

static void a_peer_that_does_not_read_is_cut_off(void **state) {
    static const struct server_config config = {.limits = {.request_deadline_ms = 300}};
    static struct fixture f;
    struct server_stats stats;
    const struct timespec pause = {.tv_nsec = 10000000};
    IGNORE(state);
    fixture_start(&f, &config);
    int fd = client_connect(&f);
    for (int i = 0; i < 4; i++) {
        client_send(fd, STR("GET /big HTTP/1.1\r\n" H "\r\n"));
    }
    uint64_t start_ms = now_ms();
    do {
        nanosleep(&pause, NULL);
        server_stats_get(f.server, &stats);
        assert_true(now_ms() - start_ms < 5000);
    } while (stats.connections_open > 0 || stats.connections_total == 0);
    close(fd);
    fixture_stop(&f);
}

static void a_request_that_runs_too_long_loses_its_connection(void **state) {
    static const struct server_config config = {.limits = {.request_deadline_ms = 300}};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    int fd = client_connect(&f);
    client_send(fd, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"));
    fixture_await(&f.started, 1);
    assert_true(client_is_closed(fd));
    close(fd);
    assert_int_equal(sem_post(&f.gate), 0);
    fixture_await(&f.observed, 1); /* what was done is still counted */
    client_expect(&f, STR("GET /hello HTTP/1.1\r\n" H "\r\n"), 200);
    fixture_stop(&f);
}

static void connections_above_the_cap_are_told_so(void **state) {
    static const struct server_config config = {.limits = {.connections_max = 2}};
    static struct fixture f;
    struct answer answer;
    char value[16];
    IGNORE(state);
    fixture_start(&f, &config);
    int first = client_connect(&f);
    int second = client_connect(&f);
    client_send(second, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    expect_echo(second, "hello");
    int third = client_connect(&f);
    client_read(third, false, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(answer_header(&answer, "Retry-After", value, sizeof value));
    assert_true(client_is_closed(third));
    answer_free(&answer);
    close(third);
    client_send(first, STR("GET /hello HTTP/1.1\r\n" H "Connection: close\r\n\r\n"));
    expect_echo(first, "hello");
    assert_true(client_is_closed(first));
    close(first);
    client_expect(&f, STR("GET /hello HTTP/1.1\r\n" H "\r\n"), 200);
    close(second);
    fixture_stop(&f);
}

static void a_peer_gets_its_share_of_connections(void **state) {
    static const struct server_config config = {.limits = {.connections_per_peer_max = 1}};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    int first = client_connect(&f);
    client_send(first, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    expect_echo(first, "hello");
    int second = client_connect(&f);
    assert_int_equal(read_status(second), 503);
    close(second);
    client_send(first, STR("GET /hello HTTP/1.1\r\n" H "Connection: close\r\n\r\n"));
    expect_echo(first, "hello");
    assert_true(client_is_closed(first));
    close(first);
    client_expect(&f, STR("GET /hello HTTP/1.1\r\n" H "\r\n"), 200);
    fixture_stop(&f);
}

static void a_connection_closes_after_its_share_of_requests(void **state) {
    static const struct server_config config = {.limits = {.requests_per_connection_max = 2}};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    int fd = client_connect(&f);
    client_send(fd, STR("GET /hello HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n"
                        "GET /hello HTTP/1.1\r\n" H "\r\n"));
    expect_echo(fd, "hello");
    expect_echo(fd, "hello");
    assert_true(client_is_closed(fd));
    close(fd);
    fixture_stop(&f);
}

static void a_full_queue_is_answered_with_503(void **state) {
    static const struct server_config config = {.pool_threads = 1, .pool_queue_max = 2};
    enum { COUNT = 4 };
    static struct fixture f;
    struct server_stats stats;
    struct answer answer;
    char value[16];
    int fds[COUNT];
    IGNORE(state);
    fixture_start(&f, &config);
    for (int i = 0; i < COUNT; i++) {
        fds[i] = client_connect(&f);
        client_send(fds[i], STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"));
        if (i == 0) {
            fixture_await(&f.started, 1); /* the worker is busy, the rest must queue */
        }
        if (i == 1 || i == 2) {
            do {
                server_stats_get(f.server, &stats);
            } while (stats.pool_queued < (uint64_t)i);
        }
    }
    client_read(fds[3], false, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(answer_header(&answer, "Retry-After", value, sizeof value));
    answer_free(&answer);
    /* The connection is still good, and so is the loop. */
    client_send(fds[3], STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    expect_echo(fds[3], "hello");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sem_post(&f.gate), 0);
        expect_echo(fds[i], "a");
    }
    server_stats_get(f.server, &stats);
    assert_int_equal(stats.pool_rejected, 1);
    for (int i = 0; i < COUNT; i++) {
        close(fds[i]);
    }
    fixture_stop(&f);
}

static void a_busy_password_pool_leaves_the_other_alone(void **state) {
    static const struct server_config config = {.pool_threads = 1, .password_threads = 1};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    int password = client_connect(&f);
    client_send(password, STR("POST /password HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"));
    fixture_await(&f.started, 1);
    int general = client_connect(&f);
    client_send(general, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nb"));
    fixture_await(&f.started, 2); /* runs although the password worker is busy */
    assert_int_equal(sem_post(&f.gate), 0);
    assert_int_equal(sem_post(&f.gate), 0);
    expect_echo(general, "b");
    expect_echo(password, "a");
    close(password);
    close(general);
    fixture_stop(&f);
}

static void a_drain_finishes_what_runs_and_closes_the_rest(void **state) {
    static const struct server_config config = {.pool_threads = 1};
    static struct fixture f;
    struct answer answer;
    char value[16];
    IGNORE(state);
    fixture_start(&f, &config);
    int idle = client_connect(&f);
    client_send(idle, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    expect_echo(idle, "hello");
    int half = client_connect(&f);
    client_send(half, STR("POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\na"));
    int running = client_connect(&f);
    client_send(running, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"));
    fixture_await(&f.started, 1);
    server_stop(f.server);
    server_stop(f.server);
    assert_true(client_is_closed(idle));
    /* A request that has begun to arrive is finished. */
    client_send(half, STR("bc"));
    client_read(half, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_true(answer_header(&answer, "Connection", value, sizeof value));
    assert_string_equal(value, "close");
    assert_true(client_is_closed(half));
    answer_free(&answer);
    assert_int_equal(sem_post(&f.gate), 0);
    client_read(running, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_true(answer_header(&answer, "Connection", value, sizeof value));
    assert_true(client_is_closed(running));
    answer_free(&answer);
    fixture_join(&f);
    assert_int_equal(f.result, ERR_OK);
    close(idle);
    close(half);
    close(running);
    fixture_stop(&f);
}

static void a_drain_ends_by_force_when_the_grace_time_is_over(void **state) {
    static const struct server_config config = {.pool_threads = 1, .limits = {.drain_ms = 300}};
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &config);
    int running = client_connect(&f);
    client_send(running, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"));
    fixture_await(&f.started, 1);
    int waiting = client_connect(&f);
    client_send(waiting, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nb"));
    uint64_t start_ms = now_ms();
    server_stop(f.server);
    fixture_join(&f);
    assert_in_range(now_ms() - start_ms, 250, 5000);
    assert_int_equal(f.result, ERR_TIMEOUT);
    assert_true(client_is_closed(running));
    assert_true(client_is_closed(waiting));
    close(running);
    close(waiting);
    assert_int_equal(sem_post(&f.gate), 0); /* server_free waits for the worker */
    fixture_stop(&f);
    assert_int_equal(atomic_load(&f.started), 1);
}

static void an_idle_server_stops_at_once(void **state) {
    static struct fixture f;
    IGNORE(state);
    fixture_start(&f, &(struct server_config){0});
    uint64_t start_ms = now_ms();
    server_stop(f.server);
    fixture_join(&f);
    assert_int_equal(f.result, ERR_OK);
    assert_true(now_ms() - start_ms < 2000);
    fixture_stop(&f);
}

static void several_loops_share_the_port(void **state) {
    static const struct server_config config = {.loops = 3};
    enum { COUNT = 60 };
    static struct fixture f;
    int fds[COUNT];
    IGNORE(state);
    fixture_start(&f, &config);
    for (int i = 0; i < COUNT; i++) {
        fds[i] = client_connect(&f);
        client_send(fds[i], STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    }
    for (int i = 0; i < COUNT; i++) {
        expect_echo(fds[i], "hello");
    }
    server_stop(f.server);
    for (int i = 0; i < COUNT; i++) {
        assert_true(client_is_closed(fds[i]));
        close(fds[i]);
    }
    fixture_stop(&f);
    assert_int_equal(f.result, ERR_OK);
}

static void a_port_in_use_is_an_error(void **state) {
    static struct fixture f;
    struct server *second = NULL;
    struct error error = {0};
    IGNORE(state);
    fixture_start(&f, &(struct server_config){0});
    const struct server_config config = {.address = "127.0.0.1", .port = f.port, .loops = 1};
    assert_int_equal(server_new(&config, f.router, &second, &error), ERR_BUSY);
    assert_non_null(strstr(error.text, "in use"));
    const struct server_config name = {.address = "localhost", .loops = 1};
    assert_int_equal(server_new(&name, f.router, &second, &error), ERR_SYNTAX);
    fixture_stop(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_head_and_a_slow_body_are_cut_off),
        cmocka_unit_test(trickling_does_not_extend_a_deadline),
        cmocka_unit_test(a_busy_pipeline_does_not_extend_the_deadline_of_others),
        cmocka_unit_test(an_answer_that_cannot_be_sent_yet_waits_for_its_own_peer),
        cmocka_unit_test(a_peer_that_does_not_read_is_cut_off),
        cmocka_unit_test(a_request_that_runs_too_long_loses_its_connection),
        cmocka_unit_test(connections_above_the_cap_are_told_so),
        cmocka_unit_test(a_peer_gets_its_share_of_connections),
        cmocka_unit_test(a_connection_closes_after_its_share_of_requests),
        cmocka_unit_test(a_full_queue_is_answered_with_503),
        cmocka_unit_test(a_busy_password_pool_leaves_the_other_alone),
        cmocka_unit_test(a_drain_finishes_what_runs_and_closes_the_rest),
        cmocka_unit_test(a_drain_ends_by_force_when_the_grace_time_is_over),
        cmocka_unit_test(an_idle_server_stops_at_once),
        cmocka_unit_test(several_loops_share_the_port),
        cmocka_unit_test(a_port_in_use_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
