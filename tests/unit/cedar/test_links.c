/* SPDX-License-Identifier: Apache-2.0 */
/* Sets from JSON, links from templates, sets made from sets, and policies in their other form. */
#include "api_unit.h"

static const char templates[] = "permit(principal == ?principal, action, resource);\n"
                                "@a(\"x\")\n"
                                "permit(principal in ?principal, action, resource == ?resource)\n"
                                "when { true };\n"
                                "forbid(principal, action, resource) when { false };";

static cedar_slot_value value(const char *slot, const char *type, const char *id) {
    return (cedar_slot_value){text(slot), uid(type, id)};
}

static cedar_decision decide(const struct api *api, const cedar_policies *policies,
                             const char *principal) {
    cedar_response response;
    cedar_request asked = request();
    asked.principal = uid("User", principal);
    assert_int_equal(cedar_authorize(policies, api->entities, &asked, api->scratch, &response),
                     CEDAR_OK);
    return response.decision;
}

static void a_link_permits_who_it_names(void **state) {
    struct api *api = *state;
    cedar_policies *set = parse(api, templates);
    cedar_policies *linked = NULL;
    cedar_slot_value alice = value("?principal", "User", "alice");
    assert_int_equal(decide(api, set, "alice"), CEDAR_DENY);
    assert_int_equal(cedar_policies_link(set, text("policy0"), text("l"), &alice, 1, &linked, NULL),
                     CEDAR_OK);
    assert_int_equal(decide(api, set, "alice"), CEDAR_DENY);
    assert_int_equal(decide(api, linked, "alice"), CEDAR_ALLOW);
    assert_int_equal(decide(api, linked, "bob"), CEDAR_DENY);
    assert_int_equal(cedar_policies_count(linked), 4);
    cedar_policy_info info = cedar_policies_get(linked, cedar_policies_find(linked, text("l")));
    assert_false(info.is_template);
    assert_non_null(info.link);
    assert_text(info.link->template_id, "policy0");
    assert_int_equal(info.link->value_count, 1);
    assert_text(info.link->values[0].slot, "?principal");
    assert_text(info.link->values[0].uid.id, "alice");
    cedar_policies_unref(set); /* the linked set needs nothing of it */
    assert_int_equal(decide(api, linked, "alice"), CEDAR_ALLOW);
    cedar_policies_unref(linked);
}

static void links_that_do_not_fit_are_refused(void **state) {
    static const struct {
        const char *template_id, *new_id, *slots[2];
        cedar_status status;
        const char *message;
    } cases[] = {
        {"zz",
         "l",
         {"?principal", NULL},
         CEDAR_ERR_NOT_FOUND,
         "unable to link template: failed to find a template with id `zz`"},
        {"policy2",
         "l",
         {NULL, NULL},
         CEDAR_ERR_SYNTAX,
         "expected a template, but a static policy was provided"},
        {"policy0",
         "l",
         {NULL, NULL},
         CEDAR_ERR_SYNTAX,
         "unable to link template: the following slots were not provided as arguments: "
         "?principal"},
        {"policy1",
         "l",
         {NULL, NULL},
         CEDAR_ERR_SYNTAX,
         "unable to link template: the following slots were not provided as arguments: "
         "?principal,?resource"},
        {"policy0",
         "l",
         {"?principal", "?resource"},
         CEDAR_ERR_SYNTAX,
         "unable to link template: the following slots were provided as arguments, but did not "
         "exist in the template: ?resource"},
        {"policy0",
         "l",
         {"?resource", NULL},
         CEDAR_ERR_SYNTAX,
         "unable to link template: the following slots were not provided as arguments: "
         "?principal. The following slots were provided as arguments, but did not exist in the "
         "template: ?resource"},
        {"policy0",
         "policy2",
         {"?principal", NULL},
         CEDAR_ERR_EXISTS,
         "unable to link template: template-linked policy id `policy2` conflicts with an existing "
         "policy id"},
        {"policy0",
         "policy0",
         {"?principal", NULL},
         CEDAR_ERR_EXISTS,
         "unable to link template: template-linked policy id `policy0` conflicts with an existing "
         "policy id"},
    };
    struct api *api = *state;
    cedar_policies *set = parse(api, templates);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cedar_policies *linked = NULL;
        cedar_report *report = NULL;
        cedar_slot_value values[2];
        size_t count = 0;
        while (count < 2 && cases[i].slots[count] != NULL) {
            values[count] = value(cases[i].slots[count], "User", "alice");
            count++;
        }
        assert_int_equal(cedar_policies_link(set, text(cases[i].template_id), text(cases[i].new_id),
                                             values, count, &linked, &report),
                         cases[i].status);
        assert_null(linked);
        assert_int_equal(cedar_report_count(report), 1);
        assert_text(cedar_report_get(report, 0).message, cases[i].message);
        assert_false(cedar_report_get(report, 0).has_span);
        cedar_report_free(report);
    }
    cedar_slot_value unknown = value("?x", "User", "alice");
    cedar_policies *linked = NULL;
    assert_int_equal(
        cedar_policies_link(set, text("policy0"), text("l"), &unknown, 1, &linked, NULL),
        CEDAR_ERR_MISUSE);
    cedar_policies_unref(set);
}

