/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_FORMAT_INT_H
#define CEDAR_TEXT_FORMAT_INT_H
/*
 * What the files of the formatter share; nobody else includes it. One call, one thread.
 *
 *     format.c       tokens and their comments; policies, scope, clauses
 *     format_expr.c  expressions
 *     format_doc.c   documents: building and laying out
 *
 * A document is a flat list of instructions; groups and indentation are pairs of them, so neither
 * building nor laying out recurses.
 */
#include "cedar/text/format.h"
#include "cedar/text/lex.h"

enum doc_kind {
    DOC_NOTHING,  /* a place kept free, which may become DOC_GROUP */
    DOC_TEXT,     /* does not end a line (or, in a string literal, does what it likes) */
    DOC_LINE,     /* a space or a line end */
    DOC_SOFTLINE, /* nothing or a line end */
    DOC_HARDLINE, /* a line end; its group cannot stay on one line */
    DOC_GROUP,
    DOC_GROUP_END,
    DOC_NEST, /* what begins a line behind this is indented by `amount` more */
    DOC_NEST_END,
};

struct doc_item {
    enum doc_kind kind;
    uint32_t amount; /* NEST: columns; TEXT: columns it takes */
    uint32_t match;  /* GROUP: index of its end */
    str text;
};

struct doc {
    struct arena *arena;
    VEC(struct doc_item) items;
    VEC(uint32_t) open; /* groups */
    err error;
};

void doc_add(struct doc *doc, enum doc_kind kind);
void doc_text(struct doc *doc, str text);
void doc_nest(struct doc *doc, uint32_t amount);
/* Opens a group at an earlier DOC_NOTHING; groups must still nest. */
void doc_group_at(struct doc *doc, size_t index);
void doc_group_end(struct doc *doc);
/* Lays out all items so far; lines of white space alone vanish, so do spaces at either end. */
void doc_render(struct doc *doc, uint32_t width, struct buf *out);

struct format_token {
    enum token_kind kind;
    str text;
    str before; /* between it and the token before it: comments on lines of their own */
    str behind; /* up to the end of its line: comments */
};

struct formatter {
    struct doc doc;
    const struct format_token *tokens; /* the last one is TOKEN_END */
    size_t at;
    size_t led; /* comments before the tokens up to here are done */
    uint32_t indent;
};

static inline enum token_kind format_peek(const struct formatter *f) {
    return f->tokens[f->at].kind;
}

/* The comments before the token at hand, so that they stay out of a group that begins here. */
void format_lead(struct formatter *f);
/* The token at hand with its comments; moves on. */
void format_token(struct formatter *f);
/* Without the comments behind it, which are left for format_behind. */
void format_token_alone(struct formatter *f);
bool format_behind(struct formatter *f);
/* The same as both; without a comment behind it, which ends the line, `otherwise` follows, and the
 * result is false. */
bool format_token_or(struct formatter *f, enum doc_kind otherwise);
/* Drops a trailing comma, but keeps its comments. */
void format_drop(struct formatter *f);

void format_expr(struct formatter *f);
/* Operands of comparisons: what may stand beside `has`, `like`, `is`. */
void format_sum(struct formatter *f);

#endif
