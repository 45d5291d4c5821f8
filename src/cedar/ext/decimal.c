/* SPDX-License-Identifier: Apache-2.0 */
/* decimal: an int64 scaled by 10^4 (maps: §1.6, corner 17). */
#include "cedar/ext/ext_int.h"

#include "base/utf8.h"
#include "cedar/value/unicode.h"

#define RANGE "-922337203685477.5808 to 922337203685477.5807"

enum { SCALE = 10000, FRACTION_MAX = 4 };

static const char shape_help[] =
    "valid decimal strings look like `12.34`: digits are required on both sides of `.`, up to 4 "
    "fractional digits are allowed, and the value must be in range " RANGE;
static const char digits_help[] = "at most 4 digits are supported";
static const char range_help[] = "the value must be in range " RANGE;

/* One or more decimal digits of any script. The reference recognises the shape by such digits
 * and then fails to convert those that are not ASCII. */
static bool is_digits(str text) {
    size_t offset = 0;
    while (offset < text.len) {
        uint32_t scalar;
        if (!utf8_next(text, &offset, &scalar) || !unicode_is_decimal_digit(scalar)) {
            return false;
        }
    }
    return text.len > 0;
}

static bool has_shape(str text, str *ret_whole, str *ret_fraction) {
    if (!str_cut(text, '.', ret_whole, ret_fraction)) {
        return false;
    }
    str digits = *ret_whole;
    if (str_has_prefix(digits, STR("-"))) {
        digits = str_slice(digits, 1, digits.len);
    }
    return is_digits(digits) && is_digits(*ret_fraction);
}

static err overflow(struct arena *a, struct ext_error *reterr) {
    return ext_fail(a, reterr, ERR_RANGE, "decimal", range_help,
                    "overflow when converting to decimal", STR(""), "");
}

err decimal_from_string(struct arena *a, const struct value *args, struct value *ret,
                        struct ext_error *reterr) {
    str text = value_text(&args[0]);
    str whole;
    str fraction;
    if (!has_shape(text, &whole, &fraction)) {
        return ext_fail(a, reterr, ERR_SYNTAX, "decimal", shape_help, "`", text,
                        "` is not a well-formed decimal value");
    }
    int64_t scaled;
    if (!str_to_i64(whole, &scaled) || MUL_OVERFLOWS(scaled, SCALE, &scaled)) {
        return overflow(a, reterr);
    }
    if (fraction.len > FRACTION_MAX) {
        return ext_fail(a, reterr, ERR_SYNTAX, "decimal", digits_help,
                        "too many digits after the decimal in `", text, "`");
    }
    int64_t part;
    if (!str_to_i64(fraction, &part)) {
        return overflow(a, reterr);
    }
    for (size_t i = fraction.len; i < FRACTION_MAX; i++) {
        part *= 10;
    }
    bool is_negative = whole.ptr[0] == '-'; /* "-0.5" has the whole part 0 */
    if (ADD_OVERFLOWS(scaled, is_negative ? -part : part, &scaled)) {
        return overflow(a, reterr);
    }
    *ret = (struct value){.kind = VALUE_DECIMAL, .integer = scaled};
    return ERR_OK;
}

err decimal_less_than(struct arena *a, const struct value *args, struct value *ret,
                      struct ext_error *reterr) {
    IGNORE(a);      /* comparing needs no memory */
    IGNORE(reterr); /* and cannot fail */
    *ret = value_bool(args[0].integer < args[1].integer);
    return ERR_OK;
}

err decimal_less_than_or_equal(struct arena *a, const struct value *args, struct value *ret,
                               struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_bool(args[0].integer <= args[1].integer);
    return ERR_OK;
}

err decimal_greater_than(struct arena *a, const struct value *args, struct value *ret,
                         struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_bool(args[0].integer > args[1].integer);
    return ERR_OK;
}

err decimal_greater_than_or_equal(struct arena *a, const struct value *args, struct value *ret,
                                  struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_bool(args[0].integer >= args[1].integer);
    return ERR_OK;
}
