/* SPDX-License-Identifier: Apache-2.0 */
/* Entity stores through the public interface: reading, JSON, new versions. */
#include "api_unit.h"

#include <stdio.h>
#include <stdlib.h>

static cedar_entities *load(const struct api *api, const char *json, const cedar_schema *schema) {
    cedar_entities *entities = NULL;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_entities_parse_json(api->engine, text(json), schema, "e", &entities, &report);
    if (status != CEDAR_OK) {
        cedar_finding finding = cedar_report_get(report, 0);
        fail_msg("%.*s", (int)finding.message.len, finding.message.ptr);
    }
    return entities;
}

static const char family[] =
    "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"level\":3,\"friend\":{\"__"
    "entity\":"
    "{\"type\":\"User\",\"id\":\"bob\"}}},\"parents\":[{\"type\":\"Group\",\"id\":\"staff\"}],"
    "\"tags\":{\"colour\":\"red\"}},"
    "{\"uid\":{\"type\":\"User\",\"id\":\"bob\"},\"attrs\":{},\"parents\":[{\"type\":\"Group\","
    "\"id\":\"staff\"},{\"type\":\"Group\",\"id\":\"guests\"}]},"
    "{\"uid\":{\"type\":\"Group\",\"id\":\"staff\"},\"attrs\":{},\"parents\":[{\"type\":\"Group\","
    "\"id\":\"all\"}]}]";

static bool is_in(const cedar_entities *entities, cedar_uid left, cedar_uid right) {
    bool result;
    assert_int_equal(cedar_entities_is_in(entities, left, right, &result), CEDAR_OK);
    return result;
}

static void assert_value(const struct api *api, const cedar_value *value, const char *expected) {
    cedar_str printed;
    assert_int_equal(cedar_value_format(api->scratch, value, &printed), CEDAR_OK);
    assert_text(printed, expected);
}

/* ---- reading ---- */

static void an_entity_is_shown_with_all_its_parts(void **state) {
    const struct api *api = *state;
    cedar_entities *entities = load(api, family, NULL);
    cedar_entity alice;
    assert_int_equal(cedar_entities_get(api->scratch, entities, uid("User", "alice"), &alice),
                     CEDAR_OK);
    assert_text(alice.uid.type, "User");
    assert_text(alice.uid.id, "alice");
    assert_int_equal(alice.parent_count, 1);
    assert_text(alice.parents[0].id, "staff");
    assert_value(api, alice.attrs, "{\"friend\": User::\"bob\", \"level\": 3}");
    assert_value(api, alice.tags, "{\"colour\": \"red\"}");
    const cedar_uid *ancestors;
    size_t count;
    assert_int_equal(
        cedar_entities_ancestors(api->scratch, entities, uid("User", "bob"), &ancestors, &count),
        CEDAR_OK);
    assert_int_equal(count, 3);
    assert_true(is_in(entities, uid("User", "alice"), uid("Group", "all")));
    assert_false(is_in(entities, uid("User", "alice"), uid("Group", "guests")));
    assert_true(is_in(entities, uid("No", "body"), uid("No", "body")));
    cedar_entities_unref(entities);
}

static void reading_says_what_is_wrong(void **state) {
    const struct api *api = *state;
    cedar_entities *entities = load(api, family, NULL);
    cedar_entity entity;
    const cedar_uid *list;
    size_t count;
    bool result;
    cedar_uid unknown = uid("User", "nobody");
    cedar_uid bad = uid("not a type", "x");
    assert_int_equal(cedar_entities_get(api->scratch, entities, unknown, &entity),
                     CEDAR_ERR_NOT_FOUND);
    assert_int_equal(cedar_entities_get(api->scratch, entities, uid("Group", "all"), &entity),
                     CEDAR_ERR_NOT_FOUND); /* a parent, but no entity */
    assert_int_equal(cedar_entities_get(api->scratch, entities, bad, &entity), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_entities_get(NULL, entities, unknown, &entity), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_entities_get(api->scratch, NULL, unknown, &entity), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_entities_ancestors(api->scratch, entities, unknown, &list, &count),
                     CEDAR_ERR_NOT_FOUND);
    assert_int_equal(cedar_entities_ancestors(api->scratch, entities, unknown, NULL, &count),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_entities_is_in(entities, bad, unknown, &result), CEDAR_ERR_SYNTAX);
    assert_int_equal(cedar_entities_is_in(NULL, unknown, unknown, &result), CEDAR_ERR_MISUSE);
    cedar_entities_unref(entities);
}

