/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes: access, and the tests that make access safe. */
#include "cedar/validate/check_int.h"

/* Is the fact that the expression has the attribute at hand? */
static bool is_known(struct checker *c, const struct ast_expr *object, str attr) {
    uint32_t shape = facts_shape(&c->facts, object);
    return facts_holds(&c->facts, facts_attr(&c->facts, shape, attr));
}

struct answer check_get(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_object(c, NULL);
    struct answer object = check_expect(c, expr->get.object, &want);
    struct typed *typed = typed_new(c, TYPED_GET, expr, NULL, 1);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = object.typed;
    typed->attr = expr->get.attr;
    const struct type *type = answer_type(object);
    if (type == NULL) {
        return answer_plain(typed, false);
    }
    const struct type_attr *attr = types_find_attr(c->types, type, expr->get.attr);
    if (attr == NULL) {
        file_no_attribute(c, expr->span, object.typed, expr->get.attr);
        return answer_plain(typed, false);
    }
    typed->type = attr->type;
    if (!attr->is_required && !is_known(c, expr->get.object, expr->get.attr)) {
        file_optional(c, expr->span, object.typed, expr->get.attr);
        return answer_plain(typed, false);
    }
    return answer_plain(typed, object.is_right);
}

/* ---- has ---- */

static struct answer check_has_one(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_object(c, help_contains_or_like);
    struct answer object = check_expect(c, expr->has.object, &want);
    struct typed *typed = typed_new(c, TYPED_HAS, expr, types_simple(c->types, TYPE_BOOL), 1);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = object.typed;
    const struct type *type = answer_type(object);
    str name = expr->has.path[0];
    if (type == NULL) {
        return answer_plain(typed, false);
    }
    const struct type_attr *attr = types_find_attr(c->types, type, name);
    if (attr == NULL) {
        if (!type_may_have_attr(type, name)) {
            typed->type = types_bool(c->types, false);
        }
        return answer_plain(typed, object.is_right);
    }
    /* An entity may be missing, then it has no attributes at all. */
    uint32_t fact = facts_attr(&c->facts, facts_shape(&c->facts, expr->has.object), name);
    bool is_there = attr->is_required && type->kind == TYPE_RECORD;
    if (is_there || facts_holds(&c->facts, fact)) {
        typed->type = types_bool(c->types, true);
    }
    return answer_make(typed, object.is_right, facts_one(c->temp, fact));
}

/* A walk along `has a.b.c`. */
struct path_walk {
    struct checker *c;
    const struct ast_expr *expr;
    struct typed *object; /* of this step */
    uint32_t shape;       /* of it */
    struct ast_span span; /* of it */
    VEC(enum type_kind) results;
    VEC(uint32_t) facts; /* one per result; 0: none */
    size_t entered;
};

static bool push_step(struct path_walk *w, enum type_kind result, uint32_t fact) {
    struct arena *a = w->c->temp;
    return VEC_PUSH(a, &w->results, result) && VEC_PUSH(a, &w->facts, fact);
}

/* False after a finding, or when nothing is known. */
static bool test_step(struct path_walk *w, str name) {
    struct checker *c = w->c;
    const struct type *type = w->object->type;
    if (type == NULL) {
        return false;
    }
    if (!type_is_entity(type) && type->kind != TYPE_RECORD) {
        struct want want = want_object(c, help_contains_or_like);
        file_unexpected(c, w->span, &want, type);
        return false;
    }
    const struct type_attr *attr = types_find_attr(c->types, type, name);
    if (attr == NULL) {
        return push_step(w, type_may_have_attr(type, name) ? TYPE_BOOL : TYPE_FALSE, 0);
    }
    uint32_t fact = facts_attr(&c->facts, w->shape, name);
    bool is_there = attr->is_required && type->kind == TYPE_RECORD;
    if (is_there || facts_holds(&c->facts, fact)) {
        return push_step(w, TYPE_TRUE, 0);
    }
    return push_step(w, TYPE_BOOL, fact);
}

static bool get_step(struct path_walk *w, str name) {
    struct checker *c = w->c;
    const struct type_attr *attr = types_find_attr(c->types, w->object->type, name);
    uint32_t fact = facts_attr(&c->facts, w->shape, name);
    if (attr == NULL) {
        file_no_attribute(c, w->span, w->object, name);
        return false;
    }
    if (!attr->is_required && !facts_holds(&c->facts, fact)) {
        file_optional(c, w->span, w->object, name);
        return false;
    }
    struct typed *next = typed_new(c, TYPED_GET, w->expr, attr->type, 1);
    if (next == c->lost) {
        return false;
    }
    next->parts[0] = w->object;
    next->attr = name;
    w->object = next;
    w->shape = facts_get(&c->facts, w->shape, name);
    w->span = w->expr->span;
    return true;
}

static void enter_steps(struct path_walk *w) {
    for (; w->entered < w->facts.count; w->entered++) {
        uint32_t fact = w->facts.items[w->entered];
        facts_enter(&w->c->facts, (struct fact_set){fact != 0, &fact});
    }
}

static void leave_steps(struct path_walk *w) {
    for (size_t i = 0; i < w->entered; i++) {
        uint32_t fact = w->facts.items[i];
        facts_leave(&w->c->facts, (struct fact_set){fact != 0, &fact});
    }
}

static bool walk_path(struct path_walk *w) {
    size_t count = w->expr->has.count;
    bool is_right = true;
    for (size_t i = 0; is_right && i < count; i++) {
        str name = w->expr->has.path[i];
        is_right = test_step(w, name);
        if (!is_right || i + 1 == count || w->results.items[i] == TYPE_FALSE) {
            break;
        }
        enter_steps(w);
        is_right = get_step(w, name);
    }
    leave_steps(w);
    return is_right;
}

/* The steps as a conjunction: from right to left, as it nests. */
static struct answer join_steps(struct path_walk *w, struct typed *typed, bool is_right) {
    enum type_kind result = TYPE_TRUE;
    VEC(uint32_t) facts = {0};
    for (size_t i = w->results.count; i > 0; i--) {
        enum type_kind step = w->results.items[i - 1];
        bool is_last = i == w->results.count;
        if (!is_last && result == TYPE_FALSE) {
            facts.count = 0;
            continue;
        }
        if (is_last || result == TYPE_TRUE) {
            result = step;
        }
        uint32_t fact = w->facts.items[i - 1];
        if (fact != 0 && !VEC_PUSH(w->c->temp, &facts, fact)) {
            break; /* the arena remembers */
        }
    }
    typed->type = types_simple(w->c->types, result);
    return answer_make(typed, is_right, (struct fact_set){(uint32_t)facts.count, facts.items});
}

static struct answer check_has_path(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_object(c, help_contains_or_like);
    struct answer object = check_expect(c, expr->has.object, &want);
    struct typed *typed = typed_new(c, TYPED_HAS_PATH, expr, types_simple(c->types, TYPE_BOOL), 1);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = object.typed;
    struct path_walk walk = {
        .c = c,
        .expr = expr,
        .object = object.typed,
        .shape = facts_shape(&c->facts, expr->has.object),
        .span = expr->has.object->span,
    };
    if (!walk_path(&walk)) {
        return answer_plain(typed, false);
    }
    return join_steps(&walk, typed, object.is_right);
}

struct answer check_has(struct checker *c, const struct ast_expr *expr) {
    return expr->has.count == 1 ? check_has_one(c, expr) : check_has_path(c, expr);
}
