/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/http1_response.h"
#include "server/http/problem.h"

static void dates_are_imf_fixdate(void **state) {
    static const struct {
        int64_t unix_s;
        const char *text;
    } rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951827696, "Tue, 29 Feb 2000 12:34:56 GMT"},
        {1709251199, "Thu, 29 Feb 2024 23:59:59 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {-5, "Thu, 01 Jan 1970 00:00:00 GMT"},
    };
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[HTTP_DATE_LEN + 1];
        http_date_format(rows[i].unix_s, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void heads_are_written(void **state) {
    struct http_request req = {.method = HTTP_GET, .request_id = STR_INIT("id")};
    struct http_response resp = {0};
    struct http1_response_context context = {.date = STR_INIT("DATE")};
    struct buf out;
    IGNORE(state);
    buf_init(&out, allocator_libc(), 4096);
    http_response_json(&resp, 200, STR("{}"));
    http1_response_head(&out, &req, &resp, &context);
    assert_str_is(buf_str(&out),
                  STR("HTTP/1.1 200 OK\r\nDate: DATE\r\nX-Content-Type-Options: nosniff\r\n"
                      "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
                      "X-Request-ID: id\r\nContent-Length: 2\r\n"
                      "Content-Type: application/json\r\n\r\n"));
    assert_true(http1_response_has_body(&req, &resp));
    req.method = HTTP_HEAD;
    assert_false(http1_response_has_body(&req, &resp));

    buf_clear(&out);
    resp = (struct http_response){0};
    http_response_redirect(&resp, 303, STR("/next"));
    http_response_header(&resp, STR("cache-control"), STR("private"));
    context.is_closing = true;
    http1_response_head(&out, &req, &resp, &context);
    assert_str_is(buf_str(&out),
                  STR("HTTP/1.1 303 See Other\r\nDate: DATE\r\n"
                      "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
                      "X-Request-ID: id\r\nContent-Length: 0\r\nLocation: /next\r\n"
                      "cache-control: private\r\nConnection: close\r\n\r\n"));

    buf_clear(&out);
    resp = (struct http_response){.status = 304};
    context = (struct http1_response_context){.date = STR_INIT("DATE"), .is_http10 = true};
    http1_response_head(&out, &req, &resp, &context);
    assert_int_equal(str_find(buf_str(&out), STR("Content-Length")), SIZE_MAX);
    assert_true(str_has_suffix(buf_str(&out), STR("Connection: keep-alive\r\n\r\n")));
    buf_done(&out);
}

static void every_problem_is_a_document(void **state) {
    struct arena arena;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
#define X(kind, type, status_, title)                                                        \
    {                                                                                        \
        struct http_request req = test_request(&arena, NULL);                                \
        struct http_response resp = {0};                                                     \
        const struct json *json;                                                             \
        problem_response(&req, &resp, kind, STR("a \"detail\""));                            \
        assert_int_equal(resp.status, status_);                                              \
        assert_int_equal(problem_status(kind), status_);                                     \
        assert_ok(json_parse(&arena, resp.body, &json_limits_default, &json, NULL));         \
        assert_str_is(json_get(json, STR("type"))->text, STR("urn:ironwood:problem:" type)); \
        assert_str_is(json_get(json, STR("detail"))->text, STR("a \"detail\""));             \
        assert_str_is(json_get(json, STR("request_id"))->text, STR("test-request"));         \
        assert_str_is(resp.headers[0].value, STR("application/problem+json"));               \
        assert_true(http_status_reason(status_)[0] != '\0');                                 \
    }
    PROBLEM_TABLE(X)
#undef X
    arena_done(&arena);
}

static void headers_set_before_are_kept(void **state) {
    struct arena arena;
    struct http_response resp = {0};
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    struct http_request req = test_request(&arena, NULL);
    http_response_header(&resp, STR("WWW-Authenticate"), STR("DPoP"));
    problem_response(&req, &resp, PROBLEM_UNAUTHENTICATED, (str){NULL, 0});
    assert_int_equal(resp.header_count, 2);
    assert_str_is(resp.headers[0].value, STR("DPoP"));
    resp = (struct http_response){0};
    problem_response(&req, &resp, PROBLEM_UNAVAILABLE, (str){NULL, 0});
    assert_str_is(resp.headers[1].name, STR("Retry-After"));
    arena_done(&arena);
}

static void a_problem_needs_no_memory(void **state) {
    struct arena arena;
    struct http_response resp = {0};
    IGNORE(state);
    arena_init(&arena, allocator_libc(), 1);
    struct http_request req = test_request(&arena, NULL);
    problem_format(&req, &resp, PROBLEM_OVERLOADED, "%s", "a detail");
    assert_int_equal(resp.status, 503);
    assert_true(resp.body.len > 0);
    arena_done(&arena);
}

static void errors_of_lower_layers_say_nothing_about_them(void **state) {
    struct arena arena;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    static const struct {
        err code;
        int status;
    } rows[] = {{ERR_NOT_FOUND, 404}, {ERR_EXISTS, 409}, {ERR_DENIED, 403},  {ERR_BUSY, 503},
                {ERR_SYNTAX, 400},    {ERR_IO, 500},     {ERR_CORRUPT, 500}, {ERR_OK, 500}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_request req = test_request(&arena, NULL);
        struct http_response resp = {0};
        problem_from_err(&req, &resp, rows[i].code);
        assert_int_equal(resp.status, rows[i].status);
        assert_int_equal(str_find(resp.body, STR("detail")), SIZE_MAX);
    }
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_imf_fixdate),
        cmocka_unit_test(heads_are_written),
        cmocka_unit_test(every_problem_is_a_document),
        cmocka_unit_test(headers_set_before_are_kept),
        cmocka_unit_test(a_problem_needs_no_memory),
        cmocka_unit_test(errors_of_lower_layers_say_nothing_about_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
