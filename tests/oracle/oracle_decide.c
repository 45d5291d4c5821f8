/* SPDX-License-Identifier: Apache-2.0 */
/* Every policy of a list against one request, one after the other. */
#include "oracle_int.h"

#include "base/assert.h"

struct policy_list {
    VEC(const struct policy_tree *) vec;
};

struct deciding {
    struct eval *eval;
    struct policy_list permits; /* satisfied */
    struct policy_list forbids;
    VEC(struct oracle_error) errors;
    bool is_timeout;
};

static bool is_in_list(const struct eval *e, const struct uid *uid,
                       const struct tree_scope *scope) {
    for (size_t i = 0; i < scope->list_count; i++) {
        if (oracle_is_in(e->entities, uid, scope->list[i])) {
            return true;
        }
    }
    return false;
}

static bool matches(const struct eval *e, enum program_var var, const struct tree_scope *scope) {
    const struct uid *uid = e->vars[var].uid;
    switch (scope->kind) {
    case SCOPE_ANY:
        return true;
    case SCOPE_EQ:
        return oracle_is_same(uid, scope->uid);
    case SCOPE_IN:
        return oracle_is_in(e->entities, uid, scope->uid);
    case SCOPE_IS:
        return str_equal(uid_type(uid), scope->type);
    case SCOPE_IS_IN:
        return str_equal(uid_type(uid), scope->type) && oracle_is_in(e->entities, uid, scope->uid);
    case SCOPE_IN_LIST:
        return is_in_list(e, uid, scope);
    }
    UNREACHABLE();
}

static bool is_in_scope(const struct eval *e, const struct policy_tree *policy) {
    return matches(e, VAR_PRINCIPAL, &policy->principal) &&
           matches(e, VAR_ACTION, &policy->action) && matches(e, VAR_RESOURCE, &policy->resource);
}

static err add_error(struct deciding *d, const struct policy_tree *policy, struct ext_error error) {
    struct oracle_error item = {policy, error};
    return VEC_PUSH(d->eval->arena, &d->errors, item) ? ERR_OK : arena_error(d->eval->arena);
}

static err add_satisfied(struct deciding *d, const struct policy_tree *policy) {
    struct policy_list *list = policy->is_forbid ? &d->forbids : &d->permits;
    return VEC_PUSH(d->eval->arena, &list->vec, policy) ? ERR_OK : arena_error(d->eval->arena);
}

static err add_timeout(struct deciding *d, const struct policy_tree *policy) {
    d->is_timeout = true;
    return add_error(d, policy, (struct ext_error){.message = STR("timeout")});
}

/* Runs the condition. What it leaves in the arena is only kept when it is the text of an error. */
static err run_condition(struct deciding *d, const struct policy_tree *policy) {
    struct eval *e = d->eval;
    struct arena_mark mark = arena_mark(e->arena);
    bool is_satisfied = false;
    err error = oracle_condition(e, policy->condition, &is_satisfied);
    if (eval_is_policy_error(error)) {
        return add_error(d, policy, e->error);
    }
    arena_reset(e->arena, mark);
    if (error == ERR_TIMEOUT) {
        return add_timeout(d, policy);
    }
    TRY(error);
    return is_satisfied ? add_satisfied(d, policy) : ERR_OK;
}

static err run_policy(struct deciding *d, const struct policy_tree *policy) {
    if (policy->is_template) {
        return ERR_OK;
    }
    if (!d->is_timeout && eval_charge(d->eval, 1) != ERR_OK) {
        d->is_timeout = true;
    }
    if (!is_in_scope(d->eval, policy)) {
        return ERR_OK;
    }
    if (d->is_timeout) {
        return add_timeout(d, policy);
    }
    return policy->condition == NULL ? add_satisfied(d, policy) : run_condition(d, policy);
}

err oracle_decide(struct eval *e, const struct policy_tree *policies, size_t count,
                  struct oracle_decision *ret) {
    struct deciding d = {.eval = e};
    for (size_t i = 0; i < count; i++) {
        TRY(run_policy(&d, &policies[i]));
    }
    bool is_allow = d.permits.vec.count > 0 && d.forbids.vec.count == 0 && !d.is_timeout;
    /* A timeout denies; permits that were found before it decided nothing. */
    const struct policy_list *reasons = is_allow ? &d.permits : &d.forbids;
    *ret = (struct oracle_decision){
        .is_allow = is_allow,
        .is_timeout = d.is_timeout,
        .reason_count = reasons->vec.count,
        .reasons = reasons->vec.items,
        .error_count = d.errors.count,
        .errors = d.errors.items,
    };
    return ERR_OK;
}
