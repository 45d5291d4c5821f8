/* SPDX-License-Identifier: Apache-2.0 */
/* Policy sets through the public interface: ids, information, reports. */
#include "api_unit.h"

static void parsed_policies_describe_themselves(void **state) {
    const struct api *api = *state;
    static const char source[] = "// first\n"
                                 "@id(\"x\") @note\npermit(principal, action, resource)\n"
                                 "when { 1 + 2 == 3 };\n\n"
                                 "forbid(principal == ?principal, action, resource);";
    cedar_policies *set = parse(api, source);
    assert_int_equal(cedar_policies_count(set), 2);
    cedar_policy_info first = cedar_policies_get(set, 0);
    assert_text(first.id, "policy0"); /* @id counts only where it is asked for */
    assert_int_equal(first.effect, CEDAR_PERMIT);
    assert_false(first.is_template);
    assert_text(first.source, "p.cedar");
    assert_int_equal(first.line, 2);
    assert_text(first.text, "@id(\"x\") @note\npermit(principal, action, resource)\n"
                            "when { 1 + 2 == 3 };");
    assert_int_equal(first.annotation_count, 2);
    assert_text(first.annotations[0].name, "id");
    assert_text(first.annotations[0].value, "x");
    assert_text(first.annotations[1].name, "note");
    assert_text(first.annotations[1].value, "");
    assert_int_equal(first.nodes, 5);
    assert_true(first.depth >= 2);
    cedar_policy_info second = cedar_policies_get(set, 1);
    assert_text(second.id, "policy1");
    assert_int_equal(second.effect, CEDAR_FORBID);
    assert_true(second.is_template);
    assert_int_equal(second.line, 6);
    assert_int_equal(second.nodes, 0);
    assert_int_equal(cedar_policies_find(set, text("policy1")), 1);
    assert_int_equal(cedar_policies_find(set, text("x")), SIZE_MAX);
    assert_null(cedar_policies_get(set, 2).id.ptr);
    cedar_policies_unref(set);
}

static void the_set_keeps_its_own_copy_of_the_text(void **state) {
    const struct api *api = *state;
    char source[] = "permit(principal == User::\"alice\", action, resource);";
    cedar_policies *set = parse(api, source);
    memset(source, '#', sizeof source - 1);
    assert_text(cedar_policies_get(set, 0).text,
                "permit(principal == User::\"alice\", action, resource);");
    cedar_request question = request();
    cedar_response response;
    assert_int_equal(cedar_authorize(set, api->entities, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_int_equal(response.decision, CEDAR_ALLOW);
    cedar_policies_unref(set);
}

static void an_empty_text_is_an_empty_set(void **state) {
    const struct api *api = *state;
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_parse(api->engine, text(NULL), NULL, &set, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(set), 0);
    cedar_policies_unref(set);
}

static void a_text_that_does_not_parse_is_reported_with_its_place(void **state) {
    const struct api *api = *state;
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_parse(api->engine,
                                          text("permit(principal, action, resource);\n"
                                               "permit(principal, action resource);\n"),
                                          "bad.cedar", &set, &report),
                     CEDAR_ERR_SYNTAX);
    assert_null(set);
    assert_int_equal(cedar_report_count(report), 1);
    cedar_finding finding = cedar_report_get(report, 0);
    assert_int_equal(finding.severity, CEDAR_ERROR);
    assert_text(finding.message, "unexpected token `resource`");
    assert_text(finding.source, "bad.cedar");
    assert_true(finding.has_span);
    assert_int_equal(finding.start, 62);
    assert_int_equal(finding.end, 70);
    assert_int_equal(finding.line, 2);
    assert_int_equal(finding.column, 26);
    assert_text(finding.source_line, "permit(principal, action resource);");
    assert_null(cedar_report_get(report, 1).message.ptr);
    cedar_report_free(report);
}

static void every_finding_has_its_own_place(void **state) {
    const struct api *api = *state;
    static const struct {
        const char *source;
        uint32_t line;
        uint32_t column;
        const char *source_line;
    } expected[] = {
        {"a", 2, 46, "  permit(principal, action, resource) when { foo };"},
        {"a", 5, 44, "permit(principal, action, resource) when { bar || baz };"},
        {"a", 5, 51, "permit(principal, action, resource) when { bar || baz };"},
        {"b", 1, 44, "permit(principal, action, resource) when { foo };"},
        {"a", 1, 1, "@id(\"x\") permit(principal, action, resource);"},
    };
    static const char *const texts[][2] = {
        {"b", "@id(\"x\") permit(principal, action, resource);"},
        {"a", "\n  permit(principal, action, resource) when { foo };\r\n\n\n"
              "permit(principal, action, resource) when { bar || baz };\n"},
        {"b", "permit(principal, action, resource) when { foo };"},
        {"a", "@id(\"x\") permit(principal, action, resource);"},
    };
    cedar_policies_builder *builder;
    assert_int_equal(cedar_policies_builder_new(api->engine, CEDAR_IDS_FROM_ANNOTATION, &builder),
                     CEDAR_OK);
    for (size_t i = 0; i < LENGTH(texts); i++) {
        assert_int_equal(cedar_policies_builder_add(builder, text(texts[i][1]), texts[i][0], NULL),
                         CEDAR_OK);
    }
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_builder_build(builder, &set, &report), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_report_count(report), LENGTH(expected));
    for (size_t i = 0; i < LENGTH(expected); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        assert_text(finding.source, expected[i].source);
        assert_int_equal(finding.line, expected[i].line);
        assert_int_equal(finding.column, expected[i].column);
        assert_text(finding.source_line, expected[i].source_line);
    }
    cedar_report_free(report);
    cedar_policies_builder_free(builder);
}

