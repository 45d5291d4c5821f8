/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/spans.h"

#include "cedar/validate/walk.h"

struct notes {
    struct table *spans;
    str text;
    uint32_t base;
};

static uint64_t pack(struct ast_span span) {
    return (uint64_t)span.start << 32 | span.end;
}

struct ast_span spans_find(const struct table *spans, struct ast_span span) {
    const uint64_t *known = table_find(spans, pack(span));
    return known == NULL ? span : (struct ast_span){(uint32_t)(*known >> 32), (uint32_t)*known};
}

static void note(const struct notes *notes, struct ast_span from, struct ast_span to) {
    IGNORE(table_put(notes->spans, pack(from), pack(to))); /* then it keeps its own place */
}

/* What the dot or bracket of a member access or method stands behind; NULL for others. */
static const struct ast_expr *receiver_of(const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_GET:
        return expr->get.object;
    case AST_BINARY:
        return expr->binary.op >= AST_OP_CONTAINS ? expr->binary.left : NULL;
    case AST_UNARY:
        return expr->unary.op == AST_OP_IS_EMPTY ? expr->unary.operand : NULL;
    case AST_CALL:
        return expr->call.is_method && expr->call.count > 0 ? expr->call.args[0] : NULL;
    default:
        return NULL;
    }
}

/* In parentheses it is a chain of its own, and begins behind the outer one. */
static void note_chain(const struct notes *notes, const struct ast_expr *expr) {
    const struct ast_expr *receiver = receiver_of(expr);
    if (receiver == NULL || receiver->span.start != expr->span.start ||
        (receiver_of(receiver) == NULL && receiver->kind != AST_CALL)) {
        return;
    }
    note(notes, receiver->span, spans_find(notes->spans, expr->span));
}

/* The minus belongs to the number, which is found from its end. */
static void note_number(const struct notes *notes, const struct ast_expr *expr) {
    size_t start = (size_t)expr->span.start + notes->base;
    size_t end = (size_t)expr->span.end + notes->base;
    if (end > notes->text.len || notes->text.ptr[start] != '-') {
        return;
    }
    size_t at = end;
    while (at > start && byte_is_digit(notes->text.ptr[at - 1])) {
        at--;
    }
    uint32_t sign = (uint32_t)(at - start);
    note(notes, expr->span, (struct ast_span){expr->span.start + sign, expr->span.end});
}

static void visit(void *ctx, const struct ast_expr *expr) {
    const struct notes *notes = ctx;
    if (expr->span.end == 0) {
        return; /* from JSON */
    }
    if (expr->kind == AST_LONG) {
        note_number(notes, expr);
    } else {
        note_chain(notes, expr);
    }
}

void spans_note(struct table *spans, const struct ast_policy *policy, str text, uint32_t base) {
    struct notes notes = {spans, text, base};
    walk_clauses(policy, visit, &notes);
}
