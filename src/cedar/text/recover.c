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

/* The tokens that the expression that is read in this frame may be followed by. */
static token_set followers(const struct parser *p, const struct frame *frame) {
    if (frame->kind <= FRAME_NO || (frame->kind == FRAME_BODY && p->is_sum_only)) {
        return 0; /* an operator; a sum is no expression */
    }
    return follow_closers(p, frame->kind);
}

/* The same for its parts that have been read already. */
static token_set earlier_followers(const struct frame *frame) {
    return frame->kind == FRAME_NO      ? TOKEN_BIT(TOKEN_ELSE) | TOKEN_BIT(TOKEN_THEN)
           : frame->kind == FRAME_YES   ? TOKEN_BIT(TOKEN_THEN)
           : frame->kind == FRAME_FIELD ? TOKEN_BIT(TOKEN_COLON)
                                        : 0;
}

/* Back to the part of the innermost frame that the token follows. */
static void go_back(struct parser *p) {
    struct frame *frame = expr_top(p);
    if (p->token.kind == TOKEN_COLON) {
        frame->kind = FRAME_KEY;
        p->fields.count--;
    } else if (p->token.kind == TOKEN_THEN) {
        frame->kind = FRAME_TEST;
        p->items.count = frame->base;
    } else {
        frame->kind = FRAME_YES;
        p->items.count = frame->base + 1;
    }
}

/* What is innermost and may be followed by the token becomes the innermost frame. An else branch
 * ends with the expression that it is in. */
static void resume(struct parser *p) {
    token_set token = TOKEN_BIT(p->token.kind);
    size_t at = p->frames.count;
    bool is_back = false;
    for (; at > 0; at--) {
        const struct frame *frame = &p->frames.items[at - 1];
        size_t outer = at;
        while (p->frames.items[outer - 1].kind <= FRAME_NO) {
            outer--;
        }
        bool is_expr = frame->kind >= FRAME_NO;
        if (is_expr && (followers(p, &p->frames.items[outer - 1]) & token) != 0) {
            at = outer;
            break;
        }
        is_back = (earlier_followers(frame) & token) != 0;
        if (is_back) {
            break;
        }
    }
    close_to(p, at);
    if (is_back) {
        go_back(p);
    }
    build_bad(p, parse_span(p->last_end, p->last_end), NULL);
}

/* Opens the bracket again that was closed last. */
static void reopen(struct parser *p) {
    token_set behind = TOKENS_BEHIND | (p->closers & TOKEN_BIT(TOKEN_END));
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
        wanted |= followers(p, &p->frames.items[i]) | earlier_followers(&p->frames.items[i]);
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
    if (!p->is_over) {
        IGNORE(drop(p)); /* likewise */
    }
    if (p->is_over) {
        p->lexer.at = p->text.len;
        parse_advance(p);
    }
}
