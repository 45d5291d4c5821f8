/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_NODE_H
#define CEDAR_COMPILE_NODE_H
/*
 * Policies as trees of what they mean: between the syntax tree and the program.
 *
 * Made by lower.h. Surface operators are gone (maps: §1.2): `a > b` is !(a <= b), `a != b` is
 * !(a == b), `unless e` is !e, all conditions of a policy are one conjunction in order. Chains
 * stay n-ary. Literals are constants; so are sets and records of constants and constructor calls
 * on a string literal that succeed (one that fails stays a call and fails when it is evaluated).
 *
 * Scope constraints stand apart from the condition. They cannot fail, and they are checked first:
 * a policy whose scope does not match has neither result nor error, so they may be indexed.
 */
#include "cedar/ext/functions.h"
#include "cedar/value/value.h"

enum node_kind {
    NODE_CONST,
    NODE_VAR,
    NODE_AND, /* list: two or more, left to right, stops at the first false */
    NODE_OR,  /* list: stops at the first true */
    NODE_NOT,
    NODE_NEG,
    NODE_ARITH, /* a chain of + - * from left to right */
    NODE_EQ,
    NODE_LESS,
    NODE_LESS_EQ,
    NODE_IN,
    NODE_CONTAINS,
    NODE_CONTAINS_ALL,
    NODE_CONTAINS_ANY,
    NODE_IS_EMPTY,
    NODE_GET_TAG,
    NODE_HAS_TAG,
    NODE_GET,
    NODE_HAS,
    NODE_LIKE,
    NODE_IS,
    NODE_IF,
    NODE_SET,    /* list */
    NODE_RECORD, /* fields in key order, which is the order of evaluation */
    NODE_CALL,
};

enum program_var { VAR_PRINCIPAL, VAR_ACTION, VAR_RESOURCE, VAR_CONTEXT };

enum arith_op { ARITH_ADD, ARITH_SUB, ARITH_MUL };

/* A `like` pattern: scalar values and wildcards, no two wildcards in a row. */
#define PATTERN_WILDCARD 0xFFFFFFFFu
struct pattern {
    const uint32_t *items;
    size_t count;
};

struct node;

struct node_field {
    str name;
    const struct node *value;
};

struct node {
    enum node_kind kind;
    union {
        struct value constant;
        enum program_var var;
        struct {
            size_t count;
            const struct node *const *items;
        } list;                     /* AND, OR, SET */
        const struct node *operand; /* NOT, NEG, IS_EMPTY */
        struct {
            size_t count;
            const struct node *const *operands;
            const uint8_t *ops; /* enum arith_op; ops[i] stands before operands[i], ops[0] unused */
        } arith;
        struct {
            const struct node *left;
            const struct node *right;
        } binary; /* EQ to CONTAINS_ANY, GET_TAG, HAS_TAG */
        struct {
            const struct node *object;
            const str *path; /* a.b.c: at least one */
            size_t count;
        } member; /* GET, HAS */
        struct {
            const struct node *object;
            struct pattern pattern;
        } like;
        struct {
            const struct node *object;
            str type;
            const struct node *in; /* or NULL */
        } is;
        struct {
            const struct node *test;
            const struct node *yes;
            const struct node *no;
        } cond;
        struct {
            size_t count;
            const struct node_field *fields;
        } record;
        struct {
            const struct ext_function *function;
            size_t count; /* may differ from the arity: an error of evaluation */
            const struct node *const *args;
        } call;
    };
};

enum scope_kind {
    SCOPE_ANY,
    SCOPE_EQ,
    SCOPE_IN,
    SCOPE_IS,
    SCOPE_IS_IN,
    SCOPE_IN_LIST, /* action in [ … ]; may be empty, then nothing matches */
};

/* What the head demands of one of the three. */
struct tree_scope {
    enum scope_kind kind;
    bool has_slot;         /* a template: `uid` is NULL until it is linked */
    const struct uid *uid; /* EQ, IN, IS_IN */
    str type;              /* IS, IS_IN */
    size_t list_count;
    const struct uid *const *list; /* IN_LIST */
};

struct policy_tree {
    str id;
    bool is_forbid;
    bool is_template; /* never evaluated itself */
    struct tree_scope principal;
    struct tree_scope action;
    struct tree_scope resource;
    const struct node *condition; /* NULL: none, always true */
    uint32_t depth;               /* nesting of the condition */
    uint32_t nodes;               /* in the condition: its static cost */
};

#endif
