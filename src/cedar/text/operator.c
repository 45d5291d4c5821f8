/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "cedar/text/unescape.h"

static err negative_literal(struct parser *p, uint32_t start) {
    uint64_t number = p->operand.number;
    struct ast_span span = parse_span(start, p->operand.span.end);
    if (number > (uint64_t)INT64_MAX + 1) {
        build_report_large(p, span, number);
        build_bad(p, span, "a `-` expression");
        return ERR_OK;
    }
    int64_t value = number > INT64_MAX ? INT64_MIN : -(int64_t)number;
    return build_node(p, &(struct ast_expr){.kind = AST_LONG, .span = span, .integer = value}, 0,
                      LEVEL_UNARY, "a `-` expression");
}

err operator_unary(struct parser *p, const struct frame *frame) {
    bool is_not = frame->op == TOKEN_NOT;
    const char *what = is_not ? "a `!` expression" : "a `-` expression";
    struct ast_span span = parse_span(frame->start, p->operand.span.end);
    if (frame->count > UNARY_MAX) {
        struct diag *diag =
            parse_broken(p, span, "too many occurrences of `%s`", is_not ? "!" : "-");
        diag_help(p->diags, diag, "cannot chain more the 4 applications of a unary operator");
        build_bad(p, span, what);
        return ERR_OK;
    }
    uint32_t end = p->operand.span.end;
    uint32_t count = frame->count;
    if (!is_not && p->operand.kind == OPERAND_NUMBER) {
        /* The minus nearest to a number belongs to it: -2^63 has no positive counterpart. */
        TRY(negative_literal(p, frame->at[--count]));
    }
    uint32_t height = p->operand.height;
    const struct ast_expr *expr;
    TRY(build_resolve(p, &p->operand, &expr));
    if (expr == NULL) {
        build_bad(p, span, what);
        return ERR_OK;
    }
    while (count > 0) {
        struct ast_expr node = {
            .kind = AST_UNARY,
            .span = parse_span(frame->at[--count], end),
            .unary = {.op = is_not ? AST_OP_NOT : AST_OP_NEG, .operand = expr},
        };
        TRY(build_node(p, &node, height, LEVEL_UNARY, what));
        expr = p->operand.expr;
        height = p->operand.height;
    }
    return ERR_OK;
}

static const char *chain_what(enum frame_kind kind) {
    return kind == FRAME_OR    ? "a `||` expression"
           : kind == FRAME_AND ? "a `&&` expression"
           : kind == FRAME_SUM ? "a `+/-` expression"
                               : "a `*` expression";
}

static enum ast_op chain_op(enum frame_kind kind, enum token_kind token) {
    return kind == FRAME_OR        ? AST_OP_OR
           : kind == FRAME_AND     ? AST_OP_AND
           : kind == FRAME_PRODUCT ? AST_OP_MUL
           : token == TOKEN_MINUS  ? AST_OP_SUB
                                   : AST_OP_ADD;
}

/* Reports every `/` and `%`. */
static bool has_division(struct parser *p, const struct item *items, size_t count,
                         struct ast_span span) {
    bool found = false;
    for (size_t i = 1; i < count; i++) {
        if (items[i].op == TOKEN_SLASH) {
            parse_broken(p, span, "division is not supported");
            found = true;
        } else if (items[i].op == TOKEN_PERCENT) {
            parse_broken(p, span, "remainder/modulo is not supported");
            found = true;
        }
    }
    return found;
}

