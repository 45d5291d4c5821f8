/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extension functions: the input is one line per string. Each line is given to all constructors;
 * what they make is used as receiver and argument of all methods.
 *
 * A value prints as a constructor call whose string gives the same value. Every error has a text.
 * The methods obey the laws of their types: comparison is a total order, ranges are reflexive and
 * transitive through equal prefixes, adding undoes subtracting, a datetime is its date plus its
 * time.
 */
#include "fuzz.h"

#include "cedar/ext/functions.h"

enum { LINES_MAX = 6, ARENA_MAX = 16 << 20 };

static bool call(struct arena *a, const char *name, const struct value *args, size_t count,
                 struct value *ret) {
    struct ext_error error = {0};
    const struct ext_function *function = ext_function_find(str_c(name));
    FUZZ_CHECK(function != NULL);
    err result = ext_call(function, a, args, count, ret, &error);
    FUZZ_CHECK(result != ERR_NOMEM && result != ERR_LIMIT);
    if (result != ERR_OK) {
        FUZZ_CHECK(error.message.ptr != NULL && error.message.len > 0);
        return false;
    }
    FUZZ_CHECK(ret->kind == function->result);
    return true;
}

static bool test(struct arena *a, const char *name, const struct value *x, const struct value *y) {
    struct value args[] = {*x, *y};
    struct value result;
    FUZZ_CHECK(call(a, name, args, 2, &result));
    return result.boolean;
}

static bool ask(struct arena *a, const char *name, const struct value *x) {
    struct value result;
    FUZZ_CHECK(call(a, name, x, 1, &result));
    return result.boolean;
}

/* `name("…")` with a plain string between the quotes, or something longer for far datetimes. */
static void check_prints(struct arena *a, const char *name, const struct value *value) {
    struct buf b;
    buf_init_arena(&b, a, 1000);
    value_format(&b, value);
    str text = buf_str(&b);
    FUZZ_CHECK(str_has_prefix(text, str_c(name)));
    str inner = str_slice(text, strlen(name) + 2, text.len);
    size_t end = str_find_byte(inner, '"');
    FUZZ_CHECK(end != SIZE_MAX);
    if (end + 2 < inner.len) {
        FUZZ_CHECK(value->kind == VALUE_DATETIME);
        return;
    }
    struct value source = value_string(str_slice(inner, 0, end));
    struct value again;
    FUZZ_CHECK(call(a, name, &source, 1, &again));
    FUZZ_CHECK(value_equal(value, &again));
}

static void check_decimals(struct arena *a, const struct value *x, const struct value *y) {
    bool less = test(a, "lessThan", x, y);
    bool greater = test(a, "greaterThan", x, y);
    FUZZ_CHECK(less + greater + value_equal(x, y) == 1);
    FUZZ_CHECK(test(a, "lessThanOrEqual", x, y) == !greater);
    FUZZ_CHECK(test(a, "greaterThanOrEqual", x, y) == !less);
    FUZZ_CHECK(less == test(a, "greaterThan", y, x));
}

static void check_addresses(struct arena *a, const struct value *x, const struct value *y) {
    FUZZ_CHECK(ask(a, "isIpv4", x) != ask(a, "isIpv6", x));
    FUZZ_CHECK(test(a, "isInRange", x, x));
    bool below = test(a, "isInRange", x, y);
    bool above = test(a, "isInRange", y, x);
    FUZZ_CHECK(!below || (x->ip->is_v6 == y->ip->is_v6 && x->ip->prefix >= y->ip->prefix));
    FUZZ_CHECK(!(below && above) || x->ip->prefix == y->ip->prefix);
    if (below) { /* a part of a special range is special */
        FUZZ_CHECK(!ask(a, "isLoopback", y) || ask(a, "isLoopback", x));
        FUZZ_CHECK(!ask(a, "isMulticast", y) || ask(a, "isMulticast", x));
    }
}

static void check_datetimes(struct arena *a, const struct value *x, const struct value *y) {
    struct value parts[2];
    struct value whole;
    FUZZ_CHECK(call(a, "toTime", x, 1, &parts[1]));
    FUZZ_CHECK(parts[1].integer >= 0 && parts[1].integer < 86400000);
    if (call(a, "toDate", x, 1, &parts[0])) {
        FUZZ_CHECK(call(a, "offset", parts, 2, &whole));
        FUZZ_CHECK(value_equal(&whole, x));
    }
    struct value pair[] = {*y, *x};
    struct value back[] = {*x, {.kind = VALUE_BOOL}};
    if (call(a, "durationSince", pair, 2, &back[1])) {
        FUZZ_CHECK(call(a, "offset", back, 2, &whole));
        FUZZ_CHECK(value_equal(&whole, y));
    }
}

static void check_durations(struct arena *a, const struct value *x) {
    static const char *const units[] = {"toMilliseconds", "toSeconds", "toMinutes", "toHours",
                                        "toDays"};
    struct value last = {.kind = VALUE_BOOL};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        struct value number;
        FUZZ_CHECK(call(a, units[i], x, 1, &number));
        FUZZ_CHECK(i > 0 || number.integer == x->integer);
        /* towards zero, and never past it */
        FUZZ_CHECK((number.integer < 0) <= (x->integer < 0));
        FUZZ_CHECK((number.integer > 0) <= (x->integer > 0));
        FUZZ_CHECK(i == 0 || (number.integer <= 0) >= (last.integer <= 0));
        last = number;
    }
}

static void check_pair(struct arena *a, const struct value *x, const struct value *y) {
    if (x->kind == VALUE_DECIMAL && y->kind == VALUE_DECIMAL) {
        check_decimals(a, x, y);
    } else if (x->kind == VALUE_IPADDR && y->kind == VALUE_IPADDR) {
        check_addresses(a, x, y);
    } else if (x->kind == VALUE_DATETIME && y->kind == VALUE_DATETIME) {
        check_datetimes(a, x, y);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    arena_init(&a, allocator_libc(), ARENA_MAX);
    struct value values[LINES_MAX * 4 + 1];
    size_t count = 0;
    str rest = fuzz_input(data, size > 4096 ? 4096 : size);
    for (int line = 0; line < LINES_MAX && rest.ptr != NULL; line++) {
        str head;
        str_cut(rest, '\n', &head, &rest);
        struct value text = value_string(head);
        for (size_t i = 0; i < ext_function_count(); i++) {
            const struct ext_function *function = ext_function_get(i);
            if (ext_function_is_constructor(function) &&
                call(&a, function->name.ptr, &text, 1, &values[count])) {
                check_prints(&a, function->name.ptr, &values[count]);
                count++;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (values[i].kind == VALUE_DURATION) {
            check_durations(&a, &values[i]);
        }
        for (size_t j = 0; j < count; j++) {
            check_pair(&a, &values[i], &values[j]);
        }
    }
    arena_done(&a);
    return 0;
}
