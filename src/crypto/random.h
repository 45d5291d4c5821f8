/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H
/*
 * The one source of randomness: getrandom(2).
 *
 * Nothing here can fail: when the kernel gives no randomness the process stops, because every
 * token made afterwards would be guessable. Thread-safe, no state.
 *
 * Tests that need known bytes define their own random_fill(): it stands alone in random_fill.c,
 * so the linker then does not take ours from the library, and no hook exists in production.
 */
#include "base/arena.h"

enum {
    RANDOM_TOKEN_BYTES = 32, /* 256 bits */
    RANDOM_TOKEN_LEN = 43,   /* of the same in base64url */
};

/* Fills `size` bytes. The only function that reads the source. */
void random_fill(void *out, size_t size);

/* As random_fill; the name everyone else uses. */
void random_bytes(void *out, size_t size);

uint64_t random_u64(void);

/* 256 bits as base64url, RANDOM_TOKEN_LEN characters, in the arena: codes, session ids, refresh
 * tokens, state. Such a value is stored and looked up by its hash (digest_sha256_text). */
err random_token(struct arena *a, str *ret) MUST_CHECK;

#endif
