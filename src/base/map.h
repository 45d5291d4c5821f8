/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MAP_H
#define BASE_MAP_H
/*
 * Map from str to pointer, in an arena: insert and look up, no removal, insertion order kept.
 *
 * Open addressing over an index into an ordered entry list. The hash is keyed (hash.h), so keys
 * may come from outside. Keys are borrowed and must live as long as the map. One thread may
 * write; a map that is no longer written may be read from any thread.
 */
#include "base/hash.h"
#include "base/vec.h"

struct map_entry {
    str key;
    uint64_t hash;
    void *value;
};

struct map {
    struct arena *arena;
    struct hash_key key;
    VEC(struct map_entry) entries; /* in insertion order; iterate over this */
    uint32_t *slots;               /* entry index + 1, 0 = free; power-of-two length */
    size_t slot_count;
};

void map_init(struct map *m, struct arena *arena, const struct hash_key *key);

/* The entry's value slot, or NULL. The value itself may be NULL. */
void **map_find(const struct map *m, str key);

/* ERR_EXISTS when the key is there already; otherwise a failure of the arena. */
err map_add(struct map *m, str key, void *value) MUST_CHECK;

#endif
