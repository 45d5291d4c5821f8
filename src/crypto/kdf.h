/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_KDF_H
#define CRYPTO_KDF_H
/*
 * HKDF with SHA-256 (RFC 5869): several independent keys from one good secret.
 *
 * `info` names the purpose; two purposes never share one. Not for passwords (password.h).
 * Thread-safe.
 */
#include "crypto/secret.h"

enum { KDF_OUTPUT_MAX = 1024 };

/* `salt` may be absent. 1 to KDF_OUTPUT_MAX bytes of output, ERR_RANGE otherwise. */
err kdf_hkdf_sha256(const struct secret *ikm, str salt, str info, uint8_t *ret,
                    size_t ret_size) MUST_CHECK;

#endif
