/* SPDX-License-Identifier: Apache-2.0 */
/* Policies and schemas that are large in one direction: what is said of them, and that it takes
 * no more than a moment (the runner ends a test that takes minutes). */
#include "validate_unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_SIZE = 4 << 20 };

/* A text that is put together piece by piece. */
struct pieces {
    char *text;
    size_t len;
};

static struct pieces pieces_new(const char *first) {
    struct pieces made = {malloc(TEXT_SIZE), 0};
    assert_non_null(made.text);
    made.len = (size_t)snprintf(made.text, TEXT_SIZE, "%s", first);
    return made;
}

/* `format` has at most one %d per number given. */
#define ADD(p, ...)                                                                            \
    do {                                                                                       \
        (p)->len +=                                                                            \
            (size_t)snprintf((p)->text + (p)->len, (size_t)TEXT_SIZE - (p)->len, __VA_ARGS__); \
        assert_true((p)->len < TEXT_SIZE);                                                     \
    } while (0)

/* The report of policies against a schema; both texts are freed. */
static cedar_report *validate(const struct api *api, struct pieces *schema_text,
                              struct pieces *policies_text, cedar_status expected) {
    cedar_schema *schema = parse_schema(api, schema_text->text);
    cedar_policies *policies = parse(api, policies_text->text);
    cedar_report *report = NULL;
    assert_int_equal(cedar_validate(policies, schema, NULL, &report), expected);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
    free(schema_text->text);
    free(policies_text->text);
    return report;
}

/* What both sides of `||` show is less than what one of them says often. */
static void tests_that_are_repeated_show_the_same(void **state) {
    struct pieces schema = pieces_new("entity U = { a?: Long };"
                                      "action v appliesTo { principal: U, resource: U };");
    struct pieces policies = pieces_new("permit(principal, action, resource) when { (");
    for (int i = 0; i < 1000; i++) {
        ADD(&policies, "%sprincipal has a", i == 0 ? "" : " && ");
    }
    ADD(&policies, " || principal has a) && principal.a == 1 };");
    assert_null(validate(*state, &schema, &policies, CEDAR_OK));
}

/* Thousands of names beside thousands of names: the first ones get a suggestion. */
static void suggestions_for_many_names_come_to_an_end(void **state) {
    struct pieces schema = pieces_new("entity U;");
    struct pieces policies = pieces_new("");
    for (int i = 0; i < 3000; i++) {
        ADD(&schema, "entity T%0200d;", i);
    }
    ADD(&schema, "action v appliesTo { principal: U, resource: U };");
    for (int i = 0; i < 3000; i++) {
        ADD(&policies, "permit(principal is S%0200d, action, resource);", i * 7);
    }
    cedar_report *report = validate(*state, &schema, &policies, CEDAR_ERR_SCHEMA);
    assert_true(cedar_report_count(report) >= 3000);
    char help[300];
    snprintf(help, sizeof help, "did you mean `T%0200d`?", 0);
    assert_text(cedar_report_get(report, 0).help, help);
    cedar_report_free(report);
}

/* Types that share their parts have long names, and each pair of types its own message. */
static void long_messages_for_many_types_come_to_an_end(void **state) {
    struct pieces schema = pieces_new("type T0 = { a: Long };");
    struct pieces policies = pieces_new("");
    for (int i = 1; i < 60; i++) {
        ADD(&schema, "type T%d = { a: T%d, b: T%d };", i, i - 1, i - 1);
    }
    for (int i = 0; i < 40; i++) {
        ADD(&schema, "entity E%d = { x: T59 };", i);
    }
    for (int i = 0; i < 1200; i++) {
        ADD(&schema, "action a%d appliesTo { principal: E0, resource: E%d, context: T59 };", i,
            i % 40);
    }
    for (int i = 0; i < 20; i++) {
        ADD(&policies, "permit(principal, action, resource) when { context == resource };");
    }
    cedar_report *report = validate(*state, &schema, &policies, CEDAR_ERR_SCHEMA);
    assert_true(cedar_report_count(report) >= 20);
    cedar_report_free(report);
}

static struct pieces long_forbid(const char *between) {
    struct pieces made = pieces_new("forbid(principal is User, action, resource) when { ");
    for (int i = 0; i < 30000; i++) {
        ADD(&made, "%scontext has t%d", i == 0 ? "" : between, i);
    }
    ADD(&made, " && context.t29999 };");
    return made;
}

/* A long chain, and many clauses: each of their tests holds for what comes behind it. */
static void lint_follows_long_conditions(void **state) {
    const struct api *api = *state;
    struct pieces made[] = {long_forbid(" && "), long_forbid(" } when { ")};
    for (size_t i = 0; i < LENGTH(made); i++) {
        cedar_policies *policies = parse(api, made[i].text);
        cedar_report *report = NULL;
        assert_int_equal(cedar_lint(policies, NULL, NULL, &report), CEDAR_OK);
        assert_int_equal(cedar_report_count(report), 0);
        cedar_report_free(report);
        cedar_policies_unref(policies);
        free(made[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(tests_that_are_repeated_show_the_same),
        API_TEST(suggestions_for_many_names_come_to_an_end),
        API_TEST(long_messages_for_many_types_come_to_an_end),
        API_TEST(lint_follows_long_conditions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
