/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of whole sets: templates and their links, the order of the report, where policies of
 * several texts, of other sets and of JSON are found. */
#include "validate_unit.h"

static cedar_report *validate(const struct api *api, const cedar_policies *policies,
                              cedar_status expected) {
    cedar_schema *schema = parse_schema(api, validate_schema_text);
    cedar_report *report = NULL;
    assert_int_equal(cedar_validate(policies, schema, NULL, &report), expected);
    cedar_schema_unref(schema);
    return report;
}

static cedar_policies *link_one(const struct api *api, const char *template, cedar_uid principal) {
    cedar_policies *set = parse(api, template);
    cedar_policies *linked = NULL;
    cedar_slot_value value = {text("?principal"), principal};
    assert_int_equal(
        cedar_policies_link(set, text("policy0"), text("link"), &value, 1, &linked, NULL),
        CEDAR_OK);
    cedar_policies_unref(set);
    return linked;
}

/* ---- templates ---- */

/* A slot may be of every type that its variable can be or be in. */
static void a_template_is_checked_for_all_types_of_its_slots(void **state) {
    cedar_policies *set = parse(*state, "permit(principal in ?principal, action == "
                                        "Action::\"edit\", resource) when { principal.age > 1 };");
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 1);
    assert_text(cedar_report_get(report, 0).message,
                "for policy `policy0`, attribute `age` on entity type `Group` not found");
    cedar_report_free(report);
    cedar_policies_unref(set);
}

static void a_good_link_has_no_findings(void **state) {
    cedar_policies *set =
        link_one(*state, "permit(principal in ?principal, action == Action::\"view\", resource);",
                 uid("Group", "g"));
    assert_null(validate(*state, set, CEDAR_OK));
    cedar_policies_unref(set);
}

static void the_type_of_a_value_is_declared(void **state) {
    cedar_policies *set =
        link_one(*state, "permit(principal == ?principal, action == Action::\"view\", resource);",
                 uid("Usr", "a"));
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 2);
    cedar_finding finding = cedar_report_get(report, 0);
    assert_text(finding.message, "for policy `link`, unrecognized entity type `Usr`");
    assert_text(finding.help, "did you mean `User`?");
    assert_text(finding.policy_id, "link");
    assert_false(finding.has_span);
    finding = cedar_report_get(report, 1);
    assert_text(finding.kind, "no-applicable-action");
    assert_text(finding.policy_id, "link");
    assert_true(finding.has_span); /* its template */
    assert_int_equal(finding.start, 0);
    cedar_report_free(report);
    cedar_policies_unref(set);
}

static void a_link_has_an_action_that_fits(void **state) {
    cedar_policies *set =
        link_one(*state, "permit(principal == ?principal, action == Action::\"view\", resource);",
                 uid("Album", "a"));
    cedar_report *report = validate(*state, set, CEDAR_OK);
    assert_int_equal(cedar_report_count(report), 1);
    assert_text(cedar_report_get(report, 0).message,
                "for policy `link`, unable to find an applicable action given the policy scope "
                "constraints");
    cedar_report_free(report);
    cedar_policies_unref(set);
}

/* maps: corner 52 */
static void ids_of_enumerated_types_are_not_checked_in_links(void **state) {
    cedar_schema *schema = parse_schema(*state, "entity Color enum [\"red\"]; action go appliesTo "
                                                "{principal: Color, resource: Color};");
    cedar_policies *set =
        link_one(*state, "permit(principal == ?principal, action, resource);", uid("Color", "no"));
    assert_int_equal(cedar_validate(set, schema, NULL, NULL), CEDAR_OK);
    cedar_policies_unref(set);
    cedar_schema_unref(schema);
}

/* ---- the report ---- */

static void errors_come_first_then_the_order_of_policies(void **state) {
    static const char *const kinds[] = {"unexpected-type", "attribute-not-found",
                                        "impossible-policy", "impossible-policy"};
    static const char *const ids[] = {"policy1", "policy2", "policy0", "policy3"};
    cedar_policies *set =
        parse(*state, "permit(principal, action, resource) when { false };"
                      "permit(principal, action == Action::\"view\", resource) when { 1 };"
                      "permit(principal, action == Action::\"view\", resource) when { "
                      "principal.x };"
                      "permit(principal, action, resource) unless { true };");
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), LENGTH(kinds));
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        assert_text(cedar_report_get(report, i).kind, kinds[i]);
        assert_text(cedar_report_get(report, i).policy_id, ids[i]);
        assert_int_equal(cedar_report_get(report, i).severity, i < 2 ? CEDAR_ERROR : CEDAR_WARNING);
    }
    cedar_report_free(report);
    cedar_policies_unref(set);
}

