/* SPDX-License-Identifier: Apache-2.0 */
#include "kv/shard.h"

#include <stdlib.h>

#include "base/allocator.h"

enum {
    BUCKETS_FIRST = 64,
    BLOCK_OVERHEAD = 16, /* what malloc adds to a block, roughly */
    SWEEP_STEPS = 2,     /* entries looked at per insertion, so that expired ones leave */
    SWEEP_STEPS_FULL = 16,
};

static size_t entry_bytes(const struct shard_entry *entry) {
    return sizeof *entry + entry->key_len + entry->value_len + BLOCK_OVERHEAD;
}

err shard_init(struct shard *shard, size_t max_bytes) {
    *shard = (struct shard){.bucket_count = BUCKETS_FIRST, .max_bytes = max_bytes};
    shard->buckets = calloc(BUCKETS_FIRST, sizeof(struct shard_entry *));
    shard->bytes = BUCKETS_FIRST * sizeof(struct shard_entry *);
    return shard->buckets == NULL ? ERR_NOMEM : ERR_OK;
}

void shard_done(struct shard *shard) {
    if (shard->buckets != NULL) {
        shard_clear(shard);
        free(shard->buckets);
    }
    *shard = (struct shard){0};
}

void shard_clear(struct shard *shard) {
    for (int kind = 0; kind < SHARD_KIND_COUNT; kind++) {
        while (shard->hands[kind] != NULL) {
            shard_remove(shard, shard->hands[kind]);
        }
    }
}

static struct shard_entry **bucket_of(const struct shard *shard, uint64_t hash) {
    return &shard->buckets[hash & (shard->bucket_count - 1)];
}

static bool entry_is(const struct shard_entry *entry, str key, uint64_t hash) {
    return entry->hash == hash && str_equal(str_make(entry->data, entry->key_len), key);
}

struct shard_entry *shard_find(struct shard *shard, str key, uint64_t hash, uint64_t now_ms) {
    struct shard_entry *entry = *bucket_of(shard, hash);
    while (entry != NULL && !entry_is(entry, key, hash)) {
        entry = entry->chain;
    }
    if (entry != NULL && entry->expires_ms <= now_ms) {
        shard_remove(shard, entry);
        entry = NULL;
    }
    if (entry == NULL) {
        shard->misses++;
        return NULL;
    }
    shard->hits++;
    entry->is_used = true;
    return entry;
}

/* Just behind the hand, so that it is the last one the hand comes to. */
static void ring_add(struct shard *shard, struct shard_entry *entry) {
    struct shard_entry **hand = &shard->hands[entry->kind];
    if (*hand == NULL) {
        entry->ring_next = entry->ring_previous = entry;
        *hand = entry;
        return;
    }
    entry->ring_next = *hand;
    entry->ring_previous = (*hand)->ring_previous;
    entry->ring_previous->ring_next = entry;
    entry->ring_next->ring_previous = entry;
}

static void ring_remove(struct shard *shard, struct shard_entry *entry) {
    struct shard_entry **hand = &shard->hands[entry->kind];
    if (entry->ring_next == entry) {
        *hand = NULL;
        return;
    }
    if (*hand == entry) {
        *hand = entry->ring_next;
    }
    entry->ring_previous->ring_next = entry->ring_next;
    entry->ring_next->ring_previous = entry->ring_previous;
}

void shard_remove(struct shard *shard, struct shard_entry *entry) {
    struct shard_entry **link = bucket_of(shard, entry->hash);
    while (*link != entry) {
        link = &(*link)->chain;
    }
    *link = entry->chain;
    ring_remove(shard, entry);
    shard->entry_count--;
    size_t bytes = entry_bytes(entry);
    shard->bytes -= bytes;
    memory_wipe(entry, bytes - BLOCK_OVERHEAD);
    free(entry);
}

/* Drops expired entries among the next few of a ring. */
static void sweep(struct shard *shard, enum shard_kind kind, uint64_t now_ms, int steps) {
    for (int i = 0; i < steps && shard->hands[kind] != NULL; i++) {
        struct shard_entry *entry = shard->hands[kind];
        if (entry->expires_ms <= now_ms) {
            shard_remove(shard, entry);
        } else {
            shard->hands[kind] = entry->ring_next;
        }
    }
}

