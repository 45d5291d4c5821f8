/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels (RFC 76): how many entities have to be looked up, one after the other, from the request
 * to what the policy asks for. `principal.manager.name` needs two: the principal and its manager.
 * What a literal points to is not part of the request, so it cannot be followed at any level.
 *
 * Works on typed trees in the environment of the checker; what has no type was complained about
 * and is passed over. Recursion is bounded by the height of the tree.
 */
#include "cedar/validate/policy_int.h"

/* Names of attributes between a place and the entity that is looked for there; the one to take
 * next is the head. */
struct path {
    str name;
    const struct path *rest;
};

static void file_too_deep(struct validator *v, struct ast_span span, uint32_t needed) {
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_LEVEL, span);
    buf_add_c(&d.message, "this policy requires level ");
    buf_add_u64(&d.message, needed);
    buf_add_c(&d.message, ", which exceeds the maximum allowed level (");
    buf_add_u64(&d.message, v->options.level);
    buf_add_byte(&d.message, ')');
    draft_file(&d);
}

static void file_literal(struct validator *v, const struct typed *typed) {
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_LEVEL_LITERAL, typed->expr->span);
    buf_add_c(&d.message, "entity literals cannot be dereferenced at any level");
    draft_file(&d);
}

static bool is_kind(const struct typed *typed, enum type_kind kind) {
    return typed->type != NULL && typed->type->kind == kind;
}

/* ---- the level of what is looked up ---- */

static uint32_t level_of(struct validator *v, struct typed *typed, const struct path *path);

static bool is_action_of_request(const struct validator *v, const struct typed *typed) {
    const struct ast_uid *uid = &typed->expr->uid;
    const struct uid *action = v->checker.env.action->uid;
    return str_equal(uid->type.text, uid_type(action)) && str_equal(uid->id, uid_id(action));
}

static uint32_t level_of_get(struct validator *v, struct typed *typed, const struct path *path) {
    struct typed *object = typed->parts[0];
    if (is_kind(object, TYPE_ENTITY)) {
        return level_of(v, object, path) + 1;
    }
    struct path longer = {typed->attr, path};
    return level_of(v, object, &longer);
}

/* Of the fields of a record literal only the one on the path is followed. */
static uint32_t level_of_record(struct validator *v, struct typed *typed, const struct path *path) {
    struct typed *taken = NULL;
    for (size_t i = 0; path != NULL && i < typed->count; i++) {
        if (str_equal(typed->fields[i]->name, path->name)) {
            taken = typed->parts[i];
        }
    }
    for (size_t i = 0; i < typed->count; i++) {
        if (typed->parts[i] != taken) {
            level_check(v, typed->parts[i]);
        }
    }
    return taken == NULL ? 0 : level_of(v, taken, path->rest);
}

static uint32_t level_of_if(struct validator *v, struct typed *typed, const struct path *path) {
    level_check(v, typed->parts[0]);
    uint32_t yes = level_of(v, typed->parts[1], path);
    uint32_t no = level_of(v, typed->parts[2], path);
    return yes > no ? yes : no;
}

/* How many look-ups lead to the entity that the expression, followed along the path, is. */
static uint32_t level_of(struct validator *v, struct typed *typed, const struct path *path) {
    switch (typed->kind) {
    case TYPED_VAR:
        return 0;
    case TYPED_SLOT:
        file_literal(v, typed);
        return 0;
    case TYPED_ENTITY:
        if (!is_action_of_request(v, typed)) {
            file_literal(v, typed);
        }
        return 0;
    case TYPED_IF:
        return level_of_if(v, typed, path);
    case TYPED_GET:
        return level_of_get(v, typed, path);
    case TYPED_GET_TAG: {
        uint32_t level = level_of(v, typed->parts[0], path);
        level_check(v, typed->parts[1]);
        return level + 1;
    }
    case TYPED_RECORD:
        return level_of_record(v, typed, path);
    case TYPED_LITERAL:
    case TYPED_LOGIC:
    case TYPED_OPERATOR:
    case TYPED_IN:
    case TYPED_HAS_TAG:
    case TYPED_HAS:
    case TYPED_HAS_PATH:
    case TYPED_TEST:
    case TYPED_SET:
    case TYPED_CALL:
        break; /* neither entities nor records: the type checker has complained */
    }
    return 0;
}

/* ---- has a.b.c ---- */

