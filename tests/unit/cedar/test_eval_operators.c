/* SPDX-License-Identifier: Apache-2.0 */
/* Results and order of evaluation of all operators (maps: §1.3, §1.4, corners 7 to 16, 26, 29). */
#include "eval_unit.h"

static const struct world_case logic_cases[] = {
    {"false && 1", "false"},
    {"true || 1", "true"},
    {"true && true && true", "true"},
    {"true && false && 1", "false"},
    {"false || false || true", "true"},
    {"true && false || true", "true"},
    {"!true", "false"},
    {"!!true", "true"},
    {"if true then 1 else {}.a", "1"},
    {"if false then {}.a else 2", "2"},
    {"if true then 1 else 2 + {}.a", "1"},
    {"principal.zz == 1 || true", "error: `User::\"alice\"` does not have the attribute `zz` | "
                                  "available attributes: [age,name,r,t2]"},
};

static void logic_evaluates_only_what_it_needs(void **state) {
    IGNORE(state);
    world_check(logic_cases, ARRAY_LEN(logic_cases));
}

static const struct world_case number_cases[] = {
    {"1 + 2 - 3 + 10", "10"},
    {"2 * 3 * 4", "24"},
    {"1 + 2 * 3", "7"},
    {"10 - 3 - 2", "5"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-(1)", "-1"},
    {"- -1", "1"},
    {"-principal.age", "-3"},
    {"9223372036854775807 - 1 + 1", "9223372036854775807"},
    {"-9223372036854775808 + 1 - 1", "-9223372036854775808"},
    {"1 < 2", "true"},
    {"2 < 2", "false"},
    {"2 <= 2", "true"},
    {"2 > 2", "false"},
    {"2 >= 2", "true"},
    {"duration(\"1h\") < duration(\"61m\")", "true"},
    {"datetime(\"2024-01-01\") >= datetime(\"2024-01-01T00:00:00Z\")", "true"},
};

static void numbers_are_exact(void **state) {
    IGNORE(state);
    world_check(number_cases, ARRAY_LEN(number_cases));
}

static const struct world_case equality_cases[] = {
    {"1 == \"1\"", "false"},
    {"1 != \"1\"", "true"},
    {"[1,2,2] == [2,1]", "true"},
    {"{a:1,b:2} == {b:2,a:1}", "true"},
    {"{a:1} == {a:1,b:2}", "false"},
    {"decimal(\"1.0\") == decimal(\"1.00\")", "true"},
    {"duration(\"1h\") == duration(\"60m\")", "true"},
    {"ip(\"1.2.3.4\") == ip(\"1.2.3.4/32\")", "true"},
    {"ip(\"10.0.0.1/8\") == ip(\"10.0.0.2/8\")", "false"},
    {"decimal(\"1.0\") == ip(\"1.0.0.0\")", "false"},
    {"[decimal(\"1.0\"), decimal(\"1.00\")] == [decimal(\"1.000\")]", "true"},
    {"[[1,2],[2,1]] == [[1,2]]", "true"},
    {"[{a:1},{a:1}] == [{a:1}]", "true"},
    {"User::\"a\" == User::\"a\"", "true"},
    {"User::\"a\" == G::\"a\"", "false"},
    {"context == {s:\"text\", n:1}", "true"},
    {"\"e\\u{301}\" == \"\\u{e9}\"", "false"},
};

static void equality_is_total_and_by_value(void **state) {
    IGNORE(state);
    world_check(equality_cases, ARRAY_LEN(equality_cases));
}

static const struct world_case hierarchy_cases[] = {
    {"principal in G::\"g\"", "true"},
    {"principal in G::\"top\"", "true"},
    {"principal in G::\"other\"", "false"},
    {"G::\"g\" in principal", "false"},
    {"User::\"nobody\" in User::\"nobody\"", "true"},
    {"User::\"nobody\" in G::\"top\"", "false"},
    {"principal in []", "false"},
    {"principal in [G::\"x\", G::\"top\"]", "true"},
    {"principal in [principal, 1]",
     "error: type error: expected (entity of type `any_entity_type`), got long"},
    {"principal in [\"a\", 1, true]",
     "error: type error: expected (entity of type `any_entity_type`), got bool"},
    {"principal in [G::\"top\", ip(\"::1\"), datetime(\"2024-01-01\")]",
     "error: type error: expected (entity of type `any_entity_type`), got datetime"},
    {"principal is User", "true"},
    {"principal is Photo", "false"},
    {"Nope::\"x\" is Nope", "true"},
    {"principal is User in G::\"top\"", "true"},
    {"principal is User in [G::\"top\"]", "true"},
    {"principal is Photo in 1", "false"},
    {"principal is User in 1", "error: type error: expected one of [set, (entity of type "
                               "`any_entity_type`)], got long"},
    {"A::B::\"x\" is A::B", "true"},
};

static void hierarchy_is_reflexive_and_transitive(void **state) {
    IGNORE(state);
    world_check(hierarchy_cases, ARRAY_LEN(hierarchy_cases));
}

static const struct world_case member_cases[] = {
    {"principal has age", "true"},
    {"principal has zz", "false"},
    {"User::\"nobody\" has age", "false"},
    {"principal has r.x", "true"},
    {"principal has r.y.z", "true"},
    {"principal has r.q.z", "false"},
    {"principal has zz.x", "false"},
    {"principal has age.x", "error: type error: expected one of [record, (entity of type "
                            "`any_entity_type`)], got long"},
    {"{\"if\":1} has \"if\"", "true"},
    {"principal[\"age\"]", "3"},
    {"principal.r.y.z", "1"},
    {"{contains:1}.contains", "1"},
    {"principal.hasTag(\"t1\")", "true"},
    {"principal.hasTag(\"age\")", "false"},
    {"User::\"nobody\".hasTag(\"t1\")", "false"},
    {"principal.getTag(\"t2\")", "5"},
    {"principal.t2", "\"x\""},
    {"{a: principal.zz}.a == 1 || true", "error: `User::\"alice\"` does not have the attribute "
                                         "`zz` | available attributes: [age,name,r,t2]"},
    {"{a: {}.nope, b: 1}.b", "error: record does not have the attribute `nope` | record does not "
                             "have any attributes"},
    {"{b: principal.zz, a: 1 + \"s\"}", "error: type error: expected long, got string"},
    {"{b: context.n, a: 2}", "{\"a\": 2, \"b\": 1}"},
};

static void members_are_found_or_reported(void **state) {
    IGNORE(state);
    world_check(member_cases, ARRAY_LEN(member_cases));
}

static const struct world_case set_cases[] = {
    {"[1,2].contains(2)", "true"},
    {"[1,2].contains(\"2\")", "false"},
    {"[decimal(\"1.0\")].contains(decimal(\"1.00\"))", "true"},
    {"[[1,2]].contains([2,1])", "true"},
    {"[].containsAll([])", "true"},
    {"[].containsAny([])", "false"},
    {"[1].containsAny([])", "false"},
    {"[1,2,3].containsAll([3,1])", "true"},
    {"[1,2,3].containsAll([3,4])", "false"},
    {"[1,2,3].containsAny([4,3])", "true"},
    {"[].isEmpty()", "true"},
    {"[context.n].isEmpty()", "false"},
    {"[3, 1, context.n, 2, \"a\", principal, true, [1], {a: 1}, 1]",
     "[true, 1, 2, 3, \"a\", User::\"alice\", [1], {\"a\": 1}]"},
    {"[principal.zz, 1 + \"a\"]", "error: `User::\"alice\"` does not have the attribute `zz` | "
                                  "available attributes: [age,name,r,t2]"},
};

static void sets_have_no_order_and_no_duplicates(void **state) {
    IGNORE(state);
    world_check(set_cases, ARRAY_LEN(set_cases));
}

static const struct world_case like_cases[] = {
    {"\"\" like \"\"", "true"},
    {"\"a\" like \"\"", "false"},
    {"\"\" like \"*\"", "true"},
    {"\"\" like \"**\"", "true"},
    {"\"abc\" like \"a*c\"", "true"},
    {"\"abc\" like \"*b*\"", "true"},
    {"\"abc\" like \"*b\"", "false"},
    {"\"aXbXc\" like \"a*X*c\"", "true"},
    {"\"aaab\" like \"*ab\"", "true"},
    {"\"abab\" like \"*aba\"", "false"},
    {"\"a\\nb\" like \"a*b\"", "true"},
    {"\"a*b\" like \"a\\*b\"", "true"},
    {"\"axb\" like \"a\\*b\"", "false"},
    {"\"zzz\" like \"\\u{2a}\"", "true"},
    {"\"zzz\" like \"\\x2a\"", "true"},
    {"\"A\" like \"a\"", "false"},
    {"\"?\" like \"?\"", "true"},
    {"\"b\" like \"?\"", "false"},
    {"\"\\u{1f600}x\" like \"\\u{1f600}*\"", "true"},
    {"context.s like \"t*t\"", "true"},
};

static void like_matches_whole_texts(void **state) {
    IGNORE(state);
    world_check(like_cases, ARRAY_LEN(like_cases));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logic_evaluates_only_what_it_needs),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(equality_is_total_and_by_value),
        cmocka_unit_test(hierarchy_is_reflexive_and_transitive),
        cmocka_unit_test(members_are_found_or_reported),
        cmocka_unit_test(sets_have_no_order_and_no_duplicates),
        cmocka_unit_test(like_matches_whole_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
