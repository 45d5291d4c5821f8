/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes in the head and the frame of policies. The texts are those of the Cedar reference. */
#include "text_unit.h"

#define ORDER \
    "policy scopes must contain a `principal`, `action`, and `resource` element in that order"

static const struct {
    const char *text;
    const char *message;
    const char *label;
    const char *help;
    uint32_t start;
    uint32_t end;
} cases[] = {
    {"permit(principal == ?resource,action,resource);",
     "expected an entity uid or matching template slot, found ?resource instead of ?principal", "",
     "", 20, 29},
    {"permit(principal == ?foo,action,resource);",
     "expected an entity uid or matching template slot, found ?foo instead of ?principal", "", "",
     20, 24},
    {"permit(principal, action == ?action,resource);",
     "expected single entity uid, found template slot", "", "", 28, 35},
    {"permit(principal, action in ?principal,resource);",
     "expected single entity uid or set of entity uids, found template slot", "", "", 28, 38},
    {"permit(principal, action in [?principal],resource);",
     "expected single entity uid, found template slot", "", "", 29, 39},
    {"permit(principal: User,action,resource);", "type constraints using `:` are not supported", "",
     "try using `is` instead", 18, 22},
    {"permit(principal in User::\"a\" is User,action,resource);",
     "when `is` and `in` are used together, `is` must come first", "", "try `_ is _ in _`", 7, 37},
    {"permit(principal in [User::\"a\"],action,resource);",
     "expected single entity uid or template slot, found set of entity uids", "", "", 20, 31},
    {"permit(principal == [],action,resource);",
     "expected single entity uid or template slot, found set of entity uids", "", "", 20, 22},
    {"permit(principal is User in [User::\"a\"],action,resource);",
     "expected single entity uid or template slot, found set of entity uids", "", "", 28, 39},
    {"permit(principal is User == User::\"a\",action,resource);",
     "`is` cannot be used together with `==`", "", "try using `_ is _ in _`", 7, 37},
    {"permit(principal is \"User\",action,resource);",
     "right hand side of an `is` expression must be an entity type name, but got `\"User\"`", "",
     "try removing the quotes: `principal is User`", 20, 26},
    {"permit(principal is User::\"a\",action,resource);",
     "right hand side of an `is` expression must be an entity type name, but got `User::\"a\"`", "",
     "try using `==` to test for equality: `principal == User::\"a\"`", 20, 29},
    {"permit(principal is ?principal,action,resource);",
     "right hand side of an `is` expression must be an entity type name, but got `?principal`", "",
     "try using `==` to test for equality: `principal == ?principal`", 20, 30},
    {"permit(principal = User::\"a\",action,resource);", "'=' is not a valid operator in Cedar", "",
     "try using '==' instead", 7, 28},
    {"permit(principal > User::\"a\",action,resource);", "invalid operator in the policy scope: >",
     "", "policy scope clauses can only use `==`, `in`, `is`, or `_ is _ in _`", 7, 28},
    {"permit(principal has a,action,resource);", "unexpected token `has`",
     "expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`", "", 17, 20},
    {"permit(principal == User,action,resource);",
     "expected an entity uid or matching template slot, found name `User`", "",
     "try using `is` to test for an entity type or including an identifier string if you intended "
     "this name to be an entity uid",
     20, 24},
    {"permit(principal == \"a\",action,resource);",
     "expected an entity uid or matching template slot, found literal `\"a\"`", "",
     "try including the entity type if you intended this string to be an entity uid", 20, 23},
    {"permit(principal == 1,action,resource);",
     "expected an entity uid or matching template slot, found literal `1`", "", "", 20, 21},
    {"permit(principal == a.b,action,resource);",
     "expected an entity uid or matching template slot, found a `.` expression", "",
     "entity types and namespaces cannot use `.` characters -- perhaps try `_` or `::` instead?",
     20, 23},
    {"permit(principal == 1+2,action,resource);",
     "expected an entity uid or matching template slot, found a `+/-` expression", "",
     "entity types and namespaces cannot use `+` or `-` characters -- perhaps try `_` or `::` "
     "instead?",
     20, 23},
    {"permit(principal == 1 || 2,action,resource);",
     "expected an entity uid or matching template slot, found a `||` expression", "",
     "the policy scope can only contain one constraint per variable. Consider moving the second "
     "operand of this `||` into a new policy",
     20, 26},
    {"permit(principal == 1 && 2,action,resource);",
     "expected an entity uid or matching template slot, found a `&&` expression", "",
     "the policy scope can only contain one constraint per variable. Consider moving the second "
     "operand of this `&&` into a `when` condition",
     20, 26},
    {"permit(principal == User::\"\\q\",action,resource);", "the input `\\q` is not a valid escape",
     "", "", 20, 30},
    {"permit(principal, action is User,resource);", "`is` cannot appear in the action scope", "",
     "try moving `action is ..` into a `when` condition", 18, 32},
    {"permit(principal, action != Action::\"a\",resource);",
     "invalid operator in the action scope: !=", "",
     "action scope clauses can only use `==` or `in`", 18, 39},
    {"permit(principal, action == User::\"a\",resource);",
     "expected an entity uid with type `Action` but got `User::\"a\"`", "",
     "action entities must have type `Action`, optionally in a namespace", 28, 37},
    {"permit(principal, action == Action::NS::\"a\",resource);",
     "expected an entity uid with type `Action` but got `Action::NS::\"a\"`", "",
     "action entities must have type `Action`, optionally in a namespace", 28, 43},
    {"permit(principal, action in [User::\"a\",Action::\"x\",B::\"c\"],resource);",
     "expected entity uids with type `Action` but got `User::\"a\"` and `B::\"c\"`", "",
     "action entities must have type `Action`, optionally in a namespace", 28, 58},
    {"permit(principal, action in [Action::\"a\",[Action::\"b\"]],resource);",
     "expected single entity uid, found set of entity uids", "", "", 41, 54},
    {"permit(principal, action in [Action::\"a\",1],resource);",
     "expected an entity uid, found literal `1`", "", "", 41, 42},
    {"permit(principal, action == [Action::\"a\"],resource);",
     "expected single entity uid, found set of entity uids", "", "", 28, 41},
    {"permit(principal, action in Act,resource);",
     "expected an entity uid or set of entity uids, found name `Act`", "",
     "try including an identifier string if you intended this name to be an entity uid", 28, 31},
    {"permit(action,principal,resource);",
     "found the variable `action` where the variable `principal` must be used", "", ORDER, 7, 13},
    {"permit(foo,action,resource);", "found an invalid variable in the policy scope: foo", "",
     ORDER, 7, 10},
    {"permit(principal,action);", "this policy is missing the `resource` variable in the scope", "",
     ORDER, 23, 23},
    {"permit();", "this policy is missing the `principal` variable in the scope", "", ORDER, 6, 6},
    {"permit(principal,action,resource,context);",
     "this policy has an extra element in the scope: context", "", ORDER, 33, 40},
    {"permit(principal action);", "unexpected token `action`",
     "expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`", "", 17, 23},
    {"permit(principal,action,resource,,);", "unexpected token `,`", "expected `)` or identifier",
     "", 33, 34},
    {"permit(\"a\",action,resource);", "unexpected token `\"a\"`", "expected `)` or identifier", "",
     7, 10},
    {"deny(principal,action,resource);", "invalid policy effect: deny", "",
     "effect must be either `permit` or `forbid`", 0, 4},
    {"permit(principal,action,resource) if {true};", "invalid policy condition: if", "",
     "condition must be either `when` or `unless`", 34, 36},
    {"permit(principal,action,resource) when true;", "unexpected token `true`", "expected `{`", "",
     39, 43},
    {"permit(principal,action,resource) when {};", "`when` condition clause cannot be empty", "",
     "", 34, 41},
    {"permit(principal,action,resource) unless {//};\n};",
     "`unless` condition clause cannot be empty", "", "", 34, 48},
    {"permit(principal,action,resource)", "unexpected end of input", "expected `;` or identifier",
     "", 33, 33},
    {"permit(principal,action,resource) when {true", "unexpected end of input",
     "expected `!=`, `&&`, `(`, `*`, `+`, `-`, `.`, `::`, `<`, `<=`, `==`, `>`, `>=`, `[`, `||`, "
     "`}`, `has`, `in`, `is`, or `like`",
     "", 44, 44},
    {"permit(principal,action,resource) when {true};;", "unexpected token `;`",
     "expected `@` or identifier", "", 46, 47},
    {";", "unexpected token `;`", "expected `@` or identifier", "", 0, 1},
    {"@a", "unexpected end of input", "expected `(`, `@`, or identifier", "", 2, 2},
    {"@a permit", "unexpected end of input", "expected `(`", "", 9, 9},
    {"@a() permit(principal,action,resource);", "unexpected token `)`", "expected string literal",
     "", 3, 4},
    {"@\"a\" permit(principal,action,resource);", "unexpected token `\"a\"`", "expected identifier",
     "", 1, 4},
    {"@id(\"a\")@id(\"b\") permit(principal,action,resource);", "duplicate annotation: @id", "", "",
     8, 16},
    {"@id(\"\\q\") permit(principal,action,resource);", "the input `\\q` is not a valid escape", "",
     "", 0, 9},
    {"permit permit(principal,action,resource);", "unexpected token `permit`", "expected `(`", "",
     7, 13},
    {"\xEF"
     "\xBB"
     "\xBF"
     "permit(principal,action,resource);",
     "invalid token", "", "", 0, 0},
    {"permit(principal,action,resource) /* x */;", "unexpected token `/`",
     "expected `;` or identifier", "", 34, 35},
};

