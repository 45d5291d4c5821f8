/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/lower_int.h"

#include "base/assert.h"
#include "cedar/value/sort.h"

struct node *lowering_node(struct lowering *l, enum node_kind kind) {
    struct node *node = ARENA_NEW(l->arena, struct node);
    if (node != NULL) {
        node->kind = kind;
    }
    return node;
}

err lowering_uid(struct lowering *l, const struct ast_uid *ast, const struct uid **ret) {
    struct uid *uid = ARENA_NEW(l->arena, struct uid);
    if (uid == NULL) {
        return arena_error(l->arena);
    }
    str type;
    str id;
    TRY(arena_copy(l->arena, ast->type.text, &type));
    TRY(arena_copy(l->arena, ast->id, &id));
    *uid = uid_make(l->options->key, type, id);
    *ret = uid;
    return ERR_OK;
}

static err constant(struct lowering *l, struct value value, const struct node **ret) {
    struct node *node = lowering_node(l, NODE_CONST);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    node->constant = value;
    *ret = node;
    return ERR_OK;
}

static err lower_string(struct lowering *l, str text, const struct node **ret) {
    str copy;
    TRY(arena_copy(l->arena, text, &copy));
    return constant(l, value_string(copy), ret);
}

static err lower_entity(struct lowering *l, const struct ast_uid *ast, const struct node **ret) {
    const struct uid *uid;
    TRY(lowering_uid(l, ast, &uid));
    return constant(l, value_entity(uid), ret);
}

static enum program_var var_of(enum ast_var var) {
    switch (var) {
    case AST_PRINCIPAL:
        return VAR_PRINCIPAL;
    case AST_ACTION:
        return VAR_ACTION;
    case AST_RESOURCE:
        return VAR_RESOURCE;
    case AST_CONTEXT:
        return VAR_CONTEXT;
    }
    NOT_REACHED();
    return VAR_CONTEXT;
}

static err lower_var(struct lowering *l, enum ast_var var, const struct node **ret) {
    struct node *node = lowering_node(l, NODE_VAR);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    node->var = var_of(var);
    *ret = node;
    return ERR_OK;
}

static err lower_all(struct lowering *l, const struct ast_expr *const *items, size_t count,
                     const struct node *const **ret) {
    const struct node **nodes = ARENA_ARRAY(l->arena, const struct node *, count);
    if (nodes == NULL) {
        return arena_error(l->arena);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(lowering_expr(l, items[i], &nodes[i]));
    }
    *ret = nodes;
    return ERR_OK;
}

static bool all_constant(const struct node *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind != NODE_CONST) {
            return false;
        }
    }
    return true;
}

/* ---- operators ---- */

static err unary(struct lowering *l, enum node_kind kind, const struct node *operand,
                 const struct node **ret) {
    struct node *node = lowering_node(l, kind);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    node->operand = operand;
    *ret = node;
    return ERR_OK;
}

err lowering_not(struct lowering *l, const struct node *operand, const struct node **ret) {
    return unary(l, NODE_NOT, operand, ret);
}

static err lower_unary(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    const struct node *operand;
    TRY(lowering_expr(l, expr->unary.operand, &operand));
    enum ast_op op = expr->unary.op;
    if (!HOLDS(op == AST_OP_NOT || op == AST_OP_NEG || op == AST_OP_IS_EMPTY)) {
        return ERR_INTERNAL;
    }
    enum node_kind kind = op == AST_OP_NOT ? NODE_NOT : op == AST_OP_NEG ? NODE_NEG : NODE_IS_EMPTY;
    return unary(l, kind, operand, ret);
}

static err lower_logic(struct lowering *l, enum node_kind kind, const struct ast_expr *expr,
                       const struct node **ret) {
    struct node *node = lowering_node(l, kind);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    TRY(lower_all(l, expr->chain.operands, expr->chain.count, &node->list.items));
    node->list.count = expr->chain.count;
    *ret = node;
    return ERR_OK;
}

