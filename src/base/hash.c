/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

static ALWAYS_INLINE uint64_t rotate(uint64_t x, int bits) {
    return (x << bits) | (x >> (64 - bits));
}

#define SIP_ROUND(v0, v1, v2, v3) \
    do {                          \
        v0 += v1;                 \
        v2 += v3;                 \
        v1 = rotate(v1, 13) ^ v0; \
        v3 = rotate(v3, 16) ^ v2; \
        v0 = rotate(v0, 32);      \
        v2 += v1;                 \
        v0 += v3;                 \
        v1 = rotate(v1, 17) ^ v2; \
        v3 = rotate(v3, 21) ^ v0; \
        v2 = rotate(v2, 32);      \
    } while (0)

uint64_t hash_bytes(const struct hash_key *key, str bytes) {
    uint64_t v0 = 0x736f6d6570736575u ^ key->k0;
    uint64_t v1 = 0x646f72616e646f6du ^ key->k1;
    uint64_t v2 = 0x6c7967656e657261u ^ key->k0;
    uint64_t v3 = 0x7465646279746573u ^ key->k1;
    const char *p = bytes.ptr;
    size_t left = bytes.len;
    uint64_t word;
    for (; left >= 8; p += 8, left -= 8) {
        memcpy(&word, p, 8);
        v3 ^= word;
        SIP_ROUND(v0, v1, v2, v3);
        v0 ^= word;
    }
    word = (uint64_t)bytes.len << 56;
    for (size_t i = 0; i < left; i++) {
        word |= (uint64_t)(unsigned char)p[i] << (8 * i);
    }
    v3 ^= word;
    SIP_ROUND(v0, v1, v2, v3);
    v0 ^= word;
    v2 ^= 0xff;
    SIP_ROUND(v0, v1, v2, v3);
    SIP_ROUND(v0, v1, v2, v3);
    SIP_ROUND(v0, v1, v2, v3);
    return v0 ^ v1 ^ v2 ^ v3;
}

uint64_t hash_pair(const struct hash_key *key, str first, str second) {
    struct hash_key chained = {key->k0 ^ hash_bytes(key, first), key->k1};
    return hash_bytes(&chained, second);
}
