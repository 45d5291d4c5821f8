/* SPDX-License-Identifier: Apache-2.0 */
/* Corners 17 to 24: decimal, ipaddr, datetime, duration. */
#include "corners_unit.h"

#define IN_DECIMAL "error while evaluating `decimal` extension function: "
#define IN_IP "error while evaluating `ipaddr` extension function: "
#define IN_DATETIME "error while evaluating `datetime` extension function: "
#define IN_DURATION "error while evaluating `duration` extension function: "

/* constructor("literal") fails with these words. */
static void literal_fails(void *c, const char *constructor, const char *literal,
                          const char *words) {
    char expression[200];
    snprintf(expression, sizeof expression, "%s(\"%s\")", constructor, literal);
    fails(c, expression, words);
}

static void corner_17_decimals_are_digits_point_digits(void **state) {
    static const char *const bad[] = {"1",    "1.",     ".5", "+1.0", "1e5",
                                      " 1.0", "1.0\\n", "",   "-",    "1.0.0"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        literal_fails(*state, "decimal", bad[i], "is not a well-formed decimal value");
    }
    literal_fails(*state, "decimal", "1.00000", "too many digits after the decimal in `1.00000`");
    literal_fails(*state, "decimal", "922337203685477.5808", IN_DECIMAL "overflow");
    literal_fails(*state, "decimal", "9999999999999999999.12345", IN_DECIMAL "overflow");
    gives(*state, "decimal(\"-922337203685477.5808\")", "decimal(\"-922337203685477.5808\")");
    gives(*state, "decimal(\"-0.0\") == decimal(\"000.0000\")", "true");
}

static void corner_18_ip_texts(void **state) {
    static const char *const bad[] = {
        "10.0.0.1/00", "10.0.0.1/08",     "10.0.0.1/+8",  "10.0.0.1/", "10.0.0.1/33",
        "::1/129",     "::ffff:10.0.0.1", "fe80::1%eth0", "[::1]",     "10.0.0.01",
        "10.0.0",      "1:2:3:4:5:6:7",   "1::2::3",      ":::",       ""};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        literal_fails(*state, "ip", bad[i], IN_IP);
    }
    gives(*state, "ip(\"10.0.0.1/0\").isIpv4()", "true");
    gives(*state, "ip(\"ABCD::1/128\") == ip(\"abcd:0:0:0:0:0:0:1\")", "true");
}

static void corner_19_equal_addresses_are_not_equal_networks(void **state) {
    gives(*state, "ip(\"10.0.0.1/8\") == ip(\"10.0.0.2/8\")", "false");
    gives(*state, "ip(\"1.2.3.4\") == ip(\"1.2.3.4/32\")", "true");
    gives(*state, "ip(\"10.0.0.1/8\").isInRange(ip(\"10.0.0.2/8\"))", "true");
    gives(*state, "ip(\"10.0.0.0/8\").isInRange(ip(\"10.0.0.0/16\"))", "false");
    gives(*state, "ip(\"10.0.0.0/16\").isInRange(ip(\"10.255.0.0/8\"))", "true");
    gives(*state, "ip(\"::1\").isInRange(ip(\"0.0.0.0/0\"))", "false");
    gives(*state, "ip(\"1.2.3.4\").isInRange(ip(\"::/0\"))", "false");
}

static void corner_20_loopback_and_multicast_look_at_the_prefix(void **state) {
    gives(*state, "ip(\"127.0.0.1\").isLoopback()", "true");
    gives(*state, "ip(\"127.0.0.0/8\").isLoopback()", "true");
    gives(*state, "ip(\"127.0.0.0/7\").isLoopback()", "false");
    gives(*state, "ip(\"::1\").isLoopback()", "true");
    gives(*state, "ip(\"::1/127\").isLoopback()", "false");
    gives(*state, "ip(\"::ffff:7f00:1\").isLoopback()", "false");
    gives(*state, "ip(\"224.0.0.0/4\").isMulticast()", "true");
    gives(*state, "ip(\"224.0.0.0/3\").isMulticast()", "false");
    gives(*state, "ip(\"ff00::/8\").isMulticast()", "true");
    gives(*state, "ip(\"ff00::/7\").isMulticast()", "false");
}

