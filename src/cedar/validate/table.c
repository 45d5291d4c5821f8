/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/table.h"

enum { FIRST_SIZE = 32 };

static uint64_t spread(uint64_t key) {
    key ^= key >> 32;
    key *= 0x9e3779b97f4a7c15u;
    key ^= key >> 29;
    key *= 0xbf58476d1ce4e5b9u;
    return key ^ key >> 32;
}

/* The slot of the key, or the free one where it belongs. Tables are at most half full. */
static struct table_slot *slot_of(const struct table *t, uint64_t key) {
    size_t mask = t->size - 1;
    size_t at = (size_t)spread(key) & mask;
    while (t->slots[at].is_used && t->slots[at].key != key) {
        at = (at + 1) & mask;
    }
    return &t->slots[at];
}

uint64_t *table_find(const struct table *t, uint64_t key) {
    if (t->count == 0) {
        return NULL;
    }
    struct table_slot *slot = slot_of(t, key);
    return slot->is_used ? &slot->value : NULL;
}

static bool grow(struct table *t) {
    struct table larger = {.arena = t->arena, .count = t->count};
    larger.size = t->size == 0 ? FIRST_SIZE : t->size * 2;
    larger.slots = ARENA_ARRAY(t->arena, struct table_slot, larger.size);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < t->size; i++) {
        if (t->slots[i].is_used) {
            *slot_of(&larger, t->slots[i].key) = t->slots[i];
        }
    }
    *t = larger;
    return true;
}

bool table_put(struct table *t, uint64_t key, uint64_t value) {
    if (t->count * 2 >= t->size && !grow(t)) {
        return false;
    }
    struct table_slot *slot = slot_of(t, key);
    t->count += !slot->is_used;
    *slot = (struct table_slot){key, value, true};
    return true;
}

void table_clear(struct table *t) {
    if (t->count > 0) {
        memset(t->slots, 0, t->size * sizeof *t->slots);
        t->count = 0;
    }
}
