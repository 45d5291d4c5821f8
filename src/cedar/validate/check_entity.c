/* SPDX-License-Identifier: Apache-2.0 */
/* Entity literals, in, is, tags. */
#include "cedar/validate/check_int.h"

/* ---- literals ---- */

static const struct schema_action *action_of(struct checker *c, const struct ast_uid *uid) {
    struct uid key = uid_make(&c->schema->key, uid->type.text, uid->id);
    return schema_find_action(c->schema, &key);
}

/* What is not declared has no type; the pass over names says so. */
struct answer check_entity(struct checker *c, const struct ast_expr *expr) {
    const struct schema_entity_type *entity = NULL;
    if (c->has_no_schema) {
        return answer_plain(typed_new(c, TYPED_ENTITY, expr, NULL, 0), true);
    }
    if (schema_name_is_action(expr->uid.type.text)) {
        const struct schema_action *action = action_of(c, &expr->uid);
        entity = action == NULL ? NULL : action->type;
    } else {
        entity = schema_find_entity_type(c->schema, expr->uid.type.text);
    }
    const struct type *type = entity == NULL ? NULL : types_of_entity(c->types, entity);
    return answer_plain(typed_new(c, TYPED_ENTITY, expr, type, 0), type != NULL);
}

/* ---- in ---- */

/* The uid of a literal or of the action; false for other expressions. */
static bool uid_of(struct checker *c, const struct ast_expr *expr, struct uid *ret) {
    if (expr->kind == AST_VAR && expr->var == AST_ACTION) {
        *ret = *c->env.action->uid;
        return true;
    }
    if (expr->kind != AST_ENTITY) {
        return false;
    }
    *ret = uid_make(&c->schema->key, expr->uid.type.text, expr->uid.id);
    return true;
}

bool check_action_in(const struct schema_action *action, const struct uid *group) {
    if (uid_equal(action->uid, group)) {
        return true;
    }
    for (size_t i = 0; i < action->ancestor_count; i++) {
        if (uid_equal(action->ancestors[i], group)) {
            return true;
        }
    }
    return false;
}

/* An action in literals: the schema knows. NULL when this is not such a case. */
static const struct type *type_of_action_in(struct checker *c, const struct ast_expr *left,
                                            const struct ast_expr *right) {
    struct uid uid;
    bool is_set = right->kind == AST_SET;
    size_t count = is_set ? right->set.count : 1;
    if (c->has_no_schema || !uid_of(c, left, &uid) || !schema_name_is_action(uid_type(&uid))) {
        return NULL;
    }
    const struct schema_action *action = schema_find_action(c->schema, &uid);
    bool is_in = false;
    for (size_t i = 0; i < count; i++) {
        struct uid group;
        if (!uid_of(c, is_set ? right->set.items[i] : right, &group)) {
            return NULL;
        }
        is_in = is_in || (action != NULL && check_action_in(action, &group));
    }
    return types_bool(c->types, is_in);
}

/* Can an action of type `type` be in one of type `group`? */
static bool is_action_type_below(const struct schema *schema, const struct schema_entity_type *type,
                                 const struct schema_entity_type *group) {
    for (size_t i = 0; i < schema->action_count; i++) {
        const struct schema_action *action = schema->actions[i];
        for (size_t j = 0; action->type == type && j < action->ancestor_count; j++) {
            if (str_equal(uid_type(action->ancestors[j]), group->name)) {
                return true;
            }
        }
    }
    return false;
}

bool check_may_be_in(const struct schema *schema, const struct schema_entity_type *type,
                     const struct schema_entity_type *group) {
    if (type == group) {
        return true;
    }
    return type->kind == SCHEMA_ENTITY_ACTION ? is_action_type_below(schema, type, group)
                                              : schema_type_is_below(type, group);
}

static bool may_be_in(struct checker *c, const struct type *left, const struct type *right) {
    for (size_t i = 0; i < left->entities.count; i++) {
        for (size_t j = 0; j < right->entities.count; j++) {
            if (check_may_be_in(c->schema, left->entities.items[i], right->entities.items[j])) {
                return true;
            }
        }
    }
    return false;
}

