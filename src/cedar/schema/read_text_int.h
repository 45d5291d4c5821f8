/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_READ_TEXT_INT_H
#define CEDAR_SCHEMA_READ_TEXT_INT_H
/*
 * Reading schema text: what the parts share. read_text_token.c has tokens and what is wrong with
 * them, read_text_type.c names, annotations and types, read_text.c declarations, and
 * read_text_check.c what can only be checked once all of it is read.
 *
 * Recursive descent over the tokens of policies, cut to those of schemas: the words of the schema
 * language are identifiers that only mean something where they stand, and `?` behind the name of
 * an attribute arrives as TOKEN_INVALID. Nesting of types is limited.
 *
 * Findings come in the order of the reference, which works in steps: first the grammar, then
 * names that are declared twice, then the rest. So a mistake of a later step is kept in `later`.
 * Its parser is driven by tables, which shows in two places: whether a word that is reserved or a
 * string with a bad escape is the mistake, or the token behind it, and what it expects there,
 * depends on tokens that may stand behind words and strings somewhere else.
 */
#include "cedar/schema/fragment.h"
#include "cedar/text/lex.h"

/* What can be expected, in the order of the lists in messages. */
#define EXPECT_TABLE(X)           \
    X(LPAREN, "`(`")              \
    X(RPAREN, "`)`")              \
    X(COMMA, "`,`")               \
    X(COLON, "`:`")               \
    X(PATH, "`::`")               \
    X(SEMICOLON, "`;`")           \
    X(LT, "`<`")                  \
    X(ASSIGN, "`=`")              \
    X(GT, "`>`")                  \
    X(QUESTION, "`?`")            \
    X(AT, "`@`")                  \
    X(LBRACKET, "`[`")            \
    X(RBRACKET, "`]`")            \
    X(LBRACE, "`{`")              \
    X(RBRACE, "`}`")              \
    X(ACTION, "`action`")         \
    X(APPLIES_TO, "`appliesTo`")  \
    X(ATTRIBUTES, "`attributes`") \
    X(CONTEXT, "`context`")       \
    X(ENTITY, "`entity`")         \
    X(ENUM, "`enum`")             \
    X(IDENTIFIER, "identifier")   \
    X(IN, "`in`")                 \
    X(NAMESPACE, "`namespace`")   \
    X(PRINCIPAL, "`principal`")   \
    X(RESOURCE, "`resource`")     \
    X(SET, "`Set`")               \
    X(STRING, "string literal")   \
    X(TAGS, "`tags`")             \
    X(TYPE, "`type`")

enum text_expected_index {
#define X(name, text) EXPECT_INDEX_##name,
    EXPECT_TABLE(X)
#undef X
        EXPECT_COUNT
};

enum text_expected {
#define X(name, text) EXPECT_##name = 1 << EXPECT_INDEX_##name,
    EXPECT_TABLE(X)
#undef X
};

#define EXPECT_DECLARATION (EXPECT_AT | EXPECT_ACTION | EXPECT_ENTITY | EXPECT_TYPE)

/* What the token before was the end of, as far as more may follow. */
enum text_after { AFTER_OTHER, AFTER_PATH, AFTER_SET, AFTER_PARENT, AFTER_ANNOTATION };

struct text_reader {
    struct arena *arena;
    struct diag_list *diags;
    struct diag_list later;
    bool is_refused; /* by an error in `later`, even if that list was full */
    const struct schema_source *source;
    struct lexer lexer;
    struct token token; /* the one to look at */
    uint32_t last_end;  /* of the token before it */
    enum text_after after;
    uint32_t depth;
    uint32_t max_depth;
};

#define TEXT_PREFIX "error parsing schema: "
#define TEXT_RESERVED_HELP                                                     \
    "Names containing `__cedar` (for example: `__cedar::A`, `A::__cedar`, or " \
    "`A::__cedar::B`) are reserved"

str text_token(const struct text_reader *r);
void text_advance(struct text_reader *r);
bool text_is_word(const struct text_reader *r, const char *word);
bool text_is_question(const struct text_reader *r);
/* Step over it when it is there. */
bool text_accept(struct text_reader *r, enum token_kind kind);
bool text_accept_word(struct text_reader *r, const char *word);
/* The token does not belong here; `expected` would, as enum text_expected. */
err text_unexpected(struct text_reader *r, unsigned expected) MUST_CHECK;
err text_expect(struct text_reader *r, enum token_kind kind, unsigned expected) MUST_CHECK;
/* The help that every finding gets when the text looks like JSON. */
void text_help(struct text_reader *r, struct diag_list *diags, struct diag *diag, const char *help);
err text_too_deep(struct text_reader *r) MUST_CHECK;

struct schema_place text_place(const struct text_reader *r, struct ast_span name, uint32_t start);

err text_identifier(struct text_reader *r, unsigned expected, str *ret) MUST_CHECK;
err text_string(struct text_reader *r, unsigned expected, str *ret) MUST_CHECK;
/* IDENT or STRING */
err text_name(struct text_reader *r, unsigned expected, str *ret) MUST_CHECK;
/* IDENT {'::' IDENT}; with `ret_id`, a string may stand behind the last `::`. */
err text_path(struct text_reader *r, unsigned expected, struct ast_name *ret,
              str *ret_id) MUST_CHECK;
bool text_is_reserved(str name);

struct text_annotations {
    struct schema_annotations sorted;
    str doubled; /* absent: none occurs twice */
    struct ast_span doubled_span;
    struct ast_span first_span; /* of the same name */
};

/* {'@' ANYIDENT ['(' STRING ')']} */
err text_annotations(struct text_reader *r, struct text_annotations *ret) MUST_CHECK;
/* To be called when what they stand before has been read. */
err text_check_annotations(struct text_reader *r, const struct text_annotations *annotations,
                           bool is_namespace) MUST_CHECK;
/* '{' [attr {',' attr} [',']] '}' */
err text_record(struct text_reader *r, const struct fragment_type **ret) MUST_CHECK;
/* Path | 'Set' '<' Type '>' | record. `Set` without `<` is a name like any other. */
err text_type(struct text_reader *r, const struct fragment_type **ret) MUST_CHECK;
/* Path | '[' [Path {',' Path}] ']' */
err text_types(struct text_reader *r, struct fragment_names *ret) MUST_CHECK;

/* Names that are declared twice in one namespace, namespaces that are opened twice. */
err text_check_names(struct text_reader *r, const struct fragment *fragment) MUST_CHECK;

#endif
