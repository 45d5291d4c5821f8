/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>

#include "malformed.h"
#include "server/http/http1.h"

enum { HEADERS_MAX = 16 };

static const struct http1_limits limits = {
    .head_max = 2048, .target_max = 512, .headers_max = HEADERS_MAX};

struct parsed {
    char *bytes; /* exactly as long as what was parsed, so that tools see reads behind it */
    struct http_header headers[HEADERS_MAX];
    struct http1_head head;
    struct http1_error error;
    enum http1_result result;
};

static void parse(struct parsed *p, str text) {
    p->bytes = malloc(text.len + (text.len == 0));
    assert_non_null(p->bytes);
    memcpy(p->bytes, text.ptr, text.len);
    p->error = (struct http1_error){0};
    p->result = http1_head_parse(p->bytes, text.len, &limits, p->headers, &p->head, &p->error);
}

static enum http1_result result_of(str text, int *ret_status) {
    struct parsed p;
    parse(&p, text);
    free(p.bytes);
    *ret_status = p.result == HTTP1_ERROR ? problem_status(p.error.kind) : 0;
    return p.result;
}

static void malformed_heads_are_refused(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(malformed_heads); i++) {
        const struct malformed *row = &malformed_heads[i];
        int status;
        if (result_of(row->bytes, &status) != HTTP1_ERROR || status != row->status) {
            fail_msg("%s: status %d, expected %d", row->name, status, row->status);
        }
    }
}

static void parts_of_malformed_heads_are_refused_or_incomplete(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(malformed_heads); i++) {
        const struct malformed *row = &malformed_heads[i];
        for (size_t len = 0; len < row->bytes.len; len++) {
            int status;
            enum http1_result result = result_of(str_slice(row->bytes, 0, len), &status);
            if (result == HTTP1_OK || (result == HTTP1_ERROR && status != row->status)) {
                fail_msg("%s: %zu bytes give %d, status %d", row->name, len, result, status);
            }
        }
    }
}

static void a_request_is_taken_apart(void **state) {
    IGNORE(state);
    str text = STR("POST /a/b?c=d%20e&f HTTP/1.1\r\nHOST: example.com:8080\r\n"
                   "Content-Length: 0012\r\nX-Request-Id:  abc\t \r\n"
                   "Empty:\r\nUtf: \xc3\xa9\r\n\r\nbody");
    struct parsed p;
    parse(&p, text);
    assert_int_equal(p.result, HTTP1_OK);
    assert_int_equal(p.head.length, text.len - 4);
    assert_int_equal(p.head.method, HTTP_POST);
    assert_str_is(p.head.target, STR("/a/b?c=d%20e&f"));
    assert_str_is(p.head.path, STR("/a/b"));
    assert_str_is(p.head.query, STR("c=d%20e&f"));
    assert_str_is(p.head.host, STR("example.com:8080"));
    assert_int_equal(p.head.body, HTTP1_BODY_LENGTH);
    assert_int_equal(p.head.content_length, 12);
    assert_str_is(p.head.request_id, STR("abc"));
    assert_int_equal(p.head.header_count, 5);
    assert_str_is(p.head.headers[0].name, STR("host"));
    assert_str_is(p.head.headers[2].name, STR("x-request-id"));
    assert_str_is(p.head.headers[3].value, STR(""));
    assert_str_is(p.head.headers[4].value, STR("\xc3\xa9"));
    assert_true(p.head.is_kept_alive);
    assert_false(p.head.is_http10);
    free(p.bytes);
}

