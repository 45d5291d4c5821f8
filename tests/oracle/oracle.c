/* SPDX-License-Identifier: Apache-2.0 */
/* The walker over nodes. */
#include "oracle_int.h"

#include "base/assert.h"

/* ---- operators that decide what is evaluated ---- */

static err eval_bool(struct eval *e, const struct node *node, bool *ret) {
    struct value value = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node, &value));
    if (value.kind != VALUE_BOOL) {
        return fail_type(e, VALUE_BOOL, &value);
    }
    *ret = value.boolean;
    return ERR_OK;
}

/* && with stop false, || with stop true. */
static err eval_logic(struct eval *e, const struct node *node, bool stop, struct value *ret) {
    for (size_t i = 0; i < node->list.count; i++) {
        bool truth = !stop;
        TRY(eval_bool(e, node->list.items[i], &truth));
        if (truth == stop) {
            *ret = value_bool(stop);
            return ERR_OK;
        }
    }
    *ret = value_bool(!stop);
    return ERR_OK;
}

static err eval_not(struct eval *e, const struct node *node, struct value *ret) {
    bool truth = false;
    TRY(eval_bool(e, node->operand, &truth));
    *ret = value_bool(!truth);
    return ERR_OK;
}

static err eval_if(struct eval *e, const struct node *node, struct value *ret) {
    bool truth = false;
    TRY(eval_bool(e, node->cond.test, &truth));
    return oracle_node(e, truth ? node->cond.yes : node->cond.no, ret);
}

/* ---- operators on values ---- */

static err eval_chain(struct eval *e, const struct node *node, struct value *ret) {
    struct value left = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->arith.operands[0], &left));
    for (size_t i = 1; i < node->arith.count; i++) {
        struct value right = {.kind = VALUE_BOOL};
        TRY(oracle_node(e, node->arith.operands[i], &right));
        TRY(oracle_arith(e, (enum arith_op)node->arith.ops[i], &left, &right, &left));
    }
    *ret = left;
    return ERR_OK;
}

typedef err binary_test(struct eval *e, const struct value *left, const struct value *right,
                        bool *ret);

static size_t weight(const struct value *value) {
    return value->kind == VALUE_SET      ? value->set->count
           : value->kind == VALUE_RECORD ? value_record_count(value->record)
                                         : 0;
}

static err equal(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    TRY(eval_charge(e, weight(left)));
    *ret = value_equal(left, right);
    return ERR_OK;
}

static err less(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    return oracle_less(e, left, right, false, ret);
}

static err less_eq(struct eval *e, const struct value *left, const struct value *right, bool *ret) {
    return oracle_less(e, left, right, true, ret);
}

/* Evaluates both operands, the left one first, then tests them. */
static err eval_test(struct eval *e, const struct node *node, binary_test *test,
                     struct value *ret) {
    struct value left = {.kind = VALUE_BOOL};
    struct value right = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->binary.left, &left));
    TRY(oracle_node(e, node->binary.right, &right));
    bool truth = false;
    TRY(test(e, &left, &right, &truth));
    *ret = value_bool(truth);
    return ERR_OK;
}

static err eval_tag(struct eval *e, const struct node *node, struct value *ret) {
    struct value left = {.kind = VALUE_BOOL};
    struct value right = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->binary.left, &left));
    TRY(oracle_node(e, node->binary.right, &right));
    return oracle_get_tag(e, &left, &right, ret);
}

static err eval_neg(struct eval *e, const struct node *node, struct value *ret) {
    struct value operand = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->operand, &operand));
    return oracle_negate(e, &operand, ret);
}

static err eval_is_empty(struct eval *e, const struct node *node, struct value *ret) {
    struct value operand = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->operand, &operand));
    if (operand.kind != VALUE_SET) {
        return fail_type(e, VALUE_SET, &operand);
    }
    *ret = value_bool(operand.set->count == 0);
    return ERR_OK;
}

static err eval_get_path(struct eval *e, const struct node *node, struct value *ret) {
    struct value object = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->member.object, &object));
    for (size_t i = 0; i < node->member.count; i++) {
        TRY(eval_charge(e, 1));
        TRY(oracle_get(e, &object, node->member.path[i], &object));
    }
    *ret = object;
    return ERR_OK;
}

/* e has a.b is (e has a) && (e.a has b), with e evaluated once. */
static err eval_has_path(struct eval *e, const struct node *node, struct value *ret) {
    struct value object = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->member.object, &object));
    const struct value *found = &object;
    for (size_t i = 0; i < node->member.count && found != NULL; i++) {
        TRY(eval_charge(e, 1));
        TRY(oracle_has(e, found, node->member.path[i], &found));
    }
    *ret = value_bool(found != NULL);
    return ERR_OK;
}

