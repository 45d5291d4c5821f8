/* SPDX-License-Identifier: Apache-2.0 */
/* What the comparison with the reference found (docs/differences.md), through cedar.h. */
#include "corners_unit.h"

#define ANY "(principal, action, resource)"

static cedar_schema *schema_of(const struct corner *c, const char *source) {
    cedar_schema *schema = NULL;
    assert_int_equal(
        cedar_schema_parse(c->api->engine, text(source), CEDAR_FORMAT_CEDAR, NULL, &schema, NULL),
        CEDAR_OK);
    return schema;
}

/* ---- validation ---- */

/* The type of a record literal in one policy is that of an attribute which another one uses. */
static void types_outlive_the_policy_that_they_were_met_in(void **state) {
    const struct corner *c = *state;
    cedar_schema *schema = schema_of(c, "entity U { r: { n: Long, s: String, set: Bool } };"
                                        "action a appliesTo { principal: U, resource: U };");
    cedar_policies *set =
        parse(c->api, "permit" ANY " when { [{s: \"b\", set: true, n: 1}].contains(principal.r) };"
                      "permit" ANY " when { \"aaaaaaaaaaaaaaaaaaa\" == principal.r.s };"
                      "permit" ANY " when { principal.r.set && principal.r.n == 7 };");
    cedar_report *report = NULL;
    assert_int_equal(cedar_validate(set, schema, NULL, &report), CEDAR_OK);
    assert_int_equal(cedar_report_count(report), 0);
    cedar_report_free(report);
    cedar_policies_unref(set);
    cedar_schema_unref(schema);
}

/* ---- policies in text ---- */

/* Unknown functions and methods: the reference allows three changes, however short the name. */
static void short_names_of_functions_are_guessed(void **state) {
    static const char *const cases[][2] = {
        {"ll(1)", "did you mean `ip`?"},
        {"A::ip(1)", "did you mean `ip`?"},
        {"decial(1)", "did you mean `decimal`?"},
        {"IP(1)", "did you mean `ip`?"},
        {"DECIMAL(1)", "did you mean `decimal`?"}, /* seven changes: ours alone */
        {"1.cotainsAll(1)", "did you mean `containsAll`?"},
    };
    const struct corner *c = *state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char source[200];
        snprintf(source, sizeof source, "permit" ANY " when { %s };", cases[i][0]);
        cedar_policies *set = NULL;
        cedar_report *report = NULL;
        assert_int_equal(cedar_policies_parse(c->api->engine, text(source), NULL, &set, &report),
                         CEDAR_ERR_SYNTAX);
        cedar_str help = cedar_report_get(report, 0).help;
        assert_int_equal(help.len, strlen(cases[i][1]));
        assert_memory_equal(help.ptr, cases[i][1], help.len);
        cedar_report_free(report);
    }
}

static void if_as_a_key_is_told_for_its_whole_field(void **state) {
    static const char source[] =
        "permit" ANY " when { {a: 1, if: ll(1), b: 2 == {\"x\": 1, if : (2) }} };";
    static const char *const places[] = {"if: ll(1)", "if : (2)"};
    const struct corner *c = *state;
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_parse(c->api->engine, text(source), NULL, &set, &report),
                     CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_report_count(report), LENGTH(places));
    for (size_t i = 0; i < LENGTH(places); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        const char *at = strstr(source, places[i]);
        assert_int_equal(finding.start, at - source);
        assert_int_equal(finding.end, (size_t)(at - source) + strlen(places[i]));
    }
    assert_says(report, "this identifier is reserved and cannot be used: if", source);
}

/* In the scope: what is compared with comes before the operator, and without its parentheses. */
static void operands_of_the_scope_are_looked_at_first(void **state) {
    static const char *const cases[][3] = {
        {"permit(principal = der2, action, resource);", "found name `der2`", "der2"},
        {"permit(principal is T != [A::\"x\"], action, resource);", "found set of entity uids",
         "[A::\"x\"]"},
        {"permit(principal, action, resource < A::\"\\q\");", "is not a valid escape",
         "A::\"\\q\""},
        {"permit(principal == (A::\"x\" in B), action, resource);", "found a binary operator",
         "A::\"x\" in B"},
        {"permit(principal = A::\"x\", action, resource);", "'=' is not a valid operator",
         "principal = A::\"x\""},
        {"permit(principal, action = der2, resource);", "'=' is not a valid operator",
         "action = der2"},
        {"permit(principal, action in ([A::\"x\"]), resource);", "with type `Action`",
         "([A::\"x\"])"},
        {"permit(principal, action in [a in b], resource);", "found a binary operator", "a in b"},
    };
    const struct corner *c = *state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cedar_policies *set = NULL;
        cedar_report *report = NULL;
        assert_int_equal(
            cedar_policies_parse(c->api->engine, text(cases[i][0]), NULL, &set, &report),
            CEDAR_ERR_SYNTAX);
        assert_int_equal(cedar_report_count(report), 1);
        cedar_finding finding = cedar_report_get(report, 0);
        assert_int_equal(finding.start, strstr(cases[i][0], cases[i][2]) - cases[i][0]);
        assert_int_equal(finding.end - finding.start, strlen(cases[i][2]));
        assert_says(report, cases[i][1], cases[i][0]);
    }
}

