/* SPDX-License-Identifier: Apache-2.0 */
/* duration: milliseconds in an int64 (maps: §1.6, corners 23, 24). */
#include "cedar/ext/ext_int.h"

static const char help[] =
    "valid duration strings are concatenated quantity-unit pairs with an optional leading `-`, "
    "for example `1d2h3m4s50ms`";

/* In the one order in which they may be written. */
static const struct {
    str name;
    uint64_t ms;
} units[] = {
    {STR_INIT("d"), 86400000}, {STR_INIT("h"), 3600000}, {STR_INIT("m"), 60000},
    {STR_INIT("s"), 1000},     {STR_INIT("ms"), 1},
};

/* The unit that `letters` names, if it comes at `first` or later; ARRAY_LEN(units) otherwise. */
static size_t find_unit(str letters, size_t first) {
    size_t unit = first;
    while (unit < ARRAY_LEN(units) && !str_equal(letters, units[unit].name)) {
        unit++;
    }
    return unit;
}

/* Takes one quantity with its unit. A quantity above uint64 only sets *overflows, because a wrong
 * pattern further on goes first. */
static bool take_pair(str text, size_t *at, size_t *unit, uint64_t *total, bool *overflows) {
    size_t start = *at;
    while (*at < text.len && byte_is_digit(text.ptr[*at])) {
        (*at)++;
    }
    str digits = str_slice(text, start, *at);
    start = *at;
    while (*at < text.len && byte_is_alpha(text.ptr[*at])) {
        (*at)++;
    }
    size_t found = find_unit(str_slice(text, start, *at), *unit);
    if (digits.len == 0 || found == ARRAY_LEN(units)) {
        return false;
    }
    *unit = found + 1;
    uint64_t quantity;
    if (!str_to_u64(digits, &quantity) || MUL_OVERFLOWS(quantity, units[found].ms, &quantity) ||
        ADD_OVERFLOWS(*total, quantity, total)) {
        *overflows = true;
    }
    return true;
}

err duration_from_string(struct arena *a, const struct value *args, struct value *ret,
                         struct ext_error *reterr) {
    str text = value_text(&args[0]);
    bool is_negative = str_has_prefix(text, STR("-"));
    size_t at = is_negative ? 1 : 0;
    size_t unit = 0;
    uint64_t total = 0;
    bool overflows = false;
    do {
        if (!take_pair(text, &at, &unit, &total, &overflows)) {
            return ext_fail(a, reterr, ERR_SYNTAX, "duration", help, "invalid duration pattern",
                            STR(""), "");
        }
    } while (at < text.len);
    uint64_t largest = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    if (overflows || total > largest) {
        return ext_fail(a, reterr, ERR_RANGE, "duration", help,
                        "Duration overflows internal representation", STR(""), "");
    }
    int64_t ms = is_negative && total > 0 ? -(int64_t)(total - 1) - 1 : (int64_t)total;
    *ret = (struct value){.kind = VALUE_DURATION, .integer = ms};
    return ERR_OK;
}

err duration_to_milliseconds(struct arena *a, const struct value *args, struct value *ret,
                             struct ext_error *reterr) {
    IGNORE(a);      /* division needs no memory */
    IGNORE(reterr); /* and cannot fail */
    *ret = value_long(args[0].integer);
    return ERR_OK;
}

err duration_to_seconds(struct arena *a, const struct value *args, struct value *ret,
                        struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_long(args[0].integer / 1000);
    return ERR_OK;
}

err duration_to_minutes(struct arena *a, const struct value *args, struct value *ret,
                        struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_long(args[0].integer / 60000);
    return ERR_OK;
}

err duration_to_hours(struct arena *a, const struct value *args, struct value *ret,
                      struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_long(args[0].integer / 3600000);
    return ERR_OK;
}

err duration_to_days(struct arena *a, const struct value *args, struct value *ret,
                     struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_long(args[0].integer / 86400000);
    return ERR_OK;
}
