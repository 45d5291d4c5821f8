/* SPDX-License-Identifier: Apache-2.0 */
/* Operators on values: members, hierarchy, sets, tags, comparison, arithmetic, patterns. */
#include "oracle_int.h"

#include "base/assert.h"
#include "base/utf8.h"

static const enum value_kind record_or_entity[] = {VALUE_RECORD, VALUE_ENTITY};
static const enum value_kind set_or_entity[] = {VALUE_SET, VALUE_ENTITY};
static const enum value_kind ordered[] = {VALUE_LONG, VALUE_DATETIME, VALUE_DURATION};

/* ---- looking things up, one after the other ---- */

static const struct value *find_field(const struct value_record *record, str name) {
    for (size_t i = 0; i < value_record_count(record); i++) {
        if (str_equal(value_record_name(record, i), name)) {
            return &record->values[i];
        }
    }
    return NULL;
}

static bool has_item(const struct value_set *set, const struct value *item) {
    for (size_t i = 0; i < set->count; i++) {
        if (value_equal(&set->items[i], item)) {
            return true;
        }
    }
    return false;
}

bool oracle_is_same(const struct uid *a, const struct uid *b) {
    return str_equal(uid_type(a), uid_type(b)) && str_equal(uid_id(a), uid_id(b));
}

/* Over the parents, as often as there are ways; stores have no cycles. */
bool oracle_is_in(const struct entities *entities, const struct uid *uid,
                  const struct uid *ancestor) {
    if (oracle_is_same(uid, ancestor)) {
        return true;
    }
    const struct entity *entity = entities_find(entities, uid);
    for (size_t i = 0; entity != NULL && i < entity->parent_count; i++) {
        if (oracle_is_in(entities, entity_parent(entity, i), ancestor)) {
            return true;
        }
    }
    return false;
}

/* ---- members ---- */

err oracle_has(struct eval *e, const struct value *object, str attr,
               const struct value **ret_found) {
    if (object->kind == VALUE_RECORD) {
        *ret_found = find_field(object->record, attr);
        return ERR_OK;
    }
    if (object->kind != VALUE_ENTITY) {
        return fail_types(e, record_or_entity, ARRAY_LEN(record_or_entity), object, NULL);
    }
    const struct entity *entity = entities_find(e->entities, object->uid);
    *ret_found = entity == NULL ? NULL : find_field(entity->attrs, attr);
    return ERR_OK;
}

err oracle_get(struct eval *e, const struct value *object, str attr, struct value *ret) {
    const struct value *found = NULL;
    TRY(oracle_has(e, object, attr, &found));
    if (found != NULL) {
        *ret = *found;
        return ERR_OK;
    }
    if (object->kind == VALUE_RECORD) {
        return fail_no_field(e, object->record, attr);
    }
    const struct entity *entity = entities_find(e->entities, object->uid);
    if (entity == NULL) {
        return fail_no_entity(e, object->uid);
    }
    return fail_no_attribute(e, entity, attr);
}

/* Both tag operators look at the types of both operands before the entity. */
static err check_tag_operands(struct eval *e, const struct value *left, const struct value *right) {
    if (left->kind != VALUE_ENTITY) {
        return fail_type(e, VALUE_ENTITY, left);
    }
    return right->kind == VALUE_STRING ? ERR_OK : fail_type(e, VALUE_STRING, right);
}

err oracle_get_tag(struct eval *e, const struct value *left, const struct value *right,
                   struct value *ret) {
    TRY(check_tag_operands(e, left, right));
    const struct entity *entity = entities_find(e->entities, left->uid);
    if (entity == NULL) {
        return fail_no_entity(e, left->uid);
    }
    const struct value *found = find_field(entity->tags, value_text(right));
    if (found == NULL) {
        return fail_no_tag(e, entity, value_text(right));
    }
    *ret = *found;
    return ERR_OK;
}

err oracle_has_tag(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    TRY(check_tag_operands(e, left, right));
    const struct entity *entity = entities_find(e->entities, left->uid);
    *ret = entity != NULL && find_field(entity->tags, value_text(right)) != NULL;
    return ERR_OK;
}

/* ---- hierarchy ---- */

static err fail_in(struct eval *e, const struct value *left, const struct value *right) {
    static const enum value_kind entity = VALUE_ENTITY;
    const char *help = NULL;
    if (right->kind == VALUE_SET) {
        help = "`in` is for checking the entity hierarchy; use `.contains()` to test set "
               "membership";
    } else if (right->kind == VALUE_RECORD) {
        help = "`in` is for checking the entity hierarchy; use `has` to test if a record has a key";
    }
    return fail_types(e, &entity, 1, left, help);
}

static err is_in_set(struct eval *e, const struct uid *uid, const struct value_set *set,
                     bool *ret) {
    TRY(eval_charge(e, set->count));
    /* Every item must be an entity, even behind the first that matches. */
    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].kind != VALUE_ENTITY) {
            return fail_type(e, VALUE_ENTITY, &set->items[i]);
        }
    }
    bool is_in = false;
    for (size_t i = 0; i < set->count && !is_in; i++) {
        is_in = oracle_is_in(e->entities, uid, set->items[i].uid);
    }
    *ret = is_in;
    return ERR_OK;
}

