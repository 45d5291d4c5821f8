/* SPDX-License-Identifier: Apache-2.0 */
/* New versions of entity stores through the public interface. */
#include "api_unit.h"

#include <stdio.h>
#include <stdlib.h>

static const char start_json[] =
    "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"n\":1},\"parents\":[{\"type\":"
    "\"Group\",\"id\":\"staff\"}]},"
    "{\"uid\":{\"type\":\"Group\",\"id\":\"staff\"},\"attrs\":{},\"parents\":[]}]";

static cedar_entities *load(const struct api *api, const char *json, const cedar_schema *schema) {
    cedar_entities *entities = NULL;
    assert_int_equal(
        cedar_entities_parse_json(api->engine, text(json), schema, "e", &entities, NULL), CEDAR_OK);
    return entities;
}

static cedar_entities_update *begin(const cedar_entities *base, const cedar_schema *schema) {
    cedar_entities_update *update = NULL;
    assert_int_equal(cedar_entities_update_new(base, schema, &update), CEDAR_OK);
    return update;
}

static cedar_entities *publish(cedar_entities_update *update) {
    cedar_entities *next = NULL;
    cedar_report *report = NULL;
    cedar_status status = cedar_entities_update_publish(update, &next, &report);
    if (status != CEDAR_OK) {
        cedar_finding finding = cedar_report_get(report, 0);
        fail_msg("%d: %.*s", (int)status, (int)finding.message.len, finding.message.ptr);
    }
    cedar_entities_update_free(update);
    return next;
}

static bool is_in(const cedar_entities *entities, cedar_uid left, cedar_uid right) {
    bool result;
    assert_int_equal(cedar_entities_is_in(entities, left, right, &result), CEDAR_OK);
    return result;
}

static bool is_there(const struct api *api, const cedar_entities *entities, cedar_uid name) {
    cedar_entity entity;
    cedar_status status = cedar_entities_get(api->scratch, entities, name, &entity);
    assert_true(status == CEDAR_OK || status == CEDAR_ERR_NOT_FOUND);
    return status == CEDAR_OK;
}

static void an_update_makes_a_new_version_and_leaves_the_old_one(void **state) {
    const struct api *api = *state;
    cedar_entities *first = load(api, start_json, NULL);
    cedar_uid alice = uid("User", "alice");
    cedar_uid staff = uid("Group", "staff");
    cedar_uid all = uid("Group", "all");
    cedar_entities_update *update = begin(first, NULL);
    cedar_entity group = {.uid = staff, .parents = &all, .parent_count = 1};
    assert_int_equal(cedar_entities_update_upsert(update, &group, NULL), CEDAR_OK);
    assert_int_equal(
        cedar_entities_update_upsert_json(update,
                                          text("[{\"uid\":{\"type\":\"User\",\"id\":\"bob\"},"
                                               "\"attrs\":{\"n\":2},\"parents\":[]}]"),
                                          "bob.json", NULL),
        CEDAR_OK);
    cedar_entities *second = publish(update);
    assert_int_equal(cedar_entities_count(first), 2);
    assert_int_equal(cedar_entities_count(second), 3);
    assert_true(is_in(second, alice, all));
    assert_false(is_in(first, alice, all));
    assert_false(is_there(api, first, uid("User", "bob")));

    update = begin(second, NULL);
    assert_int_equal(cedar_entities_update_delete(update, staff), CEDAR_OK);
    assert_int_equal(cedar_entities_update_delete(update, uid("No", "body")), CEDAR_OK);
    cedar_entities *third = publish(update);
    cedar_entities_unref(first);
    assert_int_equal(cedar_entities_count(third), 2);
    assert_false(is_there(api, third, staff));
    assert_true(is_in(third, alice, staff)); /* named as a parent, still */
    assert_false(is_in(third, alice, all));
    assert_true(is_in(second, alice, all));
    cedar_entities_unref(second);
    assert_true(is_there(api, third, alice));
    cedar_entities_unref(third);
}

