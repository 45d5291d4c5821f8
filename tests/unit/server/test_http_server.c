/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP as a peer sees it, over a real socket. */
#include "fixture.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "malformed.h"

static const struct server_config plain = {.pool_threads = 2};

#define H "Host: a\r\n"

static int start(void **state) {
    static struct fixture fixture;
    fixture_start(&fixture, &plain);
    *state = &fixture;
    return 0;
}

static int stop(void **state) {
    fixture_stop(*state);
    return 0;
}

static void refuse_all(const struct fixture *f, const struct malformed *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct answer answer;
        char value[128];
        int fd = client_connect(f);
        client_send(fd, rows[i].bytes);
        client_read(fd, false, &answer);
        if (answer.status != rows[i].status) {
            fail_msg("%s: status %d, expected %d", rows[i].name, answer.status, rows[i].status);
        }
        assert_true(answer_header(&answer, "Connection", value, sizeof value));
        assert_string_equal(value, "close");
        assert_true(answer_header(&answer, "Content-Type", value, sizeof value));
        assert_string_equal(value, "application/problem+json");
        assert_true(client_is_closed(fd));
        answer_free(&answer);
        close(fd);
    }
}

static void malformed_requests_are_refused_and_the_connection_closed(void **state) {
    struct server_stats before;
    struct server_stats after;
    const struct fixture *f = *state;
    server_stats_get(f->server, &before);
    refuse_all(f, malformed_heads, ARRAY_LEN(malformed_heads));
    refuse_all(f, malformed_bodies, ARRAY_LEN(malformed_bodies));
    server_stats_get(f->server, &after);
    assert_int_equal(after.parse_errors - before.parse_errors,
                     ARRAY_LEN(malformed_heads) + ARRAY_LEN(malformed_bodies));
}

static void ambiguous_paths_are_refused(void **state) {
    refuse_all(*state, malformed_paths, ARRAY_LEN(malformed_paths));
}

static void statuses_are_as_the_protocol_says(void **state) {
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"GET /hello HTTP/1.1\r\n" H "\r\n", 200},
        {"\r\nGET /hello HTTP/1.1\r\n" H "\r\n", 200},
        {"GET /hello HTTP/1.0\r\n\r\n", 200},
        {"GET http://b/hello HTTP/1.1\r\n" H "\r\n", 200},
        {"GET /hello?a=b&c=%20 HTTP/1.1\r\n" H "\r\n", 200},
        {"GET /%68ello HTTP/1.1\r\n" H "\r\n", 200},
        {"HEAD /hello HTTP/1.1\r\n" H "\r\n", 200},
        {"GET /hello HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 200},
        {"GET /hello/ HTTP/1.1\r\n" H "\r\n", 404},
        {"GET /Hello HTTP/1.1\r\n" H "\r\n", 404},
        {"GET /items/ HTTP/1.1\r\n" H "\r\n", 404},
        {"GET /items/a/b HTTP/1.1\r\n" H "\r\n", 404},
        {"GET / HTTP/1.1\r\n" H "\r\n", 404},
        {"POST /hello HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 405},
        {"HEAD /echo HTTP/1.1\r\n" H "\r\n", 405},
        {"TRACE /hello HTTP/1.1\r\n" H "\r\n", 501},
        {"get /hello HTTP/1.1\r\n" H "\r\n", 501},
        {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 204},
        {"OPTIONS /hello HTTP/1.1\r\n" H "\r\n", 204},
        {"OPTIONS /nothing HTTP/1.1\r\n" H "\r\n", 404},
        {"GET /hello HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na", 413},
        {"POST /small HTTP/1.1\r\n" H "Content-Length: 17\r\n\r\n", 413},
        {"POST /small HTTP/1.1\r\n" H "Content-Length: 18446744073709551615\r\n\r\n", 413},
        {"POST /small HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
         "11\r\n12345678901234567\r\n0\r\n\r\n",
         413},
        {"POST /small HTTP/1.1\r\n" H "Content-Length: 16\r\n\r\n1234567890123456", 200},
        {"POST /echo HTTP/1.0\r\n\r\n", 411},
        {"POST /echo HTTP/1.1\r\n" H "\r\n", 200},
        {"POST /echo HTTP/1.1\r\n" H "Expect: 200-maybe\r\nContent-Length: 1\r\n\r\n", 417},
        {"GET /bearer HTTP/1.1\r\n" H "\r\n", 401},
        {"GET /bearer HTTP/1.1\r\n" H "Authorization: yes\r\n\r\n", 200},
        {"GET /waiting-bearer HTTP/1.1\r\n" H "\r\n", 401},
        {"GET /waiting-bearer HTTP/1.1\r\n" H "Authorization: yes\r\n\r\n", 200},
        {"POST /limited HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na", 429},
        {"GET /broken HTTP/1.1\r\n" H "\r\n", 500},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        client_expect(*state, str_c(rows[i].request), rows[i].status);
    }
}

