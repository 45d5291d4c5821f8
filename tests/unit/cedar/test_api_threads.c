/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads at once: readers decide with whatever version of the store is current, a writer
 * publishes new ones, and what is not in the store is found by a source that all share. Meant for
 * the thread sanitizer, but the answers are checked too.
 */
#include "api_unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { READERS = 4, VERSIONS = 300, USERS = 40 };

struct shared {
    cedar_engine *engine;
    cedar_policies *policies;
    pthread_mutex_t lock;
    cedar_entities *current; /* under the lock */
    atomic_bool is_over;
    atomic_size_t asked;
    atomic_size_t wrong;
    atomic_size_t decisions;
};

static cedar_entities *take_current(struct shared *s) {
    pthread_mutex_lock(&s->lock);
    cedar_entities *current = cedar_entities_ref(s->current);
    pthread_mutex_unlock(&s->lock);
    return current;
}

/* Groups are elsewhere: every one is in "all". */
static cedar_status find(void *ctx, const cedar_uid *name, cedar_scratch *scratch,
                         const cedar_entity **ret_entity) {
    static const cedar_uid all = {{"Group", 5}, {"all", 3}};
    static const cedar_entity groups[2] = {
        {.uid = {{"Group", 5}, {"g0", 2}}, .parents = &all, .parent_count = 1},
        {.uid = {{"Group", 5}, {"g1", 2}}, .parents = &all, .parent_count = 1},
    };
    struct shared *s = ctx;
    UNUSED(scratch);
    atomic_fetch_add(&s->asked, 1);
    if (name->type.len != 5 || name->id.ptr[0] != 'g') {
        return CEDAR_OK;
    }
    *ret_entity = &groups[name->id.ptr[1] - '0'];
    return CEDAR_OK;
}

static void *read_often(void *ctx) {
    struct shared *s = ctx;
    cedar_scratch *scratch;
    cedar_entity_source source = {find, s, 0};
    if (cedar_scratch_new(s->engine, 0, &scratch) != CEDAR_OK) {
        atomic_fetch_add(&s->wrong, 1);
        return NULL;
    }
    unsigned user = 0;
    while (!atomic_load(&s->is_over)) {
        cedar_entities *entities = take_current(s);
        char id[8];
        snprintf(id, sizeof id, "%u", user++ % USERS);
        cedar_request question = {.principal = uid("User", id),
                                  .action = uid("Action", "view"),
                                  .resource = uid("Photo", "p"),
                                  .source = &source};
        cedar_response response;
        cedar_entity entity;
        bool is_right =
            cedar_authorize(s->policies, entities, &question, scratch, &response) == CEDAR_OK &&
            response.error_count == 0 && response.decision == CEDAR_ALLOW &&
            cedar_entities_get(scratch, entities, question.principal, &entity) == CEDAR_OK &&
            entity.parent_count == 1;
        atomic_fetch_add(&s->wrong, !is_right);
        atomic_fetch_add(&s->decisions, 1);
        cedar_scratch_reset(scratch);
        cedar_entities_unref(entities);
    }
    cedar_scratch_free(scratch);
    return NULL;
}

/* Every user has a number and is in g0 or g1, in every version. */
static cedar_status put_user(cedar_entities_update *update, cedar_scratch *scratch, unsigned user,
                             unsigned number) {
    char id[8];
    const cedar_value *value;
    cedar_str name = text("n");
    cedar_uid group = uid("Group", number % 2 == 0 ? "g0" : "g1");
    snprintf(id, sizeof id, "%u", user);
    cedar_entity entity = {.uid = uid("User", id), .parents = &group, .parent_count = 1};
    cedar_status status = cedar_value_long(scratch, (int64_t)number, &value);
    if (status == CEDAR_OK) {
        status = cedar_value_record(scratch, &name, &value, 1, &entity.attrs);
    }
    return status == CEDAR_OK ? cedar_entities_update_upsert(update, &entity, NULL) : status;
}

static void publish(struct shared *s, cedar_scratch *scratch, unsigned version, unsigned users) {
    cedar_entities_update *update;
    cedar_entities *next = NULL;
    assert_int_equal(cedar_entities_update_new(s->current, NULL, &update), CEDAR_OK);
    for (unsigned i = 0; i < users; i++) {
        assert_int_equal(put_user(update, scratch, (version + i) % USERS, version), CEDAR_OK);
    }
    assert_int_equal(cedar_entities_update_publish(update, &next, NULL), CEDAR_OK);
    cedar_entities_update_free(update);
    cedar_scratch_reset(scratch);
    pthread_mutex_lock(&s->lock);
    cedar_entities *old = s->current;
    s->current = next;
    pthread_mutex_unlock(&s->lock);
    cedar_entities_unref(old);
}

static void readers_need_no_lock_while_versions_come_and_go(void **state) {
    struct api *api = *state;
    struct shared s = {.engine = api->engine, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[READERS];
    s.policies = parse(api, "permit(principal in Group::\"all\", action, resource) when { "
                            "principal.n >= 0 };");
    s.current = cedar_entities_ref(api->entities);
    publish(&s, api->scratch, 0, USERS);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &s), 0);
    }
    for (unsigned version = 1; version < VERSIONS; version++) {
        publish(&s, api->scratch, version, 1 + version % 3);
    }
    while (atomic_load(&s.decisions) < VERSIONS) {
        publish(&s, api->scratch, 1, 1); /* until the readers have had their turn */
    }
    atomic_store(&s.is_over, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&s.wrong), 0);
    assert_true(atomic_load(&s.asked) > 0);
    cedar_entities_unref(s.current);
    cedar_policies_unref(s.policies);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(readers_need_no_lock_while_versions_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
