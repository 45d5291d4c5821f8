/* SPDX-License-Identifier: Apache-2.0 */
/* Equality, order, arithmetic, sets and their methods, records, like. */
#include "cedar/validate/check_int.h"

#include "cedar/value/sort.h"

/* ---- common types ---- */

const struct type *check_join(struct checker *c, struct ast_span span,
                              const struct type *const *types, size_t count,
                              enum join_place place) {
    for (size_t i = 0; i < count; i++) {
        if (types[i] == NULL) {
            return NULL;
        }
    }
    const struct type *joined = types_simple(c->types, TYPE_NEVER);
    for (size_t i = 0; i < count; i++) {
        enum type_clash clash;
        joined = types_join(c->types, joined, types[i], c->mode, &clash);
        if (joined == NULL) {
            file_incompatible(c, span, types, count, clash, place);
            return NULL;
        }
    }
    return joined;
}

/* Strict mode compares only what has a common type; a type that is not known was complained
 * about already. */
static bool has_common_type(struct checker *c, const struct ast_expr *expr, const struct type *left,
                            const struct type *right, enum join_place place) {
    const struct type *types[] = {left, right};
    if (c->mode == TYPE_PERMISSIVE || left == NULL || right == NULL) {
        return true;
    }
    enum type_clash clash;
    if (types_join(c->types, left, right, c->mode, &clash) != NULL) {
        return true;
    }
    file_incompatible(c, expr->span, types, 2, clash, place);
    return false;
}

/* ---- literals ---- */

const struct ast_expr *check_literal(struct checker *c, const struct ast_expr *expr) {
    if (expr->kind == AST_BOOL || expr->kind == AST_LONG || expr->kind == AST_STRING ||
        expr->kind == AST_ENTITY) {
        return expr;
    }
    enum ast_op op = expr->kind == AST_CHAIN ? (enum ast_op)expr->chain.ops[1] : AST_OP_NONE;
    if (op != AST_OP_AND && op != AST_OP_OR) {
        return NULL;
    }
    bool truth = op == AST_OP_AND;
    for (size_t i = 0; i < expr->chain.count; i++) {
        const struct ast_expr *operand = check_literal(c, expr->chain.operands[i]);
        if (operand == NULL || operand->kind != AST_BOOL) {
            return NULL;
        }
        truth = op == AST_OP_AND ? truth && operand->boolean : truth || operand->boolean;
    }
    struct ast_expr *folded = ARENA_NEW(c->temp, struct ast_expr);
    if (folded != NULL) {
        *folded = (struct ast_expr){.kind = AST_BOOL, .span = expr->span, .boolean = truth};
    }
    return folded;
}

struct comparable {
    const struct ast_expr *literal; /* NULL: neither a literal nor the action */
    str type;                       /* of an entity */
    str id;
};

static struct comparable comparable_of(struct checker *c, const struct ast_expr *expr) {
    if (expr->kind == AST_VAR && expr->var == AST_ACTION && !c->has_no_schema) {
        return (struct comparable){expr, uid_type(c->env.action->uid), uid_id(c->env.action->uid)};
    }
    struct comparable result = {.literal = check_literal(c, expr)};
    if (result.literal != NULL && result.literal->kind == AST_ENTITY) {
        result.type = result.literal->uid.type.text;
        result.id = result.literal->uid.id;
    }
    return result;
}

static bool is_same_literal(const struct comparable *a, const struct comparable *b) {
    const struct ast_expr *x = a->literal;
    const struct ast_expr *y = b->literal;
    if (a->type.ptr != NULL && b->type.ptr != NULL) {
        return str_equal(a->type, b->type) && str_equal(a->id, b->id);
    }
    if (x->kind != y->kind || a->type.ptr != NULL || b->type.ptr != NULL) {
        return false;
    }
    return x->kind == AST_BOOL   ? x->boolean == y->boolean
           : x->kind == AST_LONG ? x->integer == y->integer
                                 : str_equal(x->string, y->string);
}

/* ---- == and != ---- */

