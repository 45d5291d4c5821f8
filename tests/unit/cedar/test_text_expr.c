/* SPDX-License-Identifier: Apache-2.0 */
/* What expressions mean: precedence, literals, members, calls. Corners 1, 3 to 8, 13, 33, 54, 55.
 */
#include "text_unit.h"

static const struct {
    const char *text;
    const char *tree;
} cases[] = {
    /* chains and precedence */
    {"1 + 2 - 3", "(+- 1 2 3)"},
    {"1 + 2 * 3", "(+ 1 (* 2 3))"},
    {"1 * 2 + 3", "(+ (* 1 2) 3)"},
    {"(1 + 2) * 3", "(* (+ 1 2) 3)"},
    {"1 - (2 - 3)", "(- 1 (- 2 3))"},
    {"true && false || true && false", "(|| (&& true false) (&& true false))"},
    {"true || false || true", "(|||| true false true)"},
    {"1 + 2 < 3 && 4 == 5", "(&& (< (+ 1 2) 3) (== 4 5))"},
    {"1 <= 2 || 3 > 4 || 5 >= 6 || 7 != 8", "(|||||| (<= 1 2) (> 3 4) (>= 5 6) (!= 7 8))"},
    {"!true && false", "(&& (! true) false)"},
    {"!(true && false)", "(! (&& true false))"},
    {"principal in resource && true", "(&& (in principal resource) true)"},
    {"(1 < 2) < 3", "(< (< 1 2) 3)"},
    /* unary operators and numbers */
    {"!!!!true", "(! (! (! (! true))))"},
    {"-5", "-5"},
    {"- 5", "-5"},
    {"--5", "(- -5)"},
    {"- -5", "(- -5)"},
    {"-(5)", "(- 5)"},
    {"-principal.age", "(- (. principal age))"},
    {"-1.a", "(- (. 1 a))"},
    {"1 .a", "(. 1 a)"},
    {"1.a", "(. 1 a)"},
    {"1 - -1", "(- 1 -1)"},
    {"1-1", "(- 1 1)"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"- 9223372036854775808", "-9223372036854775808"},
    {"--9223372036854775808", "(- -9223372036854775808)"},
    {"-9223372036854775808 < 1", "(< -9223372036854775808 1)"},
    {"5 < 6", "(< 5 6)"},
    {"007", "7"},
    /* if */
    {"if true then 1 else 2 + 3", "(if true 1 (+ 2 3))"},
    {"if true then 1 else false || true", "(if true 1 (|| false true))"},
    {"if if true then false else true then 1 else if false then 2 else 3",
     "(if (if true false true) 1 (if false 2 3))"},
    {"(if true then 1 else 2) + 3", "(+ (if true 1 2) 3)"},
    {"[if true then 1 else 2, 3]", "[ (if true 1 2) 3]"},
    {"if(true) then [1] else {}", "(if true [ 1] {})"},
    /* has, like, is */
    {"principal has a", "(has principal a)"},
    {"principal has a.b.c", "(has principal a b c)"},
    {"principal has principal.action", "(has principal principal action)"},
    {"principal has \"a b\"", "(has principal a b)"},
    {"principal has \"if\"", "(has principal if)"},
    {"principal.x has a && context has b || true",
     "(|| (&& (has (. principal x) a) (has context b)) true)"},
    {"1 + 2 has a", "(has (+ 1 2) a)"},
    {"\"abc\" like \"a*\\*\"", "(like \"abc\" a<*>*)"},
    {"principal is User", "(is principal User)"},
    {"principal is A::B in resource.x", "(is principal A::B (. resource x))"},
    {"principal is principal", "(is principal principal)"},
    {"principal is A :: B", "(is principal A::B)"},
    {"principal is A in [A::\"a\"] && true", "(&& (is principal A [ A::\"a\"]) true)"},
    /* members */
    {"principal.a[\"b c\"].d", "(. (. (. principal a) b c) d)"},
    {"principal[\"a\\\"b\"]", "(. principal a\"b)"},
    {"User::\"a\".b", "(. User::\"a\" b)"},
    {"{contains:1}.contains", "(. { contains=1} contains)"},
    {"[1].contains(1)", "(contains [ 1] 1)"},
    {"[].containsAll([]) == [].containsAny([])", "(== (containsAll [] []) (containsAny [] []))"},
    {"[].isEmpty()", "(isEmpty [])"},
    {"principal.getTag(\"a\").hasTag(\"b\")", "(hasTag (getTag principal \"a\") \"b\")"},
    {"ip(\"1.1.1.1\").isInRange(ip(\"1.0.0.0/8\"),)",
     "(.isInRange (ip \"1.1.1.1\") (ip \"1.0.0.0/8\"))"},
    {"decimal()", "(decimal)"}, /* the number of arguments is checked by evaluation */
    {"decimal(\"1\", 2)", "(decimal \"1\" 2)"},
    {"principal.permit.when.unless.context",
     "(. (. (. (. principal permit) when) unless) context)"},
    /* entities and names */
    {"User::\"\"", "User::\"\""},
    {"A::B::\"it\\'s\"", "A::B::\"it's\""},
    {"A :: // comment\n B\n:: \"x\"", "A::B::\"x\""},
    {"permit::principal::\"a\"", "permit::principal::\"a\""},
    {"principal::\"a\" == principal", "(== principal::\"a\" principal)"},
    {"__cedarx::\"a\"", "__cedarx::\"a\""},
    {"principal.__cedarx", "(. principal __cedarx)"},
    {"principal[\"__cedar\"]", "(. principal __cedar)"},
    /* lists and records */
    {"[1, 2, 3,]", "[ 1 2 3]"},
    {"{a: 1, \"b c\": 2, permit: 3,}", "{ a=1 b c=2 permit=3}"},
    {"{\"__cedar\": 1, \"if\": 2, principal: 3}", "{ __cedar=1 if=2 principal=3}"},
    {"{}", "{}"},
    {"[[], [[]]]", "[ [] [ []]]"},
    {"((((principal))))", "principal"},
    /* space and comments */
    {"1//c\r+//d\n2", "(+ 1 2)"},
    {"\xC2\xA0"
     "1\xE2\x80\x83+\xE3\x80\x80"
     "2\f\v ",
     "(+ 1 2)"},
};

