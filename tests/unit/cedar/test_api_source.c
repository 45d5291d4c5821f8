/* SPDX-License-Identifier: Apache-2.0 */
/* Entities that the host finds while a request is answered. */
#include "api_unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = 24 };

/* What the host holds. */
struct row {
    cedar_uid uid;
    long n; /* an attribute, and a tag; negative: neither */
    size_t parent_count;
    cedar_uid parents[4];
};

struct host {
    const struct row *rows;
    size_t count;
    size_t asked;
    size_t asked_for[ROWS_MAX];
    cedar_uid failing; /* asked for it, the host has no answer */
    cedar_entity made[ROWS_MAX];
    size_t made_count;
};

static bool is_same(cedar_uid a, cedar_uid b) {
    return a.type.len == b.type.len && a.id.len == b.id.len &&
           memcmp(a.type.ptr, b.type.ptr, a.type.len) == 0 &&
           memcmp(a.id.ptr, b.id.ptr, a.id.len) == 0;
}

static const cedar_value *record_of(cedar_scratch *scratch, long n) {
    const cedar_value *number;
    const cedar_value *record;
    cedar_str name = text("n");
    assert_int_equal(cedar_value_long(scratch, n, &number), CEDAR_OK);
    assert_int_equal(cedar_value_record(scratch, &name, &number, 1, &record), CEDAR_OK);
    return record;
}

static cedar_entity entity_of(cedar_scratch *scratch, const struct row *row) {
    cedar_entity entity = {
        .uid = row->uid, .parents = row->parents, .parent_count = row->parent_count};
    if (row->n >= 0) {
        entity.attrs = record_of(scratch, row->n);
        entity.tags = entity.attrs;
    }
    return entity;
}

static cedar_status host_find(void *ctx, const cedar_uid *name, cedar_scratch *scratch,
                              const cedar_entity **ret_entity) {
    struct host *host = ctx;
    assert_null(*ret_entity);
    host->asked++;
    if (host->failing.type.ptr != NULL && is_same(host->failing, *name)) {
        return CEDAR_ERR_NOT_FOUND; /* of all errors the one that could be misunderstood */
    }
    cedar_scratch_reset(scratch); /* is not taken up while it is lent */
    for (size_t i = 0; i < host->count; i++) {
        if (is_same(host->rows[i].uid, *name)) {
            host->asked_for[i]++;
            cedar_entity *entity = &host->made[host->made_count++ % ROWS_MAX];
            *entity = entity_of(scratch, &host->rows[i]);
            *ret_entity = entity;
        }
    }
    return CEDAR_OK;
}

static cedar_entity_source source_of(struct host *host) {
    return (cedar_entity_source){.find = host_find, .ctx = host};
}

static cedar_response ask(const struct api *api, const cedar_policies *policies,
                          const cedar_entities *entities, cedar_request question,
                          cedar_status expected) {
    cedar_response response = {.decision = CEDAR_ALLOW, .reason_count = 9};
    assert_int_equal(cedar_authorize(policies, entities, &question, api->scratch, &response),
                     expected);
    if (expected != CEDAR_OK) {
        assert_int_equal(response.decision, CEDAR_DENY);
        assert_int_equal(response.reason_count, 0);
        assert_int_equal(response.error_count, 0);
    }
    return response;
}

/* alice is in staff, that in all, that in the world. */
#define PEOPLE                                                                                    \
    {.uid = uid("User", "alice"), .n = 3, .parent_count = 1, .parents = {uid("Group", "staff")}}, \
        {.uid = uid("Group", "staff"),                                                            \
         .n = -1,                                                                                 \
         .parent_count = 1,                                                                       \
         .parents = {uid("Group", "all")}},                                                       \
    {                                                                                             \
        .uid = uid("Group", "all"), .n = 5, .parent_count = 1, .parents = {                       \
            uid("Group", "world")                                                                 \
        }                                                                                         \
    }

