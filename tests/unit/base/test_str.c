/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

static void absent_and_empty_differ_but_are_equal_in_bytes(void **state) {
    IGNORE(state);
    str absent = str_c(NULL);
    assert_true(str_is_absent(absent));
    assert_false(str_is_absent(STR("")));
    assert_true(str_equal(absent, STR("")));
    assert_int_equal(str_compare(absent, STR("")), 0);
    assert_true(str_has_prefix(absent, STR("")));
    assert_int_equal(str_find_byte(absent, 'x'), SIZE_MAX);
    assert_int_equal(str_trim(absent).len, 0);
    assert_int_equal(str_slice(absent, 0, 0).len, 0);
}

static void order_is_bytewise_and_prefixes_come_first(void **state) {
    IGNORE(state);
    static const str sorted[] = {STR_INIT(""),     STR_INIT("\0"),   STR_INIT("A"),
                                 STR_INIT("a"),    STR_INIT("aa"),   STR_INIT("b"),
                                 STR_INIT("\x7F"), STR_INIT("\x80"), STR_INIT("\xFF")};
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
        for (size_t j = 0; j < ARRAY_LEN(sorted); j++) {
            int order = str_compare(sorted[i], sorted[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(str_equal(sorted[i], sorted[j]), i == j);
        }
    }
}

static void searching_finds_the_first(void **state) {
    IGNORE(state);
    assert_int_equal(str_find(STR("banana"), STR("ana")), 1);
    assert_int_equal(str_find(STR("banana"), STR("")), 0);
    assert_int_equal(str_find(STR("banana"), STR("nab")), SIZE_MAX);
    assert_int_equal(str_find(STR("ab"), STR("abc")), SIZE_MAX);
    assert_int_equal(str_find_byte(STR("a\0b"), '\0'), 1);
    assert_true(str_has_prefix(STR("banana"), STR("ban")));
    assert_false(str_has_prefix(STR("ba"), STR("ban")));
    assert_true(str_has_suffix(STR("banana"), STR("ana")));
    assert_false(str_has_suffix(STR("na"), STR("ana")));
    assert_true(str_equal_nocase(STR("AbC"), STR("aBc")));
    assert_false(str_equal_nocase(STR("ab"), STR("abc")));
    assert_false(str_equal_nocase(STR("@"), STR("`"))); /* letters only */
}

static void cut_and_trim(void **state) {
    IGNORE(state);
    str head;
    str tail;
    assert_true(str_cut(STR("a=b=c"), '=', &head, &tail));
    assert_str_is(head, STR("a"));
    assert_str_is(tail, STR("b=c"));
    assert_true(str_cut(STR("a="), '=', &head, &tail));
    assert_false(str_is_absent(tail));
    assert_int_equal(tail.len, 0);
    assert_false(str_cut(STR("abc"), '=', &head, &tail));
    assert_str_is(head, STR("abc"));
    assert_true(str_is_absent(tail));
    assert_str_is(str_trim(STR(" \t a b \t")), STR("a b"));
    assert_str_is(str_trim(STR(" \t")), STR(""));
    assert_str_is(str_trim(STR("\na\n")), STR("\na\n"));
}

static void natural_numbers_at_their_edges(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        bool is_good;
        uint64_t value;
    } rows[] = {
        {STR_INIT("0"), true, 0},
        {STR_INIT("007"), true, 7},
        {STR_INIT("18446744073709551615"), true, UINT64_MAX},
        {STR_INIT("18446744073709551616"), false, 0},
        {STR_INIT("18446744073709551620"), false, 0},
        {STR_INIT("99999999999999999999"), false, 0},
        {STR_INIT("184467440737095516150"), false, 0},
        {STR_INIT(""), false, 0},
        {STR_INIT("-1"), false, 0},
        {STR_INIT("+1"), false, 0},
        {STR_INIT(" 1"), false, 0},
        {STR_INIT("1 "), false, 0},
        {STR_INIT("1a"), false, 0},
        {STR_INIT("0x10"), false, 0},
        {STR_INIT("1\0"), false, 0},
        {STR_INIT("\xD9\xA1"), false, 0}, /* a digit, but not ASCII */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t value = 42;
        assert_int_equal(str_to_u64(rows[i].text, &value), rows[i].is_good);
        assert_int_equal(value, rows[i].is_good ? rows[i].value : 42);
    }
}

