/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of policy text: where lines end, where comments go, and that it settles at once. */
#include "text_unit.h"

#include "cedar/text/format.h"

static str format(struct text_unit *unit, str source, struct format_options options) {
    str out = STR("");
    assert_int_equal(
        format_policies(&unit->arena, source, &options, &parse_limits_default, &out, &unit->diags),
        ERR_OK);
    return out;
}

static void assert_formatted(const char *source, struct format_options options,
                             const char *expected) {
    struct text_unit unit;
    text_unit_init(&unit, str_c(source));
    str once = format(&unit, str_c(source), options);
    assert_text(once, expected, source);
    assert_text(format(&unit, once, options), expected, source);
    text_unit_done(&unit);
}

static void lines_end_where_the_width_asks_for_it(void **state) {
    static const char *const cases[][2] = {
        {"", "\n"},
        {"permit(principal,action,resource);", "permit (principal, action, resource);\n"},
        {"permit(principal is A,action,resource,);",
         "permit (\n  principal is A,\n  action,\n  resource\n);\n"},
        {"@a @b(\"x\") permit(principal,action,resource) when{true} unless{false};",
         "@a\n@b(\"x\")\npermit (principal, action, resource)\nwhen { true }\nunless { false };\n"},
        {"permit(principal,action,resource);\n\n\n\nforbid(principal,action,resource);",
         "permit (principal, action, resource);\n\nforbid (principal, action, resource);\n"},
        {"permit(principal,action in[Action::\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",Action::"
         "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"],resource);",
         "permit (\n  principal,\n  action in\n    [Action::\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n"
         "     Action::\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"],\n  resource\n);\n"},
        {"permit(principal,action,resource) when{{a:007,\"b c\":-2}.a==[1,(2),]};",
         "permit (principal, action, resource)\nwhen { { a: 7, \"b c\": -2 }.a == [1, (2)] };\n"},
        {"permit(principal,action,resource) when{principal.aaaaaaaaaaaaaaaaaaaaaaaaaaa==1&&"
         "resource.bbbbbbbbbbbbbbbbbbbbbbbbbb==2||context.ccccccccccc};",
         "permit (principal, action, resource)\nwhen\n{\n"
         "  principal.aaaaaaaaaaaaaaaaaaaaaaaaaaa == 1 &&\n"
         "  resource.bbbbbbbbbbbbbbbbbbbbbbbbbb == 2 ||\n  context.ccccccccccc\n};\n"},
        {"permit(principal,action,resource) when{if principal.aaaaaaaaaaaaaaaaaaaaaaaaa then "
         "resource.bbbbbbbbbbbbbbbbbbbbbbbbb else 1};",
         "permit (principal, action, resource)\nwhen\n{\n  if\n"
         "    principal.aaaaaaaaaaaaaaaaaaaaaaaaa\n  then\n"
         "    resource.bbbbbbbbbbbbbbbbbbbbbbbbb\n  else\n    1\n};\n"},
        {"permit(principal,action,resource) when{principal.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         ".bbbbbbbbbbbbbbbbbbbbbbbbbb.contains(resource)};",
         "permit (principal, action, resource)\nwhen\n{\n"
         "  principal.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n    .bbbbbbbbbbbbbbbbbbbbbbbbbb\n"
         "    .contains\n    (\n      resource\n    )\n};\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_formatted(cases[i][0], format_options_default, cases[i][1]);
    }
}

static void width_and_indentation_can_be_chosen(void **state) {
    (void)state;
    assert_formatted("permit(principal==A::\"x\",action,resource)when{true};",
                     (struct format_options){.line_width = 20, .indent_width = 4},
                     "permit (\n    principal ==\n        A::\"x\",\n    action,\n    resource\n)\n"
                     "when { true };\n");
}

