/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/symbols.h"

enum { SYMBOLS_MAX = 1 << 30 };

void symbols_init(struct symbols *s, const struct hash_key *key) {
    *s = (struct symbols){.key = *key};
}

static uint64_t word_at(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static uint64_t half_at(const char *p) {
    uint32_t half;
    memcpy(&half, p, sizeof half);
    return half;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

/* Types are the policies' own words, so their hash need not withstand requests, only be quick. */
static uint64_t hash_type(const struct symbols *s, str type) {
    uint64_t hash = s->key.k0 ^ (uint64_t)type.len;
    const char *p = type.ptr;
    size_t len = type.len;
    if (len >= 8) { /* the last word may overlap the one before */
        for (size_t at = 0; at + 8 < len; at += 8) {
            hash = mix(hash, word_at(p + at));
        }
        hash = mix(hash, word_at(p + len - 8));
    } else if (len >= 4) {
        hash = mix(hash, half_at(p) << 32 | half_at(p + len - 4));
    } else if (len > 0) {
        const unsigned char *byte = (const unsigned char *)p;
        hash = mix(hash, (uint64_t)byte[0] << 16 | (uint64_t)byte[len / 2] << 8 | byte[len - 1]);
    }
    return hash * UINT64_C(0xbf58476d1ce4e5b9);
}

static uint32_t number_of(uint64_t slot) {
    return (uint32_t)slot - 1;
}

static uint64_t make_slot(uint64_t hash, size_t number) {
    return (hash & UINT64_C(0xFFFFFFFF00000000)) | (uint32_t)(number + 1);
}

static bool is_alike(uint64_t slot, uint64_t hash) {
    return ((slot ^ hash) >> 32) == 0;
}

/* The slot of the uid, or the free one where it belongs; there are slots. */
static size_t uid_slot(const struct symbols *s, const struct uid *uid) {
    size_t mask = s->uid_slot_count - 1;
    size_t at = (size_t)(uid->hash >> 32) & mask;
    while (s->uid_slots[at] != 0 && !(is_alike(s->uid_slots[at], uid->hash) &&
                                      uid_equal(s->uids.items[number_of(s->uid_slots[at])], uid))) {
        at = (at + 1) & mask;
    }
    return at;
}

static size_t type_slot(const struct symbols *s, str type, uint64_t hash) {
    size_t mask = s->type_slot_count - 1;
    size_t at = (size_t)(hash >> 20) & mask;
    while (s->type_slots[at] != 0 &&
           !(is_alike(s->type_slots[at], hash) &&
             str_same(s->types.items[number_of(s->type_slots[at])], type))) {
        at = (at + 1) & mask;
    }
    return at;
}

uint32_t symbols_find_uid(const struct symbols *s, const struct uid *uid) {
    return s->uid_slot_count == 0 ? SYMBOL_NONE : number_of(s->uid_slots[uid_slot(s, uid)]);
}

bool symbols_has_mark(const struct symbols *s, uint32_t mark) {
    size_t mask = s->uid_slot_count - 1;
    size_t at = (size_t)mark & mask;
    while (s->uid_slot_count > 0 && s->uid_slots[at] != 0) {
        if (s->uid_slots[at] >> 32 == mark) {
            return true;
        }
        at = (at + 1) & mask;
    }
    return false;
}

uint32_t symbols_find_type(const struct symbols *s, str type) {
    return s->type_slot_count == 0
               ? SYMBOL_NONE
               : number_of(s->type_slots[type_slot(s, type, hash_type(s, type))]);
}

/* ---- growing ---- */

static size_t larger(size_t slot_count) {
    return slot_count == 0 ? 16 : slot_count * 2;
}

/* The half of the hash that stands in a slot says where it belongs. */
static err grow_uids(struct symbols *s, struct arena *temp) {
    size_t count = larger(s->uid_slot_count);
    uint64_t *slots = ARENA_ARRAY(temp, uint64_t, count);
    if (slots == NULL) {
        return arena_error(temp);
    }
    for (size_t i = 0; i < s->uid_slot_count; i++) {
        size_t at = (size_t)(s->uid_slots[i] >> 32) & (count - 1);
        while (s->uid_slots[i] != 0 && slots[at] != 0) {
            at = (at + 1) & (count - 1);
        }
        if (s->uid_slots[i] != 0) {
            slots[at] = s->uid_slots[i];
        }
    }
    s->uid_slots = slots;
    s->uid_slot_count = count;
    return ERR_OK;
}

static err grow_types(struct symbols *s, struct arena *temp) {
    size_t count = larger(s->type_slot_count);
    uint64_t *slots = ARENA_ARRAY(temp, uint64_t, count);
    if (slots == NULL) {
        return arena_error(temp);
    }
    s->type_slots = slots;
    s->type_slot_count = count;
    for (size_t i = 0; i < s->types.count; i++) {
        uint64_t hash = hash_type(s, s->types.items[i]);
        slots[type_slot(s, s->types.items[i], hash)] = make_slot(hash, i);
    }
    return ERR_OK;
}

err symbols_add_type(struct symbols *s, struct arena *a, struct arena *temp, str type,
                     uint32_t *ret) {
    uint32_t known = symbols_find_type(s, type);
    if (known != SYMBOL_NONE) {
        *ret = known;
        return ERR_OK;
    }
    if (s->types.count >= SYMBOLS_MAX) {
        return ERR_LIMIT;
    }
    if ((s->types.count + 1) * 2 > s->type_slot_count) {
        TRY(grow_types(s, temp));
    }
    str copy;
    TRY(arena_copy(a, type, &copy));
    if (!VEC_PUSH(temp, &s->types, copy)) {
        return arena_error(temp);
    }
    uint64_t hash = hash_type(s, type);
    *ret = (uint32_t)(s->types.count - 1);
    s->type_slots[type_slot(s, type, hash)] = make_slot(hash, *ret);
    return ERR_OK;
}

err symbols_add_uid(struct symbols *s, struct arena *a, struct arena *temp, const struct uid *uid,
                    uint32_t *ret) {
    uint32_t known = symbols_find_uid(s, uid);
    if (known != SYMBOL_NONE) {
        *ret = known;
        return ERR_OK;
    }
    if (s->uids.count >= SYMBOLS_MAX) {
        return ERR_LIMIT;
    }
    if ((s->uids.count + 1) * 2 > s->uid_slot_count) {
        TRY(grow_uids(s, temp));
    }
    uint32_t type;
    TRY(symbols_add_type(s, a, temp, uid_type(uid), &type));
    struct uid *copy = ARENA_NEW(a, struct uid);
    if (copy == NULL) {
        return arena_error(a);
    }
    str id;
    TRY(arena_copy(a, uid_id(uid), &id));
    *copy = uid_unhashed(s->types.items[type], id);
    copy->hash = uid->hash;
    if (!VEC_PUSH(temp, &s->uids, copy)) {
        return arena_error(temp);
    }
    *ret = (uint32_t)(s->uids.count - 1);
    s->uid_slots[uid_slot(s, uid)] = make_slot(uid->hash, *ret);
    return ERR_OK;
}

/* ---- freezing ---- */

static err copy_array(struct arena *a, const void *items, size_t count, size_t size, void **ret) {
    void *copy = arena_alloc_array(a, count, size);
    if (copy == NULL) {
        return arena_error(a);
    }
    if (count > 0) {
        memcpy(copy, items, count * size);
    }
    *ret = copy;
    return ERR_OK;
}

err symbols_freeze(const struct symbols *s, struct arena *a, struct symbols *ret) {
    struct symbols copy = *s;
    void *uids;
    void *types;
    void *uid_slots;
    void *type_slots;
    TRY(copy_array(a, s->uids.items, s->uids.count, sizeof *s->uids.items, &uids));
    TRY(copy_array(a, s->types.items, s->types.count, sizeof *s->types.items, &types));
    TRY(copy_array(a, s->uid_slots, s->uid_slot_count, sizeof *s->uid_slots, &uid_slots));
    TRY(copy_array(a, s->type_slots, s->type_slot_count, sizeof *s->type_slots, &type_slots));
    copy.uids.items = uids;
    copy.uids.capacity = s->uids.count;
    copy.types.items = types;
    copy.types.capacity = s->types.count;
    copy.uid_slots = uid_slots;
    copy.type_slots = type_slots;
    *ret = copy;
    return ERR_OK;
}
