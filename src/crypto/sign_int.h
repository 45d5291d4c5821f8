/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SIGN_INT_H
#define CRYPTO_SIGN_INT_H
/*
 * Inside of sign.h: sign_key.c makes keys, sign.c uses them. Not for other folders.
 */
#include <openssl/evp.h>
#include <stdatomic.h>

#include "crypto/sign.h"

struct sign_key {
    atomic_uint refs;
    bool is_private;
    struct sign_public public;
    EVP_PKEY *pkey; /* immutable; OpenSSL allows concurrent use */
};

#endif
