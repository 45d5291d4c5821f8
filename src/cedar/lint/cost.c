/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What policies cost in the worst case, in steps of the evaluator.
 *
 * One step is one operation on values; what works through data of unknown size (sets, strings of
 * the request) counts as SET_STEPS. There are no loops, so a policy's cost is a sum over its
 * expressions, with the dearer branch of each `if`.
 *
 * The cost of a request is bounded by the policies that one request can reach: those that fit one
 * action; of them those that demand nothing of the principal or resource, those of one principal,
 * and those of one resource.
 */
#include "cedar/lint/lint_int.h"

#include <stdio.h>

enum { SET_STEPS = 100, PARSE_STEPS = 20 };

static uint64_t cost_of_all(const struct ast_expr *const *items, size_t count);

static uint64_t cost_of_binary(const struct ast_expr *expr);

/* Recursion is bounded by the height of the tree. */
static uint64_t cost_of(const struct ast_expr *expr) {
    uint64_t cost = 1;
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
    case AST_VAR:
    case AST_SLOT:
        break;
    case AST_CHAIN:
        return cost + cost_of_all(expr->chain.operands, expr->chain.count);
    case AST_BINARY:
        return cost_of_binary(expr);
    case AST_UNARY:
        return cost + cost_of(expr->unary.operand);
    case AST_GET:
        return cost + cost_of(expr->get.object);
    case AST_HAS:
        return expr->has.count + cost_of(expr->has.object);
    case AST_LIKE:
        return cost + SET_STEPS + expr->like.pattern.count + cost_of(expr->like.object);
    case AST_IS:
        cost += expr->is.in == NULL ? 0 : 1 + cost_of(expr->is.in);
        return cost + cost_of(expr->is.object);
    case AST_IF: {
        uint64_t yes = cost_of(expr->cond.yes);
        uint64_t no = cost_of(expr->cond.no);
        return cost + cost_of(expr->cond.test) + (yes > no ? yes : no);
    }
    case AST_SET:
        return cost + cost_of_all(expr->set.items, expr->set.count);
    case AST_RECORD:
        for (size_t i = 0; i < expr->record.count; i++) {
            cost += cost_of(expr->record.fields[i].value);
        }
        break;
    case AST_CALL: {
        /* Constructors of literals are done once, when the policy is compiled. */
        bool is_constant = expr->call.count == 1 && expr->call.args[0]->kind == AST_STRING;
        return cost + (is_constant ? 0 : PARSE_STEPS) +
               cost_of_all(expr->call.args, expr->call.count);
    }
    }
    return cost;
}

static uint64_t cost_of_all(const struct ast_expr *const *items, size_t count) {
    uint64_t cost = 0;
    for (size_t i = 0; i < count; i++) {
        cost += cost_of(items[i]);
    }
    return cost;
}

static bool is_small(const struct ast_expr *expr) {
    return expr->kind == AST_ENTITY || expr->kind == AST_VAR || expr->kind == AST_BOOL ||
           expr->kind == AST_LONG || expr->kind == AST_STRING;
}

static uint64_t cost_of_binary(const struct ast_expr *expr) {
    uint64_t cost = 1 + cost_of(expr->binary.left) + cost_of(expr->binary.right);
    const struct ast_expr *right = expr->binary.right;
    switch (expr->binary.op) {
    case AST_OP_IN:
        return cost + (is_small(right) ? 0 : right->kind == AST_SET ? right->set.count : SET_STEPS);
    case AST_OP_CONTAINS:
        return cost + SET_STEPS / 10; /* sorted */
    case AST_OP_CONTAINS_ALL:
    case AST_OP_CONTAINS_ANY:
        return cost + SET_STEPS;
    case AST_OP_EQ:
    case AST_OP_NE:
        return cost + (is_small(expr->binary.left) || is_small(right) ? 0 : SET_STEPS);
    default: /* the others look at two small values */
        return cost;
    }
}

uint64_t lint_cost_of(const struct ast_policy *policy) {
    uint64_t cost = 1;
    for (size_t i = 0; i < policy->clause_count; i++) {
        cost += 1 + cost_of(policy->clauses[i].body);
    }
    return cost;
}

/* ---- of a request ---- */

/* Sums by key. */
struct sums {
    struct table table;
};

static void sums_add(struct sums *sums, uint64_t key, uint64_t cost) {
    const uint64_t *known = table_find(&sums->table, key);
    IGNORE(table_put(&sums->table, key, (known == NULL ? 0 : *known) + cost)); /* arena remembers */
}

struct action_cost {
    uint64_t any;       /* of policies that name neither a principal nor a resource */
    uint64_t principal; /* the dearest principal's */
    uint64_t resource;
};

struct request_cost {
    struct lint *lint;
    struct sums by_part;           /* action and principal, or action and resource */
    struct table actions;          /* action -> index + 1 into costs */
    VEC(struct action_cost) costs; /* 0: of every action */
};