static void the_host_is_asked_only_for_what_is_needed(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {PEOPLE};
    static const struct {
        const char *policy;
        size_t asked; /* principal, groups, resource, action */
        size_t group;
        cedar_decision decision;
    } cases[] = {
        {"permit(principal, action, resource);", 0, 0, CEDAR_ALLOW},
        {"permit(principal == User::\"alice\", action, resource is Photo);", 0, 0, CEDAR_ALLOW},
        {"permit(principal, action, resource) when { principal.n == 3 };", 1, 0, CEDAR_ALLOW},
        {"permit(principal, action, resource) when { principal.n == 3 && principal.getTag(\"n\") "
         "== 3 };",
         1, 0, CEDAR_ALLOW},
        {"permit(principal, action, resource) when { resource has n };", 1, 0, CEDAR_DENY},
        {"permit(principal in Group::\"world\", action, resource);", 4, 1, CEDAR_ALLOW},
        {"permit(principal, action, resource) when { principal in Group::\"world\" };", 4, 1,
         CEDAR_ALLOW},
        {"permit(principal, action, resource) when { principal in Group::\"none\" };", 4, 1,
         CEDAR_DENY},
        {"permit(principal, action, resource) when { resource in Group::\"none\" || resource in "
         "Group::\"no\" || principal in [Group::\"x\", Group::\"all\"] };",
         5, 1, CEDAR_ALLOW},
        {"permit(principal, action in Action::\"all\", resource);", 1, 0, CEDAR_DENY},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct host host = {.rows = rows, .count = LENGTH(rows)};
        cedar_entity_source source = source_of(&host);
        cedar_policies *policies = parse(api, cases[i].policy);
        cedar_request question = request();
        question.source = &source;
        cedar_response response = ask(api, policies, api->entities, question, CEDAR_OK);
        if (response.decision != cases[i].decision || host.asked != cases[i].asked ||
            host.asked_for[1] != cases[i].group) {
            fail_msg("%s: decision %d, asked %zu", cases[i].policy, response.decision, host.asked);
        }
        cedar_scratch_reset(api->scratch);
        cedar_policies_unref(policies);
    }
}

static void what_the_store_or_the_overlay_has_is_not_asked_for(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {PEOPLE};
    struct host host = {.rows = rows, .count = LENGTH(rows)};
    cedar_entity_source source = source_of(&host);
    cedar_policies *policies =
        parse(api, "permit(principal in Group::\"world\", action, resource) when { "
                   "principal.n == 7 };");
    /* the store has alice, in staff; the host knows what staff is in */
    struct row alice = rows[0];
    alice.n = 7;
    cedar_entity entity = entity_of(api->scratch, &alice);
    cedar_entities_update *update;
    cedar_entities *store;
    assert_int_equal(cedar_entities_update_new(api->entities, NULL, &update), CEDAR_OK);
    assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_OK);
    assert_int_equal(cedar_entities_update_publish(update, &store, NULL), CEDAR_OK);
    cedar_entities_update_free(update);
    cedar_request question = request();
    question.source = &source;
    assert_int_equal(ask(api, policies, store, question, CEDAR_OK).decision, CEDAR_ALLOW);
    assert_int_equal(host.asked_for[0], 0);
    assert_int_equal(host.asked_for[1], 1);

    /* the same with an overlay */
    cedar_overlay *overlay;
    assert_int_equal(cedar_overlay_new(api->scratch, api->entities, NULL, &overlay), CEDAR_OK);
    assert_int_equal(cedar_overlay_add(overlay, &entity, NULL), CEDAR_OK);
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
    question.overlay = overlay;
    assert_int_equal(ask(api, policies, api->entities, question, CEDAR_OK).decision, CEDAR_ALLOW);
    assert_int_equal(host.asked_for[0], 0);
    assert_int_equal(host.asked_for[1], 2);

    /* a group of the overlay lies below one that the host has */
    assert_int_equal(cedar_overlay_new(api->scratch, api->entities, NULL, &overlay), CEDAR_OK);
    cedar_uid mine = uid("Group", "mine");
    cedar_uid staff = uid("Group", "staff");
    assert_int_equal(cedar_overlay_add_parents(overlay, mine, &staff, 1, NULL), CEDAR_OK);
    entity.parents = &mine;
    assert_int_equal(cedar_overlay_add(overlay, &entity, NULL), CEDAR_OK);
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
    question.overlay = overlay;
    assert_int_equal(ask(api, policies, api->entities, question, CEDAR_OK).decision, CEDAR_ALLOW);
    cedar_entities_unref(store);
    cedar_policies_unref(policies);
}

