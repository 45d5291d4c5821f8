/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_PARSE_H
#define CEDAR_TEXT_PARSE_H
/*
 * Cedar policy text into the syntax tree (ast/ast.h).
 *
 * The whole grammar of language 4.5: policies and templates, annotations, all expressions; rules
 * that the reference applies while reading (function or method style, arity of built-in methods,
 * scope shapes, slots, duplicate keys, reserved names) are applied here as well.
 *
 * Ownership: the tree lives in the arena and borrows identifiers and plain strings from `text`,
 * which must live as long. Findings go to `diags` (may be NULL), first error first; after an
 * error reading continues at the next policy, so that several independent errors are reported.
 *
 * Results: ERR_OK; ERR_SYNTAX (at least one finding); ERR_LIMIT (text too long or too deeply
 * nested: one finding; or the arena is full: no finding); ERR_NOMEM.
 *
 * Limits: bytes and nesting; spans are 32-bit, so a text has less than 4 GiB. Neither brackets
 * nor the tree may be deeper than max_depth, so whoever walks the tree may recurse. Chains of
 * operators, lists, clauses and `has` paths nest nothing; every `.a` does. The parser itself does
 * not recurse: its stack use is the same for every text.
 */
#include "cedar/ast/diag.h"

struct parse_limits {
    size_t max_bytes;
    uint32_t max_depth;
};

/* 64 MiB, 1,000 levels. */
extern const struct parse_limits parse_limits_default;

/* Policies and templates; ids are policy0, policy1, … in order. */
err parse_policy_set(struct arena *a, str text, const struct parse_limits *limits,
                     const struct ast_policy_set **ret, struct diag_list *diags) MUST_CHECK;

/* The same one by one, for those who do not need all trees at once. `a` holds the state; each
 * policy lives in the arena given for it, which may be cleared before the next one and must not be
 * that of the findings. After the last one *ret_policy is NULL. A policy with findings is not
 * handed out, nor are those behind it: they are read for their own findings, then comes
 * ERR_SYNTAX. */
struct policy_stream;
err policy_stream_open(struct arena *a, str text, const struct parse_limits *limits,
                       struct diag_list *diags, struct policy_stream **ret) MUST_CHECK;
err policy_stream_next(struct policy_stream *stream, struct arena *tree,
                       const struct ast_policy **ret_policy) MUST_CHECK;

/* One expression, without slots, and nothing behind it. */
err parse_expr(struct arena *a, str text, const struct parse_limits *limits,
               const struct ast_expr **ret, struct diag_list *diags) MUST_CHECK;

/* `Ns::Type::"id"` in any valid spelling: white space, comments and escapes as in a policy. */
err parse_uid(struct arena *a, str text, const struct parse_limits *limits, struct ast_uid *ret,
              struct diag_list *diags) MUST_CHECK;

/* `Ns::Type`, likewise. */
err parse_type_name(struct arena *a, str text, const struct parse_limits *limits,
                    struct ast_name *ret, struct diag_list *diags) MUST_CHECK;

#endif
