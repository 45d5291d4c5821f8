/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that constructors accept, and the message for each that they refuse (maps: §1.6). */
#include "eval_unit.h"

struct literal_case {
    const char *text;
    const char *expected; /* the value, or what stands in the error behind the function's name */
};

/* Calls the constructor with the text itself, so that the text may be any bytes. */
static void check(const char *name, const char *wrapper, const struct literal_case *cases,
                  size_t count) {
    struct arena a;
    arena_init(&a, allocator_libc(), 1 << 20);
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        arena_clear(&a);
        struct value text = value_string(str_c(cases[i].text));
        struct value value;
        struct ext_error error = {0};
        struct buf b;
        buf_init_arena(&b, &a, 4096);
        const struct ext_function *function = ext_function_find(str_c(name));
        if (ext_call(function, &a, &text, 1, &value, &error) == ERR_OK) {
            value_format(&b, &value);
        } else {
            assert_true(str_has_prefix(error.message, str_c(wrapper)));
            assert_non_null(error.help.ptr);
            buf_add(&b, str_slice(error.message, strlen(wrapper), error.message.len));
        }
        if (!str_equal_c(buf_str(&b), cases[i].expected)) {
            print_error("%s(\"%s\")\n  gives    %.*s\n  expected %s\n", name, cases[i].text,
                        STR_FMT(buf_str(&b)), cases[i].expected);
            failures++;
        }
    }
    arena_done(&a);
    assert_int_equal(failures, 0);
}

#define MALFORMED(text) \
    { text, "`" text "` is not a well-formed decimal value" }
#define OVERFLOW "overflow when converting to decimal"

static const struct literal_case decimals[] = {
    {"1.0", "decimal(\"1.0\")"},
    {"1.00", "decimal(\"1.0\")"},
    {"00001.5", "decimal(\"1.5\")"},
    {"-0.0", "decimal(\"0.0\")"},
    {"-0.5", "decimal(\"-0.5\")"},
    {"0.0001", "decimal(\"0.0001\")"},
    {"12.3400", "decimal(\"12.34\")"},
    {"922337203685477.5807", "decimal(\"922337203685477.5807\")"},
    {"-922337203685477.5808", "decimal(\"-922337203685477.5808\")"},
    {"922337203685477.5808", OVERFLOW},
    {"-922337203685477.5809", OVERFLOW},
    {"922337203685478.0", OVERFLOW},
    {"922337203685478.00000", OVERFLOW},
    {"99999999999999999999.00000", OVERFLOW},
    {"922337203685477.99999", "too many digits after the decimal in `922337203685477.99999`"},
    {"1.00000", "too many digits after the decimal in `1.00000`"},
    {"\xd9\xa3.\xd9\xa3", OVERFLOW},
    {"1.\xd9\xa3\xd9\xa3", OVERFLOW},
    {"1.\xd9\xa3\xd9\xa3\xd9\xa3",
     "too many digits after the decimal in `1.\xd9\xa3\xd9\xa3\xd9\xa3`"},
    MALFORMED(""),
    MALFORMED("1"),
    MALFORMED("1."),
    MALFORMED(".5"),
    MALFORMED("-.5"),
    MALFORMED("-"),
    MALFORMED("+1.0"),
    MALFORMED("1e5"),
    MALFORMED("1.0.0"),
    MALFORMED(" 1.0"),
    MALFORMED("1.0\n"),
    MALFORMED("--1.0"),
    MALFORMED("1.-0"),
    MALFORMED("\xff.0"),
};

static void decimal_strings(void **state) {
    IGNORE(state);
    check("decimal", "error while evaluating `decimal` extension function: ", decimals,
          ARRAY_LEN(decimals));
}

#define NO_IP(text) \
    { text, "invalid IP address: " text }
#define EMBEDDED(text)                                                                             \
    {                                                                                              \
        text,                                                                                      \
            "error parsing IP address from string: We do not accept IPv4 embedded in IPv6 (e.g., " \
            "::ffff:127.0.0.1). Found: `" text "`"                                                 \
    }

