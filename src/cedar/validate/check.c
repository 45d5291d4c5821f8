/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/check.h"

#include "cedar/validate/check_int.h"

/* ---- answers ---- */

struct typed *typed_new(struct checker *c, enum typed_kind kind, const struct ast_expr *expr,
                        const struct type *type, size_t part_count) {
    struct typed *typed = ARENA_NEW(c->temp, struct typed);
    struct typed **parts = ARENA_ARRAY(c->temp, struct typed *, part_count);
    if (typed == NULL || parts == NULL) {
        *c->lost = (struct typed){.kind = TYPED_LITERAL, .expr = expr, .type = NULL};
        return c->lost;
    }
    *typed = (struct typed){.kind = kind, .expr = expr, .type = type, .parts = parts};
    typed->count = part_count;
    return typed;
}

struct answer answer_make(struct typed *typed, bool is_right, struct fact_set facts) {
    struct fact_set none = {0, NULL};
    return (struct answer){typed, is_right, is_right ? facts : none};
}

struct answer answer_plain(struct typed *typed, bool is_right) {
    return answer_make(typed, is_right, (struct fact_set){0, NULL});
}

/* ---- operands ---- */

struct want want_one(const struct type *type, enum help (*help)(const struct type *actual)) {
    return (struct want){.count = 1, .types = {type}, .help = help};
}

struct want want_object(const struct checker *c, enum help (*help)(const struct type *actual)) {
    return (struct want){
        .count = 2,
        .types = {types_simple(c->types, TYPE_ANY_ENTITY), c->types->any_record},
        .help = help,
    };
}

enum help help_contains_or_like(const struct type *actual) {
    return actual->kind == TYPE_SET      ? HELP_CONTAINS
           : actual->kind == TYPE_STRING ? HELP_LIKE
                                         : HELP_NONE;
}

struct answer check_expect(struct checker *c, const struct ast_expr *expr,
                           const struct want *want) {
    return check_fits(c, check_expr(c, expr), want);
}

struct answer check_fits(struct checker *c, struct answer answer, const struct want *want) {
    const struct type *actual = answer_type(answer);
    if (actual == NULL) {
        return answer_plain(answer.typed, false);
    }
    for (size_t i = 0; i < want->count; i++) {
        /* Permissive always: any record is an open one without attributes. */
        if (types_is_subtype(c->types, actual, want->types[i], TYPE_PERMISSIVE)) {
            return answer;
        }
    }
    file_unexpected(c, answer.typed->expr->span, want, actual);
    answer.typed->type = NULL; /* so that nothing is concluded from it */
    return answer_plain(answer.typed, false);
}

/* ---- leaves ---- */

static struct answer leaf(struct checker *c, enum typed_kind kind, const struct ast_expr *expr,
                          const struct type *type) {
    return answer_plain(typed_new(c, kind, expr, type, 0), true);
}

static struct answer check_var(struct checker *c, const struct ast_expr *expr) {
    const struct type *type = NULL;
    if (c->has_no_schema) {
        return leaf(c, TYPED_VAR, expr, NULL);
    }
    switch (expr->var) {
    case AST_PRINCIPAL:
        type = types_of_entity(c->types, c->env.principal);
        break;
    case AST_ACTION:
        type = types_of_entity(c->types, c->env.action->type);
        break;
    case AST_RESOURCE:
        type = types_of_entity(c->types, c->env.resource);
        break;
    case AST_CONTEXT:
        type = types_of_schema(c->types, c->env.action->context);
        break;
    }
    return leaf(c, TYPED_VAR, expr, type);
}

struct answer check_expr(struct checker *c, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
        return leaf(c, TYPED_LITERAL, expr, types_bool(c->types, expr->boolean));
    case AST_LONG:
        return leaf(c, TYPED_LITERAL, expr, types_simple(c->types, TYPE_LONG));
    case AST_STRING:
        return leaf(c, TYPED_LITERAL, expr, types_simple(c->types, TYPE_STRING));
    case AST_ENTITY:
        return check_entity(c, expr);
    case AST_VAR:
        return check_var(c, expr);
    case AST_SLOT: /* only scopes have slots */
        return leaf(c, TYPED_SLOT, expr, types_simple(c->types, TYPE_ANY_ENTITY));
    case AST_CHAIN:
        return check_chain(c, expr);
    case AST_BINARY:
        return check_binary(c, expr);
    case AST_UNARY:
        return check_unary(c, expr);
    case AST_GET:
        return check_get(c, expr);
    case AST_HAS:
        return check_has(c, expr);
    case AST_LIKE:
        return check_like(c, expr);
    case AST_IS:
        return check_is(c, expr);
    case AST_IF:
        return check_if(c, expr);
    case AST_SET:
        return check_set(c, expr);
    case AST_RECORD:
        return check_record(c, expr);
    case AST_CALL:
        return check_call(c, expr);
    }
    return answer_plain(typed_new(c, TYPED_LITERAL, expr, NULL, 0), false);
}
