/* SPDX-License-Identifier: Apache-2.0 */
/* Values, contexts, entities, decisions and expressions through the public interface. */
#include "api_unit.h"

static void uids_are_read_in_any_spelling_and_printed_in_one(void **state) {
    const struct api *api = *state;
    cedar_uid got;
    assert_int_equal(cedar_uid_parse(api->scratch, text("Ns :: User::\"al\\x22ice\""), &got, NULL),
                     CEDAR_OK);
    assert_text(got.type, "Ns::User");
    assert_text(got.id, "al\"ice");
    cedar_str printed;
    assert_int_equal(cedar_uid_format(api->scratch, got, &printed), CEDAR_OK);
    assert_text(printed, "Ns::User::\"al\\\"ice\"");
    cedar_report *report = NULL;
    assert_int_equal(cedar_uid_parse(api->scratch, text("User"), &got, &report), CEDAR_ERR_SYNTAX);
    assert_true(cedar_report_count(report) > 0);
    cedar_report_free(report);
    assert_true(cedar_type_name_is_valid(text("A::B")));
    assert_false(cedar_type_name_is_valid(text("A:: B")));
    assert_false(cedar_type_name_is_valid(text("")));
    assert_false(cedar_type_name_is_valid(text("if")));
}

static void values_are_built_and_printed(void **state) {
    const struct api *api = *state;
    cedar_scratch *s = api->scratch;
    const cedar_value *parts[4];
    assert_int_equal(cedar_value_string(s, text("x"), &parts[0]), CEDAR_OK);
    assert_int_equal(cedar_value_long(s, -7, &parts[1]), CEDAR_OK);
    assert_int_equal(cedar_value_bool(s, true, &parts[2]), CEDAR_OK);
    assert_int_equal(cedar_value_entity(s, uid("User", "a"), &parts[3]), CEDAR_OK);
    const cedar_value *set;
    assert_int_equal(cedar_value_set(s, parts, 4, &set), CEDAR_OK);
    cedar_str names[] = {text("b"), text("a")};
    const cedar_value *fields[] = {set, parts[1]};
    const cedar_value *record;
    assert_int_equal(cedar_value_record(s, names, fields, 2, &record), CEDAR_OK);
    cedar_str printed;
    assert_int_equal(cedar_value_format(s, record, &printed), CEDAR_OK);
    assert_text(printed, "{\"a\": -7, \"b\": [true, -7, \"x\", User::\"a\"]}");
    names[1] = text("b");
    assert_int_equal(cedar_value_record(s, names, fields, 2, &record), CEDAR_ERR_EXISTS);
    assert_int_equal(cedar_value_string(s, text("\xff"), &parts[0]), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_value_entity(s, uid("a b", "x"), &parts[0]), CEDAR_ERR_SYNTAX);
}

static void values_nest_up_to_the_limit(void **state) {
    const struct api *api = *state;
    const cedar_value *value;
    assert_int_equal(cedar_value_long(api->scratch, 1, &value), CEDAR_OK);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(cedar_value_set(api->scratch, &value, 1, &value), CEDAR_OK);
    }
    assert_int_equal(cedar_value_set(api->scratch, &value, 1, &value), CEDAR_ERR_LIMIT);
}

static void a_decision_has_reasons_and_errors(void **state) {
    const struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal, action, resource) when { context.ok };"
                                     "forbid(principal, action, resource) when { context.zz };"
                                     "permit(principal, action, resource) when { resource.x };");
    cedar_request question = request();
    assert_int_equal(cedar_context_parse_json(api->scratch, text("{\"ok\": true}"), NULL, NULL,
                                              &question.context, NULL),
                     CEDAR_OK);
    cedar_response response;
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_int_equal(response.decision, CEDAR_ALLOW);
    assert_false(response.is_timeout);
    assert_int_equal(response.reason_count, 1);
    assert_text(response.reasons[0], "policy0");
    assert_int_equal(response.error_count, 2);
    assert_text(response.errors[0].policy_id, "policy1");
    assert_int_equal(response.errors[0].effect, CEDAR_FORBID);
    assert_text(response.errors[0].message, "record does not have the attribute `zz`");
    assert_text(response.errors[0].help, "available attributes: [\"ok\"]");
    assert_text(response.errors[1].message, "entity `Photo::\"p\"` does not exist");
    assert_text(response.errors[1].help, "");
    cedar_policies_unref(set);
}

