/* SPDX-License-Identifier: Apache-2.0 */
/* Validation when memory runs out, at its limits, and called wrongly. */
#include "meter.h"
#include "validate_unit.h"

/* Something of everything that is allocated for. */
static const char policies_text[] =
    "permit(principal in Group::\"g\", action in [Action::\"view\", Action::\"edit\"], resource)"
    " when { principal has boss.boss.nick && principal.boss.boss.nick == \"x\" }"
    " when { (principal has nick || context has ip) && [1, 2].contains(principal.age) }"
    " unless { {a: principal, \"b c\": {x: 1}}[\"b c\"].x < 2 };"
    "forbid(principal == Usr::\"u\", action == Action::\"vew\", resource) unless {"
    " principal.getTag(if resource is Photo && resource.size > 1 then \"a\" else \"b\") == 1 };"
    "permit(principal, action, resource) when { ip(\"x\") == resource || {a: 1} == {b: 1} ||"
    " Color::\"blue\" == principal || resource.owner.boss.nam == \"a\\u{430}\" };";

static cedar_status run(cedar_engine *engine, cedar_report **ret_report) {
    cedar_schema *schema = NULL;
    cedar_policies *policies = NULL;
    cedar_validate_options options = {.has_level = true, .level = 1};
    cedar_status status = cedar_schema_parse(engine, text(validate_schema_text), CEDAR_FORMAT_CEDAR,
                                             "s", &schema, NULL);
    if (status == CEDAR_OK) {
        status = cedar_policies_parse(engine, text(policies_text), "p", &policies, NULL);
    }
    if (status == CEDAR_OK) {
        status = cedar_validate(policies, schema, &options, ret_report);
    }
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
    return status;
}

static size_t finding_count;

/* Whichever allocation fails, the answer is that memory is out, or all is said; never that the
 * policies are valid. */
static void every_allocation_may_fail(void **state) {
    UNUSED(state);
    struct meter meter = {0};
    for (size_t n = 0;; n++) {
        meter.calls = 0;
        meter.fail_at = n;
        cedar_config config = {.allocator = {meter_resize, &meter}};
        cedar_engine *engine = NULL;
        cedar_report *report = NULL;
        cedar_status status = cedar_engine_new(&config, &engine);
        if (status == CEDAR_OK) {
            status = run(engine, &report);
        }
        if (n == 0) {
            assert_int_equal(status, CEDAR_ERR_SCHEMA);
            finding_count = cedar_report_count(report);
            assert_true(finding_count > 10);
        }
        bool is_complete = status == CEDAR_ERR_SCHEMA;
        assert_true(status == CEDAR_ERR_NOMEM || is_complete);
        if (is_complete && report != NULL) {
            assert_int_equal(cedar_report_count(report), finding_count);
        }
        cedar_report_free(report);
        cedar_engine_unref(engine);
        assert_int_equal(meter.bytes, 0);
        if (n > 0 && meter.calls < n) {
            break;
        }
    }
}

/* The findings need more than the policy. */
static void the_limit_of_the_engine_holds(void **state) {
    UNUSED(state);
    enum { COUNT = 900 };
    static char policy[COUNT * 5 + 64] = "permit(principal, action, resource) when { 1";
    for (int i = 0; i < COUNT; i++) {
        strcat(policy, " || 1");
    }
    strcat(policy, " };");
    cedar_config config = {.max_object_bytes = 256 << 10};
    cedar_engine *engine;
    cedar_schema *schema;
    cedar_policies *policies;
    cedar_report *report = NULL;
    assert_int_equal(cedar_engine_new(&config, &engine), CEDAR_OK);
    assert_int_equal(cedar_schema_parse(engine,
                                        text("entity U; action go appliesTo {principal: U, "
                                             "resource: U};"),
                                        CEDAR_FORMAT_CEDAR, "s", &schema, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_parse(engine, text(policy), "p", &policies, NULL), CEDAR_OK);
    assert_int_equal(cedar_validate(policies, schema, NULL, &report), CEDAR_ERR_LIMIT);
    cedar_report_free(report);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
    cedar_engine_unref(engine);
}

static void misuse_is_told(void **state) {
    cedar_schema *schema = parse_schema(*state, "");
    cedar_policies *policies = parse(*state, "");
    cedar_report *report = NULL;
    cedar_validate_options options = {.mode = (cedar_validation_mode)7};
    assert_int_equal(cedar_validate(NULL, schema, NULL, &report), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_validate(policies, schema, &options, &report), CEDAR_ERR_MISUSE);
    options = (cedar_validate_options){.compat = (cedar_compat)7};
    assert_int_equal(cedar_validate(policies, schema, &options, NULL), CEDAR_ERR_MISUSE);
    assert_null(report);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
}

/* Two types that share their parts have exponentially many paths to compare. */
static void types_that_share_their_parts(void **state) {
    static char schema_text[8192];
    size_t length = 0;
    for (int i = 0; i < 40; i++) {
        for (const char *name = "AB"; *name != '\0'; name++) {
            int written =
                i == 0 ? snprintf(schema_text + length, sizeof schema_text - length,
                                  "type %c0 = {x%s: Long};\n", *name, *name == 'A' ? "" : "?")
                       : snprintf(schema_text + length, sizeof schema_text - length,
                                  "type %c%d = {l: %c%d, r: %c%d};\n", *name, i, *name, i - 1,
                                  *name, i - 1);
            length += (size_t)written;
        }
    }
    snprintf(schema_text + length, sizeof schema_text - length,
             "entity U = {a: A39, b: B39}; action go appliesTo {principal: U, resource: U};");
    cedar_schema *schema = parse_schema(*state, schema_text);
    cedar_policies *policies = parse(*state, "permit(principal, action, resource) when { "
                                             "principal.a == principal.b };");
    cedar_report *report = NULL;
    assert_int_equal(cedar_validate(policies, schema, NULL, &report), CEDAR_ERR_SCHEMA);
    assert_int_equal(cedar_report_count(report), 1);
    assert_text(cedar_report_get(report, 0).kind, "incompatible-types");
    cedar_report_free(report);
    cedar_validate_options options = {.mode = CEDAR_VALIDATE_PERMISSIVE};
    assert_int_equal(cedar_validate(policies, schema, &options, NULL), CEDAR_OK);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_limit_of_the_engine_holds),
        API_TEST(misuse_is_told),
        API_TEST(types_that_share_their_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
