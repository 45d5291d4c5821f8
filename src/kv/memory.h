/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KV_MEMORY_H
#define KV_MEMORY_H
/*
 * The in-process store: hash table in shards, each with its own lock, memory bound and eviction.
 *
 *   key --keyed hash--> shard --+--> hash table
 *                               +--> ring of values, ring of counters: second-chance eviction
 *
 * Lock rule: each shard has one mutex, which guards all of it. It is held for one look-up and one
 * copy, never while waiting and never together with another, so the store may be called from an
 * event loop.
 *
 * Expired entries are never returned; they leave when touched, a few at every insertion, and
 * before anything else when room is needed. A full shard drops values not used since its hand
 * last passed. SECURITY: a live counter leaves only when its shard holds no value any more, so
 * that filling the cache does not reset somebody's rate limit. An entry that alone exceeds a
 * shard's part of the budget is refused (ERR_LIMIT). Contents are wiped when they leave.
 */
#include "kv/kv.h"

struct kv_memory_config {
    size_t max_bytes; /* keys and book-keeping included, split among shards; 0: 32 MiB */
    unsigned shards;  /* power of two; 0: 16 */
    /* Milliseconds of a clock that does not go backwards. Required. */
    uint64_t (*now_ms)(void *ctx);
    void *ctx;
};

/* ERR_RANGE when `shards` is no power of two up to 256 or a shard would get below 2 KiB. */
err kv_memory_new(const struct kv_memory_config *config, struct kv **ret) MUST_CHECK;

#endif