static void every_entity_is_told_once(void **state) {
    const struct api *api = *state;
    char json[40000] = "[";
    for (int i = 0; i < 300; i++) {
        char entity[120];
        snprintf(entity, sizeof entity,
                 "%s{\"uid\":{\"type\":\"T\",\"id\":\"%d\"},\"attrs\":{\"n\":%d},\"parents\":[]}",
                 i == 0 ? "" : ",", i, i);
        strcat(json, entity);
    }
    strcat(json, "]");
    cedar_entities *entities = load(api, json, NULL);
    bool is_seen[300] = {false};
    cedar_entities_cursor cursor = {{0}};
    cedar_entity entity;
    size_t count = 0;
    while (cedar_entities_next(api->scratch, entities, &cursor, &entity) == CEDAR_OK) {
        char id[8] = "";
        memcpy(id, entity.uid.id.ptr, entity.uid.id.len);
        assert_false(is_seen[atoi(id)]);
        is_seen[atoi(id)] = true;
        count++;
        cedar_scratch_reset(api->scratch);
    }
    assert_int_equal(count, 300);
    assert_int_equal(cedar_entities_next(api->scratch, entities, &cursor, &entity),
                     CEDAR_ERR_NOT_FOUND);
    cedar_entities_unref(entities);
    cursor = (cedar_entities_cursor){{0}};
    assert_int_equal(cedar_entities_next(api->scratch, api->entities, &cursor, &entity),
                     CEDAR_ERR_NOT_FOUND);
}

/* ---- JSON ---- */

static cedar_str write(const struct api *api, const cedar_entities *entities) {
    cedar_str json = {NULL, 0};
    assert_int_equal(cedar_entities_to_json(api->scratch, entities, &json, NULL), CEDAR_OK);
    return json;
}

static void json_is_sorted_and_plain(void **state) {
    const struct api *api = *state;
    cedar_entities *entities = load(api, family, NULL);
    assert_text(write(api, entities),
                "[{\"uid\":{\"type\":\"Group\",\"id\":\"staff\"},\"attrs\":{},\"parents\":["
                "{\"type\":\"Group\",\"id\":\"all\"}]},"
                "{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"friend\":{\"__entity\":"
                "{\"type\":\"User\",\"id\":\"bob\"}},\"level\":3},\"parents\":[{\"type\":\"Group\","
                "\"id\":\"staff\"}],\"tags\":{\"colour\":\"red\"}},"
                "{\"uid\":{\"type\":\"User\",\"id\":\"bob\"},\"attrs\":{},\"parents\":["
                "{\"type\":\"Group\",\"id\":\"guests\"},{\"type\":\"Group\",\"id\":\"staff\"}]}]");
    assert_text(write(api, api->entities), "[]");
    cedar_entities_unref(entities);
}

static void what_is_written_is_read_again(void **state) {
    const struct api *api = *state;
    static const char *const values[] = {
        "true",
        "-9223372036854775808",
        "\"a \\\"quoted\\\" \\u0000 text\"",
        "[1,[2,\"x\"],{}]",
        "{\"a\":{\"b\":{\"__entity\":{\"type\":\"A::B\",\"id\":\"\"}}}}",
        "{\"__extn\":{\"fn\":\"decimal\",\"arg\":\"-12.3400\"}}",
        "{\"__extn\":{\"fn\":\"decimal\",\"arg\":\"-922337203685477.5808\"}}",
        "{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.0.0.0/8\"}}",
        "{\"__extn\":{\"fn\":\"ip\",\"arg\":\"2001:db8::1\"}}",
        "{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"2024-10-15T11:35:00.123+0200\"}}",
        "{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"0000-01-01\"}}",
        "{\"__extn\":{\"fn\":\"offset\",\"args\":[{\"__extn\":{\"fn\":\"datetime\",\"arg\":"
        "\"1970-01-01\"}},{\"__extn\":{\"fn\":\"duration\",\"arg\":\"9223372036854775807ms\"}}]}}",
        "{\"__extn\":{\"fn\":\"offset\",\"args\":[{\"__extn\":{\"fn\":\"datetime\",\"arg\":"
        "\"1970-01-01\"}},{\"__extn\":{\"fn\":\"duration\",\"arg\":\"-9223372036854775808ms\"}}]}}",
        "{\"__extn\":{\"fn\":\"duration\",\"arg\":\"-1d2h3m4s5ms\"}}",
        "{\"__extn\":{\"fn\":\"duration\",\"arg\":\"-9223372036854775808ms\"}}",
    };
    for (size_t i = 0; i < LENGTH(values); i++) {
        char json[1000];
        snprintf(json, sizeof json,
                 "[{\"uid\":{\"type\":\"T\",\"id\":\"\\\"\"},\"attrs\":{\"__extn\":%s,\"y\":[%s]},"
                 "\"parents\":[],\"tags\":{\"t\":%s}}]",
                 values[i], values[i], values[i]);
        cedar_entities *first = load(api, json, NULL);
        cedar_str written = write(api, first);
        cedar_entities *second = NULL;
        assert_int_equal(cedar_entities_parse_json(api->engine, written, NULL, NULL, &second, NULL),
                         CEDAR_OK);
        cedar_entity left;
        cedar_entity right;
        cedar_uid id = uid("T", "\"");
        assert_int_equal(cedar_entities_get(api->scratch, first, id, &left), CEDAR_OK);
        assert_int_equal(cedar_entities_get(api->scratch, second, id, &right), CEDAR_OK);
        cedar_str printed;
        assert_int_equal(cedar_value_format(api->scratch, left.attrs, &printed), CEDAR_OK);
        char expected[2000];
        assert_true(printed.len < sizeof expected);
        memcpy(expected, printed.ptr, printed.len);
        expected[printed.len] = '\0';
        assert_value(api, right.attrs, expected);
        cedar_str again = write(api, second);
        assert_int_equal(again.len, written.len);
        assert_memory_equal(again.ptr, written.ptr, again.len);
        cedar_entities_unref(first);
        cedar_entities_unref(second);
    }
}

