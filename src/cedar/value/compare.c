/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/value.h"

#include "base/assert.h"

static int compare_i64(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int compare_size(size_t a, size_t b) {
    return (a > b) - (a < b);
}

/* The order of kinds in a sorted set: what the reference prints and blames first. */
static int rank(enum value_kind kind) {
    switch (kind) {
    case VALUE_BOOL:
        return 0;
    case VALUE_LONG:
        return 1;
    case VALUE_STRING:
        return 2;
    case VALUE_ENTITY:
        return 3;
    case VALUE_SET:
        return 4;
    case VALUE_RECORD:
        return 5;
    case VALUE_DATETIME:
        return 6;
    case VALUE_DECIMAL:
        return 7;
    case VALUE_DURATION:
        return 8;
    case VALUE_IPADDR:
        return 9;
    }
    NOT_REACHED();
    return 0;
}

static int compare_uid(const struct uid *a, const struct uid *b) {
    if (a == b) {
        return 0;
    }
    int order = str_compare(uid_type(a), uid_type(b));
    return order != 0 ? order : str_compare(uid_id(a), uid_id(b));
}

static int compare_ip(const struct ipaddr *a, const struct ipaddr *b) {
    if (a->is_v6 != b->is_v6) {
        return a->is_v6 ? 1 : -1;
    }
    int order = memcmp(a->bytes, b->bytes, sizeof a->bytes);
    return order != 0 ? order : (int)a->prefix - (int)b->prefix;
}

static int compare_set(const struct value_set *a, const struct value_set *b) {
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order = value_compare(&a->items[i], &b->items[i]);
        if (order != 0) {
            return order;
        }
    }
    return compare_size(a->count, b->count);
}

static int compare_record(const struct value_record *a, const struct value_record *b) {
    size_t a_count = value_record_count(a);
    size_t b_count = value_record_count(b);
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        int order = str_compare(value_record_name(a, i), value_record_name(b, i));
        if (order == 0) {
            order = value_compare(&a->values[i], &b->values[i]);
        }
        if (order != 0) {
            return order;
        }
    }
    return compare_size(a_count, b_count);
}

int value_compare(const struct value *a, const struct value *b) {
    if (a->kind != b->kind) {
        return rank(a->kind) - rank(b->kind);
    }
    switch (a->kind) {
    case VALUE_BOOL:
        return (int)a->boolean - (int)b->boolean;
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return compare_i64(a->integer, b->integer);
    case VALUE_STRING:
        return str_compare(value_text(a), value_text(b));
    case VALUE_ENTITY:
        return compare_uid(a->uid, b->uid);
    case VALUE_SET:
        return a->set == b->set ? 0 : compare_set(a->set, b->set);
    case VALUE_RECORD:
        return a->record == b->record ? 0 : compare_record(a->record, b->record);
    case VALUE_IPADDR:
        return compare_ip(a->ip, b->ip);
    }
    NOT_REACHED();
    return 0;
}

static bool equal_set(const struct value_set *a, const struct value_set *b) {
    if (a == b) {
        return true;
    }
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!value_equal(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

static bool equal_record(const struct value_record *a, const struct value_record *b) {
    if (a == b) {
        return true;
    }
    size_t count = value_record_count(a);
    if (count != value_record_count(b)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!str_same(value_record_name(a, i), value_record_name(b, i)) ||
            !value_equal(&a->values[i], &b->values[i])) {
            return false;
        }
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return a->integer == b->integer;
    case VALUE_STRING:
        return str_same(value_text(a), value_text(b));
    case VALUE_ENTITY:
        return uid_equal(a->uid, b->uid);
    case VALUE_SET:
        return equal_set(a->set, b->set);
    case VALUE_RECORD:
        return equal_record(a->record, b->record);
    case VALUE_IPADDR:
        return compare_ip(a->ip, b->ip) == 0;
    }
    NOT_REACHED();
    return false;
}
