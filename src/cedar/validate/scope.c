/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes: which request types they admit, worked out from their few forms instead of checking
 * them like any other expression in every environment. */
#include "cedar/validate/check_int.h"
#include "cedar/validate/policy_int.h"

static const struct scope_answer always = {TYPE_TRUE, true};
static const struct scope_answer never = {TYPE_FALSE, true};
static const struct scope_answer sometimes = {TYPE_BOOL, true};
static const struct scope_answer unknown = {TYPE_BOOL, false};

/* ---- principal and resource ---- */

static const struct schema_action *find_action(const struct validator *v,
                                               const struct ast_uid *uid) {
    struct uid key = uid_make(&v->schema->key, uid->type.text, uid->id);
    return schema_find_action(v->schema, &key);
}

/* NULL when it is not declared. */
static const struct schema_entity_type *type_of(const struct validator *v,
                                                const struct ast_uid *uid) {
    if (schema_name_is_action(uid->type.text)) {
        const struct schema_action *action = find_action(v, uid);
        return action == NULL ? NULL : action->type;
    }
    return schema_find_entity_type(v->schema, uid->type.text);
}

static struct scope_answer answer_in(struct validator *v, const struct ast_scope *scope,
                                     const struct schema_entity_type *type) {
    if (scope->slot != AST_SLOT_NONE) {
        return sometimes;
    }
    const struct schema_entity_type *group = type_of(v, &scope->uid);
    if (group == NULL) {
        return unknown;
    }
    return check_may_be_in(v->schema, type, group) ? sometimes : never;
}

struct scope_answer scope_answer(struct validator *v, const struct ast_scope *scope,
                                 const struct schema_entity_type *type) {
    switch (scope->kind) {
    case AST_SCOPE_ANY:
        return always;
    case AST_SCOPE_EQ: {
        if (scope->slot != AST_SLOT_NONE) {
            return sometimes;
        }
        const struct schema_entity_type *wanted = type_of(v, &scope->uid);
        return wanted == NULL ? unknown : (wanted == type ? sometimes : never);
    }
    case AST_SCOPE_IN:
        return answer_in(v, scope, type);
    case AST_SCOPE_IS:
        return str_equal(scope->type.text, type->name) ? always : never;
    case AST_SCOPE_IS_IN:
        return str_equal(scope->type.text, type->name) ? answer_in(v, scope, type) : never;
    }
    return unknown;
}

/* ---- action ---- */

static const struct ast_uid *listed(const struct ast_scope *scope, size_t *ret_count) {
    *ret_count = scope->is_list ? scope->list_count : 1;
    return scope->is_list ? scope->list : &scope->uid;
}

bool scope_check_actions(struct validator *v, const struct ast_scope *scope) {
    if (scope->kind != AST_SCOPE_IN) {
        return true;
    }
    size_t count;
    const struct ast_uid *uids = listed(scope, &count);
    struct ast_expr *items = ARENA_ARRAY(&v->temp, struct ast_expr, count);
    const struct ast_expr **list = ARENA_ARRAY(&v->temp, const struct ast_expr *, count);
    if (items == NULL || list == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct ast_expr){.kind = AST_ENTITY, .span = uids[i].span, .uid = uids[i]};
        list[i] = &items[i];
    }
    struct ast_expr set = {.kind = AST_SET, .span = scope->span, .set = {count, list, false}};
    return check_expr(&v->checker, &set).is_right;
}

struct scope_answer scope_answer_action(struct validator *v, const struct ast_scope *scope,
                                        const struct schema_action *action) {
    if (scope->kind == AST_SCOPE_ANY) {
        return always;
    }
    size_t count;
    const struct ast_uid *uids = listed(scope, &count);
    bool is_in = false;
    bool is_declared = true;
    for (size_t i = 0; i < count; i++) {
        struct uid uid = uid_make(&v->schema->key, uids[i].type.text, uids[i].id);
        is_declared = is_declared && schema_find_action(v->schema, &uid) != NULL;
        is_in = is_in || (scope->kind == AST_SCOPE_EQ ? uid_equal(&uid, action->uid)
                                                      : check_action_in(action, &uid));
    }
    if (scope->kind == AST_SCOPE_EQ) { /* two literals, declared or not */
        return (struct scope_answer){is_in ? TYPE_TRUE : TYPE_FALSE, is_declared};
    }
    return !is_declared ? unknown : (is_in ? always : never);
}

/* ---- is there an action? ---- */

/* Does the schema let the constraint be true for entities of the type? */
static bool admits(struct validator *v, const struct ast_scope *scope,
                   const struct schema_entity_type *type) {
    struct scope_answer answer = scope_answer(v, scope, type);
    return answer.type != TYPE_FALSE && answer.is_right;
}

static bool admits_any(struct validator *v, const struct ast_scope *scope,
                       const struct schema_entity_type *const *types, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (admits(v, scope, types[i])) {
            return true;
        }
    }
    return false;
}

static bool admits_action(struct validator *v, const struct ast_scope *scope,
                          const struct schema_action *action) {
    struct scope_answer answer = scope_answer_action(v, scope, action);
    return answer.type == TYPE_TRUE;
}

static bool applies(struct validator *v, const struct ast_policy *policy) {
    for (size_t i = 0; i < v->schema->action_count; i++) {
        const struct schema_action *action = v->schema->actions[i];
        if (admits_action(v, &policy->action, action) &&
            admits_any(v, &policy->principal, action->principals, action->principal_count) &&
            admits_any(v, &policy->resource, action->resources, action->resource_count)) {
            return true;
        }
    }
    return false;
}

/* `== Group::"g"` where only members of groups can act: `in` was meant. */
static bool would_in_help(struct validator *v, const struct ast_policy *policy,
                          const struct ast_scope *scope, bool is_principal) {
    if (scope->kind != AST_SCOPE_EQ || scope->slot != AST_SLOT_NONE) {
        return false;
    }
    const struct schema_entity_type *group =
        schema_find_entity_type(v->schema, scope->uid.type.text);
    bool has_member = false;
    for (size_t i = 0; group != NULL && i < v->schema->action_count; i++) {
        const struct schema_action *action = v->schema->actions[i];
        if (!admits_action(v, &policy->action, action)) {
            continue;
        }
        size_t count = is_principal ? action->principal_count : action->resource_count;
        const struct schema_entity_type *const *types =
            is_principal ? action->principals : action->resources;
        for (size_t j = 0; j < count; j++) {
            if (types[j] == group) {
                return false;
            }
            has_member = has_member || schema_type_is_below(types[j], group);
        }
    }
    return has_member;
}

void scope_check_applies(struct validator *v, const struct ast_policy *policy) {
    if (applies(v, policy)) {
        return;
    }
    bool principal = would_in_help(v, policy, &policy->principal, true);
    bool resource = would_in_help(v, policy, &policy->resource, false);
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_NO_ACTION, policy->span);
    buf_add_c(&d.message, "unable to find an applicable action given the policy scope constraints");
    if (principal || resource) {
        buf_add_c(&d.help, "try replacing `==` with `in` in the ");
        buf_add_c(&d.help, principal ? "principal clause" : "");
        buf_add_c(&d.help, principal && resource ? " and the " : "");
        buf_add_c(&d.help, resource ? "resource clause" : "");
    }
    draft_file(&d);
}
