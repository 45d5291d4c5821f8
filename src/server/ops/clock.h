/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_CLOCK_H
#define SERVER_OPS_CLOCK_H
/*
 * The only source of time for the services: wall clock for what is stored or signed, monotonic
 * clock for durations and deadlines. Injectable, so that tests choose the time. May be used from
 * any thread.
 */
#include "base/compiler.h"

struct clock {
    int64_t (*wall_ms)(void *ctx);       /* since 1970-01-01T00:00:00Z, without leap seconds */
    uint64_t (*monotonic_ns)(void *ctx); /* since an arbitrary point */
    void *ctx;
};

const struct clock *clock_system(void);

static inline int64_t clock_wall_ms(const struct clock *clock) {
    return clock->wall_ms(clock->ctx);
}
static inline int64_t clock_wall_s(const struct clock *clock) {
    return clock->wall_ms(clock->ctx) / 1000;
}
static inline uint64_t clock_monotonic_ns(const struct clock *clock) {
    return clock->monotonic_ns(clock->ctx);
}

/* For tests: stands still until it is moved; moving may happen in any thread. */
struct clock_manual {
    struct clock clock; /* pass &manual.clock */
    _Atomic int64_t wall_ms;
    _Atomic uint64_t monotonic_ns;
};
void clock_manual_init(struct clock_manual *manual, int64_t wall_ms);
void clock_manual_advance_ms(struct clock_manual *manual, int64_t ms);

/* "2026-03-01T12:34:56.789Z"; years 0 to 9999, others are clamped. Not terminated. */
enum { CLOCK_RFC3339_LEN = 24 };
void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_LEN]);

#endif
