/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: objects with one key, which says what they are. */
#include "cedar/json/policy_int.h"

#include "base/assert.h"
#include "base/utf8.h"
#include "cedar/ast/equal.h"
#include "cedar/ext/functions.h"
#include "cedar/text/print.h"

static const char variant[] = "struct variant";

err policy_enter(struct policy_reader *r, const struct json *json) {
    if (r->depth >= r->limits->max_depth) {
        diag_add(r->diags, DIAG_ERROR, policy_span(json), "this is nested too deeply");
        return ERR_LIMIT;
    }
    r->depth++;
    return ERR_OK;
}

err policy_node(struct policy_reader *r, const struct json *json, struct ast_expr node,
                uint32_t parts_height, const struct ast_expr **ret) {
    struct ast_expr *copy = ARENA_NEW(r->arena, struct ast_expr);
    if (copy == NULL) {
        return arena_error(r->arena);
    }
    *copy = node;
    copy->span = policy_span(json);
    r->height = parts_height + 1;
    *ret = copy;
    return ERR_OK;
}

/* Two parts; r->height is the taller one's. */
static err read_pair(struct policy_reader *r, const struct json *left, const struct json *right,
                     const struct ast_expr **ret_left, const struct ast_expr **ret_right) {
    TRY(policy_read_expr(r, left, ret_left));
    uint32_t height = r->height;
    TRY(policy_read_expr(r, right, ret_right));
    r->height = policy_higher(height, r->height);
    return ERR_OK;
}

/* ---- operators ---- */

enum form { FORM_CHAIN, FORM_BINARY, FORM_UNARY };

static const struct operator_row {
    str key;
    enum form form;
    enum ast_op op;
} operators[] = {
    {STR_INIT("!"), FORM_UNARY, AST_OP_NOT},
    {STR_INIT("neg"), FORM_UNARY, AST_OP_NEG},
    {STR_INIT("=="), FORM_BINARY, AST_OP_EQ},
    {STR_INIT("!="), FORM_BINARY, AST_OP_NE},
    {STR_INIT("in"), FORM_BINARY, AST_OP_IN},
    {STR_INIT("<"), FORM_BINARY, AST_OP_LT},
    {STR_INIT("<="), FORM_BINARY, AST_OP_LE},
    {STR_INIT(">"), FORM_BINARY, AST_OP_GT},
    {STR_INIT(">="), FORM_BINARY, AST_OP_GE},
    {STR_INIT("&&"), FORM_CHAIN, AST_OP_AND},
    {STR_INIT("||"), FORM_CHAIN, AST_OP_OR},
    {STR_INIT("+"), FORM_CHAIN, AST_OP_ADD},
    {STR_INIT("-"), FORM_CHAIN, AST_OP_SUB},
    {STR_INIT("*"), FORM_CHAIN, AST_OP_MUL},
    {STR_INIT("contains"), FORM_BINARY, AST_OP_CONTAINS},
    {STR_INIT("containsAll"), FORM_BINARY, AST_OP_CONTAINS_ALL},
    {STR_INIT("containsAny"), FORM_BINARY, AST_OP_CONTAINS_ANY},
    {STR_INIT("isEmpty"), FORM_UNARY, AST_OP_IS_EMPTY},
    {STR_INIT("getTag"), FORM_BINARY, AST_OP_GET_TAG},
    {STR_INIT("hasTag"), FORM_BINARY, AST_OP_HAS_TAG},
};

static const struct operator_row *operator_find(str key) {
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (str_equal(operators[i].key, key)) {
            return &operators[i];
        }
    }
    return NULL;
}

static err read_unary(struct policy_reader *r, const struct json *json, const struct json *body,
                      enum ast_op op, const struct ast_expr **ret) {
    struct policy_field arg = {STR("arg"), true, NULL};
    TRY(policy_read_fields(r, body, variant, true, &arg, 1));
    struct ast_expr node = {.kind = AST_UNARY, .unary.op = op};
    TRY(policy_read_expr(r, arg.value, &node.unary.operand));
    return policy_node(r, json, node, r->height, ret);
}

