/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed is spelled as the reference spells it, and parses to an equal tree. */
#include "text_unit.h"

#include "cedar/ast/equal.h"
#include "cedar/text/print.h"

static const struct ast_policy_set *parse(struct text_unit *unit, str source) {
    const struct ast_policy_set *set = NULL;
    err error = parse_policy_set(&unit->arena, source, &parse_limits_default, &set, &unit->diags);
    if (error != ERR_OK) {
        print_error("does not parse: %.*s\n", STR_FMT(source));
    }
    assert_int_equal(error, ERR_OK);
    return set;
}

static void print(struct buf *out, const struct ast_policy *policy) {
    struct arena temp;
    arena_init(&temp, allocator_libc(), 1 << 20);
    print_policy(out, &temp, policy);
    arena_done(&temp);
}

static void assert_printed(const char *source, const char *expected) {
    struct text_unit unit;
    text_unit_init(&unit, str_c(source));
    const struct ast_policy_set *set = parse(&unit, str_c(source));
    assert_int_equal(set->count, 1);
    print(&unit.out, &set->policies[0]);
    assert_int_equal(unit.out.error, ERR_OK);
    assert_text(buf_str(&unit.out), expected, source);
    assert_true(ast_policy_set_equal(set, parse(&unit, buf_str(&unit.out))));
    text_unit_done(&unit);
}