static void decisions_are_those_of_the_version(void **state) {
    const struct api *api = *state;
    cedar_policies *policies = parse(
        api, "permit(principal in Group::\"staff\", action, resource) when { principal.n == 2 };");
    cedar_entities *first = load(api, start_json, NULL);
    cedar_request question = request();
    cedar_response response;
    assert_int_equal(cedar_authorize(policies, first, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_int_equal(response.decision, CEDAR_DENY);
    cedar_entities_update *update = begin(first, NULL);
    cedar_entity alice;
    const cedar_value *two;
    cedar_str name = text("n");
    assert_int_equal(cedar_entities_get(api->scratch, first, question.principal, &alice), CEDAR_OK);
    assert_int_equal(cedar_value_long(api->scratch, 2, &two), CEDAR_OK);
    assert_int_equal(cedar_value_record(api->scratch, &name, &two, 1, &alice.attrs), CEDAR_OK);
    assert_int_equal(cedar_entities_update_upsert(update, &alice, NULL), CEDAR_OK);
    cedar_scratch_reset(api->scratch); /* everything has been copied */
    cedar_entities *second = publish(update);
    cedar_entities_unref(first);
    assert_int_equal(cedar_authorize(policies, second, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_int_equal(response.decision, CEDAR_ALLOW);
    cedar_entities_unref(second);
    cedar_policies_unref(policies);
}

static void of_several_changes_the_last_counts(void **state) {
    const struct api *api = *state;
    cedar_entities *first = load(api, start_json, NULL);
    cedar_uid alice = uid("User", "alice");
    cedar_uid groups[] = {uid("Group", "a"), uid("Group", "b")};
    cedar_entities_update *update = begin(first, NULL);
    cedar_entity entity = {.uid = alice, .parents = groups, .parent_count = 1};
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_OK);
    assert_int_equal(cedar_entities_update_delete(update, alice), CEDAR_OK);
    entity.parents = groups + 1;
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_OK);
    assert_int_equal(cedar_entities_update_delete(update, groups[0]), CEDAR_OK);
    entity = (cedar_entity){.uid = uid("User", "carol")};
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_OK);
    assert_int_equal(cedar_entities_update_delete(update, entity.uid), CEDAR_OK);
    cedar_entities *second = publish(update);
    assert_int_equal(cedar_entities_count(second), 2);
    assert_true(is_in(second, alice, groups[1]));
    assert_false(is_in(second, alice, groups[0]));
    assert_false(is_in(second, alice, uid("Group", "staff")));
    cedar_entities_unref(first);
    cedar_entities_unref(second);
}

static void a_cycle_is_refused_and_the_base_unchanged(void **state) {
    const struct api *api = *state;
    cedar_entities *first = load(api, start_json, NULL);
    cedar_uid alice = uid("User", "alice");
    cedar_entity group = {.uid = uid("Group", "staff"), .parents = &alice, .parent_count = 1};
    cedar_entities_update *update = begin(first, NULL);
    assert_int_equal(cedar_entities_update_upsert(update, &group, NULL), CEDAR_OK);
    cedar_entities *next = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_entities_update_publish(update, &next, &report), CEDAR_ERR_SYNTAX);
    assert_null(next);
    cedar_str message = cedar_report_get(report, 0).message;
    char copy[300] = "";
    assert_true(message.len < sizeof copy);
    memcpy(copy, message.ptr, message.len);
    assert_non_null(strstr(copy, "input graph has a cycle containing vertex"));
    cedar_report_free(report);
    assert_int_equal(cedar_entities_update_publish(update, &next, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_entities_update_upsert(update, &group, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_entities_update_delete(update, alice), CEDAR_ERR_MISUSE);
    cedar_entities_update_free(update);
    assert_true(is_in(first, alice, group.uid));
    assert_false(is_in(first, group.uid, alice));
    cedar_entities_unref(first);
}

static void a_refused_change_ends_the_update(void **state) {
    const struct api *api = *state;
    cedar_entities_update *update = begin(api->entities, NULL);
    cedar_report *report = NULL;
    cedar_entities *next = NULL;
    assert_int_equal(
        cedar_entities_update_upsert_json(
            update,
            text("[{\"uid\":{\"type\":\"A\",\"id\":\"a\"},\"attrs\":{},\"parents\":[]},"
                 "{\"uid\":1}]"),
            "x.json", &report),
        CEDAR_ERR_SYNTAX);
    assert_text(cedar_report_get(report, 0).source, "x.json");
    cedar_report_free(report);
    assert_int_equal(cedar_entities_update_publish(update, &next, NULL), CEDAR_ERR_MISUSE);
    cedar_entities_update_free(update);
    assert_int_equal(cedar_entities_count(api->entities), 0);
}

static void arguments_are_checked(void **state) {
    const struct api *api = *state;
    cedar_config config = {.hash_key = {7, 8}};
    cedar_engine *other;
    cedar_scratch *scratch;
    cedar_entity entity = {.uid = uid("A", "a")};
    cedar_entities *next;
    cedar_entities_update *update;
    assert_int_equal(cedar_engine_new(&config, &other), CEDAR_OK);
    assert_int_equal(cedar_scratch_new(other, 0, &scratch), CEDAR_OK);
    assert_int_equal(cedar_entities_update_new(NULL, NULL, &update), CEDAR_ERR_MISUSE);
    update = begin(api->entities, NULL);
    assert_int_equal(cedar_entities_update_upsert(update, NULL, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_value_record(scratch, NULL, NULL, 0, &entity.attrs), CEDAR_OK);
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_ERR_MISUSE);
    entity = (cedar_entity){.uid = uid("a b", "x")};
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_entities_update_delete(update, entity.uid), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_entities_update_publish(update, NULL, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_entities_update_publish(update, &next, NULL), CEDAR_OK);
    assert_ptr_equal(next, api->entities); /* nothing has changed */
    cedar_entities_unref(next);
    cedar_entities_update_free(update);
    cedar_entities_update_free(NULL);
    cedar_scratch_free(scratch);
    cedar_engine_unref(other);
}

/* ---- with a schema ---- */

static cedar_schema *schema_of(const struct api *api) {
    cedar_schema *schema = NULL;
    assert_int_equal(
        cedar_schema_parse(api->engine,
                           text("entity Group; entity User in [Group] = {n: Long, ip?: ipaddr};"
                                "action read; action view in [read] appliesTo {principal: User, "
                                "resource: Group};"),
                           CEDAR_FORMAT_CEDAR, NULL, &schema, NULL),
        CEDAR_OK);
    return schema;
}

static void what_is_added_conforms_to_the_schema(void **state) {
    const struct api *api = *state;
    static const struct {
        const char *json;
        cedar_status status;
    } rows[] = {
        {"[{\"uid\":{\"type\":\"User\",\"id\":\"b\"},\"attrs\":{\"n\":1,\"ip\":\"1.2.3.4\"},"
         "\"parents\":[]}]",
         CEDAR_OK},
        {"[{\"uid\":{\"type\":\"User\",\"id\":\"b\"},\"attrs\":{},\"parents\":[]}]",
         CEDAR_ERR_SCHEMA},
        {"[{\"uid\":{\"type\":\"Other\",\"id\":\"b\"},\"attrs\":{},\"parents\":[]}]",
         CEDAR_ERR_SCHEMA},
        {"[{\"uid\":{\"type\":\"Group\",\"id\":\"b\"},\"attrs\":{},\"parents\":[{\"type\":\"User\","
         "\"id\":\"alice\"}]}]",
         CEDAR_ERR_SCHEMA},
    };
    cedar_schema *schema = schema_of(api);
    cedar_entities *first = load(api, start_json, schema);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        cedar_entities_update *update = begin(first, schema);
        assert_int_equal(cedar_entities_update_upsert_json(update, text(rows[i].json), NULL, NULL),
                         rows[i].status);
        cedar_entities *next = NULL;
        assert_int_equal(cedar_entities_update_publish(update, &next, NULL),
                         rows[i].status == CEDAR_OK ? CEDAR_OK : CEDAR_ERR_MISUSE);
        cedar_entities_update_free(update);
        cedar_entities_unref(next);
    }
    cedar_entities_update *update = begin(first, schema);
    cedar_entity entity = {.uid = uid("User", "c")};
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_ERR_SCHEMA);
    cedar_entities_update_free(update);
    cedar_entities_unref(first);
    cedar_schema_unref(schema);
}

