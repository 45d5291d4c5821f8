/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/cookie.h"

static void pairs_are_cut_off_one_by_one(void **state) {
    str rest = STR("a=1; b = 2 ;c=\"3\";; junk; =4; d e=5; f=6\x01; g=; __Host-h=a=b");
    static const char *const expected[][2] = {
        {"a", "1"}, {"b", "2"}, {"c", "3"}, {"g", ""}, {"__Host-h", "a=b"}};
    str name;
    str value;
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_true(cookie_next(&rest, &name, &value));
        assert_str_is(name, str_c(expected[i][0]));
        assert_str_is(value, str_c(expected[i][1]));
    }
    assert_false(cookie_next(&rest, &name, &value));
}

static void a_cookie_is_found_in_any_header_but_not_ambiguously(void **state) {
    struct http_header headers[] = {
        {STR_INIT("cookie"), STR_INIT("a=1; b=2; b=2")},
        {STR_INIT("x"), STR_INIT("c=3")},
        {STR_INIT("cookie"), STR_INIT("d=4; a=9")},
    };
    struct http_request req = {.headers = headers, .header_count = ARRAY_LEN(headers)};
    str value;
    IGNORE(state);
    assert_ok(cookie_find(&req, STR("d"), &value));
    assert_str_is(value, STR("4"));
    assert_ok(cookie_find(&req, STR("b"), &value)); /* twice, but the same */
    assert_int_equal(cookie_find(&req, STR("a"), &value), ERR_EXISTS);
    assert_int_equal(cookie_find(&req, STR("c"), &value), ERR_NOT_FOUND);
    assert_int_equal(cookie_find(&req, STR("B"), &value), ERR_NOT_FOUND);
}

static void attributes_are_safe_by_default(void **state) {
    static const struct {
        struct cookie cookie;
        const char *text; /* NULL: refused */
    } rows[] = {
        {{.name = STR_INIT("a"), .value = STR_INIT("b")},
         "a=b; Path=/; Secure; HttpOnly; SameSite=Lax"},
        {{.name = STR_INIT("__Host-s"),
          .value = STR_INIT("v"),
          .same_site = COOKIE_STRICT,
          .max_age_s = 60},
         "__Host-s=v; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict"},
        {{.name = STR_INIT("a"),
          .value = STR_INIT("b"),
          .path = STR_INIT("/x"),
          .is_for_scripts = true,
          .is_for_plain = true},
         "a=b; Path=/x; SameSite=Lax"},
        {{.name = STR_INIT("a"), .value = STR_INIT("b"), .same_site = COOKIE_NONE},
         "a=b; Path=/; Secure; HttpOnly; SameSite=None"},
        {{.name = STR_INIT("a"), .value = STR_INIT("b"), .is_deleted = true},
         "a=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; "
         "SameSite=Lax"},
        {{.name = STR_INIT("a"), .value = STR_INIT("b"), .max_age_s = INT64_MAX},
         "a=b; Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax"},
        {{.name = STR_INIT("a"), .value = STR_INIT("b"), .max_age_s = -1}, NULL},
        {{.name = STR_INIT("__Host-s"), .value = STR_INIT("v"), .is_for_plain = true}, NULL},
        {{.name = STR_INIT("__host-s"), .value = STR_INIT("v"), .path = STR_INIT("/a")}, NULL},
        {{.name = STR_INIT("__Secure-s"), .value = STR_INIT("v"), .is_for_plain = true}, NULL},
        {{.name = STR_INIT("a"),
          .value = STR_INIT("b"),
          .same_site = COOKIE_NONE,
          .is_for_plain = true},
         NULL},
        {{.name = STR_INIT(""), .value = STR_INIT("b")}, NULL},
        {{.name = STR_INIT("a=b"), .value = STR_INIT("b")}, NULL},
        {{.name = STR_INIT("a"), .value = STR_INIT("b;c")}, NULL},
        {{.name = STR_INIT("a"), .value = STR_INIT("b c")}, NULL},
        {{.name = STR_INIT("a"), .value = STR_INIT("b\r\nc")}, NULL},
        {{.name = STR_INIT("a"), .value = STR_INIT("\xc3\xa9")}, NULL},
        {{.name = STR_INIT("a"), .value = STR_INIT("b"), .path = STR_INIT("/;c")}, NULL},
        {{.name = STR_INIT("a"), .value = STR_INIT("b"), .path = STR_INIT("x")}, NULL},
    };
    struct arena arena;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = {NULL, 0};
        err code = cookie_format(&arena, &rows[i].cookie, &text);
        assert_int_equal(code, rows[i].text == NULL ? ERR_MISUSE : ERR_OK);
        assert_str_is(text, str_c(rows[i].text));
    }
    arena_done(&arena);
}

static void setting_adds_a_header(void **state) {
    struct arena arena;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    struct http_request req = test_request(&arena, NULL);
    struct http_response resp = {0};
    struct cookie cookie = {.name = STR_INIT("a"), .value = STR_INIT("b")};
    for (size_t i = 0; i < HTTP_RESPONSE_HEADERS_MAX; i++) {
        assert_ok(cookie_set(&req, &resp, &cookie));
        assert_int_equal(resp.header_count, i + 1);
        assert_str_is(resp.headers[i].name, STR("Set-Cookie"));
    }
    assert_int_equal(cookie_set(&req, &resp, &cookie), ERR_LIMIT);
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_cut_off_one_by_one),
        cmocka_unit_test(a_cookie_is_found_in_any_header_but_not_ambiguously),
        cmocka_unit_test(attributes_are_safe_by_default),
        cmocka_unit_test(setting_adds_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
