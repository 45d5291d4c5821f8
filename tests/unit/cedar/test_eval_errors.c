/* SPDX-License-Identifier: Apache-2.0 */
/* Every evaluation error, word for word. The texts are those of the Cedar reference. */
#include "eval_unit.h"

#define ANY "(entity of type `any_entity_type`)"
#define IN_SET "`in` is for checking the entity hierarchy; use `.contains()` to test set membership"

static const struct world_case type_cases[] = {
    {"1 && true", "error: type error: expected bool, got long"},
    {"true && 1", "error: type error: expected bool, got long"},
    {"1 || true", "error: type error: expected bool, got long"},
    {"!1", "error: type error: expected bool, got long"},
    {"if 1 then true else false", "error: type error: expected bool, got long"},
    {"1 < \"a\"", "error: type error: expected long, got string"},
    {"\"a\" < 1", "error: type error: expected long, got string"},
    {"\"a\" < \"b\"", "error: type error: expected one of [long, datetime, duration], got string | "
                      "Only types long, datetime, duration support comparison"},
    {"decimal(\"1.0\") < decimal(\"2.0\")",
     "error: type error: expected one of [long, datetime, duration], got decimal | Only types "
     "long, datetime, duration support comparison"},
    {"datetime(\"2024-01-01\") < 1", "error: type error: expected long, got datetime"},
    {"1 < datetime(\"2024-01-01\")", "error: type error: expected long, got datetime"},
    {"datetime(\"2024-01-01\") < duration(\"1h\")",
     "error: type error: expected datetime, got duration"},
    {"duration(\"1h\") < datetime(\"2024-01-01\")",
     "error: type error: expected duration, got datetime"},
    {"\"a\" < duration(\"1h\")", "error: type error: expected duration, got string"},
    {"1 + \"a\"", "error: type error: expected long, got string"},
    {"\"a\" + 1", "error: type error: expected long, got string"},
    {"true * 1", "error: type error: expected long, got bool"},
    {"-true", "error: type error: expected long, got bool"},
    {"1 in User::\"a\"", "error: type error: expected " ANY ", got long"},
    {"User::\"a\" in 1", "error: type error: expected one of [set, " ANY "], got long"},
    {"User::\"a\" in {}", "error: type error: expected one of [set, " ANY "], got record"},
    {"[1] in User::\"a\"", "error: type error: expected " ANY ", got set"},
    {"\"a\" in [\"a\"]", "error: type error: expected " ANY ", got string | " IN_SET},
    {"[1] in []", "error: type error: expected " ANY ", got set | " IN_SET},
    {"\"a\" in {}", "error: type error: expected " ANY ", got string | `in` is for checking the "
                    "entity hierarchy; use `has` to test if a record has a key"},
    {"1 is User", "error: type error: expected " ANY ", got long"},
    {"1.contains(1)", "error: type error: expected set, got long"},
    {"User::\"a\".contains(1)", "error: type error: expected set, got (entity of type `User`)"},
    {"[1].containsAll(1)", "error: type error: expected set, got long"},
    {"1.containsAny(\"a\")", "error: type error: expected set, got long"},
    {"{}.isEmpty()", "error: type error: expected set, got record"},
    {"1 like \"a\"", "error: type error: expected string, got long"},
    {"1 has a", "error: type error: expected one of [record, " ANY "], got long"},
    {"\"s\".foo", "error: type error: expected one of [record, " ANY "], got string"},
    {"1.getTag(1)", "error: type error: expected " ANY ", got long"},
    {"1.hasTag(\"x\")", "error: type error: expected " ANY ", got long"},
    {"User::\"nobody\".getTag(1)", "error: type error: expected string, got long"},
    {"User::\"nobody\".hasTag(1)", "error: type error: expected string, got long"},
};

static void type_errors_name_what_was_expected(void **state) {
    IGNORE(state);
    world_check(type_cases, ARRAY_LEN(type_cases));
}