static void expect_header(const struct answer *answer, const char *name, const char *expected) {
    char value[512];
    if (!answer_header(answer, name, value, sizeof value)) {
        fail_msg("no header %s", name);
    }
    assert_string_equal(value, expected);
}

static void every_answer_has_the_common_headers(void **state) {
    struct answer answer;
    char value[256];
    int fd = client_connect(*state);
    client_send(fd, STR("GET /request-id HTTP/1.1\r\n" H "X-Request-ID: abc-1.2:3\r\n\r\n"));
    client_read(fd, false, &answer);
    expect_header(&answer, "X-Content-Type-Options", "nosniff");
    expect_header(&answer, "Referrer-Policy", "no-referrer");
    expect_header(&answer, "Cache-Control", "max-age=60"); /* the handler's own */
    expect_header(&answer, "X-Request-ID", "abc-1.2:3");
    assert_true(answer_header(&answer, "Date", value, sizeof value));
    assert_int_equal(strlen(value), 29);
    assert_false(answer_header(&answer, "Connection", value, sizeof value));
    assert_str_is(str_make(answer.body, answer.body_len), STR("abc-1.2:3"));
    answer_free(&answer);

    client_send(fd, STR("GET /hello HTTP/1.1\r\n" H "X-Request-ID: a b\r\n\r\n"));
    client_read(fd, false, &answer);
    expect_header(&answer, "Cache-Control", "no-store");
    assert_true(answer_header(&answer, "X-Request-ID", value, sizeof value));
    assert_int_equal(strlen(value), 32);
    answer_free(&answer);

    client_send(fd, STR("GET /bearer HTTP/1.1\r\n" H "\r\n"));
    client_read(fd, false, &answer);
    expect_header(&answer, "WWW-Authenticate", "Bearer");
    answer_free(&answer);

    client_send(fd, STR("POST /limited HTTP/1.1\r\n" H "\r\n"));
    client_read(fd, false, &answer);
    expect_header(&answer, "Retry-After", "7");
    answer_free(&answer);

    client_send(fd, STR("DELETE /echo HTTP/1.1\r\n" H "\r\n"));
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 405);
    expect_header(&answer, "Allow", "POST, PUT, OPTIONS");
    answer_free(&answer);
    close(fd);
}

static void head_and_options_have_no_body(void **state) {
    struct answer answer;
    char value[64];
    int fd = client_connect(*state);
    client_send(fd, STR("HEAD /hello HTTP/1.1\r\n" H "\r\n"
                        "OPTIONS /hello HTTP/1.1\r\n" H "\r\n"
                        "GET /items/%C3%A9%25 HTTP/1.1\r\n" H "\r\n"));
    client_read(fd, true, &answer);
    assert_int_equal(answer.status, 200);
    expect_header(&answer, "Content-Length", "5");
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 204);
    expect_header(&answer, "Allow", "GET, HEAD, OPTIONS");
    assert_false(answer_header(&answer, "Content-Length", value, sizeof value));
    client_read(fd, false, &answer);
    assert_str_is(str_make(answer.body, answer.body_len), STR("\xc3\xa9%"));
    answer_free(&answer);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state) {
    enum { COUNT = 500 };
    char *bytes = malloc(COUNT * 128);
    size_t len = 0;
    int fd = client_connect(*state);
    assert_non_null(bytes);
    for (int i = 0; i < COUNT; i++) {
        if (i % 3 == 0) {
            len += (size_t)sprintf(bytes + len, "GET /items/%d HTTP/1.1\r\n" H "\r\n", i);
        } else if (i % 3 == 1) {
            len += (size_t)sprintf(bytes + len,
                                   "POST /echo HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\n%04d", i);
        } else {
            len += (size_t)sprintf(bytes + len,
                                   "POST /echo HTTP/1.1\r\n" H
                                   "Transfer-Encoding: chunked\r\n\r\n2\r\n%02d\r\n2\r\n%02d\r\n"
                                   "0\r\n\r\n",
                                   i / 100, i % 100);
        }
    }
    client_send(fd, str_make(bytes, len));
    for (int i = 0; i < COUNT; i++) {
        struct answer answer;
        uint64_t number;
        client_read(fd, false, &answer);
        assert_int_equal(answer.status, 200);
        assert_true(str_to_u64(str_make(answer.body, answer.body_len), &number));
        assert_int_equal(number, i);
        answer_free(&answer);
    }
    free(bytes);
    close(fd);
}

