/* SPDX-License-Identifier: Apache-2.0 */
/* Corners 1 to 16 and 25 to 33: syntax, evaluation, text. */
#include "corners_unit.h"

static void corner_01_unary_operators_do_not_mix_and_stop_at_four(void **state) {
    refused(*state, "!-1", "unexpected token `-`");
    refused(*state, "!-context.n", "unexpected token `-`");
    refused(*state, "-!true", "unexpected token `!`");
    gives(*state, "!!!!true", "true");
    gives(*state, "----1", "1");
    gives(*state, "- -1", "1");
    refused(*state, "-----1", "too many occurrences of `-`");
    refused(*state, "!!!!!true", "too many occurrences of `!`");
    refused(*state, "- - - - -1", "too many occurrences of `-`");
}

/* Nesting is limited by the engine, chains are not. */
static char *add(char *at, const char *piece) {
    size_t len = strlen(piece);
    memcpy(at, piece, len + 1);
    return at + len;
}

static void corner_02_depth_is_an_error_and_never_a_crash(void **state) {
    enum { CHAIN = 100000, NEST = 10000 };
    struct corner *c = *state;
    char *words = malloc(CHAIN * 8 + 16);
    assert_non_null(words);
    char *at = words;
    for (int i = 0; i < CHAIN; i++) {
        at = add(at, "true && ");
    }
    add(at, "true");
    gives(c, words, "true");
    static const char *const openers[][2] = {{"(", ")"}, {"!(", ")"}, {"[", "]"}, {"{a:", "}"}};
    for (size_t k = 0; k < LENGTH(openers); k++) {
        at = words;
        for (int i = 0; i < NEST; i++) {
            at = add(at, openers[k][0]);
        }
        at = add(at, "true");
        for (int i = 0; i < NEST; i++) {
            at = add(at, openers[k][1]);
        }
        const cedar_value *value;
        cedar_report *report = NULL;
        assert_int_equal(
            cedar_evaluate(c->api->scratch, text(words), c->entities, &c->request, &value, &report),
            CEDAR_ERR_LIMIT);
        assert_true(cedar_report_count(report) > 0);
        cedar_report_free(report);
    }
    free(words);
}

static void corner_03_the_smallest_long_is_a_literal_only_after_a_minus(void **state) {
    gives(*state, "-9223372036854775808", "-9223372036854775808");
    gives(*state, "- 9223372036854775808", "-9223372036854775808");
    refused(*state, "-(9223372036854775808)", "integer literal `9223372036854775808` is too large");
    refused(*state, "9223372036854775808", "integer literal `9223372036854775808` is too large");
    fails(*state, "--9223372036854775808",
          "integer overflow while attempting to negate the value `-9223372036854775808`");
    refused(*state, "18446744073709551616",
            "integer parse error: number too large to fit in target type");
}

static void corner_04_a_minus_before_members(void **state) {
    gives(*state, "-context.n", "-1");
    gives(*state, "-(1)", "-1");
    fails(*state, "1 .a", "type error");
    fails(*state, "1.a", "type error");
}

static void corner_05_if_is_no_operand(void **state) {
    refused(*state, "1 + if true then 1 else 2", "unexpected token `true`");
    refused(*state, "true && if true then true else true", "unexpected token `true`");
    refused(*state, "!if true then true else true", "unexpected token `true`");
    gives(*state, "if true then false else false || true", "false");
    gives(*state, "if false then false else false || true", "true");
}

static void corner_06_relational_operators_do_not_chain(void **state) {
    refused(*state, "1 < 2 < 3", "multiple relational operators");
    refused(*state, "1 == 1 == true", "multiple relational operators");
    refused(*state, "principal in Group::\"g\" is User", "unexpected token `is`");
    refused(*state, "principal has age == true", "unexpected token `==`");
    refused(*state, "\"a\" like \"a\" like \"a\"", "unexpected token `like`");
}

