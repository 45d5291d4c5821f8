/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_JSON_NAMES_H
#define CEDAR_JSON_NAMES_H
/*
 * Names of types and functions in JSON, which have to be written in the one normal way. Stateless;
 * any thread.
 */
#include "cedar/ast/diag.h"
#include "cedar/text/parse.h"

/* Why a text that is not ast_is_name is refused: the message of the parser of policies, or that
 * there are spaces in it; and how to mend it, which may be absent. Both live in the arena of
 * `diags` (in `a` when that is NULL). */
err name_explain(struct arena *a, const struct parse_limits *limits, str text,
                 struct diag_list *diags, str *ret_why, str *ret_help) MUST_CHECK;

#endif
