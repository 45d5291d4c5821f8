/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/redirect_uri.h"

#include "tests/unit/auth/flow/fixture.h"

/* Attack classes 1 to 3. */
static const struct {
    const char *registered;
    const char *presented;
    bool matches;
} pairs[] = {
    {"https://app.example.com/cb", "https://app.example.com/cb", true},
    {"https://app.example.com/cb?a=1", "https://app.example.com/cb?a=1", true},
    {"com.example.app:/cb", "com.example.app:/cb", true},
    /* RFC 8252 §7.3: the port of a loopback address, and nothing else */
    {"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true},
    {"http://127.0.0.1:8000/cb", "http://127.0.0.1:49152/cb", true},
    {"http://[::1]/cb", "http://[::1]:49152/cb", true},
    {"http://127.0.0.1/cb", "http://[::1]:49152/cb", false},
    {"http://127.0.0.1/cb", "http://localhost:49152/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb2", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x=1", false},
    {"http://127.0.0.1/cb", "https://127.0.0.1:49152/cb", false},
    {"http://localhost/cb", "http://localhost:49152/cb", false},
    {"http://localhost:3000/cb", "http://localhost:3000/cb", true},
    {"https://app.example.com/cb", "https://app.example.com:8443/cb", false},
    /* prefixes, suffixes, case, encodings */
    {"https://app.example.com/cb", "https://app.example.com/cb/", false},
    {"https://app.example.com/cb", "https://app.example.com/cb?x", false},
    {"https://app.example.com/cb", "https://app.example.com/c", false},
    {"https://app.example.com/cb", "https://app.example.com/CB", false},
    {"https://app.example.com/cb", "HTTPS://app.example.com/cb", false},
    {"https://app.example.com/cb", "https://APP.example.com/cb", false},
    {"https://app.example.com/cb", "https://app.example.com/%63b", false},
    {"https://app.example.com/cb", "https://app.example.com.evil.example/cb", false},
    {"https://app.example.com/cb", "https://app.example.com@evil.example/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:80:81/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", false},
    {"http://127.0.0.1/cb", "http://127.0.0.1:49152\\@evil.example/cb", false},
    {"https://app.example.com/cb", "https://app.example.com/cb#", false},
};

static void matching_is_exact_but_for_the_loopback_port(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        if (redirect_uri_matches(str_c(pairs[i].registered), str_c(pairs[i].presented)) !=
            pairs[i].matches) {
            fail_msg("%s and %s", pairs[i].registered, pairs[i].presented);
        }
    }
}

static void what_can_be_read_in_two_ways_is_refused(void **state) {
    (void)state;
    static const str bad[] = {
        STR_INIT(""),
        STR_INIT("/cb"),
        STR_INIT("//app.example.com/cb"),
        STR_INIT("https:app.example.com/cb"),
        STR_INIT("https:///cb"),
        STR_INIT("https://user@app.example.com/cb"),
        STR_INIT("https://app.example.com/cb#fragment"),
        STR_INIT("https://app.example.com\\cb"),
        STR_INIT("https://app.example.com/c b"),
        STR_INIT("https://app.example.com/c\nb"),
        STR_INIT("https://app.example.com/c\0b"),
        STR_INIT("https://app.example.com/%zz"),
        STR_INIT("https://app.example.com/%2"),
        STR_INIT("https://app.example.com/\xc3\xa9"),
        STR_INIT("https://app.example.com/\"><script>"),
        STR_INIT("https://[::1/cb"),
        STR_INIT("https://app.example.com;x/cb"),
        STR_INIT("com.example.app://host/cb"),
        STR_INIT("com.example.app:cb"),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct redirect_uri uri;
        assert_int_equal(redirect_uri_parse(bad[i], &uri), ERR_SYNTAX);
        assert_false(redirect_uri_matches(bad[i], bad[i]));
    }
}

static void schemes_are_an_allow_list(void **state) {
    (void)state;
    static const char *const bad[] = {
        "javascript:alert(1)", "data:text/html,x",          "file:///etc/passwd",
        "ftp://example.com/",  "http://app.example.com/cb", "http://10.0.0.1/cb",
        "myapp:/cb",           "http://127.0.0.2/cb",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct redirect_uri uri;
        assert_int_equal(redirect_uri_parse(str_c(bad[i]), &uri), ERR_DENIED);
    }
}

static void the_origin_is_what_a_csp_needs(void **state) {
    (void)state;
    struct redirect_uri uri;
    OK(redirect_uri_parse(STR("http://127.0.0.1:49152/cb?x=1"), &uri));
    assert_str(uri.origin, STR("http://127.0.0.1:49152"));
    assert_true(uri.is_loopback);
    OK(redirect_uri_parse(STR("https://app.example.com?x=1"), &uri));
    assert_str(uri.origin, STR("https://app.example.com"));
    OK(redirect_uri_parse(STR("com.example.app:/cb"), &uri));
    assert_str(uri.origin, STR("com.example.app:"));
    OK(redirect_uri_parse(STR("http://[::1]:49152/cb"), &uri));
    assert_str(uri.origin, STR("http:")); /* browsers ignore an IPv6 address there */
    assert_true(uri.is_loopback);
}

static void length_is_bounded(void **state) {
    (void)state;
    char text[REDIRECT_URI_MAX + 1];
    struct redirect_uri uri;
    memset(text, 'a', sizeof text);
    memcpy(text, "https://a/", 10);
    OK(redirect_uri_parse(str_make(text, REDIRECT_URI_MAX), &uri));
    assert_int_equal(redirect_uri_parse(str_make(text, REDIRECT_URI_MAX + 1), &uri), ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matching_is_exact_but_for_the_loopback_port),
        cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
        cmocka_unit_test(schemes_are_an_allow_list),
        cmocka_unit_test(the_origin_is_what_a_csp_needs),
        cmocka_unit_test(length_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