static err lower_arith(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    struct node *node = lowering_node(l, NODE_ARITH);
    uint8_t *ops = ARENA_ARRAY(l->arena, uint8_t, expr->chain.count);
    if (node == NULL || ops == NULL) {
        return arena_error(l->arena);
    }
    for (size_t i = 1; i < expr->chain.count; i++) {
        enum ast_op op = expr->chain.ops[i];
        if (!HOLDS(op == AST_OP_ADD || op == AST_OP_SUB || op == AST_OP_MUL)) {
            return ERR_INTERNAL;
        }
        ops[i] = op == AST_OP_ADD ? ARITH_ADD : op == AST_OP_SUB ? ARITH_SUB : ARITH_MUL;
    }
    TRY(lower_all(l, expr->chain.operands, expr->chain.count, &node->arith.operands));
    node->arith.ops = ops;
    node->arith.count = expr->chain.count;
    *ret = node;
    return ERR_OK;
}

static err lower_chain(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    if (!HOLDS(expr->chain.count >= 2)) {
        return ERR_INTERNAL;
    }
    enum ast_op op = expr->chain.ops[1];
    if (op == AST_OP_AND || op == AST_OP_OR) {
        return lower_logic(l, op == AST_OP_AND ? NODE_AND : NODE_OR, expr, ret);
    }
    return lower_arith(l, expr, ret);
}

/* A surface operator is a node, or the negation of one. */
struct binary_form {
    enum ast_op op;
    enum node_kind kind;
    bool is_negated;
};

