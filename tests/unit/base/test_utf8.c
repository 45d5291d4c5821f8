/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/utf8.h"

static void every_scalar_value_survives(void **state) {
    IGNORE(state);
    for (uint32_t scalar = 0; scalar <= 0x110000; scalar++) {
        char bytes[UTF8_MAX_BYTES];
        bool is_scalar = scalar <= 0x10FFFF && (scalar < 0xD800 || scalar > 0xDFFF);
        size_t len = utf8_encode(scalar, bytes);
        if (!is_scalar) {
            assert_int_equal(len, 0);
            continue;
        }
        size_t at = 0;
        uint32_t decoded = 0;
        if (!utf8_next(str_make(bytes, len), &at, &decoded) || decoded != scalar || at != len) {
            fail_msg("U+%04X does not survive", scalar);
        }
    }
}

static void lengths_change_at_the_boundaries(void **state) {
    IGNORE(state);
    static const struct {
        uint32_t scalar;
        str bytes;
    } rows[] = {
        {0x00, STR_INIT("\0")},
        {0x7F, STR_INIT("\x7F")},
        {0x80, STR_INIT("\xC2\x80")},
        {0x7FF, STR_INIT("\xDF\xBF")},
        {0x800, STR_INIT("\xE0\xA0\x80")},
        {0xD7FF, STR_INIT("\xED\x9F\xBF")},
        {0xE000, STR_INIT("\xEE\x80\x80")},
        {0xFFFF, STR_INIT("\xEF\xBF\xBF")},
        {0x10000, STR_INIT("\xF0\x90\x80\x80")},
        {0x10FFFF, STR_INIT("\xF4\x8F\xBF\xBF")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char bytes[UTF8_MAX_BYTES];
        size_t len = utf8_encode(rows[i].scalar, bytes);
        assert_str_is(str_make(bytes, len), rows[i].bytes);
        assert_true(utf8_is_valid(rows[i].bytes, NULL));
    }
}

static void ill_formed_bytes_are_refused_where_they_begin(void **state) {
    IGNORE(state);
    static const struct {
        str bytes;
        size_t bad;
    } rows[] = {
        {STR_INIT("\x80"), 0}, /* continuation without a start */
        {STR_INIT("ab\xBF"), 2},
        {STR_INIT("\xC0\x80"), 0},         /* overlong NUL */
        {STR_INIT("\xC1\xBF"), 0},         /* overlong */
        {STR_INIT("a\xE0\x9F\xBF"), 1},    /* overlong */
        {STR_INIT("\xF0\x8F\xBF\xBF"), 0}, /* overlong */
        {STR_INIT("\xED\xA0\x80"), 0},     /* U+D800 */
        {STR_INIT("\xED\xBF\xBF"), 0},     /* U+DFFF */
        {STR_INIT("\xF4\x90\x80\x80"), 0}, /* U+110000 */
        {STR_INIT("\xF5\x80\x80\x80"), 0},
        {STR_INIT("\xFE"), 0},
        {STR_INIT("\xFF"), 0},
        {STR_INIT("\xC3"), 0}, /* cut short */
        {STR_INIT("\xC3\xA9\xE2\x82"), 2},
        {STR_INIT("\xF0\x9F\x98"), 0},
        {STR_INIT("\xC3("), 0}, /* second byte wrong */
        {STR_INIT("\xE2\x82("), 0},
        {STR_INIT("\xF0\x9F\x98("), 0},
        {STR_INIT("\xE2(\xAC"), 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t bad = SIZE_MAX;
        assert_false(utf8_is_valid(rows[i].bytes, &bad));
        assert_int_equal(bad, rows[i].bad);
        size_t at = rows[i].bad;
        uint32_t scalar = 42;
        assert_false(utf8_next(rows[i].bytes, &at, &scalar));
        assert_int_equal(at, rows[i].bad);
        assert_int_equal(scalar, 42);
    }
}

/* Wherever they stand in a text: the check goes through ASCII in words. */
static void bad_bytes_are_found_at_every_place(void **state) {
    IGNORE(state);
    char text[40];
    for (size_t len = 1; len <= sizeof text; len++) {
        memset(text, 'a', sizeof text);
        assert_true(utf8_is_valid(str_make(text, len), NULL));
        for (size_t at = 0; at < len; at++) {
            size_t bad = SIZE_MAX;
            text[at] = (char)0xFF;
            assert_false(utf8_is_valid(str_make(text, len), &bad));
            assert_int_equal(bad, at);
            text[at] = 'a';
            if (at + 1 < len) {
                text[at] = (char)0xC3; /* é */
                text[at + 1] = (char)0xA9;
                assert_true(utf8_is_valid(str_make(text, len), NULL));
                text[at] = text[at + 1] = 'a';
            }
        }
    }
}

static void the_end_is_no_scalar(void **state) {
    IGNORE(state);
    size_t at = 1;
    uint32_t scalar;
    assert_false(utf8_next(STR("a"), &at, &scalar));
    assert_true(utf8_is_valid(STR(""), NULL));
    assert_true(utf8_is_valid((str){NULL, 0}, NULL));
}

static void a_cut_leaves_characters_whole(void **state) {
    IGNORE(state);
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    str text = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    for (size_t max = 0; max < ARRAY_LEN(expected); max++) {
        assert_int_equal(utf8_cut(text, max).len, expected[max]);
    }
    assert_int_equal(utf8_cut(STR(""), 0).len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scalar_value_survives),
        cmocka_unit_test(lengths_change_at_the_boundaries),
        cmocka_unit_test(ill_formed_bytes_are_refused_where_they_begin),
        cmocka_unit_test(bad_bytes_are_found_at_every_place),
        cmocka_unit_test(the_end_is_no_scalar),
        cmocka_unit_test(a_cut_leaves_characters_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