static void every_part_of_a_request_is_incomplete(void **state) {
    IGNORE(state);
    str text = STR("\r\nPOST http://a.example/b?c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                   "Chunked\r\nExpect: 100-Continue\r\n\r\n");
    for (size_t len = 0; len < text.len; len++) {
        int status;
        assert_int_equal(result_of(str_slice(text, 0, len), &status), HTTP1_MORE);
    }
    struct parsed p;
    parse(&p, text);
    assert_int_equal(p.result, HTTP1_OK);
    assert_int_equal(p.head.body, HTTP1_BODY_CHUNKED);
    assert_true(p.head.expects_continue);
    free(p.bytes);
}

static void methods_are_recognised(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        enum http_method method;
    } rows[] = {
        {"GET", HTTP_GET},    {"HEAD", HTTP_HEAD},       {"POST", HTTP_POST},
        {"PUT", HTTP_PUT},    {"PATCH", HTTP_PATCH},     {"DELETE", HTTP_DELETE},
        {"get", HTTP_OTHER},  {"OPTIONS", HTTP_OPTIONS}, {"TRACE", HTTP_OTHER},
        {"GETT", HTTP_OTHER}, {"M-SEARCH", HTTP_OTHER},  {"!#$%&'*+-.^_`|~", HTTP_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[128];
        int len = snprintf(text, sizeof text, "%s / HTTP/1.1\r\nHost: a\r\n\r\n", rows[i].text);
        struct parsed p;
        parse(&p, str_make(text, (size_t)len));
        assert_int_equal(p.result, HTTP1_OK);
        assert_int_equal(p.head.method, rows[i].method);
        free(p.bytes);
    }
}

static void the_authority_of_an_absolute_target_replaces_host(void **state) {
    IGNORE(state);
    struct parsed p;
    parse(&p, STR("GET HTTP://b.example:81?x HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(p.result, HTTP1_OK);
    assert_str_is(p.head.host, STR("b.example:81"));
    assert_str_is(p.head.headers[0].value, STR("b.example:81"));
    assert_str_is(p.head.path, STR("/"));
    assert_str_is(p.head.query, STR("x"));
    free(p.bytes);
}

static void asterisk_belongs_to_options(void **state) {
    IGNORE(state);
    struct parsed p;
    parse(&p, STR("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(p.result, HTTP1_OK);
    assert_true(str_is_absent(p.head.path));
    free(p.bytes);
}

static void hosts_in_every_form_are_accepted(void **state) {
    IGNORE(state);
    static const char *const hosts[] = {"a",
                                        "a.b.example.",
                                        "a:80",
                                        "127.0.0.1:8080",
                                        "[::1]",
                                        "[::1]:8080",
                                        "a_b",
                                        "a:",
                                        "localhost",
                                        "xn--bcher-kva.example",
                                        "[::ffff:1.2.3.4]"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        char text[128];
        int len = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        int status;
        if (result_of(str_make(text, (size_t)len), &status) != HTTP1_OK) {
            fail_msg("%s is refused", hosts[i]);
        }
    }
}

static void connections_persist_as_the_version_and_the_peer_say(void **state) {
    IGNORE(state);
    static const struct {
        const char *version;
        const char *header;
        bool is_kept_alive;
    } rows[] = {
        {"1.1", "", true},
        {"1.1", "Connection: close\r\n", false},
        {"1.1", "Connection: Keep-Alive\r\n", true},
        {"1.1", "Connection: upgrade, CLOSE\r\n", false},
        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        {"1.1", "Connection: closed\r\n", true},
        {"1.0", "", false},
        {"1.0", "Connection: keep-alive\r\n", true},
        {"1.0", "Connection: keep-alive, close\r\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        int len = snprintf(text, sizeof text, "GET / HTTP/%s\r\nHost: a\r\n%s\r\n", rows[i].version,
                           rows[i].header);
        struct parsed p;
        parse(&p, str_make(text, (size_t)len));
        assert_int_equal(p.result, HTTP1_OK);
        assert_int_equal(p.head.is_kept_alive, rows[i].is_kept_alive);
        free(p.bytes);
    }
}

static void expectations_are_known_or_not(void **state) {
    IGNORE(state);
    static const struct {
        const char *head;
        bool expects_continue;
        bool has_other;
    } rows[] = {
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", true, false},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", false, true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x\r\n\r\n", false, true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect:\r\n\r\n", false, true},
        {"POST / HTTP/1.0\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed p;
        parse(&p, str_c(rows[i].head));
        assert_int_equal(p.result, HTTP1_OK);
        assert_int_equal(p.head.expects_continue, rows[i].expects_continue);
        assert_int_equal(p.head.has_other_expectation, rows[i].has_other);
        free(p.bytes);
    }
}

static void a_request_id_sent_twice_is_nobodys(void **state) {
    IGNORE(state);
    struct parsed p;
    parse(&p, STR("GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: a\r\nX-Request-ID: b\r\n\r\n"));
    assert_int_equal(p.result, HTTP1_OK);
    assert_true(str_is_absent(p.head.request_id));
    free(p.bytes);
}

static void fill(char *text, size_t *len, const char *part, size_t times) {
    for (size_t i = 0; i < times; i++) {
        size_t part_len = strlen(part);
        memcpy(text + *len, part, part_len);
        *len += part_len;
    }
}

static void limits_are_exact(void **state) {
    IGNORE(state);
    static char text[8192];
    int status;
    size_t len = 0;
    fill(text, &len, "GET /", 1);
    fill(text, &len, "a", limits.target_max - 1);
    fill(text, &len, " HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    assert_int_equal(result_of(str_make(text, len), &status), HTTP1_OK);
    len = 0;
    fill(text, &len, "GET /", 1);
    fill(text, &len, "a", limits.target_max);
    assert_int_equal(result_of(str_make(text, len), &status), HTTP1_ERROR);
    assert_int_equal(status, 414);

    len = 0;
    fill(text, &len, "GET / HTTP/1.1\r\nHost: a\r\n", 1);
    fill(text, &len, "A: b\r\n", HEADERS_MAX - 1);
    fill(text, &len, "\r\n", 1);
    assert_int_equal(result_of(str_make(text, len), &status), HTTP1_OK);
    len -= 2;
    fill(text, &len, "A", 1);
    assert_int_equal(result_of(str_make(text, len), &status), HTTP1_ERROR);
    assert_int_equal(status, 431);

    len = 0;
    fill(text, &len, "GET / HTTP/1.1\r\nHost: a\r\nA: ", 1);
    fill(text, &len, "b", limits.head_max - len - 4);
    fill(text, &len, "\r\n\r\n", 1);
    assert_int_equal(len, limits.head_max);
    assert_int_equal(result_of(str_make(text, len), &status), HTTP1_OK);
    len -= 4;
    fill(text, &len, "b\r\n\r\n", 1);
    assert_int_equal(result_of(str_make(text, len), &status), HTTP1_ERROR);
    assert_int_equal(status, 431);
}

/* Feeds the body in pieces of `step` bytes; returns the result and what the body was. */
static enum http1_result feed(str text, size_t step, char *ret_body, size_t *ret_len,
                              size_t *ret_used) {
    struct http1_chunked chunked = {0};
    size_t start = 0;
    size_t end = 0;
    *ret_len = 0;
    while (true) {
        struct http1_error error;
        str data;
        size_t used;
        str input = str_slice(text, start, end);
        char *copy = malloc(input.len + 1);
        assert_non_null(copy);
        memcpy(copy, input.ptr, input.len);
        enum http1_result result =
            http1_chunked_next(&chunked, str_make(copy, input.len), &used, &data, &error);
        memcpy(ret_body + *ret_len, data.ptr, data.len);
        *ret_len += data.len;
        free(copy);
        start += used;
        *ret_used = start;
        if (result != HTTP1_MORE) {
            return result;
        }
        if (used == 0) {
            if (end == text.len) {
                return HTTP1_MORE;
            }
            end = end + step < text.len ? end + step : text.len;
        }
    }
}

static void chunks_are_joined_however_they_arrive(void **state) {
    IGNORE(state);
    str text = STR("5;a;b=c;d=\"e\\\"f;g\"\r\nhello\r\n00A\r\n, world\r\n!\r\n0\r\nT: x\r\nU:\r\n"
                   "\r\nGET");
    for (size_t step = 1; step <= text.len; step++) {
        char body[64];
        size_t len;
        size_t used;
        assert_int_equal(feed(text, step, body, &len, &used), HTTP1_OK);
        assert_str_is(str_make(body, len), STR("hello, world\r\n!"));
        assert_str_is(str_slice(text, used, text.len), STR("GET"));
    }
}

static void malformed_chunks_are_refused(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(malformed_bodies); i++) {
        const struct malformed *row = &malformed_bodies[i];
        struct parsed p;
        parse(&p, row->bytes);
        assert_int_equal(p.result, HTTP1_OK);
        assert_int_equal(p.head.body, HTTP1_BODY_CHUNKED);
        str text = str_slice(row->bytes, p.head.length, row->bytes.len);
        for (size_t step = 1; step <= text.len; step++) {
            char body[64];
            size_t len;
            size_t used;
            if (feed(text, step, body, &len, &used) != HTTP1_ERROR) {
                fail_msg("%s: accepted in pieces of %zu", row->name, step);
            }
        }
        free(p.bytes);
    }
}

static void long_lines_extensions_and_trailers_are_refused(void **state) {
    IGNORE(state);
    static char text[65536];
    static char body[65536];
    size_t len = 0;
    size_t body_len;
    size_t used;
    fill(text, &len, "1;", 1);
    fill(text, &len, "a", HTTP1_CHUNK_LINE_MAX);
    assert_int_equal(feed(str_make(text, len), len, body, &body_len, &used), HTTP1_ERROR);

    len = 0;
    fill(text, &len, "1;aaaaaaaaaaaaaaa\r\nx\r\n", HTTP1_EXTENSIONS_MAX / 16);
    assert_int_equal(feed(str_make(text, len), len, body, &body_len, &used), HTTP1_MORE);
    fill(text, &len, "1;a\r\nx\r\n", 1);
    assert_int_equal(feed(str_make(text, len), len, body, &body_len, &used), HTTP1_ERROR);

    len = 0;
    fill(text, &len, "0\r\n", 1);
    fill(text, &len, "a: bcd\r\n", HTTP1_TRAILERS_MAX / 8);
    assert_int_equal(feed(str_make(text, len), len, body, &body_len, &used), HTTP1_MORE);
    fill(text, &len, "a: bcd\r\n", 1);
    assert_int_equal(feed(str_make(text, len), len, body, &body_len, &used), HTTP1_ERROR);

    len = 0;
    fill(text, &len, "0\r\na: ", 1);
    fill(text, &len, "b", HTTP1_TRAILER_LINE_MAX);
    assert_int_equal(feed(str_make(text, len), len, body, &body_len, &used), HTTP1_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_heads_are_refused),
        cmocka_unit_test(parts_of_malformed_heads_are_refused_or_incomplete),
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(every_part_of_a_request_is_incomplete),
        cmocka_unit_test(methods_are_recognised),
        cmocka_unit_test(the_authority_of_an_absolute_target_replaces_host),
        cmocka_unit_test(asterisk_belongs_to_options),
        cmocka_unit_test(hosts_in_every_form_are_accepted),
        cmocka_unit_test(connections_persist_as_the_version_and_the_peer_say),
        cmocka_unit_test(expectations_are_known_or_not),
        cmocka_unit_test(a_request_id_sent_twice_is_nobodys),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(chunks_are_joined_however_they_arrive),
        cmocka_unit_test(malformed_chunks_are_refused),
        cmocka_unit_test(long_lines_extensions_and_trailers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