static void actions_are_the_schemas(void **state) {
    const struct api *api = *state;
    cedar_schema *schema = schema_of(api);
    cedar_uid view = uid("Action", "view");
    cedar_uid read = uid("Action", "read");
    cedar_uid group = uid("Group", "staff");
    cedar_entities *first = load(api, "[]", schema);
    cedar_entities_update *update = begin(first, schema);
    assert_int_equal(cedar_entities_update_delete(update, view), CEDAR_OK);
    assert_int_equal(cedar_entities_update_delete(update, read), CEDAR_OK);
    cedar_entities *second = publish(update);
    assert_true(is_in(second, view, read));
    assert_int_equal(cedar_entities_count(second), 2);

    cedar_entity changed = {.uid = view};
    cedar_entities *next = NULL;
    update = begin(second, schema);
    assert_int_equal(cedar_entities_update_upsert(update, &changed, NULL), CEDAR_OK);
    assert_int_equal(cedar_entities_update_publish(update, &next, NULL), CEDAR_ERR_SCHEMA);
    cedar_entities_update_free(update);

    update = begin(api->entities, schema); /* was read without: now it has them */
    cedar_entities *with = publish(update);
    assert_true(is_in(with, view, read));
    cedar_entities_unref(with);

    changed = (cedar_entity){.uid = view, .parents = &group, .parent_count = 1};
    update = begin(api->entities, NULL);
    assert_int_equal(cedar_entities_update_upsert(update, &changed, NULL), CEDAR_ERR_SYNTAX);
    cedar_entities_update_free(update);
    cedar_entities_unref(first);
    cedar_entities_unref(second);
    cedar_schema_unref(schema);
}