static void an_error_of_the_host_is_a_deny_and_no_absence(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {PEOPLE};
    static const char *const policies_texts[] = {
        "permit(principal, action, resource); forbid(principal, action, resource) when { principal "
        "has n && principal in Group::\"x\" };",
        "permit(principal, action, resource) unless { principal in Group::\"x\" };",
        "permit(principal, action, resource); forbid(principal in Group::\"x\", action, resource);",
        "permit(principal, action, resource) when { !(resource has n) || principal.n == 1 || "
        "Group::\"all\" has n };",
    };
    static const struct {
        const char *type;
        const char *id;
    } failing[] = {{"User", "alice"}, {"Group", "all"}};
    for (size_t i = 0; i < LENGTH(policies_texts); i++) {
        for (size_t k = i == 3; k < LENGTH(failing); k++) {
            struct host host = {.rows = rows, .count = LENGTH(rows)};
            cedar_entity_source source = source_of(&host);
            cedar_policies *policies = parse(api, policies_texts[i]);
            cedar_request question = request();
            question.source = &source;
            question.resource = uid("User", "alice");
            host.failing = uid(failing[k].type, failing[k].id);
            size_t before = host.asked;
            ask(api, policies, api->entities, question, CEDAR_ERR_NOT_FOUND);
            assert_true(host.asked > before);
            host.failing = (cedar_uid){{NULL, 0}, {NULL, 0}};
            assert_int_equal(ask(api, policies, api->entities, question, CEDAR_OK).decision,
                             CEDAR_ALLOW);
            cedar_policies_unref(policies);
        }
    }
}

static void a_hierarchy_with_a_cycle_is_refused(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {
        {.uid = uid("User", "alice"), .n = 1, .parent_count = 1, .parents = {uid("G", "a")}},
        {.uid = uid("G", "a"), .n = 1, .parent_count = 1, .parents = {uid("G", "b")}},
        {.uid = uid("G", "b"), .n = 1, .parent_count = 1, .parents = {uid("G", "c")}},
        {.uid = uid("G", "c"), .n = 1, .parent_count = 1, .parents = {uid("G", "b")}},
        {.uid = uid("User", "self"), .n = 1, .parent_count = 1, .parents = {uid("User", "self")}},
    };
    struct host host = {.rows = rows, .count = LENGTH(rows)};
    cedar_entity_source source = source_of(&host);
    cedar_policies *policies =
        parse(api, "permit(principal, action, resource) when { !(principal in G::\"x\") };");
    cedar_request question = request();
    question.source = &source;
    ask(api, policies, api->entities, question, CEDAR_ERR_SYNTAX);
    question.principal = uid("User", "self");
    ask(api, policies, api->entities, question, CEDAR_ERR_SYNTAX);
    question.principal = uid("User", "nobody");
    assert_int_equal(ask(api, policies, api->entities, question, CEDAR_OK).decision, CEDAR_ALLOW);
    cedar_policies_unref(policies);
}

/* Each group is in the next, without end. */
static cedar_status endless_find(void *ctx, const cedar_uid *name, cedar_scratch *scratch,
                                 const cedar_entity **ret_entity) {
    UNUSED(scratch);
    struct endless {
        int asked;
        char ids[1100][8];
        cedar_uid parents[1100];
        cedar_entity entities[1100];
    } *e = ctx;
    assert_true(e->asked < 1100);
    int i = e->asked++;
    snprintf(e->ids[i], sizeof e->ids[i], "%d", i);
    e->parents[i] = uid("G", e->ids[i]);
    e->entities[i] = (cedar_entity){.uid = *name, .parents = &e->parents[i], .parent_count = 1};
    *ret_entity = &e->entities[i];
    return CEDAR_OK;
}

static void there_is_a_limit(void **state) {
    const struct api *api = *state;
    cedar_policies *policies = parse(api, "permit(principal in G::\"x\", action, resource);");
    cedar_request question = request();
    static const uint32_t limits[] = {0, 1, 7};
    for (size_t i = 0; i < LENGTH(limits); i++) {
        void *endless = calloc(1, 1 << 20);
        cedar_entity_source source = {endless_find, endless, limits[i]};
        question.source = &source;
        ask(api, policies, api->entities, question, CEDAR_ERR_LIMIT);
        assert_int_equal(*(int *)endless, limits[i] == 0 ? 1000 : (int)limits[i]);
        free(endless);
    }
    cedar_policies_unref(policies);
}

static cedar_status bad_find(void *ctx, const cedar_uid *name, cedar_scratch *scratch,
                             const cedar_entity **ret_entity) {
    UNUSED(name);
    UNUSED(scratch);
    *ret_entity = ctx;
    return CEDAR_OK;
}

