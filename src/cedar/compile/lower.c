/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/lower.h"

#include "base/assert.h"
#include "cedar/compile/lower_int.h"

static err lower_list(struct lowering *l, const struct ast_scope *ast, struct tree_scope *ret) {
    const struct uid **list = ARENA_ARRAY(l->arena, const struct uid *, ast->list_count);
    if (list == NULL) {
        return arena_error(l->arena);
    }
    for (size_t i = 0; i < ast->list_count; i++) {
        TRY(lowering_uid(l, &ast->list[i], &list[i]));
    }
    *ret = (struct tree_scope){
        .kind = SCOPE_IN_LIST,
        .list = list,
        .list_count = ast->list_count,
    };
    return ERR_OK;
}

enum scope_kind lower_scope_kind(enum ast_scope_kind kind) {
    switch (kind) {
    case AST_SCOPE_ANY:
        return SCOPE_ANY;
    case AST_SCOPE_EQ:
        return SCOPE_EQ;
    case AST_SCOPE_IN:
        return SCOPE_IN;
    case AST_SCOPE_IS:
        return SCOPE_IS;
    case AST_SCOPE_IS_IN:
        return SCOPE_IS_IN;
    }
    NOT_REACHED();
    return SCOPE_IN_LIST; /* which has another way: lower_scope refuses it */
}

static err lower_scope(struct lowering *l, const struct ast_scope *ast, struct tree_scope *ret) {
    if (ast->is_list) {
        return lower_list(l, ast, ret);
    }
    struct tree_scope scope = {
        .kind = lower_scope_kind(ast->kind),
        .has_slot = ast->slot != AST_SLOT_NONE,
    };
    if (scope.kind == SCOPE_IN_LIST) {
        return ERR_INTERNAL;
    }
    bool has_uid = scope.kind == SCOPE_EQ || scope.kind == SCOPE_IN || scope.kind == SCOPE_IS_IN;
    if (has_uid && !scope.has_slot) {
        TRY(lowering_uid(l, &ast->uid, &scope.uid));
    }
    if (scope.kind == SCOPE_IS || scope.kind == SCOPE_IS_IN) {
        TRY(arena_copy(l->arena, ast->type.text, &scope.type));
    }
    *ret = scope;
    return ERR_OK;
}

static err lower_clause(struct lowering *l, const struct ast_clause *clause,
                        const struct node **ret) {
    const struct node *body;
    TRY(lowering_expr(l, clause->body, &body));
    if (clause->is_unless) {
        return lowering_not(l, body, ret);
    }
    *ret = body;
    return ERR_OK;
}

/* NULL when there is no clause. */
static err lower_clauses(struct lowering *l, const struct ast_policy *policy,
                         const struct node **ret) {
    size_t count = policy->clause_count;
    if (count == 0) {
        *ret = NULL;
        return ERR_OK;
    }
    const struct node **items = ARENA_ARRAY(l->arena, const struct node *, count);
    struct node *all = lowering_node(l, NODE_AND);
    if (items == NULL || all == NULL) {
        return arena_error(l->arena);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(lower_clause(l, &policy->clauses[i], &items[i]));
    }
    all->list.items = items;
    all->list.count = count;
    *ret = count == 1 ? items[0] : all;
    return ERR_OK;
}

err lower_policy(struct arena *a, const struct lower_options *options,
                 const struct ast_policy *policy, struct policy_tree *ret) {
    struct lowering l = {.arena = a, .options = options};
    struct policy_tree lowered = {
        .is_forbid = policy->is_forbid,
        .is_template = policy->is_template,
        .depth = policy->depth,
    };
    TRY(arena_copy(a, policy->id, &lowered.id));
    TRY(lower_scope(&l, &policy->principal, &lowered.principal));
    TRY(lower_scope(&l, &policy->action, &lowered.action));
    TRY(lower_scope(&l, &policy->resource, &lowered.resource));
    TRY(lower_clauses(&l, policy, &lowered.condition));
    lowered.nodes = l.nodes;
    *ret = lowered;
    return ERR_OK;
}

err lower_conditions(struct arena *a, const struct lower_options *options,
                     const struct ast_policy *policy, const struct node **ret,
                     uint32_t *ret_nodes) {
    struct lowering l = {.arena = a, .options = options};
    TRY(lower_clauses(&l, policy, ret));
    *ret_nodes = l.nodes;
    return ERR_OK;
}

err lower_expr(struct arena *a, const struct lower_options *options, const struct ast_expr *expr,
               const struct node **ret) {
    struct lowering l = {.arena = a, .options = options};
    return lowering_expr(&l, expr, ret);
}
