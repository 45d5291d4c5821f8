/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_LOWER_H
#define CEDAR_COMPILE_LOWER_H
/*
 * From the syntax tree to the program.
 *
 * The result lives in the arena given and copies what it needs, so that tree and text may go
 * away. `max_depth` limits the nesting of nodes, and with it the recursion here and in eval/;
 * paths (`a.b.c`) and chains nest nothing. Errors: ERR_NOMEM and ERR_LIMIT of the arena;
 * ERR_RANGE when the tree is nested too deeply.
 */
#include "cedar/ast/ast.h"
#include "cedar/compile/node.h"

struct lower_options {
    const struct hash_key *key; /* makes the hashes of uids */
    uint32_t max_depth;
};

/* One policy or template; its id is copied too. */
err lower_policy(struct arena *a, const struct lower_options *options,
                 const struct ast_policy *policy, struct policy_tree *ret) MUST_CHECK;

/* The conditions alone: *ret_nodes counts the expressions in them. *ret is NULL when there are
 * none. */
err lower_conditions(struct arena *a, const struct lower_options *options,
                     const struct ast_policy *policy, const struct node **ret,
                     uint32_t *ret_nodes) MUST_CHECK;

/* Of a constraint that is no list. */
enum scope_kind lower_scope_kind(enum ast_scope_kind kind);

/* An expression without slots. */
err lower_expr(struct arena *a, const struct lower_options *options, const struct ast_expr *expr,
               const struct node **ret) MUST_CHECK;

#endif