/* ---- memory ---- */

static void *count_bytes(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    size_t *bytes = ctx;
    *bytes += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

/* Random upserts and deletes for a long time: memory stays within what the header promises, and
 * the last version is what the JSON of it reads as. */
static void a_long_life_takes_no_more_memory_than_a_short_one(void **state) {
    UNUSED(state);
    enum { ENTITIES = 300, STEPS = 3000, KEPT = 5 };
    size_t bytes = 0;
    size_t most = 0;
    uint32_t random = 3;
    cedar_config config = {.allocator = {count_bytes, &bytes}};
    struct api api;
    cedar_entities *versions[KEPT] = {NULL};
    assert_int_equal(cedar_engine_new(&config, &api.engine), CEDAR_OK);
    assert_int_equal(cedar_scratch_new(api.engine, 0, &api.scratch), CEDAR_OK);
    assert_int_equal(cedar_entities_empty(api.engine, &api.entities), CEDAR_OK);
    cedar_entities *store = api.entities;
    for (int step = 0; step < STEPS; step++) {
        char names[2][16];
        random = random * 1664525u + 1013904223u;
        unsigned number = (random >> 8) % ENTITIES;
        snprintf(names[0], sizeof names[0], "%u", number);
        snprintf(names[1], sizeof names[1], "%u", number + 1 + (random >> 20) % 50);
        cedar_uid parent = uid("T", names[1]);
        cedar_entity entity = {.uid = uid("T", names[0]), .parents = &parent, .parent_count = 1};
        const cedar_value *value;
        cedar_str name = text("name");
        assert_int_equal(cedar_value_string(api.scratch, text(names[1]), &value), CEDAR_OK);
        assert_int_equal(cedar_value_record(api.scratch, &name, &value, 1, &entity.attrs),
                         CEDAR_OK);
        cedar_entities_update *update = begin(store, NULL);
        assert_int_equal(random >> 30 == 0 ? cedar_entities_update_delete(update, entity.uid)
                                           : cedar_entities_update_upsert(update, &entity, NULL),
                         CEDAR_OK);
        cedar_scratch_reset(api.scratch);
        cedar_entities_unref(versions[step % KEPT]);
        versions[step % KEPT] = store = publish(update);
        most = bytes > most ? bytes : most;
    }
    assert_true(most < 500000);
    cedar_str json;
    cedar_str again;
    cedar_entities *fresh = NULL;
    assert_int_equal(cedar_entities_to_json(api.scratch, store, &json, NULL), CEDAR_OK);
    assert_int_equal(cedar_entities_parse_json(api.engine, json, NULL, NULL, &fresh, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_entities_count(fresh), cedar_entities_count(store));
    assert_int_equal(cedar_entities_to_json(api.scratch, fresh, &again, NULL), CEDAR_OK);
    assert_int_equal(again.len, json.len);
    assert_memory_equal(again.ptr, json.ptr, json.len);
    for (int i = 0; i < 50; i++) {
        for (int k = 0; k < 50; k++) {
            char names[2][16];
            snprintf(names[0], sizeof names[0], "%d", i * 7);
            snprintf(names[1], sizeof names[1], "%d", k * 7);
            cedar_uid left = uid("T", names[0]);
            cedar_uid right = uid("T", names[1]);
            assert_int_equal(is_in(store, left, right), is_in(fresh, left, right));
        }
    }
    for (size_t i = 0; i < KEPT; i++) {
        cedar_entities_unref(versions[i]);
    }
    cedar_entities_unref(fresh);
    cedar_entities_unref(api.entities);
    cedar_scratch_free(api.scratch);
    cedar_engine_unref(api.engine);
    assert_int_equal(bytes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(an_update_makes_a_new_version_and_leaves_the_old_one),
        API_TEST(decisions_are_those_of_the_version),
        API_TEST(of_several_changes_the_last_counts),
        API_TEST(a_cycle_is_refused_and_the_base_unchanged),
        API_TEST(a_refused_change_ends_the_update),
        API_TEST(arguments_are_checked),
        API_TEST(what_is_added_conforms_to_the_schema),
        API_TEST(actions_are_the_schemas),
        cmocka_unit_test(a_long_life_takes_no_more_memory_than_a_short_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
