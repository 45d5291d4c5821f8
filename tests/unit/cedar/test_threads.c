/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads, one policy set, schema and store: every thread asks, explains, validates, lints,
 * formats and translates with a scratch of its own, while one makes new versions and lets go of
 * the old ones. Worth most under ThreadSanitizer: ./ironwood test --thread
 *
 * cmocka's assertions belong to the main thread; the others count what is wrong.
 */
#include "api_unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { READERS = 4, ROUNDS = 100, VERSIONS = 240, NAME_MAX_BYTES = 32 };

static const char schema_text[] =
    "entity Group in [Group]; entity User in [Group] = {level: Long, boss?: User};"
    "entity Photo = {owner: User, size: Long, seen: datetime};"
    "action read; action view in [read] appliesTo {principal: User, resource: Photo,"
    " context: {ip: ipaddr}};";

static const char policies_text[] =
    "@id(\"owner\") permit(principal, action == Action::\"view\", resource)"
    " when { resource.owner == principal };"
    "@id(\"group\") permit(principal in Group::\"g\", action in [Action::\"read\"], resource is "
    "Photo) when { context.ip.isInRange(ip(\"10.0.0.0/8\")) && principal.level + 1 > 1 };"
    "@id(\"fails\") forbid(principal, action, resource)"
    " when { principal.level * 9223372036854775807 > 1 };"
    "@id(\"t\") permit(principal == ?principal, action, resource)"
    " unless { [1, 2].contains(resource.size) && \"abc\" like \"a*\" };";

static const char entities_json[] =
    "[{\"uid\":{\"type\":\"Photo\",\"id\":\"p\"},\"attrs\":{\"size\":3,\"seen\":\"2026-01-01\","
    "\"owner\":{\"type\":\"User\",\"id\":\"bob\"}},\"parents\":[]},"
    "{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"level\":5},"
    "\"parents\":[{\"type\":\"Group\",\"id\":\"g0\"}]},"
    "{\"uid\":{\"type\":\"Group\",\"id\":\"g0\"},\"attrs\":{},"
    "\"parents\":[{\"type\":\"Group\",\"id\":\"g\"}]},"
    "{\"uid\":{\"type\":\"Group\",\"id\":\"g\"},\"attrs\":{},\"parents\":[]}]";

struct shared {
    cedar_engine *engine;
    cedar_schema *schema;
    pthread_mutex_t mutex; /* guards the two pointers below, not what they point to */
    cedar_policies *policies;
    cedar_entities *entities;
    atomic_bool is_over; /* the writer has published its last version */
    atomic_uint wrong;
};

static struct shared shared;