static const struct world_case missing_cases[] = {
    {"User::\"nobody\".x", "error: entity `User::\"nobody\"` does not exist"},
    {"User::\"nobody\".getTag(\"x\")", "error: entity `User::\"nobody\"` does not exist"},
    {"User::\"\\u{301}o'b\\u{301}\\u{7}\".x",
     "error: entity `User::\"\\u{301}o\\'b\xcc\x81\\u{7}\"` does not exist"},
    {"principal.zz", "error: `User::\"alice\"` does not have the attribute `zz` | available "
                     "attributes: [age,name,r,t2]"},
    {"principal.t1", "error: `User::\"alice\"` does not have the attribute `t1` | available "
                     "attributes: [age,name,r,t2]; note that a tag (not an attribute) named `t1` "
                     "does exist"},
    {"User::\"tagonly\".q",
     "error: `User::\"tagonly\"` does not have the attribute `q` | `User::\"tagonly\"` does not "
     "have any attributes; note that a tag (not an attribute) named `q` does exist"},
    {"User::\"six\".zz", "error: `User::\"six\"` does not have the attribute `zz` | available "
                         "attributes: [a,b,c,d,e, ... (1 more attributes) ]"},
    {"resource.zz", "error: `Photo::\"p\"` does not have the attribute `zz` | available "
                    "attributes: [a,b,c,d,e, ... (2 more attributes) ]"},
    {"principal.getTag(\"nope\")",
     "error: `User::\"alice\"` does not have the tag `nope` | available tags: [t1,t2]"},
    {"principal.getTag(\"age\")",
     "error: `User::\"alice\"` does not have the tag `age` | available tags: [t1,t2]; note that "
     "an attribute (not a tag) named `age` does exist"},
    {"resource.getTag(\"zz\")", "error: `Photo::\"p\"` does not have the tag `zz` | "
                                "`Photo::\"p\"` does not have any tags"},
    {"User::\"six\".getTag(\"zz\")", "error: `User::\"six\"` does not have the tag `zz` | "
                                     "available tags: [a,b,c,d,e, ... (2 more attributes) ]"},
    {"{}.a", "error: record does not have the attribute `a` | record does not have any attributes"},
    {"principal.r.zz", "error: record does not have the attribute `zz` | available attributes: "
                       "[\"x\", \"y\"]"},
    {"{\"\xc3\xa9'\\\"\\n\\u{301}\":1}.zz",
     "error: record does not have the attribute `zz` | available attributes: "
     "[\"\xc3\xa9'\\\"\\n\\u{301}\"]"},
    {"{a:1,b:1,c:1,d:1,e:1,f:1}.zz", "error: record does not have the attribute `zz` | available "
                                     "attributes: [a,b,c,d,e, ... (1 more attributes) ]"},
    {"{a:1,b:1,c:1,d:1,e:1}.zz", "error: record does not have the attribute `zz` | available "
                                 "attributes: [\"a\", \"b\", \"c\", \"d\", \"e\"]"},
};

static void missing_things_are_named_with_help(void **state) {
    IGNORE(state);
    world_check(missing_cases, ARRAY_LEN(missing_cases));
}

static const struct world_case overflow_cases[] = {
    {"9223372036854775807 + 1", "error: integer overflow while attempting to add the values "
                                "`9223372036854775807` and `1`"},
    {"-9223372036854775807 - 2", "error: integer overflow while attempting to subtract the values "
                                 "`-9223372036854775807` and `2`"},
    {"9223372036854775807 * 2", "error: integer overflow while attempting to multiply the values "
                                "`9223372036854775807` and `2`"},
    {"--9223372036854775808", "error: integer overflow while attempting to negate the value "
                              "`-9223372036854775808`"},
    {"-9223372036854775808 * -1", "error: integer overflow while attempting to multiply the values "
                                  "`-9223372036854775808` and `-1`"},
};

static void integer_overflow_names_operation_and_operands(void **state) {
    IGNORE(state);
    world_check(overflow_cases, ARRAY_LEN(overflow_cases));
}

static const struct world_case call_cases[] = {
    {"decimal(\"1.0\", \"2\")",
     "error: wrong number of arguments provided to extension function `decimal`: expected 1, got "
     "2"},
    {"decimal()", "error: wrong number of arguments provided to extension function `decimal`: "
                  "expected 1, got 0"},
    {"ip(\"1.2.3.4\").isInRange()", "error: wrong number of arguments provided to extension "
                                    "function `isInRange`: expected 2, got 1"},
    {"ip(\"1.1.1.1\").isInRange(1, 2, 3)",
     "error: wrong number of arguments provided to extension function `isInRange`: expected 2, "
     "got 4"},
    {"decimal(1, {}.a)", "error: record does not have the attribute `a` | record does not have "
                         "any attributes"},
    {"decimal(1, 2, {}.a)", "error: record does not have the attribute `a` | record does not have "
                            "any attributes"},
    {"decimal(1)", "error: type error: expected string, got long"},
    {"\"a\".lessThan(1)", "error: type error: expected decimal, got string | maybe you forgot to "
                          "apply the `decimal` constructor?"},
    {"decimal(\"1.0\").lessThan(1)", "error: type error: expected decimal, got long"},
    {"\"a\".isIpv4()", "error: type error: expected ipaddr, got string | maybe you forgot to "
                       "apply the `ip` constructor?"},
    {"User::\"a\".isIpv4()", "error: type error: expected ipaddr, got (entity of type `User`)"},
    {"\"x\".toDate()", "error: type error: expected datetime, got string | maybe you forgot to "
                       "apply the `datetime` constructor?"},
    {"\"x\".toDays()", "error: type error: expected duration, got string | maybe you forgot to "
                       "apply the `duration` constructor?"},
};

static void calls_check_count_then_kinds(void **state) {
    IGNORE(state);
    world_check(call_cases, ARRAY_LEN(call_cases));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_errors_name_what_was_expected),
        cmocka_unit_test(missing_things_are_named_with_help),
        cmocka_unit_test(integer_overflow_names_operation_and_operands),
        cmocka_unit_test(calls_check_count_then_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