/* Drops the first entry of a ring that was not used since the hand last passed (or is expired). */
static bool evict(struct shard *shard, enum shard_kind kind, uint64_t now_ms) {
    while (shard->hands[kind] != NULL) {
        struct shard_entry *entry = shard->hands[kind];
        bool is_expired = entry->expires_ms <= now_ms;
        if (is_expired || !entry->is_used) {
            shard->evictions += is_expired ? 0 : 1;
            shard_remove(shard, entry);
            return true;
        }
        entry->is_used = false;
        shard->hands[kind] = entry->ring_next;
    }
    return false;
}

/* SECURITY: live counters leave only when no value is left, see memory.h. */
static err make_room(struct shard *shard, size_t bytes, uint64_t now_ms) {
    sweep(shard, SHARD_VALUE, now_ms, SWEEP_STEPS);
    sweep(shard, SHARD_COUNTER, now_ms, SWEEP_STEPS);
    if (shard->bytes + bytes > shard->max_bytes) {
        sweep(shard, SHARD_COUNTER, now_ms, SWEEP_STEPS_FULL);
    }
    while (shard->bytes + bytes > shard->max_bytes) {
        if (!evict(shard, SHARD_VALUE, now_ms) && !evict(shard, SHARD_COUNTER, now_ms)) {
            return ERR_LIMIT;
        }
    }
    return ERR_OK;
}

/* Doubles the buckets while they are few for the entries, if `bytes` for the next one are left;
 * not growing is slower, not wrong. */
static void grow(struct shard *shard, size_t bytes) {
    size_t added = shard->bucket_count * sizeof(struct shard_entry *);
    if (shard->entry_count < shard->bucket_count ||
        shard->bytes + added + bytes > shard->max_bytes) {
        return;
    }
    struct shard_entry **buckets = calloc(2 * shard->bucket_count, sizeof(struct shard_entry *));
    if (buckets == NULL) {
        return;
    }
    free(shard->buckets);
    shard->buckets = buckets;
    shard->bucket_count *= 2;
    shard->bytes += added;
    for (int kind = 0; kind < SHARD_KIND_COUNT; kind++) {
        struct shard_entry *first = shard->hands[kind];
        struct shard_entry *entry = first;
        while (entry != NULL) {
            struct shard_entry **bucket = bucket_of(shard, entry->hash);
            entry->chain = *bucket;
            *bucket = entry;
            entry = entry->ring_next == first ? NULL : entry->ring_next;
        }
    }
}

err shard_insert(struct shard *shard, enum shard_kind kind, str key, str value, uint64_t hash,
                 uint64_t expires_ms, uint64_t now_ms, struct shard_entry **ret) {
    struct shard_entry head = {.hash = hash,
                               .expires_ms = expires_ms,
                               .key_len = (uint32_t)key.len,
                               .value_len = (uint32_t)value.len,
                               .kind = kind};
    size_t bytes = entry_bytes(&head);
    size_t table = shard->bucket_count * sizeof(struct shard_entry *);
    if (bytes > shard->max_bytes - table) {
        return ERR_LIMIT; /* before anything is evicted in vain */
    }
    TRY(make_room(shard, bytes, now_ms));
    struct shard_entry *entry = malloc(bytes - BLOCK_OVERHEAD);
    if (entry == NULL) {
        return ERR_NOMEM;
    }
    *entry = head;
    memcpy(entry->data, key.ptr, key.len);
    if (value.len > 0) {
        memcpy(entry->data + key.len, value.ptr, value.len);
    }
    grow(shard, bytes);
    struct shard_entry **bucket = bucket_of(shard, hash);
    entry->chain = *bucket;
    *bucket = entry;
    ring_add(shard, entry);
    shard->entry_count++;
    shard->bytes += bytes;
    *ret = entry;
    return ERR_OK;
}
