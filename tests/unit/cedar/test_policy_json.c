/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as JSON: what is written for text, what is read, what is refused and how. */
#include "text_unit.h"

#include "cedar/ast/equal.h"
#include "cedar/json/policy.h"
#include "cedar/text/print.h"

struct unit {
    struct text_unit text;
    struct arena temp;
};

static void unit_init(struct unit *unit) {
    text_unit_init(&unit->text, STR(""));
    arena_init(&unit->temp, allocator_libc(), (size_t)64 << 20);
}

static void unit_done(struct unit *unit) {
    arena_done(&unit->temp);
    text_unit_done(&unit->text);
}

static const struct json *json_of(struct unit *unit, str source) {
    struct json_limits limits = policy_json_limits(&parse_limits_default);
    const struct json *json = NULL;
    assert_int_equal(json_parse(&unit->text.arena, source, &limits, &json, NULL), ERR_OK);
    return json;
}

static err read(struct unit *unit, str source, struct ast_policy *ret) {
    unit->text.diags.source_text = source;
    return policy_json_read(&unit->text.arena, json_of(unit, source), STR("p"),
                            &parse_limits_default, &unit->text.diags, ret);
}

static str write(struct unit *unit, const struct ast_policy *policy) {
    buf_clear(&unit->text.out);
    policy_json_write(&unit->text.out, &unit->temp, policy);
    assert_int_equal(unit->text.out.error, ERR_OK);
    str copy;
    assert_int_equal(arena_copy(&unit->text.arena, buf_str(&unit->text.out), &copy), ERR_OK);
    return copy;
}

static str print(struct unit *unit, const struct ast_policy *policy) {
    buf_clear(&unit->text.out);
    print_policy(&unit->text.out, &unit->temp, policy);
    assert_int_equal(unit->text.out.error, ERR_OK);
    str copy;
    assert_int_equal(arena_copy(&unit->text.arena, buf_str(&unit->text.out), &copy), ERR_OK);
    return copy;
}

static const struct ast_policy *parse(struct unit *unit, str source) {
    const struct ast_policy_set *set = NULL;
    assert_int_equal(
        parse_policy_set(&unit->text.arena, source, &parse_limits_default, &set, &unit->text.diags),
        ERR_OK);
    assert_int_equal(set->count, 1);
    return &set->policies[0];
}

#define HEAD "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},"
#define ANY_ACTION "\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},"

