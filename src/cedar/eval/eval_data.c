/* SPDX-License-Identifier: Apache-2.0 */
/* Operators on values: members, hierarchy, sets, tags, comparison, arithmetic. */
#include "cedar/eval/eval_int.h"

#include "base/assert.h"

static const enum value_kind record_or_entity[] = {VALUE_RECORD, VALUE_ENTITY};
static const enum value_kind set_or_entity[] = {VALUE_SET, VALUE_ENTITY};
static const enum value_kind ordered[] = {VALUE_LONG, VALUE_DATETIME, VALUE_DURATION};

/* ---- what comparing costs ---- */

enum { BYTES_PER_STEP = 64 };

static err charge_values(struct eval *e, const struct value *values, size_t count, size_t times) {
    TRY(eval_charge(e, count > SIZE_MAX / times ? SIZE_MAX : count * times));
    for (size_t i = 0; i < count; i++) {
        TRY(eval_charge_value(e, &values[i], times));
    }
    return ERR_OK;
}

/* Recursion is as deep as the value, as in all that follows. */
err eval_charge_value(struct eval *e, const struct value *value, size_t times) {
    switch (value->kind) {
    case VALUE_STRING:
        return eval_charge(e, value->length / BYTES_PER_STEP * times);
    case VALUE_ENTITY:
        return eval_charge(e, value->uid->id_len / BYTES_PER_STEP * times);
    case VALUE_SET:
        return charge_values(e, value->set->items, value->set->count, times);
    case VALUE_RECORD:
        return charge_values(e, value->record->values, value_record_count(value->record), times);
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_IPADDR:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return ERR_OK;
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

/* ---- equality: as value_equal, but it is paid for on the way ---- */

static err equal_all(struct eval *e, const struct value *left, const struct value *right,
                     size_t count, bool *ret) {
    bool is_equal = true;
    TRY(eval_charge(e, count));
    for (size_t i = 0; i < count && is_equal; i++) {
        TRY(eval_equal(e, &left[i], &right[i], &is_equal));
    }
    *ret = is_equal;
    return ERR_OK;
}

static bool has_same_names(const struct value_record *left, const struct value_record *right) {
    size_t count = value_record_count(left);
    bool is_same = count == value_record_count(right);
    for (size_t i = 0; i < count && is_same && left->shape != right->shape; i++) {
        is_same = str_same(value_record_name(left, i), value_record_name(right, i));
    }
    return is_same;
}

err eval_equal(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    if (left->kind == VALUE_SET && right->kind == VALUE_SET && left->set != right->set) {
        size_t count = left->set->count;
        *ret = false;
        return count != right->set->count
                   ? ERR_OK
                   : equal_all(e, left->set->items, right->set->items, count, ret);
    }
    if (left->kind == VALUE_RECORD && right->kind == VALUE_RECORD &&
        left->record != right->record) {
        size_t count = value_record_count(left->record);
        *ret = false;
        TRY(eval_charge(e, count));
        return has_same_names(left->record, right->record)
                   ? equal_all(e, left->record->values, right->record->values, count, ret)
                   : ERR_OK;
    }
    if (left->kind == VALUE_STRING && left->length >= BYTES_PER_STEP) {
        TRY(eval_charge_value(e, left, 1));
    }
    *ret = value_equal(left, right);
    return ERR_OK;
}

/* ---- members ---- */

err eval_has(struct eval *e, const struct value *object, str attr, const struct value **ret_found) {
    if (object->kind == VALUE_RECORD) {
        *ret_found = value_record_find(object->record, attr);
        return ERR_OK;
    }
    if (object->kind != VALUE_ENTITY) {
        return fail_types(e, record_or_entity, ARRAY_LEN(record_or_entity), object, NULL);
    }
    const struct entity *entity = entities_find(e->entities, object->uid);
    *ret_found = entity == NULL ? NULL : value_record_find(entity->attrs, attr);
    return ERR_OK;
}

err eval_get(struct eval *e, const struct value *object, str attr, const struct value **ret) {
    const struct value *found = NULL;
    TRY(eval_has(e, object, attr, &found));
    if (found != NULL) {
        *ret = found;
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

err eval_get_tag(struct eval *e, const struct value *left, const struct value *right,
                 const struct value **ret) {
    TRY(check_tag_operands(e, left, right));
    const struct entity *entity = entities_find(e->entities, left->uid);
    if (entity == NULL) {
        return fail_no_entity(e, left->uid);
    }
    const struct value *found = value_record_find(entity->tags, value_text(right));
    if (found == NULL) {
        return fail_no_tag(e, entity, value_text(right));
    }
    *ret = found;
    return ERR_OK;
}

err eval_has_tag(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    TRY(check_tag_operands(e, left, right));
    const struct entity *entity = entities_find(e->entities, left->uid);
    *ret = entity != NULL && value_record_find(entity->tags, value_text(right)) != NULL;
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
        TRY(eval_charge(e, entities_patch_count(e->entities)));
        is_in = entities_is_in(e->entities, uid, set->items[i].uid);
    }
    *ret = is_in;
    return ERR_OK;
}

err eval_in(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    if (left->kind != VALUE_ENTITY) {
        return fail_in(e, left, right);
    }
    if (right->kind == VALUE_ENTITY) {
        TRY(eval_charge(e, entities_patch_count(e->entities)));
        *ret = entities_is_in(e->entities, left->uid, right->uid);
        return ERR_OK;
    }
    if (right->kind == VALUE_SET) {
        return is_in_set(e, left->uid, right->set, ret);
    }
    return fail_types(e, set_or_entity, ARRAY_LEN(set_or_entity), right, NULL);
}

/* ---- sets ---- */

enum { LOOKUP_COMPARES = 16 }; /* of one item in a set, about */

static err has_item(struct eval *e, const struct value_set *set, const struct value *item,
                    bool *ret) {
    TRY(eval_charge_value(e, item, LOOKUP_COMPARES));
    *ret = value_set_contains(set, item);
    return ERR_OK;
}

err eval_contains(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    if (left->kind != VALUE_SET) {
        return fail_type(e, VALUE_SET, left);
    }
    return has_item(e, left->set, right, ret);
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

err eval_contains_all(struct eval *e, const struct value *left, const struct value *right,
                      bool *ret) {
    TRY(check_sets(e, left, right));
    bool has_all = true;
    for (size_t i = 0; i < right->set->count && has_all; i++) {
        TRY(has_item(e, left->set, &right->set->items[i], &has_all));
    }
    *ret = has_all;
    return ERR_OK;
}

err eval_contains_any(struct eval *e, const struct value *left, const struct value *right,
                      bool *ret) {
    TRY(check_sets(e, left, right));
    bool has_any = false;
    for (size_t i = 0; i < right->set->count && !has_any; i++) {
        TRY(has_item(e, left->set, &right->set->items[i], &has_any));
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

err eval_less(struct eval *e, const struct value *left, const struct value *right, bool or_equal,
              bool *ret) {
    if (left->kind != right->kind || !is_ordered(left->kind)) {
        return fail_less(e, left, right);
    }
    *ret = or_equal ? left->integer <= right->integer : left->integer < right->integer;
    return ERR_OK;
}

err eval_arith(struct eval *e, enum op op, const struct value *left, const struct value *right,
               struct value *ret) {
    if (left->kind != VALUE_LONG) {
        return fail_type(e, VALUE_LONG, left);
    }
    if (right->kind != VALUE_LONG) {
        return fail_type(e, VALUE_LONG, right);
    }
    int64_t a = left->integer;
    int64_t b = right->integer;
    int64_t result = 0;
    if (op == OP_ADD && ADD_OVERFLOWS(a, b, &result)) {
        return fail_overflow(e, "add", a, b);
    }
    if (op == OP_SUB && SUB_OVERFLOWS(a, b, &result)) {
        return fail_overflow(e, "subtract", a, b);
    }
    if (op == OP_MUL && MUL_OVERFLOWS(a, b, &result)) {
        return fail_overflow(e, "multiply", a, b);
    }
    *ret = value_long(result);
    return ERR_OK;
}

err eval_negate(struct eval *e, const struct value *operand, struct value *ret) {
    if (operand->kind != VALUE_LONG) {
        return fail_type(e, VALUE_LONG, operand);
    }
    if (operand->integer == INT64_MIN) {
        return fail_negate(e, operand->integer);
    }
    *ret = value_long(-operand->integer);
    return ERR_OK;
}
