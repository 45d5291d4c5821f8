/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/read_text_int.h"

#include "cedar/text/unescape.h"

str text_token(const struct text_reader *r) {
    return str_slice(r->lexer.text, r->token.span.start, r->token.span.end);
}

void text_advance(struct text_reader *r) {
    lex_next(&r->lexer, &r->token);
}

bool text_is_word(const struct text_reader *r, const char *word) {
    return r->token.kind == TOKEN_IDENT && str_equal_c(text_token(r), word);
}

bool text_accept(struct text_reader *r, enum token_kind kind) {
    if (r->token.kind != kind) {
        return false;
    }
    text_advance(r);
    return true;
}

bool text_accept_word(struct text_reader *r, const char *word) {
    if (!text_is_word(r, word)) {
        return false;
    }
    text_advance(r);
    return true;
}

static bool is_question(const struct text_reader *r) {
    return r->token.kind == TOKEN_INVALID && str_equal_c(text_token(r), "?");
}

err text_unexpected(struct text_reader *r, const char *expected) {
    if (r->token.kind == TOKEN_INVALID && !is_question(r)) {
        return TEXT_FAIL(r, r->token.span, "invalid token");
    }
    struct diag *diag =
        r->token.kind == TOKEN_END
            ? diag_add(r->diags, DIAG_ERROR, r->token.span,
                       "error parsing schema: unexpected end of input")
            : diag_add(r->diags, DIAG_ERROR, r->token.span,
                       "error parsing schema: unexpected token `%.*s`", STR_FMT(text_token(r)));
    diag_label(r->diags, diag, "expected %s", expected);
    if (str_has_prefix(str_trim(r->lexer.text), STR("{"))) {
        diag_help(r->diags, diag, "this looks like a schema in JSON; read it as one");
    }
    return ERR_SYNTAX;
}

err text_expect(struct text_reader *r, enum token_kind kind) {
    if (r->token.kind != kind) {
        return text_unexpected(r, lex_kind_text(kind));
    }
    text_advance(r);
    return ERR_OK;
}

err text_identifier(struct text_reader *r, const char *expected, str *ret) {
    if (!lex_is_word(r->token.kind)) {
        return text_unexpected(r, expected);
    }
    if (r->token.kind != TOKEN_IDENT) {
        return TEXT_FAIL(r, r->token.span, "`%.*s` is a reserved identifier",
                         STR_FMT(text_token(r)));
    }
    *ret = text_token(r);
    text_advance(r);
    return ERR_OK;
}

err text_string(struct text_reader *r, str *ret) {
    if (r->token.kind != TOKEN_STRING) {
        return text_unexpected(r, "string literal");
    }
    str quoted = text_token(r);
    err result = unescape_string(r->arena, str_slice(quoted, 1, quoted.len - 1), ret);
    if (result == ERR_SYNTAX) {
        return TEXT_FAIL(r, r->token.span, "Invalid escape codes");
    }
    TRY(result);
    text_advance(r);
    return ERR_OK;
}

/* IDENT or STRING */
err text_name(struct text_reader *r, const char *expected, str *ret) {
    if (r->token.kind == TOKEN_STRING) {
        return text_string(r, ret);
    }
    return text_identifier(r, expected, ret);
}

/* IDENT {'::' IDENT}; with `ret_id`, a string may stand behind the last `::`. */
err text_path(struct text_reader *r, struct ast_name *ret, str *ret_id) {
    struct ast_name name = {.span = r->token.span};
    TRY(text_identifier(r, "identifier", &name.text));
    struct buf joined; /* without the space between the parts: no longer than the source */
    buf_init_arena(&joined, r->arena, r->lexer.text.len);
    while (r->token.kind == TOKEN_PATH) {
        text_advance(r);
        name.span.end = r->token.span.end;
        if (ret_id != NULL && r->token.kind == TOKEN_STRING) {
            TRY(text_string(r, ret_id));
            break;
        }
        str part = {0};
        TRY(text_identifier(r, ret_id == NULL ? "identifier" : "identifier or string literal",
                            &part));
        if (joined.len == 0) {
            buf_add(&joined, name.text);
        }
        buf_add(&joined, STR("::"));
        buf_add(&joined, part);
    }
    if (joined.len > 0) {
        TRY(buf_finish(&joined, &name.text));
    }
    *ret = name;
    return ERR_OK;
}

