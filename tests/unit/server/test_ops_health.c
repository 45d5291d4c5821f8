/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include "server/ops/health.h"

struct fixture {
    struct clock_manual clock;
    struct health *health;
    struct dependency *database;
    struct dependency *cache;
    struct buf out;
};

static void setup(struct fixture *f) {
    clock_manual_init(&f->clock, 0);
    assert_ok(health_new("1.2.3", &f->clock.clock, &f->health));
    f->database = health_dependency_add(f->health, "database", true);
    f->cache = health_dependency_add(f->health, "redis", false);
    buf_init(&f->out, allocator_libc(), 4096);
}

static void teardown(struct fixture *f) {
    health_free(f->health);
    buf_done(&f->out);
}

static void document_shows_phase_time_and_dependencies(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    health_render(f.health, &f.out);
    assert_str_is(buf_str(&f.out),
                  STR("{\"status\":\"starting\",\"version\":\"1.2.3\",\"uptime_s\":0,"
                      "\"dependencies\":{\"database\":\"unknown\",\"redis\":\"unknown\"}}"));
    clock_manual_advance_ms(&f.clock, 61999);
    health_set_phase(f.health, HEALTH_RUNNING);
    dependency_set(f.database, DEPENDENCY_UP);
    dependency_set(f.cache, DEPENDENCY_DOWN);
    buf_clear(&f.out);
    health_render(f.health, &f.out);
    assert_str_is(buf_str(&f.out),
                  STR("{\"status\":\"degraded\",\"version\":\"1.2.3\",\"uptime_s\":61,"
                      "\"dependencies\":{\"database\":\"up\",\"redis\":\"down\"}}"));
    teardown(&f);
}

static void readiness_and_status_follow_the_table(void **state) {
    IGNORE(state);
    static const struct {
        enum health_phase phase;
        enum dependency_state required;
        enum dependency_state optional;
        bool is_ready;
        const char *status;
    } rows[] = {
        {HEALTH_RUNNING, DEPENDENCY_UP, DEPENDENCY_UP, true, "\"ok\""},
        {HEALTH_RUNNING, DEPENDENCY_UP, DEPENDENCY_UNKNOWN, true, "\"ok\""},
        {HEALTH_RUNNING, DEPENDENCY_UP, DEPENDENCY_DOWN, true, "\"degraded\""},
        {HEALTH_RUNNING, DEPENDENCY_DEGRADED, DEPENDENCY_UP, true, "\"degraded\""},
        {HEALTH_RUNNING, DEPENDENCY_DOWN, DEPENDENCY_UP, false, "\"degraded\""},
        {HEALTH_RUNNING, DEPENDENCY_UNKNOWN, DEPENDENCY_UP, false, "\"ok\""},
        {HEALTH_STARTING, DEPENDENCY_UP, DEPENDENCY_UP, false, "\"starting\""},
        {HEALTH_STOPPING, DEPENDENCY_UP, DEPENDENCY_UP, false, "\"stopping\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        setup(&f);
        health_set_phase(f.health, rows[i].phase);
        dependency_set(f.database, rows[i].required);
        dependency_set(f.cache, rows[i].optional);
        assert_int_equal(health_is_ready(f.health), rows[i].is_ready);
        health_render(f.health, &f.out);
        assert_int_not_equal(str_find(buf_str(&f.out), str_c(rows[i].status)), SIZE_MAX);
        teardown(&f);
    }
}

static void only_a_change_is_a_change(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    assert_false(dependency_set(f.database, DEPENDENCY_UNKNOWN));
    assert_true(dependency_set(f.database, DEPENDENCY_UP));
    assert_false(dependency_set(f.database, DEPENDENCY_UP));
    assert_int_equal(dependency_get(f.database), DEPENDENCY_UP);
    teardown(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document_shows_phase_time_and_dependencies),
        cmocka_unit_test(readiness_and_status_follow_the_table),
        cmocka_unit_test(only_a_change_is_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