static bool expire(void *ctx) {
    ++*(int *)ctx;
    return true;
}

static void an_expired_request_is_denied(void **state) {
    const struct api *api = *state;
    static char policy[20000] = "permit(principal, action, resource); permit(principal, action, "
                                "resource) when { 0";
    for (int i = 0; i < 2000; i++) {
        strcat(policy, " + 1");
    }
    strcat(policy, " == 2000 };");
    cedar_policies *set = parse(api, policy);
    int calls = 0;
    cedar_request question = request();
    question.is_expired = expire;
    question.expired_ctx = &calls;
    cedar_response response;
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_int_equal(calls, 1);
    assert_int_equal(response.decision, CEDAR_DENY);
    assert_true(response.is_timeout);
    assert_int_equal(response.reason_count, 0);
    assert_int_equal(response.error_count, 1);
    assert_text(response.errors[0].policy_id, "policy1");
    assert_text(response.errors[0].message, "timeout");
    cedar_policies_unref(set);
}

static cedar_entities *read_entities(const struct api *api, const char *json) {
    cedar_entities *entities = NULL;
    assert_int_equal(
        cedar_entities_parse_json(api->engine, text(json), NULL, "e.json", &entities, NULL),
        CEDAR_OK);
    return entities;
}

static cedar_decision decide(const struct api *api, const char *policies,
                             const cedar_entities *entities, const cedar_overlay *overlay) {
    cedar_policies *set = parse(api, policies);
    cedar_request question = request();
    question.overlay = overlay;
    cedar_response response;
    assert_int_equal(cedar_authorize(set, entities, &question, api->scratch, &response), CEDAR_OK);
    assert_int_equal(response.error_count, 0);
    cedar_policies_unref(set);
    return response.decision;
}

#define IN_TOP "permit(principal in G::\"top\", action, resource);"

static void entities_come_from_json(void **state) {
    const struct api *api = *state;
    cedar_entities *entities =
        read_entities(api, "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"n\":1},"
                           "\"parents\":[{\"type\":\"G\",\"id\":\"g\"}]},"
                           "{\"uid\":{\"type\":\"G\",\"id\":\"g\"},\"attrs\":{},"
                           "\"parents\":[{\"type\":\"G\",\"id\":\"top\"}]}]");
    assert_int_equal(cedar_entities_count(entities), 2);
    assert_int_equal(decide(api, IN_TOP, entities, NULL), CEDAR_ALLOW);
    assert_int_equal(decide(api, "permit(principal, action, resource) when { principal.n == 1 };",
                            entities, NULL),
                     CEDAR_ALLOW);
    cedar_entities_unref(entities);
    cedar_report *report = NULL;
    assert_int_equal(cedar_entities_parse_json(api->engine, text("[{\"uid\":1}]"), NULL, "e.json",
                                               &entities, &report),
                     CEDAR_ERR_SYNTAX);
    assert_true(cedar_report_count(report) > 0);
    assert_text(cedar_report_get(report, 0).source, "e.json");
    cedar_report_free(report);
}

