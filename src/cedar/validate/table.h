/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_TABLE_H
#define CEDAR_VALIDATE_TABLE_H
/*
 * Map from 64-bit keys to 64-bit values, in an arena: what the validator remembers about
 * pointers, pairs of types and hashes.
 *
 * Keys are spread here, so they need not be; a zeroed table with its arena set is empty. One
 * thread at a time.
 */
#include "base/arena.h"

struct table_slot {
    uint64_t key;
    uint64_t value;
    bool is_used;
};

struct table {
    struct arena *arena;
    struct table_slot *slots; /* a power of two of them */
    size_t size;
    size_t count;
};

static inline uint64_t table_key(const void *pointer) {
    return (uint64_t)(uintptr_t)pointer;
}

/* NULL when there is no such key; valid until the next table_put. */
uint64_t *table_find(const struct table *t, uint64_t key);
/* Adds or replaces. False when the arena is full. */
bool table_put(struct table *t, uint64_t key, uint64_t value) MUST_CHECK;
/* Forgets all keys, keeps the memory. */
void table_clear(struct table *t);

#endif