#define EXPECT(condition)                                                          \
    do {                                                                           \
        if (!(condition)) {                                                        \
            atomic_fetch_add(&shared.wrong, 1);                                    \
            fprintf(stderr, "%s:%d: wrong: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                          \
    } while (0)

/* A version to look at, which may be the last reference to it before long. */
struct view {
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_scratch *scratch;
    cedar_request request;
};

static void look(struct view *view) {
    pthread_mutex_lock(&shared.mutex);
    view->policies = cedar_policies_ref(shared.policies);
    view->entities = cedar_entities_ref(shared.entities);
    pthread_mutex_unlock(&shared.mutex);
    view->request = request();
    EXPECT(cedar_context_parse_json(view->scratch, text("{\"ip\":\"10.1.2.3\"}"), shared.schema,
                                    &view->request.action, &view->request.context,
                                    NULL) == CEDAR_OK);
}

static void look_away(struct view *view) {
    cedar_policies_unref(view->policies);
    cedar_entities_unref(view->entities);
    cedar_scratch_reset(view->scratch);
}

static void decide(struct view *view) {
    cedar_response response;
    const cedar_explanation *why = NULL;
    const cedar_value *value = NULL;
    EXPECT(cedar_authorize(view->policies, view->entities, &view->request, view->scratch,
                           &response) == CEDAR_OK);
    EXPECT(response.decision == CEDAR_ALLOW && response.error_count == 1);
    cedar_explain_options options = {.filter = CEDAR_EXPLAIN_ALL};
    EXPECT(cedar_explain(view->policies, view->entities, &view->request, view->scratch, &options,
                         &why) == CEDAR_OK);
    EXPECT(why != NULL && why->response.reason_count == response.reason_count &&
           why->entities[0].ancestor_count == 2);
    EXPECT(cedar_evaluate(view->scratch,
                          text("principal in Group::\"g\" && datetime(\"2026-01-02\") > "
                               "resource.seen"),
                          view->entities, &view->request, &value, NULL) == CEDAR_OK);
    EXPECT(cedar_request_validate(view->scratch, shared.schema, &view->request, NULL) == CEDAR_OK);
}

static void decide_with_overlay(struct view *view) {
    cedar_overlay *overlay = NULL;
    cedar_response response;
    cedar_uid parent = uid("Group", "more");
    if (cedar_overlay_new(view->scratch, view->entities, shared.schema, &overlay) != CEDAR_OK) {
        EXPECT(false);
        return;
    }
    EXPECT(cedar_overlay_add_parents(overlay, view->request.principal, &parent, 1, NULL) ==
           CEDAR_OK);
    EXPECT(cedar_overlay_finish(overlay, NULL) == CEDAR_OK);
    view->request.overlay = overlay;
    EXPECT(cedar_authorize(view->policies, view->entities, &view->request, view->scratch,
                           &response) == CEDAR_OK);
    EXPECT(response.decision == CEDAR_ALLOW);
    view->request.overlay = NULL;
}

static void check(const struct view *view) {
    cedar_report *report = NULL;
    cedar_lint_cost cost;
    cedar_lint_options lint = {.schema = shared.schema};
    EXPECT(cedar_validate(view->policies, shared.schema, NULL, &report) == CEDAR_OK);
    cedar_report_free(report);
    report = NULL;
    EXPECT(cedar_lint(view->policies, &lint, &cost, &report) == CEDAR_OK);
    EXPECT(cost.request > 0);
    cedar_report_free(report);
}

static void write_forms(const struct view *view) {
    cedar_str out;
    cedar_policies *again = NULL;
    EXPECT(cedar_policies_to_json(view->scratch, view->policies, &out) == CEDAR_OK);
    EXPECT(cedar_policies_parse_json(shared.engine, out, "again", &again, NULL) == CEDAR_OK);
    EXPECT(again == NULL || cedar_policies_count(again) == cedar_policies_count(view->policies));
    cedar_policies_unref(again);
    EXPECT(cedar_policy_to_text(view->scratch, view->policies, 0, &out) == CEDAR_OK);
    EXPECT(cedar_policies_format(view->scratch, text(policies_text), "f", NULL, &out, NULL) ==
           CEDAR_OK);
    EXPECT(cedar_schema_translate(view->scratch, text(schema_text), CEDAR_FORMAT_CEDAR, "s",
                                  CEDAR_FORMAT_JSON, &out, NULL) == CEDAR_OK);
    EXPECT(cedar_schema_to_text(view->scratch, shared.schema, &out, NULL) == CEDAR_OK);
    EXPECT(cedar_schema_to_json_resolved(view->scratch, shared.schema, &out) == CEDAR_OK);
}

static void read_store(const struct view *view) {
    cedar_str json;
    const cedar_uid *ancestors;
    size_t count = 0;
    bool is_in = false;
    cedar_uid alice = view->request.principal;
    EXPECT(cedar_entities_ancestors(view->scratch, view->entities, alice, &ancestors, &count) ==
           CEDAR_OK);
    EXPECT(count == 2);
    EXPECT(cedar_entities_is_in(view->entities, alice, uid("Group", "g"), &is_in) == CEDAR_OK);
    EXPECT(is_in);
    EXPECT(cedar_entities_to_json(view->scratch, view->entities, &json, NULL) == CEDAR_OK);
}

/* What is wrong is told to every thread that made it. */
static void make_mistakes(const struct view *view) {
    cedar_report *report = NULL;
    cedar_policies *policies = NULL;
    const cedar_value *value;
    EXPECT(cedar_policies_parse(shared.engine, text("permit(principal"), "bad", &policies,
                                &report) == CEDAR_ERR_SYNTAX);
    EXPECT(cedar_report_count(report) == 1);
    cedar_report_free(report);
    report = NULL;
    EXPECT(cedar_evaluate(view->scratch, text("1 + \"a\""), view->entities, &view->request, &value,
                          &report) == CEDAR_ERR_EVALUATION);
    EXPECT(cedar_report_count(report) == 1);
    cedar_report_free(report);
}

static void *read_all_the_time(void *arg) {
    unsigned turn = (unsigned)(uintptr_t)arg; /* not all do the same at the same time */
    cedar_engine *engine = cedar_engine_ref(shared.engine);
    cedar_schema *schema = cedar_schema_ref(shared.schema);
    struct view view = {.scratch = NULL};
    EXPECT(cedar_scratch_new(engine, 0, &view.scratch) == CEDAR_OK);
    /* until the writer is done, so that the old versions die here, too */
    for (unsigned i = 0; i < ROUNDS || !atomic_load(&shared.is_over); i++, turn++) {
        look(&view);
        decide(&view);
        switch (turn % 4) {
        case 0:
            check(&view);
            break;
        case 1:
            write_forms(&view);
            break;
        case 2:
            make_mistakes(&view);
            break;
        default:
            decide_with_overlay(&view);
            read_store(&view);
            break;
        }
        look_away(&view);
    }
    cedar_scratch_free(view.scratch);
    cedar_schema_unref(schema);
    cedar_engine_unref(engine);
    return NULL;
}

static void publish_policies(cedar_policies *take_policies) {
    if (take_policies == NULL) {
        return;
    }
    pthread_mutex_lock(&shared.mutex);
    cedar_policies *old = shared.policies;
    shared.policies = take_policies;
    pthread_mutex_unlock(&shared.mutex);
    cedar_policies_unref(old);
}

static void publish_entities(cedar_entities *take_entities) {
    if (take_entities == NULL) {
        return;
    }
    pthread_mutex_lock(&shared.mutex);
    cedar_entities *old = shared.entities;
    shared.entities = take_entities;
    pthread_mutex_unlock(&shared.mutex);
    cedar_entities_unref(old);
}

/* One set with a policy that no other has. */
static cedar_policies *one_policy(unsigned version) {
    char policy[96];
    cedar_policies_builder *builder = NULL;
    cedar_policies *policies = NULL;
    snprintf(policy, sizeof policy, "@id(\"m%u\") permit(principal == User::\"u%u\", action, %s",
             version, version, "resource);");
    EXPECT(cedar_policies_builder_new(shared.engine, CEDAR_IDS_FROM_ANNOTATION, &builder) ==
           CEDAR_OK);
    EXPECT(cedar_policies_builder_add(builder, text(policy), "more", NULL) == CEDAR_OK);
    EXPECT(cedar_policies_builder_build(builder, &policies, NULL) == CEDAR_OK);
    cedar_policies_builder_free(builder);
    return policies;
}

/* Links a little, merges a little, and now and then takes away what it had added. */
static cedar_policies *next_policies(unsigned version) {
    cedar_policies *next = NULL;
    char id[NAME_MAX_BYTES];
    if (version % 3 == 0) {
        snprintf(id, sizeof id, "link%u", version);
        cedar_slot_value slot = {text("?principal"), uid("User", id)};
        EXPECT(cedar_policies_link(shared.policies, text("t"), text(id), &slot, 1, &next, NULL) ==
               CEDAR_OK);
    } else if (version % 3 == 1) {
        cedar_policies *more = one_policy(version);
        EXPECT(cedar_policies_merge(shared.policies, more, &next, NULL) == CEDAR_OK);
        cedar_policies_unref(more);
    } else {
        snprintf(id, sizeof id, version % 2 == 0 ? "link%u" : "m%u", version - 1 - !(version % 2));
        EXPECT(cedar_policies_remove(shared.policies, text(id), &next, NULL) == CEDAR_OK);
    }
    return next;
}

static cedar_entities *fresh_entities(void) {
    cedar_entities *next = NULL;
    EXPECT(cedar_entities_parse_json(shared.engine, text(entities_json), shared.schema, "e", &next,
                                     NULL) == CEDAR_OK);
    return next;
}

/* Alice again, a user who comes and another who goes. */
static cedar_entities *changed_entities(unsigned version) {
    cedar_entities_update *update = NULL;
    cedar_entities *next = NULL;
    char json[256], id[NAME_MAX_BYTES];
    snprintf(json, sizeof json,
             "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"level\":%u},\"parents\":"
             "[{\"type\":\"Group\",\"id\":\"g0\"}]},{\"uid\":{\"type\":\"User\",\"id\":\"u%u\"},"
             "\"attrs\":{\"level\":1},\"parents\":[]}]",
             version + 1, version);
    snprintf(id, sizeof id, "u%u", version - 2);
    EXPECT(cedar_entities_update_new(shared.entities, shared.schema, &update) == CEDAR_OK);
    EXPECT(cedar_entities_update_upsert_json(update, text(json), "u", NULL) == CEDAR_OK);
    EXPECT(cedar_entities_update_delete(update, uid("User", id)) == CEDAR_OK);
    EXPECT(cedar_entities_update_publish(update, &next, NULL) == CEDAR_OK);
    cedar_entities_update_free(update);
    return next;
}

static void *write_versions(void *arg) {
    UNUSED(arg);
    /* Nobody else writes the pointers, so that reading them needs no lock here. */
    for (unsigned version = 0; version < VERSIONS; version++) {
        publish_policies(next_policies(version));
        publish_entities(version % 40 == 0 ? fresh_entities() : changed_entities(version));
    }
    atomic_store(&shared.is_over, true);
    return NULL;
}

static cedar_policies *first_policies(void) {
    cedar_policies_builder *builder;
    cedar_policies *policies = NULL;
    assert_int_equal(cedar_policies_builder_new(shared.engine, CEDAR_IDS_FROM_ANNOTATION, &builder),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder, text(policies_text), "p", NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &policies, NULL), CEDAR_OK);
    cedar_policies_builder_free(builder);
    return policies;
}

static void readers_and_a_writer_share_everything_but_a_scratch(void **state) {
    UNUSED(state);
    pthread_t readers[READERS], writer;
    assert_int_equal(pthread_mutex_init(&shared.mutex, NULL), 0);
    assert_int_equal(cedar_engine_new(NULL, &shared.engine), CEDAR_OK);
    assert_int_equal(cedar_schema_parse(shared.engine, text(schema_text), CEDAR_FORMAT_CEDAR, "s",
                                        &shared.schema, NULL),
                     CEDAR_OK);
    shared.policies = first_policies();
    shared.entities = fresh_entities();
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_all_the_time, (void *)(uintptr_t)i),
                         0);
    }
    assert_int_equal(pthread_create(&writer, NULL, write_versions, NULL), 0);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    pthread_join(writer, NULL);
    assert_int_equal(shared.wrong, 0);
    /* of three versions one adds a link, one a policy, and one takes away one of the two */
    assert_int_equal(cedar_policies_count(shared.policies), 4 + VERSIONS / 3);
    cedar_policies_unref(shared.policies);
    cedar_entities_unref(shared.entities);
    cedar_schema_unref(shared.schema);
    cedar_engine_unref(shared.engine);
    pthread_mutex_destroy(&shared.mutex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_and_a_writer_share_everything_but_a_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
