/* SPDX-License-Identifier: Apache-2.0 */
/* One policy of an explanation, from its text. */
#include "cedar/api_explain_int.h"

static err explain_scope(struct explainer *x, const struct ast_policy *tree, enum scope_part which,
                         bool is_matched, cedar_explained_scope *ret) {
    static const enum ast_var vars[] = {
        [PART_PRINCIPAL] = AST_PRINCIPAL,
        [PART_ACTION] = AST_ACTION,
        [PART_RESOURCE] = AST_RESOURCE,
    };
    const struct ast_scope *scope = which == PART_PRINCIPAL ? &tree->principal
                                    : which == PART_ACTION  ? &tree->action
                                                            : &tree->resource;
    ret->is_matched = is_matched;
    ret->place = explain_place(x, scope->span);
    return explain_scope_text(x, vars[which], scope, &ret->text);
}

static err explain_clauses(struct explainer *x, const struct ast_policy *tree, bool is_evaluated,
                           cedar_explained_policy *policy) {
    enum { CLAUSE_FACTOR = 4 };
    cedar_explained_clause *clauses =
        ARENA_ARRAY(x->arena, cedar_explained_clause, tree->clause_count);
    if (clauses == NULL) {
        return arena_error(x->arena);
    }
    for (size_t i = 0; i < tree->clause_count; i++) {
        const struct ast_clause *clause = &tree->clauses[i];
        clauses[i].is_unless = clause->is_unless;
        clauses[i].state = CEDAR_CLAUSE_SKIPPED;
        clauses[i].place = explain_place(x, clause->body->span);
        TRY(explain_expr_text(x, clause->body, x->max_text * CLAUSE_FACTOR, &clauses[i].text));
        if (is_evaluated) {
            TRY(explain_walk(x, clause, &clauses[i]));
            is_evaluated = clauses[i].state == CEDAR_CLAUSE_HOLDS;
        }
    }
    policy->clauses = clauses;
    policy->clause_count = tree->clause_count;
    return ERR_OK;
}

static err explain_tree(struct explainer *x, const struct explain_verdict *verdict,
                        cedar_explained_policy *policy) {
    struct ast_policy tree;
    TRY(api_policy_tree(x->temp, x->policies, verdict->index, &tree));
    for (unsigned part = 0; part < SCOPE_PARTS; part++) {
        TRY(explain_scope(x, &tree, (enum scope_part)part, (verdict->failed & (1u << part)) == 0,
                          &policy->scopes[part]));
    }
    bool is_evaluated = verdict->outcome != CEDAR_OUTCOME_SCOPE && !verdict->is_timeout;
    return explain_clauses(x, &tree, is_evaluated, policy);
}

err explain_policy(struct explainer *x, const struct explain_verdict *verdict,
                   cedar_explained_policy *ret) {
    struct arena_mark mark = arena_mark(x->temp);
    x->info = cedar_policies_get(x->policies, verdict->index);
    x->is_json = api_is_json(api_str_of(x->info.text));
    x->lines = (struct explain_lines){.line = 0};
    cedar_explained_policy policy = {
        .index = verdict->index,
        .info = x->info,
        .outcome = verdict->outcome,
        .is_reason = verdict->is_reason,
        .message = api_public(STR("")),
        .help = api_public(STR("")),
    };
    if (verdict->error != NULL) {
        policy.message = api_public(verdict->error->error.message);
        policy.help = api_public(verdict->error->error.help);
    }
    TRY(explain_tree(x, verdict, &policy));
    arena_reset(x->temp, mark);
    *ret = policy;
    return ERR_OK;
}
