/* SPDX-License-Identifier: Apache-2.0 */
#include "kv/memory.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/hash.h"
#include "crypto/random.h"
#include "kv/shard.h"

enum { DEFAULT_SHARDS = 16, SHARDS_MAX = 256, SHARD_MIN_BYTES = 2048, CACHE_LINE = 64 };

#define DEFAULT_BYTES ((size_t)32 * 1024 * 1024)

struct locked_shard {
    _Alignas(CACHE_LINE) pthread_mutex_t lock; /* guards `shard`, all of it */
    struct shard shard;
};

struct memory {
    struct kv kv; /* first: see struct kv */
    uint64_t (*now_ms)(void *ctx);
    void *ctx;
    struct hash_key key; /* from randomness: keys come from outside */
    unsigned shard_count;
    unsigned ready; /* shards with a lock, for memory_free */
    struct locked_shard shards[];
};

static struct memory *memory_of(struct kv *kv) {
    return (struct memory *)(void *)kv;
}

/* The high bits choose the shard, the low ones the bucket in it. */
static struct locked_shard *shard_lock(struct memory *m, uint64_t hash) {
    struct locked_shard *locked = &m->shards[(hash >> 48) & (m->shard_count - 1)];
    ASSERT(pthread_mutex_lock(&locked->lock) == 0);
    return locked;
}

static void shard_unlock(struct locked_shard *locked) {
    ASSERT(pthread_mutex_unlock(&locked->lock) == 0);
}

static err memory_get(struct kv *kv, struct arena *a, str key, str *ret_value) {
    struct memory *m = memory_of(kv);
    uint64_t now_ms = m->now_ms(m->ctx);
    uint64_t hash = hash_bytes(&m->key, key);
    struct locked_shard *locked = shard_lock(m, hash);
    const struct shard_entry *entry = shard_find(&locked->shard, key, hash, now_ms);
    err error = entry == NULL                  ? ERR_NOT_FOUND
                : entry->kind == SHARD_COUNTER ? ERR_TYPE
                                               : arena_copy(a, shard_entry_value(entry), ret_value);
    shard_unlock(locked);
    return error;
}

static err memory_set(struct kv *kv, str key, str value, uint64_t ttl_ms, bool only_if_absent) {
    struct memory *m = memory_of(kv);
    uint64_t now_ms = m->now_ms(m->ctx);
    uint64_t hash = hash_bytes(&m->key, key);
    struct locked_shard *locked = shard_lock(m, hash);
    struct shard_entry *entry = shard_find(&locked->shard, key, hash, now_ms);
    err error = ERR_EXISTS;
    if (entry == NULL || !only_if_absent) {
        if (entry != NULL) {
            shard_remove(&locked->shard, entry);
        }
        error = shard_insert(&locked->shard, SHARD_VALUE, key, value, hash, now_ms + ttl_ms, now_ms,
                             &entry);
    }
    shard_unlock(locked);
    return error;
}

static err memory_remove(struct kv *kv, str key) {
    struct memory *m = memory_of(kv);
    uint64_t now_ms = m->now_ms(m->ctx);
    uint64_t hash = hash_bytes(&m->key, key);
    struct locked_shard *locked = shard_lock(m, hash);
    struct shard_entry *entry = shard_find(&locked->shard, key, hash, now_ms);
    if (entry != NULL) {
        shard_remove(&locked->shard, entry);
    }
    shard_unlock(locked);
    return ERR_OK;
}

static err count_locked(struct shard *shard, str key, uint64_t hash, uint64_t amount,
                        uint64_t window_ms, uint64_t now_ms, struct kv_count *ret) {
    struct shard_entry *entry = shard_find(shard, key, hash, now_ms);
    if (entry == NULL && amount == 0) {
        *ret = (struct kv_count){0};
        return ERR_OK;
    }
    if (entry == NULL) {
        TRY(shard_insert(shard, SHARD_COUNTER, key, (str){0}, hash, now_ms + window_ms, now_ms,
                         &entry));
    }
    if (entry->kind != SHARD_COUNTER) {
        return ERR_TYPE;
    }
    if (ADD_OVERFLOWS(entry->count, amount, &entry->count)) {
        entry->count = UINT64_MAX;
    }
    *ret = (struct kv_count){.value = entry->count, .resets_in_ms = entry->expires_ms - now_ms};
    return ERR_OK;
}

