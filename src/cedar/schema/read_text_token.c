/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/read_text_int.h"
#include "cedar/text/unescape.h"

str text_token(const struct text_reader *r) {
    return str_slice(r->lexer.text, r->token.span.start, r->token.span.end);
}

/* Policies have more tokens than schemas: what is not one here ends after its first byte. */
static void cut_token(struct text_reader *r) {
    switch (r->token.kind) {
    case TOKEN_EQ:
        r->token.kind = TOKEN_ASSIGN;
        break;
    case TOKEN_LE:
        r->token.kind = TOKEN_LT;
        break;
    case TOKEN_GE:
        r->token.kind = TOKEN_GT;
        break;
    case TOKEN_NOT:
    case TOKEN_NE:
    case TOKEN_PERCENT:
    case TOKEN_AND:
    case TOKEN_STAR:
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_DOT:
    case TOKEN_SLASH:
    case TOKEN_OR:
    case TOKEN_SLOT_OTHER:
    case TOKEN_SLOT_PRINCIPAL:
    case TOKEN_SLOT_RESOURCE:
        r->token.kind = TOKEN_INVALID;
        break;
    default: /* the other tokens are the same */
        return;
    }
    r->token.span.end = r->token.span.start + 1;
    r->lexer.at = r->token.span.end;
}

void text_advance(struct text_reader *r) {
    r->after = AFTER_OTHER;
    r->last_end = r->token.span.end;
    lex_next(&r->lexer, &r->token);
    cut_token(r);
}

bool text_is_word(const struct text_reader *r, const char *word) {
    return r->token.kind == TOKEN_IDENT && str_equal_c(text_token(r), word);
}

bool text_is_question(const struct text_reader *r) {
    return r->token.kind == TOKEN_INVALID && str_equal_c(text_token(r), "?");
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

void text_help(struct text_reader *r, struct diag_list *diags, struct diag *diag,
               const char *help) {
    struct token first;
    struct lexer start = {.text = r->lexer.text};
    lex_next(&start, &first);
    bool is_json = first.kind == TOKEN_LBRACE &&
                   str_find(str_slice(start.text, 0, first.span.start), STR("//")) == SIZE_MAX;
    if (is_json || help != NULL) {
        diag_help(diags, diag, "%s%s%s", help == NULL ? "" : help,
                  is_json && help != NULL ? "\n" : "",
                  is_json ? "this API was expecting a schema in the Cedar schema format; did you "
                            "mean to use a different function, which expects a JSON-format Cedar "
                            "schema"
                          : "");
    }
}

/* The last character before the token that is no space. */
static char byte_before(const struct text_reader *r) {
    size_t at = r->token.span.start;
    while (at > 0 && (r->lexer.text.ptr[at - 1] == ' ' ||
                      (r->lexer.text.ptr[at - 1] >= '\t' && r->lexer.text.ptr[at - 1] <= '\r'))) {
        at--;
    }
    return at == 0 ? '\0' : r->lexer.text.ptr[at - 1];
}

/* Two mistakes that are easy to make get a help; the reference gives it wherever the word would
 * fit, be it as a name. */
static const char *unexpected_help(const struct text_reader *r, unsigned expected) {
    if (r->token.kind == TOKEN_LBRACE &&
        (expected & (EXPECT_IDENTIFIER | EXPECT_APPLIES_TO)) != 0) {
        return "action declarations require `appliesTo` before the `{ ... }` block";
    }
    if (r->token.kind == TOKEN_SEMICOLON && byte_before(r) == '}' &&
        (expected & (EXPECT_IDENTIFIER | EXPECT_NAMESPACE)) != 0) {
        return "namespace declarations are not followed by `;`; try removing this semicolon";
    }
    return NULL;
}

static bool is_one_of(const struct text_reader *r, token_set kinds, const char *const *words,
                      size_t count) {
    if ((kinds & TOKEN_BIT(r->token.kind)) != 0) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (text_is_word(r, words[i])) {
            return true;
        }
    }
    return false;
}

