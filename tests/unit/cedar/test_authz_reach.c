/* SPDX-License-Identifier: Apache-2.0 */
/* The index over scopes: what a request reaches, and how little it looks at. */
#include "eval_unit.h"

#include <stdio.h>

#include "cedar/authz/reach.h"
#include "cedar/compile/compile.h"

static struct program compile_text(struct world *w, str text) {
    const struct ast_policy_set *set;
    assert_int_equal(parse_policy_set(&w->arena, text, &parse_limits_default, &set, NULL), ERR_OK);
    struct lower_options options = {.key = &world_key, .max_depth = 2000};
    AUTO(compiler_done) struct compiler compiler;
    compiler_init(&compiler, &w->arena, &w->arena, &options);
    for (size_t i = 0; i < set->count; i++) {
        assert_int_equal(compiler_add(&compiler, set->policies[i].id, &set->policies[i]), ERR_OK);
    }
    struct program program;
    assert_int_equal(compiler_finish(&compiler, &program), ERR_OK);
    return program;
}

static void reach_of(struct world *w, const struct program *program, struct reach *ret) {
    struct eval e;
    world_eval_init(w, &e);
    assert_int_equal(reach_find(ret, &e, program), ERR_OK);
}

/* `count` policies of which the one in the middle is about alice and p. */
static str many(struct world *w, const char *const *head, int count) {
    struct buf b;
    buf_init_arena(&b, &w->arena, 16 << 20);
    for (int i = 0; i < count; i++) {
        char user[16] = "alice";
        char photo[16] = "p";
        if (i != count / 2) {
            snprintf(user, sizeof user, "u%d", i % 700);
            snprintf(photo, sizeof photo, "p%d", i % 900);
        }
        buf_format(&b, "%s\"%s\"%s\"%s\"%s", head[0], user, head[1], photo, head[2]);
    }
    return buf_str(&b);
}

static void a_request_looks_at_few_of_many_policies(void **state) {
    IGNORE(state);
    static const char *const heads[][3] = {
        {"permit(principal == User::", ", action, resource == Photo::", ");"},
        {"permit(principal in User::", ", action == Action::\"view\", resource in Photo::", ");"},
        {"permit(principal is User in User::",
         ", action in [Action::\"view\", Action::\"a\"], resource == Photo::",
         ") when { context has n };"},
        {"forbid(principal, action == Action::", ", resource == Photo::", ") unless { true };"},
    };
    static const size_t reached[] = {1, 1, 1, 0};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct world w;
        world_init(&w);
        struct program program = compile_text(&w, many(&w, heads[i], 5000));
        struct reach reach;
        reach_of(&w, &program, &reach);
        assert_int_equal(reach.policies.count, reached[i]);
        assert_in_range(reach.work, 0, 40);
        world_done(&w);
    }
}

static void policies_come_in_order_and_once(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct buf b;
    buf_init_arena(&b, &w.arena, 16 << 20);
    for (int i = 0; i < 200; i++) {
        /* by all the ways there are, some of them by two at once */
        static const char *const heads[] = {
            "principal, action, resource",
            "principal == User::\"alice\", action, resource",
            "principal in G::\"top\", action, resource",
            "principal, action, resource is Photo",
            "principal, action in [Action::\"view\", Action::\"view\"], resource",
            "principal is User in G::\"g\", action, resource == Photo::\"p\"",
            "principal == User::\"bob\", action, resource",
        };
        buf_format(&b, "permit(%s);", heads[i % 7]);
    }
    struct program program = compile_text(&w, buf_str(&b));
    struct reach reach;
    reach_of(&w, &program, &reach);
    size_t expected = 0;
    for (uint32_t i = 0; i < 200; i++) {
        if (i % 7 != 6) {
            assert_true(expected < reach.policies.count);
            assert_int_equal(reach.policies.items[expected++], i);
        }
    }
    assert_int_equal(reach.policies.count, expected);
    world_done(&w);
}

static void long_lists_of_actions_are_found_too(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct buf b;
    buf_init_arena(&b, &w.arena, 1 << 20);
    for (int policy = 0; policy < 20; policy++) {
        buf_add_c(&b, "permit(principal, action in [");
        for (int i = 0; i < 40; i++) {
            buf_format(&b, "Action::\"%d\", ", i + policy);
        }
        buf_format(&b, "Action::\"%s\"], resource);", policy % 2 == 0 ? "view" : "edit");
    }
    struct program program = compile_text(&w, buf_str(&b));
    struct reach reach;
    reach_of(&w, &program, &reach);
    assert_int_equal(reach.policies.count, 10);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(reach.policies.items[i], 2 * i);
    }
    world_done(&w);
}

static void requests_add_no_symbols(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct program program =
        compile_text(&w, STR("permit(principal == Other::\"x\", action, resource);"));
    size_t uids = program.symbols.uids.count;
    struct reach reach;
    reach_of(&w, &program, &reach);
    assert_int_equal(reach.policies.count, 0);
    assert_int_equal(program.symbols.uids.count, uids);
    assert_int_equal(symbols_find_uid(&program.symbols, &w.principal), SYMBOL_NONE);
    assert_int_equal(symbols_find_type(&program.symbols, STR("User")), SYMBOL_NONE);
    assert_int_equal(symbols_find_type(&program.symbols, STR("Other")), 0);
    world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_looks_at_few_of_many_policies),
        cmocka_unit_test(policies_come_in_order_and_once),
        cmocka_unit_test(long_lists_of_actions_are_found_too),
        cmocka_unit_test(requests_add_no_symbols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
