/* SPDX-License-Identifier: Apache-2.0 */
/* The modes: what strict mode refuses and permissive mode understands. */
#include "validate_unit.h"

static const struct validate_case strict_cases[] = {
    {
        .name = "an empty set",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "[].isEmpty() || principal.roles == [] };",
        .findings =
            {
                {"empty-set", "for policy `policy0`, empty set literals are forbidden in policies",
                 "", "[]"},
                {"empty-set", "for policy `policy0`, empty set literals are forbidden in policies",
                 "", "[]"},
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
        .name = "a set of several types of entities",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal in [Group::\"g\", Album::\"a\"] };",
        .findings =
            {
                {"incompatible-types", "the types Album and Group are not compatible",
                 "for policy `policy0`, elements of a set must have compatible types. Different "
                 "entity types are never compatible even when their attributes would be compatible",
                 "[Group::\"g\", Album::\"a\"]"},
            },
    },
    {
        .name = "entities of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource.owner else resource) == principal };",
        .findings =
            {
                {"incompatible-types", "the types Photo and User are not compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Different entity types are never compatible even when their attributes would be "
                 "compatible",
                 "if context.mfa then resource.owner else resource"},
            },
    },
    {
        .name = "attributes of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource else Album::\"a\").owner == principal };",
        .findings =
            {
                {"incompatible-types", "the types Album and Photo are not compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Different entity types are never compatible even when their attributes would be "
                 "compatible",
                 "if context.mfa then resource else Album::\"a\""},
            },
    },
    {
        .name = "an attribute that only one has",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource else Album::\"a\").size == 1 };",
        .findings =
            {
                {"incompatible-types", "the types Album and Photo are not compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Different entity types are never compatible even when their attributes would be "
                 "compatible",
                 "if context.mfa then resource else Album::\"a\""},
            },
    },
    {
        .name = "a test of an attribute that only one has",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource else Album::\"a\") has size };",
        .findings =
            {
                {"incompatible-types", "the types Album and Photo are not compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Different entity types are never compatible even when their attributes would be "
                 "compatible",
                 "if context.mfa then resource else Album::\"a\""},
            },
    },
    {
        .name = "equality of types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.age == \"a\" };",
        .findings =
            {
                {"incompatible-types", "the types Long and String are not compatible",
                 "for policy `policy0`, both operands to a `==` expression must have compatible "
                 "types. Types must be exactly equal to be compatible",
                 "principal.age == \"a\""},
            },
    },
    {
        .name = "contains of another type",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.roles.contains(1) };",
        .findings =
            {
                {"incompatible-types", "the types Long and String are not compatible",
                 "for policy `policy0`, elements of the first operand and the second operand to a "
                 "`contains` expression must have compatible types. Types must be exactly equal to "
                 "be compatible",
                 "principal.roles.contains(1)"},
            },
    },
    {
        .name = "constructors of what is computed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "ip(principal.name) == ip(\"::1\") };",
        .findings =
            {
                {"non-literal-constructor",
                 "for policy `policy0`, extension constructors may not be called with non-literal "
                 "expressions",
                 "consider applying extension constructors inside attribute values when "
                 "constructing entity or context data",
                 "ip(principal.name)"},
            },
    },
    {
        .name = "records with other attributes",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then {a: 1, b: true} else {a: 2}).a == 1 };",
        .findings =
            {
                {"incompatible-types",
                 "the types {a: Long,} and {a: Long,b: __cedar::internal::True,} are not "
                 "compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Compatible record types must have exactly the same attributes",
                 "if context.mfa then {a: 1, b: true} else {a: 2}"},
            },
    },
    {
        .name = "an attribute of an open record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then {a: 1, b: true} else {a: 2}).b };",
        .findings =
            {
                {"incompatible-types",
                 "the types {a: Long,} and {a: Long,b: __cedar::internal::True,} are not "
                 "compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Compatible record types must have exactly the same attributes",
                 "if context.mfa then {a: 1, b: true} else {a: 2}"},
            },
    },
    {
        .name = "a test of an open record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then {a: 1, b: true} else {a: 2}) has b };",
        .findings =
            {
                {"incompatible-types",
                 "the types {a: Long,} and {a: Long,b: __cedar::internal::True,} are not "
                 "compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Compatible record types must have exactly the same attributes",
                 "if context.mfa then {a: 1, b: true} else {a: 2}"},
            },
    },
    {
        .name = "a set of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { [1, "
                    "\"a\"].isEmpty() };",
        .findings =
            {
                {"incompatible-types", "the types Long and String are not compatible",
                 "for policy `policy0`, elements of a set must have compatible types. Types must "
                 "be exactly equal to be compatible",
                 "[1, \"a\"]"},
            },
    },
    {
        .name = "type of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then principal else resource) is User };",
        .findings =
            {
                {"incompatible-types", "the types Photo and User are not compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Different entity types are never compatible even when their attributes would be "
                 "compatible",
                 "if context.mfa then principal else resource"},
            },
    },
    {
        .name = "an optional attribute",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.nick == \"x\" };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`nick` on entity type `User`",
                 "try testing for the attribute's presence with `e has nick && ..`",
                 "principal.nick"},
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
};

