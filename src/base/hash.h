/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HASH_H
#define BASE_HASH_H
/*
 * Keyed hash for tables whose keys come from outside: SipHash-1-3 (Aumasson and Bernstein).
 *
 * The key comes from the caller, because base/ and libcedar have no source of randomness. Not a
 * MAC: signatures and token hashes use crypto/.
 */
#include "base/str.h"

struct hash_key {
    uint64_t k0;
    uint64_t k1;
};

uint64_t hash_bytes(const struct hash_key *key, str bytes);

/* Hash of two strings without joining them; ("a","bc") and ("ab","c") differ. */
uint64_t hash_pair(const struct hash_key *key, str first, str second);

#endif
