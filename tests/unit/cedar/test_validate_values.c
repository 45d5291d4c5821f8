/* SPDX-License-Identifier: Apache-2.0 */
/* Types of sets, entities, tags and calls; policies that never apply; where findings point to. */
#include "validate_unit.h"

static const struct validate_case cases[] = {
    {
        .name = "contains without a set",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name.contains(\"x\") || principal.contains(1) || "
                    "principal.address.contains(1) };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Set<__cedar::internal::Any> but "
                 "saw String",
                 "try using `like` to examine the contents of a string",
                 "principal.name.contains(\"x\")"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Set<__cedar::internal::Any> but "
                 "saw User",
                 "try using `in` for entity hierarchy membership", "principal"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Set<__cedar::internal::Any> but "
                 "saw {city: String,zip?: Long,}",
                 "try using `has` to test for an attribute", "principal.address.contains(1)"},
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
        .name = "containsAll of no set",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.roles.containsAll(\"x\") };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Set<__cedar::internal::Any> but "
                 "saw String",
                 "try using `contains` to test if a single element is in a set", "\"x\""},
            },
    },
    {
        .name = "containsAny of another type",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.roles.containsAny([1]) };",
        .findings =
            {
                {"incompatible-types", "the types Set<Long> and Set<String> are not compatible",
                 "for policy `policy0`, elements of both set operands to a `containsAll` or "
                 "`containsAny` expression must have compatible types. Types must be exactly equal "
                 "to be compatible",
                 "principal.roles.containsAny([1])"},
            },
    },
    {
        .name = "isEmpty of a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name.isEmpty() };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Set<__cedar::internal::Any> but "
                 "saw String",
                 "try using `== \"\"` to test if a string is empty", "principal.name.isEmpty()"},
            },
    },
    {
        .name = "elements of a set",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { [1, "
                    "\"a\", principal].isEmpty() };",
        .findings =
            {
                {"incompatible-types", "the types Long, String, and User are not compatible",
                 "for policy `policy0`, elements of a set must have compatible types. Types must "
                 "be exactly equal to be compatible",
                 "[1, \"a\", principal]"},
            },
    },
    {
        .name = "an empty set",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "[].isEmpty() };",
        .findings =
            {
                {"empty-set", "for policy `policy0`, empty set literals are forbidden in policies",
                 "", "[]"},
            },
    },
    {
        .name = "like of an entity",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal like \"a*\" };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected String but saw User",
                 "try using `is` to test for an entity type", "principal"},
            },
    },
    {
        .name = "is of a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name is User };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected __cedar::internal::AnyEntity but "
                 "saw String",
                 "Cedar only supports run time type tests for entities", "principal.name"},
            },
    },
    {
        .name = "in of a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name in resource };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected __cedar::internal::AnyEntity but "
                 "saw String",
                 "try using `contains`, `containsAny`, or `containsAll` to examine the contents of "
                 "a set",
                 "principal.name"},
            },
    },
    {
        .name = "in a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal in principal.name };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected "
                 "Set<__cedar::internal::AnyEntity>, or __cedar::internal::AnyEntity but saw "
                 "String",
                 "try using `like` to examine the contents of a string", "principal.name"},
            },
    },
    {
        .name = "in a set of strings",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal in principal.roles };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected "
                 "Set<__cedar::internal::AnyEntity>, or __cedar::internal::AnyEntity but saw "
                 "Set<String>",
                 "try using `contains`, `containsAny`, or `containsAll` to examine the contents of "
                 "a set",
                 "principal.roles"},
            },
    },
    {
        .name = "has of a set and a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.roles has x || principal.name has y };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected __cedar::internal::AnyEntity, or "
                 "__cedar::internal::OpenRecord{} but saw Set<String>",
                 "try using `contains`, `containsAny`, or `containsAll` to examine the contents of "
                 "a set",
                 "principal.roles"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected __cedar::internal::AnyEntity, or "
                 "__cedar::internal::OpenRecord{} but saw String",
                 "try using `like` to examine the contents of a string", "principal.name"},
            },
    },
    {
        .name = "a tag of a record",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.address.hasTag(\"x\") };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected __cedar::internal::AnyEntity but "
                 "saw {city: String,zip?: Long,}",
                 "", "principal.address.hasTag(\"x\")"},
            },
    },
    {
        .name = "a tag by number",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.hasTag(1) };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected String but saw Long", "", "1"},
            },
    },
    {
        .name = "literals of extensions",
        .policies =
            "permit(principal, action == Action::\"view\", resource is Photo) when { ip(\"1.2.3\") "
            "== ip(\"::1\") || decimal(\"1\") == decimal(\"1.0\") || datetime(\"x\") < "
            "datetime(\"2024-01-01\") || duration(\"1x\") < duration(\"1d\") };",
        .findings =
            {
                {"invalid-literal",
                 "for policy `policy0`, error during extension function argument validation: "
                 "failed to parse as IP address: `\"1.2.3\"`",
                 "valid IP strings are IPv4/IPv6 addresses or CIDR ranges like `127.0.0.1`, "
                 "`127.0.0.1/24`, or `ffee::/64`",
                 "ip(\"1.2.3\")"},
                {"invalid-literal",
                 "for policy `policy0`, error during extension function argument validation: "
                 "failed to parse as a decimal value: `\"1\"`",
                 "valid decimal strings look like `12.34`: digits are required on both sides of "
                 "`.`, up to 4 fractional digits are allowed, and the value must be in range "
                 "-922337203685477.5808 to 922337203685477.5807",
                 "decimal(\"1\")"},
                {"invalid-literal",
                 "for policy `policy0`, error during extension function argument validation: "
                 "failed to parse as a datetime value: `\"x\"`",
                 "valid datetime strings start with `YYYY-MM-DD` and may optionally include "
                 "`THH:MM:SS` plus `Z`, `.SSSZ`, or an offset like `+0700`",
                 "datetime(\"x\")"},
                {"invalid-literal",
                 "for policy `policy0`, error during extension function argument validation: "
                 "failed to parse as a duration value: `\"1x\"`",
                 "valid duration strings are concatenated quantity-unit pairs with an optional "
                 "leading `-`, for example `1d2h3m4s50ms`",
                 "duration(\"1x\")"},
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
        .name = "number of arguments",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "ip(\"::1\", \"::2\") == ip(\"::1\") };",
        .findings =
            {
                {"wrong-number-of-arguments",
                 "for policy `policy0`, wrong number of arguments in extension function "
                 "application. Expected 1, got 2",
                 "", "ip(\"::1\", \"::2\")"},
            },
    },
    {
        .name = "types of arguments",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "ip(\"::1\").isInRange(\"::1\") };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected ipaddr but saw String", "",
                 "\"::1\""},
            },
    },
    {
        .name = "impossible",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal is Photo };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "principal is Photo };"},
            },
    },
    {
        .name = "impossible for equal entities",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "action == Action::\"edit\" };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { action "
                 "== Action::\"edit\" };"},
            },
    },
    {
        .name = "an error where nothing applies",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.nope && false };",
        .findings =
            {
                {"attribute-not-found",
                 "for policy `policy0`, attribute `nope` on entity type `User` not found",
                 "did you mean `name`?", "principal.nope"},
            },
    },
    {
        .name = "member chains",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.boss.boss.age > 1 };",
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
        .name = "negative numbers",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal in -5 };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected "
                 "Set<__cedar::internal::AnyEntity>, or __cedar::internal::AnyEntity but saw Long",
                 "", "5"},
            },
    },
};

static void sets_entities_and_calls(void **state) {
    check_cases(*state, cases, LENGTH(cases), NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(sets_entities_and_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