static const struct type *type_of_equality(struct checker *c, const struct ast_expr *expr,
                                           const struct type *left, const struct type *right) {
    if (left != NULL && right != NULL && type_is_disjoint(left, right)) {
        return types_bool(c->types, false);
    }
    struct comparable a = comparable_of(c, expr->binary.left);
    struct comparable b = comparable_of(c, expr->binary.right);
    if (a.literal != NULL && b.literal != NULL) {
        return types_bool(c->types, is_same_literal(&a, &b));
    }
    return types_simple(c->types, TYPE_BOOL);
}

static const struct type *negated(const struct checker *c, const struct type *type) {
    return type->kind == TYPE_BOOL ? type : types_bool(c->types, type->kind == TYPE_FALSE);
}

static struct answer operation(struct checker *c, const struct ast_expr *expr,
                               const struct type *type, struct answer left, struct answer right,
                               bool is_right) {
    struct typed *typed = typed_new(c, TYPED_OPERATOR, expr, type, 2);
    if (typed != c->lost) {
        typed->parts[0] = left.typed;
        typed->parts[1] = right.typed;
    }
    return answer_plain(typed, is_right && left.is_right && right.is_right);
}

static struct answer check_equality(struct checker *c, const struct ast_expr *expr) {
    struct answer left = check_expr(c, expr->binary.left);
    struct answer right = check_expr(c, expr->binary.right);
    const struct type *a = answer_type(left);
    const struct type *b = answer_type(right);
    const struct type *type = type_of_equality(c, expr, a, b);
    bool is_right = type->kind != TYPE_BOOL || has_common_type(c, expr, a, b, JOIN_EQUAL);
    type = expr->binary.op == AST_OP_NE ? negated(c, type) : type;
    return operation(c, expr, type, left, right, is_right);
}

/* ---- < <= > >= ---- */

static bool has_order(const struct type *type) {
    return type->kind == TYPE_LONG || type->kind == TYPE_DATETIME || type->kind == TYPE_DURATION;
}

static struct want want_order(const struct checker *c) {
    return (struct want){
        .count = 3,
        .types = {types_simple(c->types, TYPE_DATETIME), types_simple(c->types, TYPE_DURATION),
                  types_simple(c->types, TYPE_LONG)},
    };
}

/* One side decides what the other must be; Long before the others, the left before the right. */
static bool is_ordered(struct checker *c, const struct ast_expr *expr, const struct type *a,
                       const struct type *b) {
    if (a == b && has_order(a)) {
        return true;
    }
    struct ast_span left = expr->binary.left->span;
    struct ast_span right = expr->binary.right->span;
    bool blames_right = a->kind == TYPE_LONG || (b->kind != TYPE_LONG && has_order(a));
    if (blames_right) {
        struct want want = want_one(a, NULL);
        file_unexpected(c, right, &want, b);
    } else if (has_order(b)) {
        struct want want = want_one(b, NULL);
        file_unexpected(c, left, &want, a);
    } else {
        struct want want = want_order(c);
        file_unexpected(c, left, &want, a);
        file_unexpected(c, right, &want, b);
    }
    return false;
}

static struct answer check_order(struct checker *c, const struct ast_expr *expr) {
    struct answer left = check_expr(c, expr->binary.left);
    struct answer right = check_expr(c, expr->binary.right);
    const struct type *a = answer_type(left);
    const struct type *b = answer_type(right);
    bool is_right = a != NULL && b != NULL && is_ordered(c, expr, a, b);
    return operation(c, expr, types_simple(c->types, TYPE_BOOL), left, right, is_right);
}

/* ---- arithmetic ---- */

static enum help help_arithmetic(const struct type *actual) {
    return actual->kind == TYPE_SET ? HELP_SET_OPERATIONS : HELP_NONE;
}

static enum help help_addition(const struct type *actual) {
    return actual->kind == TYPE_STRING ? HELP_CONCATENATION : help_arithmetic(actual);
}

