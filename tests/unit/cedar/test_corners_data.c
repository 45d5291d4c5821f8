/* SPDX-License-Identifier: Apache-2.0 */
/* Corners 34 to 46 and 53 to 57: policy sets, decisions, entities, contexts, schemas. */
#include "corners_unit.h"

#define ANY "(principal, action, resource)"

static void corner_34_generated_ids_count_everything(void **state) {
    const struct corner *c = *state;
    cedar_policies *set = parse(c->api, "permit(principal == ?principal, action, resource);"
                                        "@id(\"foo\") permit" ANY ";");
    assert_text(cedar_policies_get(set, 0).id, "policy0");
    assert_text(cedar_policies_get(set, 1).id, "policy1");
    cedar_policies_unref(set);
    cedar_policies_builder *builder;
    assert_int_equal(
        cedar_policies_builder_new(c->api->engine, CEDAR_IDS_FROM_ANNOTATION, &builder), CEDAR_OK);
    assert_int_equal(
        cedar_policies_builder_add(builder, text("@id(\"foo\") permit" ANY ";"), NULL, NULL),
        CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_OK);
    assert_text(cedar_policies_get(set, 0).id, "foo");
    cedar_policies_unref(set);
    cedar_policies_builder_free(builder);
    assert_int_equal(
        cedar_policies_parse_json(c->api->engine,
                                  text("{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},"
                                       "\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},"
                                       "\"conditions\":[]}"),
                                  NULL, &set, NULL),
        CEDAR_OK);
    assert_text(cedar_policies_get(set, 0).id, "JSON policy");
    cedar_policies_unref(set);
}

static void link_says(const struct corner *c, const char *template_id, const char *new_id,
                      const cedar_slot_value *values, size_t count, const char *words) {
    cedar_policies *set = parse(c->api, "permit(principal == ?principal, action, resource);"
                                        "permit" ANY ";");
    cedar_policies *linked = NULL;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_link(set, text(template_id), text(new_id), values, count, &linked, &report);
    if (words == NULL) {
        assert_int_equal(status, CEDAR_OK);
        assert_int_equal(cedar_policies_count(linked), 3);
    } else {
        assert_int_not_equal(status, CEDAR_OK);
        assert_says(report, words, template_id);
    }
    cedar_policies_unref(linked);
    cedar_policies_unref(set);
}

static void corner_35_links_name_their_template_and_its_slots(void **state) {
    const cedar_slot_value principal = {text("?principal"), uid("User", "alice")};
    const cedar_slot_value both[] = {principal, {text("?resource"), uid("Photo", "p")}};
    link_says(*state, "policy0", "new", &principal, 1, NULL);
    link_says(*state, "policy0", "policy1", &principal, 1,
              "template-linked policy id `policy1` conflicts with an existing policy id");
    link_says(*state, "policy0", "policy0", &principal, 1, "`policy0` conflicts with an existing");
    link_says(*state, "policy0", "new", NULL, 0,
              "the following slots were not provided as arguments: ?principal");
    link_says(*state, "policy0", "new", both, 2,
              "the following slots were provided as arguments, but did not exist in the template: "
              "?resource");
    link_says(*state, "zz", "new", &principal, 1, "failed to find a template with id `zz`");
    link_says(*state, "policy1", "new", NULL, 0,
              "expected a template, but a static policy was provided");
    decides(*state, "permit(principal == ?principal, action, resource);", "deny");
}

static void corner_36_an_error_decides_nothing(void **state) {
    decides(*state, "permit" ANY "; forbid" ANY " when { context.zz };", "allow policy0 ! policy1");
    decides(*state, "permit" ANY " when { context.zz };", "deny ! policy0");
    decides(*state, "", "deny");
}

static void corner_37_all_determining_policies_are_told(void **state) {
    decides(*state, "permit" ANY "; permit" ANY ";", "allow policy0,policy1");
    decides(*state, "permit" ANY "; forbid" ANY "; forbid" ANY ";", "deny policy1,policy2");
}