static struct action_cost *cost_at(struct request_cost *r, uint64_t action) {
    const uint64_t *known = table_find(&r->actions, action);
    if (known != NULL) {
        return &r->costs.items[*known];
    }
    struct action_cost none = {0};
    if (!table_put(&r->actions, action, r->costs.count) ||
        !VEC_PUSH(r->lint->arena, &r->costs, none)) {
        return NULL;
    }
    return &r->costs.items[r->costs.count - 1];
}

static void add_to(struct request_cost *r, uint64_t action, const struct lint_policy *policy) {
    struct action_cost *cost = cost_at(r, action);
    const struct ast_policy *tree = policy->tree;
    if (cost == NULL) {
        return;
    }
    bool is_by_principal = tree->principal.kind == AST_SCOPE_EQ;
    if (!is_by_principal && tree->resource.kind != AST_SCOPE_EQ) {
        cost->any += policy->cost;
        return;
    }
    const struct ast_scope *part = is_by_principal ? &tree->principal : &tree->resource;
    uint64_t key =
        (action * 31 + is_by_principal) * 0x9e3779b97f4a7c15u ^ lint_hash(r->lint, &part->uid);
    sums_add(&r->by_part, key, policy->cost);
    const uint64_t *sum = table_find(&r->by_part.table, key);
    uint64_t *most = is_by_principal ? &cost->principal : &cost->resource;
    *most = sum != NULL && *sum > *most ? *sum : *most;
}

static void add_policy(struct request_cost *r, const struct lint_policy *policy) {
    const struct ast_scope *scope = &policy->tree->action;
    const struct ast_uid *list;
    size_t count = lint_actions(scope, &list);
    /* What is `in` an action is not known here: a group reaches any. A list of actions that are
     * no groups is written with `in`, too; they are counted one by one. */
    bool is_open = scope->kind == AST_SCOPE_ANY || (scope->kind == AST_SCOPE_IN && !scope->is_list);
    if (is_open) {
        add_to(r, 0, policy);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        add_to(r, lint_hash(r->lint, &list[i]), policy);
    }
}

static bool is_unscoped(const struct ast_policy *policy) {
    return policy->principal.kind == AST_SCOPE_ANY && policy->action.kind == AST_SCOPE_ANY &&
           policy->resource.kind == AST_SCOPE_ANY;
}

static void check_policy(struct lint *lint, const struct lint_policy *policy) {
    if (is_unscoped(policy->tree) && lint_wants(lint, LINT_UNSCOPED)) {
        lint_file(lint, LINT_UNSCOPED, policy, policy->tree->span,
                  "has no constraint in its scope: it is evaluated for every request",
                  (str){NULL, 0}, "", "constrain principal, action or resource in the scope");
    }
    if (lint->options.max_policy_cost > 0 && policy->cost > lint->options.max_policy_cost &&
        lint_wants(lint, LINT_POLICY_COST)) {
        char text[96];
        snprintf(text, sizeof text, "costs up to %llu steps, more than the budget of %llu",
                 (unsigned long long)policy->cost,
                 (unsigned long long)lint->options.max_policy_cost);
        lint_file(lint, LINT_POLICY_COST, policy, policy->tree->span, text, (str){NULL, 0}, "",
                  NULL);
    }
}

/* The finding is filed at the dearest policy. */
static void check_set(struct lint *lint, uint64_t cost) {
    const struct lint_policy *dearest = NULL;
    if (lint->options.max_set_cost == 0 || cost <= lint->options.max_set_cost ||
        !lint_wants(lint, LINT_SET_COST)) {
        return;
    }
    for (size_t i = 0; i < lint->policies.count; i++) {
        const struct lint_policy *policy = &lint->policies.items[i];
        dearest = dearest == NULL || policy->cost > dearest->cost ? policy : dearest;
    }
    char text[160];
    snprintf(text, sizeof text,
             "is the dearest of a set in which a request may cost %llu steps, more than the budget "
             "of %llu",
             (unsigned long long)cost, (unsigned long long)lint->options.max_set_cost);
    lint_file(lint, LINT_SET_COST, dearest, dearest->tree->span, text, (str){NULL, 0}, "", NULL);
}

uint64_t lint_cost(struct lint *lint) {
    struct request_cost r = {.lint = lint};
    r.actions.arena = lint->arena;
    r.by_part.table.arena = lint->arena;
    if (cost_at(&r, 0) == NULL) {
        return 0;
    }
    for (size_t i = 0; i < lint->policies.count; i++) {
        check_policy(lint, &lint->policies.items[i]);
        if (!lint->policies.items[i].tree->is_template) {
            add_policy(&r, &lint->policies.items[i]);
        }
    }
    struct action_cost open = r.costs.items[0];
    uint64_t most = open.any + open.principal + open.resource;
    for (size_t i = 1; i < r.costs.count; i++) {
        const struct action_cost *cost = &r.costs.items[i];
        uint64_t sum = open.any + open.principal + open.resource + cost->any + cost->principal +
                       cost->resource;
        most = sum > most ? sum : most;
    }
    check_set(lint, most);
    return most;
}