/* The look-ups of the path itself: every entity on it but the last attribute's value. */
static uint32_t level_of_steps(struct validator *v, const struct type *root, const str *names,
                               size_t count) {
    const struct type *type = root;
    uint32_t level = root->kind == TYPE_ENTITY;
    for (size_t i = 0; i + 1 < count; i++) {
        const struct type_attr *attr = types_find_attr(&v->types, type, names[i]);
        if (attr == NULL) {
            break;
        }
        level += attr->type->kind == TYPE_ENTITY;
        type = attr->type;
    }
    return level;
}

/* The part of the path up to the first entity, or NULL when only records are on it. */
static const struct path *path_to_entity(struct validator *v, const struct type *root,
                                         const str *names, size_t count) {
    struct path *path = ARENA_ARRAY(&v->temp, struct path, count);
    const struct type *type = root;
    for (size_t i = 0; path != NULL && i + 1 < count; i++) {
        const struct type_attr *attr = types_find_attr(&v->types, type, names[i]);
        if (attr == NULL) {
            return NULL;
        }
        path[i].name = names[i];
        if (attr->type->kind == TYPE_ENTITY) {
            return path;
        }
        path[i].rest = &path[i + 1];
        type = attr->type;
    }
    return NULL;
}

static void check_has_path(struct validator *v, const struct typed *typed) {
    struct typed *object = typed->parts[0];
    const struct type *root = object->type;
    const str *names = typed->expr->has.path;
    size_t count = typed->expr->has.count;
    bool is_entity = is_kind(object, TYPE_ENTITY);
    if (!is_entity && !is_kind(object, TYPE_RECORD)) {
        level_check(v, object);
        return;
    }
    uint32_t steps = level_of_steps(v, root, names, count);
    if (steps > v->options.level) {
        file_too_deep(v, typed->expr->span, steps);
        return;
    }
    const struct path *path = NULL;
    if (!is_entity) {
        level_check(v, object);
        path = path_to_entity(v, root, names, count);
    }
    if (is_entity || path != NULL) {
        uint32_t level = level_of(v, object, path);
        if (level > v->options.level - steps) {
            file_too_deep(v, typed->expr->span, level + steps);
        }
    }
}

/* ---- all expressions ---- */

/* The entity that `typed` looks something up of is the result of `object`. */
static void check_look_up(struct validator *v, const struct typed *typed, struct typed *object) {
    uint32_t level = level_of(v, object, NULL);
    if (level >= v->options.level) {
        file_too_deep(v, typed->expr->span, level + 1);
    }
}

static void check_parts(struct validator *v, const struct typed *typed) {
    for (size_t i = 0; i < typed->count; i++) {
        if (i == 0 || typed->parts[i] != typed->parts[i - 1]) {
            level_check(v, typed->parts[i]);
        }
    }
}

static void check_attr(struct validator *v, const struct typed *typed) {
    struct typed *object = typed->parts[0];
    if (is_kind(object, TYPE_ENTITY)) {
        check_look_up(v, typed, object);
    } else {
        level_check(v, object);
    }
}

/* Once each: parts may be shared. */
void level_check(struct validator *v, struct typed *typed) {
    if (typed->has_level) {
        return;
    }
    typed->has_level = true;
    switch (typed->kind) {
    case TYPED_IN:
    case TYPED_HAS_TAG:
    case TYPED_GET_TAG:
        check_look_up(v, typed, typed->parts[0]);
        level_check(v, typed->parts[1]);
        return;
    case TYPED_GET:
    case TYPED_HAS:
        check_attr(v, typed);
        return;
    case TYPED_HAS_PATH:
        check_has_path(v, typed);
        return;
    case TYPED_LITERAL:
    case TYPED_ENTITY:
    case TYPED_VAR:
    case TYPED_SLOT:
    case TYPED_IF:
    case TYPED_LOGIC:
    case TYPED_OPERATOR:
    case TYPED_TEST:
    case TYPED_SET:
    case TYPED_RECORD:
    case TYPED_CALL:
        check_parts(v, typed);
        return;
    }
}

/* Membership of principal, action or resource is one look-up. */
void level_check_scope(struct validator *v, const struct ast_scope *scope) {
    if (v->options.level == 0 && (scope->kind == AST_SCOPE_IN || scope->kind == AST_SCOPE_IS_IN)) {
        file_too_deep(v, scope->span, 1);
    }
}