static void expressions_have_their_one_spelling(void **state) {
    static const char *const cases[][2] = {
        {"1+2+3", "1 + 2 + 3"},
        {"1+2-3", "(1 + 2) - 3"},
        {"1-2+3+4-5", "((1 - 2) + 3 + 4) - 5"},
        {"1+(2+3)", "1 + (2 + 3)"},
        {"(1+2)+3", "1 + 2 + 3"},
        {"-1 - -2", "(-1) - (-2)"},
        {"-(1)", "-(1)"},
        {"--1", "-((-1))"},
        {"-principal.a", "-(principal.a)"},
        {"!!true", "!(!true)"},
        {"!principal.a", "!principal.a"},
        {"!(1 == 2)", "!(1 == 2)"},
        {"true&&false||true", "(true && false) || true"},
        {"true && (false && true)", "true && (false && true)"},
        {"(1 == 2) == (3 != 4)", "(1 == 2) == (3 != 4)"},
        {"1 * 2 + 3", "(1 * 2) + 3"},
        {"principal[\"a\"]", "principal.a"},
        {"principal[\"a b\"][\"if\"]", "principal[\"a b\"][\"if\"]"},
        {"(1 + 2).a", "(1 + 2).a"},
        {"(-1).a", "(-1).a"},
        {"principal has a.b.c", "principal has a.b.c"},
        {"principal has \"a\"", "principal has a"},
        {"principal has \"a b\"", "principal has \"a b\""},
        {"principal like \"*a\\*\\u{7}'*\"", "principal like \"*a\\*\\u{7}\\'*\""},
        {"principal is A::B", "principal is A::B"},
        {"principal is A in (resource)", "principal is A in resource"},
        {"principal is A in [A::\"x\"] && true", "(principal is A in [A::\"x\"]) && true"},
        {"if 1 == 2 then 3 else if true then 4 else 5",
         "if 1 == 2 then 3 else if true then 4 else 5"},
        {"(if true then 1 else 2) == 1", "(if true then 1 else 2) == 1"},
        {"[1,(1+2),[],]", "[1, 1 + 2, []]"},
        {"{b: 1, \"a\": 2, \"if\": {}}", "{a: 2, b: 1, \"if\": {}}"},
        {"[1].contains(1 + 2)", "[1].contains(1 + 2)"},
        {"(principal == 1).isEmpty()", "(principal == 1).isEmpty()"},
        {"ip(\"1.1.1.1\").isInRange(ip(\"1.0.0.0/8\"))",
         "ip(\"1.1.1.1\").isInRange(ip(\"1.0.0.0/8\"))"},
        {"principal.getTag(\"x\").hasTag(\"y\")", "principal.getTag(\"x\").hasTag(\"y\")"},
        {"User :: \"q'\\x41\\n\"", "User::\"q\\'A\\n\""},
        {"-9223372036854775808", "(-9223372036854775808)"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char source[512];
        char expected[512];
        snprintf(source, sizeof source, "permit(principal,action,resource) when {%s};",
                 cases[i][0]);
        snprintf(expected, sizeof expected, "permit(principal, action, resource) when { %s };",
                 cases[i][1]);
        assert_printed(source, expected);
    }
}

static void policies_have_annotations_scope_and_clauses(void **state) {
    (void)state;
    assert_printed("@b(\"x'\")@a forbid(principal==A::\"x\",action in[Action::\"a\","
                   "N::Action::\"b\"],resource is T in F::\"y\",)unless{true}when{false};",
                   "@a\n@b(\"x\\'\")\nforbid(principal == A::\"x\", action in [Action::\"a\", "
                   "N::Action::\"b\"], resource is T in F::\"y\") unless { true } when { false };");
    assert_printed("permit(principal in ?principal, action == Action::\"a\", resource is T in "
                   "?resource);",
                   "permit(principal in ?principal, action == Action::\"a\", resource is T in "
                   "?resource);");
    assert_printed("permit(principal is A, action in [], resource == ?resource);",
                   "permit(principal is A, action in [], resource == ?resource);");
}

static void long_mixed_chains_stay_flat(void **state) {
    struct text_unit unit;
    (void)state;
    text_unit_init(&unit, STR(""));
    struct buf source;
    buf_init_arena(&source, &unit.arena, 1 << 20);
    buf_add_c(&source, "permit(principal, action, resource) when { 1");
    for (int i = 0; i < 10000; i++) {
        buf_add_c(&source, " + 2 - 3");
    }
    buf_add_c(&source, " == 4 };");
    const struct ast_policy_set *set = parse(&unit, buf_str(&source));
    print(&unit.out, &set->policies[0]);
    assert_int_equal(unit.out.error, ERR_OK);
    assert_true(ast_policy_set_equal(set, parse(&unit, buf_str(&unit.out))));
    text_unit_done(&unit);
}

static void trees_that_differ_are_not_equal(void **state) {
    static const char *const cases[][2] = {
        {"1 + 2", "2 + 1"},
        {"1 + 2 - 3", "1 - 2 + 3"},
        {"1 + (2 + 3)", "1 + 2 + 3"},
        {"true && (false && true)", "true && false && true"},
        {"principal has a.b", "principal has a"},
        {"{a: 1}", "{a: 2}"},
        {"{a: 1}", "{b: 1}"},
        {"\"a\" like \"*\"", "\"a\" like \"\\*\""},
        {"principal is A", "principal is A in resource"},
        {"-1", "-(1)"},
        {"1 < 2", "1 <= 2"},
        {"[1, 2]", "[2, 1]"},
        {"ip(\"1.1.1.1\")", "decimal(\"1.1\")"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text_unit unit;
        const struct ast_expr *a;
        const struct ast_expr *b;
        text_unit_init(&unit, STR(""));
        assert_int_equal(
            parse_expr(&unit.arena, str_c(cases[i][0]), &parse_limits_default, &a, &unit.diags),
            ERR_OK);
        assert_int_equal(
            parse_expr(&unit.arena, str_c(cases[i][1]), &parse_limits_default, &b, &unit.diags),
            ERR_OK);
        if (ast_expr_equal(a, b) || !ast_expr_equal(a, a)) {
            fail_msg("%s against %s", cases[i][0], cases[i][1]);
        }
        text_unit_done(&unit);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_their_one_spelling),
        cmocka_unit_test(policies_have_annotations_scope_and_clauses),
        cmocka_unit_test(long_mixed_chains_stay_flat),
        cmocka_unit_test(trees_that_differ_are_not_equal),
    };
    return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
