/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_UNESCAPE_H
#define CEDAR_TEXT_UNESCAPE_H
/*
 * Escapes in string literals and `like` patterns, shared by policies and schemas.
 *
 * A body is what stands between the quotes; it must be valid UTF-8. Known escapes:
 * \n \r \t \\ \0 \' \" \xHH (up to 7F) \u{H…} (one to six digits, `_` after the first), and in
 * patterns \* for a star that stands for itself. A carriage return may not stand unescaped.
 */
#include "cedar/ast/ast.h"

enum unescape_mode { UNESCAPE_STRING, UNESCAPE_PATTERN };

struct unescaped {
    uint32_t scalar; /* AST_WILDCARD for a wildcard of a pattern */
    bool is_bad;     /* no valid escape; `source` is the offending piece */
    str source;
};

/* Decodes one character at *offset and moves behind it; false at the end. */
bool unescape_next(str body, size_t *offset, enum unescape_mode mode, struct unescaped *ret);

/* The decoded string; borrows the body when nothing is escaped. ERR_SYNTAX for a bad escape. */
err unescape_string(struct arena *a, str body, str *ret) MUST_CHECK;

/* A star that comes from any escape but \* is a wildcard too, as in the reference. */
err unescape_pattern(struct arena *a, str body, struct ast_pattern *ret) MUST_CHECK;

#endif
