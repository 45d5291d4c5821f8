/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_READ_TEXT_INT_H
#define CEDAR_SCHEMA_READ_TEXT_INT_H
/*
 * Reading schema text: what the two halves share. read_text.c has the declarations,
 * read_text_type.c tokens, names, annotations and types.
 *
 * Recursive descent over the tokens of policies. Two things differ: `?` behind an attribute name
 * is no token there (it arrives as TOKEN_INVALID), and the words of the schema language are
 * identifiers that only mean something where they stand. Nesting of types is limited.
 */
#include "cedar/schema/fragment.h"
#include "cedar/text/lex.h"

struct text_reader {
    struct arena *arena;
    struct diag_list *diags;
    struct lexer lexer;
    struct token token; /* the one to look at */
    uint32_t depth;
    uint32_t max_depth;
};

#define TEXT_FAIL(r, span, ...) \
    (diag_add((r)->diags, DIAG_ERROR, (span), "error parsing schema: " __VA_ARGS__), ERR_SYNTAX)

str text_token(const struct text_reader *r);
void text_advance(struct text_reader *r);
bool text_is_word(const struct text_reader *r, const char *word);
/* Step over it when it is there. */
bool text_accept(struct text_reader *r, enum token_kind kind);
bool text_accept_word(struct text_reader *r, const char *word);
/* The token does not belong here; `expected` is a list for the label. */
err text_unexpected(struct text_reader *r, const char *expected) MUST_CHECK;
err text_expect(struct text_reader *r, enum token_kind kind) MUST_CHECK;

err text_identifier(struct text_reader *r, const char *expected, str *ret) MUST_CHECK;
err text_string(struct text_reader *r, str *ret) MUST_CHECK;
/* IDENT or STRING */
err text_name(struct text_reader *r, const char *expected, str *ret) MUST_CHECK;
/* IDENT {'::' IDENT}; with `ret_id`, a string may stand behind the last `::`. */
err text_path(struct text_reader *r, struct ast_name *ret, str *ret_id) MUST_CHECK;
/* Refuses `__cedar` as a part of a declared name. */
err text_check_declared(struct text_reader *r, str name, struct ast_span span) MUST_CHECK;

/* {'@' ANYIDENT ['(' STRING ')']} */
err text_annotations(struct text_reader *r, struct schema_annotations *ret) MUST_CHECK;
/* '{' [attr {',' attr} [',']] '}' */
err text_record(struct text_reader *r, const struct fragment_type **ret) MUST_CHECK;
/* Path | 'Set' '<' Type '>' | record. `Set` without `<` is a name like any other. */
err text_type(struct text_reader *r, const struct fragment_type **ret) MUST_CHECK;
/* Path | '[' [Path {',' Path}] ']' */
err text_types(struct text_reader *r, struct fragment_names *ret) MUST_CHECK;

#endif
