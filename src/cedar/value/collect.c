/* SPDX-License-Identifier: Apache-2.0 */
/* Sets and records: building, looking up, copying. */
#include "cedar/value/value.h"

#include "base/assert.h"
#include "cedar/value/sort.h"

enum { SCANNED = 12 }; /* records with so few fields are looked through */

static const struct value_shape no_names;
const struct value_record value_no_fields = {.shape = &no_names};

static int compare_items(const void *a, const void *b) {
    return value_compare(a, b);
}

static int compare_fields(const void *a, const void *b) {
    const struct value_field *left = a;
    const struct value_field *right = b;
    return str_compare(left->name, right->name);
}

static size_t drop_duplicates(struct value *items, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !value_equal(&items[kept - 1], &items[i])) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

err value_set_adopt(struct arena *a, struct value *take_items, size_t count, struct value *ret) {
    struct value_set *set = ARENA_NEW(a, struct value_set);
    if (set == NULL) {
        return arena_error(a);
    }
    sort_items(take_items, count, sizeof *take_items, compare_items);
    *set = (struct value_set){drop_duplicates(take_items, count), take_items};
    *ret = (struct value){.kind = VALUE_SET, .set = set};
    return ERR_OK;
}

err value_set_make(struct arena *a, const struct value *items, size_t count, struct value *ret) {
    struct value *copy = ARENA_ARRAY(a, struct value, count);
    if (copy == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        copy[i] = items[i];
    }
    return value_set_adopt(a, copy, count, ret);
}

struct value_record *value_record_new(struct arena *a, const struct value_shape *shape) {
    struct value_record *record;
    if (shape->count > (SIZE_MAX - sizeof *record) / sizeof *record->values) {
        return arena_alloc(a, SIZE_MAX); /* which says ERR_LIMIT */
    }
    record = arena_alloc(a, sizeof *record + shape->count * sizeof *record->values);
    if (record != NULL) {
        record->shape = shape;
    }
    return record;
}

struct value_record *value_record_shaped(struct arena *a, size_t count, str **ret_names) {
    struct value_shape *shape = ARENA_NEW(a, struct value_shape);
    str *names = ARENA_ARRAY(a, str, count);
    if (shape == NULL || names == NULL) {
        return NULL;
    }
    *shape = (struct value_shape){count, names};
    *ret_names = names;
    return value_record_new(a, shape);
}

err value_record_adopt(struct arena *a, struct value_field *take_fields, size_t count,
                       struct value *ret) {
    str *names;
    struct value_record *record = value_record_shaped(a, count, &names);
    if (record == NULL) {
        return arena_error(a);
    }
    sort_items(take_fields, count, sizeof *take_fields, compare_fields);
    for (size_t i = 1; i < count; i++) {
        if (str_equal(take_fields[i - 1].name, take_fields[i].name)) {
            return ERR_EXISTS;
        }
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = take_fields[i].name;
        record->values[i] = take_fields[i].value;
    }
    *ret = value_record(record);
    return ERR_OK;
}

err value_record_make(struct arena *a, const struct value_field *fields, size_t count,
                      struct value *ret) {
    struct value_field *copy = ARENA_ARRAY(a, struct value_field, count);
    if (copy == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        copy[i] = fields[i];
    }
    return value_record_adopt(a, copy, count, ret);
}

bool value_set_contains(const struct value_set *set, const struct value *item) {
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = value_compare(&set->items[middle], item);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

const struct value *value_record_find(const struct value_record *record, str name) {
    const struct value_shape *shape = record->shape;
    if (shape->count <= SCANNED) {
        for (size_t i = 0; i < shape->count; i++) {
            if (str_same(shape->names[i], name)) {
                return &record->values[i];
            }
        }
        return NULL;
    }
    size_t low = 0;
    size_t high = shape->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(shape->names[middle], name);
        if (order == 0) {
            return &record->values[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static err copy_uid(struct arena *a, const struct uid *uid, struct value *ret) {
    struct uid *copy = ARENA_NEW(a, struct uid);
    if (copy == NULL) {
        return arena_error(a);
    }
    str type;
    str id;
    TRY(arena_copy(a, uid_type(uid), &type));
    TRY(arena_copy(a, uid_id(uid), &id));
    *copy = uid_unhashed(type, id);
    copy->hash = uid->hash;
    *ret = value_entity(copy);
    return ERR_OK;
}

static err copy_set(struct arena *a, const struct value_set *set, struct value *ret) {
    struct value *items = ARENA_ARRAY(a, struct value, set->count);
    struct value_set *copy = ARENA_NEW(a, struct value_set);
    if (items == NULL || copy == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < set->count; i++) {
        TRY(value_copy(a, &set->items[i], &items[i]));
    }
    *copy = (struct value_set){set->count, items};
    *ret = (struct value){.kind = VALUE_SET, .set = copy};
    return ERR_OK;
}

static err copy_record(struct arena *a, const struct value_record *record, struct value *ret) {
    size_t count = value_record_count(record);
    str *names;
    struct value_record *copy = value_record_shaped(a, count, &names);
    if (copy == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(arena_copy(a, value_record_name(record, i), &names[i]));
        TRY(value_copy(a, &record->values[i], &copy->values[i]));
    }
    *ret = value_record(copy);
    return ERR_OK;
}

static err copy_ip(struct arena *a, const struct ipaddr *ip, struct value *ret) {
    struct ipaddr *copy = ARENA_NEW(a, struct ipaddr);
    if (copy == NULL) {
        return arena_error(a);
    }
    *copy = *ip;
    *ret = (struct value){.kind = VALUE_IPADDR, .ip = copy};
    return ERR_OK;
}

err value_copy(struct arena *a, const struct value *value, struct value *ret) {
    switch (value->kind) {
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        *ret = *value;
        return ERR_OK;
    case VALUE_STRING: {
        str text;
        TRY(arena_copy(a, value_text(value), &text));
        *ret = value_string(text);
        return ERR_OK;
    }
    case VALUE_ENTITY:
        return copy_uid(a, value->uid, ret);
    case VALUE_SET:
        return copy_set(a, value->set, ret);
    case VALUE_RECORD:
        return copy_record(a, value->record, ret);
    case VALUE_IPADDR:
        return copy_ip(a, value->ip, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}