static const char view_schema[] =
    "entity User in Group; entity Group; entity Photo;\n"
    "action view in read appliesTo { principal: User, resource: Photo, context: { n: Long, ip?: "
    "ipaddr } }; action read;";

static cedar_status read_context(const struct corner *c, const cedar_schema *schema,
                                 const char *json, const char *action, const char *words) {
    cedar_uid id = uid("Action", action);
    const cedar_value *context;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_context_parse_json(c->api->scratch, text(json), schema, &id, &context, &report);
    if (words != NULL) {
        assert_int_not_equal(status, CEDAR_OK);
        assert_says(report, words, json);
        return status;
    }
    cedar_report_free(report);
    assert_int_equal(status, CEDAR_OK);
    cedar_request question = c->request;
    question.context = context;
    return cedar_request_validate(c->api->scratch, schema, &question, NULL);
}

static cedar_schema *read_schema(const struct corner *c, const char *source) {
    cedar_schema *schema = NULL;
    assert_int_equal(
        cedar_schema_parse(c->api->engine, text(source), CEDAR_FORMAT_CEDAR, NULL, &schema, NULL),
        CEDAR_OK);
    return schema;
}

static void corner_38_a_schema_reads_contexts_strictly(void **state) {
    struct corner *c = *state;
    cedar_schema *schema = read_schema(c, view_schema);
    assert_int_equal(read_context(c, schema, "{\"n\":1,\"ip\":\"10.0.0.1\"}", "view", NULL),
                     CEDAR_OK);
    read_context(c, schema, "{}", "view", "n");
    read_context(c, schema, "{\"n\":1,\"z\":1}", "view", "z");
    read_context(c, schema, "{\"n\":1}", "zz",
                 "action `Action::\"zz\"` does not exist in the supplied schema");
    /* A plain mismatch is left to the validation of the request. */
    assert_int_equal(read_context(c, schema, "{\"n\":\"one\"}", "view", NULL), CEDAR_ERR_SCHEMA);
    cedar_schema_unref(schema);
}

static void corner_39_the_schema_brings_the_action_hierarchy(void **state) {
    struct corner *c = *state;
    static const char policy[] = "permit(principal, action in Action::\"read\", resource);";
    decides(c, policy, "deny");
    cedar_schema *schema = read_schema(c, view_schema);
    cedar_entities_unref(c->entities);
    assert_int_equal(
        cedar_entities_parse_json(c->api->engine, text("[]"), schema, NULL, &c->entities, NULL),
        CEDAR_OK);
    decides(c, policy, "allow policy0");
    cedar_schema_unref(schema);
    entities_load(c,
                  "[{\"uid\":{\"type\":\"Action\",\"id\":\"view\"},\"attrs\":{},\"parents\":[]}]",
                  view_schema, "does not match its schema declaration");
    entities_load(c,
                  "[{\"uid\":{\"type\":\"Action\",\"id\":\"view\"},\"attrs\":{},\"parents\":["
                  "{\"type\":\"Action\",\"id\":\"read\"}]}]",
                  view_schema, NULL);
}

static void corner_40_integers_are_exact(void **state) {
    struct corner *c = *state;
    static const char *const good[] = {"9007199254740993", "9223372036854775807",
                                       "-9223372036854775808"};
    for (size_t i = 0; i < LENGTH(good); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"n\":%s}", good[i]);
        assert_int_equal(cedar_context_parse_json(c->api->scratch, text(json), NULL, NULL,
                                                  &c->request.context, NULL),
                         CEDAR_OK);
        gives(c, "context.n", good[i]);
    }
    static const char *const bad[] = {"{\"n\":1.0}", "{\"n\":1e2}", "{\"n\":9223372036854775808}",
                                      "{\"n\":null}"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        const cedar_value *context;
        assert_int_not_equal(
            cedar_context_parse_json(c->api->scratch, text(bad[i]), NULL, NULL, &context, NULL),
            CEDAR_OK);
    }
}