static void a_malformed_entity_is_refused(void **state) {
    const struct api *api = *state;
    cedar_config config = {.hash_key = {7, 8}};
    cedar_engine *other;
    cedar_scratch *foreign;
    const cedar_value *number;
    assert_int_equal(cedar_engine_new(&config, &other), CEDAR_OK);
    assert_int_equal(cedar_scratch_new(other, 0, &foreign), CEDAR_OK);
    assert_int_equal(cedar_value_long(api->scratch, 1, &number), CEDAR_OK);
    const cedar_uid bad_name = uid("not a name", "x");
    const cedar_uid group = uid("G", "g");
    struct {
        cedar_entity entity;
        cedar_status status;
    } rows[] = {
        {{.uid = uid("User", "bob")}, CEDAR_ERR_MISUSE},
        {{.uid = uid("User", "alice"), .attrs = number}, CEDAR_ERR_MISUSE},
        {{.uid = uid("User", "alice"), .tags = record_of(foreign, 1)}, CEDAR_ERR_MISUSE},
        {{.uid = uid("User", "alice"), .parent_count = 1}, CEDAR_ERR_MISUSE},
        {{.uid = uid("User", "alice"), .parents = &bad_name, .parent_count = 1}, CEDAR_ERR_SYNTAX},
        {{.uid = uid("User", "alice"), .parents = &group, .parent_count = 1}, CEDAR_OK},
    };
    cedar_policies *policies =
        parse(api, "permit(principal, action, resource) unless { principal has n };");
    cedar_request question = request();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        cedar_entity_source source = {bad_find, &rows[i].entity, 0};
        question.source = &source;
        ask(api, policies, api->entities, question, rows[i].status);
    }
    cedar_entity action = {.uid = question.action, .parents = &group, .parent_count = 1};
    cedar_entity_source source = {bad_find, &action, 0};
    question.source = &source;
    cedar_policies *by_action =
        parse(api, "permit(principal, action, resource) when { action has n };");
    ask(api, by_action, api->entities, question, CEDAR_ERR_SYNTAX); /* actions are in actions */
    source.find = NULL;
    ask(api, policies, api->entities, question, CEDAR_ERR_MISUSE);
    cedar_policies_unref(by_action);
    cedar_policies_unref(policies);
    cedar_scratch_free(foreign);
    cedar_engine_unref(other);
}

static bool is_over(void *ctx) {
    struct host *host = ctx;
    return host->asked > 0;
}

static void a_slow_host_runs_into_the_deadline(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {PEOPLE};
    static const char *const texts[] = {
        "permit(principal in Group::\"world\", action, resource);",
        "permit(principal, action, resource) when { principal has n };",
        "permit(principal in Group::\"none\", action, resource);",
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct host host = {.rows = rows, .count = LENGTH(rows)};
        cedar_entity_source source = source_of(&host);
        cedar_policies *policies = parse(api, texts[i]);
        cedar_request question = request();
        question.source = &source;
        question.is_expired = is_over;
        question.expired_ctx = &host;
        cedar_response response = ask(api, policies, api->entities, question, CEDAR_OK);
        assert_int_equal(response.decision, CEDAR_DENY);
        assert_true(response.is_timeout);
        assert_int_equal(response.reason_count, 0);
        assert_int_equal(host.asked, 1);
        host.asked = 0;
        const cedar_value *value;
        assert_int_equal(cedar_evaluate(api->scratch, text("principal has n"), api->entities,
                                        &question, &value, NULL),
                         CEDAR_ERR_EVALUATION);
        cedar_policies_unref(policies);
    }
}

