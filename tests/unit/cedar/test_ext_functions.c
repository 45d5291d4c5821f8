/* SPDX-License-Identifier: Apache-2.0 */
/* The table of extension functions, and the functions of decimal, ipaddr, datetime, duration. */
#include "eval_unit.h"

static void the_table_is_sorted_and_finds_every_name(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ext_function_count(); i++) {
        const struct ext_function *function = ext_function_get(i);
        assert_ptr_equal(ext_function_find(function->name), function);
        if (i > 0) {
            assert_true(str_compare(ext_function_get(i - 1)->name, function->name) < 0);
        }
    }
    assert_null(ext_function_find(STR("unknown")));
    assert_null(ext_function_find(STR("")));
    assert_null(ext_function_find(STR("isIpv")));
}

static void constructors_are_the_functions(void **state) {
    IGNORE(state);
    static const struct {
        enum value_kind kind;
        const char *name;
    } cases[] = {
        {VALUE_DECIMAL, "decimal"},
        {VALUE_IPADDR, "ip"},
        {VALUE_DATETIME, "datetime"},
        {VALUE_DURATION, "duration"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct ext_function *function = ext_constructor_of(cases[i].kind);
        assert_non_null(function);
        assert_true(str_equal_c(function->name, cases[i].name));
        assert_true(ext_function_is_constructor(function));
        assert_int_equal(function->style, EXT_FUNCTION);
        assert_int_equal(function->arity, 1);
    }
    assert_null(ext_constructor_of(VALUE_STRING));
    assert_null(ext_constructor_of(VALUE_BOOL));
    assert_false(ext_function_is_constructor(ext_function_find(STR("offset"))));
}

static const struct world_case decimal_cases[] = {
    {"decimal(\"1.0\").lessThan(decimal(\"1.1\"))", "true"},
    {"decimal(\"1.0\").lessThan(decimal(\"1.0\"))", "false"},
    {"decimal(\"1.0\").lessThanOrEqual(decimal(\"1.00\"))", "true"},
    {"decimal(\"1.1\").greaterThan(decimal(\"1.0\"))", "true"},
    {"decimal(\"1.0\").greaterThan(decimal(\"1.0\"))", "false"},
    {"decimal(\"1.0\").greaterThanOrEqual(decimal(\"1.0\"))", "true"},
    {"decimal(\"-0.5\").lessThan(decimal(\"0.0\"))", "true"},
    {"decimal(\"-1.5\").lessThan(decimal(\"-1.4\"))", "true"},
};

static void decimals_compare_by_value(void **state) {
    IGNORE(state);
    world_check(decimal_cases, ARRAY_LEN(decimal_cases));
}

static const struct world_case ip_cases[] = {
    {"ip(\"1.2.3.4\").isIpv4()", "true"},
    {"ip(\"::1\").isIpv4()", "false"},
    {"ip(\"::1\").isIpv6()", "true"},
    {"ip(\"127.0.0.1\").isLoopback()", "true"},
    {"ip(\"127.255.0.1/8\").isLoopback()", "true"},
    {"ip(\"127.0.0.0/7\").isLoopback()", "false"},
    {"ip(\"128.0.0.1/8\").isLoopback()", "false"},
    {"ip(\"::1\").isLoopback()", "true"},
    {"ip(\"::1/127\").isLoopback()", "false"},
    {"ip(\"::ffff:7f00:1\").isLoopback()", "false"},
    {"ip(\"224.0.0.1\").isMulticast()", "true"},
    {"ip(\"239.1.1.1/4\").isMulticast()", "true"},
    {"ip(\"239.1.1.1/3\").isMulticast()", "false"},
    {"ip(\"240.0.0.0\").isMulticast()", "false"},
    {"ip(\"ff00::1/8\").isMulticast()", "true"},
    {"ip(\"ff00::1/7\").isMulticast()", "false"},
    {"ip(\"fe00::1\").isMulticast()", "false"},
    {"ip(\"10.0.0.5/8\").isInRange(ip(\"10.1.2.3/8\"))", "true"},
    {"ip(\"10.0.0.5/8\").isInRange(ip(\"10.1.2.3/9\"))", "false"},
    {"ip(\"10.0.0.5/9\").isInRange(ip(\"10.1.2.3/8\"))", "true"},
    {"ip(\"10.128.0.5/9\").isInRange(ip(\"10.1.2.3/9\"))", "false"},
    {"ip(\"1.2.3.4\").isInRange(ip(\"0.0.0.0/0\"))", "true"},
    {"ip(\"0.0.0.0/0\").isInRange(ip(\"0.0.0.0/0\"))", "true"},
    {"ip(\"::\").isInRange(ip(\"0.0.0.0/0\"))", "false"},
    {"ip(\"2001:db8::1\").isInRange(ip(\"2001:db8::/32\"))", "true"},
    {"ip(\"2001:db9::1\").isInRange(ip(\"2001:db8::/32\"))", "false"},
};

static void addresses_know_their_ranges(void **state) {
    IGNORE(state);
    world_check(ip_cases, ARRAY_LEN(ip_cases));
}

#define EPOCH "datetime(\"1970-01-01\")"
#define LATEST EPOCH ".offset(duration(\"9223372036854775807ms\"))"
#define EARLIEST EPOCH ".offset(duration(\"-9223372036854775808ms\"))"

static const struct world_case time_cases[] = {
    {EPOCH ".offset(duration(\"1d\"))", "datetime(\"1970-01-02\")"},
    {"datetime(\"2024-03-01\").offset(duration(\"-1ms\"))",
     "datetime(\"2024-02-29T23:59:59.999Z\")"},
    {"datetime(\"2024-01-02\").durationSince(datetime(\"2024-01-01\"))", "duration(\"1d\")"},
    {"datetime(\"2024-01-01\").durationSince(datetime(\"2024-01-02\"))", "duration(\"-1d\")"},
    {"datetime(\"2024-01-01T13:14:15.016Z\").toDate()", "datetime(\"2024-01-01\")"},
    {"datetime(\"2024-01-01T13:14:15.016Z\").toTime()", "duration(\"13h14m15s16ms\")"},
    {EPOCH ".offset(duration(\"-1ms\")).toTime()", "duration(\"23h59m59s999ms\")"},
    {EPOCH ".offset(duration(\"-1ms\")).toDate()", "datetime(\"1969-12-31\")"},
    {EARLIEST ".toTime()", "duration(\"16h47m4s192ms\")"},
    {EARLIEST ".toDate()",
     "error: error while evaluating `toDate` extension function: overflows when computing the "
     "date of datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\"))"},
    {LATEST ".toDate().toTime()", "duration(\"0ms\")"},
    {"datetime(\"9999-12-31\").offset(duration(\"9223372036854775807ms\"))",
     "error: error while evaluating `offset` extension function: overflows when adding an "
     "offset: datetime(\"1970-01-01\").offset(duration(\"253402214400000ms\"))+"
     "(9223372036854775807ms)"},
    {"datetime(\"1960-01-01\").durationSince(" LATEST ")",
     "error: error while evaluating `durationSince` extension function: overflows when computing "
     "the duration between datetime(\"1970-01-01\").offset(duration(\"-315619200000ms\")) and "
     "datetime(\"1970-01-01\").offset(duration(\"9223372036854775807ms\"))"},
    {"duration(\"1d2h3m4s5ms\").toMilliseconds()", "93784005"},
    {"duration(\"-1ms\").toSeconds()", "0"},
    {"duration(\"-1s1ms\").toSeconds()", "-1"},
    {"duration(\"119s\").toMinutes()", "1"},
    {"duration(\"1d1ms\").toHours()", "24"},
    {"duration(\"-9223372036854775808ms\").toDays()", "-106751991167"},
};

static void times_are_exact_to_the_ends(void **state) {
    IGNORE(state);
    world_check(time_cases, ARRAY_LEN(time_cases));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted_and_finds_every_name),
        cmocka_unit_test(constructors_are_the_functions),
        cmocka_unit_test(decimals_compare_by_value),
        cmocka_unit_test(addresses_know_their_ranges),
        cmocka_unit_test(times_are_exact_to_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
