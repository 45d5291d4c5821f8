/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/assert.h"
#include "crypto/random.h"
#include "crypto/sign_int.h"

enum {
    SCALAR_SIZE = 32,
    WIDE_SIZE = 48,  /* scalar and 128 extra bits: the bias of the reduction is below 2^-128 */
    POINT_SIZE = 65, /* 0x04 | x | y */
    SEED_SIZE = 32,
    ROOT_MIN = 16,
    LABEL_MAX = 64,
};

/* Wraps a key that OpenSSL accepted; takes it also on failure. */
static err key_wrap(EVP_PKEY *take_pkey, bool is_private, const struct sign_public *public,
                    struct sign_key **ret) {
    struct sign_key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        EVP_PKEY_free(take_pkey);
        return ERR_NOMEM;
    }
    key->is_private = is_private;
    key->public = *public;
    key->pkey = take_pkey;
    atomic_init(&key->refs, 1);
    *ret = key;
    return ERR_OK;
}

/* A P-256 key from its point and, for a private one, its scalar. NULL when OpenSSL refuses. */
static EVP_PKEY *p256_import(const uint8_t point[POINT_SIZE], const BIGNUM *scalar) {
    char group[] = "P-256";
    uint8_t point_copy[POINT_SIZE];
    memcpy(point_copy, point, sizeof point_copy);
    uint8_t native[SCALAR_SIZE] = {0};
    OSSL_PARAM params[4];
    size_t count = 0;
    params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[count++] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point_copy, POINT_SIZE);
    if (scalar != NULL) {
        ASSERT(BN_bn2nativepad(scalar, native, sizeof native) == (int)sizeof native);
        params[count++] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof native);
    }
    params[count] = OSSL_PARAM_construct_end();

    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    int selection = scalar == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1) {
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    memory_wipe(native, sizeof native);
    return pkey;
}

/* Point = scalar * G, and the key made of both. */
static EVP_PKEY *p256_from_scalar(const EC_GROUP *group, const BIGNUM *scalar, BN_CTX *bn,
                                  uint8_t ret_point[POINT_SIZE]) {
    EVP_PKEY *pkey = NULL;
    EC_POINT *point = EC_POINT_new(group);
    if (point != NULL && EC_POINT_mul(group, point, scalar, NULL, NULL, bn) == 1 &&
        EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, ret_point, POINT_SIZE,
                           bn) == POINT_SIZE) {
        pkey = p256_import(ret_point, scalar);
    }
    EC_POINT_free(point);
    return pkey;
}

/* d = (c mod (n - 1)) + 1, FIPS 186-5 A.2.1. NULL when memory is out. */
static BIGNUM *p256_scalar(const EC_GROUP *group, const uint8_t wide[WIDE_SIZE], BN_CTX *bn) {
    BIGNUM *c = BN_secure_new();
    BIGNUM *scalar = BN_secure_new();
    BIGNUM *order = BN_dup(EC_GROUP_get0_order(group));
    bool is_done = false;
    if (c != NULL && scalar != NULL && order != NULL && BN_bin2bn(wide, WIDE_SIZE, c) != NULL) {
        BN_set_flags(c, BN_FLG_CONSTTIME);
        BN_set_flags(scalar, BN_FLG_CONSTTIME);
        is_done = BN_sub_word(order, 1) == 1 && BN_mod(scalar, c, order, bn) == 1 &&
                  BN_add_word(scalar, 1) == 1;
    }
    BN_free(order);
    BN_clear_free(c);
    if (!is_done) {
        BN_clear_free(scalar);
        return NULL;
    }
    return scalar;
}

static err p256_from_wide(const uint8_t wide[WIDE_SIZE], struct sign_key **ret) {
    uint8_t point[POINT_SIZE];
    EVP_PKEY *pkey = NULL;
    BN_CTX *bn = BN_CTX_secure_new();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    if (bn != NULL && group != NULL) {
        BIGNUM *scalar = p256_scalar(group, wide, bn);
        if (scalar != NULL) {
            pkey = p256_from_scalar(group, scalar, bn, point);
            BN_clear_free(scalar);
        }
    }
    EC_GROUP_free(group);
    BN_CTX_free(bn);
    if (pkey == NULL) {
        return ERR_NOMEM;
    }
    struct sign_public public = {.alg = SIGN_ES256};
    memcpy(public.x, point + 1, SIGN_COORDINATE_SIZE);
    memcpy(public.y, point + 1 + SIGN_COORDINATE_SIZE, SIGN_COORDINATE_SIZE);
    return key_wrap(pkey, true, &public, ret);
}

