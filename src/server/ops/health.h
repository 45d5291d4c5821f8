/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_HEALTH_H
#define SERVER_OPS_HEALTH_H
/*
 * State of the process and of what it depends on.
 *
 *   {"status":"ok","version":"0.1.0","uptime_s":12,"dependencies":{"database":"up"}}
 *
 * status: starting, ok, degraded (a dependency is down or degraded), stopping. Ready means that
 * requests should be sent here: not starting, not stopping, and every required dependency up.
 * Dependencies are registered before the server runs; states are atomics that any thread sets.
 */
#include "base/buf.h"
#include "server/ops/clock.h"

enum health_phase { HEALTH_STARTING, HEALTH_RUNNING, HEALTH_STOPPING };

enum dependency_state { DEPENDENCY_UNKNOWN, DEPENDENCY_UP, DEPENDENCY_DEGRADED, DEPENDENCY_DOWN };

enum { HEALTH_DEPENDENCIES_MAX = 16 };

struct health;
struct dependency;

err health_new(const char *version, const struct clock *clock, struct health **ret) MUST_CHECK;
void health_free(struct health *health);

/* `name` must live as long; at most HEALTH_DEPENDENCIES_MAX (ASSERT). */
struct dependency *health_dependency_add(struct health *health, const char *name, bool is_required);
/* True when that is a change (which the caller may want to log). */
bool dependency_set(struct dependency *dependency, enum dependency_state state);
enum dependency_state dependency_get(const struct dependency *dependency);
const char *dependency_state_name(enum dependency_state state);

void health_set_phase(struct health *health, enum health_phase phase);
bool health_is_ready(const struct health *health);
/* The JSON document. */
void health_render(const struct health *health, struct buf *out);

#endif