static void an_overlay_adds_entities_for_one_request(void **state) {
    const struct api *api = *state;
    cedar_entities *base =
        read_entities(api, "[{\"uid\":{\"type\":\"G\",\"id\":\"g\"},\"attrs\":{},"
                           "\"parents\":[{\"type\":\"G\",\"id\":\"top\"}]}]");
    assert_int_equal(decide(api, IN_TOP, base, NULL), CEDAR_DENY);
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, base, NULL, &overlay), CEDAR_OK);
    const cedar_value *level;
    assert_int_equal(cedar_value_long(api->scratch, 5, &level), CEDAR_OK);
    cedar_str name = text("level");
    cedar_uid group = uid("G", "g");
    cedar_entity alice = {.uid = uid("User", "alice"), .parents = &group, .parent_count = 1};
    assert_int_equal(cedar_value_record(api->scratch, &name, &level, 1, &alice.attrs), CEDAR_OK);
    assert_int_equal(cedar_overlay_add(overlay, &alice, NULL), CEDAR_OK);
    assert_int_equal(cedar_overlay_add_json(
                         overlay,
                         text("[{\"uid\":{\"type\":\"Photo\",\"id\":\"p\"},\"attrs\":{\"need\":5},"
                              "\"parents\":[]}]"),
                         NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
    assert_int_equal(decide(api, IN_TOP, base, overlay), CEDAR_ALLOW);
    assert_int_equal(decide(api,
                            "permit(principal, action, resource) when { "
                            "principal.level >= resource.need };",
                            base, overlay),
                     CEDAR_ALLOW);
    assert_int_equal(cedar_overlay_add(overlay, &alice, NULL), CEDAR_ERR_MISUSE); /* finished */
    cedar_entities_unref(base);
}

static void an_overlay_may_not_change_what_is_below(void **state) {
    const struct api *api = *state;
    cedar_entities *base =
        read_entities(api, "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"n\":1},"
                           "\"parents\":[]}]");
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, base, NULL, &overlay), CEDAR_OK);
    cedar_entity alice = {.uid = uid("User", "alice")};
    cedar_report *report = NULL;
    assert_int_equal(cedar_overlay_add(overlay, &alice, &report), CEDAR_ERR_EXISTS);
    assert_text(cedar_report_get(report, 0).message, "duplicate entity entry `User::\"alice\"`");
    cedar_report_free(report);
    /* one that failed cannot be used */
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_ERR_MISUSE);
    cedar_entities_unref(base);
}

static void an_overlay_adds_parents_to_entities_below(void **state) {
    const struct api *api = *state;
    cedar_entities *base = read_entities(
        api, "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"n\":1},\"parents\":[]},"
             "{\"uid\":{\"type\":\"G\",\"id\":\"g\"},\"attrs\":{},"
             "\"parents\":[{\"type\":\"G\",\"id\":\"top\"}]}]");
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, base, NULL, &overlay), CEDAR_OK);
    cedar_uid group = uid("G", "g");
    assert_int_equal(cedar_overlay_add_parents(overlay, uid("User", "alice"), &group, 1, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
    assert_int_equal(decide(api, IN_TOP, base, overlay), CEDAR_ALLOW);
    assert_int_equal(decide(api, "permit(principal, action, resource) when { principal.n == 1 };",
                            base, overlay),
                     CEDAR_ALLOW);
    assert_int_equal(decide(api, IN_TOP, base, NULL), CEDAR_DENY);
    cedar_entities_unref(base);
}

static void a_cycle_in_an_overlay_is_refused(void **state) {
    const struct api *api = *state;
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, api->entities, NULL, &overlay), CEDAR_OK);
    cedar_uid self = uid("G", "g");
    cedar_entity group = {.uid = self, .parents = &self, .parent_count = 1};
    assert_int_equal(cedar_overlay_add(overlay, &group, NULL), CEDAR_OK);
    cedar_report *report = NULL;
    assert_int_equal(cedar_overlay_finish(overlay, &report), CEDAR_ERR_SYNTAX);
    assert_true(cedar_report_count(report) > 0);
    cedar_report_free(report);
    cedar_request question = request();
    question.overlay = overlay;
    cedar_policies *set = parse(api, "permit(principal, action, resource);");
    cedar_response response;
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(response.decision, CEDAR_DENY);
    cedar_policies_unref(set);
}

