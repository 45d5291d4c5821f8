/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and tags: what is not declared, and what may be missing. */
#include "validate_unit.h"

static const struct validate_case cases[] = {
    {
        .name = "an unknown attribute",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.nam == \"x\" };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `nam` on entity type `User` not found",
                 "did you mean `name`?", "principal.nam"},
            },
    },
    {
        .name = "an unknown attribute of a record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.address.cty == \"x\" };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `address.cty` on entity type `User` not found",
                 "did you mean `city`?", "principal.address.cty"},
            },
    },
    {
        .name = "an unknown attribute of the context",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "context.mfaa };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `mfaa` in context for Action::\"view\" not found",
                 "did you mean `mfa`?", "context.mfaa"},
            },
    },
    {
        .name = "an unknown attribute of an action",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "action.x == 1 };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `x` on entity type `Action` not found", "",
                 "action.x"},
            },
    },
    {
        .name = "an unknown attribute of a literal record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { {a: "
                    "1}.b == 1 };",
        .findings =
            {
                {"attribute-not-found", "for policy `policy0`, attribute `b` not found",
                 "did you mean `a`?", "{a: 1}.b"},
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
        .name = "an optional attribute with a test",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has nick && principal.nick == \"x\" };",
    },
    {
        .name = "an optional attribute of a record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.address.zip == 1 };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`address.zip` on entity type `User`",
                 "try testing for the attribute's presence with `e.address has zip && ..`",
                 "principal.address.zip"},
            },
    },
    {
        .name = "an optional attribute of the context",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "context.ip.isIpv4() };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`ip` in context for Action::\"view\"",
                 "try testing for the attribute's presence with `context has ip && ..`",
                 "context.ip.isIpv4()"},
            },
    },
    {
        .name = "an optional attribute that is no identifier",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal[\"odd key\"] };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`[\"odd key\"]` on entity type `User`",
                 "try testing for the attribute's presence with `e has \"odd key\" && ..`",
                 "principal[\"odd key\"]"},
            },
    },
    {
        .name = "spelling does not matter",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has \"nick\" && principal[\"nick\"] == \"x\" };",
    },
    {
        .name = "a test of the outer one is not enough",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has boss && principal.boss.nick == \"x\" };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`nick` on entity type `User`",
                 "try testing for the attribute's presence with `e has nick && ..`",
                 "principal.boss.nick"},
            },
    },
    {
        .name = "a long test",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has boss.nick && principal.boss.nick == \"x\" };",
    },
    {
        .name = "a long test with an optional step",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has boss.boss.nick && principal.boss.boss.nick == \"x\" };",
    },
    {
        .name = "a long test of another path",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has boss.nick && principal.boss.boss.age == 1 };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`boss` on entity type `User`",
                 "try testing for the attribute's presence with `e has boss && ..`",
                 "principal.boss.boss.age"},
            },
    },
    {
        .name = "a long test through a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has name.x };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected __cedar::internal::AnyEntity, or "
                 "__cedar::internal::OpenRecord{} but saw String",
                 "try using `like` to examine the contents of a string", "principal has name.x"},
            },
    },
    {
        .name = "a long test of what is not there",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has nope.x.y };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "principal has nope.x.y };"},
            },
    },
    {
        .name = "or gives no fact",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "(principal has nick || context.mfa) && principal.nick == \"x\" };",
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
        .name = "both sides of or do",
        .policies =
            "permit(principal, action == Action::\"view\", resource is Photo) when { (principal "
            "has nick && context.mfa || principal has nick) && principal.nick == \"x\" };",
    },
    {
        .name = "not gives no fact",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "!(principal has nick) && principal.nick == \"x\" };",
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
        .name = "if then else",
        .policies =
            "permit(principal, action == Action::\"view\", resource is Photo) when { if principal "
            "has nick then principal.nick == \"x\" else principal.nick == \"y\" };",
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
        .name = "facts of both branches",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then principal has nick else (principal has nick && true)) && "
                    "principal.nick == \"x\" };",
    },
    {
        .name = "facts of an earlier clause",
        .policies = "permit(principal, action == Action::\"view\", resource) when { principal has "
                    "nick } when { principal.nick == \"x\" };",
    },
    {
        .name = "an earlier unless gives none",
        .policies = "permit(principal, action == Action::\"view\", resource) unless { principal "
                    "has nick } when { principal.nick == \"x\" };",
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
        .name = "a test of a required attribute of a record is true",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "!(principal.address has city) };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "!(principal.address has city) };"},
            },
    },
    {
        .name = "a test of a required attribute of an entity is not",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "!(principal has name) };",
    },
    {
        .name = "a test that is known",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has nick && !(principal has nick) };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "principal has nick && !(principal has nick) };"},
            },
    },
    {
        .name = "a test of what no type has",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has nope };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "principal has nope };"},
            },
    },
    {
        .name = "a tag without test",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.getTag(\"x\") == 1 };",
        .findings =
            {
                {"unsafe-tag",
                 "for policy `policy0`, unable to guarantee safety of access to tag `\"x\"` on "
                 "entity type `User`",
                 "try testing for the tag's presence with `.hasTag(\"x\") && ..`",
                 "principal.getTag(\"x\")"},
            },
    },
    {
        .name = "a tag with test",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.hasTag(\"x\") && principal.getTag(\"x\") == 1 };",
    },
    {
        .name = "a test of another tag",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.hasTag(\"x\") && principal.getTag(\"y\") == 1 };",
        .findings =
            {
                {"unsafe-tag",
                 "for policy `policy0`, unable to guarantee safety of access to tag `\"y\"` on "
                 "entity type `User`",
                 "try testing for the tag's presence with `.hasTag(\"y\") && ..`",
                 "principal.getTag(\"y\")"},
            },
    },
    {
        .name = "a tag by attribute",
        .policies =
            "permit(principal, action == Action::\"view\", resource is Photo) when { "
            "principal.hasTag(principal.name) && principal.getTag(principal[\"name\"]) == 1 };",
    },
    {
        .name = "a tag whose name is computed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.getTag(if principal.age > 1 then \"a\" else \"b\") == 1 };",
        .findings =
            {
                {"unsafe-tag",
                 "for policy `policy0`, unable to guarantee safety of access to tag `if "
                 "!(principal.age <= 1) then \"a\" else \"b\"` on entity type `User`",
                 "try testing for the tag's presence with `.hasTag(if !(principal.age <= 1) then "
                 "\"a\" else \"b\") && ..`",
                 "principal.getTag(if principal.age > 1 then \"a\" else \"b\")"},
            },
    },
    {
        .name = "a type without tags",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.getTag(\"x\") == 1 };",
        .findings =
            {
                {"unsafe-tag",
                 "for policy `policy0`, unable to guarantee safety of access to tag `\"x\"` on "
                 "entity type `Photo`",
                 "try testing for the tag's presence with `.hasTag(\"x\") && ..`",
                 "resource.getTag(\"x\")"},
            },
    },
    {
        .name = "a test of a type without tags",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.hasTag(\"x\") };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "resource.hasTag(\"x\") };"},
            },
    },
    {
        .name = "a tag of a type without tags",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "(resource.hasTag(\"x\") || context.mfa) && (if resource.hasTag(\"x\") then "
                    "true else context.mfa) };",
    },
    {
        .name = "several types of principals",
        .policies = "permit(principal, action == Action::\"edit\", resource) when { principal.name "
                    "== \"x\" };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `name` on entity type `Group` not found", "",
                 "principal.name"},
            },
    },
    {
        .name = "one finding for several requests",
        .policies = "permit(principal, action in [Action::\"view\", Action::\"edit\"], resource) "
                    "when { resource.owner.nick == \"x\" };",
        .findings =
            {
                {"unsafe-optional-attribute",
                 "for policy `policy0`, unable to guarantee safety of access to optional attribute "
                 "`nick` on entity type `User`",
                 "try testing for the attribute's presence with `e has nick && ..`",
                 "resource.owner.nick"},
            },
    },
};

static void access_is_safe_where_a_test_has_shown_it(void **state) {
    check_cases(*state, cases, LENGTH(cases), NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(access_is_safe_where_a_test_has_shown_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
