/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes in expressions. The texts are those of the Cedar reference. */
#include "text_unit.h"

#define OPERAND                                                                                \
    "`[`, `{`, `false`, identifier, `if`, number, `?principal`, `?resource`, string literal, " \
    "or `true`"
#define VARIABLES "the valid Cedar variables are `principal`, `action`, `resource`, and `context`; "
#define RESERVED "this identifier is reserved and cannot be used: "

/* `start` and `end` count from the beginning of the expression. */
static const struct {
    const char *text;
    const char *message;
    const char *label;
    const char *help;
    uint32_t start;
    uint32_t end;
} cases[] = {
    {"1 + if true then 1 else 2", "unexpected token `true`", "expected `::`", "", 7, 11},
    {"1 < 2 < 3",
     "multiple relational operators (>, ==, in, etc.) must be used with parentheses to make "
     "ordering explicit",
     "", "", 0, 9},
    {"principal == action == resource",
     "multiple relational operators (>, ==, in, etc.) must be used with parentheses to make "
     "ordering explicit",
     "", "", 0, 31},
    {"1 has a < 3", "unexpected token `<`", "expected `&&`, `||`, or `}`", "", 8, 9},
    {"1 == 2 has a", "unexpected token `has`",
     "expected `!=`, `&&`, `<`, `<=`, `==`, `>`, `>=`, `||`, `}`, or `in`", "", 7, 10},
    {"1 like \"a\" like \"b\"", "unexpected token `like`", "expected `&&`, `||`, or `}`", "", 11,
     15},
    {"principal in resource is T", "unexpected token `is`",
     "expected `!=`, `&&`, `<`, `<=`, `==`, `>`, `>=`, `||`, `}`, or `in`", "", 22, 24},
    {"principal is User == 1", "unexpected token `==`", "expected `&&`, `||`, `}`, or `in`", "", 18,
     20},
    {"principal is A in B in C", "unexpected token `in`", "expected `&&`, `||`, or `}`", "", 20,
     22},
    {"!-1", "unexpected token `-`", "expected `!`, `(`, " OPERAND, "", 1, 2},
    {"-!true", "unexpected token `!`",
     "expected `(`, `-`, `[`, `{`, identifier, number, `?principal`, `?resource`, or string "
     "literal",
     "", 1, 2},
    {"!!!!!true", "too many occurrences of `!`", "",
     "cannot chain more the 4 applications of a unary operator", 0, 9},
    {"-----1", "too many occurrences of `-`", "",
     "cannot chain more the 4 applications of a unary operator", 0, 6},
    {"1/2", "division is not supported", "", "", 0, 3},
    {"1%2", "remainder/modulo is not supported", "", "", 0, 3},
    {"1=2", "'=' is not a valid operator in Cedar", "", "try using '==' instead", 0, 3},
    {"{a:1,\"a\":2}", "duplicate key `a` in record literal", "", "", 0, 11},
    {"principal[1]", "invalid string literal: 1", "", "", 10, 11},
    {"[1][0]", "invalid string literal: 0", "", "", 4, 5},
    {"principal[(\"a\")]", "invalid string literal: \"a\"", "", "", 11, 14},
    {"User", "invalid variable: User", "",
     VARIABLES "did you mean to enclose `User` in quotes to make a string?", 0, 4},
    {"User::Group", "invalid variable: User::Group", "",
     VARIABLES "did you mean to enclose `User::Group` in quotes to make a string?", 0, 11},
    {"contex.a", "invalid member access `contex.a`, `contex` has no fields or methods", "", "", 0,
     8},
    {"a.b[\"c\"]", "invalid member access `a.b`, `a` has no fields or methods", "", "", 0, 8},
    {"User[\"b\"]", "invalid indexing expression `User[\"b\"]`, `User` has no fields", "", "", 0,
     9},
    {"A.contains(1)", "attempted to call `A.contains(...)`, but `A` does not have any methods", "",
     "", 0, 13},
    {"Foo::ip(\"\")", "`Foo::ip` is not a valid function", "", "", 0, 11},
    {"contains([1],1)", "`contains` is a method, not a function", "",
     "use a method-style call `e.contains(..)`", 0, 15},
    {"isInRange(1,2)", "`isInRange` is a method, not a function", "",
     "use a method-style call `e.isInRange(..)`", 0, 14},
    {"\"1.0\".decimal()", "`decimal` is a function, not a method", "",
     "use a function-style call `decimal(..)`", 0, 15},
    {"principal.ip()", "`ip` is a function, not a method", "", "use a function-style call `ip(..)`",
     0, 14},
    {"[1].foo(1)", "`foo` is not a valid method", "", "", 0, 10},
    {"frobnicate(1)", "`frobnicate` is not a valid function", "", "", 0, 13},
    {"principal.isinrange(1)", "`isinrange` is not a valid method", "", "did you mean `isInRange`?",
     0, 22},
    {"principal(1)", "`principal(...)` is not a valid function call", "",
     "variables cannot be called as functions", 0, 12},
    {"\"a\"(1)", "function calls must be of the form `<name>(arg1, arg2, ...)`", "", "", 0, 6},
    {"[1].contains(1,2)", "call to `contains` requires exactly 1 argument, but got 2 arguments", "",
     "", 0, 17},
    {"[].isEmpty(1)", "call to `isEmpty` requires exactly 0 arguments, but got 1 argument", "", "",
     0, 13},
    {"[].contains()", "call to `contains` requires exactly 1 argument, but got 0 arguments", "", "",
     0, 13},
    {"\"\\q\"", "the input `\\q` is not a valid escape", "", "", 0, 4},
    {"User::\"\\q\"", "the input `\\q` is not a valid escape", "", "", 0, 10},
    {"\"\" like \"\\q\"", "the input `\\q` is not a valid escape", "", "", 8, 12},
    {"principal[\"\\q\"]", "the input `\\q` is not a valid escape", "", "", 10, 14},
    {"{\"\\q\":1}", "the input `\\q` is not a valid escape", "", "", 1, 5},
    {"9223372036854775808", "integer literal `9223372036854775808` is too large", "",
     "maximum allowed integer literal is `9223372036854775807`", 0, 19},
    {"18446744073709551616", "integer parse error: number too large to fit in target type", "", "",
     0, 20},
    {"-9223372036854775809", "integer literal `9223372036854775809` is too large", "",
     "maximum allowed integer literal is `9223372036854775807`", 0, 20},
    {"-(9223372036854775808)", "integer literal `9223372036854775808` is too large", "",
     "maximum allowed integer literal is `9223372036854775807`", 2, 21},
    {"-9223372036854775808.a", "integer literal `9223372036854775808` is too large", "",
     "maximum allowed integer literal is `9223372036854775807`", 1, 20},
    {"User::{id:\"a\"}", "invalid entity literal: User::{id:\"a\"}", "",
     "entity literals should have a form like `Namespace::User::\"alice\"`", 0, 14},
    {"in", RESERVED "in", "", "", 0, 2},
    {"then.a", RESERVED "then", "", "", 0, 4},
    {"in::x", RESERVED "in", "", "", 0, 2},
    {"if::a", RESERVED "if", "", "", 0, 2},
    {"principal.if", RESERVED "if", "", "", 10, 12},
    {"principal has if", RESERVED "if", "", "", 14, 16},
    {"principal has true", RESERVED "true", "", "", 14, 18},
    {"{if:1}", RESERVED "if", "", "", 1, 5},
    {"{in: 1}", RESERVED "in", "", "", 1, 3},
    {"__cedar", "The name `__cedar` contains `__cedar`, which is reserved", "", "", 0, 7},
    {"__cedar::\"a\"", "The name `__cedar` contains `__cedar`, which is reserved", "", "", 0, 7},
    {"A::__cedar::\"a\"", "The name `A::__cedar` contains `__cedar`, which is reserved", "", "", 0,
     10},
    {"principal.__cedar", "The name `__cedar` contains `__cedar`, which is reserved", "", "", 10,
     17},
    {"principal has __cedar", "The name `__cedar` contains `__cedar`, which is reserved", "", "",
     14, 21},
    {"{__cedar:1}", "The name `__cedar` contains `__cedar`, which is reserved", "", "", 1, 8},
    {"principal has \"a\".b", "invalid RHS of a `has` operation: \"a\".b", "",
     "valid RHS of a `has` operation is either a sequence of identifiers separated by `.` or a "
     "string literal",
     14, 19},
    {"principal has (a)", "invalid RHS of a `has` operation: (a)", "",
     "valid RHS of a `has` operation is either a sequence of identifiers separated by `.` or a "
     "string literal",
     14, 17},
    {"principal has 1", "invalid RHS of a `has` operation: 1", "",
     "valid RHS of a `has` operation is either a sequence of identifiers separated by `.` or a "
     "string literal",
     14, 15},
    {"principal has Foo::a", "`Foo::a` cannot be used as an attribute as it contains a namespace",
     "", "", 14, 20},
    {"principal like 1",
     "right hand side of a `like` expression must be a pattern literal, but got `1`", "", "", 15,
     16},
    {"principal like (\"a\")",
     "right hand side of a `like` expression must be a pattern literal, but got `\"a\"`", "", "",
     16, 19},
    {"principal is \"User\"",
     "right hand side of an `is` expression must be an entity type name, but got `\"User\"`", "",
     "try removing the quotes: `principal is User`", 13, 19},
    {"principal is User::\"a\"",
     "right hand side of an `is` expression must be an entity type name, but got `User::\"a\"`", "",
     "try using `==` to test for equality: `principal == User::\"a\"`", 13, 22},
    {"principal is 1",
     "right hand side of an `is` expression must be an entity type name, but got `1`", "",
     "try using `==` to test for equality: `principal == 1`", 13, 14},
    {"{1:2}", "invalid attribute name: 1", "",
     "attribute names can either be identifiers or string literals", 1, 2},
    {"{(\"a\"):1}", "invalid attribute name: \"a\"", "",
     "attribute names can either be identifiers or string literals", 2, 5},
    {"{a::b:1}", "`a::b` cannot be used as an attribute as it contains a namespace", "", "", 1, 5},
    {"{(a):1}", "invalid variable: a", "",
     VARIABLES "did you mean to enclose `a` in quotes to make a string?", 2, 3},
    {"?principal", "found template slot ?principal in a `when` clause", "",
     "slots are currently unsupported in `when` clauses", 0, 10},
    {"?foo", "`?foo` is not a valid template slot", "",
     "a template slot may only be `?principal` or `?resource`", 0, 4},
    {"[1,,2]", "unexpected token `,`",
     "expected `!`, `(`, `-`, `[`, `]`, `{`, `false`, identifier, `if`, number, `?principal`, "
     "`?resource`, string literal, or `true`",
     "", 3, 4},
    {"[,]", "unexpected token `,`",
     "expected `!`, `(`, `-`, `[`, `]`, `{`, `false`, identifier, `if`, number, `?principal`, "
     "`?resource`, string literal, or `true`",
     "", 1, 2},
    {"()", "unexpected token `)`", "expected `!`, `(`, `-`, " OPERAND, "", 1, 2},
    {"(true", "unexpected token `}`", "expected `)`", "", 5, 6},
    {"(true]", "unexpected token `]`", "expected `)`", "", 5, 6},
    {"[true)", "unexpected token `)`", "expected `]`", "", 5, 6},
    {"true)", "unexpected token `)`", "expected `}`", "", 4, 5},
    {"1a", "unexpected token `a`",
     "expected `!=`, `&&`, `(`, `*`, `+`, `-`, `.`, `<`, `<=`, `==`, `>`, `>=`, `[`, `||`, `}`, "
     "`has`, `in`, `is`, or `like`",
     "", 1, 2},
    {"\"a\" \"b\"", "unexpected token `\"b\"`",
     "expected `!=`, `&&`, `(`, `*`, `+`, `-`, `.`, `<`, `<=`, `==`, `>`, `>=`, `[`, `||`, `}`, "
     "`has`, `in`, `is`, or `like`",
     "", 4, 7},
    {"a::b::", "unexpected token `}`", "expected `{`, identifier, or string literal", "", 6, 7},
    {"::a", "unexpected token `::`",
     "expected `!`, `(`, `-`, `[`, `{`, `}`, `false`, identifier, `if`, number, `?principal`, "
     "`?resource`, string literal, or `true`",
     "", 0, 2},
    {"principal.1", "unexpected token `1`", "expected identifier", "", 10, 11},
    {"principal.", "unexpected token `}`", "expected identifier", "", 10, 11},
    {"principal[]", "unexpected token `]`", "expected `!`, `(`, `-`, " OPERAND, "", 10, 11},
    {"if true then 1", "unexpected token `}`", "expected `else`", "", 14, 15},
    {"if true else 1", "unexpected token `else`", "expected `then`", "", 8, 12},
    {"'a'", "invalid token", "", "strings must use double quotes, not single quotes", 0, 0},
    {"a $ b", "invalid token", "", "", 2, 2},
    {"a & b", "invalid token", "", "", 2, 2},
    {"\xC3"
     "\xBC"
     "",
     "invalid token", "", "", 0, 0},
    {"a ? b", "invalid token", "", "", 2, 2},
    {"\"abc", "invalid token", "", "try checking that all strings are closed properly", 0, 0},
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
        static const char head[] = "permit(principal,action,resource) when {";
        char text[200];
        snprintf(text, sizeof text, "%s%s};", head, cases[i].text);
        struct text_unit unit;
        const struct ast_policy_set *set = NULL;
        text_unit_init(&unit, str_c(text));
        err error = parse_policy_set(&unit.arena, str_c(text), NULL, &set, &unit.diags);
        assert_int_equal(error, ERR_SYNTAX);
        assert_null(set);
        assert_true(unit.diags.items.count > 0);
        check(&unit.diags.items.items[0], i, sizeof head - 1);
        /* Without a list the verdict is the same. */
        error = parse_policy_set(&unit.arena, str_c(text), NULL, &set, NULL);
        assert_int_equal(error, ERR_SYNTAX);
        text_unit_done(&unit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named_and_placed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
