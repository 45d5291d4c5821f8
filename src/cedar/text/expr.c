/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "base/assert.h"

/*
 * Expressions without recursion: a loop that either wants an operand or has one.
 *
 *     want   takes prefixes, opens brackets, ends with an operand (or with a new open frame)
 *     have   takes what may follow: members, operators, or what closes the nearest bracket
 *
 * Frames are what is open, innermost on top. Operator frames lie on a bracket frame in the order
 * of their level, so `reduce` closes those that bind tighter than the operator at hand. Depth is
 * therefore a number and not stack, and chains of one level are one frame.
 */

enum step { STEP_WANT, STEP_HAVE, STEP_DONE };

#define TOKENS_COMPARISON                                                                    \
    (TOKEN_BIT(TOKEN_EQ) | TOKEN_BIT(TOKEN_NE) | TOKEN_BIT(TOKEN_LT) | TOKEN_BIT(TOKEN_LE) | \
     TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_GE) | TOKEN_BIT(TOKEN_IN))
/* `=` is read as a comparison, to be refused with advice. */
#define TOKENS_RELATIONAL (TOKENS_COMPARISON | TOKEN_BIT(TOKEN_ASSIGN))
#define TOKENS_RELATION_WORDS (TOKEN_BIT(TOKEN_HAS) | TOKEN_BIT(TOKEN_LIKE) | TOKEN_BIT(TOKEN_IS))

/* What an operand begins with, for messages. */
#define TOKENS_OPERAND                                                                    \
    (TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET) | TOKEN_BIT(TOKEN_LBRACE) |      \
     TOKEN_BIT(TOKEN_IDENT) | TOKEN_BIT(TOKEN_NUMBER) | TOKEN_BIT(TOKEN_SLOT_PRINCIPAL) | \
     TOKEN_BIT(TOKEN_SLOT_RESOURCE) | TOKEN_BIT(TOKEN_STRING))
#define TOKENS_EXPR                                                                           \
    (TOKENS_OPERAND | TOKEN_BIT(TOKEN_NOT) | TOKEN_BIT(TOKEN_MINUS) | TOKEN_BIT(TOKEN_TRUE) | \
     TOKEN_BIT(TOKEN_FALSE) | TOKEN_BIT(TOKEN_IF))

/* Tokens that can stand behind some expression, so that a wrong one of them ends the expression
 * and only the bracket's own closers were expected. */
#define TOKENS_FOLLOW                                                                \
    (TOKEN_BIT(TOKEN_RPAREN) | TOKEN_BIT(TOKEN_RBRACKET) | TOKEN_BIT(TOKEN_RBRACE) | \
     TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_COLON) | TOKEN_BIT(TOKEN_THEN) |       \
     TOKEN_BIT(TOKEN_ELSE))

/* ---- the stack ------------------------------------------------------------------------------ */

static struct frame *top_frame(const struct parser *p) {
    return &p->frames.items[p->frames.count - 1];
}

static bool is_operator(enum frame_kind kind) {
    return kind <= FRAME_UNARY;
}

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
    return VEC_PUSH(p->arena, &p->frames, frame) ? ERR_OK : arena_error(p->arena);
}

static struct frame pop(struct parser *p) {
    struct frame frame = p->frames.items[--p->frames.count];
    if (is_counted(frame.kind)) {
        p->open_count--;
    }
    return frame;
}