static void a_schema_brings_its_actions_and_checks_data(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = NULL;
    assert_int_equal(
        cedar_schema_parse(api->engine,
                           text("entity User; entity Photo = {n: Long};"
                                "action read; action view in [read] appliesTo "
                                "{principal: User, resource: Photo, context: {ip: ipaddr}};"),
                           CEDAR_FORMAT_CEDAR, "s.cedarschema", &schema, NULL),
        CEDAR_OK);
    cedar_entities *entities = NULL;
    assert_int_equal(cedar_entities_parse_json(
                         api->engine,
                         text("[{\"uid\":{\"type\":\"Photo\",\"id\":\"p\"},\"attrs\":{\"n\":1},"
                              "\"parents\":[]}]"),
                         schema, NULL, &entities, NULL),
                     CEDAR_OK);
    assert_int_equal(
        decide(api, "permit(principal, action in Action::\"read\", resource);", entities, NULL),
        CEDAR_ALLOW);
    const cedar_value *context;
    cedar_uid action = uid("Action", "view");
    assert_int_equal(cedar_context_parse_json(api->scratch, text("{\"ip\":\"10.0.0.1\"}"), schema,
                                              &action, &context, NULL),
                     CEDAR_OK);
    cedar_str printed;
    assert_int_equal(cedar_value_format(api->scratch, context, &printed), CEDAR_OK);
    assert_text(printed, "{\"ip\": ip(\"10.0.0.1\")}");
    assert_int_not_equal(
        cedar_context_parse_json(api->scratch, text("{}"), schema, &action, &context, NULL),
        CEDAR_OK);
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, entities, schema, &overlay), CEDAR_OK);
    cedar_entity photo = {.uid = uid("Photo", "q")}; /* has no n */
    assert_int_equal(cedar_overlay_add(overlay, &photo, NULL), CEDAR_ERR_SCHEMA);
    cedar_entities_unref(entities);
    cedar_schema_unref(schema);
}

static void expressions_are_evaluated(void **state) {
    const struct api *api = *state;
    cedar_request question = request();
    const cedar_value *value;
    cedar_str printed;
    assert_int_equal(cedar_evaluate(api->scratch, text("[principal, 1 + 2, ip(\"::1\")]"),
                                    api->entities, &question, &value, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_value_format(api->scratch, value, &printed), CEDAR_OK);
    assert_text(printed, "[3, User::\"alice\", ip(\"::1\")]");
    cedar_report *report = NULL;
    assert_int_equal(cedar_evaluate(api->scratch, text("principal.x"), api->entities, &question,
                                    &value, &report),
                     CEDAR_ERR_EVALUATION);
    assert_text(cedar_report_get(report, 0).message, "entity `User::\"alice\"` does not exist");
    cedar_report_free(report);
    assert_int_equal(
        cedar_evaluate(api->scratch, text("1 +"), api->entities, &question, &value, &report),
        CEDAR_ERR_SYNTAX);
    assert_true(cedar_report_count(report) > 0);
    cedar_report_free(report);
    assert_int_equal(cedar_expression_check(api->scratch, text("1 + true"), NULL), CEDAR_OK);
    assert_int_equal(cedar_expression_check(api->scratch, text("1 + true)"), NULL),
                     CEDAR_ERR_SYNTAX);
}

static void a_scratch_has_a_hard_limit(void **state) {
    const struct api *api = *state;
    cedar_scratch *small;
    assert_int_equal(cedar_scratch_new(api->engine, 4096, &small), CEDAR_OK);
    const cedar_value *value;
    static char big[5000];
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(cedar_value_string(small, text(big), &value), CEDAR_ERR_LIMIT);
    assert_int_equal(cedar_value_string(small, text("x"), &value), CEDAR_OK);
    char nested[2048] = "permit(principal, action, resource) when { ";
    for (int i = 0; i < 100; i++) {
        strcat(nested, "[principal,");
    }
    strcat(nested, "1");
    for (int i = 0; i < 100; i++) {
        strcat(nested, "]");
    }
    strcat(nested, " == [] };");
    cedar_policies *set = parse(api, nested);
    cedar_request question = request();
    cedar_response response = {.decision = CEDAR_ALLOW};
    assert_int_equal(cedar_authorize(set, api->entities, &question, small, &response),
                     CEDAR_ERR_LIMIT);
    assert_int_equal(response.decision, CEDAR_DENY);
    assert_int_equal(response.reason_count, 0);
    cedar_policies_unref(set);
    cedar_scratch_free(small);
}

static void objects_of_engines_with_other_keys_do_not_mix(void **state) {
    const struct api *api = *state;
    cedar_config config = {.hash_key = {1, 2}};
    cedar_engine *other;
    assert_int_equal(cedar_engine_new(&config, &other), CEDAR_OK);
    cedar_entities *entities;
    assert_int_equal(cedar_entities_empty(other, &entities), CEDAR_OK);
    cedar_policies *set = parse(api, "permit(principal, action, resource);");
    cedar_request question = request();
    cedar_response response;
    assert_int_equal(cedar_authorize(set, entities, &question, api->scratch, &response),
                     CEDAR_ERR_MISUSE);
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, entities, NULL, &overlay), CEDAR_ERR_MISUSE);
    cedar_policies_unref(set);
    cedar_entities_unref(entities);
    cedar_engine_unref(other);
}