static err read_binary(struct policy_reader *r, const struct json *json, const struct json *body,
                       enum ast_op op, const struct ast_expr **ret) {
    struct policy_field sides[] = {{STR("left"), true, NULL}, {STR("right"), true, NULL}};
    TRY(policy_read_fields(r, body, variant, true, sides, 2));
    struct ast_expr node = {.kind = AST_BINARY, .binary.op = op};
    TRY(read_pair(r, sides[0].value, sides[1].value, &node.binary.left, &node.binary.right));
    return policy_node(r, json, node, r->height, ret);
}

/* The right sides of a chain that nests to the left, the last one first. */
struct link {
    enum ast_op op;
    const struct json *right;
};

struct chain {
    VEC(struct link) links;
    const struct json *first; /* what is left of all of them */
};

static err chain_unfold(struct policy_reader *r, const struct json *json, enum ast_op op,
                        struct chain *chain) {
    const struct json *body = &json->members[0].value;
    for (;;) {
        struct policy_field sides[] = {{STR("left"), true, NULL}, {STR("right"), true, NULL}};
        TRY(policy_read_fields(r, body, variant, true, sides, 2));
        if (!VEC_PUSH(r->arena, &chain->links, (struct link){op, sides[1].value})) {
            return arena_error(r->arena);
        }
        chain->first = sides[0].value;
        if (chain->first->kind != JSON_OBJECT || chain->first->count != 1) {
            return ERR_OK;
        }
        const struct operator_row *row = operator_find(chain->first->members[0].name);
        if (row == NULL || row->form != FORM_CHAIN || !ast_is_same_chain(row->op, op)) {
            return ERR_OK;
        }
        op = row->op;
        body = &chain->first->members[0].value;
    }
}

static err read_chain(struct policy_reader *r, const struct json *json, enum ast_op op,
                      const struct ast_expr **ret) {
    struct chain chain = {0};
    TRY(chain_unfold(r, json, op, &chain));
    size_t count = chain.links.count + 1;
    const struct ast_expr **operands = ARENA_ARRAY(r->arena, const struct ast_expr *, count);
    uint8_t *ops = arena_alloc(r->arena, count);
    if (operands == NULL || ops == NULL) {
        return arena_error(r->arena);
    }
    TRY(policy_read_expr(r, chain.first, &operands[0]));
    uint32_t height = r->height;
    for (size_t i = 1; i < count; i++) {
        const struct link *link = &chain.links.items[count - 1 - i];
        ops[i] = (uint8_t)link->op;
        TRY(policy_read_expr(r, link->right, &operands[i]));
        height = policy_higher(height, r->height);
    }
    struct ast_expr node = {
        .kind = AST_CHAIN,
        .chain = {.count = count, .operands = operands, .ops = ops},
    };
    return policy_node(r, json, node, height, ret);
}

/* ---- variables, attributes, patterns, types ---- */

static err read_var(struct policy_reader *r, const struct json *json, const struct json *body,
                    const struct ast_expr **ret) {
    if (body->kind != JSON_STRING) {
        return policy_wrong_type(r, body, "string or map");
    }
    for (enum ast_var var = AST_PRINCIPAL; var <= AST_CONTEXT; var++) {
        if (str_equal(body->text, print_var_text(var))) {
            return policy_node(r, json, (struct ast_expr){.kind = AST_VAR, .var = var}, 0, ret);
        }
    }
    return policy_unknown_variant(r, body, body->text,
                                  "one of `principal`, `action`, `resource`, `context`");
}