static err ed25519_from_seed(const uint8_t seed[SEED_SIZE], struct sign_key **ret) {
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEED_SIZE);
    struct sign_public public = {.alg = SIGN_EDDSA};
    size_t len = sizeof public.x;
    if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, public.x, &len) != 1 ||
        len != sizeof public.x) {
        EVP_PKEY_free(pkey);
        return ERR_NOMEM;
    }
    return key_wrap(pkey, true, &public, ret);
}

static size_t material_size(enum sign_alg alg) {
    switch (alg) {
    case SIGN_ES256:
        return WIDE_SIZE;
    case SIGN_EDDSA:
        return SEED_SIZE;
    case SIGN_UNSET:
        break;
    }
    return 0;
}

static err key_from_material(enum sign_alg alg, const struct secret *material,
                             struct sign_key **ret) {
    ASSERT(secret_len(material) == material_size(alg));
    return alg == SIGN_ES256 ? p256_from_wide(secret_bytes(material), ret)
                             : ed25519_from_seed(secret_bytes(material), ret);
}

err sign_key_derive(enum sign_alg alg, const struct secret *root, str label,
                    struct sign_key **ret) {
    if (material_size(alg) == 0) {
        return ERR_UNSUPPORTED;
    }
    if (secret_len(root) < ROOT_MIN || label.len == 0 || label.len > LABEL_MAX) {
        return ERR_RANGE;
    }
    AUTO(arena_done) struct arena scratch;
    arena_init(&scratch, allocator_libc(), 16 * 1024);
    str info;
    TRY(arena_format(&scratch, &info, "ironwood sign v1 %s %.*s", sign_alg_name(alg),
                     STR_FMT(label)));
    AUTO(secret_freep) struct secret *material = NULL;
    TRY(secret_derive(root, info, material_size(alg), &material));
    return key_from_material(alg, material, ret);
}

err sign_key_generate(enum sign_alg alg, struct sign_key **ret) {
    if (material_size(alg) == 0) {
        return ERR_UNSUPPORTED;
    }
    AUTO(secret_freep) struct secret *material = NULL;
    TRY(secret_random(material_size(alg), &material));
    return key_from_material(alg, material, ret);
}

static err p256_from_public(str x, str y, struct sign_key **ret) {
    if (x.len != SIGN_COORDINATE_SIZE || y.len != SIGN_COORDINATE_SIZE) {
        return ERR_SYNTAX;
    }
    uint8_t point[POINT_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
    struct sign_public public = {.alg = SIGN_ES256};
    memcpy(public.x, x.ptr, sizeof public.x);
    memcpy(public.y, y.ptr, sizeof public.y);
    memcpy(point + 1, public.x, sizeof public.x);
    memcpy(point + 1 + SIGN_COORDINATE_SIZE, public.y, sizeof public.y);
    EVP_PKEY *pkey = p256_import(point, NULL);
    if (pkey == NULL) {
        return ERR_RANGE;
    }
    /* Import refuses points off the curve already; this also checks range and order. */
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool is_good = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!is_good) {
        EVP_PKEY_free(pkey);
        return ERR_RANGE;
    }
    return key_wrap(pkey, false, &public, ret);
}

static err ed25519_from_public(str x, str y, struct sign_key **ret) {
    if (x.len != SIGN_COORDINATE_SIZE || !str_is_absent(y)) {
        return ERR_SYNTAX;
    }
    struct sign_public public = {.alg = SIGN_EDDSA};
    memcpy(public.x, x.ptr, sizeof public.x);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public.x, sizeof public.x);
    return pkey == NULL ? ERR_RANGE : key_wrap(pkey, false, &public, ret);
}

err sign_key_from_public(enum sign_alg alg, str x, str y, struct sign_key **ret) {
    switch (alg) {
    case SIGN_ES256:
        return p256_from_public(x, y, ret);
    case SIGN_EDDSA:
        return ed25519_from_public(x, y, ret);
    case SIGN_UNSET:
        break;
    }
    return ERR_UNSUPPORTED;
}

struct sign_key *sign_key_ref(struct sign_key *key) {
    atomic_fetch_add_explicit(&key->refs, 1, memory_order_relaxed);
    return key;
}

void sign_key_unref(struct sign_key *key) {
    if (key == NULL || atomic_fetch_sub_explicit(&key->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    EVP_PKEY_free(key->pkey);
    free(key);
}
