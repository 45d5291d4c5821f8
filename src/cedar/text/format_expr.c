/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions. The text is known to parse, so that each function may rely on what comes next.
 * Recursion is one level of these functions per level of brackets or branches.
 */
#include "cedar/text/format_int.h"

static void space(struct formatter *f) {
    doc_text(&f->doc, STR(" "));
}

/* Items up to the bracket that closes them; that one is left. */
static void format_items(struct formatter *f, enum token_kind close) {
    while (format_peek(f) != close) {
        format_expr(f);
        if (format_peek(f) != TOKEN_COMMA) {
            return;
        }
        if (f->tokens[f->at + 1].kind == close) {
            format_drop(f);
            return;
        }
        format_token(f);
        doc_add(&f->doc, DOC_LINE);
    }
}

static void format_list(struct formatter *f) {
    format_token(f);
    doc_nest(&f->doc, 1);
    format_items(f, TOKEN_RBRACKET);
    doc_add(&f->doc, DOC_NEST_END);
    format_token(f);
}

/* { key: value, … } */
static void format_record(struct formatter *f) {
    bool is_empty = f->tokens[f->at + 1].kind == TOKEN_RBRACE;
    format_token(f);
    if (!is_empty) {
        doc_nest(&f->doc, f->indent);
        doc_add(&f->doc, DOC_GROUP);
        doc_add(&f->doc, DOC_LINE);
        while (format_peek(f) != TOKEN_RBRACE) {
            format_expr(f);
            format_token(f); /* the colon */
            space(f);
            format_expr(f);
            if (format_peek(f) != TOKEN_COMMA) {
                break;
            }
            if (f->tokens[f->at + 1].kind == TOKEN_RBRACE) {
                format_drop(f);
                break;
            }
            format_token(f);
            doc_add(&f->doc, DOC_LINE);
        }
        doc_add(&f->doc, DOC_LINE);
        doc_group_end(&f->doc);
        doc_add(&f->doc, DOC_NEST_END);
    }
    format_token(f);
}

static void format_primary(struct formatter *f) {
    if (format_peek(f) == TOKEN_LPAREN) {
        doc_add(&f->doc, DOC_GROUP);
        format_token(f);
        doc_nest(&f->doc, 1);
        format_expr(f);
        doc_add(&f->doc, DOC_NEST_END);
        format_token(f);
        doc_group_end(&f->doc);
    } else if (format_peek(f) == TOKEN_LBRACKET) {
        format_list(f);
    } else if (format_peek(f) == TOKEN_LBRACE) {
        format_record(f);
    } else {
        format_token(f);
        while (format_peek(f) == TOKEN_PATH) { /* A::B, A::"b" */
            format_token(f);
            format_token(f);
        }
    }
}

static void format_access(struct formatter *f) {
    if (format_peek(f) == TOKEN_DOT) {
        format_token(f);
        format_token(f);
        return;
    }
    bool is_call = format_peek(f) == TOKEN_LPAREN;
    format_token(f);
    if (is_call && format_peek(f) != TOKEN_RPAREN) {
        doc_nest(&f->doc, f->indent);
        doc_add(&f->doc, DOC_SOFTLINE);
        format_items(f, TOKEN_RPAREN);
        doc_add(&f->doc, DOC_NEST_END);
        doc_add(&f->doc, DOC_SOFTLINE);
    } else if (!is_call) {
        format_token(f); /* the attribute */
    }
    format_token(f);
}

static bool is_access(enum token_kind kind) {
    return kind == TOKEN_DOT || kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET;
}

/* Prefixes, an operand, what is asked of it. */
static void format_member(struct formatter *f) {
    while (format_peek(f) == TOKEN_NOT || format_peek(f) == TOKEN_MINUS) {
        format_token(f);
    }
    doc_add(&f->doc, DOC_GROUP);
    format_primary(f);
    if (is_access(format_peek(f))) {
        doc_nest(&f->doc, f->indent);
        format_access(f);
        while (is_access(format_peek(f))) {
            doc_add(&f->doc, DOC_SOFTLINE);
            format_access(f);
        }
        doc_add(&f->doc, DOC_NEST_END);
    }
    doc_group_end(&f->doc);
}

static void format_product(struct formatter *f) {
    doc_add(&f->doc, DOC_GROUP);
    format_member(f);
    while (format_peek(f) == TOKEN_STAR) {
        space(f);
        format_token(f);
        doc_add(&f->doc, DOC_LINE);
        format_member(f);
    }
    doc_group_end(&f->doc);
}

void format_sum(struct formatter *f) {
    doc_add(&f->doc, DOC_GROUP);
    format_product(f);
    while (format_peek(f) == TOKEN_PLUS || format_peek(f) == TOKEN_MINUS) {
        space(f);
        format_token(f);
        doc_add(&f->doc, DOC_LINE);
        format_product(f);
    }
    doc_group_end(&f->doc);
}

/* x is T [in y] */
static void format_is(struct formatter *f) {
    space(f);
    format_token(f);
    space(f);
    doc_nest(&f->doc, f->indent);
    format_sum(f);
    doc_add(&f->doc, DOC_NEST_END);
    if (format_peek(f) == TOKEN_IN) {
        doc_add(&f->doc, DOC_LINE);
        format_token(f);
        space(f);
        doc_nest(&f->doc, f->indent);
        format_sum(f);
        doc_add(&f->doc, DOC_NEST_END);
    }
}

static bool is_comparison(enum token_kind kind) {
    token_set comparisons = TOKEN_BIT(TOKEN_EQ) | TOKEN_BIT(TOKEN_NE) | TOKEN_BIT(TOKEN_LT) |
                            TOKEN_BIT(TOKEN_LE) | TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_GE) |
                            TOKEN_BIT(TOKEN_IN);
    return (comparisons & TOKEN_BIT(kind)) != 0;
}

static void format_relation(struct formatter *f) {
    size_t start = f->doc.items.count;
    doc_add(&f->doc, DOC_NOTHING);
    format_sum(f);
    enum token_kind kind = format_peek(f);
    if (is_comparison(kind)) {
        space(f);
        format_token(f);
        space(f);
        format_sum(f);
    } else if (kind == TOKEN_HAS || kind == TOKEN_LIKE) {
        doc_group_at(&f->doc, start);
        doc_add(&f->doc, DOC_LINE);
        format_token(f);
        doc_add(&f->doc, DOC_LINE);
        doc_nest(&f->doc, f->indent);
        format_sum(f);
        doc_add(&f->doc, DOC_NEST_END);
        doc_group_end(&f->doc);
    } else if (kind == TOKEN_IS) {
        doc_group_at(&f->doc, start);
        format_is(f);
        doc_group_end(&f->doc);
    }
}

/* `if`, `then` or `else`, and what belongs to it */
static void format_branch(struct formatter *f) {
    format_token(f);
    doc_nest(&f->doc, f->indent);
    doc_add(&f->doc, DOC_LINE);
    format_expr(f);
    doc_add(&f->doc, DOC_NEST_END);
}

void format_expr(struct formatter *f) {
    if (format_peek(f) == TOKEN_IF) {
        doc_add(&f->doc, DOC_GROUP);
        format_branch(f);
        doc_add(&f->doc, DOC_LINE);
        format_branch(f);
        doc_add(&f->doc, DOC_LINE);
        format_branch(f);
        doc_group_end(&f->doc);
        return;
    }
    format_relation(f);
    while (format_peek(f) == TOKEN_AND || format_peek(f) == TOKEN_OR) {
        space(f);
        IGNORE(format_token_or(f, DOC_LINE)); /* the line ends in any case */
        format_relation(f);
    }
}
