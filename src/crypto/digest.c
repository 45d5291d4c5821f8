/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <openssl/sha.h>

#include "base/assert.h"
#include "base/base64.h"

static const unsigned char *input(str data) {
    return (const unsigned char *)(data.ptr == NULL ? "" : data.ptr);
}

void digest_sha256(str data, uint8_t out[DIGEST_SHA256_SIZE]) {
    ASSERT(SHA256(input(data), data.len, out) != NULL);
}

void digest_sha512(str data, uint8_t out[DIGEST_SHA512_SIZE]) {
    ASSERT(SHA512(input(data), data.len, out) != NULL);
}

err digest_sha256_text(struct arena *a, str data, str *ret) {
    uint8_t digest[DIGEST_SHA256_SIZE];
    digest_sha256(data, digest);
    struct buf text;
    buf_init_arena(&text, a, DIGEST_SHA256_TEXT_LEN + 1); /* the encoder reserves whole groups */
    base64_encode(&text, BASE64_URL, str_make((const char *)digest, sizeof digest));
    return buf_finish(&text, ret);
}

err digest_hex(struct arena *a, str bytes, str *ret) {
    static const char digits[] = "0123456789abcdef";
    char *text = ARENA_ARRAY(a, char, bytes.len > SIZE_MAX / 2 ? SIZE_MAX : 2 * bytes.len);
    if (text == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = (uint8_t)bytes.ptr[i];
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    *ret = str_make(text, 2 * bytes.len);
    return ERR_OK;
}
