/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H
/*
 * HMAC-SHA-256 (RFC 2104). Not fallible for the reason given in digest.h. Thread-safe.
 */
#include "crypto/secret.h"

enum { MAC_SHA256_SIZE = 32 };

void mac_sha256(const struct secret *key, str data, uint8_t out[MAC_SHA256_SIZE]);

/* Key as bytes: for protocols that hand the key over as data. */
void mac_sha256_key(str key, str data, uint8_t out[MAC_SHA256_SIZE]);

/* In constant time; false when `mac` has another length. */
bool mac_sha256_verify(const struct secret *key, str data, str mac);

#endif