static void several_texts_make_one_set(void **state) {
    const struct api *api = *state;
    cedar_policies_builder *builder;
    assert_int_equal(cedar_policies_builder_new(api->engine, CEDAR_IDS_FROM_ANNOTATION, &builder),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder,
                                                text("permit(principal, action, resource);"
                                                     "@id(\"named\")\n"
                                                     "permit(principal, action, resource);"),
                                                "a.cedar", "a#"),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder,
                                                text("\n\nforbid(principal, action, resource);"),
                                                "b.cedar", "b#"),
                     CEDAR_OK);
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_builder_build(builder, &set, &report), CEDAR_OK);
    cedar_policies_builder_free(builder);
    assert_null(report);
    assert_int_equal(cedar_policies_count(set), 3);
    assert_text(cedar_policies_get(set, 0).id, "a#policy0");
    assert_text(cedar_policies_get(set, 1).id, "named");
    assert_text(cedar_policies_get(set, 2).id, "b#policy0");
    assert_text(cedar_policies_get(set, 2).source, "b.cedar");
    assert_int_equal(cedar_policies_get(set, 2).line, 3);
    assert_int_equal(cedar_policies_find(set, text("named")), 1);
    cedar_policies_unref(set);
}

static void all_texts_are_reported_and_nothing_is_built(void **state) {
    const struct api *api = *state;
    cedar_policies_builder *builder;
    assert_int_equal(cedar_policies_builder_new(api->engine, CEDAR_IDS_FROM_ANNOTATION, &builder),
                     CEDAR_OK);
    static const char *const texts[] = {
        "permit(principal, action, resource)",
        "@id(\"x\") permit(principal, action, resource);",
        "forbid(;",
        "\n@id(\"x\") forbid(principal, action, resource);",
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        char name[] = {'t', (char)('0' + i), '\0'};
        assert_int_equal(cedar_policies_builder_add(builder, text(texts[i]), name, NULL), CEDAR_OK);
    }
    for (int attempt = 0; attempt < 2; attempt++) {
        cedar_policies *set = NULL;
        cedar_report *report = NULL;
        assert_int_equal(cedar_policies_builder_build(builder, &set, &report), CEDAR_ERR_SYNTAX);
        assert_null(set);
        assert_text(cedar_report_get(report, 0).source, "t0");
        assert_text(cedar_report_get(report, 1).source, "t2");
        size_t count = cedar_report_count(report);
        assert_int_equal(count, 3);
        cedar_finding last = cedar_report_get(report, count - 1);
        assert_text(last.message, "duplicate template or policy id `x`");
        assert_text(last.policy_id, "x");
        assert_int_equal(last.line, 2);
        cedar_report_free(report);
    }
    cedar_policies_builder_free(builder);
}

static void an_id_used_twice_is_refused(void **state) {
    const struct api *api = *state;
    cedar_policies_builder *builder;
    assert_int_equal(cedar_policies_builder_new(api->engine, 0, &builder), CEDAR_OK);
    cedar_str policy = text("permit(principal, action, resource);");
    assert_int_equal(cedar_policies_builder_add(builder, policy, NULL, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder, policy, NULL, NULL), CEDAR_OK);
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_ERR_EXISTS);
    assert_null(set);
    cedar_policies_builder_free(builder);
}

