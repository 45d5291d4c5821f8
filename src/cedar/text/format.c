/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens with their comments; policies, scope, clauses. */
#include "cedar/text/format.h"

#include "base/assert.h"
#include "cedar/ast/equal.h"
#include "cedar/text/format_int.h"

const struct format_options format_options_default = {.line_width = 80, .indent_width = 2};

/* ---- comments ---- */

/* The next comment in what stands between two tokens, without the white space behind it. */
static bool next_comment(str *gap, str *ret) {
    size_t start = str_find(*gap, STR("//"));
    if (start == SIZE_MAX) {
        return false;
    }
    size_t end = start;
    while (end < gap->len && gap->ptr[end] != '\n' && gap->ptr[end] != '\r') {
        end++;
    }
    str comment = str_slice(*gap, start, end);
    while (comment.len > 0 &&
           (comment.ptr[comment.len - 1] == ' ' || comment.ptr[comment.len - 1] == '\t')) {
        comment.len--;
    }
    *ret = comment;
    *gap = str_slice(*gap, end, gap->len);
    return true;
}

static void add_before(struct formatter *f, str gap) {
    str comment;
    bool has_one = false;
    while (next_comment(&gap, &comment)) {
        doc_add(&f->doc, DOC_HARDLINE);
        doc_text(&f->doc, comment);
        has_one = true;
    }
    if (has_one) {
        doc_add(&f->doc, DOC_HARDLINE);
    }
}

static bool add_behind(struct formatter *f, str gap) {
    str comment;
    bool has_one = false;
    while (next_comment(&gap, &comment)) {
        if (!has_one) { /* a lone CR ends a comment, too: the next one begins its line */
            doc_text(&f->doc, STR(" "));
        }
        doc_text(&f->doc, comment);
        doc_add(&f->doc, DOC_HARDLINE);
        has_one = true;
    }
    return has_one;
}

/* ---- tokens ---- */

/* 007 is 7. */
static str spelling(const struct format_token *token) {
    str text = token->text;
    while (token->kind == TOKEN_NUMBER && text.len > 1 && text.ptr[0] == '0') {
        text = str_slice(text, 1, text.len);
    }
    return text;
}

void format_lead(struct formatter *f) {
    if (f->led <= f->at) {
        add_before(f, f->tokens[f->at].before);
        f->led = f->at + 1;
    }
}

void format_token_alone(struct formatter *f) {
    const struct format_token *token = &f->tokens[f->at];
    if (!HOLDS(token->kind != TOKEN_END)) {
        f->doc.error = ERR_INTERNAL;
        return;
    }
    format_lead(f);
    f->at++;
    doc_text(&f->doc, spelling(token));
}

bool format_behind(struct formatter *f) {
    return add_behind(f, f->tokens[f->at - 1].behind);
}

bool format_token_or(struct formatter *f, enum doc_kind otherwise) {
    format_token_alone(f);
    bool has_comment = format_behind(f);
    if (!has_comment) {
        doc_add(&f->doc, otherwise);
    }
    return has_comment;
}

void format_token(struct formatter *f) {
    IGNORE(format_token_or(f, DOC_NOTHING)); /* both ways are well */
}

void format_drop(struct formatter *f) {
    const struct format_token *token = &f->tokens[f->at];
    format_lead(f);
    f->at++;
    IGNORE(add_behind(f, token->behind)); /* nothing depends on it here */
}

/* All tokens of a text; `before` of the last one, TOKEN_END, are the comments at the end. */
static err read_tokens(struct arena *a, str text, const struct format_token **ret) {
    VEC(struct format_token) tokens = {0};
    struct lexer lexer = {.text = text};
    struct token token;
    uint32_t end = 0;
    do {
        lex_next(&lexer, &token);
        struct format_token next = {
            .kind = token.kind,
            .text = str_slice(text, token.span.start, token.span.end),
            .before = str_slice(text, end, token.span.start),
            .behind = STR(""),
        };
        if (tokens.count > 0) {
            struct format_token *last = &tokens.items[tokens.count - 1];
            str rest;
            if (str_cut(next.before, '\n', &last->behind, &rest)) {
                next.before = rest;
            } else {
                next.before = STR("");
            }
        }
        end = token.span.end;
        if (!VEC_PUSH(a, &tokens, next)) {
            return arena_error(a);
        }
    } while (token.kind != TOKEN_END);
    *ret = tokens.items;
    return ERR_OK;
}

