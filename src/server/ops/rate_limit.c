/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/rate_limit.h"

#include "base/assert.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/*
 * GCRA: per client the time at which its bucket is full again (`full_at`). A request costs one
 * interval; it is refused when that would put full_at further ahead than the burst allows. A
 * client whose full_at has passed is as good as unknown, so its entry may be reused.
 *
 * A set is two cache lines: a lock and seven clients.
 */
enum { SET_WAYS = 7, SET_COUNT = 1024 };

#define MINUTE_NS UINT64_C(60000000000)

struct entry {
    uint64_t client; /* keyed hash of address and class; 0 = free */
    uint64_t full_at_ns;
};

struct set {
    _Alignas(64) atomic_flag lock; /* guards the entries */
    struct entry entries[SET_WAYS];
};

struct rule {
    _Atomic uint64_t interval_ns; /* 0: no limit */
    _Atomic uint64_t window_ns;   /* burst * interval */
};

struct rate_limit {
    struct hash_key key;
    struct rule rules[RATE_CLASS_COUNT];
    struct set sets[SET_COUNT];
};

err rate_limit_new(const struct rate_rule rules[RATE_CLASS_COUNT], const struct hash_key *key,
                   struct rate_limit **ret) {
    struct rate_limit *limit = aligned_alloc(64, sizeof *limit);
    if (limit == NULL) {
        return ERR_NOMEM;
    }
    memset(limit, 0, sizeof *limit);
    limit->key = *key;
    for (size_t i = 0; i < SET_COUNT; i++) {
        atomic_flag_clear(&limit->sets[i].lock);
    }
    rate_limit_set_rules(limit, rules);
    *ret = limit;
    return ERR_OK;
}

void rate_limit_free(struct rate_limit *limit) {
    free(limit);
}

void rate_limit_set_rules(struct rate_limit *limit,
                          const struct rate_rule rules[RATE_CLASS_COUNT]) {
    for (size_t i = 0; i < RATE_CLASS_COUNT; i++) {
        uint64_t interval = rules[i].per_minute == 0 ? 0 : MINUTE_NS / rules[i].per_minute;
        uint64_t burst = rules[i].burst == 0 ? 1 : rules[i].burst;
        atomic_store(&limit->rules[i].interval_ns, interval);
        atomic_store(&limit->rules[i].window_ns, burst * interval);
    }
}

/* The bytes that stand for one client: an IPv4 address, or the first 64 bits of an IPv6 one. */
static str client_bytes(const char *address, unsigned char out[16]) {
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (inet_pton(AF_INET, address, out) == 1) {
        return str_make((const char *)out, 4);
    }
    if (inet_pton(AF_INET6, address, out) == 1) {
        if (memcmp(out, mapped, sizeof mapped) == 0) {
            return str_make((const char *)out + 12, 4);
        }
        return str_make((const char *)out, 8);
    }
    return str_c(address); /* no address: count by what it is */
}

static void set_lock(struct set *set) {
    while (atomic_flag_test_and_set_explicit(&set->lock, memory_order_acquire)) {
        sched_yield();
    }
}

/* The client's entry, a free one, or that of the client whose bucket is full soonest. */
static struct entry *entry_of(struct set *set, uint64_t client) {
    struct entry *best = &set->entries[0];
    for (size_t i = 0; i < SET_WAYS; i++) {
        struct entry *entry = &set->entries[i];
        if (entry->client == client) {
            return entry;
        }
        if (entry->full_at_ns < best->full_at_ns) {
            best = entry;
        }
    }
    *best = (struct entry){.client = client};
    return best;
}

bool rate_limit_take(struct rate_limit *limit, const char *address, enum rate_class rate,
                     uint64_t now_ns, unsigned *ret_retry_after_s) {
    ASSERT((size_t)rate < RATE_CLASS_COUNT);
    uint64_t interval = atomic_load_explicit(&limit->rules[rate].interval_ns, memory_order_relaxed);
    uint64_t window = atomic_load_explicit(&limit->rules[rate].window_ns, memory_order_relaxed);
    if (interval == 0) {
        return true;
    }
    unsigned char bytes[16];
    char class_byte = (char)rate;
    uint64_t client =
        hash_pair(&limit->key, client_bytes(address, bytes), str_make(&class_byte, 1)) | 1;
    struct set *set = &limit->sets[client >> 32 & (SET_COUNT - 1)];
    set_lock(set);
    struct entry *entry = entry_of(set, client);
    uint64_t full_at = (entry->full_at_ns > now_ns ? entry->full_at_ns : now_ns) + interval;
    bool is_allowed = full_at - now_ns <= window;
    if (is_allowed) {
        entry->full_at_ns = full_at;
    } else {
        uint64_t wait_ns = full_at - now_ns - window;
        *ret_retry_after_s = (unsigned)((wait_ns + 999999999) / 1000000000);
    }
    atomic_flag_clear_explicit(&set->lock, memory_order_release);
    return is_allowed;
}
