/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KV_MEMORY_H
#define KV_MEMORY_H
/*
 * The in-process store: hash table in shards, each with its own lock, memory bound and eviction.
 *
 *   key --keyed hash--> shard --+--> buckets, chained
 *                               +--> clock hand over all entries (second-chance eviction)
 *
 * A lock is held for one look-up and one copy, never while waiting, so it may be used on an event
 * loop. Expired entries are never returned; they leave when touched, when the clock hand passes,
 * or when room is needed. When a shard is full, entries not used since the hand last passed leave
 * first. SECURITY: counters are kept in preference to values, so that filling the cache does not
 * reset somebody's rate limit.
 */
#include "kv/kv.h"

struct kv_memory_config {
    size_t max_bytes; /* of the whole store, keys and book-keeping included; 0: 32 MiB */
    unsigned shards;  /* power of two; 0: 16 */
    /* Milliseconds of a clock that does not go backwards. Required. */
    uint64_t (*now_ms)(void *ctx);
    void *ctx;
};

err kv_memory_new(const struct kv_memory_config *config, struct kv **ret) MUST_CHECK;

#endif
