/* SPDX-License-Identifier: Apache-2.0 */
/* Subtypes and joins. Recursion follows the nesting of types, which is bounded where they are
 * made; answers about pairs of records are remembered. */
#include "cedar/validate/type.h"

static uint64_t pair_key(const struct type *a, const struct type *b) {
    return (uint64_t)a->id << 32 | b->id;
}

/* ---- subtypes ---- */

static bool is_attr_subtype(struct types *t, const struct type_attr *a, const struct type_attr *b,
                            enum type_mode mode) {
    bool has_quality =
        mode == TYPE_STRICT ? a->is_required == b->is_required : a->is_required || !b->is_required;
    return has_quality && types_is_subtype(t, a->type, b->type, mode);
}

/* Every attribute of b is in a, with a subtype. */
static bool has_attrs_of(struct types *t, const struct type *a, const struct type *b,
                         enum type_mode mode) {
    for (size_t i = 0; i < b->record.count; i++) {
        const struct type_attr *wanted = &b->record.attrs[i];
        const struct type_attr *attr = type_find_attr(a, wanted->name);
        if (attr == NULL || !is_attr_subtype(t, attr, wanted, mode)) {
            return false;
        }
    }
    return true;
}

static bool has_same_names(const struct type *a, const struct type *b) {
    if (a->record.count != b->record.count) {
        return false;
    }
    for (size_t i = 0; i < a->record.count; i++) {
        if (!str_equal(a->record.attrs[i].name, b->record.attrs[i].name)) {
            return false;
        }
    }
    return true;
}

static bool is_record_subtype(struct types *t, const struct type *a, const struct type *b,
                              enum type_mode mode) {
    if (a->record.is_open && !b->record.is_open) {
        return false;
    }
    uint64_t key = pair_key(a, b);
    const uint64_t *known = table_find(&t->subtypes[mode], key);
    if (known != NULL) {
        return *known != 0;
    }
    bool may_be_wider = b->record.is_open && mode == TYPE_PERMISSIVE;
    bool is_subtype = (may_be_wider || has_same_names(a, b)) && has_attrs_of(t, a, b, mode);
    IGNORE(table_put(&t->subtypes[mode], key, is_subtype)); /* the arena remembers a failure */
    return is_subtype;
}

static bool is_entity_subtype(const struct type *a, const struct type *b, enum type_mode mode) {
    if (mode == TYPE_STRICT) {
        return false; /* equal ones have been seen */
    }
    if (b->kind == TYPE_ANY_ENTITY) {
        return true;
    }
    for (size_t i = 0; a->kind == TYPE_ENTITY && i < a->entities.count; i++) {
        if (!type_has_entity(b, a->entities.items[i])) {
            return false;
        }
    }
    return a->kind == TYPE_ENTITY;
}

bool types_is_subtype(struct types *t, const struct type *a, const struct type *b,
                      enum type_mode mode) {
    if (a == b || a->kind == TYPE_NEVER) {
        return true;
    }
    if (b->kind == TYPE_BOOL) {
        return type_is_bool(a);
    }
    if (type_is_entity(a) && type_is_entity(b)) {
        return is_entity_subtype(a, b, mode);
    }
    if (a->kind == TYPE_SET && b->kind == TYPE_SET) {
        return b->element == NULL ||
               (a->element != NULL && types_is_subtype(t, a->element, b->element, mode));
    }
    return a->kind == TYPE_RECORD && b->kind == TYPE_RECORD && is_record_subtype(t, a, b, mode);
}

/* ---- joins ---- */

/* Both lists are sorted by rank. */
static const struct type *join_entities(struct types *t, const struct type *a,
                                        const struct type *b) {
    size_t count = a->entities.count + b->entities.count;
    const struct schema_entity_type **items =
        ARENA_ARRAY(t->arena, const struct schema_entity_type *, count);
    if (items == NULL) {
        return NULL;
    }
    size_t at = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < a->entities.count || j < b->entities.count) {
        const struct schema_entity_type *x = i < a->entities.count ? a->entities.items[i] : NULL;
        const struct schema_entity_type *y = j < b->entities.count ? b->entities.items[j] : NULL;
        bool takes_x = y == NULL || (x != NULL && types_rank(t, x) <= types_rank(t, y));
        i += takes_x || x == y;
        j += !takes_x || x == y;
        items[at++] = takes_x ? x : y;
    }
    return types_of_entities(t, items, at);
}

