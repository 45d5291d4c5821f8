/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of the linter: what it finds, what it leaves alone, that it can be switched off. */
#include "api_unit.h"

#include <stdio.h>

#define ALL "(principal, action, resource)"

static const char schema_text[] =
    "entity User in Group = { age?: Long, name: String } tags String; entity Group;"
    "entity Doc = { open: Bool };"
    "action view, edit in write appliesTo { principal: User, resource: Doc,"
    " context: { n: Long, r: { x: Long }, o?: Long } };"
    "action write;";

/* "policy:rule" of every finding, in order, with a space between. */
static void lint(const struct api *api, const char *policies, const cedar_lint_options *options,
                 const char *expected) {
    cedar_policies *set = parse(api, policies);
    cedar_report *report = NULL;
    cedar_status status = cedar_lint(set, options, NULL, &report);
    char got[1000] = "";
    size_t at = 0;
    bool has_errors = false;
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding f = cedar_report_get(report, i);
        has_errors = has_errors || f.severity == CEDAR_ERROR;
        assert_true(f.has_span);
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%.*s:%.*s", at == 0 ? "" : " ",
                               (int)f.policy_id.len, f.policy_id.ptr, (int)f.kind.len, f.kind.ptr);
    }
    if (strcmp(got, expected) != 0) {
        fail_msg("%s\nfound \"%s\" instead of \"%s\"", policies, got, expected);
    }
    assert_int_equal(status, has_errors ? CEDAR_ERR_LIMIT : CEDAR_OK);
    cedar_report_free(report);
    cedar_policies_unref(set);
}

struct row {
    const char *policies;
    const char *found;
};

static void lint_rows(const struct api *api, const struct row *rows, size_t count,
                      bool with_schema) {
    cedar_lint_options options = {0};
    cedar_schema *schema = NULL;
    if (with_schema) {
        assert_int_equal(cedar_schema_parse(api->engine, text(schema_text), CEDAR_FORMAT_CEDAR,
                                            NULL, &schema, NULL),
                         CEDAR_OK);
    }
    options.schema = schema;
    for (size_t i = 0; i < count; i++) {
        lint(api, rows[i].policies, &options, rows[i].found);
    }
    cedar_schema_unref(schema);
}

#define VIEW "action == Action::\"view\""

static void policies_that_say_the_same(void **state) {
    static const struct row rows[] = {
        {"permit(principal, " VIEW ", resource) when { context.a == 1 };"
         "permit(principal, " VIEW ", resource) when { context[\"a\"] == 1 };",
         "policy1:duplicate-policy"},
        {"@a permit(principal == User::\"u\", action, resource);"
         "permit(principal == User::\"u\", action, resource,);",
         "policy1:duplicate-policy"},
        {"permit(principal, action in [Action::\"a\", Action::\"b\"], resource);"
         "permit(principal, action in [Action::\"b\", Action::\"a\", Action::\"a\"], resource);",
         "policy1:duplicate-policy"},
        {"permit(principal, " VIEW ", resource) when { context.a == 1 };"
         "forbid(principal, " VIEW ", resource) unless { context has b };"
         "permit(principal, " VIEW ", resource) unless { context.a == 1 };",
         ""},
        {"permit(principal == ?principal, action, resource);"
         "permit(principal in ?principal, action, resource);",
         ""},
    };
    lint_rows(*state, rows, LENGTH(rows), false);
}

