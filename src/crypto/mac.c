/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/mac.h"

#include <limits.h>
#include <openssl/hmac.h>

#include "base/assert.h"
#include "crypto/ct.h"

static void mac_make(const void *key, size_t key_len, str data, uint8_t out[MAC_SHA256_SIZE]) {
    unsigned len = 0;
    ASSERT(key_len <= INT_MAX);
    const unsigned char *bytes = (const unsigned char *)(data.ptr == NULL ? "" : data.ptr);
    ASSERT(HMAC(EVP_sha256(), key, (int)key_len, bytes, data.len, out, &len) != NULL);
    ASSERT(len == MAC_SHA256_SIZE);
}

void mac_sha256(const struct secret *key, str data, uint8_t out[MAC_SHA256_SIZE]) {
    mac_make(secret_bytes(key), secret_len(key), data, out);
}

void mac_sha256_key(str key, str data, uint8_t out[MAC_SHA256_SIZE]) {
    mac_make(key.ptr == NULL ? "" : key.ptr, key.len, data, out);
}

bool mac_sha256_verify(const struct secret *key, str data, str mac) {
    uint8_t expected[MAC_SHA256_SIZE];
    mac_sha256(key, data, expected);
    return mac.len == sizeof expected && ct_equal(mac.ptr, expected, sizeof expected);
}
