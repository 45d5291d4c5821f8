/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KV_KV_H
#define KV_KV_H
/*
 * Key-value store for what may vanish at any time: session look-ups, rate limits, hot cache.
 *
 * One interface, several homes: in-process (kv/memory.h) by default, Redis in production. The
 * store may drop any entry before its time (memory bound, restart, FLUSHDB), so nothing whose loss
 * a user or an auditor would notice lives here alone; callers refill from SQL.
 *
 * Failure is not absence: ERR_NOT_FOUND means the store answered "no such key"; ERR_IO,
 * ERR_TIMEOUT or ERR_BUSY mean that it did not answer, and the caller decides what that means for
 * it. Keys are 1 to KV_KEY_MAX bytes and should begin with a purpose ("rate:login:"); values are
 * at most KV_VALUE_MAX bytes (ERR_LIMIT otherwise). Any number of threads may use one store.
 */
#include "base/arena.h"

enum { KV_KEY_MAX = 256, KV_VALUE_MAX = 64 * 1024 };

/* The longest life an entry may ask for: 30 days. Longer ones are ERR_RANGE, as is 0. */
#define KV_TTL_MAX_MS (UINT64_C(30) * 24 * 60 * 60 * 1000)

struct kv;

/* A counter in its window. */
struct kv_count {
    uint64_t value;
    uint64_t resets_in_ms; /* until the window ends and the count starts again at 0 */
};

struct kv_stats {
    uint64_t entries;
    uint64_t bytes;
    uint64_t hits;
    uint64_t misses;
    uint64_t evictions; /* dropped before their time for lack of room */
};

/* What an implementation provides; arguments are checked before it is called. */
struct kv_ops {
    err (*get)(struct kv *kv, struct arena *a, str key, str *ret_value);
    err (*set)(struct kv *kv, str key, str value, uint64_t ttl_ms, bool only_if_absent);
    err (*remove)(struct kv *kv, str key);
    err (*increment)(struct kv *kv, str key, uint64_t amount, uint64_t window_ms,
                     struct kv_count *ret);
    err (*clear)(struct kv *kv);
    void (*stats)(struct kv *kv, struct kv_stats *ret);
    void (*free)(struct kv *kv);
};

/* Embedded first in every implementation's own struct. */
struct kv {
    const struct kv_ops *ops;
    bool may_block; /* true: never call it on an event loop */
};

/* The value, copied into the arena. ERR_NOT_FOUND. */
err kv_get(struct kv *kv, struct arena *a, str key, str *ret_value) MUST_CHECK;

/* Replaces value and life. */
err kv_set(struct kv *kv, str key, str value, uint64_t ttl_ms) MUST_CHECK;

/* ERR_EXISTS when the key is there. SECURITY: not for one-time values; those are claimed in SQL. */
err kv_add(struct kv *kv, str key, str value, uint64_t ttl_ms) MUST_CHECK;

/* ERR_OK also when there was nothing to remove. */
err kv_remove(struct kv *kv, str key) MUST_CHECK;

/* Adds to a counter whose fixed window starts with the first increment (a later window_ms does not
 * change it). amount 0 reads: an absent counter is {0, 0} and stays absent. It stops at UINT64_MAX.
 * Counters and values do not mix: the wrong one is ERR_TYPE (kv_set replaces either). */
err kv_increment(struct kv *kv, str key, uint64_t amount, uint64_t window_ms,
                 struct kv_count *ret) MUST_CHECK;

err kv_clear(struct kv *kv) MUST_CHECK;
void kv_stats_get(struct kv *kv, struct kv_stats *ret);
void kv_free(struct kv *kv); /* accepts NULL */
DEFINE_FREEP(kv)

#endif