static const struct validate_case permissive_cases[] = {
    {
        .name = "an empty set",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "[].isEmpty() || principal.roles == [] };",
    },
    {
        .name = "an empty list of actions",
        .policies = "permit(principal, action in [], resource);",
        .findings =
            {
                {"no-applicable-action",
                 "for policy `policy0`, unable to find an applicable action given the policy scope "
                 "constraints",
                 "", "permit(principal, action in [], resource);"},
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "", "permit(principal, action in [], resource);"},
            },
    },
    {
        .name = "a set of several types of entities",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal in [Group::\"g\", Album::\"a\"] };",
    },
    {
        .name = "entities of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource.owner else resource) == principal };",
    },
    {
        .name = "attributes of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource else Album::\"a\").owner == principal };",
    },
    {
        .name = "an attribute that only one has",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource else Album::\"a\").size == 1 };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `size` on entity types `Album`, `Photo` not "
                 "found",
                 "did you mean `owner`? (there may also be additional attributes that the "
                 "validator is not able to reason about)",
                 "(if context.mfa then resource else Album::\"a\").size"},
            },
    },
    {
        .name = "a test of an attribute that only one has",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then resource else Album::\"a\") has size };",
    },
    {
        .name = "equality of types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.age == \"a\" };",
    },
    {
        .name = "contains of another type",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.roles.contains(1) };",
    },
    {
        .name = "constructors of what is computed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "ip(principal.name) == ip(\"::1\") };",
    },
    {
        .name = "records with other attributes",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then {a: 1, b: true} else {a: 2}).a == 1 };",
    },
    {
        .name = "an attribute of an open record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then {a: 1, b: true} else {a: 2}).b };",
        .findings =
            {
                {"attribute-not-found", "for policy `policy0`, attribute `b` not found",
                 "did you mean `a`? (there may also be additional attributes that the validator is "
                 "not able to reason about)",
                 "(if context.mfa then {a: 1, b: true} else {a: 2}).b"},
            },
    },
    {
        .name = "a test of an open record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then {a: 1, b: true} else {a: 2}) has b };",
    },
    {
        .name = "a set of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { [1, "
                    "\"a\"].isEmpty() };",
        .findings =
            {
                {"incompatible-types", "the types Long and String are not compatible",
                 "for policy `policy0`, elements of a set must have compatible types. Types must "
                 "be exactly equal to be compatible",
                 "[1, \"a\"]"},
            },
    },
    {
        .name = "type of several types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then principal else resource) is User };",
    },
    {
        .name = "an optional attribute",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.nick == \"x\" };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`nick` on entity type `User`",
                 "try testing for the attribute's presence with `e has nick && ..`",
                 "principal.nick"},
            },
    },
    {
        .name = "actions of several types",
        .policies =
            "permit(principal, action in [Action::\"view\", Other::Action::\"go\"], resource);",
    },
};

static void strict_mode_wants_one_type(void **state) {
    check_cases(*state, strict_cases, LENGTH(strict_cases), NULL);
}

static void permissive_mode_joins_types(void **state) {
    cedar_validate_options options = {.mode = CEDAR_VALIDATE_PERMISSIVE};
    check_cases(*state, permissive_cases, LENGTH(permissive_cases), &options);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(strict_mode_wants_one_type),
        API_TEST(permissive_mode_joins_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