static void corner_07_logic_checks_only_what_it_evaluates(void **state) {
    gives(*state, "false && 1", "false");
    gives(*state, "true || 1", "true");
    fails(*state, "1 || true", "type error: expected bool, got long");
    fails(*state, "true && 1", "type error: expected bool, got long");
    gives(*state, "if true then 1 else 1 + true", "1");
}

static void corner_08_has_takes_a_path_of_identifiers_or_one_string(void **state) {
    refused(*state, "principal has \"r\".x", "invalid RHS of a `has` operation: \"r\".x");
    refused(*state, "principal has r.\"b c\"", "unexpected token `\"b c\"`");
    refused(*state, "principal has (age)", "invalid RHS of a `has` operation: (age)");
    refused(*state, "principal has Foo::a", "`Foo::a` cannot be used as an attribute");
    refused(*state, "principal has if", "this identifier is reserved and cannot be used: if");
    refused(*state, "principal has true", "this identifier is reserved and cannot be used: true");
    gives(*state, "{\"if\": 1} has \"if\"", "true");
    gives(*state, "principal has r.x.y", "true");
    gives(*state, "principal has zz.y", "false");
    gives(*state, "principal has r.zz.y", "false");
    fails(*state, "principal has age.foo", "type error");
}

static void corner_09_has_is_false_and_access_fails_where_there_is_no_entity(void **state) {
    gives(*state, "resource has a", "false");
    fails(*state, "resource.a", "entity `Photo::\"p\"` does not exist");
    gives(*state, "principal.boss has age", "false");
    fails(*state, "principal.boss.age", "entity `User::\"gone\"` does not exist");
    fails(*state, "principal.zz", "`User::\"alice\"` does not have the attribute `zz`");
}

static void corner_10_tags_are_not_attributes(void **state) {
    gives(*state, "principal.getTag(\"t\")", "\"v\"");
    fails(*state, "principal.getTag(\"age\")", "`User::\"alice\"` does not have the tag `age`");
    fails(*state, "principal.t", "`User::\"alice\"` does not have the attribute `t`");
    gives(*state, "principal.hasTag(\"age\")", "false");
    fails(*state, "principal.hasTag(1)", "type error: expected string, got long");
    gives(*state, "resource.hasTag(\"t\")", "false");
    fails(*state, "resource.getTag(\"t\")", "entity `Photo::\"p\"` does not exist");
}

static void corner_11_in_checks_every_element_first(void **state) {
    fails(*state, "principal in [Group::\"g\", 1]", "type error");
    gives(*state, "principal in [Group::\"g\", Group::\"zz\"]", "true");
    gives(*state, "principal in []", "false");
    fails(*state, "1 in [1]", "type error");
    fails(*state, "\"a\" in [\"a\"]", "type error");
}

static void corner_12_absent_entities_are_in_themselves(void **state) {
    gives(*state, "User::\"zz\" in User::\"zz\"", "true");
    gives(*state, "User::\"zz\" in Group::\"g\"", "false");
    gives(*state, "principal in Group::\"top\"", "true");
    gives(*state, "Group::\"top\" in Group::\"g\"", "false");
    gives(*state, "principal in principal", "true");
}

static void corner_13_is_needs_no_entity(void **state) {
    gives(*state, "User::\"zz\" is User", "true");
    gives(*state, "resource is Photo", "true");
    gives(*state, "principal is principal", "false");
    gives(*state, "principal is Photo in 1", "false");
    fails(*state, "principal is User in 1", "type error");
    fails(*state, "1 is User", "type error");
}

static void corner_14_sets_on_the_left_anything_on_the_right(void **state) {
    gives(*state, "[1, \"a\"].contains(User::\"x\")", "false");
    gives(*state, "[].containsAll([])", "true");
    gives(*state, "[].containsAny([])", "false");
    gives(*state, "[1].containsAny([])", "false");
    gives(*state, "[].isEmpty()", "true");
    fails(*state, "1.contains(1)", "type error: expected set, got long");
    fails(*state, "[1].containsAll(1)", "type error: expected set, got long");
}

