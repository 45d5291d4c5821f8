/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_JSON_POLICY_INT_H
#define CEDAR_JSON_POLICY_INT_H
/*
 * What the files of the policy reader share; nobody else includes it.
 *
 *     policy.c        scopes, conditions, annotations
 *     policy_set.c    sets and links
 *     policy_expr.c   expressions
 *     policy_value.c  literals, entity references, type names
 *     policy_fields.c objects with known fields, and messages
 *
 * Everything belongs to one call, in one thread.
 */
#include "cedar/json/policy.h"

struct policy_reader {
    struct arena *arena;
    struct diag_list *diags;
    const struct parse_limits *limits;
    str id;            /* of the policy at hand, for messages */
    uint32_t depth;    /* open expressions */
    uint32_t height;   /* of the expression read last */
    const char *where; /* "when" or "unless" */
};

/* One field of an object; `value` is NULL when it is not there. */
struct policy_field {
    str name;
    bool is_required;
    const struct json *value;
};

static inline struct ast_span policy_span(const struct json *json) {
    return (struct ast_span){json->offset, json->end};
}

#define POLICY_FAIL(r, at, ...) \
    (diag_add((r)->diags, DIAG_ERROR, policy_span(at), __VA_ARGS__), ERR_SYNTAX)

/* ---- policy_fields.c */

/* "invalid type: integer `5`, expected a string". */
err policy_wrong_type(struct policy_reader *r, const struct json *json, const char *expected);
/* "unknown variant `x`, expected one of …"; `names` is a list of backquoted words. */
err policy_unknown_variant(struct policy_reader *r, const struct json *json, str got,
                           const char *names);
/* Fills in the values; refuses other fields when `is_strict`. `what` names the object's type. */
err policy_read_fields(struct policy_reader *r, const struct json *json, const char *what,
                       bool is_strict, struct policy_field *fields, size_t count) MUST_CHECK;
err policy_read_string(struct policy_reader *r, const struct json *json, str *ret) MUST_CHECK;

/* ---- policy_value.c */

err policy_read_value(struct policy_reader *r, const struct json *json,
                      const struct ast_expr **ret) MUST_CHECK;
/* {type, id} or {"__entity": {type, id}}. */
err policy_read_entity(struct policy_reader *r, const struct json *json,
                       struct ast_uid *ret) MUST_CHECK;
/* An entity type as a string. */
err policy_read_type(struct policy_reader *r, const struct json *json,
                     struct ast_name *ret) MUST_CHECK;

/* ---- policy_expr.c */

err policy_read_expr(struct policy_reader *r, const struct json *json,
                     const struct ast_expr **ret) MUST_CHECK;
/* Opens one level of nesting; close it with r->depth--. */
err policy_enter(struct policy_reader *r, const struct json *json) MUST_CHECK;
/* A node over parts of the height given; sets r->height. */
err policy_node(struct policy_reader *r, const struct json *json, struct ast_expr node,
                uint32_t parts_height, const struct ast_expr **ret) MUST_CHECK;

static inline uint32_t policy_higher(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

#endif
