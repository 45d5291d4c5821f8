/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_LEX_H
#define CEDAR_TEXT_LEX_H
/*
 * Tokens of Cedar policy text, one at a time, longest match.
 *
 * A lexer is a small value: copying it remembers a place. It borrows the text, allocates nothing
 * and never fails: what is no token becomes TOKEN_INVALID, behind which reading can go on. The
 * text must be valid UTF-8 and shorter than 4 GiB.
 */
#include "cedar/ast/ast.h"

/* Kind and how messages call it. The order is that of the lists in messages; every word of the
 * language is also an identifier wherever one may stand. */
#define TOKEN_TABLE(X)                      \
    X(TOKEN_NOT, "`!`")                     \
    X(TOKEN_NE, "`!=`")                     \
    X(TOKEN_PERCENT, "`%`")                 \
    X(TOKEN_AND, "`&&`")                    \
    X(TOKEN_LPAREN, "`(`")                  \
    X(TOKEN_RPAREN, "`)`")                  \
    X(TOKEN_STAR, "`*`")                    \
    X(TOKEN_PLUS, "`+`")                    \
    X(TOKEN_COMMA, "`,`")                   \
    X(TOKEN_MINUS, "`-`")                   \
    X(TOKEN_DOT, "`.`")                     \
    X(TOKEN_SLASH, "`/`")                   \
    X(TOKEN_COLON, "`:`")                   \
    X(TOKEN_PATH, "`::`")                   \
    X(TOKEN_SEMICOLON, "`;`")               \
    X(TOKEN_LT, "`<`")                      \
    X(TOKEN_LE, "`<=`")                     \
    X(TOKEN_ASSIGN, "`=`")                  \
    X(TOKEN_EQ, "`==`")                     \
    X(TOKEN_GT, "`>`")                      \
    X(TOKEN_GE, "`>=`")                     \
    X(TOKEN_AT, "`@`")                      \
    X(TOKEN_LBRACKET, "`[`")                \
    X(TOKEN_RBRACKET, "`]`")                \
    X(TOKEN_LBRACE, "`{`")                  \
    X(TOKEN_OR, "`||`")                     \
    X(TOKEN_RBRACE, "`}`")                  \
    X(TOKEN_ELSE, "`else`")                 \
    X(TOKEN_FALSE, "`false`")               \
    X(TOKEN_HAS, "`has`")                   \
    X(TOKEN_IDENT, "identifier")            \
    X(TOKEN_IF, "`if`")                     \
    X(TOKEN_IN, "`in`")                     \
    X(TOKEN_IS, "`is`")                     \
    X(TOKEN_LIKE, "`like`")                 \
    X(TOKEN_NUMBER, "number")               \
    X(TOKEN_SLOT_OTHER, "`?ident`")         \
    X(TOKEN_SLOT_PRINCIPAL, "`?principal`") \
    X(TOKEN_SLOT_RESOURCE, "`?resource`")   \
    X(TOKEN_STRING, "string literal")       \
    X(TOKEN_THEN, "`then`")                 \
    X(TOKEN_TRUE, "`true`")                 \
    X(TOKEN_INVALID, "invalid token")       \
    X(TOKEN_END, "end of input")

enum token_kind {
#define X(kind, text) kind,
    TOKEN_TABLE(X)
#undef X
};

enum { TOKEN_KIND_COUNT = TOKEN_END + 1 };

struct token {
    enum token_kind kind;
    struct ast_span span; /* a string's includes its quotes */
};

struct lexer {
    str text;
    size_t at;
};

/* Steps over white space and comments and takes the next token; at the end TOKEN_END again and
 * again. */
void lex_next(struct lexer *lexer, struct token *ret);

/* How lists in messages call it. */
const char *lex_kind_text(enum token_kind kind);

/* Sets of kinds, for lists of what was expected. */
typedef uint64_t token_set;
_Static_assert(TOKEN_KIND_COUNT <= 64, "token_set has a bit for every kind");
#define TOKEN_BIT(kind) ((token_set)1 << (kind))

/* Identifiers and the words of the language. */
#define TOKEN_WORDS                                                                              \
    (TOKEN_BIT(TOKEN_IDENT) | TOKEN_BIT(TOKEN_TRUE) | TOKEN_BIT(TOKEN_FALSE) |                   \
     TOKEN_BIT(TOKEN_IF) | TOKEN_BIT(TOKEN_THEN) | TOKEN_BIT(TOKEN_ELSE) | TOKEN_BIT(TOKEN_IN) | \
     TOKEN_BIT(TOKEN_IS) | TOKEN_BIT(TOKEN_HAS) | TOKEN_BIT(TOKEN_LIKE))

static inline bool lex_is_word(enum token_kind kind) {
    return (TOKEN_WORDS & TOKEN_BIT(kind)) != 0;
}

#endif