static void a_request_may_arrive_byte_by_byte(void **state) {
    str text = STR("POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
                   "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: u\r\n\r\n"
                   "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nxyz");
    struct answer answer;
    int fd = client_connect(*state);
    for (size_t i = 0; i < text.len; i++) {
        client_send(fd, str_slice(text, i, i + 1));
    }
    client_read(fd, false, &answer);
    assert_str_is(str_make(answer.body, answer.body_len), STR("abcd"));
    answer_free(&answer);
    client_read(fd, false, &answer);
    assert_str_is(str_make(answer.body, answer.body_len), STR("xyz"));
    answer_free(&answer);
    close(fd);
}

/* A body of the given length whose bytes tell their position. */
static char *make_body(size_t len) {
    char *body = malloc(len);
    assert_non_null(body);
    for (size_t i = 0; i < len; i++) {
        body[i] = (char)('a' + (i ^ i >> 8) % 26);
    }
    return body;
}

static void expect_echo(int fd, const char *body, size_t len) {
    struct answer answer;
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_len, len);
    assert_memory_equal(answer.body, body, len);
    answer_free(&answer);
}

static void bodies_of_all_sizes_arrive_whole(void **state) {
    static const size_t sizes[] = {1,     100,   4095,  4096,  15000,           16384,
                                   20000, 20480, 20481, 65536, FIXTURE_BODY_MAX};
    char *body = make_body(FIXTURE_BODY_MAX);
    int fd = client_connect(*state);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char head[160];
        int len = snprintf(head, sizeof head,
                           "GET /hello HTTP/1.1\r\n" H "\r\nPOST /echo HTTP/1.1\r\n" H
                           "Content-Length: %zu\r\n\r\n",
                           sizes[i]);
        client_send(fd, str_make(head, (size_t)len));
        client_send(fd, str_make(body, sizes[i]));
        expect_echo(fd, "hello", 5);
        expect_echo(fd, body, sizes[i]);
    }
    free(body);
    close(fd);
}

static void chunked_bodies_of_all_sizes_arrive_whole(void **state) {
    static const size_t chunks[] = {1, 7, 1000, 5000, 30000};
    enum { LEN = 60000 };
    char *body = make_body(LEN);
    int fd = client_connect(*state);
    for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
        client_send(fd, STR("POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"));
        char *bytes = malloc(LEN * 8);
        size_t len = 0;
        assert_non_null(bytes);
        for (size_t at = 0; at < LEN; at += chunks[i]) {
            size_t size = LEN - at < chunks[i] ? LEN - at : chunks[i];
            len += (size_t)sprintf(bytes + len, "%zx\r\n", size);
            memcpy(bytes + len, body + at, size);
            memcpy(bytes + len + size, "\r\n", 2);
            len += size + 2;
        }
        client_send(fd, str_make(bytes, len));
        client_send(fd, STR("0\r\n\r\n"));
        expect_echo(fd, body, LEN);
        free(bytes);
    }
    free(body);
    close(fd);
}

/* The head of the chunked request stands near the end of the input block, so that the body has
 * to go on elsewhere. */