/* ---- data ---- */

static void entities_say(const struct corner *c, const char *schema_text, const char *json,
                         const char *words) {
    cedar_schema *schema = schema_of(c, schema_text);
    cedar_entities *entities = NULL;
    cedar_report *report = NULL;
    assert_int_not_equal(
        cedar_entities_parse_json(c->api->engine, text(json), schema, NULL, &entities, &report),
        CEDAR_OK);
    assert_says(report, words, json);
    cedar_schema_unref(schema);
}

static void messages_show_values_and_names_as_the_reference_does(void **state) {
    static const char *const cases[][3] = {
        {"entity V { r: { \"a'b\": Long } };",
         "[{\"uid\":{\"type\":\"V\",\"id\":\"1\"},\"attrs\":{\"r\":1},\"parents\":[]}]",
         "to have type { \"a'b\" => (required) long }, but it actually has type long: `1`"},
        {"entity V { b: Bool };",
         "[{\"uid\":{\"type\":\"V\",\"id\":\"1\"},\"attrs\":{\"b\":-5},\"parents\":[]}]",
         "but it actually has type long: `(-5)`"},
        {"entity V { b: Bool };",
         "[{\"uid\":{\"type\":\"V\",\"id\":\"1\"},\"attrs\":{\"b\":{\"x\":{\"y\":1}}},"
         "\"parents\":[]}]",
         "but it actually has type record: `{\"x\": {y: 1}}`"},
        {"entity V { e: V };",
         "[{\"uid\":{\"type\":\"V\",\"id\":\"1\"},\"attrs\":{\"e\":{\"type\":\" V\",\"id\":\"\"}},"
         "\"parents\":[]}]",
         "errors: `Name` needs to be normalized (e.g., whitespace removed):  V"},
        {"entity V { e: V };",
         "[{\"uid\":{\"type\":\"V\",\"id\":\"1\"},\"attrs\":{\"e\":{\"type\":\"__cedar::V\","
         "\"id\":\"\"}},\"parents\":[]}]",
         "errors: The name `__cedar::V` contains `__cedar`, which is reserved"},
        {"entity V { e: V };",
         "[{\"uid\":{\"type\":\"V\",\"id\":\"1\"},\"attrs\":{\"e\":{\"type\":\"if\",\"id\":\"\"}},"
         "\"parents\":[]}]",
         "errors: unexpected end of input"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        entities_say(*state, cases[i][0], cases[i][1], cases[i][2]);
    }
}

static void request_says(const struct corner *c, const char *schema_text, const char *context,
                         const char *words) {
    cedar_schema *schema = schema_of(c, schema_text);
    cedar_request request = c->request;
    cedar_report *report = NULL;
    assert_int_equal(cedar_context_parse_json(c->api->scratch, text(context), schema,
                                              &request.action, &request.context, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_request_validate(c->api->scratch, schema, &request, &report),
                     CEDAR_ERR_SCHEMA);
    assert_says(report, words, context);
    cedar_schema_unref(schema);
}

static void requests_are_refused_for_the_reason_that_comes_first(void **state) {
    /* Ids are looked at before types, wherever they stand; five fields of a context are shown; the
     * types that would do are sorted by the last part of their names. */
    request_says(*state,
                 "entity User; entity Photo; action view appliesTo { principal: User, "
                 "resource: Photo, context: { n: Long } };",
                 "{\"n\":{\"__entity\":{\"type\":\"Action\",\"id\":\"gone\"}}}",
                 "request's action `Action::\"gone\"` is not declared in the schema");
    request_says(*state,
                 "entity User; entity Photo; action view appliesTo { principal: User, "
                 "resource: Photo, context: { a: Long, b: Long, c: Long, d: Long, e: Long, "
                 "\"f g\": Long } };",
                 "{\"a\":\"x\",\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f g\":1}",
                 "context `{a: \"x\", b: 1, c: 1, d: 1, e: 1, .. }` is not valid for");
    request_says(*state,
                 "entity User; entity Photo; namespace N { entity A; entity T; } namespace N::M { "
                 "entity T; } action view appliesTo { principal: [User, N::T, N::M::T, N::A], "
                 "resource: N::A };",
                 "{}", "valid resource types for `Action::\"view\"`: `N::A`");
    request_says(*state,
                 "entity User; entity Photo; namespace N { entity A; entity T; } namespace N::M { "
                 "entity T; } action view appliesTo { principal: [Photo, N::T, N::M::T, N::A], "
                 "resource: Photo };",
                 "{}", "`N::A`, `Photo`, `N::T`, `N::M::T`");
}

static void actions_in_data_have_all_their_declared_ancestors(void **state) {
    static const char groups[] = "action top; action mid in [top]; action low in [mid];";
    const struct corner *c = *state;
    entities_say(
        c, groups,
        "[{\"uid\":{\"type\":\"Action\",\"id\":\"low\"},\"attrs\":{},\"parents\":[{\"type\":"
        "\"Action\",\"id\":\"mid\"}]}]",
        "definition of action `Action::\"low\"` does not match its schema declaration");
    static const char *const good[] = {
        "[{\"uid\":{\"type\":\"Action\",\"id\":\"low\"},\"attrs\":{},\"parents\":[{\"type\":"
        "\"Action\",\"id\":\"mid\"},{\"type\":\"Action\",\"id\":\"top\"}]}]",
        "[{\"uid\":{\"type\":\"Action\",\"id\":\"low\"},\"attrs\":{},\"parents\":[{\"type\":"
        "\"Action\",\"id\":\"mid\"}]},{\"uid\":{\"type\":\"Action\",\"id\":\"mid\"},\"attrs\":{},"
        "\"parents\":[{\"type\":\"Action\",\"id\":\"top\"}]}]",
    };
    for (size_t i = 0; i < LENGTH(good); i++) {
        cedar_schema *schema = schema_of(c, groups);
        cedar_entities *entities = NULL;
        assert_int_equal(
            cedar_entities_parse_json(c->api->engine, text(good[i]), schema, NULL, &entities, NULL),
            CEDAR_OK);
        cedar_entities_unref(entities);
        cedar_schema_unref(schema);
    }
}

/* ---- policies in JSON ---- */

static void json_refused(const struct corner *c, const char *action, const char *body,
                         const char *words) {
    char json[1000];
    snprintf(json, sizeof json,
             "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":%s,\"resource\":"
             "{\"op\":\"All\"},\"conditions\":[{\"kind\":\"when\",\"body\":%s}]}",
             action, body);
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_parse_json(c->api->engine, text(json), NULL, &set, &report),
                     CEDAR_ERR_SYNTAX);
    assert_says(report, words, json);
}

static void old_escapes_and_unknown_slots_are_refused(void **state) {
    json_refused(*state,
                 "{\"op\":\"==\",\"entity\":{\"type\":\"Action\",\"id\":\"a\",\"__expr\":\"x\"}}",
                 "{\"Value\":true}", "the `__expr` escape is no longer supported");
    json_refused(*state, "{\"op\":\"==\",\"entity\":5}", "{\"Value\":true}",
                 "expected a literal entity reference, but got `5`");
    json_refused(*state, "{\"op\":\"All\"}", "{\"Slot\":\"principal\"}",
                 "unknown variant `principal`, expected `?principal` or `?resource`");
}

static void annotations_that_are_no_words_are_refused(void **state) {
    static const char *const cases[][2] = {
        {"==", "unexpected token `==`"}, {"", "unexpected end of input"},
        {"a b", "unexpected token `b`"}, {"1", "unexpected token `1`"},
        {"\xc3\xa9", "invalid token"},   {" a", "`AnyId` needs to be normalized (e.g., "},
    };
    const struct corner *c = *state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char json[400], words[200];
        snprintf(json, sizeof json,
                 "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":"
                 "\"All\"},\"resource\":{\"op\":\"All\"},\"conditions\":[],\"annotations\":{"
                 "\"%s\":\"x\"}}",
                 cases[i][0]);
        snprintf(words, sizeof words, "invalid id `%s`: %s", cases[i][0], cases[i][1]);
        cedar_policies *set = NULL;
        cedar_report *report = NULL;
        assert_int_equal(cedar_policies_parse_json(c->api->engine, text(json), NULL, &set, &report),
                         CEDAR_ERR_SYNTAX);
        assert_says(report, words, json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CORNER(types_outlive_the_policy_that_they_were_met_in),
        CORNER(short_names_of_functions_are_guessed),
        CORNER(if_as_a_key_is_told_for_its_whole_field),
        CORNER(operands_of_the_scope_are_looked_at_first),
        CORNER(messages_show_values_and_names_as_the_reference_does),
        CORNER(requests_are_refused_for_the_reason_that_comes_first),
        CORNER(actions_in_data_have_all_their_declared_ancestors),
        CORNER(annotations_that_are_no_words_are_refused),
        CORNER(old_escapes_and_unknown_slots_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
