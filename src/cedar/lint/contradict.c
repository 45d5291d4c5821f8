/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies that demand what cannot be at once. All conditions of a policy must hold, and all
 * operands of the `&&` in them; so they are taken apart, together with the scope:
 *
 *     permit(principal == User::"a", …) when { principal is Admin && x } unless { x };
 *
 * Found are: a condition that is false as it stands, the same condition demanded and excluded, a
 * variable that must be two entities or of two types, an empty list of actions.
 */
#include "cedar/lint/lint_int.h"

/* What is known of principal, action or resource. */
struct known {
    const struct ast_uid *uid; /* it is this entity; NULL: not known */
    str type;                  /* it is of this type; absent: not known */
};

struct contradict {
    struct lint *lint;
    const struct lint_policy *policy;
    struct known known[3]; /* by enum ast_var */
    struct table demanded; /* shapes of conditions that must be true */
    struct table excluded; /* that must be false */
    const char *why;       /* NULL: nothing found */
    struct ast_span span;  /* of what completes the contradiction */
};

static void found(struct contradict *c, struct ast_span span, const char *why) {
    if (c->why == NULL) {
        c->why = why;
        c->span = span;
    }
}

static void must_be_of(struct contradict *c, enum ast_var var, str type, struct ast_span span) {
    struct known *known = &c->known[var];
    if (!str_is_absent(known->type) && !str_equal(known->type, type)) {
        found(c, span, "it demands two entity types of one thing");
        return;
    }
    known->type = type;
}

static void must_be(struct contradict *c, enum ast_var var, const struct ast_uid *uid,
                    struct ast_span span) {
    struct known *known = &c->known[var];
    if (known->uid != NULL && !lint_same_uid(known->uid, uid)) {
        found(c, span, "it demands that one thing is two entities");
        return;
    }
    known->uid = uid;
    must_be_of(c, var, uid->type.text, span);
}

static void take_scope(struct contradict *c, enum ast_var var, const struct ast_scope *scope) {
    if (scope->kind == AST_SCOPE_EQ && scope->slot == AST_SLOT_NONE) {
        must_be(c, var, &scope->uid, scope->span);
    } else if (scope->kind == AST_SCOPE_IS || scope->kind == AST_SCOPE_IS_IN) {
        must_be_of(c, var, scope->type.text, scope->span);
    } else if (scope->is_list && scope->list_count == 0) {
        found(c, scope->span, "no action is in an empty list");
    }
}

/* ---- conditions ---- */

static void take(struct contradict *c, const struct ast_expr *expr, bool truth);

/* `var == Type::"id"` and `Type::"id" == var` say what a variable is. */
static void take_equality(struct contradict *c, const struct ast_expr *expr) {
    const struct ast_expr *left = expr->binary.left;
    const struct ast_expr *right = expr->binary.right;
    const struct ast_expr *var = left->kind == AST_VAR ? left : right;
    const struct ast_expr *uid = left->kind == AST_VAR ? right : left;
    if (var->kind == AST_VAR && var->var != AST_CONTEXT && uid->kind == AST_ENTITY) {
        must_be(c, var->var, &uid->uid, expr->span);
    }
}

static void take_shape(struct contradict *c, const struct ast_expr *expr, bool truth) {
    uint32_t shape = facts_shape(&c->lint->facts, expr);
    if (table_find(truth ? &c->excluded : &c->demanded, shape) != NULL) {
        found(c, expr->span, "it demands a condition and its opposite");
    }
    /* The arena remembers a failure. */
    IGNORE(table_put(truth ? &c->demanded : &c->excluded, shape, 1));
}

/* The operands of `&&` when it must be true, of `||` when it must be false. */
static bool take_chain(struct contradict *c, const struct ast_expr *expr, bool truth) {
    if (expr->kind != AST_CHAIN ||
        (enum ast_op)expr->chain.ops[1] != (truth ? AST_OP_AND : AST_OP_OR)) {
        return false;
    }
    for (size_t i = 0; i < expr->chain.count; i++) {
        take(c, expr->chain.operands[i], truth);
    }
    return true;
}

/* Recursion is bounded by the height of the tree. */
static void take(struct contradict *c, const struct ast_expr *expr, bool truth) {
    if (expr->kind == AST_BOOL) {
        if (expr->boolean != truth) {
            found(c, expr->span, "a condition is false whatever the request is");
        }
        return;
    }
    if (expr->kind == AST_UNARY && expr->unary.op == AST_OP_NOT) {
        take(c, expr->unary.operand, !truth);
        return;
    }
    if (take_chain(c, expr, truth)) {
        return;
    }
    take_shape(c, expr, truth);
    if (truth && expr->kind == AST_BINARY && expr->binary.op == AST_OP_EQ) {
        take_equality(c, expr);
    }
    if (truth && expr->kind == AST_IS && expr->is.object->kind == AST_VAR &&
        expr->is.object->var != AST_CONTEXT) {
        must_be_of(c, expr->is.object->var, expr->is.type.text, expr->span);
    }
}

void lint_contradict(struct lint *lint, const struct lint_policy *policy) {
    struct contradict c = {.lint = lint, .policy = policy};
    const struct ast_policy *tree = policy->tree;
    c.demanded.arena = lint->arena;
    c.excluded.arena = lint->arena;
    take_scope(&c, AST_PRINCIPAL, &tree->principal);
    take_scope(&c, AST_ACTION, &tree->action);
    take_scope(&c, AST_RESOURCE, &tree->resource);
    for (size_t i = 0; i < tree->clause_count; i++) {
        take(&c, tree->clauses[i].body, !tree->clauses[i].is_unless);
    }
    if (c.why != NULL) {
        lint_file(lint, LINT_CONTRADICTORY, policy, c.span, "can never apply: ", str_c(c.why), "",
                  NULL);
    }
}
