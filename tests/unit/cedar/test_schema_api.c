/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas through the public interface: several texts, conversions, questions. */
#include "api_unit.h"

#include <stdio.h>

static cedar_schema *schema_of(const struct api *api, const char *source) {
    cedar_schema *schema = NULL;
    cedar_format format = source[0] == '{' ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR;
    assert_int_equal(
        cedar_schema_parse(api->engine, text(source), format, "s.cedarschema", &schema, NULL),
        CEDAR_OK);
    return schema;
}

/* ---- several texts --------------------------------------------------------------------------- */

struct part {
    const char *name;
    const char *text;
};

static cedar_status build(const struct api *api, const struct part *parts, size_t count,
                          cedar_schema **ret, cedar_report **ret_report) {
    cedar_schema_builder *builder;
    assert_int_equal(cedar_schema_builder_new(api->engine, &builder), CEDAR_OK);
    for (size_t i = 0; i < count; i++) {
        cedar_format format = parts[i].text[0] == '{' ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR;
        cedar_status status =
            cedar_schema_builder_add(builder, text(parts[i].text), format, parts[i].name);
        assert_true(status == CEDAR_OK || status == CEDAR_ERR_SYNTAX);
    }
    cedar_status status = cedar_schema_builder_build(builder, ret, ret_report);
    cedar_schema *none = NULL;
    assert_int_equal(cedar_schema_builder_build(builder, &none, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_builder_add(builder, text(""), CEDAR_FORMAT_CEDAR, NULL),
                     CEDAR_ERR_MISUSE);
    cedar_schema_builder_free(builder);
    return status;
}

static void parts_refer_to_each_other(void **state) {
    const struct api *api = *state;
    static const struct part parts[] = {
        {"a", "@x(\"1\") @y namespace N { entity A in B {t: T}; }"},
        {"b", "{\"N\":{\"commonTypes\":{\"T\":{\"type\":\"Long\"}},\"entityTypes\":{\"B\":{}},"
              "\"actions\":{},\"annotations\":{\"x\":\"2\",\"z\":null}}}"},
        {"c", "namespace N { action v appliesTo {principal: A, resource: [B, C]}; } entity C;"},
    };
    cedar_schema *schema = NULL;
    cedar_str json;
    assert_int_equal(build(api, parts, LENGTH(parts), &schema, NULL), CEDAR_OK);
    assert_int_equal(cedar_schema_to_json(api->scratch, schema, &json), CEDAR_OK);
    assert_text(json,
                "{\"\":{\"entityTypes\":{\"C\":{}},\"actions\":{}},\"N\":{\"commonTypes\":{\"T\":{"
                "\"type\":\"Long\"}},\"entityTypes\":{\"A\":{\"memberOfTypes\":[\"B\"],\"shape\":{"
                "\"type\":\"Record\",\"attributes\":{\"t\":{\"type\":\"EntityOrCommon\",\"name\":"
                "\"T\"}}}},\"B\":{}},\"actions\":{\"v\":{\"appliesTo\":{\"resourceTypes\":[\"B\","
                "\"C\"],\"principalTypes\":[\"A\"]}}},\"annotations\":{\"x\":\"1\",\"y\":\"\","
                "\"z\":null}}}");
    cedar_entity_type type =
        cedar_schema_entity_type(schema, cedar_schema_find_entity_type(schema, text("N::B")));
    assert_text(type.site.source, "b");
    cedar_schema_unref(schema);
}

static void no_part_is_an_empty_schema(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = NULL;
    assert_int_equal(build(api, NULL, 0, &schema, NULL), CEDAR_OK);
    assert_int_equal(cedar_schema_entity_type_count(schema), 0);
    assert_int_equal(cedar_schema_environment_count(schema), 0);
    cedar_schema_unref(schema);
}

static void what_is_declared_in_two_parts_is_refused(void **state) {
    const struct api *api = *state;
    static const struct {
        struct part parts[2];
        const char *message;
    } rows[] = {
        {{{"a", "entity A;"}, {"b", "entity A;"}}, "duplicate entity type `A`"},
        {{{"a", "namespace N {type T = Long;}"}, {"b", "namespace N {type T = Long;}"}},
         "duplicate common type `N::T`"},
        {{{"a", "action a;"}, {"b", "{\"\":{\"entityTypes\":{},\"actions\":{\"a\":{}}}}"}},
         "duplicate action `Action::\"a\"`"},
        {{{"a", "entity A;"}, {"b", "namespace N {entity A;}"}},
         "definition of `N::A` illegally shadows the existing definition of `A`"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        cedar_schema *schema = NULL;
        cedar_report *report = NULL;
        assert_int_equal(build(api, rows[i].parts, 2, &schema, &report), CEDAR_ERR_SYNTAX);
        assert_null(schema);
        assert_int_equal(cedar_report_count(report), 1);
        assert_text(cedar_report_get(report, 0).message, rows[i].message);
        assert_text(cedar_report_get(report, 0).source, "b");
        assert_true(cedar_report_get(report, 0).has_span);
        if (i < 3) { /* where it was declared first */
            assert_true(cedar_report_get(report, 0).has_other);
            assert_text(cedar_report_get(report, 0).other_source, "a");
        }
        cedar_report_free(report);
    }
}

static void findings_about_two_places_have_both(void **state) {
    const struct api *api = *state;
    static const struct {
        const char *text;
        size_t start;
        const char *label;
        cedar_place other;
    } rows[] = {
        {"entity A;\n entity A;", 18, "", {7, 8, 1, 8}},
        {"namespace N {}\nnamespace N {}", 25, "", {10, 11, 1, 11}},
        {"type T = Long;\nentity T;", 5, "", {22, 23, 2, 8}},
        {"@a @b @a(\"x\")\nentity A;", 7, "", {1, 2, 1, 2}},
        {"entity A;action\na appliesTo {principal: [], resource: A};",
         29,
         "for this action",
         {16, 17, 2, 1}},
        {"entity A;action a appliesTo {principal: A, principal: A, resource: A};",
         43,
         "",
         {29, 41, 1, 30}},
        {"entity A;action a appliesTo {context: {}, context: {}, principal: A, resource: A};",
         42,
         "",
         {29, 41, 1, 30}},
        {"entity A {x: Long,\n\"x\": Bool};", 10, "this one counts", {19, 22, 2, 1}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        cedar_schema *schema = NULL;
        cedar_report *report = NULL;
        cedar_status status = cedar_schema_parse(api->engine, cedar_str_from(rows[i].text),
                                                 CEDAR_FORMAT_CEDAR, "s", &schema, &report);
        assert_true(status == CEDAR_OK || status == CEDAR_ERR_SYNTAX);
        assert_int_equal(cedar_report_count(report), 1);
        cedar_finding finding = cedar_report_get(report, 0);
        assert_int_equal(finding.start, rows[i].start);
        assert_true(finding.has_other);
        assert_int_equal(finding.other.start, rows[i].other.start);
        assert_int_equal(finding.other.end, rows[i].other.end);
        assert_int_equal(finding.other.line, rows[i].other.line);
        assert_int_equal(finding.other.column, rows[i].other.column);
        assert_text(finding.other_label, rows[i].label);
        assert_text(finding.other_source, "s");
        cedar_report_free(report);
        cedar_schema_unref(schema);
    }
}

static void the_report_has_the_findings_of_all_parts(void **state) {
    const struct api *api = *state;
    static const struct part parts[] = {
        {"a", "entity"},
        {"b", "{\"\":1}"},
        {"c", "entity Long;"},
    };
    cedar_schema *schema = NULL;
    cedar_report *report = NULL;
    assert_int_equal(build(api, parts, LENGTH(parts), &schema, &report), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_report_count(report), 2);
    assert_text(cedar_report_get(report, 0).source, "a");
    assert_text(cedar_report_get(report, 1).source, "b");
    cedar_report_free(report);
    /* a name that means nothing is found in its own text */
    static const struct part undeclared[] = {{"a", "entity A {x: T};"}, {"b", "\n type T = U;"}};
    assert_int_equal(build(api, undeclared, LENGTH(undeclared), &schema, &report),
                     CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_report_count(report), 1);
    assert_text(cedar_report_get(report, 0).source, "b");
    assert_int_equal(cedar_report_get(report, 0).line, 2);
    assert_text(cedar_report_get(report, 0).source_line, " type T = U;");
    cedar_report_free(report);
}

static void warnings_come_with_a_schema(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_schema_parse(api->engine, text("entity Long; type A = Long; entity A;"),
                                        CEDAR_FORMAT_CEDAR, "s", &schema, &report),
                     CEDAR_OK);
    assert_int_equal(cedar_report_count(report), 2);
    assert_int_equal(cedar_report_get(report, 0).severity, CEDAR_WARNING);
    assert_text(cedar_report_get(report, 0).message,
                "The common type name A shadows an entity name");
    cedar_report_free(report);
    cedar_schema_unref(schema);
}

/* ---- conversions ----------------------------------------------------------------------------- */

static void one_text_is_translated_as_it_is(void **state) {
    const struct api *api = *state;
    cedar_str out;
    cedar_report *report = NULL;
    assert_int_equal(cedar_schema_translate(api->scratch, text("entity A in N::B;"),
                                            CEDAR_FORMAT_CEDAR, "a", CEDAR_FORMAT_JSON, &out, NULL),
                     CEDAR_OK);
    assert_text(out,
                "{\"\":{\"entityTypes\":{\"A\":{\"memberOfTypes\":[\"N::B\"]}},\"actions\":{}}}");
    assert_int_equal(cedar_schema_translate(api->scratch, out, CEDAR_FORMAT_JSON, "a",
                                            CEDAR_FORMAT_CEDAR, &out, &report),
                     CEDAR_OK);
    assert_text(out, "entity A in [N::B];\n");
    assert_null(report);
    assert_int_equal(cedar_schema_translate(api->scratch, text("entity A in;"), CEDAR_FORMAT_CEDAR,
                                            "a", CEDAR_FORMAT_JSON, &out, &report),
                     CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_report_count(report), 1);
    cedar_report_free(report);
    cedar_scratch_reset(api->scratch);
}

static void a_schema_without_text_says_why(void **state) {
    const struct api *api = *state;
    cedar_str out = text("before");
    cedar_report *report = NULL;
    cedar_schema *schema =
        schema_of(api, "{\"\":{\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{}}},"
                       "\"entityTypes\":{\"A\":{\"shape\":{\"type\":\"T\"}}},\"actions\":{}}}");
    assert_int_equal(cedar_schema_to_text(api->scratch, schema, &out, &report),
                     CEDAR_ERR_UNSUPPORTED);
    assert_text(out, "before");
    assert_int_equal(cedar_report_count(report), 1);
    cedar_report_free(report);
    assert_int_equal(cedar_schema_to_json_resolved(api->scratch, schema, &out), CEDAR_OK);
    cedar_schema_unref(schema);
    cedar_scratch_reset(api->scratch);
}

/* ---- questions ------------------------------------------------------------------------------- */

static void assert_type(const struct api *api, const cedar_type *type, const char *expected) {
    cedar_str out;
    assert_int_equal(cedar_type_format(api->scratch, type, &out), CEDAR_OK);
    assert_text(out, expected);
}

static void entity_types_tell_what_they_have(void **state) {
    const struct api *api = *state;
    static const char source[] = "@doc(\"people\") @team\n"
                                 "entity User in [Group] = {\n"
                                 "  name: String,\n"
                                 "  @pii \"e mail\"?: Set<{at: datetime, by: User}>,\n"
                                 "} tags Long;\n"
                                 "entity Group in Group;";
    cedar_schema *schema = schema_of(api, source);
    assert_int_equal(cedar_schema_entity_type_count(schema), 2);
    size_t index = cedar_schema_find_entity_type(schema, text("User"));
    assert_int_equal(index, 1);
    cedar_entity_type user = cedar_schema_entity_type(schema, index);
    assert_text(user.name, "User");
    assert_int_equal(user.kind, CEDAR_ENTITY_PLAIN);
    assert_int_equal(user.parent_count, 1);
    assert_text(user.parents[0], "Group");
    assert_int_equal(user.ancestor_count, 1);
    assert_type(api, user.tags, "Long");
    assert_type(api, user.attributes, "{\"e mail\"?: Set<{at: datetime, by: User}>, name: String}");
    assert_int_equal(cedar_annotations_count(user.annotations), 2);
    assert_text(cedar_annotations_get(user.annotations, 0).name, "doc");
    assert_text(cedar_annotations_get(user.annotations, 0).value, "people");
    assert_text(cedar_annotations_get(user.annotations, 1).value, "");
    assert_text(cedar_annotations_get(user.annotations, 2).name, "");
    assert_true(user.site.is_known);
    assert_int_equal(user.site.line, 2);
    assert_int_equal(user.site.column, 8);
    assert_memory_equal(source + user.site.name_start, "User", 4);
    assert_memory_equal(source + user.site.start, "entity User", 11);
    assert_memory_equal(source + user.site.end - 10, "tags Long;", 10);
    assert_int_equal(cedar_schema_find_entity_type(schema, text("Nobody")), SIZE_MAX);
    assert_text(cedar_schema_entity_type(schema, 2).name, "");
    cedar_schema_unref(schema);
    cedar_scratch_reset(api->scratch);
}

static void attributes_are_found_and_placed(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = schema_of(api, "entity A {b: Long,\n @x(\"1\") a?: Set<A>};");
    cedar_entity_type type = cedar_schema_entity_type(schema, 0);
    assert_int_equal(cedar_type_get(type.attributes).kind, CEDAR_TYPE_RECORD);
    assert_int_equal(cedar_type_get(type.attributes).attribute_count, 2);
    assert_int_equal(cedar_type_find_attribute(type.attributes, text("a")), 0);
    assert_int_equal(cedar_type_find_attribute(type.attributes, text("c")), SIZE_MAX);
    cedar_attribute a = cedar_type_attribute(type.attributes, 0);
    assert_text(a.name, "a");
    assert_false(a.is_required);
    assert_int_equal(a.site.line, 2);
    assert_int_equal(a.site.column, 10);
    assert_text(cedar_annotations_get(a.annotations, 0).value, "1");
    cedar_type_info info = cedar_type_get(a.type);
    assert_int_equal(info.kind, CEDAR_TYPE_SET);
    info = cedar_type_get(info.element);
    assert_int_equal(info.kind, CEDAR_TYPE_ENTITY);
    assert_text(info.entity_type, "A");
    assert_null(cedar_type_attribute(type.attributes, 2).type);
    assert_null(cedar_type_attribute(a.type, 0).type);
    cedar_schema_unref(schema);
}

static cedar_schema *shop_schema(const struct api *api) {
    static const char source[] =
        "entity User in [Group]; entity Group in Group; entity Colour enum [\"red\", \"blue\"];"
        "type Address = {zip: Long};"
        "namespace Shop { entity Item; action write; action buy, \"sell it\" in [write] appliesTo {"
        "principal: [User, Group], resource: [Item, Colour], context: Address}; }";
    return schema_of(api, source);
}

static void actions_tell_what_they_apply_to(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = shop_schema(api);
    assert_int_equal(cedar_schema_action_count(schema), 3);
    size_t index = cedar_schema_find_action(schema, uid("Shop::Action", "sell it"));
    cedar_action sell = cedar_schema_action(schema, index);
    assert_text(sell.uid.id, "sell it");
    assert_false(sell.is_group);
    assert_int_equal(sell.parent_count, 1);
    assert_text(sell.parents[0].id, "write");
    assert_int_equal(sell.ancestor_count, 1);
    assert_int_equal(sell.principal_count, 2);
    assert_text(sell.principals[0], "Group");
    assert_text(sell.resources[1], "Shop::Item");
    assert_type(api, sell.context, "{zip: Long}");
    cedar_action write =
        cedar_schema_action(schema, cedar_schema_find_action(schema, uid("Shop::Action", "write")));
    assert_true(write.is_group);
    assert_int_equal(write.principal_count, 0);
    assert_type(api, write.context, "{}");
    assert_int_equal(cedar_schema_find_action(schema, uid("Action", "write")), SIZE_MAX);
    size_t user = cedar_schema_find_entity_type(schema, text("User"));
    size_t item = cedar_schema_find_entity_type(schema, text("Shop::Item"));
    assert_true(cedar_schema_entity_type(schema, user).is_principal);
    assert_false(cedar_schema_entity_type(schema, user).is_resource);
    assert_true(cedar_schema_entity_type(schema, item).is_resource);
    cedar_entity_type type =
        cedar_schema_entity_type(schema, cedar_schema_find_entity_type(schema, text("Colour")));
    assert_int_equal(type.kind, CEDAR_ENTITY_ENUM);
    assert_int_equal(type.id_count, 2);
    assert_text(type.ids[0], "red");
    type = cedar_schema_entity_type(schema,
                                    cedar_schema_find_entity_type(schema, text("Shop::Action")));
    assert_int_equal(type.kind, CEDAR_ENTITY_ACTION);
    assert_false(type.site.is_known);
    cedar_schema_unref(schema);
    cedar_scratch_reset(api->scratch);
}

static void common_types_and_namespaces_are_listed(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = shop_schema(api);
    assert_int_equal(cedar_schema_common_type_count(schema), 1);
    assert_text(cedar_schema_common_type(schema, 0).name, "Address");
    assert_type(api, cedar_schema_common_type(schema, 0).type, "{zip: Long}");
    assert_text(cedar_schema_common_type(schema, 1).name, "");
    assert_int_equal(cedar_schema_namespace_count(schema), 2);
    assert_text(cedar_schema_namespace(schema, 0).name, "Shop");
    assert_true(cedar_schema_namespace(schema, 0).site.is_known);
    assert_text(cedar_schema_namespace(schema, 1).name, "");
    cedar_schema_unref(schema);
    cedar_scratch_reset(api->scratch);
}

static void environments_are_every_pair_of_every_action(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = shop_schema(api);
    static const char *const expected[] = {
        "Group buy Colour",    "Group buy Shop::Item",    "User buy Colour",
        "User buy Shop::Item", "Group sell it Colour",    "Group sell it Shop::Item",
        "User sell it Colour", "User sell it Shop::Item",
    };
    assert_int_equal(cedar_schema_environment_count(schema), LENGTH(expected));
    for (size_t i = 0; i < LENGTH(expected); i++) {
        cedar_environment e = cedar_schema_environment(schema, i);
        char line[100];
        int len = snprintf(line, sizeof line, "%.*s %.*s %.*s", (int)e.principal_type.len,
                           e.principal_type.ptr, (int)e.action.id.len, e.action.id.ptr,
                           (int)e.resource_type.len, e.resource_type.ptr);
        assert_text((cedar_str){line, (size_t)len}, expected[i]);
        assert_type(api, e.context, "{zip: Long}");
    }
    assert_text(cedar_schema_environment(schema, LENGTH(expected)).principal_type, "");
    cedar_schema_unref(schema);
    cedar_scratch_reset(api->scratch);
}

static void impossible_arguments_are_misuse_or_empty(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = NULL;
    cedar_str out;
    const cedar_str bad = {NULL, 1};
    assert_int_equal(cedar_schema_builder_new(NULL, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_builder_build(NULL, &schema, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_parse(api->engine, bad, CEDAR_FORMAT_CEDAR, NULL, &schema, NULL),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_to_text(api->scratch, NULL, &out, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_to_json(NULL, NULL, &out), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_translate(api->scratch, bad, CEDAR_FORMAT_CEDAR, NULL,
                                            CEDAR_FORMAT_JSON, &out, NULL),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_type_format(api->scratch, NULL, &out), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_schema_entity_type_count(NULL), 0);
    assert_int_equal(cedar_schema_find_action(NULL, uid("Action", "a")), SIZE_MAX);
    assert_int_equal(cedar_schema_environment_count(NULL), 0);
    assert_int_equal(cedar_annotations_count(NULL), 0);
    assert_int_equal(cedar_type_get(NULL).attribute_count, 0);
    cedar_schema_builder_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(parts_refer_to_each_other),
        API_TEST(no_part_is_an_empty_schema),
        API_TEST(what_is_declared_in_two_parts_is_refused),
        API_TEST(findings_about_two_places_have_both),
        API_TEST(the_report_has_the_findings_of_all_parts),
        API_TEST(warnings_come_with_a_schema),
        API_TEST(one_text_is_translated_as_it_is),
        API_TEST(a_schema_without_text_says_why),
        API_TEST(entity_types_tell_what_they_have),
        API_TEST(attributes_are_found_and_placed),
        API_TEST(actions_tell_what_they_apply_to),
        API_TEST(common_types_and_namespaces_are_listed),
        API_TEST(environments_are_every_pair_of_every_action),
        API_TEST(impossible_arguments_are_misuse_or_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
