/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/health.h"

#include "base/assert.h"
#include "base/json.h"

#include <stdatomic.h>
#include <stdlib.h>

struct dependency {
    const char *name;
    bool is_required;
    _Atomic int state; /* enum dependency_state */
};

struct health {
    const char *version;
    const struct clock *clock;
    uint64_t started_ns;
    _Atomic int phase; /* enum health_phase */
    size_t dependency_count;
    struct dependency dependencies[HEALTH_DEPENDENCIES_MAX];
};

err health_new(const char *version, const struct clock *clock, struct health **ret) {
    struct health *health = calloc(1, sizeof *health);
    if (health == NULL) {
        return ERR_NOMEM;
    }
    health->version = version;
    health->clock = clock;
    health->started_ns = clock_monotonic_ns(clock);
    *ret = health;
    return ERR_OK;
}

void health_free(struct health *health) {
    free(health);
}

struct dependency *health_dependency_add(struct health *health, const char *name,
                                         bool is_required) {
    ASSERT(health->dependency_count < HEALTH_DEPENDENCIES_MAX);
    struct dependency *dependency = &health->dependencies[health->dependency_count++];
    dependency->name = name;
    dependency->is_required = is_required;
    return dependency;
}

bool dependency_set(struct dependency *dependency, enum dependency_state state) {
    return atomic_exchange(&dependency->state, state) != (int)state;
}

enum dependency_state dependency_get(const struct dependency *dependency) {
    return (enum dependency_state)atomic_load(&dependency->state);
}

const char *dependency_state_name(enum dependency_state state) {
    switch (state) {
    case DEPENDENCY_UNKNOWN:
        return "unknown";
    case DEPENDENCY_UP:
        return "up";
    case DEPENDENCY_DEGRADED:
        return "degraded";
    case DEPENDENCY_DOWN:
        return "down";
    }
    UNREACHABLE();
}

void health_set_phase(struct health *health, enum health_phase phase) {
    atomic_store(&health->phase, phase);
}

bool health_is_ready(const struct health *health) {
    if (atomic_load(&health->phase) != HEALTH_RUNNING) {
        return false;
    }
    for (size_t i = 0; i < health->dependency_count; i++) {
        const struct dependency *dependency = &health->dependencies[i];
        enum dependency_state state = dependency_get(dependency);
        if (dependency->is_required && (state == DEPENDENCY_DOWN || state == DEPENDENCY_UNKNOWN)) {
            return false;
        }
    }
    return true;
}

static str status_name(const struct health *health) {
    switch ((enum health_phase)atomic_load(&health->phase)) {
    case HEALTH_STARTING:
        return STR("starting");
    case HEALTH_STOPPING:
        return STR("stopping");
    case HEALTH_RUNNING:
        break;
    }
    for (size_t i = 0; i < health->dependency_count; i++) {
        enum dependency_state state = dependency_get(&health->dependencies[i]);
        if (state == DEPENDENCY_DOWN || state == DEPENDENCY_DEGRADED) {
            return STR("degraded");
        }
    }
    return STR("ok");
}

void health_render(const struct health *health, struct buf *out) {
    struct json_writer w;
    uint64_t up_ns = clock_monotonic_ns(health->clock) - health->started_ns;
    json_writer_init(&w, out);
    json_open_object(&w);
    json_name_string(&w, STR("status"), status_name(health));
    json_name_string(&w, STR("version"), str_c(health->version));
    json_name_int(&w, STR("uptime_s"), (int64_t)(up_ns / 1000000000));
    json_name(&w, STR("dependencies"));
    json_open_object(&w);
    for (size_t i = 0; i < health->dependency_count; i++) {
        const struct dependency *dependency = &health->dependencies[i];
        json_name_string(&w, str_c(dependency->name),
                         str_c(dependency_state_name(dependency_get(dependency))));
    }
    json_close_object(&w);
    json_close_object(&w);
}