/* ---- policies ---- */

static void format_annotation(struct formatter *f) {
    format_token(f);
    if (f->tokens[f->at + 1].kind != TOKEN_LPAREN) {
        IGNORE(format_token_or(f, DOC_HARDLINE)); /* the line ends in any case */
        return;
    }
    format_token(f);
    format_token(f);
    format_token(f);
    IGNORE(format_token_or(f, DOC_HARDLINE)); /* the line ends in any case */
}

/* principal [is T] [in x] */
static void format_variable(struct formatter *f) {
    format_lead(f);
    size_t outer = f->doc.items.count;
    doc_add(&f->doc, DOC_NOTHING);
    size_t inner = f->doc.items.count;
    doc_add(&f->doc, DOC_NOTHING);
    format_token(f);
    bool has_is = format_peek(f) == TOKEN_IS;
    size_t at = f->at;
    enum token_kind kind = format_peek(f);
    if (has_is) {
        /* `is` and the type are one group; what they are compared with hangs below. */
        while (kind != TOKEN_IN && kind != TOKEN_EQ && kind != TOKEN_COMMA &&
               kind != TOKEN_RPAREN) {
            kind = f->tokens[++at].kind;
        }
    }
    bool has_op = kind == TOKEN_IN || kind == TOKEN_EQ;
    if (has_op) {
        doc_group_at(&f->doc, outer);
        doc_group_at(&f->doc, inner);
    }
    if (has_is) {
        doc_add(&f->doc, DOC_GROUP);
        doc_nest(&f->doc, f->indent);
        doc_add(&f->doc, DOC_GROUP);
        doc_add(&f->doc, DOC_LINE);
        format_token(f);
        doc_group_end(&f->doc);
        doc_add(&f->doc, DOC_LINE);
        format_sum(f);
        doc_add(&f->doc, DOC_NEST_END);
        doc_group_end(&f->doc);
    }
    if (has_op) {
        doc_add(&f->doc, DOC_LINE);
        format_token(f);
        doc_group_end(&f->doc);
        doc_nest(&f->doc, f->indent);
        doc_add(&f->doc, DOC_LINE);
        format_expr(f);
        doc_add(&f->doc, DOC_NEST_END);
        doc_group_end(&f->doc);
    }
}

/* The token at hand opens the scope: does a variable have a constraint? */
static bool is_constrained(const struct formatter *f) {
    for (size_t at = f->at; f->tokens[at].kind != TOKEN_RPAREN; at++) {
        enum token_kind kind = f->tokens[at].kind;
        if (kind == TOKEN_EQ || kind == TOKEN_IN || kind == TOKEN_IS) {
            return true;
        }
    }
    return false;
}

static void format_scope(struct formatter *f) {
    bool has_lines = is_constrained(f);
    format_token(f);
    doc_group_end(&f->doc); /* of the effect */
    if (!has_lines) {
        doc_add(&f->doc, DOC_GROUP);
    }
    doc_nest(&f->doc, f->indent);
    if (has_lines) {
        doc_add(&f->doc, DOC_HARDLINE);
    }
    for (int i = 0; i < 3; i++) {
        format_variable(f);
        if (i < 2) {
            bool has_comment = format_token_or(f, has_lines ? DOC_HARDLINE : DOC_NOTHING);
            if (!has_lines && !has_comment) {
                doc_text(&f->doc, STR(" "));
            }
        }
    }
    doc_add(&f->doc, DOC_NEST_END);
    if (has_lines) {
        doc_add(&f->doc, DOC_HARDLINE);
    } else {
        doc_group_end(&f->doc);
    }
}