static const struct type *type_of_in(struct checker *c, const struct ast_expr *left,
                                     const struct type *left_type, const struct ast_expr *right,
                                     const struct type *right_type) {
    const struct type *exact = type_of_action_in(c, left, right);
    if (exact != NULL) {
        return exact;
    }
    const struct type *above = right_type->kind == TYPE_SET ? right_type->element : right_type;
    bool is_never = left_type->kind == TYPE_ENTITY && above != NULL && above->kind == TYPE_ENTITY &&
                    !may_be_in(c, left_type, above);
    return is_never ? types_bool(c->types, false) : types_simple(c->types, TYPE_BOOL);
}

static enum help help_contains(const struct type *actual) {
    IGNORE(actual); /* whatever it is, it is not an entity */
    return HELP_CONTAINS;
}

struct answer check_in(struct checker *c, const struct ast_expr *expr, const struct ast_expr *left,
                       struct answer object, const struct ast_expr *right) {
    struct want want_left = want_one(types_simple(c->types, TYPE_ANY_ENTITY), help_contains);
    struct want want_right = {
        .count = 2,
        .types = {c->types->any_entity_set, types_simple(c->types, TYPE_ANY_ENTITY)},
        .help = help_contains_or_like,
    };
    struct answer a = check_fits(c, object, &want_left);
    struct answer b = check_expect(c, right, &want_right);
    struct typed *typed = typed_new(c, TYPED_IN, expr, types_simple(c->types, TYPE_BOOL), 2);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = a.typed;
    typed->parts[1] = b.typed;
    bool is_right = a.is_right && b.is_right;
    if (is_right) {
        typed->type = type_of_in(c, left, answer_type(a), right, answer_type(b));
    }
    return answer_plain(typed, is_right);
}

/* ---- is ---- */

static enum help help_type_test(const struct type *actual) {
    IGNORE(actual); /* only entities can be tested */
    return HELP_TYPE_TEST;
}

static const struct type *type_of_is(struct checker *c, const struct type *type, str name) {
    if (type->kind != TYPE_ENTITY) {
        return types_simple(c->types, TYPE_BOOL);
    }
    for (size_t i = 0; i < type->entities.count; i++) {
        if (str_equal(type->entities.items[i]->name, name)) {
            return type->entities.count == 1 ? types_bool(c->types, true)
                                             : types_simple(c->types, TYPE_BOOL);
        }
    }
    return types_bool(c->types, false);
}

static struct answer check_type_test(struct checker *c, const struct ast_expr *expr,
                                     struct answer object) {
    struct want want = want_one(types_simple(c->types, TYPE_ANY_ENTITY), help_type_test);
    object = check_fits(c, object, &want);
    struct typed *typed = typed_new(c, TYPED_TEST, expr, types_simple(c->types, TYPE_BOOL), 1);
    if (typed == c->lost || answer_type(object) == NULL) {
        if (typed != c->lost) {
            typed->parts[0] = object.typed;
        }
        return answer_plain(typed, false);
    }
    typed->parts[0] = object.typed;
    typed->type = type_of_is(c, answer_type(object), expr->is.type.text);
    return answer_plain(typed, object.is_right);
}

/* A second look at an answer, from which the first may take the type. */
static struct answer copy_answer(struct checker *c, struct answer answer) {
    struct typed *copy = ARENA_NEW(c->temp, struct typed);
    if (copy == NULL) {
        return answer;
    }
    *copy = *answer.typed;
    answer.typed = copy;
    return answer;
}

/* `e is T in g` is `e is T && e in g`. The two share the check of e: checked twice on each level of
 * a nest, it would be checked exponentially often. */
struct answer check_is(struct checker *c, const struct ast_expr *expr) {
    struct answer object = check_expr(c, expr->is.object);
    struct answer again = copy_answer(c, object);
    struct answer test = check_type_test(c, expr, object);
    const struct type *type = answer_type(test);
    if (expr->is.in == NULL || type == NULL || type->kind == TYPE_FALSE) {
        return test;
    }
    struct answer in = check_in(c, expr, expr->is.object, again, expr->is.in);
    struct typed *typed = typed_new(c, TYPED_LOGIC, expr, NULL, 2);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = test.typed;
    typed->parts[1] = in.typed;
    typed->type = check_and_type(c, type, answer_type(in));
    return answer_plain(typed, test.is_right && in.is_right);
}

/* ---- tags ---- */

struct tag_operands {
    struct answer object;
    struct answer tag;
    uint32_t fact;
};

