/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/authz/decide.h"

#include "cedar/authz/reach.h"

enum { REACH_STEPS = 16 };

struct policy_list {
    VEC(const struct program_policy *) vec;
};

struct deciding {
    struct eval *eval;
    struct policy_list permits; /* satisfied */
    struct policy_list forbids;
    VEC(struct decide_error) errors;
    bool is_timeout;
};

static err add_error(struct deciding *d, const struct program_policy *policy,
                     struct ext_error error) {
    struct decide_error item = {policy, error};
    return VEC_PUSH(d->eval->arena, &d->errors, item) ? ERR_OK : arena_error(d->eval->arena);
}

static err add_satisfied(struct deciding *d, const struct program_policy *policy) {
    struct policy_list *list = policy->is_forbid ? &d->forbids : &d->permits;
    return VEC_PUSH(d->eval->arena, &list->vec, policy) ? ERR_OK : arena_error(d->eval->arena);
}

static err add_timeout(struct deciding *d, const struct program_policy *policy) {
    d->is_timeout = true;
    return add_error(d, policy, (struct ext_error){.message = STR("timeout")});
}

/* Runs the condition. What it leaves in the arena is only kept when it is the text of an error. */
static err run_condition(struct deciding *d, const struct program_policy *policy) {
    struct eval *e = d->eval;
    struct arena_mark mark = arena_mark(e->arena);
    bool is_satisfied = false;
    err error = eval_condition(e, policy->condition, &is_satisfied);
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

static err run_policy(struct deciding *d, const struct program_policy *policy) {
    if (!d->is_timeout && eval_charge(d->eval, 1) != ERR_OK) {
        d->is_timeout = true;
    }
    if (d->is_timeout) {
        return add_timeout(d, policy);
    }
    return policy->condition == NO_CONDITION ? add_satisfied(d, policy) : run_condition(d, policy);
}

/* Finding the policies is cheap beside running them. */
static void pay_for_reach(struct deciding *d, const struct reach *reach) {
    if (eval_charge(d->eval, reach->work / REACH_STEPS) != ERR_OK) {
        d->is_timeout = true;
    }
}

static err decide_piece(struct deciding *d, const struct decide_piece *piece) {
    const struct program *program = piece->program;
    struct reach reach;
    TRY(eval_prepare(d->eval, &program->code));
    TRY(reach_find(&reach, d->eval, program));
    pay_for_reach(d, &reach);
    for (size_t i = 0; i < reach.policies.count; i++) {
        uint32_t number = reach.policies.items[i];
        if (piece->hidden_count == 0 || !decide_is_hidden(piece, number)) {
            TRY(run_policy(d, &program->policies[number]));
        }
    }
    return ERR_OK;
}

err decide_pieces(struct eval *e, const struct decide_piece *pieces, size_t count,
                  struct decision *ret) {
    struct deciding d = {.eval = e};
    for (size_t i = 0; i < count; i++) {
        TRY(decide_piece(&d, &pieces[i]));
    }
    bool is_allow = d.permits.vec.count > 0 && d.forbids.vec.count == 0 && !d.is_timeout;
    /* A timeout denies; permits that were found before it decided nothing. */
    const struct policy_list *reasons = is_allow ? &d.permits : &d.forbids;
    *ret = (struct decision){
        .is_allow = is_allow,
        .is_timeout = d.is_timeout,
        .reason_count = reasons->vec.count,
        .reasons = reasons->vec.items,
        .permit_count = d.permits.vec.count,
        .permits = d.permits.vec.items,
        .error_count = d.errors.count,
        .errors = d.errors.items,
    };
    return ERR_OK;
}

err decide(struct eval *e, const struct program *program, struct decision *ret) {
    struct decide_piece piece = {.program = program};
    return decide_pieces(e, &piece, 1, ret);
}
