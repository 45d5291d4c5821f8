/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "base/assert.h"

/*
 * Expressions without recursion: a loop that either wants an operand or has one.
 *
 *     want.c     takes prefixes, opens brackets, ends with an operand (or with a new open frame)
 *     follow.c   takes what may follow: members, operators, or what closes the nearest bracket
 *
 * Frames are what is open, innermost on top. Operator frames lie on a bracket frame in the order
 * of their level, so `reduce` closes those that bind tighter than the operator at hand. Depth is
 * therefore a number and not stack, and chains of one level are one frame.
 */

/* Nesting the limit speaks of. */
static bool is_counted(enum frame_kind kind) {
    return kind >= FRAME_NO && kind != FRAME_BODY;
}

err expr_open(struct parser *p, struct frame frame) {
    if (is_counted(frame.kind)) {
        if (p->open_count >= p->limits->max_depth) {
            return parse_too_deep(p, p->token.span);
        }
        p->open_count++;
    }
    frame.base = frame.kind == FRAME_KEY ? p->fields.count : p->items.count;
    return VEC_PUSH(p->stacks, &p->frames, frame) ? ERR_OK : arena_error(p->stacks);
}

struct frame expr_pop(struct parser *p) {
    struct frame frame = p->frames.items[--p->frames.count];
    if (is_counted(frame.kind)) {
        p->open_count--;
    }
    return frame;
}

/* Closes the innermost operator (or else branch): its result becomes the operand. */
err expr_reduce_top(struct parser *p) {
    switch (expr_top(p)->kind) {
    case FRAME_OR:
    case FRAME_AND:
    case FRAME_SUM:
    case FRAME_PRODUCT: {
        TRY(build_push_item(p, expr_top(p)->op));
        struct frame frame = expr_pop(p);
        return operator_chain(p, &frame);
    }
    case FRAME_RELATION: {
        struct frame frame = expr_pop(p);
        return operator_relation(p, &frame);
    }
    case FRAME_UNARY: {
        struct frame frame = expr_pop(p);
        return operator_unary(p, &frame);
    }
    case FRAME_NO: {
        struct frame frame = expr_pop(p);
        return operator_if(p, &frame);
    }
    case FRAME_BODY:
    case FRAME_PAREN:
    case FRAME_SET:
    case FRAME_KEY:
    case FRAME_FIELD:
    case FRAME_CALL:
    case FRAME_INDEX:
    case FRAME_TEST:
    case FRAME_YES:
        break; /* brackets are closed by a token */
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err expr_reduce(struct parser *p, enum level level) {
    while (expr_is_operator(expr_top(p)->kind) && (enum level)expr_top(p)->kind > level) {
        TRY(expr_reduce_top(p));
    }
    return ERR_OK;
}

/* What nearly every expression in a scope needs, without making a frame and copying it. */
static err open_body(struct parser *p) {
    if (p->frames.capacity == 0) {
        return expr_open(p, (struct frame){.kind = FRAME_BODY, .start = p->token.span.start});
    }
    struct frame *frame = &p->frames.items[p->frames.count++];
    frame->kind = FRAME_BODY;
    frame->start = p->token.span.start;
    frame->base = p->items.count;
    return ERR_OK;
}

err expr_parse(struct parser *p, token_set closers) {
    p->closers = closers;
    p->open_count = 0;
    p->frames.count = 0;
    p->items.count = 0;
    p->fields.count = 0;
    TRY(open_body(p));
    enum step step = STEP_WANT;
    while (step != STEP_DONE) {
        token_set behind = TOKENS_BEHIND | (closers & TOKEN_BIT(TOKEN_END));
        if (p->has_large && (behind & TOKEN_BIT(p->token.kind)) != 0) {
            return parse_number_too_large(p, p->operand.span);
        }
        p->has_large = false; /* what follows it is wrong first */
        enum step failed = step;
        err error = step == STEP_WANT ? want_operand(p, &step) : follow_operand(p, &step);
        if (error == ERR_SYNTAX && recover_expr(p, failed)) {
            step = STEP_HAVE;
        } else if (error != ERR_OK) {
            return error;
        }
    }
    return ERR_OK;
}