static const struct literal_case addresses[] = {
    {"1.2.3.4", "ip(\"1.2.3.4\")"},
    {"1.2.3.4/32", "ip(\"1.2.3.4\")"},
    {"1.2.3.4/0", "ip(\"1.2.3.4/0\")"},
    {"255.255.255.255/31", "ip(\"255.255.255.255/31\")"},
    {"::", "ip(\"::\")"},
    {"::/0", "ip(\"::/0\")"},
    {"::1", "ip(\"::1\")"},
    {"1::", "ip(\"1::\")"},
    {"1:2:3:4:5:6:7:8", "ip(\"1:2:3:4:5:6:7:8\")"},
    {"1:2:3:4:5:6:7::", "ip(\"1:2:3:4:5:6:7:0\")"},
    {"::2:3:4:5:6:7:8", "ip(\"0:2:3:4:5:6:7:8\")"},
    {"1::3:4:5:6:7:8", "ip(\"1:0:3:4:5:6:7:8\")"},
    {"1:0:0:4:0:0:0:8", "ip(\"1:0:0:4::8\")"},
    {"FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
     "ip(\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\")"},
    {"::ffff:7f00:1/96", "ip(\"::ffff:7f00:1/96\")"},
    NO_IP(""),
    NO_IP("1.2.3"),
    NO_IP("1.2.3.4.5"),
    NO_IP("01.2.3.4"),
    NO_IP("00.0.0.0"),
    NO_IP("1.2.3.256"),
    NO_IP("1.2.3.0x1"),
    NO_IP("1.2.3.0001"),
    NO_IP("1..3.4"),
    NO_IP("1.2.3."),
    NO_IP(" 1.2.3.4"),
    NO_IP("::ffff:1.2"),
    NO_IP("1::2::3"),
    NO_IP("1:2:3:4:5:6:7:8:9"),
    NO_IP("1:2:3:4::5:6:7:8"),
    NO_IP("0:0:0:0:0:0:0:0::"),
    NO_IP("1:2:3:4:5:6:7"),
    NO_IP("12345::"),
    NO_IP("00000::1"),
    NO_IP("g::"),
    NO_IP("[::1]"),
    NO_IP("fe80::1%eth0"),
    NO_IP(":::"),
    NO_IP(":1"),
    NO_IP("1:"),
    NO_IP("1::1:"),
    NO_IP("\xc3\xa9"),
    EMBEDDED("::ffff:1.2.3.4"),
    EMBEDDED("::1.2.3.4"),
    EMBEDDED("1.2.3.4:5:6"),
    EMBEDDED("1.2.3.4:5:6/33"),
    {"/8", "error parsing IP address from the string ``: invalid IP address syntax"},
    {"a/33", "error parsing IP address from the string `a`: invalid IP address syntax"},
    {"1.2.3.4/", "error parsing prefix from the string ``: cannot parse integer from empty string"},
    {"1.2.3.4/00", "error parsing prefix `00`: leading zero(s)"},
    {"1.2.3.4/08", "error parsing prefix `08`: leading zero(s)"},
    {"1.2.3.4/+8", "error parsing prefix `+8`: encountered non-digit"},
    {"1.2.3.4/8 ", "error parsing prefix `8 `: encountered non-digit"},
    {"1.2.3.4/\xc3\xa9", "error parsing prefix `\xc3\xa9`: encountered non-digit"},
    {"1.2.3.4/33", "error parsing prefix: 33 is larger than the limit 32"},
    {"1.2.3.4/129", "error parsing prefix: string length 3 is too large"},
    {"1.2.3.4/8/8", "error parsing prefix: string length 3 is too large"},
    {"::1/129", "error parsing prefix: 129 is larger than the limit 128"},
    {"::1/0128", "error parsing prefix: string length 4 is too large"},
    {"::1/300",
     "error parsing prefix from the string `300`: number too large to fit in target type"},
    {"FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff/1280",
     "error parsing IP address from string `FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff/1280`: string "
     "length is too large"},
};

static void ip_strings(void **state) {
    IGNORE(state);
    check("ip", "error while evaluating `ipaddr` extension function: ", addresses,
          ARRAY_LEN(addresses));
}

#define NO_DATE "invalid date pattern"
#define NO_TIME "invalid hour/minute/second pattern"
#define NO_ZONE "invalid millisecond and/or offset pattern"