err operator_chain(struct parser *p, const struct frame *frame) {
    struct ast_span span = parse_span(frame->start, p->operand.span.end);
    const char *what = chain_what(frame->kind);
    size_t count = p->items.count - frame->base;
    uint8_t *ops = arena_alloc(p->arena, count);
    if (ops == NULL) {
        return arena_error(p->arena);
    }
    const struct item *items = &p->items.items[frame->base];
    for (size_t i = 1; i < count; i++) {
        ops[i] = (uint8_t)chain_op(frame->kind, items[i].op);
    }
    bool is_bad = frame->kind == FRAME_PRODUCT && has_division(p, items, count, span);
    const struct ast_expr *const *operands;
    TRY(build_take_items(p, frame->base, &operands, &count));
    if (is_bad || operands == NULL) {
        build_bad(p, span, what);
        return ERR_OK;
    }
    struct ast_expr node = {
        .kind = AST_CHAIN,
        .span = span,
        .chain = {.count = count, .operands = operands, .ops = ops},
    };
    return build_node(p, &node, frame->height, (enum level)frame->kind, what);
}

static err build_compare(struct parser *p, enum token_kind token, const struct ast_expr *left,
                         uint32_t height, struct ast_span span) {
    const struct ast_expr *right;
    TRY(build_resolve(p, &p->operand, &right));
    if (left == NULL || right == NULL) {
        build_bad(p, span, "a binary operator");
        return ERR_OK;
    }
    struct ast_expr node = {
        .kind = AST_BINARY,
        .span = span,
        .binary = {.op = token == TOKEN_EQ   ? AST_OP_EQ
                         : token == TOKEN_NE ? AST_OP_NE
                         : token == TOKEN_LT ? AST_OP_LT
                         : token == TOKEN_LE ? AST_OP_LE
                         : token == TOKEN_GT ? AST_OP_GT
                         : token == TOKEN_GE ? AST_OP_GE
                                             : AST_OP_IN,
                   .left = left,
                   .right = right},
    };
    return build_node(p, &node, height, LEVEL_RELATION, "a binary operator");
}

static err build_like(struct parser *p, const struct ast_expr *left, uint32_t height,
                      struct ast_span span) {
    struct ast_expr node = {.kind = AST_LIKE, .span = span, .like = {.object = left}};
    bool is_bad = true;
    if (p->operand.kind == OPERAND_STRING) {
        str body = build_string_body(p, p->operand.span);
        err error = unescape_pattern(p->arena, body, &node.like.pattern);
        if (error == ERR_SYNTAX) {
            build_report_escapes(p, body, UNESCAPE_PATTERN, p->operand.span);
        } else if (error != ERR_OK) {
            return error;
        } else {
            is_bad = left == NULL;
        }
    } else if (p->operand.kind != OPERAND_BAD) {
        struct ast_span inner = parse_inner_span(&p->operand);
        parse_broken(p, inner,
                     "right hand side of a `like` expression must be a pattern literal, but got "
                     "`%.*s`",
                     STR_FMT(parse_quote(p, inner)));
    }
    if (is_bad) {
        build_bad(p, span, "a `like` expression");
        return ERR_OK;
    }
    return build_node(p, &node, height, LEVEL_RELATION, "a `like` expression");
}

err operator_is_type(struct parser *p, struct ast_span left, struct ast_name *ret) {
    *ret = (struct ast_name){.span = p->operand.span};
    if (p->operand.kind == OPERAND_NAME) {
        *ret = p->operand.name;
        return ERR_OK;
    }
    if (p->operand.kind == OPERAND_BAD) {
        return ERR_OK;
    }
    struct ast_span inner = parse_inner_span(&p->operand);
    str got = parse_quote(p, inner);
    str object = parse_quote(p, left);
    struct diag *diag = parse_broken(
        p, inner,
        "right hand side of an `is` expression must be an entity type name, but got `%.*s`",
        STR_FMT(got));
    str body = p->operand.kind == OPERAND_STRING ? build_string_body(p, inner) : STR("");
    if (ast_is_name(body)) {
        diag_help(p->diags, diag, "try removing the quotes: `%.*s is %.*s`", STR_FMT(object),
                  STR_FMT(body.len < got.len ? body : got));
    } else {
        diag_help(p->diags, diag, "try using `==` to test for equality: `%.*s == %.*s`",
                  STR_FMT(object), STR_FMT(got));
    }
    return ERR_OK;
}