static const struct binary_form *binary_form(enum ast_op op) {
    static const struct binary_form forms[] = {
        {AST_OP_EQ, NODE_EQ, false},
        {AST_OP_NE, NODE_EQ, true},
        {AST_OP_LT, NODE_LESS, false},
        {AST_OP_LE, NODE_LESS_EQ, false},
        {AST_OP_GT, NODE_LESS_EQ, true},
        {AST_OP_GE, NODE_LESS, true},
        {AST_OP_IN, NODE_IN, false},
        {AST_OP_CONTAINS, NODE_CONTAINS, false},
        {AST_OP_CONTAINS_ALL, NODE_CONTAINS_ALL, false},
        {AST_OP_CONTAINS_ANY, NODE_CONTAINS_ANY, false},
        {AST_OP_GET_TAG, NODE_GET_TAG, false},
        {AST_OP_HAS_TAG, NODE_HAS_TAG, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (forms[i].op == op) {
            return &forms[i];
        }
    }
    return NULL;
}

static err lower_binary(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    const struct binary_form *form = binary_form(expr->binary.op);
    if (!HOLDS(form != NULL)) {
        return ERR_INTERNAL;
    }
    struct node *node = lowering_node(l, form->kind);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    TRY(lowering_expr(l, expr->binary.left, &node->binary.left));
    TRY(lowering_expr(l, expr->binary.right, &node->binary.right));
    if (form->is_negated) {
        return lowering_not(l, node, ret);
    }
    *ret = node;
    return ERR_OK;
}

/* ---- members ---- */

/* a.b.c is one node with a path, however long. */
static err lower_get(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    size_t count = 0;
    const struct ast_expr *object = expr;
    for (; object->kind == AST_GET; object = object->get.object) {
        count++;
    }
    struct node *node = lowering_node(l, NODE_GET);
    str *path = ARENA_ARRAY(l->arena, str, count);
    if (node == NULL || path == NULL) {
        return arena_error(l->arena);
    }
    TRY(lowering_expr(l, object, &node->member.object));
    size_t i = count;
    for (const struct ast_expr *step = expr; step != object; step = step->get.object) {
        TRY(arena_copy(l->arena, step->get.attr, &path[--i]));
    }
    node->member.path = path;
    node->member.count = count;
    *ret = node;
    return ERR_OK;
}

static err lower_has(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    struct node *node = lowering_node(l, NODE_HAS);
    str *path = ARENA_ARRAY(l->arena, str, expr->has.count);
    if (node == NULL || path == NULL) {
        return arena_error(l->arena);
    }
    TRY(lowering_expr(l, expr->has.object, &node->member.object));
    for (size_t i = 0; i < expr->has.count; i++) {
        TRY(arena_copy(l->arena, expr->has.path[i], &path[i]));
    }
    node->member.path = path;
    node->member.count = expr->has.count;
    *ret = node;
    return ERR_OK;
}

static err lower_like(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    const struct ast_pattern *pattern = &expr->like.pattern;
    struct node *node = lowering_node(l, NODE_LIKE);
    uint32_t *items = ARENA_ARRAY(l->arena, uint32_t, pattern->count);
    if (node == NULL || items == NULL) {
        return arena_error(l->arena);
    }
    TRY(lowering_expr(l, expr->like.object, &node->like.object));
    size_t count = 0;
    for (size_t i = 0; i < pattern->count; i++) {
        bool is_wildcard = pattern->items[i] == AST_WILDCARD;
        if (!is_wildcard || count == 0 || items[count - 1] != PATTERN_WILDCARD) {
            items[count++] = is_wildcard ? PATTERN_WILDCARD : pattern->items[i];
        }
    }
    node->like.pattern = (struct pattern){items, count};
    *ret = node;
    return ERR_OK;
}

static err lower_is(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    struct node *node = lowering_node(l, NODE_IS);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    TRY(lowering_expr(l, expr->is.object, &node->is.object));
    TRY(arena_copy(l->arena, expr->is.type.text, &node->is.type));
    if (expr->is.in != NULL) {
        TRY(lowering_expr(l, expr->is.in, &node->is.in));
    }
    *ret = node;
    return ERR_OK;
}

static err lower_if(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    struct node *node = lowering_node(l, NODE_IF);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    TRY(lowering_expr(l, expr->cond.test, &node->cond.test));
    TRY(lowering_expr(l, expr->cond.yes, &node->cond.yes));
    TRY(lowering_expr(l, expr->cond.no, &node->cond.no));
    *ret = node;
    return ERR_OK;
}

/* ---- collections and calls ---- */

static err constant_set(struct lowering *l, const struct node *const *items, size_t count,
                        const struct node **ret) {
    struct value *values = ARENA_ARRAY(l->arena, struct value, count);
    if (values == NULL) {
        return arena_error(l->arena);
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = items[i]->constant;
    }
    struct value set;
    TRY(value_set_adopt(l->arena, values, count, &set));
    return constant(l, set, ret);
}

static err lower_set(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    size_t count = expr->set.count;
    const struct node *const *items;
    TRY(lower_all(l, expr->set.items, count, &items));
    if (all_constant(items, count)) {
        return constant_set(l, items, count, ret);
    }
    struct node *node = lowering_node(l, NODE_SET);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    node->list.items = items;
    node->list.count = count;
    *ret = node;
    return ERR_OK;
}

static int compare_fields(const void *a, const void *b) {
    const struct node_field *left = a;
    const struct node_field *right = b;
    return str_compare(left->name, right->name);
}

static err constant_record(struct lowering *l, const struct node_field *fields, size_t count,
                           const struct node **ret) {
    struct value_field *values = ARENA_ARRAY(l->arena, struct value_field, count);
    if (values == NULL) {
        return arena_error(l->arena);
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct value_field){fields[i].name, fields[i].value->constant};
    }
    struct value record;
    TRY(value_record_adopt(l->arena, values, count, &record));
    return constant(l, record, ret);
}