/* The closing parenthesis. A comma before it goes; its comments become those of the parenthesis. */
static void format_scope_end(struct formatter *f) {
    str behind = STR("");
    if (format_peek(f) == TOKEN_COMMA) {
        format_lead(f);
        behind = f->tokens[f->at++].behind;
        if (str_find(f->tokens[f->at].behind, STR("//")) != SIZE_MAX) {
            add_before(f, behind); /* that place is taken */
            behind = STR("");
        }
    }
    format_token_alone(f);
    bool has_comment = add_behind(f, behind);
    has_comment = format_behind(f) || has_comment;
    if (!has_comment && format_peek(f) != TOKEN_SEMICOLON) {
        doc_add(&f->doc, DOC_HARDLINE); /* clauses follow */
    }
}

/* when { … } */
static void format_clause(struct formatter *f) {
    format_lead(f);
    doc_add(&f->doc, DOC_GROUP);
    format_token(f);
    doc_add(&f->doc, DOC_LINE);
    format_token_alone(f);
    doc_add(&f->doc, DOC_GROUP);
    doc_nest(&f->doc, f->indent);
    IGNORE(format_behind(f)); /* the line below ends in any case */
    doc_add(&f->doc, DOC_LINE);
    format_lead(f);
    doc_add(&f->doc, DOC_GROUP);
    format_expr(f);
    doc_group_end(&f->doc);
    doc_add(&f->doc, DOC_NEST_END);
    doc_add(&f->doc, DOC_LINE);
    format_token(f);
    doc_group_end(&f->doc);
    doc_group_end(&f->doc);
}

static void format_policy(struct formatter *f) {
    while (format_peek(f) == TOKEN_AT) {
        format_annotation(f);
    }
    format_lead(f);
    doc_add(&f->doc, DOC_GROUP);
    format_token(f); /* the effect */
    doc_add(&f->doc, DOC_LINE);
    format_scope(f);
    format_scope_end(f);
    for (bool is_first = true; format_peek(f) != TOKEN_SEMICOLON; is_first = false) {
        if (!is_first) {
            doc_add(&f->doc, DOC_HARDLINE);
        }
        format_clause(f);
    }
    format_token(f);
}

static void format_all(struct formatter *f, uint32_t width, struct buf *out) {
    for (bool is_first = true; format_peek(f) != TOKEN_END; is_first = false) {
        struct arena_mark mark = arena_mark(f->doc.arena);
        buf_add_c(out, is_first ? "" : "\n\n");
        f->doc.items.count = f->doc.items.capacity = 0;
        f->doc.open.count = f->doc.open.capacity = 0;
        format_policy(f);
        doc_render(&f->doc, width, out);
        buf_fail(out, f->doc.error == ERR_OK ? out->error : f->doc.error);
        arena_reset(f->doc.arena, mark);
        if (out->error != ERR_OK) {
            return;
        }
    }
    buf_add_byte(out, '\n');
    str comment;
    str gap = f->tokens[f->at].before;
    while (next_comment(&gap, &comment)) {
        buf_add(out, comment);
        buf_add_byte(out, '\n');
    }
}

err format_policies(struct arena *a, str text, const struct format_options *options,
                    const struct parse_limits *limits, str *ret, struct diag_list *diags) {
    const struct ast_policy_set *before;
    const struct ast_policy_set *after;
    struct formatter f = {.indent = options->indent_width};
    struct arena temp;
    struct buf out;
    str formatted;
    TRY(parse_policy_set(a, text, limits, &before, diags));
    TRY(read_tokens(a, text, &f.tokens));
    arena_init(&temp, a->allocator, a->max);
    buf_init_arena(&out, a, SIZE_MAX / 2);
    f.doc.arena = &temp;
    format_all(&f, options->line_width, &out);
    arena_done(&temp);
    TRY(buf_finish(&out, &formatted));
    TRY(parse_policy_set(a, formatted, limits, &after, NULL));
    if (!ast_policy_set_equal(before, after)) {
        return ERR_INTERNAL;
    }
    *ret = formatted;
    return ERR_OK;
}