static void expressions_and_explanations_ask_too(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {PEOPLE};
    struct host host = {.rows = rows, .count = LENGTH(rows)};
    cedar_entity_source source = source_of(&host);
    cedar_request question = request();
    question.source = &source;
    const cedar_value *value = NULL;
    cedar_str printed;
    assert_int_equal(
        cedar_evaluate(api->scratch,
                       text("[principal.n, principal in Group::\"world\", Group::\"all\".n]"),
                       api->entities, &question, &value, NULL),
        CEDAR_OK);
    assert_int_equal(cedar_value_format(api->scratch, value, &printed), CEDAR_OK);
    assert_text(printed, "[true, 3, 5]");
    assert_int_equal(host.asked, 4);
    host.failing = uid("Group", "all");
    cedar_report *report = NULL;
    assert_int_equal(cedar_evaluate(api->scratch, text("principal in Group::\"world\""),
                                    api->entities, &question, &value, &report),
                     CEDAR_ERR_NOT_FOUND);
    cedar_report_free(report);
    const cedar_explanation *explanation = NULL;
    cedar_policies *policies =
        parse(api, "permit(principal in Group::\"world\", action, resource);");
    assert_int_equal(
        cedar_explain(policies, api->entities, &question, api->scratch, NULL, &explanation),
        CEDAR_ERR_NOT_FOUND);
    assert_null(explanation);
    host.failing = (cedar_uid){{NULL, 0}, {NULL, 0}};
    host.asked = 0;
    assert_int_equal(
        cedar_explain(policies, api->entities, &question, api->scratch, NULL, &explanation),
        CEDAR_OK);
    assert_int_equal(explanation->response.decision, CEDAR_ALLOW);
    assert_int_equal(explanation->entities[0].ancestor_count, 3);
    assert_true(host.asked <= 6); /* both, the action, the groups: once each */
    cedar_policies_unref(policies);
}

/* ---- the same answers as from a store that holds everything ---- */

static uint32_t random_state;

static uint32_t below(uint32_t limit) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static const char random_policies[] =
    "permit(principal in G::\"7\", action, resource);"
    "permit(principal, action, resource in G::\"9\") when { principal.n < 5 };"
    "forbid(principal in G::\"8\", action, resource in G::\"8\");"
    "permit(principal, action, resource) when { principal in [G::\"3\", G::\"5\"] && "
    "G::\"4\" in resource };"
    "permit(principal, action, resource) when { G::\"2\".n == principal.getTag(\"n\") };"
    "forbid(principal, action, resource) when { resource.hasTag(\"n\") && G::\"5\" in G::\"6\" };"
    "permit(principal, action, resource) when { principal has n && !(resource has n) };";

enum { PLACES = 4 }; /* nowhere, store, overlay, host */

static void make_rows(struct row *rows, size_t count, char (*ids)[4]) {
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", i);
        rows[i] = (struct row){.uid = uid("G", ids[i]), .n = (long)below(9) - 2};
    }
    for (size_t i = 0; i + 1 < count; i++) {
        rows[i].parent_count = below(4);
        for (size_t k = 0; k < rows[i].parent_count; k++) {
            rows[i].parents[k] = rows[i + 1 + below((uint32_t)(count - i - 1))].uid;
        }
    }
}

static cedar_entities *store_of(const struct api *api, const struct row *rows, size_t count,
                                const unsigned *places, unsigned first, unsigned last) {
    cedar_entities_update *update;
    cedar_entities *store = NULL;
    assert_int_equal(cedar_entities_update_new(api->entities, NULL, &update), CEDAR_OK);
    for (size_t i = 0; i < count; i++) {
        if (places[i] >= first && places[i] <= last) {
            cedar_entity entity = entity_of(api->scratch, &rows[i]);
            assert_int_equal(cedar_entities_update_upsert(update, &entity, NULL), CEDAR_OK);
        }
    }
    assert_int_equal(cedar_entities_update_publish(update, &store, NULL), CEDAR_OK);
    cedar_entities_update_free(update);
    return store;
}

static void expect_same(const cedar_response *left, const cedar_response *right) {
    assert_int_equal(left->decision, right->decision);
    assert_int_equal(left->reason_count, right->reason_count);
    for (size_t i = 0; i < left->reason_count; i++) {
        assert_memory_equal(left->reasons[i].ptr, right->reasons[i].ptr, right->reasons[i].len);
    }
    assert_int_equal(left->error_count, right->error_count);
    for (size_t i = 0; i < left->error_count; i++) {
        assert_int_equal(left->errors[i].message.len, right->errors[i].message.len);
        assert_memory_equal(left->errors[i].message.ptr, right->errors[i].message.ptr,
                            right->errors[i].message.len);
    }
}