err text_check_declared(struct text_reader *r, str name, struct ast_span span) {
    bool is_reserved = false;
    str rest = name;
    str part;
    while (str_cut(rest, ':', &part, &rest)) {
        is_reserved = is_reserved || str_equal_c(part, "__cedar");
    }
    if (is_reserved || str_equal_c(part, "__cedar")) {
        struct diag *diag = diag_add(r->diags, DIAG_ERROR, span,
                                     "error parsing schema: use of the reserved `__cedar` "
                                     "namespace");
        diag_help(r->diags, diag, "names that contain `__cedar` are reserved");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

/* {'@' ANYIDENT ['(' STRING ')']} */
err text_annotations(struct text_reader *r, struct schema_annotations *ret) {
    VEC(struct schema_annotation) items = {0};
    struct ast_span span = r->token.span;
    while (text_accept(r, TOKEN_AT)) {
        struct schema_annotation item = {.name = text_token(r)};
        if (!lex_is_word(r->token.kind)) {
            return text_unexpected(r, "identifier");
        }
        span.end = r->token.span.end;
        text_advance(r);
        if (text_accept(r, TOKEN_LPAREN)) {
            item.has_value = true;
            TRY(text_string(r, &item.value));
            TRY(text_expect(r, TOKEN_RPAREN));
        }
        if (!VEC_PUSH(r->arena, &items, item)) {
            return arena_error(r->arena);
        }
    }
    str doubled;
    if (!fragment_sort_annotations(items.items, items.count, &doubled)) {
        return TEXT_FAIL(r, span, "duplicate annotations: `%.*s`", STR_FMT(doubled));
    }
    *ret = (struct schema_annotations){items.count, items.items};
    return ERR_OK;
}

/* Behind a name: an optional `?`, which is no token of policies. */
static bool accept_question(struct text_reader *r) {
    if (!is_question(r)) {
        return false;
    }
    text_advance(r);
    return true;
}

static err read_attr(struct text_reader *r, struct fragment_attr *ret) {
    *ret = (struct fragment_attr){0};
    TRY(text_annotations(r, &ret->annotations));
    ret->span = r->token.span;
    TRY(text_name(r, "`@`, `}`, identifier, or string literal", &ret->name));
    ret->is_required = !accept_question(r);
    if (r->token.kind != TOKEN_COLON) {
        return text_unexpected(r, ret->is_required ? "`:` or `?`" : "`:`");
    }
    text_advance(r);
    return text_type(r, &ret->type);
}

/* '{' [attr {',' attr} [',']] '}' */
err text_record(struct text_reader *r, const struct fragment_type **ret) {
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    *type = (struct fragment_type){.kind = FRAGMENT_RECORD, .span = r->token.span};
    if (r->token.kind != TOKEN_LBRACE) {
        return text_unexpected(r, "`{`");
    }
    if (++r->depth > r->max_depth) {
        diag_add(r->diags, DIAG_ERROR, r->token.span,
                 "error parsing schema: types nest too deeply");
        return ERR_LIMIT;
    }
    text_advance(r);
    VEC(struct fragment_attr) attrs = {0};
    while (r->token.kind != TOKEN_RBRACE) {
        struct fragment_attr attr;
        TRY(read_attr(r, &attr));
        if (!VEC_PUSH(r->arena, &attrs, attr)) {
            return arena_error(r->arena);
        }
        if (r->token.kind != TOKEN_RBRACE && r->token.kind != TOKEN_COMMA) {
            return text_unexpected(r, "`,` or `}`");
        }
        text_accept(r, TOKEN_COMMA);
    }
    type->span.end = r->token.span.end;
    text_advance(r);
    r->depth--;
    type->record.count = fragment_sort_attrs(attrs.items, attrs.count, r->diags);
    type->record.attrs = attrs.items;
    *ret = type;
    return ERR_OK;
}

static err read_set(struct text_reader *r, struct fragment_type *type) {
    if (++r->depth > r->max_depth) {
        diag_add(r->diags, DIAG_ERROR, r->token.span,
                 "error parsing schema: types nest too deeply");
        return ERR_LIMIT;
    }
    type->kind = FRAGMENT_SET;
    text_advance(r); /* Set */
    text_advance(r); /* < */
    TRY(text_type(r, &type->element));
    type->span.end = r->token.span.end;
    r->depth--;
    return text_expect(r, TOKEN_GT);
}

/* Path | 'Set' '<' Type '>' | record. `Set` without `<` is a name like any other. */
err text_type(struct text_reader *r, const struct fragment_type **ret) {
    if (r->token.kind == TOKEN_LBRACE) {
        return text_record(r, ret);
    }
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    type->span = r->token.span;
    *ret = type;
    struct lexer behind = r->lexer;
    struct token next;
    lex_next(&behind, &next);
    if (text_is_word(r, "Set") && next.kind == TOKEN_LT) {
        return read_set(r, type);
    }
    if (!lex_is_word(r->token.kind)) {
        return text_unexpected(r, "`{` or identifier");
    }
    struct ast_name name;
    TRY(text_path(r, &name, NULL));
    type->kind = FRAGMENT_NAME;
    type->name = name.text;
    type->span = name.span;
    return ERR_OK;
}

/* Path | '[' [Path {',' Path}] ']' */
err text_types(struct text_reader *r, struct fragment_names *ret) {
    VEC(struct ast_name) names = {0};
    bool is_list = text_accept(r, TOKEN_LBRACKET);
    if (is_list && text_accept(r, TOKEN_RBRACKET)) {
        return ERR_OK;
    }
    do {
        struct ast_name name;
        if (!is_list && !lex_is_word(r->token.kind)) {
            return text_unexpected(r, "`[` or identifier");
        }
        TRY(text_path(r, &name, NULL));
        if (!VEC_PUSH(r->arena, &names, name)) {
            return arena_error(r->arena);
        }
    } while (is_list && text_accept(r, TOKEN_COMMA));
    if (is_list && r->token.kind != TOKEN_RBRACKET) {
        return text_unexpected(r, "`,`, `::`, or `]`");
    }
    if (is_list) {
        text_advance(r);
    }
    *ret = (struct fragment_names){names.count, names.items};
    return ERR_OK;
}