/* A name or annotation that might go on, unless the token ends one somewhere. */
static unsigned expect_more(const struct text_reader *r) {
    static const char *const tags[] = {"tags"};
    static const char *const action[] = {"appliesTo", "attributes"};
    const token_set ends = TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_SEMICOLON) |
                           TOKEN_BIT(TOKEN_RBRACE) | TOKEN_BIT(TOKEN_GT);
    const token_set path_ends =
        ends | TOKEN_BIT(TOKEN_ASSIGN) | TOKEN_BIT(TOKEN_LBRACE) | TOKEN_BIT(TOKEN_RBRACKET);
    const token_set parent_ends =
        TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_SEMICOLON) | TOKEN_BIT(TOKEN_RBRACKET);
    const token_set annotation_ends = TOKEN_BIT(TOKEN_AT) | TOKEN_BIT(TOKEN_STRING) | TOKEN_WORDS;
    switch (r->after) {
    case AFTER_OTHER:
        return 0;
    case AFTER_PATH:
        return is_one_of(r, path_ends, tags, ARRAY_LEN(tags)) ? 0 : EXPECT_PATH;
    case AFTER_SET:
        return is_one_of(r, ends, NULL, 0) ? 0 : EXPECT_PATH | EXPECT_LT;
    case AFTER_PARENT:
        return is_one_of(r, parent_ends, action, ARRAY_LEN(action)) ? 0 : EXPECT_PATH;
    case AFTER_ANNOTATION:
        return is_one_of(r, annotation_ends, NULL, 0) ? 0 : EXPECT_LPAREN;
    }
    return 0;
}

static void list_expected(struct buf *out, unsigned expected) {
    static const char *const texts[] = {
#define X(name, text) text,
        EXPECT_TABLE(X)
#undef X
    };
    size_t count = 0;
    for (size_t i = 0; i < EXPECT_COUNT; i++) {
        count += (expected >> i) & 1;
    }
    size_t done = 0;
    for (size_t i = 0; i < EXPECT_COUNT; i++) {
        if (((expected >> i) & 1) == 0) {
            continue;
        }
        buf_add_c(out, done == 0 ? "" : done + 1 < count ? ", " : count == 2 ? " or " : ", or ");
        buf_add_c(out, texts[i]);
        done++;
    }
}

err text_unexpected(struct text_reader *r, unsigned expected) {
    struct ast_span span = r->token.span;
    struct diag *diag;
    if (r->token.kind == TOKEN_INVALID && !text_is_question(r)) {
        span.end = span.start;
        diag = diag_add(r->diags, DIAG_ERROR, span, TEXT_PREFIX "invalid token");
        text_help(r, r->diags, diag, NULL);
        return ERR_SYNTAX;
    }
    if (r->token.kind == TOKEN_END) {
        span = (struct ast_span){r->last_end, r->last_end};
        diag = diag_add(r->diags, DIAG_ERROR, span, TEXT_PREFIX "unexpected end of input");
    } else {
        diag = diag_add(r->diags, DIAG_ERROR, span, TEXT_PREFIX "unexpected token `%.*s`",
                        STR_FMT(text_token(r)));
    }
    struct buf list;
    buf_init_arena(&list, r->arena, 1000);
    list_expected(&list, expected | expect_more(r));
    diag_label(r->diags, diag, "expected %.*s", STR_FMT(buf_str(&list)));
    text_help(r, r->diags, diag, unexpected_help(r, expected));
    return ERR_SYNTAX;
}

err text_expect(struct text_reader *r, enum token_kind kind, unsigned expected) {
    if (r->token.kind != kind) {
        return text_unexpected(r, expected);
    }
    text_advance(r);
    return ERR_OK;
}

err text_too_deep(struct text_reader *r) {
    diag_add(r->diags, DIAG_ERROR, r->token.span, TEXT_PREFIX "types nest too deeply");
    return ERR_LIMIT;
}

