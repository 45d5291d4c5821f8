/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_ORACLE_H
#define TEST_ORACLE_H
/*
 * The referee: policies as trees, every one of them walked for every request, each look-up the
 * plainest there is. What it decides the engine must decide.
 *
 * It shares with the engine the lowering to trees, the extension functions, and the texts of
 * errors; not the index, the instructions, the closed hierarchy, nor the matching of patterns. It
 * uses of a struct eval the request, the arena and the budget. No thread, no limit of its own but
 * the recursion of its trees.
 */
#include "cedar/eval/eval.h"

struct oracle_error {
    const struct policy_tree *policy;
    struct ext_error error;
};

struct oracle_decision {
    bool is_allow;
    bool is_timeout;
    size_t reason_count;
    const struct policy_tree *const *reasons;
    size_t error_count;
    const struct oracle_error *errors;
};

/* As eval_expression, of a tree. */
err oracle_node(struct eval *e, const struct node *node, struct value *ret) MUST_CHECK;
/* As decide. */
err oracle_decide(struct eval *e, const struct policy_tree *policies, size_t count,
                  struct oracle_decision *ret) MUST_CHECK;

#endif