static void corner_41_malformed_escapes_are_records(void **state) {
    struct corner *c = *state;
    assert_int_equal(cedar_context_parse_json(
                         c->api->scratch,
                         text("{\"a\":{\"__extn\":{\"fn\":\"ip\"}},"
                              "\"b\":{\"__entity\":{\"type\":\"User\",\"id\":\"x\"},\"z\":1},"
                              "\"c\":{\"__entity\":{\"type\":\"User\",\"id\":\"x\",\"more\":1}}}"),
                         NULL, NULL, &c->request.context, NULL),
                     CEDAR_OK);
    gives(c, "context.a[\"__extn\"].fn", "\"ip\"");
    gives(c, "context.b.z", "1");
    gives(c, "context.c", "User::\"x\"");
    entities_load(c,
                  "[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{\"x\":{\"__expr\":\"1\"}},"
                  "\"parents\":[]}]",
                  NULL, "__expr");
}

static void corner_42_entities_twice(void **state) {
    static const char one[] = "{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{\"x\":1},"
                              "\"parents\":[],\"unknown\":true}";
    char json[400];
    snprintf(json, sizeof json, "[%s,%s]", one, one);
    entities_load(*state, json, NULL, NULL);
    snprintf(json, sizeof json,
             "[%s,{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{},\"parents\":[]}]", one);
    entities_load(*state, json, NULL, "duplicate entity entry `A::\"a\"`");
    entities_load(*state, "[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"parents\":[]}]", NULL,
                  "attrs");
    entities_load(*state, "[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{}}]", NULL,
                  "parents");
}

static void corner_43_cycles_are_refused(void **state) {
    entities_load(*state,
                  "[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{},\"parents\":["
                  "{\"type\":\"A\",\"id\":\"a\"}]}]",
                  NULL, "input graph has a cycle containing vertex `A::\"a\"`");
    entities_load(*state,
                  "[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{},\"parents\":["
                  "{\"type\":\"A\",\"id\":\"absent\"}]}]",
                  NULL, NULL);
}

static void corner_44_an_empty_list_of_actions_never_matches(void **state) {
    decides(*state, "permit(principal, action in [], resource);", "deny");
}

static void schema_says(const struct corner *c, const char *source, const char *words) {
    cedar_schema *schema = NULL;
    cedar_report *report = NULL;
    cedar_status status = cedar_schema_parse(c->api->engine, text(source), CEDAR_FORMAT_CEDAR, NULL,
                                             &schema, &report);
    if ((status == CEDAR_OK) != (words == NULL)) {
        char said[2000];
        fail_msg("%s: %s", source, report_words(report, said, sizeof said));
    }
    if (words != NULL) {
        assert_says(report, words, source);
    } else {
        cedar_report_free(report);
    }
    cedar_schema_unref(schema);
}

static void corner_45_what_schemas_forgive_and_what_not(void **state) {
    schema_says(*state, "entity A = {x: Long, x: String};", NULL);
    schema_says(*state, "entity A enum [\"a\", \"a\"];", NULL);
    schema_says(*state, "entity A in B; entity B in A; entity C in C;", NULL);
    schema_says(*state, "entity A in [B,]; entity B;", "unexpected token `]`");
    schema_says(*state, "action a in [];", "unexpected token `]`");
    schema_says(*state, "action a appliesTo {};", "");
    schema_says(*state, "action a in b; action b in a;", "cycle in action hierarchy");
    schema_says(*state, "type A = B; type B = A;", "cycle in common type references");
}

