/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_DIGEST_H
#define AUTH_MODEL_DIGEST_H
/*
 * SHA-256 of a high-entropy value (cookie, code, refresh token, jti, client secret). Only this is
 * stored and looked up, so a stolen database holds nothing that can be presented.
 */
#include "base/str.h"

enum { DIGEST_SIZE = 32 };

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

static inline str digest_str(const struct digest *digest) {
    return str_make((const char *)digest->bytes, DIGEST_SIZE);
}

#endif
