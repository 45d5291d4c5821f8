/* SPDX-License-Identifier: Apache-2.0 */
/* Names that are not declared, scopes that no action fits. */
#include "validate_unit.h"

static const struct validate_case cases[] = {
    {
        .name = "unknown types of a scope",
        .policies = "permit(principal == Usr::\"a\", action, resource in Albun::\"b\");",
        .findings =
            {
                {"unrecognized-entity-type", "for policy `policy0`, unrecognized entity type `Usr`",
                 "did you mean `User`?", "Usr"},
                {"unrecognized-entity-type",
                 "for policy `policy0`, unrecognized entity type `Albun`", "did you mean `Album`?",
                 "Albun"},
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal == Usr::\"a\", action, resource in Albun::\"b\");"},
            },
    },
    {
        .name = "unknown types of conditions",
        .policies =
            "permit(principal, action == Action::\"view\", resource is Photo) when { principal is "
            "Phto || principal == Usr::\"a\" || principal in [Othr::Thing::\"x\"] };",
        .findings =
            {
                {"unrecognized-entity-type",
                 "for policy `policy0`, unrecognized entity type `Phto`", "did you mean `Photo`?",
                 "Phto"},
                {"unrecognized-entity-type", "for policy `policy0`, unrecognized entity type `Usr`",
                 "did you mean `User`?", "Usr"},
                {"unrecognized-entity-type",
                 "for policy `policy0`, unrecognized entity type `Othr::Thing`",
                 "did you mean `Other::Thing`?", "Othr::Thing"},
            },
    },
    {
        .name = "unknown type after is",
        .policies = "permit(principal is Nobody, action, resource is Nothing in Album::\"a\");",
        .findings =
            {
                {"unrecognized-entity-type",
                 "for policy `policy0`, unrecognized entity type `Nobody`", "did you mean `Color`?",
                 "Nobody"},
                {"unrecognized-entity-type",
                 "for policy `policy0`, unrecognized entity type `Nothing`",
                 "did you mean `Color`?", "Nothing"},
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal is Nobody, action, resource is Nothing in Album::\"a\");"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal is Nobody, action, resource is Nothing in Album::\"a\");"},
            },
    },
    {
        .name = "unknown action",
        .policies = "permit(principal, action == Action::\"vew\", resource);",
        .findings =
            {
                {"unrecognized-action",
                 "for policy `policy0`, unrecognized action `Action::\"vew\"`",
                 "did you mean `Action::\"view\"`?", "Action::\"vew\""},
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal, action == Action::\"vew\", resource);"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal, action == Action::\"vew\", resource);"},
            },
    },
    {
        .name = "unknown actions of a list",
        .policies =
            "permit(principal, action in [Action::\"view\", Other::Action::\"view\"], resource);",
        .findings =
            {
                {"unrecognized-action",
                 "for policy `policy0`, unrecognized action `Other::Action::\"view\"`",
                 "did you mean `Action::\"view\"`?", "Other::Action::\"view\""},
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "",
                 "permit(principal, action in [Action::\"view\", Other::Action::\"view\"], "
                 "resource);"},
            },
    },
    {
        .name = "an action in a condition",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "action == Action::\"rad\" };",
        .findings =
            {
                {"unrecognized-action",
                 "for policy `policy0`, unrecognized action `Action::\"rad\"`",
                 "did you mean `Action::\"read\"`?", "Action::\"rad\""},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { action "
                 "== Action::\"rad\" };"},
            },
    },
    {
        .name = "an id that is not listed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.owner.name == \"x\" && Color::\"blue\" == Color::\"red\" };",
        .findings =
            {
                {"invalid-enum-id",
                 "for policy `policy0`: entity `Color::\"blue\"` is of an enumerated entity type, "
                 "but `\"blue\"` is not declared as a valid eid",
                 "valid entity eids: \"red\", \"green\"", "Color::\"blue\""},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "resource.owner.name == \"x\" && Color::\"blue\" == Color::\"red\" };"},
            },
    },
    {
        .name = "no action for the scope",
        .policies = "permit(principal is Album, action == Action::\"view\", resource);",
        .findings =
            {
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal is Album, action == Action::\"view\", resource);"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal is Album, action == Action::\"view\", resource);"},
            },
    },
    {
        .name = "no action, in would help",
        .policies = "permit(principal == Group::\"g\", action == Action::\"view\", resource == "
                    "Album::\"a\");",
        .findings =
            {
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "try replacing `==` with `in` in the principal clause",
                 "permit(principal == Group::\"g\", action == Action::\"view\", resource == "
                 "Album::\"a\");"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal == Group::\"g\", action == Action::\"view\", resource == "
                 "Album::\"a\");"},
            },
    },
    {
        .name = "no action, in would help the resource",
        .policies = "permit(principal, action == Action::\"edit\", resource == Album::\"a\");",
        .findings =
            {
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "try replacing `==` with `in` in the resource clause",
                 "permit(principal, action == Action::\"edit\", resource == Album::\"a\");"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal, action == Action::\"edit\", resource == Album::\"a\");"},
            },
    },
    {
        .name = "no action, in would help both",
        .policies = "permit(principal == Group::\"g\", action == Action::\"view\", resource == "
                    "Color::\"red\");",
        .findings =
            {
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "try replacing `==` with `in` in the principal clause",
                 "permit(principal == Group::\"g\", action == Action::\"view\", resource == "
                 "Color::\"red\");"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal == Group::\"g\", action == Action::\"view\", resource == "
                 "Color::\"red\");"},
            },
    },
    {
        .name = "an action without appliesTo",
        .policies = "permit(principal, action == Action::\"read\", resource);",
        .findings =
            {
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal, action == Action::\"read\", resource);"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal, action == Action::\"read\", resource);"},
            },
    },
    {
        .name = "an empty list of actions",
        .policies = "permit(principal, action in [], resource);",
        .findings =
            {
                {"empty-set", "for policy `policy0`, empty set literals are forbidden in policies",
                 "", "action in []"},
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal, action in [], resource);"},
            },
    },
    {
        .name = "actions of several types",
        .policies =
            "permit(principal, action in [Action::\"view\", Other::Action::\"go\"], resource);",
        .findings =
            {
                {"incompatible-types", "the types Action and Other::Action are not compatible",
                 "for policy `policy0`, elements of a set must have compatible types. Different "
                 "entity types are never compatible even when their attributes would be compatible",
                 "action in [Action::\"view\", Other::Action::\"go\"]"},
            },
    },
    {
        .name = "nothing wrong",
        .policies = "permit(principal in Group::\"g\", action in Action::\"read\", resource is "
                    "Photo in Album::\"a\");",
    },
    {
        .name = "empty name",
        .policies = "permit(principal, action == Action::\"\", resource);",
        .findings =
            {
                {"unrecognized-action", "for policy `policy0`, unrecognized action `Action::\"\"`",
                 "", "Action::\"\""},
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal, action == Action::\"\", resource);"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal, action == Action::\"\", resource);"},
            },
    },
};