static void a_record_that_would_be_read_as_something_else_is_not_written(void **state) {
    const struct api *api = *state;
    static const char *const keys[] = {"__entity", "__extn", "__expr"};
    for (size_t i = 0; i < LENGTH(keys); i++) {
        const cedar_value *number;
        const cedar_value *record;
        cedar_str key = text(keys[i]);
        cedar_str name = text("inner");
        cedar_entity entity = {.uid = uid("T", "x")};
        assert_int_equal(cedar_value_long(api->scratch, 1, &number), CEDAR_OK);
        assert_int_equal(cedar_value_record(api->scratch, &key, &number, 1, &record), CEDAR_OK);
        assert_int_equal(cedar_value_record(api->scratch, &name, &record, 1, &entity.attrs),
                         CEDAR_OK);
        cedar_entities_update *update;
        cedar_entities *next;
        cedar_report *report;
        cedar_str json;
        assert_int_equal(cedar_entities_update_new(api->entities, NULL, &update), CEDAR_OK);
        assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_OK);
        assert_int_equal(cedar_entities_update_publish(update, &next, NULL), CEDAR_OK);
        cedar_entities_update_free(update);
        assert_int_equal(cedar_entities_to_json(api->scratch, next, &json, &report),
                         CEDAR_ERR_UNSUPPORTED);
        char expected[80];
        snprintf(expected, sizeof expected, "in entity `T::\"x\"`: record uses reserved key `%s`",
                 keys[i]);
        assert_text(cedar_report_get(report, 0).message, expected);
        cedar_report_free(report);
        cedar_entities_unref(next);
    }
}

static bool has_expired(void *ctx) {
    return ++*(int *)ctx > 2;
}

/* An overlay that gives parents to all groups of the principal makes each `in` look at them. */
static void a_deadline_holds_with_an_overlay_that_changes_the_hierarchy(void **state) {
    const struct api *api = *state;
    enum { GROUPS = 4000, LINE = 100 };
    char *json = calloc(GROUPS, LINE);
    assert_non_null(json);
    char *end = json + sprintf(json, "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},"
                                     "\"attrs\":{},\"parents\":[");
    for (int i = 0; i < GROUPS; i++) {
        end += sprintf(end, "%s{\"type\":\"Group\",\"id\":\"g%d\"}", i == 0 ? "" : ",", i);
    }
    sprintf(end, "]}]");
    cedar_entities *entities;
    assert_int_equal(
        cedar_entities_parse_json(api->engine, text(json), NULL, NULL, &entities, NULL), CEDAR_OK);
    free(json);
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, entities, NULL, &overlay), CEDAR_OK);
    cedar_uid world = uid("Group", "world");
    for (int i = 0; i < GROUPS; i++) {
        char id[16];
        sprintf(id, "g%d", i);
        assert_int_equal(cedar_overlay_add_parents(overlay, uid("Group", id), &world, 1, NULL),
                         CEDAR_OK);
    }
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
    cedar_policies *policies =
        parse(api, "permit(principal, action, resource) when { principal in Group::\"a\" || "
                   "principal in [Group::\"b\", Group::\"c\", Group::\"d\"] };");
    int polls = 0;
    cedar_request question = request();
    question.overlay = overlay;
    question.is_expired = has_expired;
    question.expired_ctx = &polls;
    cedar_response response;
    assert_int_equal(cedar_authorize(policies, entities, &question, api->scratch, &response),
                     CEDAR_OK);
    assert_true(response.is_timeout);
    cedar_policies_unref(policies);
    cedar_entities_unref(entities);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(a_deadline_holds_with_an_overlay_that_changes_the_hierarchy),
        API_TEST(an_entity_is_shown_with_all_its_parts),
        API_TEST(reading_says_what_is_wrong),
        API_TEST(every_entity_is_told_once),
        API_TEST(json_is_sorted_and_plain),
        API_TEST(what_is_written_is_read_again),
        API_TEST(a_record_that_would_be_read_as_something_else_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
