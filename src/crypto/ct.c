/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ct.h"

#include <openssl/crypto.h>

#include "crypto/digest.h"

bool ct_equal(const void *a, const void *b, size_t len) {
    return CRYPTO_memcmp(a, b, len) == 0;
}

bool ct_equal_digest(str a, str b) {
    uint8_t digest_a[DIGEST_SHA256_SIZE];
    uint8_t digest_b[DIGEST_SHA256_SIZE];
    digest_sha256(a, digest_a);
    digest_sha256(b, digest_b);
    return ct_equal(digest_a, digest_b, sizeof digest_a);
}
