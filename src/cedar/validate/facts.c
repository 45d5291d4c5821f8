/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/facts.h"

#include "cedar/value/sort.h"

/* Nodes of what expressions say. Those with many parts are chains of pairs. */
enum shape_kind {
    SHAPE_BOOL,
    SHAPE_LONG,
    SHAPE_STRING,
    SHAPE_ENTITY,
    SHAPE_VAR,
    SHAPE_SLOT,
    SHAPE_OPERATOR, /* number: enum ast_op */
    SHAPE_GET,
    SHAPE_HAS,
    SHAPE_LIKE,
    SHAPE_IS,
    SHAPE_IF,
    SHAPE_SET,
    SHAPE_RECORD,
    SHAPE_CALL,
    SHAPE_PAIR,
    SHAPE_FIELD,
    SHAPE_FACT_ATTR,
    SHAPE_FACT_TAG,
};

struct shape {
    enum shape_kind kind;
    uint32_t left; /* parts: numbers of shapes, 0 for none */
    uint32_t right;
    uint32_t older; /* shape with the same hash */
    uint64_t number;
    str text;
    uint32_t holds; /* how often the fact holds here */
    uint32_t mark;  /* scratch of the set operations: 1 while in the set */
};

void facts_init(struct facts *f, struct arena *arena, const struct hash_key *key) {
    *f = (struct facts){.arena = arena, .key = *key};
    f->by_hash.arena = arena;
    f->by_expr.arena = arena;
}

static struct shape *shape_at(const struct facts *f, uint32_t number) {
    return f->shapes.items[number - 1];
}

/* ---- numbering ---- */

static uint64_t hash_of(const struct facts *f, const struct shape *shape) {
    uint64_t hash = hash_bytes(&f->key, shape->text);
    hash = (hash ^ shape->number) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ ((uint64_t)shape->left << 32 | shape->right)) * 0xbf58476d1ce4e5b9u;
    return hash + shape->kind;
}

static bool is_same(const struct shape *a, const struct shape *b) {
    return a->kind == b->kind && a->left == b->left && a->right == b->right &&
           a->number == b->number && str_equal(a->text, b->text);
}

static uint32_t number_of(struct facts *f, struct shape wanted) {
    uint64_t hash = hash_of(f, &wanted);
    const uint64_t *known = table_find(&f->by_hash, hash);
    uint32_t newest = known == NULL ? 0 : (uint32_t)*known;
    for (uint32_t at = newest; at != 0; at = shape_at(f, at)->older) {
        if (is_same(shape_at(f, at), &wanted)) {
            return at;
        }
    }
    struct shape *made = ARENA_NEW(f->arena, struct shape);
    if (made == NULL || !VEC_PUSH(f->arena, &f->shapes, made)) {
        return 0;
    }
    *made = wanted;
    made->older = newest;
    uint32_t number = (uint32_t)f->shapes.count;
    return table_put(&f->by_hash, hash, number) ? number : 0;
}

static uint32_t node(struct facts *f, enum shape_kind kind, uint32_t left, uint32_t right,
                     uint64_t number, str text) {
    return number_of(
        f,
        (struct shape){.kind = kind, .left = left, .right = right, .number = number, .text = text});
}

static uint32_t operation(struct facts *f, enum ast_op op, uint32_t left, uint32_t right) {
    return node(f, SHAPE_OPERATOR, left, right, (uint64_t)op, STR(""));
}

static uint32_t list_of(struct facts *f, const struct ast_expr *const *items, size_t count) {
    uint32_t list = 0;
    for (size_t i = 0; i < count; i++) {
        list = node(f, SHAPE_PAIR, list, facts_shape(f, items[i]), 0, STR(""));
    }
    return list;
}

static int compare_fields(const void *a, const void *b) {
    const struct ast_field *const *x = a;
    const struct ast_field *const *y = b;
    return str_compare((*x)->name, (*y)->name);
}

