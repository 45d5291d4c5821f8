/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "base/assert.h"

#define TOKENS_COMPARISON                                                                    \
    (TOKEN_BIT(TOKEN_EQ) | TOKEN_BIT(TOKEN_NE) | TOKEN_BIT(TOKEN_LT) | TOKEN_BIT(TOKEN_LE) | \
     TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_GE) | TOKEN_BIT(TOKEN_IN))
/* `=` is read as a comparison, to be refused with advice. */
#define TOKENS_RELATIONAL (TOKENS_COMPARISON | TOKEN_BIT(TOKEN_ASSIGN))
#define TOKENS_RELATION_WORDS (TOKEN_BIT(TOKEN_HAS) | TOKEN_BIT(TOKEN_LIKE) | TOKEN_BIT(TOKEN_IS))

/* ---- have: operators ----------------------------------------------------------------- */

static const struct frame *nearest_bracket(const struct parser *p) {
    const struct frame *frame = expr_top(p);
    while (frame->kind <= FRAME_NO) {
        frame--;
    }
    return frame;
}

token_set follow_closers(const struct parser *p, enum frame_kind kind) {
    switch (kind) {
    case FRAME_BODY:
        return p->closers;
    case FRAME_PAREN:
        return TOKEN_BIT(TOKEN_RPAREN);
    case FRAME_SET:
        return TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_RBRACKET);
    case FRAME_KEY:
        return TOKEN_BIT(TOKEN_COLON);
    case FRAME_FIELD:
        return TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_RBRACE);
    case FRAME_CALL:
        return TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_RPAREN);
    case FRAME_INDEX:
        return TOKEN_BIT(TOKEN_RBRACKET);
    case FRAME_TEST:
        return TOKEN_BIT(TOKEN_THEN);
    case FRAME_YES:
        return TOKEN_BIT(TOKEN_ELSE);
    case FRAME_OR:
    case FRAME_AND:
    case FRAME_RELATION:
    case FRAME_SUM:
    case FRAME_PRODUCT:
    case FRAME_UNARY:
    case FRAME_NO:
        break;
    }
    NOT_REACHED();
    return 0;
}

/* Relational operators that may still follow at this point. */
static token_set relations_left(const struct parser *p) {
    for (const struct frame *frame = expr_top(p); expr_is_operator(frame->kind); frame--) {
        if (frame->kind == FRAME_RELATION) {
            bool is_open_is = frame->op == TOKEN_IS && !frame->has_type;
            return is_open_is                                        ? TOKEN_BIT(TOKEN_IN)
                   : (TOKEN_BIT(frame->op) & TOKENS_RELATIONAL) == 0 ? 0
                   : frame->has_type                                 ? 0
                                                                     : TOKENS_COMPARISON;
        }
    }
    return p->operand.level <= LEVEL_RELATION ? 0 : TOKENS_COMPARISON | TOKENS_RELATION_WORDS;
}

/* What may follow the operand as such. */
static token_set tail_of(const struct parser *p) {
    token_set tail = TOKEN_BIT(TOKEN_STAR) | TOKEN_BIT(TOKEN_PLUS) | TOKEN_BIT(TOKEN_MINUS);
    if (p->operand.level == LEVEL_MEMBER || p->operand.level == LEVEL_RELATION) {
        tail |= TOKEN_BIT(TOKEN_DOT) | TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET);
    }
    return p->name_end == p->last_end ? tail | TOKEN_BIT(TOKEN_PATH) : tail;
}

static err have_failed(struct parser *p) {
    const struct frame *bracket = nearest_bracket(p);
    bool is_in_sum = p->is_sum_only && bracket->kind == FRAME_BODY;
    token_set expected = follow_closers(p, bracket->kind) & ~TOKEN_BIT(TOKEN_ASSIGN);
    token_set token = TOKEN_BIT(p->token.kind);
    token_set lower = TOKENS_RELATIONAL | TOKENS_RELATION_WORDS;
    if (is_in_sum) {
        lower |= TOKEN_BIT(TOKEN_AND) | TOKEN_BIT(TOKEN_OR) | TOKENS_FOLLOW;
    } else if ((token & (TOKENS_FOLLOW | (p->closers & TOKEN_BIT(TOKEN_END)))) != 0) {
        /* What ends another kind of list ends this one's items. */
        bool is_list = bracket->kind == FRAME_SET || bracket->kind == FRAME_CALL;
        bool is_end = p->token.kind == TOKEN_RPAREN || p->token.kind == TOKEN_RBRACKET;
        return parse_unexpected(p,
                                is_list && is_end ? expected & ~TOKEN_BIT(TOKEN_COMMA) : expected);
    } else {
        expected |= TOKEN_BIT(TOKEN_AND) | TOKEN_BIT(TOKEN_OR) | relations_left(p);
    }
    return parse_unexpected(p, (token & lower) == 0 ? expected | tail_of(p) : expected);
}