static err memory_increment(struct kv *kv, str key, uint64_t amount, uint64_t window_ms,
                            struct kv_count *ret) {
    struct memory *m = memory_of(kv);
    uint64_t now_ms = m->now_ms(m->ctx);
    uint64_t hash = hash_bytes(&m->key, key);
    struct locked_shard *locked = shard_lock(m, hash);
    err error = count_locked(&locked->shard, key, hash, amount, window_ms, now_ms, ret);
    shard_unlock(locked);
    return error;
}

static err memory_clear(struct kv *kv) {
    struct memory *m = memory_of(kv);
    for (unsigned i = 0; i < m->shard_count; i++) {
        struct locked_shard *locked = &m->shards[i];
        ASSERT(pthread_mutex_lock(&locked->lock) == 0);
        shard_clear(&locked->shard);
        shard_unlock(locked);
    }
    return ERR_OK;
}

static void memory_stats(struct kv *kv, struct kv_stats *ret) {
    struct memory *m = memory_of(kv);
    struct kv_stats stats = {0};
    for (unsigned i = 0; i < m->shard_count; i++) {
        struct locked_shard *locked = &m->shards[i];
        ASSERT(pthread_mutex_lock(&locked->lock) == 0);
        stats.entries += locked->shard.entry_count;
        stats.bytes += locked->shard.bytes;
        stats.hits += locked->shard.hits;
        stats.misses += locked->shard.misses;
        stats.evictions += locked->shard.evictions;
        shard_unlock(locked);
    }
    *ret = stats;
}

static void memory_free(struct kv *kv) {
    struct memory *m = memory_of(kv);
    for (unsigned i = 0; i < m->ready; i++) {
        shard_done(&m->shards[i].shard);
        ASSERT(pthread_mutex_destroy(&m->shards[i].lock) == 0);
    }
    free(m);
}

static const struct kv_ops memory_ops = {
    .get = memory_get,
    .set = memory_set,
    .remove = memory_remove,
    .increment = memory_increment,
    .clear = memory_clear,
    .stats = memory_stats,
    .free = memory_free,
};

err kv_memory_new(const struct kv_memory_config *config, struct kv **ret) {
    ASSERT(config->now_ms != NULL);
    size_t max_bytes = config->max_bytes == 0 ? DEFAULT_BYTES : config->max_bytes;
    unsigned shards = config->shards == 0 ? DEFAULT_SHARDS : config->shards;
    bool is_power_of_two = (shards & (shards - 1)) == 0;
    if (!is_power_of_two || shards > SHARDS_MAX || max_bytes / shards < SHARD_MIN_BYTES) {
        return ERR_RANGE;
    }
    size_t size = sizeof(struct memory) + shards * sizeof(struct locked_shard);
    struct memory *m = aligned_alloc(CACHE_LINE, (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
    if (m == NULL) {
        return ERR_NOMEM;
    }
    memset(m, 0, size);
    m->kv.ops = &memory_ops;
    m->now_ms = config->now_ms;
    m->ctx = config->ctx;
    m->shard_count = shards;
    random_bytes(&m->key, sizeof m->key);
    AUTO(kv_freep) struct kv *kv = &m->kv;
    for (; m->ready < shards; m->ready++) {
        struct locked_shard *locked = &m->shards[m->ready];
        TRY(shard_init(&locked->shard, max_bytes / shards));
        if (pthread_mutex_init(&locked->lock, NULL) != 0) {
            shard_done(&locked->shard);
            return ERR_NOMEM;
        }
    }
    *ret = TAKE(kv);
    return ERR_OK;
}
