/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_LINT_LINT_INT_H
#define CEDAR_LINT_LINT_INT_H
/*
 * What the rules share. When memory is out the arena remembers it; lint_finish asks.
 */
#include "cedar/lint/lint.h"

static inline bool lint_wants(const struct lint *lint, enum lint_rule rule) {
    return (lint->options.disabled & 1u << rule) == 0;
}

/* Files a finding about a policy: "policy `ID` ", then `before`, `name`, `after`. Names may hold
 * any bytes; an absent one is left out with what stands behind it. Spans are those of the tree. */
void lint_file(struct lint *lint, enum lint_rule rule, const struct lint_policy *policy,
               struct ast_span span, const char *before, str name, const char *after,
               const char *help);

void lint_cover(struct lint *lint);
void lint_contradict(struct lint *lint, const struct lint_policy *policy);
void lint_fail(struct lint *lint, const struct lint_policy *policy);
uint64_t lint_cost_of(const struct ast_policy *policy);
/* The worst-case cost of one request. */
uint64_t lint_cost(struct lint *lint);

/* Hash of a uid, as good as unique. */
uint64_t lint_hash(const struct lint *lint, const struct ast_uid *uid);

static inline bool lint_same_uid(const struct ast_uid *a, const struct ast_uid *b) {
    return str_equal(a->id, b->id) && str_equal(a->type.text, b->type.text);
}

/* One action or a list of them. */
static inline size_t lint_actions(const struct ast_scope *scope, const struct ast_uid **ret) {
    *ret = scope->is_list ? scope->list : &scope->uid;
    return scope->is_list ? scope->list_count : (size_t)(scope->kind != AST_SCOPE_ANY);
}

#endif
