/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_EXPLAIN_INT_H
#define CEDAR_API_EXPLAIN_INT_H
/*
 * What the files of cedar_explain share.
 *
 *     api_explain.c         the call: outcomes of all policies, which of them are told about
 *     api_explain_policy.c  one policy, from its tree: constraints and clauses
 *     api_explain_walk.c    one clause: what was looked at, and with which value
 *     api_explain_text.c    pieces of policies, values and entities as text
 *
 * The decision and the outcomes come from authz/. A walk evaluates sub-expressions again, each by
 * the compiler and the evaluator; what it adds is only the order, and where `&&`, `||` and `if`
 * go on. The fuzz target compares its result with the policy's.
 */
#include "cedar/api_policies_int.h"
#include "cedar/api_request_int.h"

/* Counts lines of a policy's text; goes on where it was. */
struct explain_lines {
    size_t at;
    uint32_t line; /* before it */
    size_t line_start;
};

struct explainer {
    const cedar_policies *policies;
    struct arena *arena; /* of the explanation */
    struct arena *temp;
    struct arena code; /* of the sub-expression that is being evaluated, and its values */
    struct lower_options lower;
    struct eval eval;
    size_t max_seen;
    size_t max_text;
    char *room; /* for texts being made */
    size_t room_size;
    bool is_cut; /* time or steps have ended */
    /* of the policy at hand: */
    cedar_policy_info info;
    bool is_json;
    struct explain_lines lines;
};

/* ---- api_explain_text.c */

/* Makes room for texts. */
err explain_text_init(struct explainer *x) MUST_CHECK;

err explain_expr_text(struct explainer *x, const struct ast_expr *expr, size_t max,
                      cedar_str *ret) MUST_CHECK;
err explain_scope_text(struct explainer *x, enum ast_var var, const struct ast_scope *scope,
                       cedar_str *ret) MUST_CHECK;
err explain_value_text(struct explainer *x, const struct value *value, cedar_str *ret) MUST_CHECK;
err explain_uid_text(struct explainer *x, const struct uid *uid, cedar_str *ret) MUST_CHECK;
/* A copy, cut when it is too long. */
err explain_plain_text(struct explainer *x, str text, cedar_str *ret) MUST_CHECK;
cedar_place explain_place(struct explainer *x, struct ast_span span);

/* A fact about an entity, for the walk: its ancestors, or the names of its attributes or tags. */
enum explain_fact { FACT_ANCESTORS, FACT_ATTRIBUTES, FACT_TAGS };
err explain_fact_text(struct explainer *x, enum explain_fact fact, const struct uid *uid,
                      cedar_str *ret_text, cedar_str *ret_value) MUST_CHECK;

struct uid_list {
    VEC(const struct uid *) list;
};
/* All ancestors, each once, in the order of their names; in x->temp. */
err explain_ancestors(struct explainer *x, const struct entity *entity,
                      struct uid_list *ret) MUST_CHECK;

/* ---- api_explain_walk.c */

/* Fills state and values; `clause` has its text. ERR_OK unless memory ends. */
err explain_walk(struct explainer *x, const struct ast_clause *tree,
                 cedar_explained_clause *clause) MUST_CHECK;

/* ---- api_explain_policy.c */

struct explain_verdict {
    size_t index;
    cedar_outcome outcome;
    uint32_t failed; /* constraints that do not match: 1 << enum scope_part */
    bool is_reason;
    const struct decide_error *error; /* or NULL */
    bool is_timeout;                  /* its error is that time had ended */
};

err explain_policy(struct explainer *x, const struct explain_verdict *verdict,
                   cedar_explained_policy *ret) MUST_CHECK;

#endif
