/* SPDX-License-Identifier: Apache-2.0 */
/* Several errors in one text: all that the Cedar reference finds, in its order. */
#include "text_unit.h"

#define HEAD "permit(principal, action, resource) when { "

enum { FINDINGS_MAX = 6 };

static const struct {
    const char *text;
    const char *messages[FINDINGS_MAX];
} cases[] = {
    /* What is not grammatical comes alone. */
    {HEAD "User == 1 + };\ndeny(foo, action, resource) when { \"\\q\" == a.b };\n"
          "forbid(principal, action, resource);\npermit(principal action, resource);",
     {"unexpected token `}`", "unexpected token `action`"}},
    {"deny(foo, action, resource) when { \"\\q\" == a.b };\nforbid(principal, action);",
     {"invalid policy effect: deny", "found an invalid variable in the policy scope: foo",
      "the input `\\q` is not a valid escape",
      "invalid member access `a.b`, `a` has no fields or methods",
      "this policy is missing the `resource` variable in the scope"}},
    /* Reading goes on behind the bad expression in a bracket. */
    {HEAD "[1, 2 3, (4] };", {"unexpected token `3`", "unexpected token `]`"}},
    {HEAD "(1 +) && foo(,) == {a: } };",
     {"unexpected token `)`", "unexpected token `,`", "unexpected token `}`"}},
    {HEAD "if 1 2 then else };", {"unexpected token `2`", "unexpected token `}`"}},
    {"permit(principal in [,], action == (, resource is (1 +));",
     {"unexpected token `,`", "unexpected token `,`", "unexpected token `)`"}},
    {HEAD "[true] 1, 2] };", {"unexpected token `1`"}},
    {HEAD "true } 1 } ) };", {"unexpected token `1`", "unexpected token `)`"}},
    /* Also behind an earlier part of what is open, unless the last operand was whole. */
    {HEAD "if 1 then 2 else (a b else 3) };", {"unexpected token `b`", "unexpected token `)`"}},
    {HEAD "{a: (1 b : 2} };", {"unexpected token `b`"}},
    {HEAD "((if if a then b else < true then c else d) like \"*\") };", {"unexpected token `<`"}},
    {HEAD "if (if a then [b] else [c] then d) else e };",
     {"unexpected token `then`", "unexpected token `)`"}},
    {HEAD "a(99999999999999999999 };",
     {"integer parse error: number too large to fit in target type"}},
    {HEAD "if::\"x\" };", {"unexpected token `\"x\"`"}},
    /* What ends the reading comes first. */
    {"permit(principal action, resource); " HEAD "\"open };",
     {"invalid token", "unexpected token `action`"}},
    {HEAD "(1 2 $) };", {"invalid token"}},
    {"permit(principal action, resource); $", {"invalid token"}},
    {"permit(principal action, resource); forbid(principal, action, resource)",
     {"unexpected end of input", "unexpected token `action`"}},
    {HEAD "99999999999999999999 };permit(;",
     {"integer parse error: number too large to fit in target type"}},
    {HEAD "99999999999999999999 1 };", {"unexpected token `1`"}},
};

static void all_errors_are_found_in_order(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text_unit unit;
        const struct ast_policy_set *set = NULL;
        str text = str_c(cases[i].text);
        text_unit_init(&unit, text);
        assert_int_equal(parse_policy_set(&unit.arena, text, NULL, &set, &unit.diags), ERR_SYNTAX);
        assert_null(set);
        size_t count = 0;
        while (count < FINDINGS_MAX && cases[i].messages[count] != NULL) {
            assert_true(count < unit.diags.items.count);
            assert_text(unit.diags.items.items[count].message, cases[i].messages[count],
                        cases[i].text);
            count++;
        }
        assert_int_equal(unit.diags.items.count, count);
        text_unit_done(&unit);
    }
}

static void findings_of_other_texts_keep_their_places(void **state) {
    IGNORE(state);
    struct text_unit unit;
    const struct ast_policy_set *set = NULL;
    str good_then_open = STR("permit(principal action, resource);\npermit(");
    text_unit_init(&unit, good_then_open);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(parse_policy_set(&unit.arena, good_then_open, NULL, &set, &unit.diags),
                         ERR_SYNTAX);
    }
    assert_int_equal(unit.diags.items.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_text(unit.diags.items.items[i].message,
                    i % 2 == 0 ? "unexpected end of input" : "unexpected token `action`",
                    good_then_open.ptr);
    }
    text_unit_done(&unit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_errors_are_found_in_order),
        cmocka_unit_test(findings_of_other_texts_keep_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
