/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_LINT_LINT_H
#define CEDAR_LINT_LINT_H
/*
 * Questions that validation does not ask: policies that are right and still not what their
 * author wants. Each rule has a name, an entry in LINT_RULE_TABLE and a section in docs/lint.md.
 *
 *     cover.c       duplicate-policy, shadowed-policy, overridden-permit: other policies make it
 * idle contradict.c  contradictory-policy: it demands what cannot be at once fail.c
 * forbid-may-fail: a forbid that fails forbids nothing cost.c        unscoped-policy, policy-cost,
 * set-cost: what it costs in the worst case
 *
 * A lint looks at a whole set: trees are added one after the other and must live until
 * lint_finish. A schema sharpens some answers and is not needed. Findings are warnings, except
 * where a budget was given and is not kept. One thread; calls fail with ERR_NOMEM and ERR_LIMIT.
 */
#include "cedar/ast/diag.h"
#include "cedar/schema/schema.h"
#include "cedar/validate/facts.h"

/* code, stable name, what it finds */
#define LINT_RULE_TABLE(X)                                                                      \
    X(LINT_DUPLICATE, "duplicate-policy", "says the same as another policy")                    \
    X(LINT_SHADOWED, "shadowed-policy", "an unconditional policy of the same effect covers it") \
    X(LINT_OVERRIDDEN, "overridden-permit", "an unconditional forbid covers it")                \
    X(LINT_CONTRADICTORY, "contradictory-policy", "demands what cannot be at once")             \
    X(LINT_MAY_FAIL, "forbid-may-fail", "an error would skip this forbid")                      \
    X(LINT_UNSCOPED, "unscoped-policy", "no constraint in the scope: it costs every request")   \
    X(LINT_POLICY_COST, "policy-cost", "worst-case cost above the budget of a policy")          \
    X(LINT_SET_COST, "set-cost", "worst-case cost of a request above the budget of the set")

enum lint_rule {
#define X(code, name, summary) code,
    LINT_RULE_TABLE(X)
#undef X
        LINT_RULES
};

str lint_rule_name(enum lint_rule rule);
str lint_rule_summary(enum lint_rule rule);

struct lint_options {
    uint32_t disabled;        /* bit of a rule: it is not applied */
    uint64_t max_policy_cost; /* 0: no budget */
    uint64_t max_set_cost;
};

/* A policy with where it comes from, for findings. */
struct lint_policy {
    const struct ast_policy *tree;
    str source_name;
    str source_text;
    const struct diag_origin *origin;
    uint32_t base; /* of its spans in the source text */
    uint64_t cost;
};

struct lint {
    const struct schema *schema; /* or NULL */
    struct lint_options options;
    struct arena *arena;
    struct diag_list *diags;
    struct facts facts; /* shapes of all policies */
    VEC(struct lint_policy) policies;
    size_t error_count;
};

/* `key` for the hashes of shapes. Everything lives in the arena. */
void lint_init(struct lint *lint, const struct schema *schema, const struct lint_options *options,
               const struct hash_key *key, struct arena *arena, struct diag_list *diags);
err lint_add(struct lint *lint, const struct lint_policy *policy) MUST_CHECK;
/* Applies the rules. *ret_cost is the worst-case cost of one request. */
err lint_finish(struct lint *lint, uint64_t *ret_cost) MUST_CHECK;

#endif