static void limits_of_the_engine_hold(void **state) {
    UNUSED(state);
    cedar_config config = {.max_text_bytes = 100, .max_depth = 10};
    cedar_engine *engine;
    assert_int_equal(cedar_engine_new(&config, &engine), CEDAR_OK);
    static const char *const texts[] = {
        "permit(principal, action, resource) when { ((((((((((((1)))))))))))) == 1 };",
        "permit(principal, action, resource);                                          "
        "                                                                              ",
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        cedar_policies *set = NULL;
        cedar_report *report = NULL;
        assert_int_equal(cedar_policies_parse(engine, text(texts[i]), NULL, &set, &report),
                         CEDAR_ERR_LIMIT);
        assert_null(set);
        assert_true(cedar_report_count(report) >= 1);
        cedar_report_free(report);
    }
    cedar_engine_unref(engine);
    config = (cedar_config){.max_object_bytes = 100};
    assert_int_equal(cedar_engine_new(&config, &engine), CEDAR_OK);
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_parse(engine, text("permit(principal, action, resource);"),
                                          NULL, &set, NULL),
                     CEDAR_ERR_LIMIT);
    cedar_engine_unref(engine);
}

static void references_keep_objects_and_engine_alive(void **state) {
    UNUSED(state);
    cedar_engine *engine;
    assert_int_equal(cedar_engine_new(NULL, &engine), CEDAR_OK);
    struct api api = {.engine = engine};
    cedar_policies *set = parse(&api, "permit(principal, action, resource);");
    cedar_engine_unref(engine);
    assert_ptr_equal(cedar_policies_ref(set), set);
    cedar_policies_unref(set);
    assert_int_equal(cedar_policies_count(set), 1);
    cedar_policies_unref(set);
}

static void misuse_is_reported_not_crashed_on(void **state) {
    const struct api *api = *state;
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    cedar_policies_builder *builder = NULL;
    cedar_str impossible = {NULL, 5};
    assert_int_equal(cedar_engine_new(NULL, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_parse(NULL, text(""), NULL, &set, &report), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_parse(api->engine, text(""), NULL, NULL, &report),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_parse(api->engine, impossible, NULL, &set, &report),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_builder_new(api->engine, 2, &builder), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_builder_new(NULL, 0, &builder), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_builder_add(NULL, text(""), NULL, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_builder_build(NULL, &set, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_scratch_new(NULL, 0, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policies_count(NULL), 0);
    assert_int_equal(cedar_policies_find(NULL, text("x")), SIZE_MAX);
    assert_int_equal(cedar_report_count(NULL), 0);
    assert_null(cedar_policies_ref(NULL));
    assert_null(cedar_engine_ref(NULL));
    cedar_policies_unref(NULL);
    cedar_engine_unref(NULL);
    cedar_report_free(NULL);
    cedar_scratch_free(NULL);
    cedar_scratch_reset(NULL);
    cedar_policies_builder_free(NULL);
    assert_null(set);
    assert_null(report);
}

static void every_status_has_a_name(void **state) {
    UNUSED(state);
    for (int status = CEDAR_OK; status <= CEDAR_ERR_INTERNAL; status++) {
        const char *name = cedar_status_name((cedar_status)status);
        assert_true(strlen(name) > 0);
        for (int other = CEDAR_OK; other < status; other++) {
            assert_string_not_equal(name, cedar_status_name((cedar_status)other));
        }
    }
    assert_string_equal(cedar_status_name((cedar_status)99), "unknown status");
    assert_string_equal(cedar_language_version(), "4.5");
    assert_true(strlen(cedar_library_version()) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(parsed_policies_describe_themselves),
        API_TEST(the_set_keeps_its_own_copy_of_the_text),
        API_TEST(an_empty_text_is_an_empty_set),
        API_TEST(a_text_that_does_not_parse_is_reported_with_its_place),
        API_TEST(every_finding_has_its_own_place),
        API_TEST(several_texts_make_one_set),
        API_TEST(all_texts_are_reported_and_nothing_is_built),
        API_TEST(an_id_used_twice_is_refused),
        cmocka_unit_test(limits_of_the_engine_hold),
        cmocka_unit_test(references_keep_objects_and_engine_alive),
        API_TEST(misuse_is_reported_not_crashed_on),
        cmocka_unit_test(every_status_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