static void check(const struct diag *diag, size_t i, size_t before) {
    assert_text(diag->message, cases[i].message, cases[i].text);
    assert_text(diag->label, cases[i].label, cases[i].text);
    assert_text(diag->help, cases[i].help, cases[i].text);
    assert_int_equal(diag->span.start - before, cases[i].start);
    assert_int_equal(diag->span.end - before, cases[i].end);
}

static void every_mistake_is_named_and_placed(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text_unit unit;
        const struct ast_policy_set *set = NULL;
        text_unit_init(&unit, str_c(cases[i].text));
        err error = parse_policy_set(&unit.arena, str_c(cases[i].text), NULL, &set, &unit.diags);
        assert_int_equal(error, ERR_SYNTAX);
        assert_null(set);
        assert_true(unit.diags.items.count > 0);
        check(&unit.diags.items.items[0], i, 0);
        text_unit_done(&unit);
    }
}

static void bytes_that_are_not_utf8_are_refused_at_their_place(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        uint32_t at;
    } bad[] = {
        {STR_INIT("// \xC3("), 3},
        {STR_INIT("\xFF"), 0},
        {STR_INIT("\"\xED\xA0\x80\""), 1},
        {STR_INIT("// \xE2\x82"), 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct text_unit unit;
        const struct ast_policy_set *set;
        text_unit_init(&unit, bad[i].text);
        assert_int_equal(parse_policy_set(&unit.arena, bad[i].text, NULL, &set, &unit.diags),
                         ERR_SYNTAX);
        assert_int_equal(unit.diags.items.count, 1);
        assert_int_equal(unit.diags.items.items[0].span.start, bad[i].at);
        text_unit_done(&unit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named_and_placed),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused_at_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
