/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_CHECK_INT_H
#define CEDAR_VALIDATE_CHECK_INT_H
/*
 * What the check_*.c files share.
 */
#include "cedar/validate/check.h"

/* Advice for a type that was not expected. */
enum help {
    HELP_NONE,
    HELP_LIKE,
    HELP_CONTAINS,
    HELP_SINGLE_CONTAINS,
    HELP_HAS,
    HELP_IS,
    HELP_IN,
    HELP_EMPTY_STRING,
    HELP_TYPE_TEST,
    HELP_CONCATENATION,
    HELP_SET_OPERATIONS,
};

enum { WANT_MAX = 3 };

/* What an operand must be: a subtype of one of the types. */
struct want {
    size_t count;
    const struct type *types[WANT_MAX];
    enum help (*help)(const struct type *actual); /* NULL: none */
};

/* Where a common type was looked for. */
enum join_place {
    JOIN_SET,
    JOIN_BRANCHES,
    JOIN_EQUAL,
    JOIN_CONTAINS,
    JOIN_CONTAINS_ALL,
    JOIN_TAGS,
};

/* Never NULL. */
struct typed *typed_new(struct checker *c, enum typed_kind kind, const struct ast_expr *expr,
                        const struct type *type, size_t part_count);

static inline const struct type *answer_type(struct answer answer) {
    return answer.typed->type;
}
/* Drops the facts unless it is right. */
struct answer answer_make(struct typed *typed, bool is_right, struct fact_set facts);
struct answer answer_plain(struct typed *typed, bool is_right);

/* Checks, and files a finding when the type is none of those wanted; then it has no type. */
struct answer check_expect(struct checker *c, const struct ast_expr *expr, const struct want *want);
/* The same for an expression that has been checked; its type may be taken away. */
struct answer check_fits(struct checker *c, struct answer answer, const struct want *want);
struct want want_one(const struct type *type, enum help (*help)(const struct type *actual));
struct want want_object(const struct checker *c, enum help (*help)(const struct type *actual));

enum help help_contains_or_like(const struct type *actual); /* for `has` and `in` */

/* check_logic.c */
struct answer check_chain(struct checker *c, const struct ast_expr *expr);
struct answer check_if(struct checker *c, const struct ast_expr *expr);
struct answer check_not(struct checker *c, const struct ast_expr *expr);
/* The types of a conjunction; either may be NULL. */
const struct type *check_and_type(const struct checker *c, const struct type *left,
                                  const struct type *right);

/* check_operator.c */
struct answer check_arithmetic(struct checker *c, const struct ast_expr *expr);
struct answer check_unary(struct checker *c, const struct ast_expr *expr);
struct answer check_binary(struct checker *c, const struct ast_expr *expr);
struct answer check_set(struct checker *c, const struct ast_expr *expr);
struct answer check_record(struct checker *c, const struct ast_expr *expr);
struct answer check_like(struct checker *c, const struct ast_expr *expr);
/* The least common type of all, TYPE_NEVER for none; NULL when one is NULL, or after a finding. */
const struct type *check_join(struct checker *c, struct ast_span span,
                              const struct type *const *types, size_t count, enum join_place place);
/* The literal that an expression is: a bool, long, string or entity; NULL for others. `&&` and
 * `||` of bool literals are bool literals, as the reference's parser makes them. */
const struct ast_expr *check_literal(struct checker *c, const struct ast_expr *expr);

/* check_attr.c */
struct answer check_get(struct checker *c, const struct ast_expr *expr);
struct answer check_has(struct checker *c, const struct ast_expr *expr);

/* check_entity.c */
struct answer check_entity(struct checker *c, const struct ast_expr *expr);
/* `left` has been checked, to the answer `object`. */
struct answer check_in(struct checker *c, const struct ast_expr *expr, const struct ast_expr *left,
                       struct answer object, const struct ast_expr *right);
struct answer check_is(struct checker *c, const struct ast_expr *expr);
struct answer check_has_tag(struct checker *c, const struct ast_expr *expr);
struct answer check_get_tag(struct checker *c, const struct ast_expr *expr);

/* The action is the group or below it. */
bool check_action_in(const struct schema_action *action, const struct uid *group);
/* Can an entity of the type be, or be in, one of the type `group`? */
bool check_may_be_in(const struct schema *schema, const struct schema_entity_type *type,
                     const struct schema_entity_type *group);

/* check_call.c */
struct answer check_call(struct checker *c, const struct ast_expr *expr);

/* core.c: in the reference's own operators, for printing; NULL when memory is out. */
const struct ast_expr *check_core(struct checker *c, const struct typed *typed);

/* ---- findings (check_finding.c) ---- */

void file_unexpected(struct checker *c, struct ast_span span, const struct want *want,
                     const struct type *actual);
void file_incompatible(struct checker *c, struct ast_span span, const struct type *const *types,
                       size_t count, enum type_clash clash, enum join_place place);
/* `object` is what the attribute was looked for on. */
void file_no_attribute(struct checker *c, struct ast_span span, const struct typed *object,
                       str attr);
void file_optional(struct checker *c, struct ast_span span, const struct typed *object, str attr);
void file_unsafe_tag(struct checker *c, struct ast_span span, const struct type *object,
                     const struct typed *tag);
void file_plain(struct checker *c, enum validate_kind kind, struct ast_span span, const char *text,
                const char *help);

#endif