static void a_late_head_in_a_full_block_still_gets_its_body(void **state) {
    char *bytes = malloc(64 * 1024);
    size_t len = 0;
    size_t answers = 0;
    int fd = client_connect(*state);
    assert_non_null(bytes);
    while (len < 20000) {
        len += (size_t)sprintf(bytes + len, "GET /hello HTTP/1.1\r\n" H "\r\n");
        answers++;
    }
    len += (size_t)sprintf(bytes + len, "POST /echo HTTP/1.1\r\n" H "X: y\r\n"
                                        "Transfer-Encoding: chunked\r\n\r\n"
                                        "ff;");
    for (int i = 0; i < 200; i++) {
        bytes[len++] = 'e';
    }
    len += (size_t)sprintf(bytes + len, "\r\n");
    char *body = make_body(255);
    memcpy(bytes + len, body, 255);
    len += 255;
    len += (size_t)sprintf(bytes + len, "\r\n0\r\n\r\n");
    client_send(fd, str_make(bytes, len));
    for (size_t i = 0; i < answers; i++) {
        expect_echo(fd, "hello", 5);
    }
    expect_echo(fd, body, 255);
    free(body);
    free(bytes);
    close(fd);
}

static void continue_is_sent_when_the_body_is_wanted(void **state) {
    struct answer answer;
    int fd = client_connect(*state);
    client_send(fd, STR("POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
                        "Content-Length: 3\r\n\r\n"));
    client_read(fd, true, &answer);
    assert_int_equal(answer.status, 100);
    client_send(fd, STR("abc"));
    expect_echo(fd, "abc", 3);
    /* The body came along: there is nothing to continue with. */
    client_send(fd, STR("POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
                        "Content-Length: 3\r\n\r\nabc"));
    expect_echo(fd, "abc", 3);
    close(fd);
}

static void continue_is_not_sent_when_the_body_is_unwanted(void **state) {
    static const struct {
        const char *head;
        int status;
    } rows[] = {
        {"POST /nothing HTTP/1.1\r\n", 404}, {"POST /hello HTTP/1.1\r\n", 405},
        {"POST /small HTTP/1.1\r\n", 413},   {"POST /limited HTTP/1.1\r\n", 429},
        {"POST /bearer HTTP/1.1\r\n", 401},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer answer;
        int fd = client_connect(*state);
        client_send(fd, str_c(rows[i].head));
        client_send(fd, STR(H "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"));
        client_read(fd, false, &answer);
        assert_int_equal(answer.status, rows[i].status);
        assert_true(client_is_closed(fd));
        answer_free(&answer);
        close(fd);
    }
}

static void a_short_unwanted_body_is_skipped_and_the_connection_kept(void **state) {
    struct answer answer;
    int fd = client_connect(*state);
    client_send(fd, STR("POST /nothing HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nGET /"
                        "GET /hello HTTP/1.1\r\n" H "\r\n"));
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 404);
    answer_free(&answer);
    expect_echo(fd, "hello", 5);
    close(fd);
}

static void a_long_unwanted_body_ends_the_connection_after_the_answer(void **state) {
    struct answer answer;
    char *body = make_body(BIG_BODY / 16);
    int fd = client_connect(*state);
    client_send(fd, STR("POST /nothing HTTP/1.1\r\n" H "Content-Length: 262144\r\n\r\n"));
    client_send(fd, str_make(body, BIG_BODY / 16));
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 404);
    expect_header(&answer, "Connection", "close");
    assert_true(client_is_closed(fd));
    answer_free(&answer);
    free(body);
    close(fd);
}

