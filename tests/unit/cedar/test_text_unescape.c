/* SPDX-License-Identifier: Apache-2.0 */
/* Corners 29 and 30 of the language map. */
#include "text_unit.h"

#include "cedar/text/unescape.h"

static const struct {
    const char *body;
    const char *value; /* NULL: bad, and `bad` is the offending piece */
    const char *bad;
} strings[] = {
    {"", "", NULL},
    {"plain", "plain", NULL},
    {"\\n\\r\\t\\\\\\'\\\"", "\n\r\t\\'\"", NULL},
    {"\\x41\\x7f", "A\x7f", NULL},
    {"\\u{41}\\u{000041}\\u{4_1}\\u{41_}", "AAAA", NULL},
    {"\\u{1_F600}", "\xF0\x9F\x98\x80", NULL},
    {"\\u{10FFFF}", "\xF4\x8F\xBF\xBF", NULL},
    {"\\u{1}}", "\x01}", NULL},
    {"raw\nnewline", "raw\nnewline", NULL},
    {"\xC3\xA9", "\xC3\xA9", NULL},
    {"\\/", NULL, "\\/"},
    {"\\a", NULL, "\\a"},
    {"\\*", NULL, "\\*"},
    {"\\\xC3\xA9", NULL, "\\\xC3\xA9"},
    {"\\x80", NULL, "\\x80"},
    {"\\x7", NULL, "\\x7"},
    {"\\xzz", NULL, "\\xz"},
    {"\\x", NULL, "\\x"},
    {"\\u0041", NULL, "\\u0"},
    {"\\u", NULL, "\\u"},
    {"\\u{", NULL, "\\u{"},
    {"\\u{}", NULL, "\\u{}"},
    {"\\u{_1}", NULL, "\\u{_"},
    {"\\u{zz}", NULL, "\\u{z"},
    {"\\u{1F600", NULL, "\\u{1F600"},
    {"\\u{d800}", NULL, "\\u{d800}"},
    {"\\u{110000}", NULL, "\\u{110000}"},
    {"\\u{0000041}", NULL, "\\u{0000041}"},
    {"\\u{FFFFFFFFFFFFFFFFFF}", NULL, "\\u{FFFFFFFFFFFFFFFFFF}"},
    {"a\rb", NULL, "\r"},
    {"\\\r", NULL, "\\\r"},
};

static void strings_decode_or_name_the_bad_piece(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
        struct text_unit unit;
        text_unit_init(&unit, STR(""));
        str value = {NULL, 0};
        err error = unescape_string(&unit.arena, str_c(strings[i].body), &value);
        assert_int_equal(error, strings[i].value == NULL ? ERR_SYNTAX : ERR_OK);
        if (strings[i].value != NULL) {
            assert_text(value, strings[i].value, strings[i].body);
        } else {
            size_t offset = 0;
            struct unescaped one = {0};
            while (unescape_next(str_c(strings[i].body), &offset, UNESCAPE_STRING, &one) &&
                   !one.is_bad) {
            }
            assert_text(one.source, strings[i].bad, strings[i].body);
        }
        text_unit_done(&unit);
    }
}

static void nul_is_a_character_like_any_other(void **state) {
    IGNORE(state);
    struct text_unit unit;
    text_unit_init(&unit, STR(""));
    str value;
    assert_int_equal(unescape_string(&unit.arena, STR("a\\0\0b"), &value), ERR_OK);
    assert_true(str_equal(value, STR("a\0\0b")));
    text_unit_done(&unit);
}

static const struct {
    const char *body;
    const char *shown;
} patterns[] = {
    {"", ""},           {"a*b", "a<*>b"},
    {"\\*", "*"},       {"\\u{2a}", "<*>"}, /* only the two characters \* stand for a star */
    {"\\x2a", "<*>"},   {"**", "<*><*>"},
    {"\\\\*", "\\<*>"}, {"?\\n\xC3\xA9", "?\n\xC3\xA9"},
};

static void patterns_tell_stars_from_wildcards(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct text_unit unit;
        text_unit_init(&unit, STR(""));
        struct ast_pattern pattern;
        assert_int_equal(unescape_pattern(&unit.arena, str_c(patterns[i].body), &pattern), ERR_OK);
        text_show_pattern(&unit.out, pattern);
        assert_text(buf_str(&unit.out), patterns[i].shown, patterns[i].body);
        text_unit_done(&unit);
    }
    struct arena arena;
    struct ast_pattern pattern;
    arena_init(&arena, allocator_libc(), 1 << 16);
    assert_int_equal(unescape_pattern(&arena, STR("a\\q"), &pattern), ERR_SYNTAX);
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_decode_or_name_the_bad_piece),
        cmocka_unit_test(nul_is_a_character_like_any_other),
        cmocka_unit_test(patterns_tell_stars_from_wildcards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