static const struct type *join_records(struct types *t, const struct type *a, const struct type *b,
                                       enum type_mode mode, enum type_clash *ret_clash) {
    if (mode == TYPE_STRICT && !has_same_names(a, b)) {
        *ret_clash = TYPE_CLASH_WIDTH;
        return NULL;
    }
    struct type_attr *attrs = ARENA_ARRAY(t->arena, struct type_attr, a->record.count);
    size_t count = 0;
    for (size_t i = 0; attrs != NULL && i < a->record.count; i++) {
        const struct type_attr *x = &a->record.attrs[i];
        const struct type_attr *y = type_find_attr(b, x->name);
        const struct type *type =
            y == NULL ? NULL : types_join(t, x->type, y->type, mode, ret_clash);
        bool is_same_quality = y != NULL && x->is_required == y->is_required;
        if (type != NULL && (mode == TYPE_PERMISSIVE || is_same_quality)) {
            attrs[count++] = (struct type_attr){x->name, x->is_required && y->is_required, type};
        } else if (mode == TYPE_STRICT) {
            *ret_clash = type == NULL ? *ret_clash : TYPE_CLASH_QUALIFIER;
            return NULL;
        }
    }
    bool lost_some = count < a->record.count || count < b->record.count;
    bool is_open = a->record.is_open || b->record.is_open || lost_some;
    return attrs == NULL ? NULL : types_record(t, is_open, attrs, count);
}

/* What is remembered: the type, or the clash in an odd number. */
static const struct type *recall(uint64_t known, enum type_clash *ret_clash) {
    if ((known & 1) == 0) {
        return (const struct type *)(uintptr_t)known;
    }
    *ret_clash = (enum type_clash)(known >> 1);
    return NULL;
}

static const struct type *join_records_once(struct types *t, const struct type *a,
                                            const struct type *b, enum type_mode mode,
                                            enum type_clash *ret_clash) {
    const uint64_t *known = table_find(&t->joins[mode], pair_key(a, b));
    if (known != NULL) {
        return recall(*known, ret_clash);
    }
    const struct type *joined = join_records(t, a, b, mode, ret_clash);
    uint64_t answer = joined == NULL ? (uint64_t)*ret_clash << 1 | 1 : table_key(joined);
    IGNORE(table_put(&t->joins[mode], pair_key(a, b), answer)); /* the arena remembers a failure */
    return joined;
}

static const struct type *join_others(const struct type *a, const struct type *b,
                                      enum type_clash *ret_clash) {
    bool is_entity_record = (type_is_entity(a) && b->kind == TYPE_RECORD) ||
                            (a->kind == TYPE_RECORD && type_is_entity(b));
    *ret_clash = is_entity_record ? TYPE_CLASH_ENTITY_RECORD : TYPE_CLASH_OTHER;
    return NULL;
}

const struct type *types_join(struct types *t, const struct type *a, const struct type *b,
                              enum type_mode mode, enum type_clash *ret_clash) {
    *ret_clash = TYPE_CLASH_OTHER;
    if (types_is_subtype(t, a, b, mode)) {
        return b;
    }
    if (types_is_subtype(t, b, a, mode)) {
        return a;
    }
    if (type_is_bool(a) && type_is_bool(b)) {
        return types_simple(t, TYPE_BOOL);
    }
    if (a->kind == TYPE_SET && b->kind == TYPE_SET) { /* with elements, or one were a subtype */
        const struct type *element = types_join(t, a->element, b->element, mode, ret_clash);
        return element == NULL ? NULL : types_set(t, element);
    }
    if (a->kind == TYPE_RECORD && b->kind == TYPE_RECORD) {
        return join_records_once(t, a, b, mode, ret_clash);
    }
    if (type_is_entity(a) && type_is_entity(b)) {
        *ret_clash = TYPE_CLASH_ENTITY;
        return mode == TYPE_STRICT ? NULL : join_entities(t, a, b);
    }
    return join_others(a, b, ret_clash);
}

bool type_is_disjoint(const struct type *a, const struct type *b) {
    if (a->kind != TYPE_ENTITY || b->kind != TYPE_ENTITY) {
        return false; /* two sets may both be empty; the rest is not looked at */
    }
    for (size_t i = 0; i < a->entities.count; i++) {
        if (type_has_entity(b, a->entities.items[i])) {
            return false;
        }
    }
    return true;
}
