/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/unicode.h"

#include "cedar/value/unicode_tables.h"

static bool is_in_table(const struct range *table, size_t count, uint32_t scalar) {
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle].last < scalar) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && table[low].first <= scalar;
}

bool unicode_is_printable(uint32_t scalar) {
    if (scalar < 0x7f) {
        return scalar >= 0x20;
    }
    return !is_in_table(unprintable, ARRAY_LEN(unprintable), scalar);
}

bool unicode_is_grapheme_extend(uint32_t scalar) {
    return scalar >= 0x300 && is_in_table(grapheme_extend, ARRAY_LEN(grapheme_extend), scalar);
}

bool unicode_is_decimal_digit(uint32_t scalar) {
    return is_in_table(decimal_digits, ARRAY_LEN(decimal_digits), scalar);
}