struct answer check_arithmetic(struct checker *c, const struct ast_expr *expr) {
    const struct type *number = types_simple(c->types, TYPE_LONG);
    struct typed *typed = typed_new(c, TYPED_OPERATOR, expr, number, expr->chain.count);
    bool is_right = typed != c->lost;
    for (size_t i = 0; typed != c->lost && i < expr->chain.count; i++) {
        bool is_addition = expr->chain.ops[i == 0 ? 1 : i] == AST_OP_ADD;
        struct want want = want_one(number, is_addition ? help_addition : help_arithmetic);
        struct answer operand = check_expect(c, expr->chain.operands[i], &want);
        typed->parts[i] = operand.typed;
        is_right = is_right && operand.is_right;
    }
    return answer_plain(typed, is_right);
}

/* ---- methods of sets ---- */

static enum help help_set(const struct type *actual) {
    return type_is_entity(actual)        ? HELP_IN
           : actual->kind == TYPE_RECORD ? HELP_HAS
           : actual->kind == TYPE_STRING ? HELP_LIKE
                                         : HELP_NONE;
}

static enum help help_single_contains(const struct type *actual) {
    IGNORE(actual); /* whatever it is, it is one thing */
    return HELP_SINGLE_CONTAINS;
}

static enum help help_empty(const struct type *actual) {
    return actual->kind == TYPE_STRING ? HELP_EMPTY_STRING : HELP_NONE;
}

static struct answer check_contains(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_one(c->types->any_set, help_set);
    struct answer left = check_expect(c, expr->binary.left, &want);
    struct answer right = check_expr(c, expr->binary.right);
    const struct type *set = answer_type(left);
    const struct type *element = set == NULL ? NULL : set->element;
    bool is_right = has_common_type(c, expr, element, answer_type(right), JOIN_CONTAINS);
    return operation(c, expr, types_simple(c->types, TYPE_BOOL), left, right, is_right);
}

static struct answer check_contains_sets(struct checker *c, const struct ast_expr *expr) {
    struct want want_left = want_one(c->types->any_set, help_set);
    struct want want_right = want_one(c->types->any_set, help_single_contains);
    struct answer left = check_expect(c, expr->binary.left, &want_left);
    struct answer right = check_expect(c, expr->binary.right, &want_right);
    bool is_right =
        has_common_type(c, expr, answer_type(left), answer_type(right), JOIN_CONTAINS_ALL);
    return operation(c, expr, types_simple(c->types, TYPE_BOOL), left, right, is_right);
}

static struct answer check_operand(struct checker *c, const struct ast_expr *expr,
                                   const struct type *type, const struct want *want) {
    struct answer operand = check_expect(c, expr->unary.operand, want);
    struct typed *typed = typed_new(c, TYPED_OPERATOR, expr, type, 1);
    if (typed != c->lost) {
        typed->parts[0] = operand.typed;
    }
    return answer_plain(typed, operand.is_right);
}

struct answer check_unary(struct checker *c, const struct ast_expr *expr) {
    if (expr->unary.op == AST_OP_NOT) {
        return check_not(c, expr);
    }
    if (expr->unary.op == AST_OP_NEG) {
        struct want want = want_one(types_simple(c->types, TYPE_LONG), NULL);
        return check_operand(c, expr, types_simple(c->types, TYPE_LONG), &want);
    }
    struct want want = want_one(c->types->any_set, help_empty);
    return check_operand(c, expr, types_simple(c->types, TYPE_BOOL), &want);
}