static void corner_46_names_resolve_inward_first_and_shadow_nothing_unnamed(void **state) {
    struct corner *c = *state;
    schema_says(c, "entity A; namespace N { entity A; }", "illegally shadows");
    static const char source[] = "namespace N { type T = Long; entity T; entity U = {t: T}; }\n"
                                 "namespace M { entity T; entity U = {t: T}; }";
    entities_load(c,
                  "[{\"uid\":{\"type\":\"N::U\",\"id\":\"\"},\"attrs\":{\"t\":1},\"parents\":[]}]",
                  source, NULL);
    entities_load(c,
                  "[{\"uid\":{\"type\":\"M::U\",\"id\":\"\"},\"attrs\":{\"t\":{\"type\":\"M::T\","
                  "\"id\":\"\"}},\"parents\":[]}]",
                  source, NULL);
}

static void corner_53_calls_in_data_fail_when_it_is_loaded(void **state) {
    entities_load(*state,
                  "[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{\"x\":{\"__extn\":"
                  "{\"fn\":\"decimal\",\"arg\":\"x\"}}},\"parents\":[]}]",
                  NULL, "failed to evaluate attribute `x` of `A::\"a\"`");
    fails(*state, "decimal(\"x\")", "is not a well-formed decimal value");
}

static void corner_54_names_of_methods_are_attributes_too(void **state) {
    gives(*state, "{contains: 1}.contains", "1");
    gives(*state, "[1].contains(1)", "true");
    gives(*state, "{permit: 1, principal: 2}.principal", "2");
}

static void corner_55_commas_may_trail_but_not_stand_alone(void **state) {
    gives(*state, "[1, 2,]", "[1, 2]");
    gives(*state, "{a: 1,}", "{\"a\": 1}");
    gives(*state, "[1].contains(1,)", "true");
    policy_accepted(*state, "permit(principal, action in [Action::\"a\",], resource,);");
    refused(*state, "[,]", "unexpected token `,`");
    refused(*state, "[1,,2]", "unexpected token `,`");
}

static void corner_56_uids_are_read_in_any_spelling(void **state) {
    const struct corner *c = *state;
    static const char *const spellings[] = {"User::\"o'brien\"", "User::\"o\\'brien\"",
                                            "User :: \"\\u{6f}'brien\""};
    for (size_t i = 0; i < LENGTH(spellings); i++) {
        cedar_uid got;
        assert_int_equal(cedar_uid_parse(c->api->scratch, text(spellings[i]), &got, NULL),
                         CEDAR_OK);
        assert_text(got.id, "o'brien");
    }
}

static void corner_57_unknown_keys_are_errors_as_data(void **state) {
    const struct corner *c = *state;
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_parse_json(
                         c->api->engine,
                         text("{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":"
                              "{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},\"conditions\":[],"
                              "\"level\":1}"),
                         NULL, &set, &report),
                     CEDAR_ERR_SYNTAX);
    assert_says(report, "unknown field `level`", "a policy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CORNER(corner_34_generated_ids_count_everything),
        CORNER(corner_35_links_name_their_template_and_its_slots),
        CORNER(corner_36_an_error_decides_nothing),
        CORNER(corner_37_all_determining_policies_are_told),
        CORNER(corner_38_a_schema_reads_contexts_strictly),
        CORNER(corner_39_the_schema_brings_the_action_hierarchy),
        CORNER(corner_40_integers_are_exact),
        CORNER(corner_41_malformed_escapes_are_records),
        CORNER(corner_42_entities_twice),
        CORNER(corner_43_cycles_are_refused),
        CORNER(corner_44_an_empty_list_of_actions_never_matches),
        CORNER(corner_45_what_schemas_forgive_and_what_not),
        CORNER(corner_46_names_resolve_inward_first_and_shadow_nothing_unnamed),
        CORNER(corner_53_calls_in_data_fail_when_it_is_loaded),
        CORNER(corner_54_names_of_methods_are_attributes_too),
        CORNER(corner_55_commas_may_trail_but_not_stand_alone),
        CORNER(corner_56_uids_are_read_in_any_spelling),
        CORNER(corner_57_unknown_keys_are_errors_as_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