static void comments_stay_where_they_belong(void **state) {
    static const char *const cases[][2] = {
        {"// only\n", "\n// only\n"},
        {"// a\n\n// b\npermit(principal,action,resource); // c\n// d\n\n// e",
         "// a\n// b\npermit (principal, action, resource); // c\n// d\n// e\n"},
        {"@a // x\npermit(principal,action,resource);",
         "@a // x\npermit (principal, action, resource);\n"},
        {"permit(principal,action,resource) when {\n// lead\nprincipal.a && // trail\n"
         "resource.b\n// end\n};",
         "permit (principal, action, resource)\nwhen\n{\n  // lead\n  principal.a && // trail\n"
         "  resource.b\n// end\n};\n"},
        {"permit(principal,action in [Action::\"a\", // x\nAction::\"b\"],resource // z\n);",
         "permit (\n  principal,\n  action in\n    [Action::\"a\", // x\n     Action::\"b\"],\n"
         "  resource // z\n);\n"},
        /* What comes behind a comment begins its line where its own bracket does. */
        {"permit(principal,action,resource) when{ip(\"1.1.1.1\" // a\n) // b\n== "
         "ip(\"2.2.2.2\")};",
         "permit (principal, action, resource)\nwhen\n{\n  ip(\n      \"1.1.1.1\" // a\n    ) // "
         "b\n"
         "   == ip(\"2.2.2.2\")\n};\n"},
        {"permit(principal == A::\"a\" // a\n, action, resource);",
         "permit (\n  principal ==\n    A::\"a\" // a\n  ,\n  action,\n  resource\n);\n"},
        {"permit(principal,action,resource) when{[A::\"a\" // a\n, A::\"b\" // b\n].isEmpty()};",
         "permit (principal, action, resource)\nwhen\n{\n  [A::\"a\" // a\n   ,\n   A::\"b\" // b\n"
         "  ].isEmpty\n    ()\n};\n"},
        /* The fields of a record may stay together. */
        {"permit(principal,action,resource) when{{ // a\n\"x y\": true, zz: 1\n// b\n}[\"x y\"]};",
         "permit (principal, action, resource)\nwhen\n{\n  { // a\n   \"x y\": true, zz: 1 \n  // "
         "b\n"
         "  }[\"x y\"]\n};\n"},
        /* A comma that goes leaves its comments, for the parenthesis if it has none. */
        {"permit(principal is A in A::\"a\", action, resource\n, // b\n)\nwhen{true};",
         "permit (\n  principal is A in A::\"a\",\n  action,\n  resource\n) // b\nwhen { true "
         "};\n"},
        {"permit(principal is A in A::\"a\", action, resource // a\n, // b\n) // c\nwhen{true};",
         "permit (\n  principal is A in A::\"a\",\n  action,\n  resource // a\n// b\n) // c\n"
         "when { true };\n"},
        {"permit(principal,action,resource) when { [1, // x\n].contains(1) };",
         "permit (principal, action, resource)\nwhen\n{\n  [1 // x\n  ].contains\n    (\n      1\n"
         "    )\n};\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_formatted(cases[i][0], format_options_default, cases[i][1]);
    }
}

static void strings_keep_their_lines(void **state) {
    (void)state;
    assert_formatted("permit(principal,action,resource) when { \"a\n\n  \n// b\" == \"\\u{41}\" };",
                     format_options_default,
                     "permit (principal, action, resource)\nwhen { \"a\n\n  \n// b\" == "
                     "\"\\u{41}\" };\n");
}

static void text_that_does_not_parse_is_refused(void **state) {
    struct text_unit unit;
    str out = {NULL, 0};
    (void)state;
    text_unit_init(&unit, STR("permit("));
    assert_int_equal(format_policies(&unit.arena, STR("permit("), &format_options_default,
                                     &parse_limits_default, &out, &unit.diags),
                     ERR_SYNTAX);
    assert_null(out.ptr);
    assert_int_equal(unit.diags.items.count, 1);
    text_unit_done(&unit);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_where_the_width_asks_for_it),
        cmocka_unit_test(width_and_indentation_can_be_chosen),
        cmocka_unit_test(comments_stay_where_they_belong),
        cmocka_unit_test(strings_keep_their_lines),
        cmocka_unit_test(text_that_does_not_parse_is_refused),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