static const char json_set[] =
    "{\"staticPolicies\":{\"s\":{\"effect\":\"forbid\",\"principal\":{\"op\":\"==\",\"entity\":{"
    "\"type\":\"User\",\"id\":\"mallory\"}},\"action\":{\"op\":\"All\"},\"resource\":{\"op\":"
    "\"All\"},\"conditions\":[]}},\"templates\":{\"t\":{\"effect\":\"permit\",\"principal\":{"
    "\"op\":\"==\",\"slot\":\"?principal\"},\"action\":{\"op\":\"All\"},\"resource\":{\"op\":"
    "\"All\"},\"conditions\":[{\"kind\":\"when\",\"body\":{\"Value\":true}}]}},\"templateLinks\":"
    "[{\"templateId\":\"t\",\"newId\":\"l\",\"values\":{\"?principal\":{\"type\":\"User\",\"id\":"
    "\"alice\"}}}]}";

static const char json_set_out[] =
    "{\"templates\":{\"t\":{\"effect\":\"permit\",\"principal\":{\"op\":\"==\",\"slot\":"
    "\"?principal\"},\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},\"conditions\":[{"
    "\"kind\":\"when\",\"body\":{\"Value\":true}}]}},\"staticPolicies\":{\"s\":{\"effect\":"
    "\"forbid\",\"principal\":{\"op\":\"==\",\"entity\":{\"type\":\"User\",\"id\":\"mallory\"}},"
    "\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},\"conditions\":[]}},"
    "\"templateLinks\":[{\"templateId\":\"t\",\"newId\":\"l\",\"values\":{\"?principal\":{"
    "\"type\":\"User\",\"id\":\"alice\"}}}]}";

static void sets_come_from_json_and_go_back(void **state) {
    struct api *api = *state;
    cedar_policies *set = NULL;
    cedar_str out;
    assert_int_equal(cedar_policies_parse_json(api->engine, text(json_set), "p.json", &set, NULL),
                     CEDAR_OK);
    assert_int_equal(decide(api, set, "alice"), CEDAR_ALLOW);
    assert_int_equal(decide(api, set, "mallory"), CEDAR_DENY);
    assert_int_equal(cedar_policies_to_json(api->scratch, set, &out), CEDAR_OK);
    assert_text(out, json_set_out);
    assert_int_equal(cedar_policies_to_text(api->scratch, set, &out), CEDAR_ERR_UNSUPPORTED);
    size_t link = cedar_policies_find(set, text("l"));
    assert_int_equal(cedar_policy_to_text(api->scratch, set, link, &out), CEDAR_OK);
    assert_text(out, "permit(principal == User::\"alice\", action, resource) when { true };");
    assert_int_equal(cedar_policy_to_json(api->scratch, set, 0, &out), CEDAR_OK);
    assert_text(out, "{\"effect\":\"forbid\",\"principal\":{\"op\":\"==\",\"entity\":{\"type\":"
                     "\"User\",\"id\":\"mallory\"}},\"action\":{\"op\":\"All\"},\"resource\":{"
                     "\"op\":\"All\"},\"conditions\":[]}");
    assert_int_equal(cedar_policy_to_json(api->scratch, set, 3, &out), CEDAR_ERR_NOT_FOUND);
    cedar_policies_unref(set);
}

static void text_stays_as_written(void **state) {
    struct api *api = *state;
    cedar_policies *set = parse(api, " permit ( principal,action,resource ) ; // x\n"
                                     "@a forbid(principal,action,resource);");
    cedar_str out;
    assert_int_equal(cedar_policies_to_text(api->scratch, set, &out), CEDAR_OK);
    assert_text(out, "permit ( principal,action,resource ) ;\n\n"
                     "@a forbid(principal,action,resource);");
    cedar_policies_unref(set);
}

