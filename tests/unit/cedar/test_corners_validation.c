/* SPDX-License-Identifier: Apache-2.0 */
/* Corners 47 to 52: validation. */
#include "corners_unit.h"

static const char types[] =
    "entity User in Group = { age: Long, nick?: String, r: { x?: { y?: Long }, z: Long } };"
    "entity Group; entity Photo; entity Color enum [\"red\"];"
    "action view appliesTo { principal: User, resource: Photo, context: { n: Long } };"
    "action paint appliesTo { principal: User, resource: Color };";

/* What validation finds first, as "kind message"; "" when it passes without a word. */
static void finds(const struct corner *c, const char *policy, cedar_compat compat,
                  cedar_status expected, const char *kind, const char *words) {
    cedar_schema *schema = NULL;
    assert_int_equal(
        cedar_schema_parse(c->api->engine, text(types), CEDAR_FORMAT_CEDAR, NULL, &schema, NULL),
        CEDAR_OK);
    cedar_policies *set = parse(c->api, policy);
    cedar_report *report = NULL;
    const cedar_validate_options options = {.compat = compat};
    cedar_status status = cedar_validate(set, schema, &options, &report);
    cedar_finding found = {0};
    if (cedar_report_count(report) > 0) {
        found = cedar_report_get(report, 0);
    }
    bool is_kind = found.kind.len == strlen(kind) &&
                   memcmp(found.kind.ptr == NULL ? "" : found.kind.ptr, kind, strlen(kind)) == 0;
    if (status != expected || !is_kind) {
        fail_msg("%s: %s, %.*s: %.*s", policy, cedar_status_name(status), (int)found.kind.len,
                 found.kind.ptr, (int)found.message.len, found.message.ptr);
    }
    if (words == NULL) {
        cedar_report_free(report);
    } else {
        assert_says(report, words, policy);
    }
    cedar_policies_unref(set);
    cedar_schema_unref(schema);
}

static void condition(const struct corner *c, const char *expression, cedar_status expected,
                      const char *kind, const char *words) {
    char policy[500];
    snprintf(policy, sizeof policy,
             "permit(principal, action == Action::\"view\", resource) when { %s };", expression);
    finds(c, policy, CEDAR_COMPAT_CURRENT, expected, kind, words);
}

#define PASSES CEDAR_OK, "", NULL
#define WARNS CEDAR_OK, "impossible-policy", "policy is impossible"

static void corner_47_a_scope_that_no_action_fits(void **state) {
    static const char policy[] = "permit(principal is Photo, action, resource);";
    static const char words[] =
        "unable to find an applicable action given the policy scope constraints";
    finds(*state, policy, CEDAR_COMPAT_CURRENT, CEDAR_OK, "no-applicable-action", words);
    finds(*state, policy, CEDAR_COMPAT_4_12, CEDAR_ERR_SCHEMA, "no-applicable-action", words);
}

static void corner_48_what_is_always_false_is_no_error(void **state) {
    condition(*state, "principal == resource", WARNS);
    condition(*state, "1 == \"a\"", WARNS);
    condition(*state, "1 == 2", WARNS);
    condition(*state, "User::\"a\" == Photo::\"b\"", WARNS);
    condition(*state, "principal.age == \"a\"", CEDAR_ERR_SCHEMA, "incompatible-types",
              "the types Long and String are not compatible");
}

static void corner_49_an_entity_may_be_missing_a_record_not(void **state) {
    condition(*state, "principal has age", PASSES);
    condition(*state, "!(principal has age)", PASSES);
    condition(*state, "!(context has n)", WARNS);
    condition(*state, "principal has nick && principal.nick == \"a\"", PASSES);
    condition(*state, "principal.nick == \"a\"", CEDAR_ERR_SCHEMA, "unsafe-optional-attribute",
              "unable to guarantee safety of access to optional attribute `nick`");
}

static void corner_50_facts_are_compared_by_structure(void **state) {
    condition(*state, "principal has \"nick\" && principal[\"nick\"] == \"a\"", PASSES);
    condition(*state, "principal has r && principal.r.x.y == 1", CEDAR_ERR_SCHEMA,
              "unsafe-optional-attribute", "`r.x`");
    condition(*state, "principal has r.x && principal.r.x.y == 1", CEDAR_ERR_SCHEMA,
              "unsafe-optional-attribute", "`r.x.y`");
    condition(*state, "principal has r.x.y && principal.r.x.y == 1", PASSES);
    condition(*state, "principal has nick || principal.nick == \"a\"", CEDAR_ERR_SCHEMA,
              "unsafe-optional-attribute", NULL);
    condition(*state, "!(!(principal has nick)) && principal.nick == \"a\"", CEDAR_ERR_SCHEMA,
              "unsafe-optional-attribute", NULL);
}

static void corner_51_empty_sets_are_refused(void **state) {
    static const char words[] = "empty set literals are forbidden in policies";
    condition(*state, "[].isEmpty()", CEDAR_ERR_SCHEMA, "empty-set", words);
    condition(*state, "[] == []", CEDAR_ERR_SCHEMA, "empty-set", words);
    finds(*state, "permit(principal, action in [], resource);", CEDAR_COMPAT_CURRENT,
          CEDAR_ERR_SCHEMA, "empty-set", NULL);
}

static void corner_52_ids_of_links_are_not_looked_up(void **state) {
    struct corner *c = *state;
    finds(c, "permit(principal, action == Action::\"paint\", resource == Color::\"blue\");",
          CEDAR_COMPAT_CURRENT, CEDAR_ERR_SCHEMA, "invalid-enum-id", "\"blue\"");
    cedar_schema *schema = NULL;
    cedar_policies *linked = NULL;
    cedar_policies *wrong = NULL;
    cedar_policies *set =
        parse(c->api, "permit(principal, action == Action::\"paint\", resource == ?resource);");
    const cedar_slot_value blue = {text("?resource"), uid("Color", "blue")};
    const cedar_slot_value unknown = {text("?resource"), uid("Nothing", "x")};
    assert_int_equal(
        cedar_schema_parse(c->api->engine, text(types), CEDAR_FORMAT_CEDAR, NULL, &schema, NULL),
        CEDAR_OK);
    assert_int_equal(cedar_policies_link(set, text("policy0"), text("l"), &blue, 1, &linked, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_validate(linked, schema, NULL, NULL), CEDAR_OK);
    assert_int_equal(
        cedar_policies_link(set, text("policy0"), text("l"), &unknown, 1, &wrong, NULL), CEDAR_OK);
    assert_int_equal(cedar_validate(wrong, schema, NULL, NULL), CEDAR_ERR_SCHEMA);
    cedar_policies_unref(wrong);
    cedar_policies_unref(linked);
    cedar_policies_unref(set);
    cedar_schema_unref(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CORNER(corner_47_a_scope_that_no_action_fits),
        CORNER(corner_48_what_is_always_false_is_no_error),
        CORNER(corner_49_an_entity_may_be_missing_a_record_not),
        CORNER(corner_50_facts_are_compared_by_structure),
        CORNER(corner_51_empty_sets_are_refused),
        CORNER(corner_52_ids_of_links_are_not_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
