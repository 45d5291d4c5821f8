/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/pages/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int setup(void **state) {
    struct arena *a = calloc(1, sizeof *a);
    arena_init(a, allocator_libc(), 1 << 20);
    *state = a;
    return 0;
}

static int teardown(void **state) {
    arena_done(*state);
    free(*state);
    return 0;
}

static bool has(str html, const char *text) {
    return str_find(html, str_c(text)) != SIZE_MAX;
}

static str sign_in(struct arena *a, const char *hostile, const char *error) {
    str html;
    const struct sign_in_page page = {
        .base = STR("/auth"),
        .action = STR("/oauth/authorize/sign-in"),
        .client_name = str_c(hostile),
        .request = str_c(hostile),
        .csrf = str_c(hostile),
        .email = str_c(hostile),
        .error = str_c(error),
        .reference = STR("ref-1"),
    };
    assert_int_equal(page_sign_in(a, &page, &html), ERR_OK);
    return html;
}

/* Attack class 20. */
static void outside_text_cannot_become_markup(void **state) {
    static const char hostile[] = "\"'><script>alert(1)</script>&lt;\x01\xff\xc2\x9b";
    str html = sign_in(*state, hostile, hostile);
    assert_false(has(html, "<script"));
    assert_false(has(html, "\x01"));
    assert_true(has(html, "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;"));
    assert_true(has(html, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
    str meanings[] = {str_c(hostile)};
    const struct consent_page consent = {.action = str_c(hostile),
                                         .client_name = str_c(hostile),
                                         .user_email = str_c(hostile),
                                         .meanings = meanings,
                                         .meaning_count = 1,
                                         .request = str_c(hostile),
                                         .csrf = str_c(hostile)};
    assert_int_equal(page_consent(*state, &consent, &html), ERR_OK);
    assert_false(has(html, "<script"));
    assert_int_equal(
        page_message(*state, str_c(hostile), str_c(hostile), str_c(hostile), str_c(hostile), &html),
        ERR_OK);
    assert_false(has(html, "<script"));
}

static void no_page_needs_or_allows_a_script_or_inline_style(void **state) {
    str html = sign_in(*state, "Demo", NULL);
    assert_false(has(html, "<script") || has(html, " style=") || has(html, "<style"));
    assert_true(has(html, "<form method=\"post\" action=\"/auth/oauth/authorize/sign-in\">"));
    assert_false(has(html, " onclick") || has(html, "javascript:"));
    assert_true(has(html, "<link rel=\"stylesheet\" href=\"/auth/static/app.css\">"));
}

/* WCAG 2.2: §1.3.1, §2.4.2, §3.1.1, §3.3.1, §3.3.2, §1.3.5. */
static void the_form_can_be_used_without_seeing_it(void **state) {
    str html = sign_in(*state, "Demo", "The e-mail address or the password is wrong.");
    static const char *const needed[] = {
        "<html lang=\"en\">",
        "<title>Error: Sign in",
        "<label for=\"email\">",
        "<label for=\"password\">",
        "autocomplete=\"username\"",
        "autocomplete=\"current-password\"",
        "role=\"alert\"",
        "aria-describedby=\"error\"",
        "aria-invalid=\"true\"",
        "<a href=\"#email\">",
        "name=\"viewport\"",
        "<main>",
    };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        if (!has(html, needed[i])) {
            fail_msg("missing: %s", needed[i]);
        }
    }
    html = sign_in(*state, "Demo", NULL);
    assert_false(has(html, "role=\"alert\"") || has(html, "aria-invalid"));
}

static void the_password_is_never_shown_again(void **state) {
    str html = sign_in(*state, "alice@example.com", "wrong");
    assert_true(has(html, "value=\"alice@example.com\""));
    size_t password = str_find(html, STR("id=\"password\""));
    str rest = str_slice(html, password, html.len);
    assert_true(str_find(str_slice(rest, 0, str_find_byte(rest, '>')), STR("value=")) == SIZE_MAX);
}

static void a_page_too_long_is_an_error_and_not_a_cut_page(void **state) {
    str html;
    char *text = malloc(PAGE_MAX);
    memset(text, 'x', PAGE_MAX);
    assert_int_equal(
        page_message(*state, STR(""), STR("t"), str_make(text, PAGE_MAX), STR(""), &html),
        ERR_LIMIT);
    free(text);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(outside_text_cannot_become_markup),
        TEST(no_page_needs_or_allows_a_script_or_inline_style),
        TEST(the_form_can_be_used_without_seeing_it),
        TEST(the_password_is_never_shown_again),
        TEST(a_page_too_long_is_an_error_and_not_a_cut_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