static void bad_json_has_a_finding(void **state) {
    static const char *const cases[][2] = {
        {"{\"staticPolicies\":", "unexpected end of input"},
        {"{\"effect\":\"permit\"}", "missing field `principal`"},
        {"[]", "invalid type: sequence, expected struct PolicySet"},
    };
    struct api *api = *state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cedar_policies *set = NULL;
        cedar_report *report = NULL;
        assert_int_equal(
            cedar_policies_parse_json(api->engine, text(cases[i][0]), "p.json", &set, &report),
            CEDAR_ERR_SYNTAX);
        assert_int_equal(cedar_report_count(report), 1);
        if (i > 0) {
            assert_text(cedar_report_get(report, 0).message, cases[i][1]);
        }
        assert_text(cedar_report_get(report, 0).source, "p.json");
        cedar_report_free(report);
    }
}

static void sets_merge_when_their_ids_differ(void **state) {
    struct api *api = *state;
    cedar_policies *text_set = parse(api, templates);
    cedar_policies *set = NULL;
    cedar_policies *both = NULL;
    cedar_report *report = NULL;
    cedar_str out;
    assert_int_equal(cedar_policies_parse_json(api->engine, text(json_set), "p.json", &set, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_merge(text_set, set, &both, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(both), 6);
    assert_int_equal(decide(api, both, "alice"), CEDAR_ALLOW);
    size_t index = cedar_policies_find(both, text("policy1"));
    assert_int_equal(cedar_policies_get(both, index).line, 2);
    assert_int_equal(cedar_policies_get(both, index).annotation_count, 1);
    assert_text(cedar_policies_get(both, index).source, "p.cedar");
    assert_int_equal(
        cedar_policy_to_text(api->scratch, both, cedar_policies_find(both, text("l")), &out),
        CEDAR_OK);
    assert_text(out, "permit(principal == User::\"alice\", action, resource) when { true };");
    cedar_policies *again = NULL;
    assert_int_equal(cedar_policies_merge(both, set, &again, &report), CEDAR_ERR_EXISTS);
    assert_null(again);
    assert_text(cedar_report_get(report, 0).message, "duplicate template or policy id `s`");
    cedar_report_free(report);
    cedar_policies_unref(both);
    cedar_policies_unref(set);
    cedar_policies_unref(text_set);
}

static void policies_can_be_removed(void **state) {
    struct api *api = *state;
    cedar_policies *set = NULL;
    cedar_policies *less = NULL;
    cedar_policies *none = NULL;
    assert_int_equal(cedar_policies_parse_json(api->engine, text(json_set), "p.json", &set, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_remove(set, text("t"), &less, NULL), CEDAR_ERR_EXISTS);
    assert_int_equal(cedar_policies_remove(set, text("x"), &less, NULL), CEDAR_ERR_NOT_FOUND);
    assert_int_equal(cedar_policies_remove(set, text("l"), &less, NULL), CEDAR_OK);
    assert_int_equal(decide(api, less, "alice"), CEDAR_DENY);
    assert_int_equal(cedar_policies_remove(less, text("t"), &none, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(none), 1);
    cedar_policies_unref(none);
    cedar_policies_unref(less);
    cedar_policies_unref(set);
}

static void links_can_be_read_from_a_file(void **state) {
    struct api *api = *state;
    cedar_policies_builder *builder = NULL;
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_builder_new(api->engine, 0, &builder), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add_links_json(
                         builder,
                         text("[{\"template_id\":\"policy0\",\"link_id\":\"l\",\"args\":{"
                              "\"?principal\":\"User::\\\"alice\\\"\"}}]"),
                         "links.json"),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &set, &report), CEDAR_ERR_NOT_FOUND);
    assert_true(cedar_report_get(report, 0).has_span);
    assert_text(cedar_report_get(report, 0).source, "links.json");
    cedar_report_free(report);
    assert_int_equal(cedar_policies_builder_add(builder, text(templates), "p.cedar", NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_OK);
    assert_int_equal(decide(api, set, "alice"), CEDAR_ALLOW);
    cedar_policies_unref(set);
    cedar_policies_builder_free(builder);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        API_TEST(a_link_permits_who_it_names),     API_TEST(links_that_do_not_fit_are_refused),
        API_TEST(sets_come_from_json_and_go_back), API_TEST(text_stays_as_written),
        API_TEST(bad_json_has_a_finding),          API_TEST(sets_merge_when_their_ids_differ),
        API_TEST(policies_can_be_removed),         API_TEST(links_can_be_read_from_a_file),
    };
    return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
