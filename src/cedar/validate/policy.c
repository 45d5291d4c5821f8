/* SPDX-License-Identifier: Apache-2.0 */
/* Type checking of a policy in every environment that its scope leaves. Environments that differ
 * only in what the conditions do not mention have the same answer, which is found once. */
#include "cedar/validate/check_int.h"
#include "cedar/validate/policy_int.h"
#include "cedar/validate/walk.h"

/* Of the conditions, or of the whole policy. */
struct verdict {
    bool is_false; /* whatever the request is */
    bool is_right;
};

struct task {
    struct validator *v;
    const struct ast_policy *policy;
    const struct scope_plan *plan;
    bool uses_principal;
    bool uses_action;
    bool uses_resource;
    bool uses_context;
    bool looks_at_scopes; /* level 0: scopes have levels too, even those that never hold */
    bool has_checked_list;
    struct table verdicts; /* environment -> verdict of the conditions */
    bool is_possible;      /* in some environment the policy may apply */
};

/* ---- conditions ---- */

static void note_var(void *ctx, const struct ast_expr *expr) {
    struct task *task = ctx;
    if (expr->kind != AST_VAR) {
        return;
    }
    task->uses_principal = task->uses_principal || expr->var == AST_PRINCIPAL;
    task->uses_resource = task->uses_resource || expr->var == AST_RESOURCE;
    task->uses_action = task->uses_action || expr->var == AST_ACTION;
    task->uses_context = task->uses_context || expr->var == AST_CONTEXT;
}

static struct answer check_clause(struct checker *c, const struct ast_clause *clause) {
    struct want want = want_one(types_simple(c->types, TYPE_BOOL), NULL);
    if (!clause->is_unless) {
        return check_expect(c, clause->body, &want);
    }
    struct ast_expr *not = ARENA_NEW(c->temp, struct ast_expr);
    if (not == NULL) {
        return answer_plain(typed_new(c, TYPED_LITERAL, clause->body, NULL, 0), false);
    }
    *not = (struct ast_expr){
        .kind = AST_UNARY, .span = clause->body->span, .unary = {AST_OP_NOT, clause->body}};
    return check_not(c, not );
}

static bool is_false(const struct answer *answer) {
    const struct type *type = answer_type(*answer);
    return type != NULL && type->kind == TYPE_FALSE;
}

/* c1 && (c2 && (c3 && …)): the facts of a clause hold in those behind it. Returns how many were
 * looked at. */
static size_t check_clauses(struct task *task, struct answer *answers) {
    struct checker *c = &task->v->checker;
    size_t count = 0;
    while (count < task->policy->clause_count && (count == 0 || !is_false(&answers[count - 1]))) {
        answers[count] = check_clause(c, &task->policy->clauses[count]);
        facts_enter(&c->facts, answers[count].facts);
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        facts_leave(&c->facts, answers[i].facts);
    }
    return count;
}

/* Levels are looked at where the policy may be asked, or certainly never applies. */
static struct verdict check_conditions(struct task *task, bool is_scope_right) {
    struct validator *v = task->v;
    size_t clauses = task->policy->clause_count;
    struct answer *answers = ARENA_ARRAY(&v->temp, struct answer, clauses);
    if (answers == NULL) {
        return (struct verdict){false, false};
    }
    size_t count = check_clauses(task, answers);
    const struct type *type = types_simple(&v->types, TYPE_TRUE);
    bool is_right = true;
    for (size_t i = count; i > 0; i--) {
        const struct type *left = answer_type(answers[i - 1]);
        type = i == count ? left : check_and_type(&v->checker, left, type);
        is_right = is_right && answers[i - 1].is_right;
    }
    struct verdict verdict = {type != NULL && type->kind == TYPE_FALSE, is_right};
    bool is_worth_a_level =
        v->options.has_level && (verdict.is_false || (verdict.is_right && is_scope_right));
    for (size_t i = 0; is_worth_a_level && i < count; i++) {
        level_check(v, answers[i].typed);
    }
    return verdict;
}

/* What the conditions look at of an environment, as a number. Contexts of one type are the same
 * to them; findings name the action, though. False when the number would be too large: then
 * nothing is remembered. */
static bool key_of(const struct task *task, const struct environment *env, bool is_scope_right,
                   const struct type *context, uint64_t *ret) {
    uint64_t principal = task->uses_principal ? (uint64_t)env->principal->index + 1 : 0;
    uint64_t resource = task->uses_resource ? (uint64_t)env->resource->index + 1 : 0;
    uint64_t action =
        task->uses_action || task->uses_context ? (uint64_t)env->action->index + 1 : 0;
    uint64_t last = context == NULL ? action << 1 : ((uint64_t)context->id << 1 | 1);
    uint64_t types = task->v->schema->entity_type_count + 1;
    return !MUL_OVERFLOWS(principal, types, ret) && !ADD_OVERFLOWS(*ret, resource, ret) &&
           !MUL_OVERFLOWS(*ret, (uint64_t)1 << 34, ret) &&
           !ADD_OVERFLOWS(*ret, last << 1 | is_scope_right, ret);
}

static bool recall(const struct task *task, uint64_t key, struct verdict *ret) {
    const uint64_t *known = table_find(&task->verdicts, key);
    if (known == NULL) {
        return false;
    }
    *ret = (struct verdict){(*known & 1) != 0, (*known & 2) != 0};
    return true;
}

