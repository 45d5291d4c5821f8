/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H
/*
 * SHA-2 digests (FIPS 180-4) and their textual forms.
 *
 * Not fallible: libcrypto can only fail here when memory is out, and then the process stops,
 * because going on without a digest is never right. Thread-safe.
 */
#include "base/arena.h"

enum { DIGEST_SHA256_SIZE = 32, DIGEST_SHA512_SIZE = 64, DIGEST_SHA256_TEXT_LEN = 43 };

void digest_sha256(str data, uint8_t out[DIGEST_SHA256_SIZE]);
void digest_sha512(str data, uint8_t out[DIGEST_SHA512_SIZE]);

/* base64url of SHA-256: the stored form of high-entropy tokens, PKCE S256 (RFC 7636 §4.2), JWK
 * thumbprints. DIGEST_SHA256_TEXT_LEN characters. */
err digest_sha256_text(struct arena *a, str data, str *ret) MUST_CHECK;

/* Lower-case hexadecimal of any bytes. */
err digest_hex(struct arena *a, str bytes, str *ret) MUST_CHECK;

#endif