static void policies_that_another_one_covers(void **state) {
    static const struct row rows[] = {
        {"permit(principal in Group::\"g\", action, resource);"
         "permit(principal in Group::\"g\", " VIEW ", resource) when { context.a };",
         "policy1:shadowed-policy"},
        {"permit(principal == User::\"u\", " VIEW ", resource == Doc::\"d\");"
         "permit(principal is User, " VIEW ", resource);",
         "policy0:shadowed-policy"},
        {"permit(principal is User in Group::\"g\", " VIEW ", resource);"
         "permit(principal in Group::\"g\", action in [Action::\"view\"], resource);",
         "policy0:shadowed-policy"},
        {"permit(principal == Group::\"g\", " VIEW ", resource);"
         "permit(principal in Group::\"g\", " VIEW ", resource);",
         "policy0:shadowed-policy"},
        /* Not covered: another entity, a wider action, conditions, another effect. */
        {"permit(principal in Group::\"g\", " VIEW ", resource);"
         "permit(principal in Group::\"h\", " VIEW ", resource);"
         "permit(principal in Group::\"g\", action, resource) when { context.a };"
         "permit(principal in Group::\"g\", action in Action::\"view\", resource) when { context.b "
         "};"
         "forbid(principal in Group::\"g\", " VIEW ", resource) when { context has a };",
         ""},
        {"forbid(principal, " VIEW ", resource);"
         "permit(principal == User::\"u\", " VIEW ", resource);",
         "policy1:overridden-permit"},
        {"forbid(principal, " VIEW ", resource) when { context has b };"
         "permit(principal == User::\"u\", " VIEW ", resource);",
         ""},
    };
    lint_rows(*state, rows, LENGTH(rows), false);
}

static void a_schema_knows_which_actions_are_in_a_group(void **state) {
    static const struct row rows[] = {
        {"permit(principal is User, action in Action::\"write\", resource);"
         "permit(principal is User, action == Action::\"edit\", resource) when { context.n == 1 };",
         "policy1:shadowed-policy"},
    };
    lint_rows(*state, rows, LENGTH(rows), true);
    static const struct row without[] = {
        {"permit(principal is User, action in Action::\"write\", resource);"
         "permit(principal is User, action == Action::\"edit\", resource) when { context.n == 1 };",
         ""},
    };
    lint_rows(*state, without, LENGTH(without), false);
}

static void policies_that_demand_what_cannot_be(void **state) {
#define CONTRADICTION "policy0:contradictory-policy"
    static const struct row rows[] = {
        {"permit(principal, action in [], resource);", CONTRADICTION},
        {"permit(principal, " VIEW ", resource) when { false };", CONTRADICTION},
        {"permit(principal, " VIEW ", resource) unless { context.a || true };", CONTRADICTION},
        {"permit(principal, " VIEW ", resource) when { context.a } unless { context.a };",
         CONTRADICTION},
        {"permit(principal, " VIEW ", resource) when { context.a && context.b && !context.a };",
         CONTRADICTION},
        {"permit(principal is User, " VIEW ", resource) when { principal is Group };",
         CONTRADICTION},
        {"permit(principal == User::\"a\", " VIEW ", resource)"
         " when { principal == User::\"b\" };",
         CONTRADICTION},
        {"permit(principal, " VIEW ", resource) when { action == Action::\"edit\" };",
         CONTRADICTION},
        {"permit(principal, " VIEW ", resource == Doc::\"d\")"
         " when { Doc::\"e\" == resource || context.a };",
         ""},
        {"permit(principal is User, " VIEW ", resource)"
         " when { context.a } when { principal is User } unless { context.b };",
         ""},
        {"permit(principal is User, " VIEW ", resource) unless { principal is Group };", ""},
    };
    lint_rows(*state, rows, LENGTH(rows), false);
}

#define FORBID(condition) "forbid(principal, " VIEW ", resource) when { " condition " };"
#define MAY_FAIL "policy0:forbid-may-fail"

