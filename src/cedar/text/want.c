/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

/* What an operand begins with, for messages. */
#define TOKENS_OPERAND                                                                    \
    (TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET) | TOKEN_BIT(TOKEN_LBRACE) |      \
     TOKEN_BIT(TOKEN_IDENT) | TOKEN_BIT(TOKEN_NUMBER) | TOKEN_BIT(TOKEN_SLOT_PRINCIPAL) | \
     TOKEN_BIT(TOKEN_SLOT_RESOURCE) | TOKEN_BIT(TOKEN_STRING))
#define TOKENS_EXPR                                                                           \
    (TOKENS_OPERAND | TOKEN_BIT(TOKEN_NOT) | TOKEN_BIT(TOKEN_MINUS) | TOKEN_BIT(TOKEN_TRUE) | \
     TOKEN_BIT(TOKEN_FALSE) | TOKEN_BIT(TOKEN_IF))

/* Behind the comma of a list, what ends another kind of list ends this one's items. */
static bool is_other_end(const struct parser *p, enum token_kind end) {
    return p->text.ptr[p->last_end - 1] == ',' && p->token.kind == end;
}

static err want_failed(struct parser *p) {
    const struct frame *frame = expr_top(p);
    token_set expected = TOKENS_EXPR;
    switch (frame->kind) {
    case FRAME_UNARY:
        expected = frame->op == TOKEN_NOT ? expected & ~TOKEN_BIT(TOKEN_MINUS)
                                          : TOKENS_OPERAND | TOKEN_BIT(TOKEN_MINUS);
        break;
    case FRAME_SET:
        expected = is_other_end(p, TOKEN_RPAREN) ? 0 : expected;
        expected |= TOKEN_BIT(TOKEN_RBRACKET);
        break;
    case FRAME_KEY:
        expected |= TOKEN_BIT(TOKEN_RBRACE);
        break;
    case FRAME_CALL:
        expected = is_other_end(p, TOKEN_RBRACKET) ? 0 : expected;
        expected |= TOKEN_BIT(TOKEN_RPAREN);
        break;
    case FRAME_BODY:
        /* A clause may be empty as far as the grammar goes. */
        expected |= p->closers & TOKEN_BIT(TOKEN_RBRACE);
        break;
    case FRAME_TEST:
        if (p->last_end == frame->start + 2) { /* right behind the word `if` */
            expected |= TOKEN_BIT(TOKEN_PATH);
            expected |= frame[-1].kind == FRAME_KEY ? TOKEN_BIT(TOKEN_COLON) : 0;
        }
        break;
    case FRAME_OR:
    case FRAME_AND:
    case FRAME_RELATION:
    case FRAME_SUM:
    case FRAME_PRODUCT:
    case FRAME_NO:
    case FRAME_PAREN:
    case FRAME_FIELD:
    case FRAME_INDEX:
    case FRAME_YES:
        break;
    }
    return parse_unexpected(p, expected);
}

static err want_unary(struct parser *p) {
    struct frame *frame = expr_top(p);
    if (frame->kind == FRAME_UNARY) {
        if (frame->op != p->token.kind) {
            return want_failed(p); /* `!` and `-` do not mix */
        }
        if (frame->count < UNARY_MAX) {
            frame->at[frame->count] = p->token.span.start;
        }
        frame->count++;
    } else {
        TRY(expr_open(p, (struct frame){.kind = FRAME_UNARY,
                                        .op = p->token.kind,
                                        .count = 1,
                                        .start = p->token.span.start,
                                        .at = {p->token.span.start}}));
    }
    parse_advance(p);
    return ERR_OK;
}

static err want_bracket(struct parser *p, enum frame_kind kind) {
    TRY(expr_open(p, (struct frame){.kind = kind, .start = p->token.span.start}));
    parse_advance(p);
    return ERR_OK;
}

/* `if`, `true`, `false`: words that begin a name when `::` follows. */
static err want_keyword(struct parser *p, enum step *ret_step) {
    struct token word = p->token;
    parse_advance(p);
    *ret_step = STEP_HAVE;
    if (p->token.kind == TOKEN_PATH) {
        return member_name(p, word.span);
    }
    if (word.kind != TOKEN_IF) {
        p->name_end = p->last_end;
        struct ast_expr node = {
            .kind = AST_BOOL, .span = word.span, .boolean = word.kind == TOKEN_TRUE};
        return build_node(p, &node, 0, LEVEL_MEMBER, "literal");
    }
    enum frame_kind above = expr_top(p)->kind;
    if (above == FRAME_KEY && p->token.kind == TOKEN_COLON) {
        build_bad(p, word.span, NULL); /* told with its value */
        return ERR_OK;
    }
    if (expr_is_operator(above) || (above == FRAME_BODY && p->is_sum_only)) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_PATH)); /* `if` is no operand */
    }
    *ret_step = STEP_WANT;
    return expr_open(p, (struct frame){.kind = FRAME_TEST, .start = word.span.start});
}

