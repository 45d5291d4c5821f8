/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/assert.h"
#include "crypto/random.h"

enum { BLOCK = 16, HALF_NONCE = AEAD_NONCE_SIZE / 2, VERSION = 1 };

/* out = AES-256(key, in), block by block. */
static bool aes_blocks(const uint8_t key[AEAD_KEY_SIZE], const uint8_t *in, uint8_t *out,
                       int size) {
    int len = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool is_done = ctx != NULL &&
                   EVP_EncryptInit_ex(ctx, EVP_aes_256_ecb(), NULL, key, NULL) == 1 &&
                   EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
                   EVP_EncryptUpdate(ctx, out, &len, in, size) == 1 && len == size;
    EVP_CIPHER_CTX_free(ctx);
    return is_done;
}

/* The message key: CMAC of two one-block messages under the long-term key (C2SP XAES-256-GCM). */
static bool message_key(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
                        uint8_t out[AEAD_KEY_SIZE]) {
    static const uint8_t zero[BLOCK] = {0};
    uint8_t k1[BLOCK];
    if (!aes_blocks(key, zero, k1, BLOCK)) {
        return false;
    }
    uint8_t carry = 0; /* K1 = L << 1, reduced, without a branch on its top bit */
    for (int i = BLOCK - 1; i >= 0; i--) {
        uint8_t next = (uint8_t)(k1[i] >> 7);
        k1[i] = (uint8_t)((k1[i] << 1) | carry);
        carry = next;
    }
    k1[BLOCK - 1] ^= (uint8_t)(0x87 & -carry);

    uint8_t in[2 * BLOCK];
    for (uint8_t counter = 0; counter < 2; counter++) {
        uint8_t *block = in + counter * BLOCK;
        block[0] = 0;
        block[1] = (uint8_t)(counter + 1);
        block[2] = 'X';
        block[3] = 0;
        memcpy(block + 4, nonce, HALF_NONCE);
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= k1[i];
        }
    }
    bool is_done = aes_blocks(key, in, out, sizeof in);
    memory_wipe(k1, sizeof k1);
    memory_wipe(in, sizeof in);
    return is_done;
}

static const unsigned char *bytes_of(str s) {
    return (const unsigned char *)(s.ptr == NULL ? "" : s.ptr);
}

static bool gcm_seal(const uint8_t *key, const uint8_t *nonce, str aad, str plain, uint8_t *out) {
    int len = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool is_done =
        ctx != NULL && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
        EVP_EncryptUpdate(ctx, NULL, &len, bytes_of(aad), (int)aad.len) == 1 &&
        EVP_EncryptUpdate(ctx, out, &len, bytes_of(plain), (int)plain.len) == 1 &&
        EVP_EncryptFinal_ex(ctx, out + plain.len, &len) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, out + plain.len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return is_done;
}

/* `sealed` is ciphertext and tag; `out` has room for one byte more than the plaintext. */
static bool gcm_open(const uint8_t *key, const uint8_t *nonce, str aad, str sealed, uint8_t *out) {
    int len = 0;
    size_t plain_len = sealed.len - AEAD_TAG_SIZE;
    uint8_t tag[AEAD_TAG_SIZE];
    memcpy(tag, sealed.ptr + plain_len, sizeof tag);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool is_valid = ctx != NULL &&
                    EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
                    EVP_DecryptUpdate(ctx, NULL, &len, bytes_of(aad), (int)aad.len) == 1 &&
                    EVP_DecryptUpdate(ctx, out, &len, bytes_of(sealed), (int)plain_len) == 1 &&
                    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_SIZE, tag) == 1 &&
                    EVP_DecryptFinal_ex(ctx, out + plain_len, &len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return is_valid;
}

err aead_seal(struct arena *a, const struct secret *key, str purpose, str plaintext, str *ret) {
    ASSERT(secret_len(key) == AEAD_KEY_SIZE && purpose.len <= AEAD_PLAINTEXT_MAX);
    if (plaintext.len > AEAD_PLAINTEXT_MAX) {
        return ERR_LIMIT;
    }
    uint8_t *out = arena_alloc(a, plaintext.len + AEAD_OVERHEAD);
    if (out == NULL) {
        return arena_error(a);
    }
    out[0] = VERSION;
    uint8_t *nonce = out + 1;
    random_bytes(nonce, AEAD_NONCE_SIZE);
    uint8_t derived[AEAD_KEY_SIZE];
    bool is_done =
        message_key(secret_bytes(key), nonce, derived) &&
        gcm_seal(derived, nonce + HALF_NONCE, purpose, plaintext, nonce + AEAD_NONCE_SIZE);
    memory_wipe(derived, sizeof derived);
    if (!is_done) {
        ERR_clear_error();
        return ERR_NOMEM;
    }
    *ret = str_make((const char *)out, plaintext.len + AEAD_OVERHEAD);
    return ERR_OK;
}

err aead_open(struct arena *a, const struct secret *key, str purpose, str sealed, str *ret) {
    ASSERT(secret_len(key) == AEAD_KEY_SIZE && purpose.len <= AEAD_PLAINTEXT_MAX);
    if (sealed.len < AEAD_OVERHEAD || sealed.len > AEAD_PLAINTEXT_MAX + AEAD_OVERHEAD ||
        sealed.ptr[0] != VERSION) {
        return ERR_SIGNATURE;
    }
    size_t len = sealed.len - AEAD_OVERHEAD;
    uint8_t *out = arena_alloc(a, len + 1);
    if (out == NULL) {
        return arena_error(a);
    }
    const uint8_t *nonce = bytes_of(sealed) + 1;
    str body = str_slice(sealed, 1 + AEAD_NONCE_SIZE, sealed.len);
    uint8_t derived[AEAD_KEY_SIZE];
    bool is_valid = message_key(secret_bytes(key), nonce, derived) &&
                    gcm_open(derived, nonce + HALF_NONCE, purpose, body, out);
    memory_wipe(derived, sizeof derived);
    if (!is_valid) {
        memory_wipe(out, len);
        ERR_clear_error();
        return ERR_SIGNATURE;
    }
    *ret = str_make((const char *)out, len);
    return ERR_OK;
}