static err read_slot(struct policy_reader *r, const struct json *body) {
    str slot = STR("");
    TRY(policy_read_string(r, body, &slot));
    if (!str_equal(slot, STR("?principal")) && !str_equal(slot, STR("?resource"))) {
        return policy_unknown_variant(r, body, slot, "`?principal` or `?resource`");
    }
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, policy_span(body),
                 "found template slot %.*s in a `%s` clause", STR_FMT(slot), r->where);
    diag_help(r->diags, diag, "slots are currently unsupported in `%s` clauses", r->where);
    return ERR_SYNTAX;
}

static err read_get(struct policy_reader *r, const struct json *json, const struct json *body,
                    const struct ast_expr **ret) {
    struct policy_field fields[] = {{STR("left"), true, NULL}, {STR("attr"), true, NULL}};
    struct ast_expr node = {.kind = AST_GET};
    TRY(policy_read_fields(r, body, variant, true, fields, 2));
    TRY(policy_read_expr(r, fields[0].value, &node.get.object));
    TRY(policy_read_string(r, fields[1].value, &node.get.attr));
    return policy_node(r, json, node, r->height, ret);
}

/* A name or a list of at least one. */
static err read_path(struct policy_reader *r, const struct json *json, struct ast_expr *node) {
    const struct json *items = json->kind == JSON_ARRAY ? json->items : json;
    size_t count = json->kind == JSON_ARRAY ? json->count : 1;
    str *path = ARENA_ARRAY(r->arena, str, count);
    if (path == NULL) {
        return arena_error(r->arena);
    }
    bool is_bad = count == 0;
    for (size_t i = 0; i < count && !is_bad; i++) {
        is_bad = items[i].kind != JSON_STRING;
        if (!is_bad) {
            TRY(arena_copy(r->arena, items[i].text, &path[i]));
        }
    }
    if (is_bad) {
        return POLICY_FAIL(r, json, "data did not match any variant of untagged enum HasAttrRepr");
    }
    node->has.path = path;
    node->has.count = count;
    node->has.is_list = json->kind == JSON_ARRAY && count == 1;
    return ERR_OK;
}

static err read_has(struct policy_reader *r, const struct json *json, const struct json *body,
                    const struct ast_expr **ret) {
    struct policy_field fields[] = {{STR("left"), true, NULL}, {STR("attr"), true, NULL}};
    struct ast_expr node = {.kind = AST_HAS};
    /* The one expression whose other fields the reference ignores. */
    TRY(policy_read_fields(r, body, variant, false, fields, 2));
    TRY(policy_read_expr(r, fields[0].value, &node.has.object));
    TRY(read_path(r, fields[1].value, &node));
    return policy_node(r, json, node, r->height, ret);
}

/* Appends the characters of {"Literal": "…"}, or a wildcard; counts only when `items` is NULL. */
static err read_pattern_item(struct policy_reader *r, const struct json *json, uint32_t *items,
                             size_t *count) {
    bool is_map = json->kind == JSON_OBJECT;
    if (is_map && json->count != 1) {
        return POLICY_FAIL(r, json, "invalid value: map, expected map with a single key");
    }
    if (!is_map && json->kind != JSON_STRING) {
        return policy_wrong_type(r, json, "enum PatternElem");
    }
    str name = is_map ? json->members[0].name : json->text;
    if (!is_map && str_equal_c(name, "Wildcard")) {
        if (items != NULL) {
            items[*count] = AST_WILDCARD;
        }
        ++*count;
        return ERR_OK;
    }
    if (!is_map || !str_equal_c(name, "Literal")) {
        return policy_unknown_variant(r, json, name, "`Wildcard` or `Literal`");
    }
    const struct json *literal = &json->members[0].value;
    if (literal->kind != JSON_STRING) {
        return policy_wrong_type(r, literal, "a string");
    }
    uint32_t scalar;
    for (size_t at = 0; utf8_next(literal->text, &at, &scalar); ++*count) {
        if (items != NULL) {
            items[*count] = scalar;
        }
    }
    return ERR_OK;
}

