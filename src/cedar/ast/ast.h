/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_AST_AST_H
#define CEDAR_AST_AST_H
/*
 * The syntax tree of policies: what was written, not yet what it means.
 *
 * Made by text/ (and later by the JSON policy reader), read by compile/ and the printers. It
 * keeps surface forms (`!=`, `>`, `has a.b`, separate when/unless clauses) so that text and JSON
 * can be printed without loss. Everything lives in one arena; nodes never change once built.
 *
 * Operators that chain (`a && b && c`, `1 + 2 - 3`) are one node with many operands, so that a
 * chain of any length needs no recursion; only real nesting counts against the depth limit.
 *
 *     1 + x - 2          AST_CHAIN   operands: 1    x    2
 *                                    ops:           +    -      (ops[0] is unused)
 */
#include "base/vec.h"

/* Byte range in the source text; {0, 0} when there is no text. */
struct ast_span {
    uint32_t start;
    uint32_t end;
};

/* An entity type or function name as written, normalised: `A::B`. */
struct ast_name {
    str text;
    struct ast_span span;
};

struct ast_uid {
    struct ast_name type;
    str id; /* unescaped */
    struct ast_span span;
};

enum ast_var { AST_PRINCIPAL, AST_ACTION, AST_RESOURCE, AST_CONTEXT };
enum ast_slot { AST_SLOT_NONE, AST_SLOT_PRINCIPAL, AST_SLOT_RESOURCE };

enum ast_op {
    AST_OP_NONE,
    /* chains */
    AST_OP_AND,
    AST_OP_OR,
    AST_OP_ADD,
    AST_OP_SUB,
    AST_OP_MUL,
    /* binary */
    AST_OP_EQ,
    AST_OP_NE,
    AST_OP_LT,
    AST_OP_LE,
    AST_OP_GT,
    AST_OP_GE,
    AST_OP_IN,
    AST_OP_CONTAINS,
    AST_OP_CONTAINS_ALL,
    AST_OP_CONTAINS_ANY,
    AST_OP_GET_TAG,
    AST_OP_HAS_TAG,
    /* unary */
    AST_OP_NOT,
    AST_OP_NEG,
    AST_OP_IS_EMPTY,
};

/* Surface text of an operator: "&&", "containsAll", … */
const char *ast_op_text(enum ast_op op);

enum ast_kind {
    AST_BOOL,
    AST_LONG,
    AST_STRING,
    AST_ENTITY,
    AST_VAR,
    AST_SLOT,
    AST_CHAIN,  /* two or more operands of && or || ; of + and - ; of * */
    AST_BINARY, /* comparisons, in, set and tag methods */
    AST_UNARY,  /* !, -, isEmpty */
    AST_GET,    /* e.a and e["a"] */
    AST_HAS,    /* e has a.b.c */
    AST_LIKE,
    AST_IS, /* e is T [in e2] */
    AST_IF,
    AST_SET,
    AST_RECORD,
    AST_CALL, /* extension function or method: the receiver is argument 0 */
};

/* Sets, records and calls that JSON wrote as one literal, {"Value": …}, are marked `is_value`;
 * all below them are literals marked alike. It changes how they are printed, not their meaning. */

/* A `like` pattern: literal scalar values and wildcards, in order. */
#define AST_WILDCARD 0xFFFFFFFFu
struct ast_pattern {
    const uint32_t *items; /* a scalar value, or AST_WILDCARD */
    size_t count;
};

struct ast_field {
    str name;
    struct ast_span span;
    const struct ast_expr *value;
};

struct ast_expr {
    enum ast_kind kind;
    struct ast_span span;
    union {
        bool boolean;
        int64_t integer;
        str string;
        struct ast_uid uid;
        enum ast_var var;
        enum ast_slot slot;
        struct {
            size_t count;
            const struct ast_expr *const *operands;
            const uint8_t *ops; /* enum ast_op; ops[i] stands before operands[i], ops[0] unused */
        } chain;
        struct {
            enum ast_op op;
            const struct ast_expr *left;
            const struct ast_expr *right;
        } binary;
        struct {
            enum ast_op op;
            const struct ast_expr *operand;
        } unary;
        struct {
            const struct ast_expr *object;
            str attr;
        } get;
        struct {
            const struct ast_expr *object;
            const str *path; /* at least one; from JSON also names that are no identifiers */
            size_t count;
            bool is_list; /* JSON gave a list of one name */
        } has;
        struct {
            const struct ast_expr *object;
            struct ast_pattern pattern;
        } like;
        struct {
            const struct ast_expr *object;
            struct ast_name type;
            const struct ast_expr *in; /* or NULL */
        } is;
        struct {
            const struct ast_expr *test;
            const struct ast_expr *yes;
            const struct ast_expr *no;
        } cond;
        struct {
            size_t count;
            const struct ast_expr *const *items;
            bool is_value; /* see below */
        } set;
        struct {
            size_t count;
            const struct ast_field *fields; /* in source order, no duplicates */
            bool is_value;
        } record;
        struct {
            str name; /* "ip", "isInRange", … */
            bool is_method;
            bool is_value;
            bool is_list; /* … with its one argument in a list */
            size_t count;
            const struct ast_expr *const *args;
        } call;
    };
};

enum ast_scope_kind { AST_SCOPE_ANY, AST_SCOPE_EQ, AST_SCOPE_IN, AST_SCOPE_IS, AST_SCOPE_IS_IN };

/* One of the three constraints of the head. For EQ, IN, IS_IN either `slot` is set or `uid`;
 * an action's IN may have a list. */
struct ast_scope {
    enum ast_scope_kind kind;
    struct ast_span span;
    enum ast_slot slot;
    struct ast_uid uid;
    struct ast_name type; /* IS, IS_IN */
    bool is_list;         /* action in [ … ] */
    bool is_json_list;    /* … given as a list in JSON, where text makes no list of one */
    size_t list_count;
    const struct ast_uid *list;
};

struct ast_clause {
    bool is_unless;
    struct ast_span span;
    const struct ast_expr *body;
};

struct ast_annotation {
    str name;
    bool has_value; /* @name("value") against @name */
    str value;
    struct ast_span span;
};

struct ast_policy {
    str id;         /* generated: policyN */
    bool is_forbid; /* effect */
    bool is_template;
    struct ast_span span; /* from the first annotation to the semicolon */
    struct ast_scope principal;
    struct ast_scope action;
    struct ast_scope resource;
    size_t clause_count;
    const struct ast_clause *clauses;
    size_t annotation_count;
    const struct ast_annotation *annotations;
    uint32_t depth; /* deepest nesting of its clauses */
};

struct ast_policy_set {
    str source; /* the whole text */
    size_t count;
    const struct ast_policy *policies;
};

/* True when the text may be used as an attribute name after a dot or as a record key without
 * quotes: [_A-Za-z][_A-Za-z0-9]*, not one of the nine reserved words, not containing __cedar. */
bool ast_is_identifier(str text);
/* Identifiers joined by `::`, no spaces. */
bool ast_is_name(str text);

#endif