/* An error in each of two requests, or twice in a chain, is one finding if it is the same. */
static void equal_findings_are_one(void **state) {
    cedar_policies *set = parse(*state, "permit(principal, action, resource is Photo) when "
                                        "{ resource.size == \"a\" };");
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 1);
    cedar_report_free(report);
    cedar_policies_unref(set);
}

static void a_set_without_policies_is_valid(void **state) {
    cedar_policies *set = parse(*state, "// nothing\n");
    assert_null(validate(*state, set, CEDAR_OK));
    cedar_policies_unref(set);
}

/* ---- places ---- */

static void assert_place(const cedar_finding *finding, const char *source, size_t start,
                         uint32_t line, uint32_t column, const char *line_text) {
    assert_text(finding->source, source);
    assert_true(finding->has_span);
    assert_int_equal(finding->start, start);
    assert_int_equal(finding->line, line);
    assert_int_equal(finding->column, column);
    assert_text(finding->source_line, line_text);
}

static const char first_text[] = "permit(principal, action == Action::\"view\", resource);\n"
                                 "  permit(principal, action == Action::\"view\",\n"
                                 "         resource) when { principal.x };";
static const char second_text[] = "// comment\nforbid(principal, action, resource) when { 1 };";

static cedar_policies *build_two(const struct api *api) {
    cedar_policies_builder *builder;
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_builder_new(api->engine, 0, &builder), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder, text(first_text), "a.cedar", "a#"),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder, text(second_text), "b.cedar", "b#"),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_OK);
    cedar_policies_builder_free(builder);
    return set;
}

static void findings_are_where_the_policies_are(void **state) {
    cedar_policies *set = build_two(*state);
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 2);
    cedar_finding finding = cedar_report_get(report, 0);
    assert_place(&finding, "a.cedar", (size_t)(strstr(first_text, "principal.x") - first_text), 3,
                 27, "         resource) when { principal.x };");
    finding = cedar_report_get(report, 1);
    assert_text(finding.policy_id, "b#policy0");
    assert_place(&finding, "b.cedar", (size_t)(strstr(second_text, "1") - second_text), 2, 44,
                 "forbid(principal, action, resource) when { 1 };");
    cedar_report_free(report);
    cedar_policies_unref(set);
}

/* A set made from sets has kept the policies, not the texts around them. */
static void findings_are_still_there_after_merging(void **state) {
    cedar_policies *set = build_two(*state);
    cedar_policies *other = parse(*state, "permit(principal, action, resource is Photo);");
    cedar_policies *merged = NULL;
    cedar_policies *again = NULL;
    assert_int_equal(cedar_policies_merge(other, set, &merged, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_remove(merged, text("policy0"), &again, NULL), CEDAR_OK);
    const cedar_policies *sets[] = {merged, again};
    for (size_t i = 0; i < LENGTH(sets); i++) {
        cedar_report *report = validate(*state, sets[i], CEDAR_ERR_SCHEMA);
        assert_int_equal(cedar_report_count(report), 2);
        cedar_finding finding = cedar_report_get(report, 0);
        assert_place(&finding, "a.cedar", (size_t)(strstr(first_text, "principal.x") - first_text),
                     3, 27, "         resource) when { principal.x };");
        finding = cedar_report_get(report, 1);
        assert_place(&finding, "b.cedar", (size_t)(strstr(second_text, "1") - second_text), 2, 44,
                     "forbid(principal, action, resource) when { 1 };");
        cedar_report_free(report);
    }
    cedar_policies_unref(again);
    cedar_policies_unref(merged);
    cedar_policies_unref(other);
    cedar_policies_unref(set);
}

static void findings_point_into_json_too(void **state) {
    static const char json[] =
        "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"==\","
        "\"entity\":{\"type\":\"Action\",\"id\":\"view\"}},\"resource\":{\"op\":\"All\"},"
        "\"conditions\":[{\"kind\":\"when\",\"body\":{\"has\":{\"left\":{\"Value\":1},"
        "\"attr\":\"x\"}}}]}";
    const struct api *api = *state;
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_parse_json(api->engine, text(json), "p.json", &set, NULL),
                     CEDAR_OK);
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 1);
    cedar_finding finding = cedar_report_get(report, 0);
    assert_text(finding.message,
                "for policy `JSON policy`, unexpected type: expected __cedar::internal::AnyEntity, "
                "or __cedar::internal::OpenRecord{} but saw Long");
    assert_text(finding.source, "p.json");
    assert_int_equal(finding.start, strstr(json, "1}") - json);
    assert_int_equal(finding.end - finding.start, 1);
    cedar_report_free(report);
    cedar_policies_unref(set);
}

