/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: trees of the whole set, the rules, a report. */
#include "cedar/api_policies_int.h"

#include "cedar/lint/lint.h"

enum { FINDINGS_MAX = 100000 };

size_t cedar_lint_rule_count(void) {
    return LINT_RULES;
}

cedar_lint_rule cedar_lint_rule_get(size_t index) {
    if (index >= LINT_RULES) {
        return (cedar_lint_rule){0};
    }
    return (cedar_lint_rule){
        .name = api_public(lint_rule_name((enum lint_rule)index)),
        .summary = api_public(lint_rule_summary((enum lint_rule)index)),
    };
}

static err add_policy(struct lint *lint, const cedar_policies *policies, size_t index) {
    struct policy_place place;
    struct ast_policy *tree = ARENA_NEW(lint->arena, struct ast_policy);
    if (tree == NULL) {
        return arena_error(lint->arena);
    }
    TRY(api_policy_tree(lint->arena, policies, index, tree));
    TRY(api_policy_place(lint->arena, policies, index, &place));
    struct lint_policy policy = {
        .tree = tree,
        .source_name = place.name,
        .source_text = place.text,
        .origin = place.origin,
        .base = place.start,
    };
    return lint_add(lint, &policy);
}

static cedar_lint_cost cost_of(const struct lint *lint, uint64_t request) {
    cedar_lint_cost cost = {.request = request};
    for (size_t i = 0; i < lint->policies.count; i++) {
        if (lint->policies.items[i].cost > cost.policy) {
            cost.policy = lint->policies.items[i].cost;
            cost.index = i;
        }
    }
    return cost;
}

static err apply(struct lint *lint, const cedar_policies *policies, cedar_lint_cost *ret) {
    uint64_t request;
    for (size_t i = 0; i < policies->count; i++) {
        TRY(add_policy(lint, policies, i));
    }
    TRY(lint_finish(lint, &request));
    *ret = cost_of(lint, request);
    return lint->error_count > 0 ? ERR_LIMIT : ERR_OK;
}

cedar_status cedar_lint(const cedar_policies *policies, const cedar_lint_options *options,
                        cedar_lint_cost *ret_cost, cedar_report **ret_report) {
    static const cedar_lint_options no_options;
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (policies == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_engine *engine = policies->engine;
    const cedar_lint_options *chosen = options == NULL ? &no_options : options;
    struct lint_options rules = {
        .disabled = chosen->disabled,
        .max_policy_cost = chosen->max_policy_cost,
        .max_set_cost = chosen->max_set_cost,
    };
    AUTO(arena_done) struct arena trees;
    AUTO(arena_done) struct arena found;
    api_arena_init(&trees, engine);
    api_arena_init(&found, engine);
    struct diag_list diags;
    diag_list_init(&diags, &found);
    diags.max = FINDINGS_MAX;
    struct lint lint;
    lint_init(&lint, chosen->schema == NULL ? NULL : chosen->schema->schema, &rules, &engine->key,
              &trees, &diags);
    cedar_lint_cost cost = {0};
    err error = apply(&lint, policies, &cost);
    if (ret_cost != NULL && (error == ERR_OK || lint.error_count > 0)) {
        *ret_cost = cost;
    }
    return api_finish(engine, error, &diags, ret_report);
}
