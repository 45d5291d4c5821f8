/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "base/assert.h"

str str_slice(str s, size_t from, size_t to) {
    if (!HOLDS(from <= to && to <= s.len)) {
        return (str){0};
    }
    return (str){s.ptr == NULL ? NULL : s.ptr + from, to - from};
}

int str_compare(str a, str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) {
        return order;
    }
    return a.len == b.len ? 0 : (a.len < b.len ? -1 : 1);
}

bool str_has_prefix(str s, str prefix) {
    return s.len >= prefix.len && str_equal(str_slice(s, 0, prefix.len), prefix);
}

bool str_has_suffix(str s, str suffix) {
    return s.len >= suffix.len && str_equal(str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool str_equal_nocase(str a, str b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (byte_lower(a.ptr[i]) != byte_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

size_t str_find_byte(str s, char byte) {
    const char *hit = s.len == 0 ? NULL : memchr(s.ptr, byte, s.len);
    return hit == NULL ? SIZE_MAX : (size_t)(hit - s.ptr);
}

size_t str_find(str s, str needle) {
    for (size_t i = 0; i + needle.len <= s.len; i++) {
        if (needle.len == 0 || memcmp(s.ptr + i, needle.ptr, needle.len) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

bool str_cut(str s, char byte, str *head, str *tail) {
    size_t at = str_find_byte(s, byte);
    if (at == SIZE_MAX) {
        *head = s;
        *tail = (str){NULL, 0};
        return false;
    }
    *head = str_slice(s, 0, at);
    *tail = str_slice(s, at + 1, s.len);
    return true;
}

str str_trim(str s) {
    size_t from = 0;
    size_t to = s.len;
    while (from < to && (s.ptr[from] == ' ' || s.ptr[from] == '\t')) {
        from++;
    }
    while (to > from && (s.ptr[to - 1] == ' ' || s.ptr[to - 1] == '\t')) {
        to--;
    }
    return str_slice(s, from, to);
}

bool str_to_u64(str s, uint64_t *ret_value) {
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!byte_is_digit(s.ptr[i]) || MUL_OVERFLOWS(value, (uint64_t)10, &value) ||
            ADD_OVERFLOWS(value, (uint64_t)(s.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    if (s.len == 0) {
        return false;
    }
    *ret_value = value;
    return true;
}

bool str_to_i64(str s, int64_t *ret_value) {
    bool is_negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t magnitude = 0;
    if (!str_to_u64(is_negative ? str_slice(s, 1, s.len) : s, &magnitude)) {
        return false;
    }
    if (is_negative) {
        if (magnitude > (uint64_t)INT64_MAX + 1) {
            return false;
        }
        *ret_value = magnitude == (uint64_t)INT64_MAX + 1 ? INT64_MIN : -(int64_t)magnitude;
        return true;
    }
    if (magnitude > (uint64_t)INT64_MAX) {
        return false;
    }
    *ret_value = (int64_t)magnitude;
    return true;
}

enum { NEAREST_NAME_MAX = 64 };

/* `b` has at most NEAREST_NAME_MAX bytes. */
static size_t edit_distance(str a, str b, bool folds_case) {
    size_t row[NEAREST_NAME_MAX + 1];
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = a.ptr[i - 1];
            char y = b.ptr[j - 1];
            bool is_same = folds_case ? byte_lower(x) == byte_lower(y) : x == y;
            size_t cost = diagonal + (is_same ? 0 : 1);
            diagonal = row[j];
            if (row[j] + 1 < cost) {
                cost = row[j] + 1;
            }
            if (row[j - 1] + 1 < cost) {
                cost = row[j - 1] + 1;
            }
            row[j] = cost;
        }
    }
    return row[b.len];
}

str str_nearest(str name, const str *known, size_t count) {
    str best = {NULL, 0};
    size_t best_distance = name.len / 3 + 2;
    if (name.len == 0 || name.len > NEAREST_NAME_MAX) {
        return best;
    }
    for (size_t i = 0; i < count; i++) {
        if (known[i].len > NEAREST_NAME_MAX) {
            continue;
        }
        size_t distance = edit_distance(name, known[i], true);
        if (distance < best_distance) {
            best_distance = distance;
            best = known[i];
        }
    }
    return best;
}

str str_nearest_within(str name, const str *known, size_t count, size_t limit) {
    str best = {NULL, 0};
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t gap = name.len > known[i].len ? name.len - known[i].len : known[i].len - name.len;
        if (known[i].len > NEAREST_NAME_MAX || gap > limit) {
            continue;
        }
        size_t distance = edit_distance(name, known[i], false);
        if (distance <= limit && distance < best_distance) {
            best_distance = distance;
            best = known[i];
        }
    }
    return best;
}
