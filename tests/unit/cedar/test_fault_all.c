/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The n-th allocation fails, for all n, in everything of cedar.h that takes memory: the call says
 * so and gives nothing, what it was given is as it was, and every byte comes back. What decides is
 * in test_api_fault.c, validation with all its findings in test_validate_fault.c.
 */
#include "meter.h"

#include <stdlib.h>

#include "cedar/api_int.h"

/* Made while memory is there; the calls under test start from it. */
struct host {
    struct meter meter;
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_schema *schema;
    cedar_policies *policies, *more;
    cedar_entities *entities;
    cedar_report *report;
};

static const char schema_text[] =
    "@doc(\"d\") namespace N { type T = {n?: Long, s: Set<String>}; entity G in [G] tags String;"
    " @a entity Member in [G] = {level: Long, t: T}; entity E enum [\"x\", \"y\"]; }"
    "entity User; entity Photo = {n: Long}; action read;"
    "action view in [read] appliesTo {principal: User, resource: Photo, context: {ip: ipaddr}};";

static const char schema_json[] =
    "{\"M\":{\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{\"a\":{\"type\":\"Set\","
    "\"element\":{\"type\":\"Long\"}}}}},\"entityTypes\":{\"U\":{\"shape\":{\"type\":\"Record\","
    "\"attributes\":{\"t\":{\"type\":\"T\"}}},\"annotations\":{\"a\":\"b\"}}},\"actions\":{\"go\":"
    "{\"appliesTo\":{\"principalTypes\":[\"U\"],\"resourceTypes\":[\"U\"]}}}}}";

static const char policies_text[] =
    "@id(\"a\") @b permit(principal == ?principal, action in [Action::\"view\"], resource is Photo)"
    " when { resource.n + 1 == 2 && context.ip.isInRange(ip(\"10.0.0.0/8\")) };"
    "@id(\"c\") forbid(principal, action, resource == Photo::\"q\") unless"
    " { {a: [1, -2], \"b c\": \"x\\n\"}.a.contains(1) || principal has a.b };"
    "@id(\"d\") permit(principal, action, resource) when { principal.zz < 1 };"
    "@id(\"e\") permit(principal, action, resource) when { principal.zz < 1 && true };";

static const char more_text[] = "permit(principal, action, resource) when { 1 < 2 };";

static const char entities_json[] =
    "[{\"uid\":{\"type\":\"Photo\",\"id\":\"p\"},\"attrs\":{\"n\":1},\"parents\":[]}]";

static void host_init(struct host *h) {
    cedar_config config = {.allocator = {meter_resize, &h->meter}};
    cedar_policies_builder *builder;
    memset(h, 0, sizeof *h);
    assert_int_equal(cedar_engine_new(&config, &h->engine), CEDAR_OK);
    h->engine->allocator.wants_separate_blocks = true; /* each part of an arena can fail */
    assert_int_equal(cedar_scratch_new(h->engine, 0, &h->scratch), CEDAR_OK);
    assert_int_equal(
        cedar_schema_parse(h->engine, text(schema_text), CEDAR_FORMAT_CEDAR, "s", &h->schema, NULL),
        CEDAR_OK);
    assert_int_equal(cedar_policies_builder_new(h->engine, CEDAR_IDS_FROM_ANNOTATION, &builder),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder, text(policies_text), "p", NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &h->policies, NULL), CEDAR_OK);
    cedar_policies_builder_free(builder);
    assert_int_equal(cedar_policies_parse(h->engine, text(more_text), "m", &h->more, NULL),
                     CEDAR_OK);
    assert_int_equal(
        cedar_entities_parse_json(h->engine, text(entities_json), NULL, "e", &h->entities, NULL),
        CEDAR_OK);
}

