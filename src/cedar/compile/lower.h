/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_LOWER_H
#define CEDAR_COMPILE_LOWER_H
/*
 * From the syntax tree to the program.
 *
 * The result lives in the arena given and copies what it needs, so that tree and text may go
 * away. Recursion follows the nesting of the tree, which the parser has limited. Errors:
 * ERR_NOMEM and ERR_LIMIT of the arena; ERR_LIMIT too when the tree is nested deeper than
 * LOWER_DEPTH_MAX (a tree that was not made by the parser).
 */
#include "cedar/ast/ast.h"
#include "cedar/compile/program.h"

enum { LOWER_DEPTH_MAX = 10000 };

/* One policy or template; its id is copied too. `key` makes the hashes of uids. */
err lower_policy(struct arena *a, const struct hash_key *key, const struct ast_policy *policy,
                 struct program_policy *ret) MUST_CHECK;

/* An expression without slots. */
err lower_expr(struct arena *a, const struct hash_key *key, const struct ast_expr *expr,
               const struct node **ret) MUST_CHECK;

#endif
