/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/symbols.h"

enum { UIDS_MAX = 1 << 30, TYPES_MAX = 1 << SYMBOL_USE_SHIFT };

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
static size_t uid_slot(const struct symbols *s, uint64_t hash, str type, str id) {
    size_t mask = s->uid_slot_count - 1;
    size_t at = (size_t)(hash >> 32) & mask;
    for (; s->uid_slots[at] != 0; at = (at + 1) & mask) {
        if (!is_alike(s->uid_slots[at], hash)) {
            continue;
        }
        const struct symbol *symbol = &s->uids.items[number_of(s->uid_slots[at])];
        if (str_same(symbol_id(symbol), id) &&
            str_same(s->types.items[symbol_type(symbol)], type)) {
            break;
        }
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
    return s->uid_slot_count == 0
               ? SYMBOL_NONE
               : number_of(s->uid_slots[uid_slot(s, uid->hash, uid_type(uid), uid_id(uid))]);
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
static err grow_uids(struct symbols *s, struct blocks *b) {
    size_t count = larger(s->uid_slot_count);
    uint64_t *slots = blocks_table(b, count, sizeof *slots);
    if (slots == NULL) {
        return blocks_error(b);
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
    blocks_drop_table(b, s->uid_slots, s->uid_slot_count, sizeof *slots);
    s->uid_slots = slots;
    s->uid_slot_count = count;
    return ERR_OK;
}

static err grow_types(struct symbols *s, struct blocks *b) {
    size_t count = larger(s->type_slot_count);
    uint64_t *slots = blocks_table(b, count, sizeof *slots);
    if (slots == NULL) {
        return blocks_error(b);
    }
    blocks_drop_table(b, s->type_slots, s->type_slot_count, sizeof *slots);
    s->type_slots = slots;
    s->type_slot_count = count;
    for (size_t i = 0; i < s->types.count; i++) {
        uint64_t hash = hash_type(s, s->types.items[i]);
        slots[type_slot(s, s->types.items[i], hash)] = make_slot(hash, i);
    }
    return ERR_OK;
}

err symbols_add_type(struct symbols *s, struct blocks *b, struct packer *names, str type,
                     uint32_t *ret) {
    uint32_t known = symbols_find_type(s, type);
    if (known != SYMBOL_NONE) {
        *ret = known;
        return ERR_OK;
    }
    if (s->types.count >= TYPES_MAX) {
        return ERR_LIMIT;
    }
    if ((s->types.count + 1) * 2 > s->type_slot_count) {
        TRY(grow_types(s, b));
    }
    str copy;
    TRY(packer_copy(names, type, &copy));
    if (!BLOCKS_PUSH(b, &s->type_hashes, hash_bytes(&s->key, type)) ||
        !BLOCKS_PUSH(b, &s->types, copy)) {
        return blocks_error(b);
    }
    uint64_t hash = hash_type(s, type);
    *ret = (uint32_t)(s->types.count - 1);
    s->type_slots[type_slot(s, type, hash)] = make_slot(hash, *ret);
    return ERR_OK;
}

static err add_hashed(struct symbols *s, struct blocks *b, struct packer *names, uint64_t hash,
                      uint32_t type, str id, uint32_t *ret) {
    if (s->uids.count >= UIDS_MAX || id.len > UINT32_MAX) {
        return ERR_LIMIT;
    }
    if ((s->uids.count + 1) * 2 > s->uid_slot_count) {
        TRY(grow_uids(s, b));
    }
    uint64_t *slot = &s->uid_slots[uid_slot(s, hash, s->types.items[type], id)];
    if (*slot != 0) {
        *ret = number_of(*slot);
        return ERR_OK;
    }
    str copy;
    TRY(packer_copy(names, id, &copy));
    struct symbol symbol = {copy.ptr, (uint32_t)copy.len, type};
    if (!BLOCKS_PUSH(b, &s->uids, symbol)) {
        return blocks_error(b);
    }
    *ret = (uint32_t)(s->uids.count - 1);
    *slot = make_slot(hash, *ret);
    return ERR_OK;
}

err symbols_add_uid(struct symbols *s, struct blocks *b, struct packer *names, str type, str id,
                    uint32_t *ret) {
    uint32_t number;
    TRY(symbols_add_type(s, b, names, type, &number));
    struct uid uid = uid_make_hashed(&s->key, type, s->type_hashes.items[number], id);
    return add_hashed(s, b, names, uid.hash, number, id, ret);
}

err symbols_add_marked(struct symbols *s, struct blocks *b, struct packer *names, uint32_t mark,
                       uint32_t type, str id, uint32_t *ret) {
    return add_hashed(s, b, names, (uint64_t)mark << 32, type, id, ret);
}

err symbols_settle(struct symbols *s, struct blocks *b) {
    size_t uid_slots = s->uid_slot_count;
    size_t type_slots = s->type_slot_count;
    TRY(BLOCKS_SETTLE(b, &s->uids));
    TRY(BLOCKS_SETTLE(b, &s->types));
    TRY(blocks_settle(b, (void **)&s->uid_slots, &uid_slots, uid_slots, sizeof *s->uid_slots));
    TRY(blocks_settle(b, (void **)&s->type_slots, &type_slots, type_slots, sizeof *s->type_slots));
    blocks_drop_table(b, s->type_hashes.items, s->type_hashes.capacity, sizeof(uint64_t));
    s->type_hashes.items = NULL;
    s->type_hashes.count = 0;
    s->type_hashes.capacity = 0;
    return ERR_OK;
}