static void corner_21_datetimes_have_one_spelling(void **state) {
    static const char *const bad[] = {"2024-01-01T00:00:00z",
                                      "2024-01-01t00:00:00Z",
                                      "2024-01-01T00:00:00.1Z",
                                      "2024-01-01T00:00:00.1234Z",
                                      "2024-01-01T00:00:00+01:00",
                                      "2024-01-01T24:00:00Z",
                                      "2024-01-01T00:00:60Z",
                                      "2024-01-01T00:00:00+2400",
                                      "2024-01-01T00:00:00+0060",
                                      "2024-01-01T00:00:00",
                                      "+12024-01-01",
                                      "2023-02-29",
                                      "2024-1-1",
                                      "2024-01-01 "};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        literal_fails(*state, "datetime", bad[i], IN_DATETIME);
    }
    gives(*state, "datetime(\"2024-01-01T00:00:00+2359\") < datetime(\"2024-01-01\")", "true");
    gives(*state, "datetime(\"2024-01-01T00:00:00-0000\") == datetime(\"2024-01-01\")", "true");
    gives(*state, "datetime(\"0000-01-01\") < datetime(\"0001-01-01\")", "true");
    gives(*state, "datetime(\"0000-01-01T00:00:00+0001\") < datetime(\"0000-01-01\")", "true");
}

static void corner_22_the_first_fault_of_a_datetime_is_told(void **state) {
    literal_fails(*state, "datetime", "2024-13-01T25:00:00Z", "invalid date");
    literal_fails(*state, "datetime", "2024-01-01T25:00:00+9900", "invalid hour/minute/second");
    literal_fails(*state, "datetime", "2024-01-01T23:00:00+9900", "invalid offset");
    literal_fails(*state, "datetime", "2024-13-01x", "invalid");
}

static void corner_23_units_of_a_duration_come_once_and_in_order(void **state) {
    static const char *const bad[] = {"1h1d", "1h1h", "1.5h", "1w",  "+1h",
                                      "",     "-",    "1",    "1 h", "1H"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        literal_fails(*state, "duration", bad[i], "invalid duration pattern");
    }
    literal_fails(*state, "duration", "9223372036854775808ms",
                  "Duration overflows internal representation");
    literal_fails(*state, "duration", "106751991168d",
                  "Duration overflows internal representation");
    gives(*state, "duration(\"0001d002h\") == duration(\"26h\")", "true");
    gives(*state, "duration(\"-9223372036854775808ms\").toMilliseconds()", "-9223372036854775808");
    gives(*state, "duration(\"1d2h3m4s5ms\").toMilliseconds()", "93784005");
}

static void corner_24_days_and_truncation(void **state) {
    static const char earliest[] =
        "datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\"))";
    char expression[200];
    snprintf(expression, sizeof expression, "%s.toDate()", earliest);
    fails(*state, expression, "error while evaluating `toDate` extension function");
    snprintf(expression, sizeof expression, "%s.toTime() < duration(\"1d\")", earliest);
    gives(*state, expression, "true");
    snprintf(expression, sizeof expression, "%s.toTime() >= duration(\"0ms\")", earliest);
    gives(*state, expression, "true");
    gives(*state, "datetime(\"1969-12-31T23:00:00Z\").toTime() == duration(\"23h\")", "true");
    gives(*state, "datetime(\"1969-12-31T23:00:00Z\").toDate() == datetime(\"1969-12-31\")",
          "true");
    gives(*state, "duration(\"-1ms\").toSeconds()", "0");
    gives(*state, "duration(\"-1999ms\").toSeconds()", "-1");
    gives(*state, "duration(\"47h59m\").toDays()", "1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CORNER(corner_17_decimals_are_digits_point_digits),
        CORNER(corner_18_ip_texts),
        CORNER(corner_19_equal_addresses_are_not_equal_networks),
        CORNER(corner_20_loopback_and_multicast_look_at_the_prefix),
        CORNER(corner_21_datetimes_have_one_spelling),
        CORNER(corner_22_the_first_fault_of_a_datetime_is_told),
        CORNER(corner_23_units_of_a_duration_come_once_and_in_order),
        CORNER(corner_24_days_and_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
