/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/schema.h"

#include "base/assert.h"

static bool annotations_equal(const struct schema_annotations *a,
                              const struct schema_annotations *b) {
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct schema_annotation *left = &a->items[i];
        const struct schema_annotation *right = &b->items[i];
        /* `@a` and `@a("")` are the same annotation */
        if (!str_equal(left->name, right->name) || !str_equal(left->value, right->value)) {
            return false;
        }
    }
    return true;
}

/* Records known to be equal, where the hash of the first one says. Types share their parts: without
 * this, sixty of which each has the one before twice would be walked through 2^60 times. */
struct equal_memo {
    struct {
        const struct schema_record *a;
        const struct schema_record *b;
    } slots[1024];
};

static size_t memo_slot(const struct equal_memo *memo, const struct schema_record *a) {
    uint64_t hash = (uint64_t)(uintptr_t)a * 0x9e3779b97f4a7c15; /* its high bits are mixed best */
    return (size_t)(hash >> 32) % ARRAY_LEN(memo->slots);
}

static bool types_equal(struct equal_memo *memo, const struct schema_type *a,
                        const struct schema_type *b);

static bool records_equal(struct equal_memo *memo, const struct schema_record *a,
                          const struct schema_record *b) {
    size_t slot = memo_slot(memo, a);
    if (a == b || (memo->slots[slot].a == a && memo->slots[slot].b == b)) {
        return true;
    }
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct schema_attr *left = &a->attrs[i];
        const struct schema_attr *right = &b->attrs[i];
        if (!str_equal(left->name, right->name) || left->is_required != right->is_required ||
            !annotations_equal(&left->annotations, &right->annotations) ||
            !types_equal(memo, left->type, right->type)) {
            return false;
        }
    }
    memo->slots[slot].a = a;
    memo->slots[slot].b = b;
    return true;
}

static bool types_equal(struct equal_memo *memo, const struct schema_type *a,
                        const struct schema_type *b) {
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || a->depth != b->depth) {
        return false;
    }
    switch (a->kind) {
    case SCHEMA_BOOL:
    case SCHEMA_LONG:
    case SCHEMA_STRING:
    case SCHEMA_DECIMAL:
    case SCHEMA_IPADDR:
    case SCHEMA_DATETIME:
    case SCHEMA_DURATION:
        return true;
    case SCHEMA_ENTITY:
        return str_equal(a->entity->name, b->entity->name);
    case SCHEMA_SET:
        return types_equal(memo, a->element, b->element);
    case SCHEMA_RECORD:
        return records_equal(memo, a->record, b->record);
    }
    NOT_REACHED();
    return false;
}

static bool type_lists_equal(const struct schema_entity_type *const *a, size_t a_count,
                             const struct schema_entity_type *const *b, size_t b_count) {
    if (a_count != b_count) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (!str_equal(a[i]->name, b[i]->name)) {
            return false;
        }
    }
    return true;
}

static bool uid_lists_equal(const struct uid *const *a, size_t a_count, const struct uid *const *b,
                            size_t b_count) {
    if (a_count != b_count) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (!str_equal(uid_type(a[i]), uid_type(b[i])) || !str_equal(uid_id(a[i]), uid_id(b[i]))) {
            return false;
        }
    }
    return true;
}

static bool entity_types_equal(struct equal_memo *memo, const struct schema_entity_type *a,
                               const struct schema_entity_type *b) {
    if (!str_equal(a->name, b->name) || a->kind != b->kind || a->id_count != b->id_count ||
        (a->tags == NULL) != (b->tags == NULL)) {
        return false;
    }
    for (size_t i = 0; i < a->id_count; i++) {
        if (!str_equal(a->ids[i], b->ids[i])) {
            return false;
        }
    }
    return records_equal(memo, a->attrs, b->attrs) &&
           (a->tags == NULL || types_equal(memo, a->tags, b->tags)) &&
           annotations_equal(&a->annotations, &b->annotations) &&
           type_lists_equal(a->parents, a->parent_count, b->parents, b->parent_count) &&
           type_lists_equal(a->ancestors, a->ancestor_count, b->ancestors, b->ancestor_count);
}

static bool actions_equal(struct equal_memo *memo, const struct schema_action *a,
                          const struct schema_action *b) {
    return str_equal(uid_type(a->uid), uid_type(b->uid)) &&
           str_equal(uid_id(a->uid), uid_id(b->uid)) &&
           annotations_equal(&a->annotations, &b->annotations) &&
           uid_lists_equal(a->parents, a->parent_count, b->parents, b->parent_count) &&
           uid_lists_equal(a->ancestors, a->ancestor_count, b->ancestors, b->ancestor_count) &&
           type_lists_equal(a->principals, a->principal_count, b->principals, b->principal_count) &&
           type_lists_equal(a->resources, a->resource_count, b->resources, b->resource_count) &&
           types_equal(memo, a->context, b->context);
}

bool schema_equal(const struct schema *a, const struct schema *b) {
    struct equal_memo memo = {0};
    if (a->entity_type_count != b->entity_type_count || a->action_count != b->action_count) {
        return false;
    }
    for (size_t i = 0; i < a->entity_type_count; i++) {
        if (!entity_types_equal(&memo, a->entity_types[i], b->entity_types[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < a->action_count; i++) {
        if (!actions_equal(&memo, a->actions[i], b->actions[i])) {
            return false;
        }
    }
    return true;
}
