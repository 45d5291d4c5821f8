/* SPDX-License-Identifier: Apache-2.0 */
/* Levels: how many entities have to be looked up one after the other. */
#include "validate_unit.h"

static const struct validate_case cases[] = {
    {
        .name = "one step",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.age > 1 };",
        .level = 1,
    },
    {
        .name = "one step, none allowed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.age > 1 };",
        .level = 0,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 1, which exceeds the maximum "
                 "allowed level (0)",
                 "", "principal.age"},
            },
    },
    {
        .name = "two steps",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.owner.age > 1 };",
        .level = 1,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 2, which exceeds the maximum "
                 "allowed level (1)",
                 "", "resource.owner.age"},
            },
    },
    {
        .name = "two steps allowed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.owner.age > 1 };",
        .level = 2,
    },
    {
        .name = "three steps",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.owner has boss && resource.owner.boss.age > 1 };",
        .level = 2,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 3, which exceeds the maximum "
                 "allowed level (2)",
                 "", "resource.owner.boss.age"},
            },
    },
    {
        .name = "a record is no step",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.address.city == \"x\" };",
        .level = 1,
    },
    {
        .name = "the context is no step",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "context.mfa };",
        .level = 0,
    },
    {
        .name = "membership",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal in Group::\"g\" };",
        .level = 0,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 1, which exceeds the maximum "
                 "allowed level (0)",
                 "", "principal in Group::\"g\""},
            },
    },
    {
        .name = "membership of what is looked up",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.owner in Group::\"g\" };",
        .level = 1,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 2, which exceeds the maximum "
                 "allowed level (1)",
                 "", "resource.owner in Group::\"g\""},
            },
    },
    {
        .name = "a literal",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "User::\"a\".age > 1 };",
        .level = 3,
        .findings =
            {
                {"literal-dereference",
                 "for policy `policy0`, entity literals cannot be dereferenced at any level", "",
                 "User::\"a\""},
            },
    },
    {
        .name = "the action itself",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "Action::\"view\" in Action::\"read\" };",
        .level = 1,
    },
    {
        .name = "another action",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "Action::\"edit\" in Action::\"read\" };",
        .level = 1,
        .findings =
            {
                {"literal-dereference",
                 "for policy `policy0`, entity literals cannot be dereferenced at any level", "",
                 "Action::\"edit\""},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "Action::\"edit\" in Action::\"read\" };"},
            },
    },
    {
        .name = "tags",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.owner.hasTag(\"x\") && resource.owner.getTag(\"x\") > 1 };",
        .level = 1,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 2, which exceeds the maximum "
                 "allowed level (1)",
                 "", "resource.owner.hasTag(\"x\")"},
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 2, which exceeds the maximum "
                 "allowed level (1)",
                 "", "resource.owner.getTag(\"x\")"},
            },
    },
    {
        .name = "a long test",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource has owner.boss.name };",
        .level = 2,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 3, which exceeds the maximum "
                 "allowed level (2)",
                 "", "resource has owner.boss.name"},
            },
    },
    {
        .name = "a long test allowed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource has owner.boss.name };",
        .level = 3,
    },
    {
        .name = "both branches",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then principal else resource.owner).age > 1 };",
        .level = 1,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 2, which exceeds the maximum "
                 "allowed level (1)",
                 "", "(if context.mfa then principal else resource.owner).age"},
            },
    },
    {
        .name = "a field of a record literal",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { {a: "
                    "resource.owner, b: principal}.a.age > 1 };",
        .level = 1,
        .findings =
            {
                {"level-exceeded",
                 "for policy `policy0`, this policy requires level 2, which exceeds the maximum "
                 "allowed level (1)",
                 "", "{a: resource.owner, b: principal}.a.age"},
            },
    },
    {
        .name = "another field of it",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { {a: "
                    "resource.owner.boss == principal, b: principal}.b.age > 1 };",
        .level = 2,
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`boss` on entity type `User`",
                 "try testing for the attribute's presence with `e has boss && ..`",
                 "resource.owner.boss"},
            },
    },
    {
        .name = "with a type error",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.nope.age > 1 };",
        .level = 0,
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `nope` on entity type `User` not found",
                 "did you mean `name`?", "principal.nope.age"},
            },
    },
};

static void policies_reach_as_far_as_the_level(void **state) {
    cedar_schema *schema = parse_schema(*state, validate_schema_text);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cedar_validate_options options = {.has_level = true, .level = cases[i].level};
        check_case(*state, schema, &cases[i], &options);
    }
    cedar_schema_unref(schema);
}

/* Where there is no level, nothing is said about it. */
static void without_a_level_nothing_is_counted(void **state) {
    cedar_schema *schema = parse_schema(*state, validate_schema_text);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cedar_policies *policies = parse(*state, cases[i].policies);
        cedar_report *report = NULL;
        (void)cedar_validate(policies, schema, NULL, &report); /* the report is of interest */
        for (size_t j = 0; j < cedar_report_count(report); j++) {
            cedar_str kind = cedar_report_get(report, j).kind;
            assert_false(is_text(kind, "level-exceeded"));
            assert_false(is_text(kind, "literal-dereference"));
        }
        cedar_report_free(report);
        cedar_policies_unref(policies);
    }
    cedar_schema_unref(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(policies_reach_as_far_as_the_level),
        API_TEST(without_a_level_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