static uint32_t record_of(struct facts *f, const struct ast_expr *expr) {
    size_t count = expr->record.count;
    const struct ast_field **fields = ARENA_ARRAY(f->arena, const struct ast_field *, count);
    if (fields == NULL) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        fields[i] = &expr->record.fields[i];
    }
    sort_items(fields, count, sizeof(const struct ast_field *), compare_fields);
    uint32_t list = 0;
    for (size_t i = 0; i < count; i++) {
        list = node(f, SHAPE_FIELD, list, facts_shape(f, fields[i]->value), 0, fields[i]->name);
    }
    return node(f, SHAPE_RECORD, list, 0, count, STR(""));
}

static uint32_t chain_of(struct facts *f, const struct ast_expr *expr) {
    uint32_t left = facts_shape(f, expr->chain.operands[0]);
    for (size_t i = 1; i < expr->chain.count; i++) {
        uint32_t right = facts_shape(f, expr->chain.operands[i]);
        left = operation(f, (enum ast_op)expr->chain.ops[i], left, right);
    }
    return left;
}

static uint32_t binary_of(struct facts *f, const struct ast_expr *expr) {
    uint32_t left = facts_shape(f, expr->binary.left);
    uint32_t right = facts_shape(f, expr->binary.right);
    switch (expr->binary.op) {
    case AST_OP_NE:
        return operation(f, AST_OP_NOT, operation(f, AST_OP_EQ, left, right), 0);
    case AST_OP_GT:
        return operation(f, AST_OP_NOT, operation(f, AST_OP_LE, left, right), 0);
    case AST_OP_GE:
        return operation(f, AST_OP_NOT, operation(f, AST_OP_LT, left, right), 0);
    default: /* the others are what they are */
        return operation(f, expr->binary.op, left, right);
    }
}

static uint32_t has_of(struct facts *f, const struct ast_expr *expr) {
    uint32_t shape = facts_shape(f, expr->has.object);
    for (size_t i = 0; i < expr->has.count; i++) {
        shape = node(f, SHAPE_HAS, shape, 0, expr->has.count, expr->has.path[i]);
    }
    return shape;
}

static uint32_t is_of(struct facts *f, const struct ast_expr *expr) {
    uint32_t object = facts_shape(f, expr->is.object);
    uint32_t is = node(f, SHAPE_IS, object, 0, 0, expr->is.type.text);
    if (expr->is.in == NULL) {
        return is;
    }
    return operation(f, AST_OP_AND, is,
                     operation(f, AST_OP_IN, object, facts_shape(f, expr->is.in)));
}

static uint32_t if_of(struct facts *f, const struct ast_expr *expr) {
    uint32_t branches = node(f, SHAPE_PAIR, facts_shape(f, expr->cond.yes),
                             facts_shape(f, expr->cond.no), 0, STR(""));
    return node(f, SHAPE_IF, facts_shape(f, expr->cond.test), branches, 0, STR(""));
}

static uint32_t like_of(struct facts *f, const struct ast_expr *expr) {
    const struct ast_pattern *pattern = &expr->like.pattern;
    str items = str_make((const char *)pattern->items, pattern->count * sizeof *pattern->items);
    return node(f, SHAPE_LIKE, facts_shape(f, expr->like.object), 0, pattern->count, items);
}

static uint32_t shape_of(struct facts *f, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
        return node(f, SHAPE_BOOL, 0, 0, expr->boolean, STR(""));
    case AST_LONG:
        return node(f, SHAPE_LONG, 0, 0, (uint64_t)expr->integer, STR(""));
    case AST_STRING:
        return node(f, SHAPE_STRING, 0, 0, 0, expr->string);
    case AST_ENTITY:
        return node(f, SHAPE_ENTITY, node(f, SHAPE_STRING, 0, 0, 0, expr->uid.type.text), 0, 0,
                    expr->uid.id);
    case AST_VAR:
        return node(f, SHAPE_VAR, 0, 0, expr->var, STR(""));
    case AST_SLOT:
        return node(f, SHAPE_SLOT, 0, 0, expr->slot, STR(""));
    case AST_CHAIN:
        return chain_of(f, expr);
    case AST_BINARY:
        return binary_of(f, expr);
    case AST_UNARY:
        return operation(f, expr->unary.op, facts_shape(f, expr->unary.operand), 0);
    case AST_GET:
        return facts_get(f, facts_shape(f, expr->get.object), expr->get.attr);
    case AST_HAS:
        return has_of(f, expr);
    case AST_LIKE:
        return like_of(f, expr);
    case AST_IS:
        return is_of(f, expr);
    case AST_IF:
        return if_of(f, expr);
    case AST_SET:
        return node(f, SHAPE_SET, list_of(f, expr->set.items, expr->set.count), 0, 0, STR(""));
    case AST_RECORD:
        return record_of(f, expr);
    case AST_CALL:
        return node(f, SHAPE_CALL, list_of(f, expr->call.args, expr->call.count), 0, 0,
                    expr->call.name);
    }
    return 0;
}