static err read_pattern(struct policy_reader *r, const struct json *json, struct ast_pattern *ret) {
    if (json->kind != JSON_ARRAY) {
        return policy_wrong_type(r, json, "a sequence");
    }
    size_t count = 0;
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_pattern_item(r, &json->items[i], NULL, &count));
    }
    uint32_t *items = ARENA_ARRAY(r->arena, uint32_t, count);
    if (items == NULL) {
        return arena_error(r->arena);
    }
    *ret = (struct ast_pattern){items, count};
    count = 0;
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_pattern_item(r, &json->items[i], items, &count));
    }
    return ERR_OK;
}

static err read_like(struct policy_reader *r, const struct json *json, const struct json *body,
                     const struct ast_expr **ret) {
    struct policy_field fields[] = {{STR("left"), true, NULL}, {STR("pattern"), true, NULL}};
    struct ast_expr node = {.kind = AST_LIKE};
    TRY(policy_read_fields(r, body, variant, true, fields, 2));
    TRY(policy_read_expr(r, fields[0].value, &node.like.object));
    TRY(read_pattern(r, fields[1].value, &node.like.pattern));
    return policy_node(r, json, node, r->height, ret);
}

static err read_is(struct policy_reader *r, const struct json *json, const struct json *body,
                   const struct ast_expr **ret) {
    struct policy_field fields[] = {
        {STR("left"), true, NULL},
        {STR("entity_type"), true, NULL},
        {STR("in"), false, NULL},
    };
    struct ast_expr node = {.kind = AST_IS};
    TRY(policy_read_fields(r, body, variant, true, fields, 3));
    TRY(policy_read_expr(r, fields[0].value, &node.is.object));
    uint32_t height = r->height;
    TRY(policy_read_type(r, fields[1].value, &node.is.type));
    if (fields[2].value != NULL && fields[2].value->kind != JSON_NULL) {
        TRY(policy_read_expr(r, fields[2].value, &node.is.in));
        height = policy_higher(height, r->height);
    }
    return policy_node(r, json, node, height, ret);
}

static err read_if(struct policy_reader *r, const struct json *json, const struct json *body,
                   const struct ast_expr **ret) {
    struct policy_field fields[] = {
        {STR("if"), true, NULL},
        {STR("then"), true, NULL},
        {STR("else"), true, NULL},
    };
    struct ast_expr node = {.kind = AST_IF};
    TRY(policy_read_fields(r, body, variant, true, fields, 3));
    TRY(policy_read_expr(r, fields[0].value, &node.cond.test));
    uint32_t height = r->height;
    TRY(read_pair(r, fields[1].value, fields[2].value, &node.cond.yes, &node.cond.no));
    return policy_node(r, json, node, policy_higher(height, r->height), ret);
}

/* ---- lists, records, calls ---- */

static err read_list(struct policy_reader *r, const struct json *json,
                     const struct ast_expr *const **ret) {
    if (json->kind != JSON_ARRAY) {
        return policy_wrong_type(r, json, "a sequence");
    }
    const struct ast_expr **list = ARENA_ARRAY(r->arena, const struct ast_expr *, json->count);
    if (list == NULL) {
        return arena_error(r->arena);
    }
    uint32_t height = 0;
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(policy_read_expr(r, &json->items[i], &list[i]));
        height = policy_higher(height, r->height);
    }
    r->height = height;
    *ret = list;
    return ERR_OK;
}

static err read_set(struct policy_reader *r, const struct json *json, const struct json *body,
                    const struct ast_expr **ret) {
    struct ast_expr node = {.kind = AST_SET, .set.count = body->count};
    TRY(read_list(r, body, &node.set.items));
    return policy_node(r, json, node, r->height, ret);
}