static void integers_at_their_edges(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        bool is_good;
        int64_t value;
    } rows[] = {
        {STR_INIT("-0"), true, 0},
        {STR_INIT("-1"), true, -1},
        {STR_INIT("9223372036854775807"), true, INT64_MAX},
        {STR_INIT("9223372036854775808"), false, 0},
        {STR_INIT("-9223372036854775808"), true, INT64_MIN},
        {STR_INIT("-9223372036854775809"), false, 0},
        {STR_INIT("-"), false, 0},
        {STR_INIT("--1"), false, 0},
        {STR_INIT("+1"), false, 0},
        {STR_INIT(""), false, 0},
        {STR_INIT("- 1"), false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t value = 42;
        assert_int_equal(str_to_i64(rows[i].text, &value), rows[i].is_good);
        assert_true(value == (rows[i].is_good ? rows[i].value : 42));
    }
}

static void hexadecimal_digits_have_values(void **state) {
    IGNORE(state);
    static const char digits[] = "0123456789abcdef";
    for (int c = 0; c < 256; c++) {
        const char *hit = c == 0 ? NULL : strchr(digits, byte_lower((char)c));
        int expected = hit == NULL ? -1 : (int)(hit - digits);
        assert_int_equal(byte_hex((char)c), expected);
    }
}

static void nearest_name_is_a_likely_slip(void **state) {
    IGNORE(state);
    static const str known[] = {STR_INIT("cache_size"), STR_INIT("policy_dir"),
                                STR_INIT("listen_port"), STR_INIT("port")};
    static const struct {
        str name;
        str nearest;
    } rows[] = {
        {STR_INIT("cache_sizes"), STR_INIT("cache_size")},
        {STR_INIT("cachesize"), STR_INIT("cache_size")},
        {STR_INIT("CACHE_SIZE"), STR_INIT("cache_size")},
        {STR_INIT("policydirs"), STR_INIT("policy_dir")},
        {STR_INIT("prt"), STR_INIT("port")},
        {STR_INIT("something_else"), {NULL, 0}},
        {STR_INIT(""), {NULL, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str found = str_nearest(rows[i].name, known, ARRAY_LEN(known));
        assert_str_is(found, rows[i].nearest);
        assert_int_equal(str_is_absent(found), str_is_absent(rows[i].nearest));
    }
    char longest[300];
    memset(longest, 'a', sizeof longest);
    str names[] = {str_make(longest, sizeof longest), str_make(longest, 64)};
    assert_true(str_is_absent(str_nearest(names[0], names, 2)));
    assert_int_equal(str_nearest(names[1], names, 2).len, 64);
}

static void nearest_name_within_a_limit_is_the_nearest_whatever_its_length(void **state) {
    IGNORE(state);
    static const str known[] = {STR_INIT("ip"), STR_INIT("decimal"), STR_INIT("duration")};
    static const struct {
        str name;
        size_t limit;
        str nearest;
    } rows[] = {
        {STR_INIT("ll"), 3, STR_INIT("ip")},
        {STR_INIT("dat"), 3, STR_INIT("ip")},
        {STR_INIT("decial"), 3, STR_INIT("decimal")},
        {STR_INIT("DECIMAL"), 3, {NULL, 0}},
        {STR_INIT("A::ipx"), 3, {NULL, 0}},
        {STR_INIT("A::ipx"), 4, STR_INIT("ip")},
        {STR_INIT(""), 2, STR_INIT("ip")},
        {STR_INIT("something"), SIZE_MAX, STR_INIT("duration")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str found = str_nearest_within(rows[i].name, known, ARRAY_LEN(known), rows[i].limit);
        assert_str_is(found, rows[i].nearest);
        assert_int_equal(str_is_absent(found), str_is_absent(rows[i].nearest));
    }
    char longest[300];
    memset(longest, 'a', sizeof longest);
    str names[] = {str_make(longest, 65), str_make(longest, 64)};
    str found = str_nearest_within(str_make(longest, 300), names, 2, SIZE_MAX);
    assert_int_equal(found.len, 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_and_empty_differ_but_are_equal_in_bytes),
        cmocka_unit_test(order_is_bytewise_and_prefixes_come_first),
        cmocka_unit_test(searching_finds_the_first),
        cmocka_unit_test(cut_and_trim),
        cmocka_unit_test(natural_numbers_at_their_edges),
        cmocka_unit_test(integers_at_their_edges),
        cmocka_unit_test(hexadecimal_digits_have_values),
        cmocka_unit_test(nearest_name_is_a_likely_slip),
        cmocka_unit_test(nearest_name_within_a_limit_is_the_nearest_whatever_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