static const struct literal_case datetimes[] = {
    {"2024-01-01", "datetime(\"2024-01-01\")"},
    {"2000-02-29", "datetime(\"2000-02-29\")"},
    {"0000-01-01", "datetime(\"0000-01-01\")"},
    {"0000-02-29", "datetime(\"0000-02-29\")"},
    {"1969-12-31", "datetime(\"1969-12-31\")"},
    {"9999-12-31", "datetime(\"9999-12-31\")"},
    {"2024-01-01T00:00:00Z", "datetime(\"2024-01-01\")"},
    {"2024-01-01T01:02:03.004Z", "datetime(\"2024-01-01T01:02:03.004Z\")"},
    {"2024-01-01T00:00:00-0000", "datetime(\"2024-01-01\")"},
    {"2024-01-01T00:00:00+0130", "datetime(\"2023-12-31T22:30:00Z\")"},
    {"2024-01-01T00:00:00.500-2359", "datetime(\"2024-01-01T23:59:00.500Z\")"},
    {"9999-12-31T23:59:59.999-2359",
     "datetime(\"1970-01-01\").offset(duration(\"253402387139999ms\"))"},
    {"0000-01-01T00:00:00.000+2359",
     "datetime(\"1970-01-01\").offset(duration(\"-62167305540000ms\"))"},
    {"", NO_DATE},
    {"2024-1-01", NO_DATE},
    {"2024-01-1", NO_DATE},
    {"24-01-01", NO_DATE},
    {"+2024-01-01", NO_DATE},
    {"-2024-01-01", NO_DATE},
    {"2024/01/01", NO_DATE},
    {"\xd9\xa3\xd9\xa3-01-01", NO_DATE},
    {"2024-01-01 ", NO_TIME},
    {"2024-01-01\n", NO_TIME},
    {"2024-01-01t00:00:00Z", NO_TIME},
    {"2024-01-01T", NO_TIME},
    {"2024-01-01TZ", NO_TIME},
    {"2024-01-01T00:00Z", NO_TIME},
    {"2024-01-01T1:00:00Z", NO_TIME},
    {"2024-13-01T99", NO_TIME},
    {"2024-01-01T00:00:00", NO_ZONE},
    {"2024-01-01T00:00:00z", NO_ZONE},
    {"2024-01-01T00:00:00.1Z", NO_ZONE},
    {"2024-01-01T00:00:00.1234Z", NO_ZONE},
    {"2024-01-01T00:00:00.Z", NO_ZONE},
    {"2024-01-01T00:00:00.123", NO_ZONE},
    {"2024-01-01T00:00:00+00:00", NO_ZONE},
    {"2024-01-01T00:00:00+000", NO_ZONE},
    {"2024-01-01T00:00:00+00000", NO_ZONE},
    {"2024-01-01T00:00:00Zx", NO_ZONE},
    {"2024-13-01T00:00:00X", NO_ZONE},
    {"2024-13-01", "invalid date: 2024-13-01"},
    {"2024-00-10", "invalid date: 2024-00-10"},
    {"2024-01-00", "invalid date: 2024-01-00"},
    {"2024-04-31", "invalid date: 2024-04-31"},
    {"2023-02-29", "invalid date: 2023-02-29"},
    {"1900-02-29", "invalid date: 1900-02-29"},
    {"2024-13-01T25:00:00+9900", "invalid date: 2024-13-01"},
    {"2024-12-01T25:00:00+9900", "invalid hour/minute/second: 25:00:00"},
    {"2024-01-01T24:00:00Z", "invalid hour/minute/second: 24:00:00"},
    {"2024-01-01T23:60:00Z", "invalid hour/minute/second: 23:60:00"},
    {"2024-01-01T23:59:60Z", "invalid hour/minute/second: 23:59:60"},
    {"2024-01-01T00:00:00.123+2400", "invalid offset range: 240"},
    {"2024-01-01T00:00:00+0060", "invalid offset range: 060"},
    {"2024-01-01T00:00:00-9905", "invalid offset range: 995"},
};

static void datetime_strings(void **state) {
    IGNORE(state);
    check("datetime", "error while evaluating `datetime` extension function: ", datetimes,
          ARRAY_LEN(datetimes));
}

#define NO_DURATION "invalid duration pattern"
#define TOO_LONG "Duration overflows internal representation"

static const struct literal_case durations[] = {
    {"1h", "duration(\"1h\")"},
    {"60m", "duration(\"1h\")"},
    {"01h", "duration(\"1h\")"},
    {"-1d2h3m4s5ms", "duration(\"-1d2h3m4s5ms\")"},
    {"1m1ms", "duration(\"1m1ms\")"},
    {"1s1ms", "duration(\"1s1ms\")"},
    {"0d", "duration(\"0ms\")"},
    {"-0ms", "duration(\"0ms\")"},
    {"9223372036854775807ms", "duration(\"106751991167d7h12m55s807ms\")"},
    {"-9223372036854775808ms", "duration(\"-106751991167d7h12m55s808ms\")"},
    {"-106751991167d7h12m55s808ms", "duration(\"-106751991167d7h12m55s808ms\")"},
    {"9223372036854775808ms", TOO_LONG},
    {"-9223372036854775809ms", TOO_LONG},
    {"18446744073709551616ms", TOO_LONG},
    {"18446744073709551615d", TOO_LONG},
    {"106751991168d", TOO_LONG},
    {"18446744073709551615ms18446744073709551615ms", NO_DURATION},
    {"99999999999999999999999h", TOO_LONG},
    {"99999999999999999999999x", NO_DURATION},
    {"1h99999999999999999999999x", NO_DURATION},
    {"", NO_DURATION},
    {"-", NO_DURATION},
    {"--1h", NO_DURATION},
    {"+1h", NO_DURATION},
    {"1", NO_DURATION},
    {"h", NO_DURATION},
    {"1h1d", NO_DURATION},
    {"1h1h", NO_DURATION},
    {"1ms1m", NO_DURATION},
    {"1ms2s", NO_DURATION},
    {"1dd", NO_DURATION},
    {"1.5h", NO_DURATION},
    {"1w", NO_DURATION},
    {"1H", NO_DURATION},
    {" 1h", NO_DURATION},
    {"1 h", NO_DURATION},
    {"1h\n", NO_DURATION},
    {"1d-1h", NO_DURATION},
    {"\xd9\xa3h", NO_DURATION},
};

static void duration_strings(void **state) {
    IGNORE(state);
    check("duration", "error while evaluating `duration` extension function: ", durations,
          ARRAY_LEN(durations));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_strings),
        cmocka_unit_test(ip_strings),
        cmocka_unit_test(datetime_strings),
        cmocka_unit_test(duration_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
