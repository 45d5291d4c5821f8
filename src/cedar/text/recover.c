/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

/*
 * Reading on after an error, so that a text's other errors are found too.
 *
 * The parser drops tokens until one comes that could stand behind an expression in one of the
 * brackets that are open, and takes everything in that bracket for one bad expression; or until
 * the semicolon that ends the policy. The bracket that the last good token closed counts as open,
 * if the first bad one cannot stand behind a bracket at all. What was dropped may be broken in any
 * way but one: a piece that is no token at all ends the reading, and is what is reported first
 * then, as is an error that nothing was found behind.
 *
 * All this is what the reference's parser, made from a grammar with places for errors, does.
 */

#define TOKENS_BEHIND_BRACKET                                                                     \
    (TOKENS_FOLLOW | TOKEN_BIT(TOKEN_DOT) | TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET) | \
     TOKEN_BIT(TOKEN_OR) | TOKEN_BIT(TOKEN_AND) | TOKEN_BIT(TOKEN_EQ) | TOKEN_BIT(TOKEN_NE) |     \
     TOKEN_BIT(TOKEN_LT) | TOKEN_BIT(TOKEN_LE) | TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_GE) |      \
     TOKEN_BIT(TOKEN_ASSIGN) | TOKEN_BIT(TOKEN_IN) | TOKEN_BIT(TOKEN_HAS) |                       \
     TOKEN_BIT(TOKEN_LIKE) | TOKEN_BIT(TOKEN_IS) | TOKEN_BIT(TOKEN_PLUS) |                        \
     TOKEN_BIT(TOKEN_MINUS) | TOKEN_BIT(TOKEN_STAR) | TOKEN_BIT(TOKEN_SLASH) |                    \
     TOKEN_BIT(TOKEN_PERCENT))

/* Drops the token; false when the next one is none. */
static bool drop(struct parser *p) {
    parse_advance(p);
    if (p->token.kind == TOKEN_INVALID) {
        parse_replace_invalid(p);
        return false;
    }
    return true;
}

static void close_to(struct parser *p, size_t count) {
    while (p->frames.count > count) {
        struct frame frame = expr_pop(p);
        if (frame.kind == FRAME_KEY || frame.kind == FRAME_FIELD) {
            p->fields.count = frame.base;
        } else {
            p->items.count = frame.base;
        }
    }
}

/* The tokens that an expression in this frame may be followed by, also one of its parts that have
 * been read already. */
static token_set followers(const struct parser *p, const struct frame *frame) {
    switch (frame->kind) {
    case FRAME_NO:
    case FRAME_YES:
        return TOKEN_BIT(TOKEN_THEN) | TOKEN_BIT(TOKEN_ELSE);
    case FRAME_FIELD:
        return follow_closers(p, FRAME_FIELD) | follow_closers(p, FRAME_KEY);
    case FRAME_BODY:
        return p->is_sum_only ? 0 : follow_closers(p, FRAME_BODY); /* a sum is no expression */
    case FRAME_PAREN:
    case FRAME_SET:
    case FRAME_KEY:
    case FRAME_CALL:
    case FRAME_INDEX:
    case FRAME_TEST:
        return follow_closers(p, frame->kind);
    case FRAME_OR:
    case FRAME_AND:
    case FRAME_RELATION:
    case FRAME_SUM:
    case FRAME_PRODUCT:
    case FRAME_UNARY:
        break;
    }
    return 0;
}

/* Back to the part of the frame that the token follows. */
static void go_back(struct parser *p, struct frame *frame) {
    if (frame->kind == FRAME_FIELD && p->token.kind == TOKEN_COLON) {
        frame->kind = FRAME_KEY;
        p->fields.count--;
    } else if (p->token.kind == TOKEN_THEN) {
        frame->kind = FRAME_TEST;
        p->items.count = frame->base;
    } else if (p->token.kind == TOKEN_ELSE) {
        frame->kind = FRAME_YES;
        p->items.count = frame->base + 1;
    }
}

/* The innermost frame that the token may follow an expression in becomes the innermost one. */
static void resume(struct parser *p) {
    size_t at = p->frames.count;
    while (at > 0 && (followers(p, &p->frames.items[at - 1]) & TOKEN_BIT(p->token.kind)) == 0) {
        at--;
    }
    close_to(p, at);
    go_back(p, expr_top(p));
    build_bad(p, parse_span(p->last_end, p->last_end), NULL);
}

/* Opens the bracket again that was closed last. */
static void reopen(struct parser *p) {
    token_set behind = TOKENS_BEHIND_BRACKET | (p->closers & TOKEN_BIT(TOKEN_END));
    bool is_closed = p->closed_end == p->last_end && p->closed_kind != FRAME_BODY;
    if (is_closed && (behind & TOKEN_BIT(p->token.kind)) == 0 &&
        p->open_count < p->limits->max_depth &&
        expr_open(p, (struct frame){.kind = p->closed_kind, .start = p->last_end}) != ERR_OK) {
        p->is_over = true; /* no memory: what was found is all there will be */
    }
}

bool recover_expr(struct parser *p, enum step step) {
    token_set wanted = 0;
    token_set ends = TOKENS_FOLLOW | (p->closers & TOKEN_BIT(TOKEN_END));
    if (step == STEP_HAVE && (ends & TOKEN_BIT(p->token.kind)) != 0) {
        /* The operand was whole: what it ends cannot be gone back to. */
        size_t count = p->frames.count;
        while (count > 0 && p->frames.items[count - 1].kind <= FRAME_NO) {
            count--;
        }
        close_to(p, count);
    }
    reopen(p);
    for (size_t i = 0; i < p->frames.count; i++) {
        wanted |= followers(p, &p->frames.items[i]);
    }
    while (!p->is_over && (wanted & TOKEN_BIT(p->token.kind)) == 0) {
        if (p->token.kind == TOKEN_SEMICOLON || p->token.kind == TOKEN_END || !drop(p)) {
            return false;
        }
    }
    if (!p->is_over) {
        resume(p);
    }
    return !p->is_over;
}

bool recover_clause(struct parser *p) {
    if (p->closed_end != p->last_end || p->closed_kind != FRAME_BODY) {
        return false;
    }
    while (!p->is_over && p->token.kind != TOKEN_RBRACE) {
        if (p->token.kind == TOKEN_SEMICOLON || p->token.kind == TOKEN_END || !drop(p)) {
            return false;
        }
    }
    if (!p->is_over) {
        parse_advance(p);
        p->closed_end = p->last_end;
    }
    return !p->is_over;
}

void recover_policy(struct parser *p) {
    while (!p->is_over && p->token.kind != TOKEN_SEMICOLON) {
        if (p->token.kind == TOKEN_END) {
            parse_end_with(p);
        } else {
            IGNORE(drop(p)); /* then it is over */
        }
    }
    if (p->is_over) {
        p->lexer.at = p->text.len;
    }
    parse_advance(p);
}