static void host_done(struct host *h) {
    cedar_report_free(h->report);
    cedar_entities_unref(h->entities);
    cedar_policies_unref(h->more);
    cedar_policies_unref(h->policies);
    cedar_schema_unref(h->schema);
    cedar_scratch_free(h->scratch);
    cedar_engine_unref(h->engine);
    assert_int_equal(h->meter.bytes, 0);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* What a call makes is checked by its count and thrown away. */
static cedar_status keep_none(cedar_policies *policies, cedar_status status, size_t count) {
    assert_int_equal(status == CEDAR_OK, policies != NULL);
    assert_true(policies == NULL || cedar_policies_count(policies) == count);
    cedar_policies_unref(policies);
    return status;
}

static const cedar_slot_value *slot(void) {
    static cedar_slot_value value;
    value = (cedar_slot_value){text("?principal"), uid("User", "alice")};
    return &value;
}

static cedar_status link_one(struct host *h) {
    cedar_policies *made = NULL;
    cedar_status status =
        cedar_policies_link(h->policies, text("a"), text("new"), slot(), 1, &made, &h->report);
    return keep_none(made, status, 5);
}

static cedar_status merge(struct host *h) {
    cedar_policies *made = NULL;
    cedar_status status = cedar_policies_merge(h->policies, h->more, &made, &h->report);
    return keep_none(made, status, 5);
}

static cedar_status remove_one(struct host *h) {
    cedar_policies *made = NULL;
    cedar_status status = cedar_policies_remove(h->policies, text("c"), &made, &h->report);
    return keep_none(made, status, 3);
}

/* Sets of sets: links, merges and removals on top of each other, until parts are put together. */
static cedar_status change_often(struct host *h) {
    cedar_policies *set = cedar_policies_ref(h->policies);
    cedar_status status = CEDAR_OK;
    for (char name = 'A'; name < 'M' && status == CEDAR_OK; name++) {
        cedar_policies *linked = NULL, *removed = NULL;
        cedar_str id = {&name, 1};
        status = cedar_policies_link(set, text("a"), id, slot(), 1, &linked, NULL);
        if (status == CEDAR_OK && name % 3 == 0) {
            status = cedar_policies_remove(linked, id, &removed, NULL);
        }
        cedar_policies_unref(set);
        set = removed != NULL ? removed : linked;
        if (removed != NULL) {
            cedar_policies_unref(linked);
        }
    }
    size_t count = status == CEDAR_OK ? cedar_policies_count(set) : 12;
    cedar_policies_unref(set);
    assert_int_equal(count, 12);
    return status;
}

static cedar_status build_from_everything(struct host *h) {
    cedar_policies_builder *builder;
    cedar_policies *made = NULL;
    cedar_status status = cedar_policies_builder_new(h->engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    cedar_status added[] = {
        cedar_policies_builder_add_policies(builder, h->policies),
        cedar_policies_builder_add_policies(builder, h->more),
        cedar_policies_builder_add(builder, text(more_text), "t", "t#"),
        cedar_policies_builder_add_json(
            builder,
            text("{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"}"
                 ",\"resource\":{\"op\":\"All\"},\"conditions\":[{\"kind\":\"when\",\"body\":"
                 "{\"==\":{\"left\":{\"Value\":[1]},\"right\":{\"Var\":\"context\"}}}}]}"),
            "j", "j#"),
        cedar_policies_builder_link(builder, text("a"), text("l1"), slot(), 1),
        cedar_policies_builder_add_links_json(
            builder,
            text("[{\"template_id\":\"a\",\"link_id\":\"l2\",\"args\":{\"?principal\":"
                 "\"User::\\\"bob\\\"\"}}]"),
            "l"),
    };
    status = cedar_policies_builder_build(builder, &made, &h->report);
    for (size_t i = 0; i < LENGTH(added); i++) {
        /* a set without a part of it must not come to be */
        assert_true(added[i] == CEDAR_OK || status != CEDAR_OK);
        status = added[i] == CEDAR_OK ? status : added[i];
    }
    cedar_policies_builder_free(builder);
    return keep_none(made, status, 9);
}

static cedar_status policies_json_there_and_back(struct host *h) {
    cedar_str json;
    cedar_policies *made = NULL;
    cedar_status status = cedar_policies_to_json(h->scratch, h->policies, &json);
    if (status == CEDAR_OK) {
        status = cedar_policies_parse_json(h->engine, json, "j", &made, &h->report);
    }
    return keep_none(made, status, 4);
}

static cedar_status print_policies(struct host *h) {
    cedar_str out;
    cedar_status status = cedar_policies_to_text(h->scratch, h->policies, &out);
    for (size_t i = 0; i < 4 && status == CEDAR_OK; i++) {
        status = cedar_policy_to_text(h->scratch, h->policies, i, &out);
        status =
            status == CEDAR_OK ? cedar_policy_to_json(h->scratch, h->policies, i, &out) : status;
    }
    return status == CEDAR_OK
               ? cedar_policies_format(h->scratch, text(policies_text), "f", NULL, &out, &h->report)
               : status;
}

static cedar_status read_schema(struct host *h, const char *input, cedar_format format) {
    cedar_schema *made = NULL;
    cedar_status status =
        cedar_schema_parse(h->engine, text(input), format, "s", &made, &h->report);
    assert_int_equal(status == CEDAR_OK, made != NULL);
    cedar_schema_unref(made);
    return status;
}

static cedar_status read_schema_text(struct host *h) {
    return read_schema(h, schema_text, CEDAR_FORMAT_CEDAR);
}

static cedar_status read_schema_json(struct host *h) {
    return read_schema(h, schema_json, CEDAR_FORMAT_JSON);
}

static cedar_status build_schema(struct host *h) {
    cedar_schema_builder *builder;
    cedar_schema *made = NULL;
    cedar_status status = cedar_schema_builder_new(h->engine, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    cedar_status text_added =
        cedar_schema_builder_add(builder, text(schema_text), CEDAR_FORMAT_CEDAR, "a");
    cedar_status json_added =
        cedar_schema_builder_add(builder, text(schema_json), CEDAR_FORMAT_JSON, "b");
    status = cedar_schema_builder_build(builder, &made, &h->report);
    cedar_schema_builder_free(builder);
    assert_true((text_added == CEDAR_OK && json_added == CEDAR_OK) || status != CEDAR_OK);
    assert_int_equal(status == CEDAR_OK, made != NULL);
    cedar_schema_unref(made);
    return text_added != CEDAR_OK ? text_added : json_added != CEDAR_OK ? json_added : status;
}

static cedar_status write_schema(struct host *h) {
    cedar_str out;
    cedar_status status = cedar_schema_to_text(h->scratch, h->schema, &out, &h->report);
    status = status == CEDAR_OK ? cedar_schema_to_json(h->scratch, h->schema, &out) : status;
    status =
        status == CEDAR_OK ? cedar_schema_to_json_resolved(h->scratch, h->schema, &out) : status;
    cedar_entity_type user = cedar_schema_entity_type(
        h->schema, cedar_schema_find_entity_type(h->schema, text("N::Member")));
    return status == CEDAR_OK ? cedar_type_format(h->scratch, user.attributes, &out) : status;
}

static cedar_status translate(struct host *h) {
    cedar_str json, again;
    cedar_status status = cedar_schema_translate(h->scratch, text(schema_text), CEDAR_FORMAT_CEDAR,
                                                 "s", CEDAR_FORMAT_JSON, &json, &h->report);
    return status == CEDAR_OK ? cedar_schema_translate(h->scratch, json, CEDAR_FORMAT_JSON, "s",
                                                       CEDAR_FORMAT_CEDAR, &again, NULL)
                              : status;
}

static cedar_status lint(struct host *h) {
    cedar_lint_options options = {.schema = h->schema};
    cedar_lint_cost cost;
    cedar_status status = cedar_lint(h->policies, &options, &cost, &h->report);
    /* findings that are not all there are not what was asked for */
    assert_true(status != CEDAR_OK || h->report == NULL || cedar_report_count(h->report) > 0);
    return status;
}

static cedar_status validate_without_schema(struct host *h) {
    return cedar_validate(h->policies, NULL, NULL, &h->report);
}

static cedar_status explain(struct host *h) {
    const cedar_explanation *why = NULL;
    cedar_request asked = request();
    cedar_explain_options options = {.filter = CEDAR_EXPLAIN_ALL};
    cedar_status status = cedar_context_parse_json(h->scratch, text("{\"ip\":\"10.1.1.1\"}"),
                                                   h->schema, &asked.action, &asked.context, NULL);
    status = status == CEDAR_OK ? cedar_request_validate(h->scratch, h->schema, &asked, &h->report)
                                : status;
    status = status == CEDAR_OK
                 ? cedar_explain(h->policies, h->entities, &asked, h->scratch, &options, &why)
                 : status;
    assert_true(status != CEDAR_OK || why->policy_count == 3);
    return status;
}

static cedar_status make_values(struct host *h) {
    const cedar_value *items[4] = {NULL}, *set, *record;
    const cedar_str names[] = {{"a", 1}, {"b", 1}};
    cedar_str out;
    cedar_uid read;
    cedar_status steps[] = {
        cedar_value_string(h->scratch, text("s"), &items[0]),
        cedar_value_long(h->scratch, -5, &items[1]),
        cedar_value_bool(h->scratch, true, &items[2]),
        cedar_value_entity(h->scratch, uid("User", "a\"b"), &items[3]),
        cedar_uid_parse(h->scratch, text("N::Member::\"\\u{61}\""), &read, &h->report),
        cedar_uid_format(h->scratch, uid("User", "a\"b"), &out),
        cedar_expression_check(h->scratch, text("[1, {a: -2}] == context.a"), NULL),
    };
    for (size_t i = 0; i < LENGTH(steps); i++) {
        if (steps[i] != CEDAR_OK) {
            return steps[i];
        }
    }
    cedar_status status = cedar_value_set(h->scratch, items, 4, &set);
    const cedar_value *parts[] = {items[0], status == CEDAR_OK ? set : NULL};
    status = status == CEDAR_OK ? cedar_value_record(h->scratch, names, parts, 2, &record) : status;
    return status == CEDAR_OK ? cedar_value_format(h->scratch, record, &out) : status;
}

static cedar_status add_to_overlay(struct host *h) {
    cedar_overlay *overlay;
    cedar_uid parents[] = {uid("G", "g"), uid("G", "h")};
    cedar_entity entity = {.uid = uid("User", "alice"), .parents = parents, .parent_count = 2};
    cedar_status status = cedar_overlay_new(h->scratch, h->entities, NULL, &overlay);
    status = status == CEDAR_OK ? cedar_overlay_add(overlay, &entity, &h->report) : status;
    status = status == CEDAR_OK
                 ? cedar_overlay_add_parents(overlay, uid("Photo", "p"), parents, 1, &h->report)
                 : status;
    return status == CEDAR_OK ? cedar_overlay_finish(overlay, &h->report) : status;
}

static cedar_status make_empty_store(struct host *h) {
    cedar_entities *made = NULL;
    cedar_status status = cedar_entities_empty(h->engine, &made);
    assert_int_equal(status == CEDAR_OK, made != NULL);
    cedar_entities_unref(made);
    return status;
}

static const struct {
    const char *name;
    cedar_status (*call)(struct host *h);
} calls[] = {
    {"link", link_one},
    {"merge", merge},
    {"remove", remove_one},
    {"change often", change_often},
    {"build", build_from_everything},
    {"policies JSON", policies_json_there_and_back},
    {"print", print_policies},
    {"schema text", read_schema_text},
    {"schema JSON", read_schema_json},
    {"schema builder", build_schema},
    {"write schema", write_schema},
    {"translate", translate},
    {"lint", lint},
    {"validate without schema", validate_without_schema},
    {"explain", explain},
    {"values", make_values},
    {"overlay", add_to_overlay},
    {"empty store", make_empty_store},
};

/* What was there before is still what it was. */
static void assert_untouched(const struct host *h) {
    assert_int_equal(cedar_policies_count(h->policies), 4);
    assert_int_equal(cedar_policies_find(h->policies, text("c")), 1);
    assert_int_equal(cedar_policies_find(h->policies, text("new")), SIZE_MAX);
    assert_int_equal(cedar_policies_count(h->more), 1);
    assert_int_equal(cedar_entities_count(h->entities), 1);
}

/* Takes the call's answer away. */
static void forget(struct host *h) {
    cedar_report_free(h->report);
    h->report = NULL;
    cedar_scratch_free(h->scratch);
    assert_int_equal(cedar_scratch_new(h->engine, 0, &h->scratch), CEDAR_OK);
}

/* Returns how many of the failures the call told about. */
static size_t fail_each(size_t index) {
    struct host host;
    size_t told = 0;
    bool is_beyond = false;
    host_init(&host);
    size_t bytes = host.meter.bytes;
    for (size_t n = 0; !is_beyond; n++) {
        host.meter.calls = 0;
        host.meter.fail_at = n;
        cedar_status status = calls[index].call(&host);
        host.meter.fail_at = 0;
        is_beyond = host.meter.calls < n;
        /* Also with a failure it may be CEDAR_OK: when only the report went missing, or there was
         * another way. */
        if (status != CEDAR_OK && (status != CEDAR_ERR_NOMEM || n == 0 || is_beyond)) {
            fail_msg("%s, allocation %zu: %s", calls[index].name, n, cedar_status_name(status));
        }
        told += status == CEDAR_ERR_NOMEM;
        forget(&host);
        assert_int_equal(host.meter.bytes, bytes);
        assert_untouched(&host);
    }
    host_done(&host);
    return told;
}

static void every_failing_allocation_is_told_and_changes_nothing(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < LENGTH(calls); i++) {
        if (fail_each(i) == 0) {
            fail_msg("%s never ran out of memory", calls[i].name);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failing_allocation_is_told_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