static struct verdict conditions_in(struct task *task, const struct environment *env,
                                    bool is_scope_right) {
    struct validator *v = task->v;
    bool may_share = task->uses_context && !task->uses_action;
    const struct type *context =
        may_share ? types_of_schema(&v->types, env->action->context) : NULL;
    uint64_t exact = 0;
    uint64_t shared = 0;
    struct verdict verdict;
    bool has_exact = key_of(task, env, is_scope_right, NULL, &exact);
    bool has_shared = context != NULL && key_of(task, env, is_scope_right, context, &shared);
    if ((has_shared && recall(task, shared, &verdict)) ||
        (has_exact && recall(task, exact, &verdict))) {
        return verdict;
    }
    struct arena_mark mark = arena_mark(&v->temp);
    size_t filed = v->findings.filed_count;
    v->checker.env = *env;
    verdict = check_conditions(task, is_scope_right);
    arena_reset(&v->temp, mark);
    has_shared = has_shared && filed == v->findings.filed_count;
    if (has_shared || has_exact) {
        uint64_t number = (uint64_t)verdict.is_false | (uint64_t)verdict.is_right << 1;
        IGNORE(table_put(&task->verdicts, has_shared ? shared : exact, number)); /* costs time */
    }
    return verdict;
}

/* ---- environments ---- */

/* Files what is wrong with the list of actions, once the first environment gets that far. */
static void check_list(struct task *task, const struct environment *env) {
    if (!task->has_checked_list) {
        struct arena_mark mark = arena_mark(&task->v->temp);
        task->v->checker.env = *env;
        IGNORE(scope_check_actions(task->v, &task->policy->action)); /* the plan knows */
        task->has_checked_list = true;
        arena_reset(&task->v->temp, mark);
    }
}

/* The constraints in their order; what stands behind a false one is not looked at. */
struct constraints {
    const struct ast_scope *scopes[3];
    size_t count;
    struct verdict verdict;
};

static void add(struct constraints *all, const struct ast_scope *scope,
                struct scope_answer answer) {
    all->scopes[all->count++] = scope;
    all->verdict.is_false = answer.type == TYPE_FALSE;
    all->verdict.is_right = all->verdict.is_right && answer.is_right;
}

static void check_environment(struct task *task, const struct environment *env,
                              struct scope_answer principal, struct scope_answer action) {
    struct validator *v = task->v;
    const struct ast_policy *policy = task->policy;
    struct constraints all = {.verdict = {false, true}};
    add(&all, &policy->principal, principal);
    if (!all.verdict.is_false) {
        add(&all, &policy->action, action);
    }
    if (!all.verdict.is_false) {
        add(&all, &policy->resource, scope_answer(v, &task->plan->resource, env->resource));
    }
    if (!all.verdict.is_false) {
        struct verdict conditions = conditions_in(task, env, all.verdict.is_right);
        all.verdict.is_false = conditions.is_false;
        all.verdict.is_right = all.verdict.is_right && conditions.is_right;
    }
    task->is_possible = task->is_possible || !all.verdict.is_false;
    bool is_worth_a_level = task->looks_at_scopes && (all.verdict.is_false || all.verdict.is_right);
    for (size_t i = 0; is_worth_a_level && i < all.count; i++) {
        level_check_scope(v, all.scopes[i]);
    }
}

static void check_action(struct task *task, const struct schema_action *action,
                         struct scope_answer answer) {
    struct validator *v = task->v;
    for (size_t i = 0; i < action->principal_count && action->resource_count > 0; i++) {
        struct environment env = {action, action->principals[i], action->resources[0]};
        struct scope_answer principal =
            scope_answer(v, &task->plan->principal, action->principals[i]);
        if (principal.type != TYPE_FALSE && task->plan->has_bad_list) {
            check_list(task, &env);
        }
        if (principal.type == TYPE_FALSE && !task->looks_at_scopes) {
            continue;
        }
        for (size_t j = 0; j < action->resource_count; j++) {
            env.resource = action->resources[j];
            check_environment(task, &env, principal, answer);
        }
    }
}

static void file_impossible(struct validator *v, const struct ast_policy *policy) {
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_IMPOSSIBLE, policy->span);
    buf_add_c(&d.message, "policy is impossible: the policy expression evaluates to false for "
                          "all valid requests");
    draft_file(&d);
}

static void check_actions(struct task *task) {
    const struct schema *schema = task->v->schema;
    const struct scope_plan *plan = task->plan;
    bool is_unknown = !plan->has_known_actions || plan->has_bad_list;
    if (!is_unknown && !task->looks_at_scopes) {
        for (size_t i = 0; i < plan->action_count; i++) {
            check_action(task, plan->actions[i], (struct scope_answer){TYPE_TRUE, true});
        }
        return;
    }
    for (size_t i = 0; i < schema->action_count; i++) {
        bool is_member = scope_plan_has(plan, schema->actions[i]);
        enum type_kind type = is_unknown ? TYPE_BOOL : (is_member ? TYPE_TRUE : TYPE_FALSE);
        check_action(task, schema->actions[i], (struct scope_answer){type, !is_unknown});
    }
}

void policy_check_types(struct validator *v, const struct ast_policy *policy,
                        const struct scope_plan *plan) {
    struct task task = {.v = v, .policy = policy, .plan = plan};
    task.verdicts.arena = &v->scratch;
    task.looks_at_scopes = v->options.has_level && v->options.level == 0;
    facts_init(&v->checker.facts, &v->scratch, &v->schema->key);
    walk_clauses(policy, note_var, &task);
    /* Literals of actions may be followed where they are the action of the request. */
    task.uses_action = task.uses_action || v->options.has_level;
    check_actions(&task);
    if (!task.is_possible) {
        file_impossible(v, policy);
    }
}

void policy_check_alone(struct validator *v, const struct ast_policy *policy) {
    struct task task = {.v = v, .policy = policy};
    facts_init(&v->checker.facts, &v->scratch, &v->schema->key);
    if (check_conditions(&task, true).is_false) {
        file_impossible(v, policy);
    }
}