/* Closes the innermost operator (or else branch): its result becomes the operand. */
static err reduce_top(struct parser *p) {
    switch (top_frame(p)->kind) {
    case FRAME_OR:
    case FRAME_AND:
    case FRAME_SUM:
    case FRAME_PRODUCT: {
        TRY(build_push_item(p, top_frame(p)->op));
        struct frame frame = pop(p);
        return build_chain(p, &frame);
    }
    case FRAME_RELATION: {
        struct frame frame = pop(p);
        return build_relation(p, &frame);
    }
    case FRAME_UNARY: {
        struct frame frame = pop(p);
        return build_unary(p, &frame);
    }
    case FRAME_NO: {
        struct frame frame = pop(p);
        return build_if(p, &frame);
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
    UNREACHABLE();
}

static err reduce(struct parser *p, enum level level) {
    while (is_operator(top_frame(p)->kind) && (enum level)top_frame(p)->kind > level) {
        TRY(reduce_top(p));
    }
    return ERR_OK;
}

/* ---- want ----------------------------------------------------------------------------------- */

static err want_failed(struct parser *p) {
    const struct frame *frame = top_frame(p);
    token_set expected = TOKENS_EXPR;
    switch (frame->kind) {
    case FRAME_UNARY:
        expected = frame->op == TOKEN_NOT ? expected & ~TOKEN_BIT(TOKEN_MINUS)
                                          : TOKENS_OPERAND | TOKEN_BIT(TOKEN_MINUS);
        break;
    case FRAME_SET:
        expected |= TOKEN_BIT(TOKEN_RBRACKET);
        break;
    case FRAME_KEY:
        expected |= TOKEN_BIT(TOKEN_RBRACE);
        break;
    case FRAME_CALL:
        expected |= TOKEN_BIT(TOKEN_RPAREN);
        break;
    case FRAME_BODY:
        /* A clause may be empty as far as the grammar goes. */
        expected |= p->closers & TOKEN_BIT(TOKEN_RBRACE);
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
    case FRAME_TEST:
    case FRAME_YES:
        break;
    }
    return parse_unexpected(p, expected);
}

static err want_unary(struct parser *p) {
    struct frame *frame = top_frame(p);
    if (frame->kind == FRAME_UNARY) {
        if (frame->op != p->token.kind) {
            return want_failed(p); /* `!` and `-` do not mix */
        }
        frame->count++;
    } else {
        TRY(expr_open(p, (struct frame){.kind = FRAME_UNARY,
                                        .op = p->token.kind,
                                        .count = 1,
                                        .start = p->token.span.start}));
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
        struct ast_expr node = {
            .kind = AST_BOOL, .span = word.span, .boolean = word.kind == TOKEN_TRUE};
        return build_node(p, &node, 0, LEVEL_MEMBER, "literal");
    }
    enum frame_kind above = top_frame(p)->kind;
    if (above == FRAME_KEY && p->token.kind == TOKEN_COLON) {
        build_bad(p, word.span, NULL);
        member_check_word(p, word.span);
        return ERR_OK;
    }
    if (is_operator(above)) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_PATH)); /* `if` is no operand */
    }
    *ret_step = STEP_WANT;
    return expr_open(p, (struct frame){.kind = FRAME_TEST, .start = word.span.start});
}

static void want_number(struct parser *p) {
    struct ast_span span = p->token.span;
    uint64_t number;
    if (str_to_u64(parse_slice(p, span), &number)) {
        p->operand = (struct operand){.kind = OPERAND_NUMBER,
                                      .level = LEVEL_MEMBER,
                                      .height = 1,
                                      .span = span,
                                      .what = "literal",
                                      .number = number};
    } else {
        parse_broken(p, span, "integer parse error: number too large to fit in target type");
        build_bad(p, span, "literal");
    }
    parse_advance(p);
}