static err eval_like(struct eval *e, const struct node *node, struct value *ret) {
    struct value object = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->like.object, &object));
    if (object.kind != VALUE_STRING) {
        return fail_type(e, VALUE_STRING, &object);
    }
    bool truth = false;
    TRY(oracle_like(e, value_text(&object), &node->like.pattern, &truth));
    *ret = value_bool(truth);
    return ERR_OK;
}

/* e is T in f is (e is T) && (e in f), with e evaluated once. */
static err eval_is(struct eval *e, const struct node *node, struct value *ret) {
    struct value object = {.kind = VALUE_BOOL};
    TRY(oracle_node(e, node->is.object, &object));
    if (object.kind != VALUE_ENTITY) {
        return fail_type(e, VALUE_ENTITY, &object);
    }
    bool truth = str_equal(uid_type(object.uid), node->is.type);
    if (truth && node->is.in != NULL) {
        struct value ancestor = {.kind = VALUE_BOOL};
        TRY(oracle_node(e, node->is.in, &ancestor));
        TRY(oracle_in(e, &object, &ancestor, &truth));
    }
    *ret = value_bool(truth);
    return ERR_OK;
}

/* ---- construction and calls ---- */

static err eval_set(struct eval *e, const struct node *node, struct value *ret) {
    struct value *items = ARENA_ARRAY(e->arena, struct value, node->list.count);
    if (items == NULL) {
        return arena_error(e->arena);
    }
    for (size_t i = 0; i < node->list.count; i++) {
        TRY(oracle_node(e, node->list.items[i], &items[i]));
    }
    return value_set_adopt(e->arena, items, node->list.count, ret);
}

static err eval_record(struct eval *e, const struct node *node, struct value *ret) {
    size_t count = node->record.count;
    str *names;
    struct value_record *record = value_record_shaped(e->arena, count, &names);
    if (record == NULL) {
        return arena_error(e->arena);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = node->record.fields[i].name; /* the node's fields are sorted */
        TRY(oracle_node(e, node->record.fields[i].value, &record->values[i]));
    }
    *ret = value_record(record);
    return ERR_OK;
}

static err eval_call(struct eval *e, const struct node *node, struct value *ret) {
    struct value args[EXT_ARITY_MAX];
    struct value surplus; /* evaluated, because it may fail; the call is an error anyway */
    for (size_t i = 0; i < node->call.count; i++) {
        TRY(oracle_node(e, node->call.args[i], i < EXT_ARITY_MAX ? &args[i] : &surplus));
    }
    e->error = (struct ext_error){0};
    return ext_call(node->call.function, e->arena, args, node->call.count, ret, &e->error);
}

static err dispatch(struct eval *e, const struct node *node, struct value *ret) {
    switch (node->kind) {
    case NODE_CONST:
        *ret = node->constant;
        return ERR_OK;
    case NODE_VAR:
        *ret = e->vars[node->var];
        return ERR_OK;
    case NODE_AND:
        return eval_logic(e, node, false, ret);
    case NODE_OR:
        return eval_logic(e, node, true, ret);
    case NODE_NOT:
        return eval_not(e, node, ret);
    case NODE_NEG:
        return eval_neg(e, node, ret);
    case NODE_ARITH:
        return eval_chain(e, node, ret);
    case NODE_EQ:
        return eval_test(e, node, equal, ret);
    case NODE_LESS:
        return eval_test(e, node, less, ret);
    case NODE_LESS_EQ:
        return eval_test(e, node, less_eq, ret);
    case NODE_IN:
        return eval_test(e, node, oracle_in, ret);
    case NODE_CONTAINS:
        return eval_test(e, node, oracle_contains, ret);
    case NODE_CONTAINS_ALL:
        return eval_test(e, node, oracle_contains_all, ret);
    case NODE_CONTAINS_ANY:
        return eval_test(e, node, oracle_contains_any, ret);
    case NODE_HAS_TAG:
        return eval_test(e, node, oracle_has_tag, ret);
    case NODE_GET_TAG:
        return eval_tag(e, node, ret);
    case NODE_IS_EMPTY:
        return eval_is_empty(e, node, ret);
    case NODE_GET:
        return eval_get_path(e, node, ret);
    case NODE_HAS:
        return eval_has_path(e, node, ret);
    case NODE_LIKE:
        return eval_like(e, node, ret);
    case NODE_IS:
        return eval_is(e, node, ret);
    case NODE_IF:
        return eval_if(e, node, ret);
    case NODE_SET:
        return eval_set(e, node, ret);
    case NODE_RECORD:
        return eval_record(e, node, ret);
    case NODE_CALL:
        return eval_call(e, node, ret);
    }
    UNREACHABLE();
}

err oracle_node(struct eval *e, const struct node *node, struct value *ret) {
    TRY(eval_charge(e, 1));
    return dispatch(e, node, ret);
}

err oracle_condition(struct eval *e, const struct node *node, bool *ret) {
    return eval_bool(e, node, ret);
}
