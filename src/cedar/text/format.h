/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_FORMAT_H
#define CEDAR_TEXT_FORMAT_H
/*
 * Policy text laid out for people: same policies, same comments, other spaces.
 *
 * Two passes. The first walks the tokens and makes a document: pieces of text, places where a
 * line may or must end, indentation, and groups. The second lays it out (Wadler, "A prettier
 * printer"): a group whose content fits on the line stays on it, otherwise all its own places
 * become line ends. Comments belong to the token before them when they begin on its line, else
 * to the token behind them; they always end a line.
 *
 * The text must parse; findings go to `diags`. The result parses to an equal set (checked before
 * it is returned: ERR_INTERNAL otherwise) and formatting it again changes nothing. What is left
 * of comments on trailing commas is kept, the commas are not.
 *
 * Ownership: everything lives in the arena. Limits: those of the parser; recursion is bounded by
 * max_depth; the output by `max_bytes` of the buf.
 */
#include "base/buf.h"
#include "cedar/text/parse.h"

struct format_options {
    uint32_t line_width;   /* in characters */
    uint32_t indent_width; /* spaces per level */
};

/* 80 and 2. */
extern const struct format_options format_options_default;

err format_policies(struct arena *a, str text, const struct format_options *options,
                    const struct parse_limits *limits, str *ret,
                    struct diag_list *diags) MUST_CHECK;

#endif
