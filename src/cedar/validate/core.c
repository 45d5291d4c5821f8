/* SPDX-License-Identifier: Apache-2.0 */
/* A typed expression as the reference prints one: in the few operators that it is made of, without
 * the branches that are never taken. */
#include "cedar/validate/check_int.h"

static const struct ast_expr *make(struct checker *c, struct ast_expr expr) {
    struct ast_expr *made = ARENA_NEW(c->temp, struct ast_expr);
    if (made != NULL) {
        *made = expr;
    }
    return made;
}

static const struct ast_expr **parts_of(struct checker *c, const struct typed *typed) {
    const struct ast_expr **parts = ARENA_ARRAY(c->temp, const struct ast_expr *, typed->count);
    for (size_t i = 0; parts != NULL && i < typed->count; i++) {
        parts[i] = check_core(c, typed->parts[i]);
        if (parts[i] == NULL) {
            return NULL;
        }
    }
    return parts;
}

/* Two at a time, from the left. */
static const struct ast_expr *chain(struct checker *c, const struct ast_expr *const *parts,
                                    size_t count, const uint8_t *ops, enum ast_op only) {
    const struct ast_expr *left = parts[0];
    for (size_t i = 1; left != NULL && i < count; i++) {
        const struct ast_expr **pair = ARENA_ARRAY(c->temp, const struct ast_expr *, 2);
        uint8_t *pair_ops = ARENA_ARRAY(c->temp, uint8_t, 2);
        if (pair == NULL || pair_ops == NULL) {
            return NULL;
        }
        pair[0] = left;
        pair[1] = parts[i];
        pair_ops[1] = ops == NULL ? (uint8_t)only : ops[i];
        left = make(c, (struct ast_expr){.kind = AST_CHAIN, .chain = {2, pair, pair_ops}});
    }
    return left;
}

static const struct ast_expr *logic(struct checker *c, const struct typed *typed,
                                    const struct ast_expr *const *parts) {
    const struct ast_expr *expr = typed->expr;
    return expr->kind == AST_CHAIN ? chain(c, parts, typed->count, expr->chain.ops, AST_OP_NONE)
                                   : chain(c, parts, typed->count, NULL, AST_OP_AND);
}

static const struct ast_expr *binary(struct checker *c, enum ast_op op,
                                     const struct ast_expr *const *parts) {
    enum ast_op positive = op == AST_OP_NE   ? AST_OP_EQ
                           : op == AST_OP_GT ? AST_OP_LE
                           : op == AST_OP_GE ? AST_OP_LT
                                             : op;
    const struct ast_expr *made =
        make(c, (struct ast_expr){.kind = AST_BINARY, .binary = {positive, parts[0], parts[1]}});
    if (positive == op || made == NULL) {
        return made;
    }
    return make(c, (struct ast_expr){.kind = AST_UNARY, .unary = {AST_OP_NOT, made}});
}

static const struct ast_expr *operation(struct checker *c, const struct typed *typed,
                                        const struct ast_expr *const *parts) {
    const struct ast_expr *expr = typed->expr;
    switch (expr->kind) {
    case AST_CHAIN:
        return chain(c, parts, typed->count, expr->chain.ops, AST_OP_NONE);
    case AST_BINARY:
        return binary(c, expr->binary.op, parts);
    case AST_UNARY:
        return make(c, (struct ast_expr){.kind = AST_UNARY, .unary = {expr->unary.op, parts[0]}});
    default:
        return expr;
    }
}

/* has, like and is: all keep their object in the same way. */
static const struct ast_expr *test(struct checker *c, const struct typed *typed,
                                   const struct ast_expr *object) {
    struct ast_expr copy = *typed->expr;
    switch (copy.kind) {
    case AST_HAS:
        copy.has.object = object;
        break;
    case AST_LIKE:
        copy.like.object = object;
        break;
    case AST_IS:
        copy.is.object = object;
        copy.is.in = NULL; /* a part of its own */
        break;
    default:
        break;
    }
    return make(c, copy);
}

static const struct ast_expr *record(struct checker *c, const struct typed *typed,
                                     const struct ast_expr *const *parts) {
    struct ast_field *fields = ARENA_ARRAY(c->temp, struct ast_field, typed->count);
    for (size_t i = 0; fields != NULL && i < typed->count; i++) {
        fields[i] = (struct ast_field){.name = typed->fields[i]->name, .value = parts[i]};
    }
    return fields == NULL ? NULL
                          : make(c, (struct ast_expr){.kind = AST_RECORD,
                                                      .record = {typed->count, fields, false}});
}

static const struct ast_expr *call(struct checker *c, const struct typed *typed,
                                   const struct ast_expr *const *parts) {
    struct ast_expr copy = *typed->expr;
    copy.call.args = parts;
    return make(c, copy);
}

const struct ast_expr *check_core(struct checker *c, const struct typed *typed) {
    const struct ast_expr **parts = parts_of(c, typed);
    if (parts == NULL) {
        return NULL;
    }
    switch (typed->kind) {
    case TYPED_LITERAL:
    case TYPED_ENTITY:
    case TYPED_VAR:
    case TYPED_SLOT:
        return typed->expr;
    case TYPED_IF:
        return make(c, (struct ast_expr){.kind = AST_IF, .cond = {parts[0], parts[1], parts[2]}});
    case TYPED_LOGIC:
        return logic(c, typed, parts);
    case TYPED_OPERATOR:
        return operation(c, typed, parts);
    case TYPED_IN:
        return binary(c, AST_OP_IN, parts);
    case TYPED_HAS_TAG:
        return binary(c, AST_OP_HAS_TAG, parts);
    case TYPED_GET_TAG:
        return binary(c, AST_OP_GET_TAG, parts);
    case TYPED_GET:
        return make(c, (struct ast_expr){.kind = AST_GET, .get = {parts[0], typed->attr}});
    case TYPED_HAS:
    case TYPED_HAS_PATH:
    case TYPED_TEST:
        return test(c, typed, parts[0]);
    case TYPED_SET:
        return make(c, (struct ast_expr){.kind = AST_SET, .set = {typed->count, parts, false}});
    case TYPED_RECORD:
        return record(c, typed, parts);
    case TYPED_CALL:
        return call(c, typed, parts);
    }
    return NULL;
}
