/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H
/*
 * Authenticated encryption of small values that leave us and come back: cookies, state, stored
 * keys. XAES-256-GCM (C2SP), which is AES-256-GCM under a key made from the first half of a
 * 192-bit nonce; random nonces then never run out (plain GCM allows 2^32 of them per key).
 *
 *   sealed = version 0x01 | nonce, 24 bytes | ciphertext | tag, 16 bytes
 *
 * `purpose` is authenticated, not stored: a value sealed for one purpose does not open for
 * another. The key is a secret of 32 bytes (secret_derive). Thread-safe.
 */
#include "base/arena.h"
#include "crypto/secret.h"

enum {
    AEAD_KEY_SIZE = 32,
    AEAD_NONCE_SIZE = 24,
    AEAD_TAG_SIZE = 16,
    AEAD_OVERHEAD = 1 + AEAD_NONCE_SIZE + AEAD_TAG_SIZE,
    AEAD_PLAINTEXT_MAX = 64 * 1024,
};

err aead_seal(struct arena *a, const struct secret *key, str purpose, str plaintext,
              str *ret) MUST_CHECK;

/* ERR_SIGNATURE for anything that was not sealed with this key and purpose. */
err aead_open(struct arena *a, const struct secret *key, str purpose, str sealed,
              str *ret) MUST_CHECK;

#endif