struct answer check_binary(struct checker *c, const struct ast_expr *expr) {
    switch (expr->binary.op) {
    case AST_OP_EQ:
    case AST_OP_NE:
        return check_equality(c, expr);
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE:
        return check_order(c, expr);
    case AST_OP_IN:
        return check_in(c, expr, expr->binary.left, check_expr(c, expr->binary.left),
                        expr->binary.right);
    case AST_OP_CONTAINS:
        return check_contains(c, expr);
    case AST_OP_CONTAINS_ALL:
    case AST_OP_CONTAINS_ANY:
        return check_contains_sets(c, expr);
    case AST_OP_GET_TAG:
        return check_get_tag(c, expr);
    case AST_OP_HAS_TAG:
        return check_has_tag(c, expr);
    case AST_OP_NONE:
    case AST_OP_AND:
    case AST_OP_OR:
    case AST_OP_ADD:
    case AST_OP_SUB:
    case AST_OP_MUL:
    case AST_OP_NOT:
    case AST_OP_NEG:
    case AST_OP_IS_EMPTY:
        break; /* of other kinds of expressions */
    }
    return answer_plain(typed_new(c, TYPED_OPERATOR, expr, NULL, 0), false);
}

/* ---- set and record literals ---- */

struct answer check_set(struct checker *c, const struct ast_expr *expr) {
    size_t count = expr->set.count;
    struct typed *typed = typed_new(c, TYPED_SET, expr, NULL, count);
    const struct type **types = ARENA_ARRAY(c->temp, const struct type *, count);
    if (typed == c->lost || types == NULL) {
        return answer_plain(typed, false);
    }
    bool is_right = true;
    for (size_t i = 0; i < count; i++) {
        struct answer item = check_expr(c, expr->set.items[i]);
        typed->parts[i] = item.typed;
        types[i] = answer_type(item);
        is_right = is_right && item.is_right;
    }
    const struct type *element = check_join(c, expr->span, types, count, JOIN_SET);
    if (count == 0 && c->mode == TYPE_STRICT) {
        file_plain(c, VALIDATE_EMPTY_SET, expr->span,
                   "empty set literals are forbidden in policies", NULL);
        return answer_plain(typed, false);
    }
    typed->type = element == NULL ? NULL : types_set(c->types, element);
    return answer_plain(typed, is_right && element != NULL);
}

static int compare_fields(const void *a, const void *b) {
    const struct ast_field *const *x = a;
    const struct ast_field *const *y = b;
    return str_compare((*x)->name, (*y)->name);
}

static const struct ast_field **sorted_fields(struct checker *c, const struct ast_expr *expr) {
    size_t count = expr->record.count;
    const struct ast_field **fields = ARENA_ARRAY(c->temp, const struct ast_field *, count);
    for (size_t i = 0; fields != NULL && i < count; i++) {
        fields[i] = &expr->record.fields[i];
    }
    if (fields != NULL) {
        sort_items(fields, count, sizeof(const struct ast_field *), compare_fields);
    }
    return fields;
}

struct answer check_record(struct checker *c, const struct ast_expr *expr) {
    size_t count = expr->record.count;
    struct typed *typed = typed_new(c, TYPED_RECORD, expr, NULL, count);
    const struct ast_field **fields = sorted_fields(c, expr);
    struct type_attr *attrs = ARENA_ARRAY(c->temp, struct type_attr, count);
    if (typed == c->lost || fields == NULL || attrs == NULL) {
        return answer_plain(typed, false);
    }
    typed->fields = fields;
    bool is_right = true;
    bool is_known = true;
    for (size_t i = 0; i < count; i++) {
        struct answer value = check_expr(c, fields[i]->value);
        typed->parts[i] = value.typed;
        attrs[i] = (struct type_attr){fields[i]->name, true, answer_type(value)};
        is_right = is_right && value.is_right;
        is_known = is_known && answer_type(value) != NULL;
    }
    typed->type = is_known ? types_record(c->types, false, attrs, count) : NULL;
    return answer_plain(typed, is_right && typed->type != NULL);
}

/* ---- like ---- */

static enum help help_like(const struct type *actual) {
    return type_is_entity(actual) ? HELP_IS : HELP_NONE;
}

struct answer check_like(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_one(types_simple(c->types, TYPE_STRING), help_like);
    struct answer object = check_expect(c, expr->like.object, &want);
    struct typed *typed = typed_new(c, TYPED_TEST, expr, types_simple(c->types, TYPE_BOOL), 1);
    if (typed != c->lost) {
        typed->parts[0] = object.typed;
    }
    return answer_plain(typed, object.is_right);
}