uint32_t facts_shape(struct facts *f, const struct ast_expr *expr) {
    const uint64_t *known = table_find(&f->by_expr, table_key(expr));
    if (known != NULL) {
        return (uint32_t)*known;
    }
    uint32_t shape = shape_of(f, expr);
    return table_put(&f->by_expr, table_key(expr), shape) ? shape : 0;
}

uint32_t facts_get(struct facts *f, uint32_t object, str attr) {
    return node(f, SHAPE_GET, object, 0, 0, attr);
}

uint32_t facts_attr(struct facts *f, uint32_t object, str attr) {
    return node(f, SHAPE_FACT_ATTR, object, 0, 0, attr);
}

uint32_t facts_tag(struct facts *f, uint32_t object, uint32_t tag) {
    return node(f, SHAPE_FACT_TAG, object, tag, 0, STR(""));
}

/* ---- what holds ---- */

bool facts_holds(const struct facts *f, uint32_t fact) {
    return fact != 0 && shape_at(f, fact)->holds > 0;
}

void facts_enter(struct facts *f, struct fact_set set) {
    for (uint32_t i = 0; i < set.count; i++) {
        shape_at(f, set.items[i])->holds++;
    }
}

void facts_leave(struct facts *f, struct fact_set set) {
    for (uint32_t i = 0; i < set.count; i++) {
        shape_at(f, set.items[i])->holds--;
    }
}

/* ---- sets ---- */

static void mark(struct facts *f, struct fact_set set, uint32_t value) {
    for (uint32_t i = 0; i < set.count; i++) {
        shape_at(f, set.items[i])->mark = value;
    }
}

struct fact_set facts_union(struct facts *f, struct arena *arena, struct fact_set a,
                            struct fact_set b) {
    if (a.count == 0 || b.count == 0) {
        return a.count == 0 ? b : a;
    }
    uint32_t *items = ARENA_ARRAY(arena, uint32_t, (size_t)a.count + b.count);
    if (items == NULL) {
        return (struct fact_set){0, NULL};
    }
    memcpy(items, a.items, a.count * sizeof *items);
    uint32_t count = a.count;
    mark(f, a, 1);
    for (uint32_t i = 0; i < b.count; i++) {
        if (shape_at(f, b.items[i])->mark == 0) {
            items[count++] = b.items[i];
        }
    }
    mark(f, a, 0);
    return (struct fact_set){count, items};
}

struct fact_set facts_intersection(struct facts *f, struct arena *arena, struct fact_set a,
                                   struct fact_set b) {
    if (a.count == 0 || b.count == 0) {
        return (struct fact_set){0, NULL};
    }
    uint32_t *items = ARENA_ARRAY(arena, uint32_t, a.count < b.count ? a.count : b.count);
    if (items == NULL) {
        return (struct fact_set){0, NULL};
    }
    uint32_t count = 0;
    mark(f, a, 1);
    for (uint32_t i = 0; i < b.count; i++) {
        struct shape *shape = shape_at(f, b.items[i]);
        if (shape->mark != 0) {
            items[count++] = b.items[i];
            shape->mark = 0; /* once, so that there is room */
        }
    }
    mark(f, a, 0);
    return (struct fact_set){count, items};
}

struct fact_set facts_one(struct arena *arena, uint32_t fact) {
    uint32_t *items = fact == 0 ? NULL : ARENA_NEW(arena, uint32_t);
    if (items == NULL) {
        return (struct fact_set){0, NULL};
    }
    *items = fact;
    return (struct fact_set){1, items};
}