static void expressions_become_the_right_tree(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text_unit unit;
        const struct ast_expr *expr;
        text_unit_init(&unit, str_c(cases[i].text));
        err error = parse_expr(&unit.arena, str_c(cases[i].text), NULL, &expr, &unit.diags);
        if (error != ERR_OK) {
            print_error("%s: %.*s\n", cases[i].text, STR_FMT(unit.diags.items.items[0].message));
        }
        assert_int_equal(error, ERR_OK);
        text_show(&unit.out, expr);
        assert_text(buf_str(&unit.out), cases[i].tree, cases[i].text);
        text_unit_done(&unit);
    }
}

static void a_nul_byte_may_stand_in_a_string(void **state) {
    IGNORE(state);
    struct text_unit unit;
    const struct ast_expr *expr;
    text_unit_init(&unit, STR(""));
    assert_int_equal(parse_expr(&unit.arena, STR("\"a\0b\""), NULL, &expr, NULL), ERR_OK);
    assert_true(str_equal(expr->string, STR("a\0b")));
    assert_int_equal(parse_expr(&unit.arena, STR("1 \0"), NULL, &expr, NULL), ERR_SYNTAX);
    text_unit_done(&unit);
}

static void uids_and_type_names_are_read_in_any_spelling(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        const char *shown; /* NULL: refused */
    } uids[] = {
        {"User::\"a\"", "User::\"a\""},
        {" A::B :: \"o'b\\u{72}ien\" // c", "A::B::\"o'brien\""},
        {"User", NULL},
        {"User::", NULL},
        {"User::\"a\" x", NULL},
        {"if::\"a\"", NULL},
        {"User::\"\\q\"", NULL},
        {"\"a\"", NULL},
        {"", NULL},
    };
    static const struct {
        const char *text;
        const char *shown;
    } names[] = {
        {"User", "User"}, {" A :: B ", "A::B"}, {"A::\"b\"", NULL}, {"A::", NULL},
        {"in", NULL},     {"__cedar::X", NULL}, {"A.B", NULL},      {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        struct text_unit unit;
        struct ast_uid uid;
        text_unit_init(&unit, str_c(uids[i].text));
        err error = parse_uid(&unit.arena, str_c(uids[i].text), NULL, &uid, &unit.diags);
        assert_int_equal(error, uids[i].shown == NULL ? ERR_SYNTAX : ERR_OK);
        assert_int_equal(unit.diags.items.count, uids[i].shown == NULL ? 1 : 0);
        if (uids[i].shown != NULL) {
            text_show_uid(&unit.out, &uid);
            assert_text(buf_str(&unit.out), uids[i].shown, uids[i].text);
        }
        text_unit_done(&unit);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct text_unit unit;
        struct ast_name name;
        text_unit_init(&unit, str_c(names[i].text));
        err error = parse_type_name(&unit.arena, str_c(names[i].text), NULL, &name, &unit.diags);
        assert_int_equal(error, names[i].shown == NULL ? ERR_SYNTAX : ERR_OK);
        if (names[i].shown != NULL) {
            assert_text(name.text, names[i].shown, names[i].text);
        }
        text_unit_done(&unit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_become_the_right_tree),
        cmocka_unit_test(a_nul_byte_may_stand_in_a_string),
        cmocka_unit_test(uids_and_type_names_are_read_in_any_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
