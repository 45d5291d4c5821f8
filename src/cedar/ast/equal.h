/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_AST_EQUAL_H
#define CEDAR_AST_EQUAL_H
/*
 * Do two trees say the same? For tests of the printers, and for the formatter, which checks that
 * it changed nothing.
 *
 * Compared is meaning as written: operators, names, literals, the order of clauses. Not compared:
 * spans, ids, the marks that only choose a form of JSON, the order of record fields and of
 * annotations, and how chains are grouped when that makes no difference: (1 + x) - 2 is one chain
 * or a chain in a chain. Pure functions; recursion is bounded by the height of the trees.
 */
#include "cedar/ast/ast.h"

bool ast_expr_equal(const struct ast_expr *a, const struct ast_expr *b);
bool ast_policy_equal(const struct ast_policy *a, const struct ast_policy *b);
bool ast_policy_set_equal(const struct ast_policy_set *a, const struct ast_policy_set *b);

/* Chains of one kind of operator may stand in each other: + and - are of one kind. */
bool ast_is_same_chain(enum ast_op a, enum ast_op b);

#endif