static void forbids_that_may_fail(void **state) {
    static const struct row rows[] = {
        {FORBID("context.a"), MAY_FAIL},
        {FORBID("context has a && context.a"), ""},
        {FORBID("context has a.b && context.a.b == 1"), ""},
        {FORBID("context has a && context.a.b"), MAY_FAIL},
        {FORBID("context has a || context.a"), MAY_FAIL},
        {FORBID("(context has a || context has a) && context.a"), ""},
        {FORBID("if context has a then context.a else true"), ""},
        {FORBID("if context has a then true else context.a"), MAY_FAIL},
        {FORBID("!(context has a) && context.a"), MAY_FAIL},
        {FORBID("principal.hasTag(\"t\") && principal.getTag(\"t\") == \"x\""), ""},
        {FORBID("principal.hasTag(\"s\") && principal.getTag(\"t\") == \"x\""), MAY_FAIL},
        {FORBID("context has n && context.n + 1 > 2"), MAY_FAIL},
        {FORBID("context has n && -context.n > 2"), MAY_FAIL},
        {FORBID("context has a && ip(context.a).isLoopback()"), MAY_FAIL},
        {FORBID("context has a && context.a.isInRange(ip(\"10.0.0.0/8\"))"), ""},
        {FORBID("context has a && context.a.isInRange(ip(\"10.0.0.0.0\"))"), MAY_FAIL},
        {FORBID("context has a && context.a.offset(duration(\"1h\")) < context.a"), MAY_FAIL},
        {FORBID("{a: 1}.a == 1"), ""},
        {"forbid(principal, " VIEW ", resource) when { context has a } when { context.a };", ""},
        {"forbid(principal, " VIEW ", resource) unless { context has a } when { context.a };",
         MAY_FAIL},
        /* A permit that fails permits nothing: that is safe. */
        {"permit(principal, " VIEW ", resource) when { context.a };", ""},
    };
    lint_rows(*state, rows, LENGTH(rows), false);
}

static void a_schema_knows_what_a_context_has(void **state) {
    static const struct row rows[] = {
        {FORBID("context.n == 1"), ""},
        {FORBID("context.r.x == 1"), ""},
        {FORBID("context.o == 1"), MAY_FAIL},
        {FORBID("context has o && context.o == 1"), ""},
        /* The principal may be missing from the store, whatever its type has. */
        {FORBID("principal.name == \"x\""), MAY_FAIL},
        {FORBID("principal has name && principal.name == \"x\""), ""},
    };
    lint_rows(*state, rows, LENGTH(rows), true);
}

static void policies_without_a_scope(void **state) {
    static const struct row rows[] = {
        {"permit" ALL " when { context has a };", "policy0:unscoped-policy"},
        {"permit(principal is User, action, resource) when { context has a };", ""},
    };
    lint_rows(*state, rows, LENGTH(rows), false);
}

static cedar_lint_cost cost_of(const struct api *api, const char *policies) {
    cedar_policies *set = parse(api, policies);
    cedar_lint_cost cost;
    assert_int_equal(cedar_lint(set, NULL, &cost, NULL), CEDAR_OK);
    cedar_policies_unref(set);
    return cost;
}

#define GRANT(user) "permit(principal == User::\"" user "\", " VIEW ", resource);"

static void the_cost_of_a_request(void **state) {
    const struct api *api = *state;
    assert_int_equal(cost_of(api, "").request, 0);
    assert_int_equal(cost_of(api, GRANT("a")).request, 1);
    /* One request has one principal and one action. */
    assert_int_equal(cost_of(api, GRANT("a") GRANT("b") GRANT("c")).request, 1);
    assert_int_equal(cost_of(api, GRANT("a") GRANT("a") GRANT("b")).request, 2);
    assert_int_equal(cost_of(api,
                             "permit(principal, action == Action::\"a\", resource);"
                             "permit(principal, action == Action::\"b\", resource);"
                             "permit(principal, action == Action::\"b\", resource == Doc::\"d\");"
                             "permit(principal, action, resource == Doc::\"e\");")
                         .request,
                     3);
    cedar_lint_cost cost = cost_of(api, GRANT("a") FORBID("context has a && context.a == 1"));
    assert_int_equal(cost.index, 1);
    assert_true(cost.policy > 5 && cost.request == cost.policy + 1);
    /* Templates cost nothing, and sets of unknown size more than values. */
    assert_int_equal(cost_of(api, "permit(principal == ?principal, action, resource);").request, 0);
    assert_true(cost_of(api, FORBID("context.a.containsAll(context.b)")).policy >
                cost_of(api, FORBID("context.a && context.b")).policy + 50);
}

static void budgets_are_errors(void **state) {
    const struct api *api = *state;
    cedar_lint_options options = {.max_policy_cost = 5};
    lint(api, GRANT("a") FORBID("context has a && context.a == 1"), &options,
         "policy1:policy-cost");
    options = (cedar_lint_options){.max_set_cost = 1};
    lint(api, GRANT("a") GRANT("b"), &options, "");
    lint(api, GRANT("a") "permit(principal is User, " VIEW ", resource) when { context has a };",
         &options, "policy1:set-cost");
}

