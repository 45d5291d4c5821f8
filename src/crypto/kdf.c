/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/kdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { SALT_MAX = 1024, INFO_MAX = 1024 };

/* OpenSSL's parameters are not const although it only reads them. */
static OSSL_PARAM bytes_param(const char *name, const void *bytes, size_t len) {
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes, len);
}

err kdf_hkdf_sha256(const struct secret *ikm, str salt, str info, uint8_t *ret, size_t ret_size) {
    if (ret_size == 0 || ret_size > KDF_OUTPUT_MAX || salt.len > SALT_MAX || info.len > INFO_MAX) {
        return ERR_RANGE;
    }
    char digest[] = "SHA256";
    OSSL_PARAM params[5];
    size_t count = 0;
    params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    params[count++] = bytes_param(OSSL_KDF_PARAM_KEY, secret_bytes(ikm), secret_len(ikm));
    if (salt.len > 0) {
        params[count++] = bytes_param(OSSL_KDF_PARAM_SALT, salt.ptr, salt.len);
    }
    if (info.len > 0) {
        params[count++] = bytes_param(OSSL_KDF_PARAM_INFO, info.ptr, info.len);
    }
    params[count] = OSSL_PARAM_construct_end();

    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool is_done = ctx != NULL && EVP_KDF_derive(ctx, ret, ret_size, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return is_done ? ERR_OK : ERR_NOMEM;
}
