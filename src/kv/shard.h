/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KV_SHARD_H
#define KV_SHARD_H
/*
 * One shard of the in-process store (memory.h): a chained hash table with a byte budget, and two
 * rings of its entries, values and counters, for eviction.
 *
 * The shard does not lock: memory.c holds the lock around every call. Times are milliseconds of
 * the caller's clock; an entry whose time has come is never found. Pointers that are returned are
 * valid until the next call.
 */
#include "kv/kv.h"

enum shard_kind { SHARD_VALUE, SHARD_COUNTER, SHARD_KIND_COUNT };

struct shard_entry {
    struct shard_entry *chain; /* next in the bucket */
    struct shard_entry *ring_next;
    struct shard_entry *ring_previous;
    uint64_t hash;
    uint64_t expires_ms;
    uint64_t count; /* of a counter */
    uint32_t key_len;
    uint32_t value_len;
    enum shard_kind kind;
    bool is_used; /* since the hand last passed */
    char data[];  /* key, then value */
};

struct shard {
    struct shard_entry **buckets;
    size_t bucket_count; /* power of two */
    size_t entry_count;
    size_t bytes;
    size_t max_bytes;
    struct shard_entry *hands[SHARD_KIND_COUNT]; /* into the rings; NULL = empty */
    uint64_t hits;
    uint64_t misses;
    uint64_t evictions;
};

err shard_init(struct shard *shard, size_t max_bytes) MUST_CHECK;
void shard_done(struct shard *shard);
void shard_clear(struct shard *shard);

/* NULL when it is not there or its time has come (then it is dropped). Counts hit or miss. */
struct shard_entry *shard_find(struct shard *shard, str key, uint64_t hash, uint64_t now_ms);

/* Makes an entry; there must be none of that key. Others may be evicted. ERR_LIMIT when it alone
 * is over the budget. */
err shard_insert(struct shard *shard, enum shard_kind kind, str key, str value, uint64_t hash,
                 uint64_t expires_ms, uint64_t now_ms, struct shard_entry **ret) MUST_CHECK;

void shard_remove(struct shard *shard, struct shard_entry *entry);

static inline str shard_entry_value(const struct shard_entry *entry) {
    return str_make(entry->data + entry->key_len, entry->value_len);
}

#endif