static err have_chain(struct parser *p, enum level level) {
    struct frame *frame = expr_top(p);
    if (frame->kind == (enum frame_kind)level) {
        TRY(build_push_item(p, frame->op));
    } else {
        TRY(expr_open(
            p, (struct frame){.kind = (enum frame_kind)level, .start = p->operand.span.start}));
        TRY(build_push_item(p, TOKEN_END));
    }
    expr_top(p)->op = p->token.kind;
    parse_advance(p);
    return ERR_OK;
}

/* A relational operator where one is open already. */
static err have_second_relation(struct parser *p) {
    struct frame *frame = expr_top(p);
    token_set token = TOKEN_BIT(p->token.kind);
    if (frame->op == TOKEN_IS && !frame->has_type && p->token.kind == TOKEN_IN) {
        TRY(operator_is_type(p, frame->left.span, &frame->left.name));
        frame->has_type = true;
    } else if ((TOKEN_BIT(frame->op) & TOKENS_RELATIONAL) != 0 &&
               (token & TOKENS_RELATIONAL) != 0) {
        const struct ast_expr *ignored;
        TRY(build_resolve(p, &p->operand, &ignored)); /* for its findings */
        frame->is_repeated = true;
    } else {
        return have_failed(p);
    }
    parse_advance(p);
    return ERR_OK;
}

static err have_relation(struct parser *p, enum step *ret_step) {
    if (expr_top(p)->kind == FRAME_RELATION) {
        return have_second_relation(p);
    }
    struct operand left = p->operand;
    struct frame frame = {.kind = FRAME_RELATION,
                          .op = p->token.kind,
                          .start = left.span.start,
                          .left = {.span = left.span}};
    const struct ast_expr *expr;
    TRY(build_resolve(p, &left, &expr));
    left.kind = expr == NULL ? OPERAND_BAD : OPERAND_EXPR;
    left.expr = expr;
    parse_advance(p);
    if (frame.op == TOKEN_HAS) {
        bool is_path;
        TRY(member_has(p, &left, &is_path));
        if (is_path) {
            *ret_step = STEP_HAVE;
            return ERR_OK;
        }
        frame.diag_mark = parse_diag_count(p);
        frame.error_mark = p->error_count;
    }
    TRY(expr_open(p, frame));
    p->operand = left;
    return build_push_item(p, TOKEN_END);
}

static err have_operator(struct parser *p, enum level level, enum step *ret_step) {
    TRY(expr_reduce(p, level));
    if (p->operand.level <= level) {
        return have_failed(p); /* `a has b` takes no operator that binds as tight */
    }
    *ret_step = STEP_WANT;
    return level == LEVEL_RELATION ? have_relation(p, ret_step) : have_chain(p, level);
}

/* ---- have: closing ------------------------------------------------------------------- */

static str key_name(struct parser *p, err *ret_error) {
    const struct operand *key = &p->operand;
    str name = {NULL, 0};
    *ret_error = ERR_OK;
    switch (key->kind) {
    case OPERAND_BAD:
        return name;
    case OPERAND_STRING:
        *ret_error = build_string(p, key->span, key->span, &name);
        return name;
    case OPERAND_NAME:
        if (str_find(key->name.text, STR("::")) == SIZE_MAX) {
            return key->name.text;
        }
        parse_broken(p, key->span,
                     "`%.*s` cannot be used as an attribute as it contains a namespace",
                     STR_FMT(parse_quote(p, key->span)));
        return name;
    case OPERAND_EXPR:
    case OPERAND_NUMBER:
        break;
    }
    if (key->kind == OPERAND_EXPR && key->expr->kind == AST_BOOL &&
        key->span.start == key->expr->span.start) {
        member_check_word(p, key->span); /* true, false */
        return name;
    }
    struct ast_span inner = parse_inner_span(key);
    struct diag *diag =
        parse_broken(p, inner, "invalid attribute name: %.*s", STR_FMT(parse_quote(p, inner)));
    diag_help(p->diags, diag, "attribute names can either be identifiers or string literals");
    return name;
}

static err close_key(struct parser *p) {
    err error;
    struct ast_field field = {.name = key_name(p, &error), .span = p->operand.span};
    TRY(error);
    struct frame *frame = expr_top(p);
    frame->kind = FRAME_FIELD;
    frame->has_if_key =
        p->operand.kind == OPERAND_BAD && str_equal(parse_slice(p, p->operand.span), STR("if"));
    frame->diag_mark = parse_diag_count(p);
    frame->error_mark = p->error_count;
    return VEC_PUSH(p->stacks, &p->fields, field) ? ERR_OK : arena_error(p->stacks);
}

