/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

void map_init(struct map *m, struct arena *arena, const struct hash_key *key) {
    *m = (struct map){.arena = arena, .key = *key};
}

/* Slot that holds the key, or the free slot where it belongs. slot_count > 0. */
static size_t slot_of(const struct map *m, str key, uint64_t hash) {
    size_t mask = m->slot_count - 1;
    size_t at = (size_t)hash & mask;
    while (m->slots[at] != 0) {
        const struct map_entry *entry = &m->entries.items[m->slots[at] - 1];
        if (entry->hash == hash && str_equal(entry->key, key)) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

void **map_find(const struct map *m, str key) {
    if (m->slot_count == 0) {
        return NULL;
    }
    size_t slot = slot_of(m, key, hash_bytes(&m->key, key));
    return m->slots[slot] == 0 ? NULL : &m->entries.items[m->slots[slot] - 1].value;
}

static err grow(struct map *m) {
    size_t slot_count = m->slot_count == 0 ? 16 : m->slot_count * 2;
    uint32_t *slots = ARENA_ARRAY(m->arena, uint32_t, slot_count);
    if (slots == NULL) {
        return arena_error(m->arena);
    }
    m->slots = slots;
    m->slot_count = slot_count;
    for (size_t i = 0; i < m->entries.count; i++) {
        const struct map_entry *entry = &m->entries.items[i];
        slots[slot_of(m, entry->key, entry->hash)] = (uint32_t)(i + 1);
    }
    return ERR_OK;
}

err map_add(struct map *m, str key, void *value) {
    if (m->entries.count >= UINT32_MAX - 1) {
        return ERR_LIMIT;
    }
    if ((m->entries.count + 1) * 4 > m->slot_count * 3) {
        TRY(grow(m));
    }
    uint64_t hash = hash_bytes(&m->key, key);
    size_t slot = slot_of(m, key, hash);
    if (m->slots[slot] != 0) {
        return ERR_EXISTS;
    }
    if (!VEC_PUSH(m->arena, &m->entries, ((struct map_entry){key, hash, value}))) {
        return arena_error(m->arena);
    }
    m->slots[slot] = (uint32_t)m->entries.count;
    return ERR_OK;
}