static err read_record(struct policy_reader *r, const struct json *json, const struct json *body,
                       const struct ast_expr **ret) {
    if (body->kind != JSON_OBJECT) {
        return policy_wrong_type(r, body, "a map");
    }
    struct ast_field *fields = ARENA_ARRAY(r->arena, struct ast_field, body->count);
    if (fields == NULL) {
        return arena_error(r->arena);
    }
    uint32_t height = 0;
    for (uint32_t i = 0; i < body->count; i++) {
        const struct json_member *member = &body->members[i];
        fields[i].span = policy_span(&member->value);
        TRY(arena_copy(r->arena, member->name, &fields[i].name));
        TRY(policy_read_expr(r, &member->value, &fields[i].value));
        height = policy_higher(height, r->height);
    }
    struct ast_expr node = {.kind = AST_RECORD, .record = {.count = body->count, .fields = fields}};
    return policy_node(r, json, node, height, ret);
}

static err read_call(struct policy_reader *r, const struct json *json, const struct json *body,
                     const struct ast_expr **ret) {
    const struct ext_function *function = ext_function_find(json->members[0].name);
    if (function == NULL) {
        return policy_unknown_variant(
            r, json, json->members[0].name,
            "one of `Value`, `Var`, `Slot`, `!`, `neg`, `==`, `!=`, `in`, `<`, `<=`, `>`, `>=`, "
            "`&&`, `||`, `+`, `-`, `*`, `contains`, `containsAll`, `containsAny`, `isEmpty`, "
            "`getTag`, `hasTag`, `.`, `has`, `like`, `is`, `if-then-else`, `Set`, `Record`");
    }
    struct ast_expr node = {
        .kind = AST_CALL,
        .call = {.name = function->name,
                 .is_method = function->style == EXT_METHOD,
                 .count = body->count},
    };
    TRY(read_list(r, body, &node.call.args));
    return policy_node(r, json, node, r->height, ret);
}

/* ---- dispatch ---- */

typedef err read_form(struct policy_reader *r, const struct json *json, const struct json *body,
                      const struct ast_expr **ret);

static read_form *form_find(str key) {
    static const struct {
        str key;
        read_form *read;
    } forms[] = {
        {STR_INIT("Var"), read_var}, {STR_INIT("."), read_get},
        {STR_INIT("has"), read_has}, {STR_INIT("like"), read_like},
        {STR_INIT("is"), read_is},   {STR_INIT("if-then-else"), read_if},
        {STR_INIT("Set"), read_set}, {STR_INIT("Record"), read_record},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (str_equal(forms[i].key, key)) {
            return forms[i].read;
        }
    }
    return read_call;
}

static err read_inner(struct policy_reader *r, const struct json *json,
                      const struct ast_expr **ret) {
    str key = json->members[0].name;
    const struct json *body = &json->members[0].value;
    if (str_equal_c(key, "Value")) {
        return policy_read_value(r, body, ret);
    }
    if (str_equal_c(key, "Slot")) {
        return read_slot(r, body);
    }
    const struct operator_row *row = operator_find(key);
    if (row == NULL) {
        return form_find(key)(r, json, body, ret);
    }
    switch (row->form) {
    case FORM_CHAIN:
        return read_chain(r, json, row->op, ret);
    case FORM_BINARY:
        return read_binary(r, json, body, row->op, ret);
    case FORM_UNARY:
        return read_unary(r, json, body, row->op, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err policy_read_expr(struct policy_reader *r, const struct json *json,
                     const struct ast_expr **ret) {
    if (json->kind != JSON_OBJECT) {
        return policy_wrong_type(r, json, "JSON object representing an expression");
    }
    if (json->count == 0) {
        return POLICY_FAIL(r, json, "empty map is not a valid expression");
    }
    if (json->count > 1) {
        return POLICY_FAIL(r, json,
                           "JSON object representing an `Expr` should have only one key, but "
                           "found two keys: `%.*s` and `%.*s`",
                           STR_FMT(json->members[0].name), STR_FMT(json->members[1].name));
    }
    TRY(policy_enter(r, json));
    TRY(read_inner(r, json, ret));
    r->depth--;
    return ERR_OK;
}