static void rules_can_be_switched_off(void **state) {
    const struct api *api = *state;
    assert_true(cedar_lint_rule_count() >= 8);
    for (size_t i = 0; i < cedar_lint_rule_count(); i++) {
        assert_true(cedar_lint_rule_get(i).name.len > 0);
        assert_true(cedar_lint_rule_get(i).summary.len > 0);
    }
    assert_int_equal(cedar_lint_rule_get(1000).name.len, 0);
    static const char policies[] = "permit" ALL "; permit" ALL "; forbid" ALL " when { context.a };"
                                   "permit(principal, action in [], resource) when { context.b };";
    cedar_lint_options options = {.disabled = UINT32_MAX, .max_policy_cost = 1, .max_set_cost = 1};
    lint(api, policies, &options, "");
    for (size_t i = 0; i < cedar_lint_rule_count(); i++) {
        cedar_str name = cedar_lint_rule_get(i).name;
        cedar_policies *set = parse(api, policies);
        cedar_report *report = NULL;
        options.disabled = ~(1u << i);
        (void)cedar_lint(set, &options, NULL, &report);
        for (size_t k = 0; k < cedar_report_count(report); k++) {
            cedar_str kind = cedar_report_get(report, k).kind;
            assert_true(kind.len == name.len && memcmp(kind.ptr, name.ptr, name.len) == 0);
        }
        cedar_report_free(report);
        cedar_policies_unref(set);
    }
}

static void findings_say_which_policy_and_where(void **state) {
    const struct api *api = *state;
    cedar_policies *set =
        parse(api, "permit(principal is User, action, resource);\n"
                   "@id(\"x\")\npermit(principal == User::\"u\", " VIEW ", resource);");
    cedar_report *report = NULL;
    assert_int_equal(cedar_lint(set, NULL, NULL, &report), CEDAR_OK);
    assert_int_equal(cedar_report_count(report), 1);
    cedar_finding f = cedar_report_get(report, 0);
    assert_text(f.message,
                "policy `policy1` changes no decision: policy `policy0` covers it without "
                "conditions");
    assert_text(f.help, "remove it, or narrow the other one");
    assert_text(f.source, "p.cedar");
    assert_int_equal(f.line, 2);
    assert_int_equal(f.severity, CEDAR_WARNING);
    cedar_report_free(report);
    cedar_policies_unref(set);
    assert_int_equal(cedar_lint(NULL, NULL, NULL, NULL), CEDAR_ERR_MISUSE);
}

static void links_are_looked_at_with_their_values(void **state) {
    const struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal == ?principal, action, resource);"
                                     "permit(principal is User, action, resource);");
    cedar_policies *linked = NULL;
    const cedar_slot_value value = {text("?principal"), uid("User", "u")};
    assert_int_equal(cedar_policies_link(set, text("policy0"), text("l"), &value, 1, &linked, NULL),
                     CEDAR_OK);
    cedar_report *report = NULL;
    assert_int_equal(cedar_lint(linked, NULL, NULL, &report), CEDAR_OK);
    assert_int_equal(cedar_report_count(report), 1);
    assert_text(cedar_report_get(report, 0).kind, "shadowed-policy");
    assert_text(cedar_report_get(report, 0).policy_id, "l");
    cedar_report_free(report);
    cedar_policies_unref(linked);
    cedar_policies_unref(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(policies_that_say_the_same),
        API_TEST(policies_that_another_one_covers),
        API_TEST(a_schema_knows_which_actions_are_in_a_group),
        API_TEST(policies_that_demand_what_cannot_be),
        API_TEST(forbids_that_may_fail),
        API_TEST(a_schema_knows_what_a_context_has),
        API_TEST(policies_without_a_scope),
        API_TEST(the_cost_of_a_request),
        API_TEST(budgets_are_errors),
        API_TEST(rules_can_be_switched_off),
        API_TEST(findings_say_which_policy_and_where),
        API_TEST(links_are_looked_at_with_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