static void answers_are_those_of_a_store_that_has_it_all(void **state) {
    const struct api *api = *state;
    enum { COUNT = 12, ROUNDS = 400 };
    cedar_policies *policies = parse(api, random_policies);
    size_t allowed = 0;
    random_state = 1;
    for (int round = 0; round < ROUNDS; round++) {
        struct row rows[COUNT];
        char ids[COUNT][4];
        unsigned places[COUNT];
        make_rows(rows, COUNT, ids);
        struct row found[COUNT];
        struct host host = {.rows = found};
        for (size_t i = 0; i < COUNT; i++) {
            places[i] = below(8) == 0 ? 0 : 1 + below(PLACES - 1);
            if (places[i] == 3) {
                found[host.count++] = rows[i];
            }
        }
        cedar_entities *all = store_of(api, rows, COUNT, places, 1, 3);
        cedar_entities *some = store_of(api, rows, COUNT, places, 1, 1);
        cedar_overlay *overlay;
        assert_int_equal(cedar_overlay_new(api->scratch, some, NULL, &overlay), CEDAR_OK);
        for (size_t i = 0; i < COUNT; i++) {
            if (places[i] == 2) {
                cedar_entity entity = entity_of(api->scratch, &rows[i]);
                assert_int_equal(cedar_overlay_add(overlay, &entity, NULL), CEDAR_OK);
            }
        }
        assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
        for (int i = 0; i < 8; i++) {
            cedar_entity_source source = source_of(&host);
            cedar_request question = {.principal = rows[below(COUNT)].uid,
                                      .action = uid("Action", "view"),
                                      .resource = rows[below(COUNT)].uid};
            cedar_response expected = ask(api, policies, all, question, CEDAR_OK);
            question.overlay = overlay;
            question.source = &source;
            memset(host.asked_for, 0, sizeof host.asked_for);
            cedar_response response = ask(api, policies, some, question, CEDAR_OK);
            expect_same(&response, &expected);
            allowed += response.decision == CEDAR_ALLOW;
            for (size_t k = 0; k < host.count; k++) {
                assert_true(host.asked_for[k] <= 1);
            }
        }
        cedar_scratch_reset(api->scratch);
        cedar_entities_unref(all);
        cedar_entities_unref(some);
    }
    assert_true(allowed > ROUNDS && allowed < ROUNDS * 7);
    cedar_policies_unref(policies);
}

/* A set of two segments; only the second one has scopes that ask for the hierarchy, and conditions
 * of the first look for the principal before. */
static void scopes_see_the_hierarchy_whatever_was_asked_before(void **state) {
    const struct api *api = *state;
    const struct row rows[] = {PEOPLE};
    static const char *const conditions[] = {
        "principal.n == 3",
        "principal has n && !(principal in Group::\"none\")",
    };
    for (size_t i = 0; i < LENGTH(conditions); i++) {
        enum { MANY = 64 }; /* more than the second segment has, or both become one */
        cedar_policies_builder *builder;
        cedar_policies *many;
        cedar_policies *both;
        char policy[128];
        assert_int_equal(cedar_policies_builder_new(api->engine, 0, &builder), CEDAR_OK);
        snprintf(policy, sizeof policy, "permit(principal, action, resource) when { %s };",
                 conditions[i]);
        for (int k = 0; k < MANY; k++) {
            char prefix[16];
            snprintf(prefix, sizeof prefix, "%d#", k);
            assert_int_equal(cedar_policies_builder_add(builder, text(policy), NULL, prefix),
                             CEDAR_OK);
        }
        assert_int_equal(cedar_policies_builder_build(builder, &many, NULL), CEDAR_OK);
        cedar_policies_builder_free(builder);
        cedar_policies *few =
            parse(api, "forbid(principal in Group::\"world\", action, resource);");
        assert_int_equal(cedar_policies_merge(many, few, &both, NULL), CEDAR_OK);
        struct host host = {.rows = rows, .count = LENGTH(rows)};
        cedar_entity_source source = source_of(&host);
        cedar_request question = request();
        question.source = &source;
        cedar_response response = ask(api, both, api->entities, question, CEDAR_OK);
        assert_int_equal(response.decision, CEDAR_DENY);
        assert_int_equal(response.reason_count, 1);
        assert_text(response.reasons[0], "policy0");
        cedar_policies_unref(both);
        cedar_policies_unref(few);
        cedar_policies_unref(many);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(scopes_see_the_hierarchy_whatever_was_asked_before),
        API_TEST(the_host_is_asked_only_for_what_is_needed),
        API_TEST(what_the_store_or_the_overlay_has_is_not_asked_for),
        API_TEST(an_error_of_the_host_is_a_deny_and_no_absence),
        API_TEST(a_hierarchy_with_a_cycle_is_refused),
        API_TEST(there_is_a_limit),
        API_TEST(a_malformed_entity_is_refused),
        API_TEST(a_slow_host_runs_into_the_deadline),
        API_TEST(expressions_and_explanations_ask_too),
        API_TEST(answers_are_those_of_a_store_that_has_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