static void text_is_written_as_json(void **state) {
    static const char *const cases[][2] = {
        {"permit(principal,action,resource);", HEAD ANY_ACTION "\"conditions\":[]}"},
        {"@b(\"x\")@a forbid(principal==A::\"x\",action in[Action::\"a\"],resource is T in "
         "F::\"y\")when{1}unless{true};",
         "{\"effect\":\"forbid\",\"principal\":{\"op\":\"==\",\"entity\":{\"type\":\"A\",\"id\":"
         "\"x\"}},\"action\":{\"op\":\"in\",\"entity\":{\"type\":\"Action\",\"id\":\"a\"}},"
         "\"resource\":{\"op\":\"is\",\"entity_type\":\"T\",\"in\":{\"entity\":{\"type\":\"F\","
         "\"id\":\"y\"}}},\"conditions\":[{\"kind\":\"when\",\"body\":{\"Value\":1}},{\"kind\":"
         "\"unless\",\"body\":{\"Value\":true}}],\"annotations\":{\"a\":null,\"b\":\"x\"}}"},
        {"permit(principal in ?principal,action in[Action::\"a\",Action::\"b\"],resource);",
         "{\"effect\":\"permit\",\"principal\":{\"op\":\"in\",\"slot\":\"?principal\"},\"action\":"
         "{\"op\":\"in\",\"entities\":[{\"type\":\"Action\",\"id\":\"a\"},{\"type\":\"Action\","
         "\"id\":\"b\"}]},\"resource\":{\"op\":\"All\"},\"conditions\":[]}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct unit unit;
        unit_init(&unit);
        const struct ast_policy *policy = parse(&unit, str_c(cases[i][0]));
        assert_text(write(&unit, policy), cases[i][1], cases[i][0]);
        unit_done(&unit);
    }
}

/* Each expression is written as the JSON beside it, read again, and printed as the text. */
static void expressions_go_both_ways(void **state) {
    static const char *const cases[][2] = {
        {"-(1)", "{\"neg\":{\"arg\":{\"Value\":1}}}"},
        {"(-1)", "{\"Value\":-1}"},
        {"(-9223372036854775808)", "{\"Value\":-9223372036854775808}"},
        {"!(!true)", "{\"!\":{\"arg\":{\"!\":{\"arg\":{\"Value\":true}}}}}"},
        {"(1 + 2) - 3", "{\"-\":{\"left\":{\"+\":{\"left\":{\"Value\":1},\"right\":{\"Value\":2}}}"
                        ",\"right\":{\"Value\":3}}}"},
        {"1 + (2 + 3)", "{\"+\":{\"left\":{\"Value\":1},\"right\":{\"+\":{\"left\":{\"Value\":2},"
                        "\"right\":{\"Value\":3}}}}}"},
        {"principal.a[\"b c\"]", "{\".\":{\"left\":{\".\":{\"left\":{\"Var\":\"principal\"},"
                                 "\"attr\":\"a\"}},\"attr\":\"b c\"}}"},
        {"context has a", "{\"has\":{\"left\":{\"Var\":\"context\"},\"attr\":\"a\"}}"},
        {"context has a.b", "{\"has\":{\"left\":{\"Var\":\"context\"},\"attr\":[\"a\",\"b\"]}}"},
        {"\"x\" like \"a*\\*\"", "{\"like\":{\"left\":{\"Value\":\"x\"},\"pattern\":[{\"Literal\":"
                                 "\"a\"},\"Wildcard\",{\"Literal\":\"*\"}]}}"},
        {"action is A::B in resource", "{\"is\":{\"left\":{\"Var\":\"action\"},\"entity_type\":"
                                       "\"A::B\",\"in\":{\"Var\":\"resource\"}}}"},
        {"if true then 1 else 2", "{\"if-then-else\":{\"if\":{\"Value\":true},\"then\":{\"Value\":"
                                  "1},\"else\":{\"Value\":2}}}"},
        {"[1, {a: A::\"x\"}]", "{\"Set\":[{\"Value\":1},{\"Record\":{\"a\":{\"Value\":{\"__entity"
                               "\":{\"type\":\"A\",\"id\":\"x\"}}}}}]}"},
        {"[1].contains(1)",
         "{\"contains\":{\"left\":{\"Set\":[{\"Value\":1}]},\"right\":{\"Value\":1}}}"},
        {"[].isEmpty()", "{\"isEmpty\":{\"arg\":{\"Set\":[]}}}"},
        {"ip(\"1.1.1.1\").isIpv4()", "{\"isIpv4\":[{\"ip\":[{\"Value\":\"1.1.1.1\"}]}]}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct unit unit;
        char text[512];
        char json[1024];
        struct ast_policy again;
        unit_init(&unit);
        snprintf(text, sizeof text, "permit(principal, action, resource) when { %s };",
                 cases[i][0]);
        snprintf(json, sizeof json, "%s\"conditions\":[{\"kind\":\"when\",\"body\":%s}]}",
                 HEAD ANY_ACTION, cases[i][1]);
        const struct ast_policy *policy = parse(&unit, str_c(text));
        assert_text(write(&unit, policy), json, text);
        assert_int_equal(read(&unit, str_c(json), &again), ERR_OK);
        assert_true(ast_policy_equal(policy, &again));
        assert_true(again.depth > 0 && again.depth <= policy->depth); /* chains are joined */
        assert_text(print(&unit, &again), text, json);
        unit_done(&unit);
    }
}

/* Forms that only JSON has: printed as text, and written as they were. */
static void literals_stay_literals(void **state) {
    static const char *const cases[][2] = {
        {"{\"Value\":[1,-2,\"a'\"]}", "[1, (-2), \"a\\'\"]"},
        {"{\"Value\":{\"a\":1,\"b c\":{\"__entity\":{\"type\":\"A\",\"id\":\"x\"}}}}",
         "{\"a\": 1, \"b c\": A::\"x\"}"},
        {"{\"Value\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"1.1.1.1\"}}}", "ip(\"1.1.1.1\")"},
        {"{\"Value\":{\"__extn\":{\"fn\":\"ip\",\"args\":[\"1.1.1.1\"]}}}", "ip(\"1.1.1.1\")"},
        {"{\"Value\":{\"__extn\":{\"fn\":\"isIpv4\",\"args\":[1,2]}}}", "1.isIpv4(2)"},
        {"{\"Value\":{\"__entity\":{\"type\":\"A\"}}}", "{\"__entity\": {\"type\": \"A\"}}"},
        {"{\"has\":{\"left\":{\"Var\":\"action\"},\"attr\":[\"a\"]}}", "action has a"},
        {"{\"has\":{\"left\":{\"Var\":\"action\"},\"attr\":[\"a b\",\"c\"]}}",
         "(action has \"a b\" && action[\"a b\"] has \"c\")"},
        {"{\"Record\":{\"__cedar\":{\"Value\":1}}}", "{\"__cedar\": 1}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct unit unit;
        char text[512];
        char json[1024];
        struct ast_policy policy;
        unit_init(&unit);
        snprintf(text, sizeof text, "permit(principal, action, resource) when { %s };",
                 cases[i][1]);
        snprintf(json, sizeof json, "%s\"conditions\":[{\"kind\":\"when\",\"body\":%s}]}",
                 HEAD ANY_ACTION, cases[i][0]);
        assert_int_equal(read(&unit, str_c(json), &policy), ERR_OK);
        assert_text(print(&unit, &policy), text, json);
        assert_text(write(&unit, &policy), json, json);
        IGNORE(parse(&unit, str_c(text)));
        unit_done(&unit);
    }
}

static void assert_refused(const char *json, const char *message, const char *help) {
    struct unit unit;
    struct ast_policy policy;
    unit_init(&unit);
    if (read(&unit, str_c(json), &policy) != ERR_SYNTAX) {
        fail_msg("accepted: %s", json);
    }
    assert_int_equal(unit.text.diags.items.count, 1);
    const struct diag *diag = &unit.text.diags.items.items[0];
    assert_text(diag->message, message, json);
    if (help != NULL) {
        assert_text(diag->help, help, json);
    }
    assert_true(diag->span.end > diag->span.start && diag->span.end <= strlen(json));
    unit_done(&unit);
}

static void bad_expressions_are_refused(void **state) {
    static const char *const cases[][2] = {
        {"{}", "empty map is not a valid expression"},
        {"5", "invalid type: integer `5`, expected JSON object representing an expression"},
        {"{\"Value\":1,\"Var\":\"action\"}",
         "JSON object representing an `Expr` should have only one key, but found two keys: "
         "`Value` and `Var`"},
        {"{\"Var\":\"x\"}",
         "unknown variant `x`, expected one of `principal`, `action`, `resource`, `context`"},
        {"{\"Slot\":\"?principal\"}", "found template slot ?principal in a `when` clause"},
        {"{\"Value\":null}", "while parsing JSON policy `p`, found a `null`; JSON `null`s are not "
                             "allowed in Cedar"},
        {"{\"Value\":1.5}", "data did not match any variant of untagged enum RawCedarValueJson"},
        {"{\"Value\":9223372036854775808}",
         "data did not match any variant of untagged enum RawCedarValueJson"},
        {"{\"Value\":{\"__expr\":\"1\"}}",
         "while parsing JSON policy `p`, the `__expr` escape is no longer supported"},
        {"{\"+\":{\"left\":{\"Value\":1}}}", "missing field `right`"},
        {"{\"+\":{\"left\":{\"Value\":1},\"right\":{\"Value\":1},\"x\":1}}",
         "unknown field `x`, expected `left` or `right`"},
        {"{\"!\":[]}", "invalid type: sequence, expected struct variant"},
        {"{\"like\":{\"left\":{\"Value\":\"a\"},\"pattern\":\"a*\"}}",
         "invalid type: string \"a*\", expected a sequence"},
        {"{\"like\":{\"left\":{\"Value\":\"a\"},\"pattern\":[\"Any\"]}}",
         "unknown variant `Any`, expected `Wildcard` or `Literal`"},
        {"{\"has\":{\"left\":{\"Value\":\"a\"},\"attr\":[]}}",
         "data did not match any variant of untagged enum HasAttrRepr"},
        {"{\"is\":{\"left\":{\"Var\":\"action\"},\"entity_type\":\"A :: B\"}}",
         "invalid entity type: `Name` needs to be normalized (e.g., whitespace removed): A :: B"},
        {"{\"is\":{\"left\":{\"Var\":\"action\"},\"entity_type\":\"if\"}}",
         "invalid entity type: unexpected end of input"},
        {"{\"ip\":{\"Value\":\"x\"}}", "invalid type: map, expected a sequence"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char json[1024];
        snprintf(json, sizeof json, "%s\"conditions\":[{\"kind\":\"when\",\"body\":%s}]}",
                 HEAD ANY_ACTION, cases[i][0]);
        assert_refused(json, cases[i][1], NULL);
    }
}

static void bad_policies_are_refused(void **state) {
    (void)state;
    assert_refused("{\"foo\":1}",
                   "unknown field `foo`, expected one of `effect`, `principal`, `action`, "
                   "`resource`, `conditions`, `annotations`",
                   NULL);
    assert_refused(HEAD ANY_ACTION "\"annotations\":{}}", "missing field `conditions`", NULL);
    assert_refused(HEAD ANY_ACTION "\"conditions\":[],\"annotations\":{\"a b\":null}}",
                   "invalid id `a b`: unexpected token `b`", NULL);
    assert_refused(HEAD "\"action\":{\"op\":\"==\",\"slot\":\"?principal\"},\"resource\":{\"op\":"
                        "\"All\"},\"conditions\":[]}",
                   "slots are not allowed for actions", NULL);
    assert_refused(HEAD "\"action\":{\"op\":\"==\",\"entity\":{\"type\":\"A\",\"id\":\"x\"}},"
                        "\"resource\":{\"op\":\"All\"},\"conditions\":[]}",
                   "expected an entity uid with type `Action` but got `A::\"x\"`",
                   "action entities must have type `Action`, optionally in a namespace");
    assert_refused(HEAD "\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"==\",\"slot\":"
                        "\"?principal\"},\"conditions\":[]}",
                   "invalid slot name or slot used in wrong position",
                   "principal slots must be named `?principal` and resource slots must be named "
                   "`?resource`");
    assert_refused(HEAD "\"action\":{\"op\":\"is\",\"entity_type\":\"A\"},\"resource\":{\"op\":"
                        "\"All\"},\"conditions\":[]}",
                   "unknown variant `is`, expected one of `All`, `all`, `==`, `in`", NULL);
}

static void chains_may_be_long_but_nesting_may_not(void **state) {
    struct unit unit;
    struct ast_policy again;
    (void)state;
    unit_init(&unit);
    struct buf source;
    buf_init_arena(&source, &unit.text.arena, 16 << 20);
    buf_add_c(&source, "permit(principal, action, resource) when { true");
    for (int i = 0; i < 20000; i++) {
        buf_add_c(&source, " && true");
    }
    buf_add_c(&source, " };");
    unit.text.out.max = 16 << 20;
    const struct ast_policy *policy = parse(&unit, buf_str(&source));
    str json = write(&unit, policy);
    assert_int_equal(read(&unit, json, &again), ERR_OK);
    assert_true(ast_policy_equal(policy, &again));

    buf_clear(&source);
    buf_add_c(&source, HEAD ANY_ACTION "\"conditions\":[{\"kind\":\"when\",\"body\":");
    for (int i = 0; i < 5000; i++) {
        buf_add_c(&source, "{\"!\":{\"arg\":");
    }
    buf_add_c(&source, "{\"Value\":true}");
    for (int i = 0; i < 5000; i++) {
        buf_add_c(&source, "}}");
    }
    buf_add_c(&source, "}]}");
    assert_int_equal(read(&unit, buf_str(&source), &again), ERR_LIMIT);
    assert_int_equal(unit.text.diags.items.count, 1);
    unit_done(&unit);
}

static void sets_have_policies_templates_and_links(void **state) {
    static const char source[] =
        "{\"staticPolicies\":{\"s\":" HEAD ANY_ACTION "\"conditions\":[]}},\"templates\":{\"t\":"
        "{\"effect\":\"permit\",\"principal\":{\"op\":\"==\",\"slot\":\"?principal\"}," ANY_ACTION
        "\"conditions\":[]}},\"templateLinks\":[{\"templateId\":\"t\",\"newId\":\"l\",\"values\":"
        "{\"?principal\":{\"type\":\"User\",\"id\":\"a\"}}}]}";
    struct unit unit;
    struct policy_set_json set;
    (void)state;
    unit_init(&unit);
    assert_int_equal(policy_set_json_read(&unit.text.arena, json_of(&unit, str_c(source)),
                                          &parse_limits_default, &unit.text.diags, &set),
                     ERR_OK);
    assert_int_equal(set.count, 2);
    assert_text(set.policies[0].id, "s", source);
    assert_text(set.policies[1].id, "t", source);
    assert_true(set.policies[1].is_template);
    assert_int_equal(set.link_count, 1);
    assert_true(set.links[0].has_principal && !set.links[0].has_resource);
    policy_json_write_link(&unit.text.out, &set.links[0]);
    assert_text(buf_str(&unit.text.out),
                "{\"templateId\":\"t\",\"newId\":\"l\",\"values\":{\"?principal\":{\"type\":"
                "\"User\",\"id\":\"a\"}}}",
                source);
    unit_done(&unit);
}

static void sets_with_a_policy_in_the_wrong_place_are_refused(void **state) {
    static const char *const cases[][2] = {
        {"{\"templates\":{\"t\":" HEAD ANY_ACTION "\"conditions\":[]}}}",
         "expected a template, got a static policy"},
        {"{\"staticPolicies\":{\"t\":{\"effect\":\"permit\",\"principal\":{\"op\":\"==\",\"slot\":"
         "\"?principal\"}," ANY_ACTION "\"conditions\":[]}}}",
         "expected a static policy, got a template containing the slot ?principal"},
        {"{\"templates\":{},\"x\":1}",
         "unknown field `x`, expected one of `staticPolicies`, `templates`, `templateLinks`"},
        {"{\"templateLinks\":[{\"templateId\":\"t\",\"newId\":\"l\"}]}", "missing field `values`"},
        {"{\"templateLinks\":[{\"templateId\":\"t\",\"newId\":\"l\",\"values\":{\"?x\":1}}]}",
         "unknown variant `?x`, expected `?principal` or `?resource`"},
        {"[]", "invalid type: sequence, expected struct PolicySet"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct unit unit;
        struct policy_set_json set;
        unit_init(&unit);
        assert_int_equal(policy_set_json_read(&unit.text.arena, json_of(&unit, str_c(cases[i][0])),
                                              &parse_limits_default, &unit.text.diags, &set),
                         ERR_SYNTAX);
        assert_text(unit.text.diags.items.items[0].message, cases[i][1], cases[i][0]);
        unit_done(&unit);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_written_as_json),
        cmocka_unit_test(expressions_go_both_ways),
        cmocka_unit_test(literals_stay_literals),
        cmocka_unit_test(bad_expressions_are_refused),
        cmocka_unit_test(bad_policies_are_refused),
        cmocka_unit_test(chains_may_be_long_but_nesting_may_not),
        cmocka_unit_test(sets_have_policies_templates_and_links),
        cmocka_unit_test(sets_with_a_policy_in_the_wrong_place_are_refused),
    };
    return cmocka_run_group_tests_name("policy_json", tests, NULL, NULL);
}
