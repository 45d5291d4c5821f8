/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/auth_header.h"

static void schemes_are_told_apart(void **state) {
    static const struct {
        const char *value; /* NULL: no header */
        err code;
        enum auth_scheme scheme;
        const char *credentials;
    } rows[] = {
        {NULL, ERR_OK, AUTH_SCHEME_NONE, NULL},
        {"Bearer abc.DEF-_~+/==", ERR_OK, AUTH_SCHEME_BEARER, "abc.DEF-_~+/=="},
        {"bEARER   abc", ERR_OK, AUTH_SCHEME_BEARER, "abc"},
        {"Basic YTpi", ERR_OK, AUTH_SCHEME_BASIC, "YTpi"},
        {"DPoP abc", ERR_OK, AUTH_SCHEME_DPOP, "abc"},
        {"Digest a=b, c=\"d\"", ERR_OK, AUTH_SCHEME_OTHER, "a=b, c=\"d\""},
        {"", ERR_SYNTAX, 0, NULL},
        {"Bearer", ERR_SYNTAX, 0, NULL},
        {"Bearer ", ERR_SYNTAX, 0, NULL},
        {"Bearer a b", ERR_SYNTAX, 0, NULL},
        {"Bearer a,b", ERR_SYNTAX, 0, NULL},
        {"Bearer =a", ERR_SYNTAX, 0, NULL},
        {"Bearer ===", ERR_SYNTAX, 0, NULL},
        {"Bearer \ta", ERR_SYNTAX, 0, NULL},
        {"Bearer \xc3\xa9", ERR_SYNTAX, 0, NULL},
    };
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_header header = {STR_INIT("authorization"), str_c(rows[i].value)};
        struct http_request req = test_request(NULL, rows[i].value == NULL ? NULL : &header);
        struct auth_header parsed = {0};
        assert_int_equal(auth_header_parse(&req, &parsed), rows[i].code);
        assert_int_equal(parsed.scheme, rows[i].scheme);
        assert_str_is(parsed.credentials, str_c(rows[i].credentials));
    }
}

static void a_repeated_header_is_refused(void **state) {
    struct http_header headers[] = {{STR_INIT("authorization"), STR_INIT("Bearer a")},
                                    {STR_INIT("authorization"), STR_INIT("Bearer a")}};
    struct http_request req = {.headers = headers, .header_count = 2};
    str token;
    IGNORE(state);
    assert_int_equal(auth_header_bearer(&req, &token), ERR_SYNTAX);
    req.header_count = 1;
    assert_ok(auth_header_bearer(&req, &token));
    assert_str_is(token, STR("a"));
    headers[0].value = STR("Basic YTpi");
    assert_int_equal(auth_header_bearer(&req, &token), ERR_MISSING);
    req.header_count = 0;
    assert_int_equal(auth_header_bearer(&req, &token), ERR_MISSING);
}

static void basic_pairs_are_taken_apart(void **state) {
    static const struct {
        const char *value;
        bool is_form_encoded;
        err code;
        const char *user;
        const char *password;
    } rows[] = {
        {"Basic dXNlcjpwYXNz", false, ERR_OK, "user", "pass"},
        {"Basic dXNlcjpwYTpzcw==", false, ERR_OK, "user", "pa:ss"},
        {"Basic Og==", false, ERR_OK, "", ""},
        {"Basic YSUyMGI6YysrZA==", false, ERR_OK, "a%20b", "c++d"},
        {"Basic YSUyMGI6YysrZA==", true, ERR_OK, "a b", "c  d"},
        {"Basic w6k6w6k=", false, ERR_OK, "\xc3\xa9", "\xc3\xa9"},
        {"Basic dXNlcg==", false, ERR_SYNTAX, NULL, NULL},    /* no colon */
        {"Basic dXNlcjpwYXN", false, ERR_SYNTAX, NULL, NULL}, /* no padding */
        {"Basic YQE6Yg==", false, ERR_SYNTAX, NULL, NULL},    /* control byte */
        {"Basic /zpi", false, ERR_SYNTAX, NULL, NULL},        /* not UTF-8 */
        {"Basic YTolMDA=", true, ERR_SYNTAX, NULL, NULL},     /* a:%00 */
        {"Basic YTolMGE=", true, ERR_SYNTAX, NULL, NULL},     /* a:%0a */
        {"Basic YTol", true, ERR_SYNTAX, NULL, NULL},         /* a:% */
        {"Bearer YTpi", false, ERR_MISSING, NULL, NULL},
    };
    struct arena arena;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_header header = {STR_INIT("authorization"), str_c(rows[i].value)};
        struct http_request req = test_request(&arena, &header);
        struct basic_credentials pair = {0};
        assert_int_equal(auth_header_basic(&req, rows[i].is_form_encoded, &pair), rows[i].code);
        assert_str_is(pair.user, str_c(rows[i].user));
        assert_str_is(pair.password, str_c(rows[i].password));
    }
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes_are_told_apart),
        cmocka_unit_test(a_repeated_header_is_refused),
        cmocka_unit_test(basic_pairs_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
