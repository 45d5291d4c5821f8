/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_WALK_H
#define CEDAR_VALIDATE_WALK_H
/*
 * Every expression of a policy's conditions, outer ones first, in the order in which they are
 * written. Recursion is bounded by the height of the tree.
 */
#include "cedar/ast/ast.h"

typedef void walk_visit(void *ctx, const struct ast_expr *expr);

void walk_expr(const struct ast_expr *expr, walk_visit *visit, void *ctx);
void walk_clauses(const struct ast_policy *policy, walk_visit *visit, void *ctx);

#endif
