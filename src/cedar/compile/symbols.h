/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_SYMBOLS_H
#define CEDAR_COMPILE_SYMBOLS_H
/*
 * The entity uids and type names that policies mention, each once, numbered from 0.
 *
 * Grows only while policies are compiled; requests look up and never add.
 *
 *     slots   [ 0 | hash 2 | 0 | hash 1 ]    upper half: of the hash, lower half: number + 1
 */
#include "cedar/value/value.h"

#define SYMBOL_NONE UINT32_MAX

struct symbols {
    struct hash_key key;
    VEC(const struct uid *) uids;
    VEC(str) types;
    uint64_t *uid_slots;
    uint64_t *type_slots;
    size_t uid_slot_count; /* a power of two, or 0 */
    size_t type_slot_count;
};

void symbols_init(struct symbols *s, const struct hash_key *key);

/* The number of a uid or type; SYMBOL_NONE when no policy mentions it. */
uint32_t symbols_find_uid(const struct symbols *s, const struct uid *uid);
/* False when no uid with this upper half of its hash is mentioned. */
bool symbols_has_mark(const struct symbols *s, uint32_t mark);
uint32_t symbols_find_type(const struct symbols *s, str type);

/* The number; adds what is not there. Tables grow in `temp`, names are copied to `a`. ERR_LIMIT for
 * more than 2^30. */
err symbols_add_uid(struct symbols *s, struct arena *a, struct arena *temp, const struct uid *uid,
                    uint32_t *ret) MUST_CHECK;
err symbols_add_type(struct symbols *s, struct arena *a, struct arena *temp, str type,
                     uint32_t *ret) MUST_CHECK;

/* A copy of the tables in `a` that takes no more than it needs. */
err symbols_freeze(const struct symbols *s, struct arena *a, struct symbols *ret) MUST_CHECK;

#endif