static void corner_15_sets_know_equal_values(void **state) {
    gives(*state, "[1, 2, 2] == [2, 1]", "true");
    gives(*state, "[decimal(\"1.0\")] == [decimal(\"1.00\"), decimal(\"1.000\")]", "true");
    gives(*state, "[[1, 1], [1]] == [[1]]", "true");
    gives(*state, "[{a: 1, b: 2}, {b: 2, a: 1}] == [{a: 1, b: 2}]", "true");
}

static void corner_16_records_have_each_key_once(void **state) {
    refused(*state, "{a: 1, a: 2}", "duplicate key `a` in record literal");
    refused(*state, "{a: 1, \"a\": 2}", "duplicate key `a` in record literal");
    gives(*state, "{b: 1, a: 2}", "{\"a\": 2, \"b\": 1}");
    gives(*state, "{} == context.r", "true");
    fails(*state, "{b: principal.zz, a: 1 + \"s\"}", "type error: expected long, got string");
    fails(*state, "{a: principal.zz}.b", "`User::\"alice\"` does not have the attribute `zz`");
}

static void corner_25_only_three_types_are_ordered(void **state) {
    gives(*state, "1 < 2", "true");
    gives(*state, "datetime(\"2024-01-01\") < datetime(\"2024-01-02\")", "true");
    gives(*state, "duration(\"1h\") <= duration(\"60m\")", "true");
    fails(*state, "decimal(\"1.0\") < decimal(\"2.0\")",
          "type error: expected one of [long, datetime, duration], got decimal");
    fails(*state, "\"a\" < \"b\"",
          "type error: expected one of [long, datetime, duration], got string");
    fails(*state, "duration(\"1h\") < datetime(\"2024-01-01\")",
          "type error: expected duration, got datetime");
    fails(*state, "1 < \"a\"", "type error: expected long, got string");
}

static void corner_26_equality_is_total(void **state) {
    gives(*state, "1 == \"a\"", "false");
    gives(*state, "decimal(\"1.0\") == duration(\"1s\")", "false");
    gives(*state, "[1] == {a: 1}", "false");
    gives(*state, "User::\"a\" != 1", "true");
}

static void corner_27_arity_of_functions_is_checked_late(void **state) {
    fails(*state, "decimal(\"1.0\", \"2.0\")",
          "wrong number of arguments provided to extension function `decimal`: expected 1, got 2");
    fails(*state, "ip()", "wrong number of arguments provided to extension function `ip`");
    gives(*state, "true || decimal()", "true");
    refused(*state, "[1].contains()", "");
    refused(*state, "[1].isEmpty(1)", "");
    refused(*state, "principal.getTag()", "");
}

static void corner_28_unknown_is_no_function(void **state) {
    refused(*state, "unknown(\"x\")", "`unknown` is not a valid function");
}

static void corner_29_patterns(void **state) {
    gives(*state, "\"zzz\" like \"\\u{2a}\"", "true");
    gives(*state, "\"zzz\" like \"\\x2a\"", "true");
    gives(*state, "\"zzz\" like \"\\*\"", "false");
    gives(*state, "\"*\" like \"\\*\"", "true");
    gives(*state, "\"a\\nb\" like \"a*b\"", "true");
    gives(*state, "\"abc\" like \"a**c\"", "true");
    gives(*state, "\"a\" like \"?\"", "false");
    gives(*state, "\"\" like \"\"", "true");
    gives(*state, "\"a\" like \"\"", "false");
    refused(*state, "\"a\\*\"", "is not a valid escape");
}

static void corner_30_escapes(void **state) {
    static const char *const bad[] = {"\"\\/\"",   "\"\\a\"",        "\"\\u0041\"",
                                      "\"\\x80\"", "\"\\u{}\"",      "\"\\u{d800}\"",
                                      "\"\\q\"",   "\"\\u{110000}\""};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        refused(*state, bad[i], "is not a valid escape");
    }
    gives(*state, "\"\\u{1_F600}\"", "\"\xf0\x9f\x98\x80\"");
    gives(*state, "\"a\nb\" == \"a\\nb\"", "true");
    refused(*state, "\"a\rb\"", "");
    refused(*state, "\"a\\\nb\"", "invalid token");
    gives(*state, "\"\\0\\x7F\\'\\\"\\\\\" == \"\\u{0}\\u{7f}'\\u{22}\\u{5c}\"", "true");
}