err oracle_in(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    if (left->kind != VALUE_ENTITY) {
        return fail_in(e, left, right);
    }
    if (right->kind == VALUE_ENTITY) {
        *ret = oracle_is_in(e->entities, left->uid, right->uid);
        return ERR_OK;
    }
    if (right->kind == VALUE_SET) {
        return is_in_set(e, left->uid, right->set, ret);
    }
    return fail_types(e, set_or_entity, ARRAY_LEN(set_or_entity), right, NULL);
}

/* ---- sets ---- */

err oracle_contains(struct eval *e, const struct value *left, const struct value *right,
                    bool *ret) {
    if (left->kind != VALUE_SET) {
        return fail_type(e, VALUE_SET, left);
    }
    *ret = has_item(left->set, right);
    return ERR_OK;
}

static err check_sets(struct eval *e, const struct value *left, const struct value *right) {
    if (left->kind != VALUE_SET) {
        return fail_type(e, VALUE_SET, left);
    }
    if (right->kind != VALUE_SET) {
        return fail_type(e, VALUE_SET, right);
    }
    return eval_charge(e, right->set->count);
}

err oracle_contains_all(struct eval *e, const struct value *left, const struct value *right,
                        bool *ret) {
    TRY(check_sets(e, left, right));
    bool has_all = true;
    for (size_t i = 0; i < right->set->count && has_all; i++) {
        has_all = has_item(left->set, &right->set->items[i]);
    }
    *ret = has_all;
    return ERR_OK;
}

err oracle_contains_any(struct eval *e, const struct value *left, const struct value *right,
                        bool *ret) {
    TRY(check_sets(e, left, right));
    bool has_any = false;
    for (size_t i = 0; i < right->set->count && !has_any; i++) {
        has_any = has_item(left->set, &right->set->items[i]);
    }
    *ret = has_any;
    return ERR_OK;
}

/* ---- numbers ---- */

static bool is_ordered(enum value_kind kind) {
    return kind == VALUE_LONG || kind == VALUE_DATETIME || kind == VALUE_DURATION;
}

/* A long is right and the other operand is blamed; then so is a datetime or duration. */
static err fail_less(struct eval *e, const struct value *left, const struct value *right) {
    if (left->kind != VALUE_LONG && right->kind == VALUE_LONG) {
        return fail_type(e, VALUE_LONG, left);
    }
    if (is_ordered(left->kind)) {
        return fail_type(e, left->kind, right);
    }
    if (is_ordered(right->kind)) {
        return fail_type(e, right->kind, left);
    }
    return fail_types(e, ordered, ARRAY_LEN(ordered), left,
                      "Only types long, datetime, duration support comparison");
}

err oracle_less(struct eval *e, const struct value *left, const struct value *right, bool or_equal,
                bool *ret) {
    if (left->kind != right->kind || !is_ordered(left->kind)) {
        return fail_less(e, left, right);
    }
    *ret = or_equal ? left->integer <= right->integer : left->integer < right->integer;
    return ERR_OK;
}

err oracle_arith(struct eval *e, enum arith_op op, const struct value *left,
                 const struct value *right, struct value *ret) {
    if (left->kind != VALUE_LONG) {
        return fail_type(e, VALUE_LONG, left);
    }
    if (right->kind != VALUE_LONG) {
        return fail_type(e, VALUE_LONG, right);
    }
    int64_t a = left->integer;
    int64_t b = right->integer;
    int64_t result = 0;
    switch (op) {
    case ARITH_ADD:
        if (ADD_OVERFLOWS(a, b, &result)) {
            return fail_overflow(e, "add", a, b);
        }
        break;
    case ARITH_SUB:
        if (SUB_OVERFLOWS(a, b, &result)) {
            return fail_overflow(e, "subtract", a, b);
        }
        break;
    case ARITH_MUL:
        if (MUL_OVERFLOWS(a, b, &result)) {
            return fail_overflow(e, "multiply", a, b);
        }
        break;
    }
    *ret = value_long(result);
    return ERR_OK;
}

err oracle_negate(struct eval *e, const struct value *operand, struct value *ret) {
    if (operand->kind != VALUE_LONG) {
        return fail_type(e, VALUE_LONG, operand);
    }
    if (operand->integer == INT64_MIN) {
        return fail_negate(e, operand->integer);
    }
    *ret = value_long(-operand->integer);
    return ERR_OK;
}

/* ---- patterns ---- */

/* A row for each item of the pattern: which ends of the text it can reach. */
err oracle_like(struct eval *e, str text, const struct pattern *pattern, bool *ret) {
    struct arena_mark mark = arena_mark(e->arena);
    bool *reached = ARENA_ARRAY(e->arena, bool, text.len + 1);
    if (reached == NULL) {
        return arena_error(e->arena);
    }
    reached[0] = true;
    for (size_t i = 0; i < pattern->count; i++) {
        TRY(eval_charge(e, text.len));
        bool is_star = pattern->items[i] == PATTERN_WILDCARD;
        bool carry = false; /* what the place before hands on */
        for (size_t at = 0; at <= text.len;) {
            size_t next = at;
            uint32_t scalar = 0;
            if (at < text.len && !utf8_next(text, &next, &scalar)) {
                next = at + 1;
            }
            next = at == text.len ? at + 1 : next;
            bool was = reached[at];
            reached[at] = is_star ? was || carry : carry;
            carry = is_star ? reached[at] : was && at < text.len && scalar == pattern->items[i];
            at = next;
        }
    }
    *ret = reached[text.len];
    arena_reset(e->arena, mark);
    return ERR_OK;
}
