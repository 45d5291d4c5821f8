/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes: which request types they admit, worked out from their few forms instead of checking
 * them like any other expression in every environment. */
#include "cedar/validate/check_int.h"
#include "cedar/validate/policy_int.h"

static const struct scope_answer always = {TYPE_TRUE, true};
static const struct scope_answer never = {TYPE_FALSE, true};
static const struct scope_answer sometimes = {TYPE_BOOL, true};
static const struct scope_answer unknown = {TYPE_BOOL, false};

/* ---- names are looked up once ---- */

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

static struct place_plan plan_place(const struct validator *v, const struct ast_scope *scope) {
    bool has_type = scope->kind == AST_SCOPE_IS || scope->kind == AST_SCOPE_IS_IN;
    bool has_uid =
        scope->kind != AST_SCOPE_ANY && scope->kind != AST_SCOPE_IS && scope->slot == AST_SLOT_NONE;
    return (struct place_plan){
        .scope = scope,
        .type = has_type ? schema_find_entity_type(v->schema, scope->type.text) : NULL,
        .group = has_uid ? type_of(v, &scope->uid) : NULL,
    };
}

static bool is_listed(const struct schema_action *action, const struct schema_action *const *groups,
                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (groups[i] == action || (groups[i] != NULL && check_action_in(action, groups[i]->uid))) {
            return true;
        }
    }
    return false;
}

/* The actions below those that are listed, or all. */
static bool find_members(struct validator *v, struct scope_plan *plan,
                         const struct schema_action *const *groups, size_t count, bool is_any) {
    size_t all = v->schema->action_count;
    const struct schema_action **members =
        ARENA_ARRAY(&v->scratch, const struct schema_action *, all);
    if (members == NULL) {
        return false;
    }
    plan->actions = members;
    for (size_t i = 0; i < all && plan->has_known_actions; i++) {
        if (is_any || is_listed(v->schema->actions[i], groups, count)) {
            members[plan->action_count++] = v->schema->actions[i];
        }
    }
    return true;
}

static bool is_bad_list(const struct validator *v, const struct schema_action *const *groups,
                        size_t count) {
    const struct schema_action *first = NULL;
    for (size_t i = 0; i < count; i++) {
        first = first == NULL ? groups[i] : first;
        if (groups[i] != NULL && groups[i]->type != first->type) {
            return !v->options.is_permissive;
        }
    }
    return count == 0 && !v->options.is_permissive;
}

static bool plan_action(struct validator *v, struct scope_plan *plan,
                        const struct ast_scope *scope) {
    bool is_any = scope->kind == AST_SCOPE_ANY;
    size_t count = is_any ? 0 : (scope->is_list ? scope->list_count : 1);
    const struct schema_action **groups =
        ARENA_ARRAY(&v->scratch, const struct schema_action *, count);
    if (groups == NULL) {
        return false;
    }
    plan->has_known_actions = true;
    for (size_t i = 0; i < count; i++) {
        groups[i] = find_action(v, scope->is_list ? &scope->list[i] : &scope->uid);
        plan->has_known_actions = plan->has_known_actions && groups[i] != NULL;
    }
    if (scope->kind == AST_SCOPE_EQ) {
        /* An action that is not declared is no action of a request. */
        plan->actions = groups;
        plan->action_count = plan->has_known_actions ? 1 : 0;
        plan->has_known_actions = true;
        return true;
    }
    plan->has_bad_list = !is_any && is_bad_list(v, groups, count);
    return find_members(v, plan, groups, count, is_any);
}

bool scope_plan_has(const struct scope_plan *plan, const struct schema_action *action) {
    for (size_t i = 0; i < plan->action_count; i++) {
        if (plan->actions[i] == action) {
            return true;
        }
    }
    return false;
}

bool scope_plan_make(struct validator *v, const struct ast_policy *policy,
                     struct scope_plan *ret_plan) {
    *ret_plan = (struct scope_plan){
        .principal = plan_place(v, &policy->principal),
        .resource = plan_place(v, &policy->resource),
    };
    return plan_action(v, ret_plan, &policy->action);
}

/* ---- answers ---- */

static struct scope_answer answer_in(struct validator *v, const struct place_plan *plan,
                                     const struct schema_entity_type *type) {
    if (plan->scope->slot != AST_SLOT_NONE) {
        return sometimes;
    }
    if (plan->group == NULL) {
        return unknown;
    }
    return check_may_be_in(v->schema, type, plan->group) ? sometimes : never;
}

struct scope_answer scope_answer(struct validator *v, const struct place_plan *plan,
                                 const struct schema_entity_type *type) {
    switch (plan->scope->kind) {
    case AST_SCOPE_ANY:
        return always;
    case AST_SCOPE_EQ:
        if (plan->scope->slot != AST_SLOT_NONE) {
            return sometimes;
        }
        return plan->group == NULL ? unknown : (plan->group == type ? sometimes : never);
    case AST_SCOPE_IN:
        return answer_in(v, plan, type);
    case AST_SCOPE_IS:
        return plan->type == type ? always : never;
    case AST_SCOPE_IS_IN:
        return plan->type == type ? answer_in(v, plan, type) : never;
    }
    return unknown;
}

bool scope_check_actions(struct validator *v, const struct ast_scope *scope) {
    if (scope->kind != AST_SCOPE_IN) {
        return true;
    }
    size_t count = scope->is_list ? scope->list_count : 1;
    const struct ast_uid *uids = scope->is_list ? scope->list : &scope->uid;
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

/* ---- is there an action? ---- */

/* Does the schema let the constraint be true for entities of one of the types? */
static bool admits(struct validator *v, const struct place_plan *plan,
                   const struct schema_entity_type *const *types, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct scope_answer answer = scope_answer(v, plan, types[i]);
        if (answer.type != TYPE_FALSE && answer.is_right) {
            return true;
        }
    }
    return false;
}

static bool applies(struct validator *v, const struct scope_plan *plan) {
    for (size_t i = 0; i < plan->action_count; i++) {
        const struct schema_action *action = plan->actions[i];
        if (admits(v, &plan->principal, action->principals, action->principal_count) &&
            admits(v, &plan->resource, action->resources, action->resource_count)) {
            return true;
        }
    }
    return false;
}

/* `== Group::"g"` where only members of groups can act: `in` was meant. */
static bool would_in_help(const struct scope_plan *plan, const struct place_plan *place,
                          bool is_principal) {
    bool has_member = false;
    if (place->scope->kind != AST_SCOPE_EQ || place->group == NULL) {
        return false;
    }
    for (size_t i = 0; i < plan->action_count; i++) {
        const struct schema_action *action = plan->actions[i];
        size_t count = is_principal ? action->principal_count : action->resource_count;
        const struct schema_entity_type *const *types =
            is_principal ? action->principals : action->resources;
        for (size_t j = 0; j < count; j++) {
            if (types[j] == place->group) {
                return false;
            }
            has_member = has_member || schema_type_is_below(types[j], place->group);
        }
    }
    return has_member;
}

void scope_check_applies(struct validator *v, const struct ast_policy *policy,
                         const struct scope_plan *plan) {
    if (applies(v, plan)) {
        return;
    }
    bool principal = would_in_help(plan, &plan->principal, true);
    bool resource = would_in_help(plan, &plan->resource, false);
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