static err lower_record(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    size_t count = expr->record.count;
    struct node_field *fields = ARENA_ARRAY(l->arena, struct node_field, count);
    struct node *node = lowering_node(l, NODE_RECORD);
    if (fields == NULL || node == NULL) {
        return arena_error(l->arena);
    }
    bool is_constant = true;
    for (size_t i = 0; i < count; i++) {
        TRY(arena_copy(l->arena, expr->record.fields[i].name, &fields[i].name));
        TRY(lowering_expr(l, expr->record.fields[i].value, &fields[i].value));
        is_constant = is_constant && fields[i].value->kind == NODE_CONST;
    }
    if (is_constant) {
        return constant_record(l, fields, count, ret);
    }
    sort_items(fields, count, sizeof *fields, compare_fields);
    node->record.fields = fields;
    node->record.count = count;
    *ret = node;
    return ERR_OK;
}

/* Makes the value of `ip("10.0.0.1")` now. *ret stays NULL when the call is not of that kind or
 * fails: then it is made, or fails, each time it is evaluated. */
static err fold_constructor(struct lowering *l, const struct ext_function *function,
                            const struct node *const *args, size_t count, const struct node **ret) {
    if (!ext_function_is_constructor(function) || count != 1 || !all_constant(args, count)) {
        return ERR_OK;
    }
    struct arena_mark mark = arena_mark(l->arena);
    struct value value;
    struct ext_error ignored = {0};
    err error = ext_call(function, l->arena, &args[0]->constant, 1, &value, &ignored);
    if (error == ERR_OK) {
        return constant(l, value, ret);
    }
    if (error == ERR_NOMEM || error == ERR_LIMIT) {
        return error;
    }
    arena_reset(l->arena, mark);
    return ERR_OK;
}

static err lower_call(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    const struct ext_function *function = ext_function_find(expr->call.name);
    if (function == NULL) {
        return ERR_UNKNOWN; /* the parser lets no other name through */
    }
    const struct node *const *args;
    TRY(lower_all(l, expr->call.args, expr->call.count, &args));
    const struct node *folded = NULL;
    TRY(fold_constructor(l, function, args, expr->call.count, &folded));
    if (folded != NULL) {
        *ret = folded;
        return ERR_OK;
    }
    struct node *node = lowering_node(l, NODE_CALL);
    if (node == NULL) {
        return arena_error(l->arena);
    }
    node->call.function = function;
    node->call.args = args;
    node->call.count = expr->call.count;
    *ret = node;
    return ERR_OK;
}

static err dispatch(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    switch (expr->kind) {
    case AST_BOOL:
        return constant(l, value_bool(expr->boolean), ret);
    case AST_LONG:
        return constant(l, value_long(expr->integer), ret);
    case AST_STRING:
        return lower_string(l, expr->string, ret);
    case AST_ENTITY:
        return lower_entity(l, &expr->uid, ret);
    case AST_VAR:
        return lower_var(l, expr->var, ret);
    case AST_SLOT:
        return ERR_UNSUPPORTED; /* the parser lets slots stand in scopes only */
    case AST_CHAIN:
        return lower_chain(l, expr, ret);
    case AST_BINARY:
        return lower_binary(l, expr, ret);
    case AST_UNARY:
        return lower_unary(l, expr, ret);
    case AST_GET:
        return lower_get(l, expr, ret);
    case AST_HAS:
        return lower_has(l, expr, ret);
    case AST_LIKE:
        return lower_like(l, expr, ret);
    case AST_IS:
        return lower_is(l, expr, ret);
    case AST_IF:
        return lower_if(l, expr, ret);
    case AST_SET:
        return lower_set(l, expr, ret);
    case AST_RECORD:
        return lower_record(l, expr, ret);
    case AST_CALL:
        return lower_call(l, expr, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err lowering_expr(struct lowering *l, const struct ast_expr *expr, const struct node **ret) {
    if (++l->depth > l->options->max_depth) {
        return ERR_RANGE;
    }
    if (l->nodes < UINT32_MAX) {
        l->nodes++;
    }
    err error = dispatch(l, expr, ret);
    l->depth--;
    return error;
}
