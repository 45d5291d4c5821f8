/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "crypto/digest.h"
#include "crypto/sign_int.h"

enum { DER_MAX = 80, HALF = SIGN_SIGNATURE_SIZE / 2 };

const char *sign_alg_name(enum sign_alg alg) {
    switch (alg) {
    case SIGN_ES256:
        return "ES256";
    case SIGN_EDDSA:
        return "EdDSA";
    case SIGN_UNSET:
        break;
    }
    return "";
}

enum sign_alg sign_alg_find(str name) {
    if (str_equal(name, STR("ES256"))) {
        return SIGN_ES256;
    }
    return str_equal(name, STR("EdDSA")) ? SIGN_EDDSA : SIGN_UNSET;
}

enum sign_alg sign_key_alg(const struct sign_key *key) {
    return key->public.alg;
}

bool sign_key_is_private(const struct sign_key *key) {
    return key->is_private;
}

const struct sign_public *sign_key_public(const struct sign_key *key) {
    return &key->public;
}

static const unsigned char *bytes_of(str s) {
    return (const unsigned char *)(s.ptr == NULL ? "" : s.ptr);
}

static bool der_to_raw(const uint8_t *der, size_t der_len, uint8_t raw[SIGN_SIGNATURE_SIZE]) {
    const unsigned char *at = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    bool is_done = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, HALF) == HALF &&
                   BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + HALF, HALF) == HALF;
    ECDSA_SIG_free(pair);
    return is_done;
}

/* Length of the DER form, 0 when memory is out. */
static size_t raw_to_der(const uint8_t *raw, uint8_t der[DER_MAX]) {
    BIGNUM *r = BN_bin2bn(raw, HALF, NULL);
    BIGNUM *s = BN_bin2bn(raw + HALF, HALF, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    if (r == NULL || s == NULL || pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return 0;
    }
    unsigned char *at = der; /* at most 2 + 2 * (2 + 33) = 72 bytes */
    int len = i2d_ECDSA_SIG(pair, &at);
    ECDSA_SIG_free(pair);
    return len > 0 ? (size_t)len : 0;
}

static bool es256_sign(const struct sign_key *key, str message,
                       uint8_t signature[SIGN_SIGNATURE_SIZE]) {
    uint8_t digest[DIGEST_SHA256_SIZE];
    digest_sha256(message, digest);
    uint8_t der[DER_MAX];
    size_t der_len = sizeof der;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    bool is_done = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
                   EVP_PKEY_sign(ctx, der, &der_len, digest, sizeof digest) == 1 &&
                   der_to_raw(der, der_len, signature);
    EVP_PKEY_CTX_free(ctx);
    return is_done;
}

static bool es256_verify(const struct sign_key *key, str message, const uint8_t *signature) {
    uint8_t der[DER_MAX];
    size_t der_len = raw_to_der(signature, der);
    if (der_len == 0) {
        return false;
    }
    uint8_t digest[DIGEST_SHA256_SIZE];
    digest_sha256(message, digest);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    bool is_valid = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                    EVP_PKEY_verify(ctx, der, der_len, digest, sizeof digest) == 1;
    EVP_PKEY_CTX_free(ctx);
    return is_valid;
}

static bool eddsa_sign(const struct sign_key *key, str message,
                       uint8_t signature[SIGN_SIGNATURE_SIZE]) {
    size_t len = SIGN_SIGNATURE_SIZE;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_done = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
                   EVP_DigestSign(ctx, signature, &len, bytes_of(message), message.len) == 1 &&
                   len == SIGN_SIGNATURE_SIZE;
    EVP_MD_CTX_free(ctx);
    return is_done;
}

static bool eddsa_verify(const struct sign_key *key, str message, const uint8_t *signature) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_valid =
        ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
        EVP_DigestVerify(ctx, signature, SIGN_SIGNATURE_SIZE, bytes_of(message), message.len) == 1;
    EVP_MD_CTX_free(ctx);
    return is_valid;
}

err sign_message(const struct sign_key *key, str message,
                 uint8_t ret_signature[SIGN_SIGNATURE_SIZE]) {
    if (!key->is_private) {
        return ERR_MISUSE;
    }
    bool is_done = false;
    uint8_t signature[SIGN_SIGNATURE_SIZE];
    switch (key->public.alg) {
    case SIGN_ES256:
        is_done = es256_sign(key, message, signature);
        break;
    case SIGN_EDDSA:
        is_done = eddsa_sign(key, message, signature);
        break;
    case SIGN_UNSET:
        break;
    }
    if (!is_done) {
        ERR_clear_error(); /* the library's queue is per thread; leave it as we found it */
        return ERR_NOMEM;
    }
    memcpy(ret_signature, signature, sizeof signature);
    return ERR_OK;
}

err sign_verify(const struct sign_key *key, str message, str signature) {
    if (signature.len != SIGN_SIGNATURE_SIZE) {
        return ERR_SIGNATURE;
    }
    const uint8_t *bytes = bytes_of(signature);
    bool is_valid = false;
    switch (key->public.alg) {
    case SIGN_ES256:
        is_valid = es256_verify(key, message, bytes);
        break;
    case SIGN_EDDSA:
        is_valid = eddsa_verify(key, message, bytes);
        break;
    case SIGN_UNSET:
        break;
    }
    if (!is_valid) {
        ERR_clear_error();
        return ERR_SIGNATURE;
    }
    return ERR_OK;
}