static void names_are_declared(void **state) {
    check_cases(*state, cases, LENGTH(cases), NULL);
}

static const struct validate_case type_in_id = {
    .name = "type in the id",
    .policies = "permit(principal, action == Action::\"view\", resource);",
    .findings =
        {
            {"unrecognized-action", "for policy `policy0`, unrecognized action `Action::\"view\"`",
             "did you intend to include the type in action `Action::\"Action::view\"`?",
             "Action::\"view\""},
            {"no-applicable-action",
             "for policy `policy0`, unable to find an applicable action given the policy scope "
             "constraints",
             "", "permit(principal, action == Action::\"view\", resource);"},
            {"impossible-policy",
             "for policy `policy0`, policy is impossible: the policy expression evaluates to false "
             "for all valid requests",
             "", "permit(principal, action == Action::\"view\", resource);"},
        },
};

static void an_action_whose_id_has_the_type(void **state) {
    cedar_schema *schema = parse_schema(*state, "entity U; action \"Action::view\" appliesTo "
                                                "{principal: U, resource: U};");
    check_case(*state, schema, &type_in_id, NULL);
    cedar_schema_unref(schema);
}

static void without_entity_types_there_is_no_suggestion(void **state) {
    cedar_schema *schema = parse_schema(*state, "");
    cedar_policies *policies = parse(*state, "permit(principal is User, action, resource);");
    cedar_report *report = NULL;
    assert_int_equal(cedar_validate(policies, schema, NULL, &report), CEDAR_ERR_SCHEMA);
    cedar_finding first = cedar_report_get(report, 0);
    assert_text(first.message, "for policy `policy0`, unrecognized entity type `User`");
    assert_text(first.help, "");
    cedar_report_free(report);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
}

/* An error in 4.12, a warning since. */
static void no_action_is_an_error_in_4_12(void **state) {
    cedar_schema *schema = parse_schema(*state, validate_schema_text);
    cedar_policies *policies =
        parse(*state, "permit(principal is Album, action == Action::\"view\", resource);");
    cedar_validate_options options = {.compat = CEDAR_COMPAT_4_12};
    cedar_report *report = NULL;
    assert_int_equal(cedar_validate(policies, schema, &options, &report), CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 2);
    assert_int_equal(cedar_report_get(report, 0).severity, CEDAR_ERROR);
    assert_text(cedar_report_get(report, 0).kind, "no-applicable-action");
    assert_int_equal(cedar_report_get(report, 1).severity, CEDAR_WARNING);
    cedar_report_free(report);
    assert_int_equal(cedar_validate(policies, schema, NULL, NULL), CEDAR_OK);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(names_are_declared),
        API_TEST(an_action_whose_id_has_the_type),
        API_TEST(without_entity_types_there_is_no_suggestion),
        API_TEST(no_action_is_an_error_in_4_12),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
