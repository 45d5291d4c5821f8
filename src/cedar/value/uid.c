/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/value.h"

struct uid uid_make(const struct hash_key *key, str type, str id) {
    return uid_make_hashed(key, type, hash_bytes(key, type), id);
}

/* This is hash_pair, in two steps. */
struct uid uid_make_hashed(const struct hash_key *key, str type, uint64_t type_hash, str id) {
    struct hash_key chained = {key->k0 ^ type_hash, key->k1};
    struct uid uid = uid_unhashed(type, id);
    uid.hash = hash_bytes(&chained, id);
    return uid;
}