/* Chains are not nested: they may have any length. */
static void long_chains_are_checked(void **state) {
    enum { COUNT = 20000 };
    static const char head[] = "permit(principal, action == Action::\"view\", resource) when { ";
    static const char item[] = "(principal has nick && principal.nick == \"x\") || ";
    size_t size = sizeof head + COUNT * (sizeof item - 1) + 32;
    char *long_text = test_malloc(size);
    char *at = long_text + sprintf(long_text, "%s", head);
    for (int i = 0; i < COUNT; i++) {
        memcpy(at, item, sizeof item - 1);
        at += sizeof item - 1;
    }
    sprintf(at, "principal.age };");
    cedar_policies *set = parse(*state, long_text);
    cedar_report *report = validate(*state, set, CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 1);
    assert_text(cedar_report_get(report, 0).kind, "unexpected-type");
    cedar_report_free(report);
    cedar_policies_unref(set);
    test_free(long_text);
}

/* Up to the parser's limit; and what is said twice on each level is not checked twice. */
static void nests_are_checked(void **state) {
    static const struct {
        const char *before;
        const char *core;
        const char *after;
        int count;
    } nests[] = {
        {"!(", "principal.age", ")", 900},
        {"(if context.mfa then ", "principal.age", " else false)", 400},
        {"((if ", "principal.age == \"x\"",
         " then principal else principal) is User in Group::\"g\")", 200},
        {"[", "principal.age == \"x\"", "].contains(true)", 300},
    };
    const struct api *api = *state;
    for (size_t i = 0; i < LENGTH(nests); i++) {
        static char policy[1 << 16];
        int length =
            sprintf(policy, "permit(principal, action == Action::\"view\", resource) when { ");
        for (int j = 0; j < nests[i].count; j++) {
            length += sprintf(policy + length, "%s", nests[i].before);
        }
        length += sprintf(policy + length, "%s", nests[i].core);
        for (int j = 0; j < nests[i].count; j++) {
            length += sprintf(policy + length, "%s", nests[i].after);
        }
        sprintf(policy + length, " };");
        cedar_schema *schema = parse_schema(api, validate_schema_text);
        cedar_policies *set = parse(api, policy);
        cedar_validate_options options = {.has_level = true, .level = 5};
        cedar_report *report = NULL;
        assert_int_equal(cedar_validate(set, schema, &options, &report), CEDAR_ERR_SCHEMA);
        assert_int_equal(count_errors(report), 1);
        cedar_report_free(report);
        cedar_policies_unref(set);
        cedar_schema_unref(schema);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(a_template_is_checked_for_all_types_of_its_slots),
        API_TEST(a_good_link_has_no_findings),
        API_TEST(the_type_of_a_value_is_declared),
        API_TEST(a_link_has_an_action_that_fits),
        API_TEST(ids_of_enumerated_types_are_not_checked_in_links),
        API_TEST(errors_come_first_then_the_order_of_policies),
        API_TEST(equal_findings_are_one),
        API_TEST(a_set_without_policies_is_valid),
        API_TEST(findings_are_where_the_policies_are),
        API_TEST(findings_are_still_there_after_merging),
        API_TEST(findings_point_into_json_too),
        API_TEST(long_chains_are_checked),
        API_TEST(nests_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