static void corner_31_white_space_comments_and_identifiers(void **state) {
    policy_refused(*state, "// x\rforbid(principal, action, resource)", "unexpected end of input");
    decides(*state,
            "permit(principal, action, resource); // x\rforbid(principal, action, resource);",
            "deny policy1");
    policy_refused(*state, "\xef\xbb\xbfpermit(principal, action, resource);", "invalid token");
    policy_accepted(*state, "permit(principal,\xc2\xa0"
                            "action,\xe2\x80\x83resource);");
    refused(*state, "\xc3\x9cser::\"a\"", "invalid token");
    policy_accepted(*state, "permit(principal, action, resource);// end");
    policy_refused(*state, "permit(principal, action, resource) /* x */;", "unexpected token");
}

static void corner_32_ids_are_any_text(void **state) {
    gives(*state, "User::\"\" == User::\"\"", "true");
    gives(*state, "User::\"it's\"", "User::\"it\\'s\"");
    gives(*state, "User::\"\\0\\u{7}\"", "User::\"\\0\\u{7}\"");
    gives(*state, "User :: // here\n \"a\"", "User::\"a\"");
    entities_load(*state, "[{\"uid\":{\"type\":\" A\",\"id\":\"\"},\"attrs\":{},\"parents\":[]}]",
                  NULL, "needs to be normalized (e.g., whitespace removed)");
    entities_load(*state,
                  "[{\"uid\":{\"type\":\"A\",\"id\":\"\\u0000\"},\"attrs\":{},\"parents\":[]}]",
                  NULL, NULL);
}

static void corner_33_the_reserved_name(void **state) {
    refused(*state, "__cedar::\"a\"", "The name `__cedar` contains `__cedar`, which is reserved");
    refused(*state, "A::__cedar::B::\"a\"", "contains `__cedar`, which is reserved");
    refused(*state, "context.__cedar", "contains `__cedar`, which is reserved");
    fails(*state, "context[\"__cedar\"]", "record does not have the attribute `__cedar`");
    gives(*state, "context has \"__cedar\"", "false");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CORNER(corner_01_unary_operators_do_not_mix_and_stop_at_four),
        CORNER(corner_02_depth_is_an_error_and_never_a_crash),
        CORNER(corner_03_the_smallest_long_is_a_literal_only_after_a_minus),
        CORNER(corner_04_a_minus_before_members),
        CORNER(corner_05_if_is_no_operand),
        CORNER(corner_06_relational_operators_do_not_chain),
        CORNER(corner_07_logic_checks_only_what_it_evaluates),
        CORNER(corner_08_has_takes_a_path_of_identifiers_or_one_string),
        CORNER(corner_09_has_is_false_and_access_fails_where_there_is_no_entity),
        CORNER(corner_10_tags_are_not_attributes),
        CORNER(corner_11_in_checks_every_element_first),
        CORNER(corner_12_absent_entities_are_in_themselves),
        CORNER(corner_13_is_needs_no_entity),
        CORNER(corner_14_sets_on_the_left_anything_on_the_right),
        CORNER(corner_15_sets_know_equal_values),
        CORNER(corner_16_records_have_each_key_once),
        CORNER(corner_25_only_three_types_are_ordered),
        CORNER(corner_26_equality_is_total),
        CORNER(corner_27_arity_of_functions_is_checked_late),
        CORNER(corner_28_unknown_is_no_function),
        CORNER(corner_29_patterns),
        CORNER(corner_30_escapes),
        CORNER(corner_31_white_space_comments_and_identifiers),
        CORNER(corner_32_ids_are_any_text),
        CORNER(corner_33_the_reserved_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
