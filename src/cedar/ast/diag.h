/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_AST_DIAG_H
#define CEDAR_AST_DIAG_H
/*
 * Findings with a place in the source, collected while reading text, JSON and schemas.
 *
 * A list lives in an arena of its owner. `api.c` turns it into a cedar_report. Adding never fails
 * loudly: when memory is out the list only remembers that (`is_cut`), the caller's own error code
 * says what happened. At most DIAG_MAX findings are kept.
 */
#include "cedar/ast/ast.h"

enum { DIAG_MAX = 100 };

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_ADVICE };

struct diag_origin {
    size_t offset;
    uint32_t line; /* from 1 */
    uint32_t column;
};

/* A second place that belongs to a finding, like the first of two declarations. */
struct diag_other {
    bool is_there;
    struct ast_span span;
    str label;
    str source_name;
    str source_text;
};

struct diag {
    enum diag_severity severity;
    bool has_span;
    struct ast_span span;
    str message;
    str label;
    str help;
    str source_name;
    str source_text; /* borrowed; NULL when there is none */
    str policy_id;
    str kind; /* stable name of what was found; absent where findings have none */
    /* Where source_text begins, when it is a piece of the source: NULL at its beginning. */
    const struct diag_origin *origin;
    struct diag_other other;
};

struct diag_list {
    struct arena *arena;
    size_t max;      /* findings kept; 0: DIAG_MAX */
    str source_name; /* given to every finding that is added */
    str source_text;
    const struct diag_origin *origin;
    VEC(struct diag) items;
    bool is_cut;
};

void diag_list_init(struct diag_list *list, struct arena *arena);

/* Adds a finding and returns it, so that label and help can be set; NULL when it is not kept.
 * `list` may be NULL. Formats know %s, %.*s (NUL bytes and all), %u, %d, %zu, %lld and %%. */
struct diag *diag_add(struct diag_list *list, enum diag_severity severity, struct ast_span span,
                      const char *format, ...) PRINTF_LIKE(4, 5);
/* Adds a finding with its texts, which live as long as the list; the list says where it comes
 * from. False when it is not kept. */
bool diag_take(struct diag_list *list, const struct diag *diag);
void diag_label(struct diag_list *list, struct diag *diag, const char *format, ...)
    PRINTF_LIKE(3, 4);
void diag_help(struct diag_list *list, struct diag *diag, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* In the same source; the label is borrowed. */
void diag_other(struct diag *diag, struct ast_span span, str label);

#endif