static err close_field(struct parser *p) {
    struct frame *frame = expr_top(p);
    struct ast_field *field = &p->fields.items[p->fields.count - 1];
    TRY(build_resolve(p, &p->operand, &field->value));
    if (frame->has_if_key) {
        /* The word stands for the whole field; what is wrong in the value is not looked at. */
        parse_forget(p, frame->diag_mark, frame->error_mark);
        member_reserved(p, parse_span(field->span.start, p->operand.span.end), field->span);
    }
    frame->height = frame->height > p->operand.height ? frame->height : p->operand.height;
    return ERR_OK;
}

static err close_paren(struct parser *p) {
    struct frame frame = expr_pop(p);
    if (!p->is_scope_value) {
        const struct ast_expr *expr;
        TRY(build_resolve(p, &p->operand, &expr));
        p->operand.kind = expr == NULL ? OPERAND_BAD : OPERAND_EXPR;
        p->operand.expr = expr;
    }
    p->operand.level = LEVEL_MEMBER;
    p->operand.span = parse_span(frame.start, p->last_end);
    return ERR_OK;
}

static bool is_closer(enum frame_kind kind) {
    return kind != FRAME_KEY && kind != FRAME_TEST && kind != FRAME_YES;
}

/* The token closes (or continues) the innermost bracket; its kind was checked. */
static err close_bracket(struct parser *p, enum step *ret_step) {
    enum frame_kind kind = expr_top(p)->kind;
    bool is_comma = p->token.kind == TOKEN_COMMA;
    if (kind == FRAME_BODY) {
        *ret_step = STEP_DONE;
        expr_pop(p);
        return ERR_OK;
    }
    parse_advance(p);
    p->closed_kind = kind == FRAME_FIELD ? FRAME_KEY : kind;
    p->closed_end = is_comma || !is_closer(kind) ? 0 : p->last_end;
    *ret_step = STEP_WANT;
    switch (kind) {
    case FRAME_KEY:
        return close_key(p);
    case FRAME_FIELD:
        TRY(close_field(p));
        expr_top(p)->kind = FRAME_KEY;
        break;
    case FRAME_TEST:
        expr_top(p)->kind = FRAME_YES;
        return build_push_item(p, TOKEN_END);
    case FRAME_YES:
        expr_top(p)->kind = FRAME_NO;
        return build_push_item(p, TOKEN_END);
    case FRAME_PAREN:
        *ret_step = STEP_HAVE;
        return close_paren(p);
    case FRAME_INDEX: {
        struct frame frame = expr_pop(p);
        *ret_step = STEP_HAVE;
        return member_index(p, &frame);
    }
    default: /* sets and calls: lists of items */
        TRY(build_push_item(p, TOKEN_END));
        break;
    }
    if (is_comma) {
        return ERR_OK;
    }
    struct frame frame = expr_pop(p);
    *ret_step = STEP_HAVE;
    return kind == FRAME_SET    ? build_set(p, &frame)
           : kind == FRAME_CALL ? member_call(p, &frame)
                                : build_record(p, &frame);
}

static err have_closer(struct parser *p, enum step *ret_step) {
    if ((follow_closers(p, nearest_bracket(p)->kind) & TOKEN_BIT(p->token.kind)) == 0) {
        return have_failed(p);
    }
    while (expr_top(p)->kind <= FRAME_NO) {
        TRY(expr_reduce_top(p));
    }
    return close_bracket(p, ret_step);
}

static err have_member(struct parser *p, enum step *ret_step) {
    *ret_step = STEP_WANT;
    if (p->token.kind == TOKEN_LPAREN) {
        return member_open_call(p);
    }
    if (p->token.kind == TOKEN_LBRACKET) {
        return member_open_index(p);
    }
    bool is_open;
    TRY(member_dot(p, &is_open));
    *ret_step = is_open ? STEP_WANT : STEP_HAVE;
    return ERR_OK;
}

err follow_operand(struct parser *p, enum step *ret_step) {
    enum level level;
    switch (p->token.kind) {
    case TOKEN_DOT:
    case TOKEN_LPAREN:
    case TOKEN_LBRACKET:
        return p->operand.level == LEVEL_MEMBER ? have_member(p, ret_step) : have_failed(p);
    case TOKEN_OR:
        level = LEVEL_OR;
        break;
    case TOKEN_AND:
        level = LEVEL_AND;
        break;
    case TOKEN_PLUS:
    case TOKEN_MINUS:
        level = LEVEL_SUM;
        break;
    case TOKEN_STAR:
    case TOKEN_SLASH:
    case TOKEN_PERCENT:
        level = LEVEL_PRODUCT;
        break;
    default: /* relational operators are a set; everything else must close something */
        if ((TOKEN_BIT(p->token.kind) & (TOKENS_RELATIONAL | TOKENS_RELATION_WORDS)) == 0) {
            return have_closer(p, ret_step);
        }
        level = LEVEL_RELATION;
        break;
    }
    if (p->is_sum_only && level <= LEVEL_RELATION && nearest_bracket(p)->kind == FRAME_BODY) {
        return have_closer(p, ret_step);
    }
    return have_operator(p, level, ret_step);
}
