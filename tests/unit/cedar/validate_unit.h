/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_VALIDATE_UNIT_H
#define TEST_CEDAR_VALIDATE_UNIT_H
/* What the tests of validation share: a schema, and tables of policies with what is found in them.
 * Not a test itself. */
#include "api_unit.h"

#include <stdio.h>

static const char validate_schema_text[] =
    "entity Group in [Group];\n"
    "entity User in [Group] = { name: String, age: Long, nick?: String, boss?: User,\n"
    "  address: { city: String, zip?: Long }, roles: Set<String>, \"odd key\"?: Bool } tags Long;\n"
    "entity Photo in [Album] = { owner: User, size: Long, taken: datetime, shot?: duration,\n"
    "  from?: ipaddr, price: decimal };\n"
    "entity Album = { owner: User };\n"
    "entity Color enum [\"red\", \"green\"];\n"
    "action read;\n"
    "action view in [read] appliesTo { principal: [User], resource: [Photo, Album],\n"
    "  context: { ip?: ipaddr, mfa: Bool } };\n"
    "action edit appliesTo { principal: [User, Group], resource: [Photo], context: { mfa: Bool } "
    "};\n"
    "namespace Other { entity Thing; action go appliesTo { principal: [Thing],\n"
    "  resource: [Thing] }; }\n";

/* In the order of the report. `at` is the text that the finding points to, "" for none. */
struct validate_finding {
    const char *kind;
    const char *message;
    const char *help;
    const char *at;
};

enum { FINDINGS_MAX = 8 };

struct validate_case {
    const char *name;
    const char *policies;
    uint32_t level;
    struct validate_finding findings[FINDINGS_MAX];
};

static inline cedar_schema *parse_schema(const struct api *api, const char *schema_text) {
    cedar_schema *schema = NULL;
    assert_int_equal(cedar_schema_parse(api->engine, text(schema_text), CEDAR_FORMAT_CEDAR,
                                        "schema", &schema, NULL),
                     CEDAR_OK);
    return schema;
}

static inline bool is_text(cedar_str actual, const char *expected) {
    return actual.len == strlen(expected) && memcmp(actual.ptr, expected, actual.len) == 0;
}

static inline void check_finding(const struct validate_case *test, size_t index,
                                 const cedar_finding *found) {
    const struct validate_finding *expected = &test->findings[index];
    cedar_str at = {"", 0};
    if (found->has_span) {
        at = (cedar_str){test->policies + found->start, found->end - found->start};
    }
    if (!is_text(found->kind, expected->kind) || !is_text(found->message, expected->message) ||
        !is_text(found->help, expected->help) || !is_text(at, expected->at)) {
        fail_msg("%s: finding %zu:\n%.*s\n%.*s\n%.*s\nat %.*s", test->name, index,
                 (int)found->kind.len, found->kind.ptr, (int)found->message.len, found->message.ptr,
                 (int)found->help.len, found->help.ptr, (int)at.len, at.ptr);
    }
}

static inline size_t count_errors(const cedar_report *report) {
    size_t errors = 0;
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        errors += cedar_report_get(report, i).severity == CEDAR_ERROR;
    }
    return errors;
}

static inline void check_case(const struct api *api, const cedar_schema *schema,
                              const struct validate_case *test,
                              const cedar_validate_options *options) {
    cedar_policies *policies = parse(api, test->policies);
    cedar_report *report = NULL;
    cedar_status status = cedar_validate(policies, schema, options, &report);
    size_t expected = 0;
    while (expected < FINDINGS_MAX && test->findings[expected].kind != NULL) {
        expected++;
    }
    for (size_t i = 0; i < cedar_report_count(report) && i < expected; i++) {
        cedar_finding found = cedar_report_get(report, i);
        check_finding(test, i, &found);
    }
    if (cedar_report_count(report) != expected) {
        fail_msg("%s: %zu findings instead of %zu", test->name, cedar_report_count(report),
                 expected);
    }
    assert_int_equal(status, count_errors(report) > 0 ? CEDAR_ERR_SCHEMA : CEDAR_OK);
    cedar_report_free(report);
    cedar_policies_unref(policies);
}

static inline void check_cases(const struct api *api, const struct validate_case *cases,
                               size_t count, const cedar_validate_options *options) {
    cedar_schema *schema = parse_schema(api, validate_schema_text);
    for (size_t i = 0; i < count; i++) {
        check_case(api, schema, &cases[i], options);
    }
    cedar_schema_unref(schema);
}

#endif