struct schema_place text_place(const struct text_reader *r, struct ast_span name, uint32_t start) {
    return (struct schema_place){.source = r->source, .name = name, .whole = {start, r->last_end}};
}

err text_identifier(struct text_reader *r, unsigned expected, str *ret) {
    static const char *const words[] = {"tags", "enum", "appliesTo", "attributes"};
    const token_set next = TOKEN_BIT(TOKEN_COLON) | TOKEN_BIT(TOKEN_PATH) | TOKEN_BIT(TOKEN_COMMA) |
                           TOKEN_BIT(TOKEN_SEMICOLON) | TOKEN_BIT(TOKEN_ASSIGN) |
                           TOKEN_BIT(TOKEN_LBRACE) | TOKEN_BIT(TOKEN_RBRACE) |
                           TOKEN_BIT(TOKEN_RBRACKET) | TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_IN);
    if (!lex_is_word(r->token.kind)) {
        return text_unexpected(r, expected);
    }
    bool is_reserved = r->token.kind != TOKEN_IDENT;
    struct ast_span span = r->token.span;
    *ret = text_token(r);
    text_advance(r);
    if (is_reserved && (text_is_question(r) || is_one_of(r, next, words, ARRAY_LEN(words)))) {
        struct diag *diag = diag_add(r->diags, DIAG_ERROR, span,
                                     TEXT_PREFIX "`%.*s` is a reserved identifier", STR_FMT(*ret));
        text_help(r, r->diags, diag, NULL);
        return ERR_SYNTAX;
    }
    return ERR_OK; /* or the token behind it is the mistake */
}

err text_string(struct text_reader *r, unsigned expected, str *ret) {
    static const char *const words[] = {"appliesTo", "attributes"};
    const token_set next = TOKEN_BIT(TOKEN_COLON) | TOKEN_BIT(TOKEN_COMMA) |
                           TOKEN_BIT(TOKEN_SEMICOLON) | TOKEN_BIT(TOKEN_RBRACKET) |
                           TOKEN_BIT(TOKEN_RPAREN) | TOKEN_BIT(TOKEN_IN);
    if (r->token.kind != TOKEN_STRING) {
        return text_unexpected(r, expected);
    }
    str quoted = text_token(r);
    struct ast_span span = r->token.span;
    *ret = STR("");
    err result = unescape_string(r->arena, str_slice(quoted, 1, quoted.len - 1), ret);
    text_advance(r);
    if (result != ERR_SYNTAX) {
        return result;
    }
    if (text_is_question(r) || is_one_of(r, next, words, ARRAY_LEN(words))) {
        struct diag *diag =
            diag_add(r->diags, DIAG_ERROR, span, TEXT_PREFIX "Invalid escape codes");
        text_help(r, r->diags, diag, NULL);
        return ERR_SYNTAX;
    }
    return ERR_OK; /* or the token behind it is the mistake */
}

err text_name(struct text_reader *r, unsigned expected, str *ret) {
    if (r->token.kind == TOKEN_STRING) {
        return text_string(r, expected, ret);
    }
    return text_identifier(r, expected, ret);
}

err text_check_annotations(struct text_reader *r, const struct text_annotations *annotations,
                           bool is_namespace) {
    static const char *const words[] = {"entity", "action", "type", "namespace"};
    const token_set next =
        TOKEN_BIT(TOKEN_AT) | TOKEN_BIT(TOKEN_END) | (is_namespace ? 0 : TOKEN_BIT(TOKEN_RBRACE));
    if (annotations->doubled.ptr == NULL || !is_one_of(r, next, words, ARRAY_LEN(words))) {
        return ERR_OK; /* or the token behind it is the mistake */
    }
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, annotations->doubled_span,
                 TEXT_PREFIX "duplicate annotations: `%.*s`", STR_FMT(annotations->doubled));
    diag_other(diag, annotations->first_span, STR(""));
    text_help(r, r->diags, diag, NULL);
    return ERR_SYNTAX;
}
