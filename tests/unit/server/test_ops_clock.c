/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <time.h>

#include "server/ops/clock.h"

static void check(int64_t wall_ms, const char *expected) {
    char text[CLOCK_RFC3339_LEN];
    clock_format_rfc3339(wall_ms, text);
    assert_str_is(str_make(text, sizeof text), str_c(expected));
}

static void known_moments(void **state) {
    IGNORE(state);
    check(0, "1970-01-01T00:00:00.000Z");
    check(-1, "1969-12-31T23:59:59.999Z");
    check(951782400000, "2000-02-29T00:00:00.000Z");
    check(951868799999, "2000-02-29T23:59:59.999Z");
    check(951868800000, "2000-03-01T00:00:00.000Z");
    check(1709210096789, "2024-02-29T12:34:56.789Z");
    check(4107542400000, "2100-03-01T00:00:00.000Z"); /* 2100 has no leap day */
    check(253402300799999, "9999-12-31T23:59:59.999Z");
    check(-62167219200000, "0000-01-01T00:00:00.000Z");
    check(INT64_MAX, "9999-12-31T23:59:59.999Z");
    check(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

/* Every day of 800 years, against the C library. */
static void every_day_agrees_with_the_library(void **state) {
    IGNORE(state);
    for (int64_t day = -135140; day < 157054; day++) { /* 1600 to 2399 */
        time_t seconds = (time_t)day * 86400 + 86399;
        struct tm parts;
        char text[CLOCK_RFC3339_LEN];
        char expected[64];
        assert_non_null(gmtime_r(&seconds, &parts));
        size_t len = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
        clock_format_rfc3339((int64_t)seconds * 1000, text);
        assert_str_is(str_make(text, sizeof text), str_make(expected, len));
    }
}

static void manual_clock_stands_still_until_moved(void **state) {
    IGNORE(state);
    struct clock_manual manual;
    clock_manual_init(&manual, 5000);
    uint64_t before = clock_monotonic_ns(&manual.clock);
    assert_int_equal(clock_wall_ms(&manual.clock), 5000);
    clock_manual_advance_ms(&manual, 1500);
    assert_int_equal(clock_wall_ms(&manual.clock), 6500);
    assert_int_equal(clock_wall_s(&manual.clock), 6);
    assert_int_equal(clock_monotonic_ns(&manual.clock) - before, 1500000000);
}

static void system_clock_goes_forward(void **state) {
    IGNORE(state);
    uint64_t before = clock_monotonic_ns(clock_system());
    assert_true(clock_wall_ms(clock_system()) > 1700000000000);
    assert_true(clock_monotonic_ns(clock_system()) >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_moments),
        cmocka_unit_test(every_day_agrees_with_the_library),
        cmocka_unit_test(manual_clock_stands_still_until_moved),
        cmocka_unit_test(system_clock_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
