/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_CHECK_H
#define CEDAR_VALIDATE_CHECK_H
/*
 * Type checking of one expression in one request environment (maps: §1.10).
 *
 *     check.c           dispatch, literals, variables; what an operand must be
 *     check_logic.c     && || ! if
 *     check_operator.c  == < arithmetic, sets and their methods, records
 *     check_attr.c      attribute access and tests
 *     check_entity.c    in, is, tags
 *     check_call.c      extension functions
 *
 * An answer says what is known of an expression: its type (none when nothing is known), whether
 * it is right, and the facts that hold when it is true. Checking goes on after an error, so that
 * all of them are found; findings go to the list of the policy. The typed tree has what was
 * looked at: a branch that is never taken is not in it.
 *
 * A checker serves one policy at a time on one thread. When memory is out, answers are wrong and
 * the arenas say so; who started the check asks them. Recursion follows the nesting of the
 * expression, which the parser bounds.
 */
#include "cedar/validate/facts.h"
#include "cedar/validate/finding.h"
#include "cedar/validate/type.h"

enum typed_kind {
    TYPED_LITERAL, /* bool, long, string */
    TYPED_ENTITY,
    TYPED_VAR,
    TYPED_SLOT,
    TYPED_IF,    /* test, yes, no; when the test is known, the branch taken twice */
    TYPED_LOGIC, /* operands of && or || that were looked at */
    TYPED_OPERATOR,
    TYPED_IN,
    TYPED_HAS_TAG,
    TYPED_GET_TAG,
    TYPED_GET,
    TYPED_HAS,      /* one attribute */
    TYPED_HAS_PATH, /* several */
    TYPED_TEST,     /* like, is */
    TYPED_SET,
    TYPED_RECORD, /* parts in the order of the names */
    TYPED_CALL,
};

struct typed {
    enum typed_kind kind;
    const struct ast_expr *expr;
    const struct type *type; /* NULL: unknown */
    bool has_level;          /* level.c has been here */
    str attr;                /* GET */
    size_t count;
    struct typed **parts;
    const struct ast_field *const *fields; /* RECORD: parallel to parts */
};

struct answer {
    struct typed *typed;
    bool is_right;
    struct fact_set facts; /* none unless it is right */
};

/* One request type. */
struct environment {
    const struct schema_action *action;
    const struct schema_entity_type *principal;
    const struct schema_entity_type *resource;
};

struct checker {
    struct types *types;
    const struct schema *schema;
    enum type_mode mode;
    bool has_no_schema; /* nothing is known of variables and entities; `schema` is an empty one */
    struct findings *findings;
    struct facts facts;
    struct arena *temp; /* answers; reset by the owner between environments */
    struct environment env;
    struct typed *lost; /* what typed_new gives when memory is out */
};

struct answer check_expr(struct checker *c, const struct ast_expr *expr);

#endif
