/* SPDX-License-Identifier: Apache-2.0 */
/* The authorizer: scopes, forbid over permit, errors, templates, expiry (maps: §1.5). */
#include "eval_unit.h"

#include "cedar/authz/decide.h"
#include "cedar/compile/compile.h"

static struct decision decide_text(struct world *w, struct eval *e, const char *policies) {
    const struct ast_policy_set *set;
    if (parse_policy_set(&w->scratch, str_c(policies), &parse_limits_default, &set, NULL) !=
        ERR_OK) {
        fail_msg("does not parse: %s", policies);
    }
    struct lower_options options = {.key = &world_key, .max_depth = 2000};
    AUTO(compiler_done) struct compiler compiler;
    compiler_init(&compiler, &w->scratch, &w->scratch, &options);
    for (size_t i = 0; i < set->count; i++) {
        assert_int_equal(compiler_add(&compiler, set->policies[i].id, &set->policies[i]), ERR_OK);
    }
    struct program program;
    assert_int_equal(compiler_finish(&compiler, &program), ERR_OK);
    struct decision decision;
    assert_int_equal(decide(e, &program, &decision), ERR_OK);
    return decision;
}

/* "allow 0 2 ! 1": the decision, the numbers of the reasons, those of the errors. */
static str describe(struct world *w, const struct decision *decision) {
    struct buf b;
    buf_init_arena(&b, &w->scratch, 10000);
    buf_add_c(&b, decision->is_allow ? "allow" : "deny");
    for (size_t i = 0; i < decision->reason_count; i++) {
        str id = decision->reasons[i]->id;
        buf_add_byte(&b, ' ');
        buf_add(&b, str_slice(id, strlen("policy"), id.len));
    }
    buf_add_c(&b, decision->error_count > 0 ? " !" : "");
    for (size_t i = 0; i < decision->error_count; i++) {
        str id = decision->errors[i].policy->id;
        buf_add_byte(&b, ' ');
        buf_add(&b, str_slice(id, strlen("policy"), id.len));
    }
    return buf_str(&b);
}

static void check(const struct world_case *cases, size_t count) {
    struct world w;
    world_init(&w);
    for (size_t i = 0; i < count; i++) {
        struct eval e;
        world_eval_init(&w, &e);
        struct decision decision = decide_text(&w, &e, cases[i].expression);
        str result = describe(&w, &decision);
        if (!str_equal_c(result, cases[i].expected)) {
            fail_msg("%s\n  gives %.*s, expected %s", cases[i].expression, STR_FMT(result),
                     cases[i].expected);
        }
        assert_false(decision.is_timeout);
    }
    world_done(&w);
}

static const struct world_case decisions[] = {
    {"", "deny"},
    {"permit(principal, action, resource);", "allow 0"},
    {"forbid(principal, action, resource);", "deny 0"},
    {"permit(principal, action, resource); forbid(principal, action, resource);", "deny 1"},
    {"permit(principal, action, resource); permit(principal, action, resource);", "allow 0 1"},
    {"permit(principal, action, resource) when { false };", "deny"},
    {"permit(principal, action, resource) unless { false };", "allow 0"},
    {"permit(principal, action, resource) when { true } unless { true };", "deny"},
    {"permit(principal, action, resource) when { 1 };", "deny ! 0"},
    {"permit(principal, action, resource) unless { 1 };", "deny ! 0"},
    {"permit(principal, action, resource) when { false } when { 1 };", "deny"},
    /* an error decides nothing, for either effect */
    {"permit(principal, action, resource); forbid(principal, action, resource) when { {}.a };",
     "allow 0 ! 1"},
    {"permit(principal, action, resource) when { {}.a }; permit(principal, action, resource);",
     "allow 1 ! 0"},
    {"permit(principal, action, resource) when { {}.a }; forbid(principal, action, resource);",
     "deny 1 ! 0"},
    /* every policy is evaluated, before and behind the one that decides */
    {"forbid(principal, action, resource); permit(principal, action, resource) when { {}.a };",
     "deny 0 ! 1"},
    /* a condition behind a scope that does not match is not looked at */
    {"permit(principal == User::\"bob\", action, resource) when { {}.a };", "deny"},
    /* templates never apply themselves */
    {"permit(principal == ?principal, action, resource); permit(principal, action, resource);",
     "allow 1"},
    {"forbid(principal, action, resource in ?resource); permit(principal, action, resource);",
     "allow 1"},
};