static err want_slot(struct parser *p) {
    struct token token = p->token;
    str name = parse_quote(p, token.span);
    parse_advance(p);
    if (p->is_scope_value) {
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
    enum frame_kind kind = top_frame(p)->kind;
    enum token_kind closer = kind == FRAME_SET    ? TOKEN_RBRACKET
                             : kind == FRAME_KEY  ? TOKEN_RBRACE
                             : kind == FRAME_CALL ? TOKEN_RPAREN
                                                  : TOKEN_END;
    if (closer == TOKEN_END || p->token.kind != closer) {
        return want_failed(p);
    }
    parse_advance(p);
    struct frame frame = pop(p);
    *ret_step = STEP_HAVE;
    return kind == FRAME_SET   ? build_set(p, &frame)
           : kind == FRAME_KEY ? build_record(p, &frame)
                               : member_call(p, &frame);
}

static err want(struct parser *p, enum step *ret_step) {
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

/* ---- have: operators ------------------------------------------------------------------------ */

static const struct frame *nearest_bracket(const struct parser *p) {
    const struct frame *frame = top_frame(p);
    while (frame->kind <= FRAME_NO) {
        frame--;
    }
    return frame;
}

static token_set closers_of(const struct parser *p, enum frame_kind kind) {
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
    UNREACHABLE();
}

/* Relational operators that may still follow at this point. */
static token_set relations_left(const struct parser *p) {
    for (const struct frame *frame = top_frame(p); is_operator(frame->kind); frame--) {
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

static err have_failed(struct parser *p) {
    const struct frame *bracket = nearest_bracket(p);
    token_set expected = closers_of(p, bracket->kind);
    token_set token = TOKEN_BIT(p->token.kind);
    if ((token & TOKENS_FOLLOW) != 0) {
        if (bracket->kind == FRAME_SET) {
            expected = TOKEN_BIT(TOKEN_RBRACKET);
        }
        return parse_unexpected(p, expected);
    }
    expected |= TOKEN_BIT(TOKEN_AND) | TOKEN_BIT(TOKEN_OR) | relations_left(p);
    if ((token & (TOKENS_RELATIONAL | TOKENS_RELATION_WORDS)) == 0) {
        expected |= TOKEN_BIT(TOKEN_STAR) | TOKEN_BIT(TOKEN_PLUS) | TOKEN_BIT(TOKEN_MINUS);
        if (p->operand.level == LEVEL_MEMBER) {
            expected |= TOKEN_BIT(TOKEN_DOT) | TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET);
        }
        bool is_word = p->operand.kind == OPERAND_NAME ||
                       (p->operand.kind == OPERAND_EXPR && p->operand.expr->kind == AST_BOOL);
        if (is_word && p->operand.span.end == p->last_end) {
            expected |= TOKEN_BIT(TOKEN_PATH);
        }
    }
    return parse_unexpected(p, expected);
}

static err have_chain(struct parser *p, enum level level) {
    struct frame *frame = top_frame(p);
    if (frame->kind == (enum frame_kind)level) {
        TRY(build_push_item(p, frame->op));
    } else {
        TRY(expr_open(
            p, (struct frame){.kind = (enum frame_kind)level, .start = p->operand.span.start}));
        TRY(build_push_item(p, TOKEN_END));
    }
    top_frame(p)->op = p->token.kind;
    parse_advance(p);
    return ERR_OK;
}

/* A relational operator where one is open already. */
static err have_second_relation(struct parser *p) {
    struct frame *frame = top_frame(p);
    token_set token = TOKEN_BIT(p->token.kind);
    if (frame->op == TOKEN_IS && !frame->has_type && p->token.kind == TOKEN_IN) {
        TRY(build_is_type(p, frame->left.span, &frame->left.name));
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
    if (top_frame(p)->kind == FRAME_RELATION) {
        return have_second_relation(p);
    }
    struct operand left = p->operand;
    struct frame frame = {.kind = FRAME_RELATION,
                          .op = p->token.kind,
                          .start = left.span.start,
                          .left = {.span = left.span}};
    TRY(build_resolve(p, &left, &left.expr));
    left.kind = left.expr == NULL ? OPERAND_BAD : OPERAND_EXPR;
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
    TRY(reduce(p, level));
    if (p->operand.level <= level) {
        return have_failed(p); /* `a has b` takes no operator that binds as tight */
    }
    *ret_step = STEP_WANT;
    return level == LEVEL_RELATION ? have_relation(p, ret_step) : have_chain(p, level);
}

/* ---- have: closing --------------------------------------------------------------------------- */

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
    struct diag *diag = parse_broken(p, key->span, "invalid attribute name: %.*s",
                                     STR_FMT(parse_quote(p, key->span)));
    diag_help(p->diags, diag, "attribute names can either be identifiers or string literals");
    return name;
}

static err close_key(struct parser *p) {
    err error;
    struct ast_field field = {.name = key_name(p, &error), .span = p->operand.span};
    TRY(error);
    top_frame(p)->kind = FRAME_FIELD;
    return VEC_PUSH(p->arena, &p->fields, field) ? ERR_OK : arena_error(p->arena);
}

static err close_field(struct parser *p) {
    struct frame *frame = top_frame(p);
    TRY(build_resolve(p, &p->operand, &p->fields.items[p->fields.count - 1].value));
    frame->height = frame->height > p->operand.height ? frame->height : p->operand.height;
    return ERR_OK;
}

static err close_paren(struct parser *p) {
    struct frame frame = pop(p);
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

/* The token closes (or continues) the innermost bracket; its kind was checked. */
static err close_bracket(struct parser *p, enum step *ret_step) {
    enum frame_kind kind = top_frame(p)->kind;
    bool is_comma = p->token.kind == TOKEN_COMMA;
    if (kind == FRAME_BODY) {
        *ret_step = STEP_DONE;
        pop(p);
        return ERR_OK;
    }
    parse_advance(p);
    *ret_step = STEP_WANT;
    switch (kind) {
    case FRAME_KEY:
        return close_key(p);
    case FRAME_FIELD:
        TRY(close_field(p));
        top_frame(p)->kind = FRAME_KEY;
        break;
    case FRAME_TEST:
        top_frame(p)->kind = FRAME_YES;
        return build_push_item(p, TOKEN_END);
    case FRAME_YES:
        top_frame(p)->kind = FRAME_NO;
        return build_push_item(p, TOKEN_END);
    case FRAME_PAREN:
        *ret_step = STEP_HAVE;
        return close_paren(p);
    case FRAME_INDEX: {
        struct frame frame = pop(p);
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
    struct frame frame = pop(p);
    *ret_step = STEP_HAVE;
    return kind == FRAME_SET    ? build_set(p, &frame)
           : kind == FRAME_CALL ? member_call(p, &frame)
                                : build_record(p, &frame);
}

static err have_closer(struct parser *p, enum step *ret_step) {
    if ((closers_of(p, nearest_bracket(p)->kind) & TOKEN_BIT(p->token.kind)) == 0) {
        return have_failed(p);
    }
    while (top_frame(p)->kind <= FRAME_NO) {
        TRY(reduce_top(p));
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

static err have(struct parser *p, enum step *ret_step) {
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

err expr_parse(struct parser *p, token_set closers) {
    p->closers = closers;
    p->open_count = 0;
    p->frames.count = 0;
    p->items.count = 0;
    p->fields.count = 0;
    TRY(expr_open(p, (struct frame){.kind = FRAME_BODY, .start = p->token.span.start}));
    enum step step = STEP_WANT;
    while (step != STEP_DONE) {
        TRY(step == STEP_WANT ? want(p, &step) : have(p, &step));
    }
    return ERR_OK;
}
