/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_SYMBOLS_H
#define CEDAR_COMPILE_SYMBOLS_H
/*
 * The entity uids that scopes mention and all type names, each once, numbered from 0.
 *
 * Grows only while policies are compiled; requests look up and never add.
 *
 *     slots   [ 0 | hash 2 | 0 | hash 1 ]    upper half: of the hash, lower half: number + 1
 */
#include "base/blocks.h"
#include "base/pack.h"
#include "cedar/value/value.h"

#define SYMBOL_NONE UINT32_MAX

/* How scopes use a uid, one bit for each part and kind of demand (index.h). */
enum { SYMBOL_USE_SHIFT = 26 };

struct symbol {
    const char *id;
    uint32_t id_len;
    uint32_t type_and_uses; /* number of the type below, uses above SYMBOL_USE_SHIFT */
};

struct symbols {
    struct hash_key key;
    VEC(struct symbol) uids;
    VEC(str) types;
    VEC(uint64_t) type_hashes; /* hash_bytes(key, type); none in a finished program */
    uint64_t *uid_slots;
    uint64_t *type_slots;
    size_t uid_slot_count; /* a power of two, or 0 */
    size_t type_slot_count;
};

static inline uint32_t symbol_type(const struct symbol *symbol) {
    return symbol->type_and_uses & ((1u << SYMBOL_USE_SHIFT) - 1);
}
static inline str symbol_id(const struct symbol *symbol) {
    return (str){symbol->id, symbol->id_len};
}

/* The uid with that number, its hash made anew: not for decisions. */
static inline struct uid symbols_uid(const struct symbols *s, uint32_t number) {
    const struct symbol *symbol = &s->uids.items[number];
    return uid_make(&s->key, s->types.items[symbol_type(symbol)], symbol_id(symbol));
}

void symbols_init(struct symbols *s, const struct hash_key *key);

/* The number of a uid or type; SYMBOL_NONE when no policy mentions it. */
uint32_t symbols_find_uid(const struct symbols *s, const struct uid *uid);
/* False when no uid with this upper half of its hash is mentioned. */
bool symbols_has_mark(const struct symbols *s, uint32_t mark);
uint32_t symbols_find_type(const struct symbols *s, str type);

/* The number; adds what is not there, with copies of its names. ERR_LIMIT for more than 2^26
 * types, 2^30 uids, or an id of 4 GiB. */
err symbols_add_uid(struct symbols *s, struct blocks *b, struct packer *names, str type, str id,
                    uint32_t *ret) MUST_CHECK;
err symbols_add_type(struct symbols *s, struct blocks *b, struct packer *names, str type,
                     uint32_t *ret) MUST_CHECK;
/* What symbols_add_uid would do with a uid that has the upper half of its hash already. */
err symbols_add_marked(struct symbols *s, struct blocks *b, struct packer *names, uint32_t mark,
                       uint32_t type, str id, uint32_t *ret) MUST_CHECK;

/* Nothing is added any more. */
err symbols_settle(struct symbols *s, struct blocks *b) MUST_CHECK;

#endif