static void want_number(struct parser *p) {
    struct ast_span span = p->token.span;
    uint64_t number = 0;
    p->has_large = !str_to_u64(parse_slice(p, span), &number);
    p->operand = (struct operand){.kind = OPERAND_NUMBER,
                                  .level = LEVEL_MEMBER,
                                  .height = 1,
                                  .span = span,
                                  .what = "literal",
                                  .number = number};
    parse_advance(p);
}

static err want_slot(struct parser *p) {
    struct token token = p->token;
    str name = parse_quote(p, token.span);
    parse_advance(p);
    bool is_key = expr_top(p)->kind == FRAME_KEY && p->token.kind == TOKEN_COLON;
    if (p->is_scope_value || p->is_sum_only || is_key) {
        struct ast_expr node = {
            .kind = AST_SLOT,
            .span = token.span,
            .slot = token.kind == TOKEN_SLOT_PRINCIPAL  ? AST_SLOT_PRINCIPAL
                    : token.kind == TOKEN_SLOT_RESOURCE ? AST_SLOT_RESOURCE
                                                        : AST_SLOT_NONE,
        };
        return build_node(p, &node, 0, LEVEL_MEMBER, NULL);
    }
    struct diag *diag;
    if (token.kind == TOKEN_SLOT_OTHER) {
        diag = parse_broken(p, token.span, "`%.*s` is not a valid template slot", STR_FMT(name));
        diag_help(p->diags, diag, "a template slot may only be `?principal` or `?resource`");
    } else if (p->clause == NULL) {
        diag =
            parse_broken(p, token.span, "found template slot %.*s in an expression", STR_FMT(name));
        diag_help(p->diags, diag, "slots may only be used in the scope of a policy");
    } else {
        diag = parse_broken(p, token.span, "found template slot %.*s in a `%s` clause",
                            STR_FMT(name), p->clause);
        diag_help(p->diags, diag, "slots are currently unsupported in `%s` clauses", p->clause);
    }
    build_bad(p, token.span, NULL);
    return ERR_OK;
}

/* An empty list, or a comma before the closing bracket. */
static err want_closer(struct parser *p, enum step *ret_step) {
    enum frame_kind kind = expr_top(p)->kind;
    enum token_kind closer = kind == FRAME_SET    ? TOKEN_RBRACKET
                             : kind == FRAME_KEY  ? TOKEN_RBRACE
                             : kind == FRAME_CALL ? TOKEN_RPAREN
                                                  : TOKEN_END;
    if (closer == TOKEN_END || p->token.kind != closer) {
        return want_failed(p);
    }
    parse_advance(p);
    p->closed_kind = kind;
    p->closed_end = p->last_end;
    struct frame frame = expr_pop(p);
    *ret_step = STEP_HAVE;
    return kind == FRAME_SET   ? build_set(p, &frame)
           : kind == FRAME_KEY ? build_record(p, &frame)
                               : member_call(p, &frame);
}

err want_operand(struct parser *p, enum step *ret_step) {
    struct ast_span span = p->token.span;
    *ret_step = STEP_HAVE;
    switch (p->token.kind) {
    case TOKEN_NOT:
    case TOKEN_MINUS:
        *ret_step = STEP_WANT;
        return want_unary(p);
    case TOKEN_LPAREN:
        *ret_step = STEP_WANT;
        return want_bracket(p, FRAME_PAREN);
    case TOKEN_LBRACKET:
        *ret_step = STEP_WANT;
        return want_bracket(p, FRAME_SET);
    case TOKEN_LBRACE:
        *ret_step = STEP_WANT;
        return want_bracket(p, FRAME_KEY);
    case TOKEN_IF:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return want_keyword(p, ret_step);
    case TOKEN_NUMBER:
        want_number(p);
        return ERR_OK;
    case TOKEN_STRING:
        parse_advance(p);
        p->operand = (struct operand){.kind = OPERAND_STRING,
                                      .level = LEVEL_MEMBER,
                                      .height = 1,
                                      .span = span,
                                      .what = "literal"};
        return ERR_OK;
    case TOKEN_SLOT_PRINCIPAL:
    case TOKEN_SLOT_RESOURCE:
    case TOKEN_SLOT_OTHER:
        return want_slot(p);
    default: /* any word begins a name; a closer may end a list */
        if (lex_is_word(p->token.kind)) {
            parse_advance(p);
            return member_name(p, span);
        }
        return want_closer(p, ret_step);
    }
}