static err build_is(struct parser *p, const struct frame *frame, const struct ast_expr *left,
                    uint32_t height, struct ast_span span) {
    struct ast_name type = frame->left.name;
    const struct ast_expr *in = NULL;
    bool is_bad = left == NULL;
    if (frame->has_type) {
        TRY(build_resolve(p, &p->operand, &in));
        is_bad = is_bad || in == NULL;
    } else {
        TRY(operator_is_type(p, frame->left.span, &type));
    }
    if (is_bad || type.text.ptr == NULL) {
        build_bad(p, span, "an `is` expression");
        return ERR_OK;
    }
    struct ast_expr node = {
        .kind = AST_IS, .span = span, .is = {.object = left, .type = type, .in = in}};
    return build_node(p, &node, height, LEVEL_RELATION, "an `is` expression");
}

/* `has` with something on its right that is no path: only to say so. */
static void reject_has(struct parser *p, const struct frame *frame, struct ast_span span) {
    struct ast_span right = parse_inner_span(&p->operand);
    parse_forget(p, frame->diag_mark, frame->error_mark);
    if (p->operand.kind == OPERAND_NAME) {
        parse_broken(p, right, "`%.*s` cannot be used as an attribute as it contains a namespace",
                     STR_FMT(parse_quote(p, right)));
    } else {
        struct diag *diag = parse_broken(p, right, "invalid RHS of a `has` operation: %.*s",
                                         STR_FMT(parse_quote(p, right)));
        diag_help(p->diags, diag,
                  "valid RHS of a `has` operation is either a sequence of identifiers separated "
                  "by `.` or a string literal");
    }
    build_bad(p, span, "a `has` expression");
}

err operator_relation(struct parser *p, const struct frame *frame) {
    struct ast_span span = parse_span(frame->start, p->operand.span.end);
    const struct ast_expr *left = p->items.items[frame->base].expr;
    uint32_t height = frame->height > p->operand.height ? frame->height : p->operand.height;
    p->items.count = frame->base;
    if (frame->is_repeated) {
        parse_broken(p, span,
                     "multiple relational operators (>, ==, in, etc.) must be used with "
                     "parentheses to make ordering explicit");
        build_bad(p, span, "a binary operator");
        return ERR_OK;
    }
    switch (frame->op) {
    case TOKEN_HAS:
        reject_has(p, frame, span);
        return ERR_OK;
    case TOKEN_LIKE:
        return build_like(p, left, height, span);
    case TOKEN_IS:
        return build_is(p, frame, left, height, span);
    case TOKEN_ASSIGN: {
        struct diag *diag = parse_broken(p, span, "'=' is not a valid operator in Cedar");
        diag_help(p->diags, diag, "try using '==' instead");
        build_bad(p, span, "a binary operator");
        return ERR_OK;
    }
    default: /* the comparisons and `in`; expr.c opens no other frames */
        return build_compare(p, frame->op, left, height, span);
    }
}

err operator_if(struct parser *p, const struct frame *frame) {
    struct ast_span span = parse_span(frame->start, p->operand.span.end);
    const struct item *items = &p->items.items[frame->base];
    struct ast_expr node = {
        .kind = AST_IF, .span = span, .cond = {.test = items[0].expr, .yes = items[1].expr}};
    uint32_t height = frame->height > p->operand.height ? frame->height : p->operand.height;
    p->items.count = frame->base;
    TRY(build_resolve(p, &p->operand, &node.cond.no));
    if (node.cond.test == NULL || node.cond.yes == NULL || node.cond.no == NULL) {
        build_bad(p, span, "an `if` expression");
        return ERR_OK;
    }
    /* Lower than every operator: nothing may follow it but what closes the bracket. */
    return build_node(p, &node, height, LEVEL_OR, "an `if` expression");
}
