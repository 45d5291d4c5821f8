/* SPDX-License-Identifier: Apache-2.0 */
/* Types of operands: logic, equality, order, arithmetic, branches. */
#include "validate_unit.h"

static const struct validate_case cases[] = {
    {
        .name = "a condition is no bool",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { 1 };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw Long", "", "1"},
            },
    },
    {
        .name = "an unless is no bool",
        .policies = "permit(principal, action == Action::\"view\", resource) unless { principal };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw User", "",
                 "principal"},
            },
    },
    {
        .name = "operands of logic",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { 1 && "
                    "\"a\" || !principal.name };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw Long", "", "1"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw String", "",
                 "\"a\""},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw String", "",
                 "principal.name"},
            },
    },
    {
        .name = "what is never looked at",
        .policies =
            "permit(principal, action == Action::\"view\", resource is Photo) when { false && 1 };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { false && "
                 "1 };"},
            },
    },
    {
        .name = "a test is no bool",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { if "
                    "resource then true else false };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw Photo", "",
                 "resource"},
            },
    },
    {
        .name = "branches have no common type",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then 1 else \"a\") == 1 };",
        .findings =
            {
                {"incompatible-types", "the types Long and String are not compatible",
                 "for policy `policy0`, both branches of a conditional must have compatible types. "
                 "Types must be exactly equal to be compatible",
                 "if context.mfa then 1 else \"a\""},
            },
    },
    {
        .name = "branches of entities",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { (if "
                    "context.mfa then principal else resource) == principal };",
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
        .name = "only the branch taken counts",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { if "
                    "true then context.mfa else 1 };",
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
        .name = "equality of literals",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { 1 == "
                    "\"a\" || 1 == 1 };",
    },
    {
        .name = "equality of entity types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal == resource };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "principal == resource };"},
            },
    },
    {
        .name = "inequality of entity types",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal != resource };",
    },
    {
        .name = "equality of records",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.address == {city: \"x\"} };",
        .findings =
            {
                {"incompatible-types",
                 "the types {city: String,} and {city: String,zip?: Long,} are not compatible",
                 "for policy `policy0`, both operands to a `==` expression must have compatible "
                 "types. Compatible record types must have exactly the same attributes",
                 "principal.address == {city: \"x\"}"},
            },
    },
    {
        .name = "equality of records with other attributes",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { {a: "
                    "1} == {b: 1} };",
        .findings =
            {
                {"incompatible-types", "the types {a: Long,} and {b: Long,} are not compatible",
                 "for policy `policy0`, both operands to a `==` expression must have compatible "
                 "types. Compatible record types must have exactly the same attributes",
                 "{a: 1} == {b: 1}"},
            },
    },
    {
        .name = "equality of record and entity",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.address == principal };",
        .findings =
            {
                {"incompatible-types",
                 "the types User and {city: String,zip?: Long,} are not compatible",
                 "for policy `policy0`, both operands to a `==` expression must have compatible "
                 "types. Entity and record types are never compatible even when their attributes "
                 "would be compatible",
                 "principal.address == principal"},
            },
    },
    {
        .name = "order",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name < 1 || 1 < principal.name };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Long but saw String", "",
                 "principal.name"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Long but saw String", "",
                 "principal.name"},
            },
    },
    {
        .name = "order of times",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.taken < duration(\"1h\") || 1 <= resource.taken };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected datetime but saw duration", "",
                 "duration(\"1h\")"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Long but saw datetime", "",
                 "resource.taken"},
            },
    },
    {
        .name = "order of decimals",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "resource.price >= resource.price };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected datetime, or duration, or Long "
                 "but saw decimal",
                 "", "resource.price"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected datetime, or duration, or Long "
                 "but saw decimal",
                 "", "resource.price"},
            },
    },
    {
        .name = "arithmetic",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.age + \"x\" - principal.roles == 3 };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Long but saw String",
                 "Cedar does not support string concatenation", "\"x\""},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Long but saw Set<String>",
                 "Cedar does not support computing the union, intersection, or difference of sets",
                 "principal.roles"},
            },
    },
    {
        .name = "negation of a string",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "-principal.name == 1 };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Long but saw String", "",
                 "principal.name"},
            },
    },
    {
        .name = "the place of a number is without its minus",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "-7 || -0 };",
        .findings =
            {
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw Long", "", "7"},
                {"unexpected-type",
                 "for policy `policy0`, unexpected type: expected Bool but saw Long", "", "0"},
            },
    },
};

static void each_operand_has_its_type(void **state) {
    check_cases(*state, cases, LENGTH(cases), NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(each_operand_has_its_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