static void impossible_requests_are_refused(void **state) {
    const struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal, action, resource);");
    cedar_request question = request();
    cedar_response response;
    const cedar_entities *none = NULL;
    assert_int_equal(cedar_authorize(NULL, api->entities, &question, api->scratch, &response),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_authorize(set, none, &question, api->scratch, &response),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_authorize(set, api->entities, NULL, api->scratch, &response),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_authorize(set, api->entities, &question, NULL, &response),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, NULL),
                     CEDAR_ERR_MISUSE);
    const cedar_value *number;
    assert_int_equal(cedar_value_long(api->scratch, 1, &number), CEDAR_OK);
    question.context = number;
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_ERR_MISUSE);
    question = request();
    question.principal.type = text("");
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_ERR_SYNTAX);
    question = request();
    question.resource.id = text("\xc0");
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_ERR_SYNTAX);
    assert_int_equal(response.decision, CEDAR_DENY);
    cedar_policies_unref(set);
}

static void integers_are_exact_beyond_doubles(void **state) {
    const struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal, action, resource) when { context.n == "
                                     "9007199254740992 };");
    cedar_request question = request();
    assert_int_equal(cedar_context_parse_json(api->scratch, text("{\"n\": 9007199254740993}"), NULL,
                                              NULL, &question.context, NULL),
                     CEDAR_OK);
    cedar_response response;
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_int_equal(response.decision, CEDAR_DENY);
    assert_int_not_equal(cedar_context_parse_json(api->scratch, text("{\"n\": 1.0}"), NULL, NULL,
                                                  &question.context, NULL),
                         CEDAR_OK);
    cedar_policies_unref(set);
}

/* Each request has its own answer and its own status; one that cannot be asked stops no other. */
static void a_batch_is_answered_request_by_request(void **state) {
    const struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal == User::\"alice\", action, resource);"
                                     "forbid(principal, action, resource) when { context.zz };");
    cedar_request requests[3] = {request(), request(), request()};
    requests[1].principal = uid("no type", "x");
    requests[2].principal = uid("User", "bob");
    cedar_response responses[3];
    cedar_status statuses[3];
    assert_int_equal(
        cedar_authorize_batch(set, api->entities, requests, 3, api->scratch, responses, statuses),
        CEDAR_OK);
    for (size_t i = 0; i < 3; i++) {
        cedar_response alone;
        assert_int_equal(cedar_authorize(set, api->entities, &requests[i], api->scratch, &alone),
                         statuses[i]);
        assert_int_equal(responses[i].decision, alone.decision);
        assert_int_equal(responses[i].reason_count, alone.reason_count);
        assert_int_equal(responses[i].error_count, alone.error_count);
    }
    assert_int_equal(responses[0].decision, CEDAR_ALLOW);
    assert_int_equal(statuses[1], CEDAR_ERR_SYNTAX);
    assert_int_equal(responses[1].decision, CEDAR_DENY);
    assert_int_equal(responses[2].decision, CEDAR_DENY);
    assert_int_equal(cedar_authorize_batch(set, api->entities, NULL, 0, api->scratch, NULL, NULL),
                     CEDAR_OK);
    assert_int_equal(
        cedar_authorize_batch(set, api->entities, NULL, 1, api->scratch, responses, statuses),
        CEDAR_ERR_MISUSE);
    cedar_policies_unref(set);
}