static void forbid_overrides_permit_and_errors_decide_nothing(void **state) {
    IGNORE(state);
    check(decisions, ARRAY_LEN(decisions));
}

static const struct world_case scopes[] = {
    {"permit(principal == User::\"alice\", action, resource);", "allow 0"},
    {"permit(principal == User::\"bob\", action, resource);", "deny"},
    {"permit(principal == G::\"alice\", action, resource);", "deny"},
    {"permit(principal in User::\"alice\", action, resource);", "allow 0"},
    {"permit(principal in G::\"top\", action, resource);", "allow 0"},
    {"permit(principal in G::\"other\", action, resource);", "deny"},
    {"permit(principal is User, action, resource);", "allow 0"},
    {"permit(principal is G, action, resource);", "deny"},
    {"permit(principal is User in G::\"g\", action, resource);", "allow 0"},
    {"permit(principal is G in G::\"g\", action, resource);", "deny"},
    {"permit(principal is User in G::\"other\", action, resource);", "deny"},
    {"permit(principal, action == Action::\"view\", resource);", "allow 0"},
    {"permit(principal, action == Action::\"edit\", resource);", "deny"},
    {"permit(principal, action in Action::\"view\", resource);", "allow 0"},
    {"permit(principal, action in [], resource);", "deny"},
    {"permit(principal, action in [Action::\"edit\"], resource);", "deny"},
    {"permit(principal, action in [Action::\"edit\", Action::\"view\"], resource);", "allow 0"},
    {"permit(principal, action, resource == Photo::\"p\");", "allow 0"},
    {"permit(principal, action, resource is Photo);", "allow 0"},
    {"permit(principal, action, resource in G::\"g\");", "deny"},
    {"forbid(principal, action in [], resource); permit(principal, action, resource);", "allow 1"},
};

static void scopes_choose_the_policies(void **state) {
    IGNORE(state);
    check(scopes, ARRAY_LEN(scopes));
}

static bool always_expired(void *ctx) {
    IGNORE(ctx);
    return true;
}

static void expiry_denies_and_names_what_was_not_evaluated(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct eval e;
    world_eval_init(&w, &e);
    e.is_expired = always_expired;
    e.fuel = 3; /* enough for two policies, each one step for its scope */
    struct decision decision = decide_text(&w, &e,
                                           "permit(principal, action, resource);"
                                           "forbid(principal, action, resource) when { true };"
                                           "permit(principal, action, resource) when { true };"
                                           "permit(principal is G, action, resource);"
                                           "permit(principal, action, resource);");
    assert_true(decision.is_timeout);
    assert_true(str_equal_c(describe(&w, &decision), "deny 1 ! 2 4"));
    assert_true(str_equal_c(decision.errors[0].error.message, "timeout"));
    world_done(&w);
}

static void expiry_denies_although_a_permit_was_satisfied(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct eval e;
    world_eval_init(&w, &e);
    e.is_expired = always_expired;
    e.fuel = 2; /* the second policy is stopped inside its condition */
    struct decision decision = decide_text(&w, &e,
                                           "permit(principal, action, resource);"
                                           "forbid(principal, action, resource) when { true };");
    assert_true(decision.is_timeout);
    assert_true(str_equal_c(describe(&w, &decision), "deny ! 1"));
    world_done(&w);
}

static void conditions_leave_no_memory_behind(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct buf b;
    buf_init_arena(&b, &w.arena, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        buf_add_c(&b, "permit(principal, action, resource) when { [context, [context.n, 2, 3, 4]]"
                      ".contains(5) };");
    }
    buf_add_byte(&b, '\0');
    struct arena small;
    arena_init(&small, allocator_libc(), 1 << 16); /* the list of 2,000 policies fits */
    struct eval e;
    world_eval_init(&w, &e);
    e.arena = &small;
    struct decision decision = decide_text(&w, &e, buf_str(&b).ptr);
    assert_int_equal(decision.error_count, 0);
    arena_done(&small);
    world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbid_overrides_permit_and_errors_decide_nothing),
        cmocka_unit_test(scopes_choose_the_policies),
        cmocka_unit_test(expiry_denies_and_names_what_was_not_evaluated),
        cmocka_unit_test(expiry_denies_although_a_permit_was_satisfied),
        cmocka_unit_test(conditions_leave_no_memory_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