static struct tag_operands check_tag_operands(struct checker *c, const struct ast_expr *expr) {
    struct want want_object = want_one(types_simple(c->types, TYPE_ANY_ENTITY), NULL);
    struct want want_tag = want_one(types_simple(c->types, TYPE_STRING), NULL);
    struct tag_operands operands = {
        .object = check_expect(c, expr->binary.left, &want_object),
        .tag = check_expect(c, expr->binary.right, &want_tag),
    };
    operands.fact = facts_tag(&c->facts, facts_shape(&c->facts, expr->binary.left),
                              facts_shape(&c->facts, expr->binary.right));
    return operands;
}

static struct typed *typed_of_tag(struct checker *c, enum typed_kind kind,
                                  const struct ast_expr *expr,
                                  const struct tag_operands *operands) {
    struct typed *typed = typed_new(c, kind, expr, NULL, 2);
    if (typed != c->lost) {
        typed->parts[0] = operands->object.typed;
        typed->parts[1] = operands->tag.typed;
    }
    return typed;
}

/* The entity types that can have tags; in `temp`. NULL when memory is out. */
static const struct type **tag_types(struct checker *c, const struct type *type,
                                     size_t *ret_count) {
    bool is_any = type->kind != TYPE_ENTITY;
    size_t count = is_any ? c->schema->entity_type_count : type->entities.count;
    const struct type **types = ARENA_ARRAY(c->temp, const struct type *, count);
    *ret_count = 0;
    for (size_t i = 0; types != NULL && i < count; i++) {
        const struct schema_entity_type *entity =
            is_any ? c->schema->entity_types[i] : type->entities.items[i];
        if (entity->tags != NULL) {
            types[*ret_count] = types_of_schema(c->types, entity->tags);
            *ret_count += types[*ret_count] != NULL;
        }
    }
    return types;
}

struct answer check_has_tag(struct checker *c, const struct ast_expr *expr) {
    struct tag_operands operands = check_tag_operands(c, expr);
    struct typed *typed = typed_of_tag(c, TYPED_HAS_TAG, expr, &operands);
    const struct type *type = answer_type(operands.object);
    if (typed == c->lost || type == NULL) {
        return answer_plain(typed, false);
    }
    size_t count;
    IGNORE(tag_types(c, type, &count)); /* only the number is of interest */
    typed->type = count == 0                              ? types_bool(c->types, false)
                  : facts_holds(&c->facts, operands.fact) ? types_bool(c->types, true)
                                                          : types_simple(c->types, TYPE_BOOL);
    return answer_make(typed, operands.object.is_right && operands.tag.is_right,
                       facts_one(c->temp, operands.fact));
}

static void file_no_tags(struct checker *c, const struct ast_expr *expr, const struct type *type) {
    const struct schema_entity_type *single = type_single_entity(type);
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_NO_TAGS, expr->span);
    buf_add_c(&d.message, "`.getTag()` is not allowed on entities of ");
    if (single == NULL) {
        buf_add_c(&d.message, "this type");
    } else {
        buf_add_c(&d.message, "type `");
        buf_add(&d.message, single->name);
        buf_add_byte(&d.message, '`');
    }
    buf_add_c(&d.message, " because no `tags` were declared on the entity type in the schema");
    draft_file(&d);
}

struct answer check_get_tag(struct checker *c, const struct ast_expr *expr) {
    struct tag_operands operands = check_tag_operands(c, expr);
    struct typed *typed = typed_of_tag(c, TYPED_GET_TAG, expr, &operands);
    const struct type *type = answer_type(operands.object);
    if (typed == c->lost || type == NULL) {
        return answer_plain(typed, false);
    }
    if (!facts_holds(&c->facts, operands.fact)) {
        file_unsafe_tag(c, expr->span, type, operands.tag.typed);
        return answer_plain(typed, false);
    }
    size_t count;
    const struct type **types = tag_types(c, type, &count);
    if (count == 0) {
        file_no_tags(c, expr, type);
        return answer_plain(typed, false);
    }
    typed->type = types == NULL ? NULL : check_join(c, expr->span, types, count, JOIN_TAGS);
    bool is_right = operands.object.is_right && operands.tag.is_right && typed->type != NULL;
    return answer_plain(typed, is_right);
}