static void a_failed_expression_has_a_place(void **state) {
    const struct api *api = *state;
    static const struct {
        const char *text; /* the place is the first piece of it between | and | */
    } cases[] = {
        {"|context.x|"},
        {"|User::\"no\"|.a"},
        {"|User::\"no\"|.getTag(\"a\")"},
        {"1 + |\"a\"|"},
        {"|\"a\"| + 1"},
        {"1 + 2 + |\"a\"| + 3"},
        {"|9223372036854775807 + 1|"},
        {"-|\"a\"|"},
        {"!|1|"},
        {"true && |1|"},
        {"true && (|1| || false)"},
        {"if |1| then 2 else 3"},
        {"if false then context.x else |context.y|"},
        {"|1|.contains(1)"},
        {"[1].containsAll(|true|)"},
        {"principal in |true|"},
        {"|1| in principal"},
        {"1 < |\"a\"|"},
        {"|1| like \"a\""},
        {"|1| is User"},
        {"principal is User in |1|"},
        {"|1| is User in context.x"},
        {"|1| has a"},
        {"ip(|1|)"},
        {"|ip(\"x\")|"},
        {"ip(\"::1\").isInRange(|\"a\"|)"},
        {"|decimal(\"1.0\").lessThan()|"},
        {"[1, {b: 1 + \"a\", a: |context.z|}]"},
        {"false || (1 == 1 && |context.q| > 2)"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char expression[128];
        size_t places[2] = {0, 0};
        size_t len = 0;
        size_t bars = 0;
        for (const char *c = cases[i].text; *c != '\0'; c++) {
            bool is_bar = *c == '|' && c[1] != '|' && (c == cases[i].text || c[-1] != '|');
            if (is_bar) {
                places[bars++] = len;
            } else {
                expression[len++] = *c;
            }
        }
        cedar_request question = request();
        const cedar_value *value;
        cedar_report *report = NULL;
        assert_int_equal(cedar_evaluate(api->scratch, (cedar_str){expression, len}, api->entities,
                                        &question, &value, &report),
                         CEDAR_ERR_EVALUATION);
        cedar_finding finding = cedar_report_get(report, 0);
        if (!finding.has_span || finding.start != places[0] || finding.end != places[1]) {
            fail_msg("%s: %zu to %zu", cases[i].text, finding.start, finding.end);
        }
        assert_int_equal(finding.column, places[0] + 1);
        cedar_report_free(report);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(a_failed_expression_has_a_place),
        API_TEST(uids_are_read_in_any_spelling_and_printed_in_one),
        API_TEST(values_are_built_and_printed),
        API_TEST(values_nest_up_to_the_limit),
        API_TEST(a_decision_has_reasons_and_errors),
        API_TEST(a_batch_is_answered_request_by_request),
        API_TEST(an_expired_request_is_denied),
        API_TEST(entities_come_from_json),
        API_TEST(an_overlay_adds_entities_for_one_request),
        API_TEST(an_overlay_may_not_change_what_is_below),
        API_TEST(an_overlay_adds_parents_to_entities_below),
        API_TEST(a_cycle_in_an_overlay_is_refused),
        API_TEST(a_schema_brings_its_actions_and_checks_data),
        API_TEST(expressions_are_evaluated),
        API_TEST(a_scratch_has_a_hard_limit),
        API_TEST(objects_of_engines_with_other_keys_do_not_mix),
        API_TEST(impossible_requests_are_refused),
        API_TEST(integers_are_exact_beyond_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
