/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_PRINT_H
#define CEDAR_TEXT_PRINT_H
/*
 * The syntax tree as Cedar text, on one line: for policies that have no text of their own, because
 * they came from JSON or from a template. (format.h lays text out for people.)
 *
 * What is printed parses to an equal tree (ast/equal.h), spelled as the reference spells it:
 * operands that are operators stand in parentheses, negative numbers too; strings are escaped as
 * value.h's escape_debug; annotations and record fields are sorted. Two trees that only JSON can
 * make have no text of their own: `has` with a path of names that are no identifiers becomes a
 * conjunction of the same meaning, and a method without a receiver is printed as a function,
 * which text refuses.
 *
 * Everything is appended to a buf, whose maximum bounds the output; `temp` is used for sorting, is
 * as before afterwards, and must not be the arena that `out` grows in. Recursion is bounded by the
 * height of the tree. Pure functions.
 */
#include "base/buf.h"
#include "cedar/ast/ast.h"

void print_expr(struct buf *out, struct arena *temp, const struct ast_expr *expr);
/* Without a line end behind it. */
void print_policy(struct buf *out, struct arena *temp, const struct ast_policy *policy);
/* A constraint of the head: `principal in Group::"g"`. */
void print_scope(struct buf *out, enum ast_var var, const struct ast_scope *scope);
void print_uid(struct buf *out, const struct ast_uid *uid);
/* As an attribute, a record key or after `has`: bare if it is an identifier, else quoted. */
void print_name(struct buf *out, str name);
void print_quoted(struct buf *out, str text);

str print_var_text(enum ast_var var);    /* "principal" */
str print_slot_text(enum ast_slot slot); /* "?principal" */

/* Sorted by name, in `temp`; NULL when it is full. */
const struct ast_field **print_sorted_fields(struct arena *temp,
                                             const struct ast_expr *record) MUST_CHECK;
const struct ast_annotation **print_sorted_annotations(struct arena *temp,
                                                       const struct ast_policy *policy) MUST_CHECK;

#endif
