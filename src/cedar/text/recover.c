/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

/*
 * Reading on after an error, so that a text's other errors are found too.
 *
 * The parser drops tokens until one comes that could stand behind an expression in one of the
 * brackets that are open, and takes everything in that bracket for one bad expression; or until
 * the semicolon that ends the policy. What was dropped may be broken in any way but one: a piece
 * that is no token at all ends the reading, and is what is reported first then, as is an error
 * that nothing was found behind.
 */

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

/* The tokens that an expression in this frame may be followed by. */
static token_set followers(const struct parser *p, const struct frame *frame) {
    bool is_sum = frame->kind == FRAME_BODY && p->is_sum_only; /* no whole expression */
    return frame->kind <= FRAME_NO || is_sum ? 0 : follow_closers(p, frame->kind);
}

/* The innermost bracket that the token may follow an expression in becomes the innermost frame. */
static void resume(struct parser *p) {
    size_t at = p->frames.count;
    while (at > 0 && (followers(p, &p->frames.items[at - 1]) & TOKEN_BIT(p->token.kind)) == 0) {
        at--;
    }
    close_to(p, at);
    build_bad(p, parse_span(p->last_end, p->last_end), NULL);
}

bool recover_expr(struct parser *p) {
    token_set wanted = 0;
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