static void old_clients_get_what_they_expect(void **state) {
    struct answer answer;
    int fd = client_connect(*state);
    client_send(fd, STR("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    client_read(fd, false, &answer);
    expect_header(&answer, "Connection", "keep-alive");
    answer_free(&answer);
    client_send(fd, STR("GET /hello HTTP/1.0\r\n\r\n"));
    client_read(fd, false, &answer);
    expect_header(&answer, "Connection", "close");
    assert_true(client_is_closed(fd));
    answer_free(&answer);
    close(fd);
}

static void a_peer_that_has_finished_sending_is_still_answered(void **state) {
    struct fixture *f = *state;
    unsigned started = atomic_load(&f->started);
    int fd = client_connect(f);
    client_send(fd, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    client_send(fd, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\np"));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect_echo(fd, "hello", 5);
    fixture_await(&f->started, started + 1);
    assert_int_equal(sem_post(&f->gate), 0);
    expect_echo(fd, "p", 1);
    assert_true(client_is_closed(fd));
    close(fd);
}

static void work_on_a_pool_keeps_the_order_of_answers(void **state) {
    struct fixture *f = *state;
    unsigned started = atomic_load(&f->started);
    int fd = client_connect(f);
    client_send(fd, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\none"
                        "GET /hello HTTP/1.1\r\n" H "\r\n"
                        "POST /password HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\ntwo"
                        "GET /needs-pool HTTP/1.1\r\n" H "\r\n"
                        "GET /hello HTTP/1.1\r\n" H "\r\n"));
    fixture_await(&f->started, started + 1);
    client_send(fd, STR("GET /hello HTTP/1.1\r\n" H "\r\n")); /* while a worker is busy */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sem_post(&f->gate), 0);
    }
    expect_echo(fd, "one", 3);
    expect_echo(fd, "hello", 5);
    expect_echo(fd, "two", 3);
    expect_echo(fd, "", 0);
    expect_echo(fd, "hello", 5);
    expect_echo(fd, "hello", 5);
    close(fd);
}

static void a_guard_that_waits_is_asked_on_the_loop_and_on_a_worker(void **state) {
    struct fixture *f = *state;
    unsigned before = atomic_load(&f->guard_calls);
    client_expect(f, STR("GET /waiting-bearer HTTP/1.1\r\n" H "Authorization: yes\r\n\r\n"), 200);
    assert_int_equal(atomic_load(&f->guard_calls) - before, 2);
}

static void the_observer_sees_every_answer_once(void **state) {
    static struct fixture own; /* where nobody else is observed */
    struct fixture *f = &own;
    struct answer answer;
    IGNORE(state);
    fixture_start(f, &plain);
    int fd = client_connect(f);
    client_send(fd, STR("GET /hello HTTP/1.1\r\n" H "\r\n"
                        "GET /nothing HTTP/1.1\r\n" H "\r\n"
                        "BAD\r\n"));
    for (int i = 0; i < 3; i++) {
        client_read(fd, false, &answer);
        answer_free(&answer);
    }
    assert_true(client_is_closed(fd));
    close(fd);
    fixture_stop(f);
    assert_int_equal(atomic_load(&f->observed), 3);
    assert_int_equal(atomic_load(&f->last_status), 400);
}

static void routes_that_wipe_work_like_others(void **state) {
    int fd = client_connect(*state);
    for (int i = 0; i < 3; i++) {
        client_send(fd, STR("POST /secret HTTP/1.1\r\n" H "Content-Length: 6\r\n\r\nsecret"
                            "POST /secret HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
                            "6\r\nsecret\r\n"));
        expect_echo(fd, "secret", 6);
        client_send(fd, STR("0\r\n\r\n"));
        expect_echo(fd, "secret", 6);
    }
    close(fd);
}

static void a_large_answer_reaches_a_peer_that_reads_late(void **state) {
    struct answer answer;
    int fd = client_connect(*state);
    client_send(fd, STR("GET /big HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n"));
    client_read(fd, false, &answer);
    assert_int_equal(answer.body_len, BIG_BODY);
    assert_int_equal(answer.body[BIG_BODY - 1], 'b');
    answer_free(&answer);
    expect_echo(fd, "hello", 5);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_requests_are_refused_and_the_connection_closed),
        cmocka_unit_test(ambiguous_paths_are_refused),
        cmocka_unit_test(statuses_are_as_the_protocol_says),
        cmocka_unit_test(every_answer_has_the_common_headers),
        cmocka_unit_test(head_and_options_have_no_body),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_request_may_arrive_byte_by_byte),
        cmocka_unit_test(bodies_of_all_sizes_arrive_whole),
        cmocka_unit_test(chunked_bodies_of_all_sizes_arrive_whole),
        cmocka_unit_test(a_late_head_in_a_full_block_still_gets_its_body),
        cmocka_unit_test(continue_is_sent_when_the_body_is_wanted),
        cmocka_unit_test(continue_is_not_sent_when_the_body_is_unwanted),
        cmocka_unit_test(a_short_unwanted_body_is_skipped_and_the_connection_kept),
        cmocka_unit_test(a_long_unwanted_body_ends_the_connection_after_the_answer),
        cmocka_unit_test(old_clients_get_what_they_expect),
        cmocka_unit_test(a_peer_that_has_finished_sending_is_still_answered),
        cmocka_unit_test(work_on_a_pool_keeps_the_order_of_answers),
        cmocka_unit_test(a_guard_that_waits_is_asked_on_the_loop_and_on_a_worker),
        cmocka_unit_test(the_observer_sees_every_answer_once),
        cmocka_unit_test(routes_that_wipe_work_like_others),
        cmocka_unit_test(a_large_answer_reaches_a_peer_that_reads_late),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
