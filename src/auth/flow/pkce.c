/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/pkce.h"

#include "base/base64.h"
#include "crypto/ct.h"
#include "crypto/digest.h"

static bool byte_is_base64url(char c) {
    return byte_is_alnum(c) || c == '-' || c == '_';
}

bool pkce_challenge_is_valid(str challenge) {
    if (challenge.len != PKCE_CHALLENGE_LEN) {
        return false;
    }
    for (size_t i = 0; i < challenge.len; i++) {
        if (!byte_is_base64url(challenge.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool pkce_verifier_is_valid(str verifier) {
    if (verifier.len < PKCE_VERIFIER_MIN || verifier.len > PKCE_VERIFIER_MAX) {
        return false;
    }
    for (size_t i = 0; i < verifier.len; i++) {
        char c = verifier.ptr[i];
        if (!byte_is_base64url(c) && c != '.' && c != '~') {
            return false;
        }
    }
    return true;
}

bool pkce_verify(str challenge, str verifier) {
    if (!pkce_challenge_is_valid(challenge) || !pkce_verifier_is_valid(verifier)) {
        return false;
    }
    uint8_t digest[DIGEST_SHA256_SIZE];
    digest_sha256(verifier, digest);
    struct buf text;
    buf_init(&text, allocator_libc(), PKCE_CHALLENGE_LEN * 2);
    base64_encode(&text, BASE64_URL, str_make((const char *)digest, sizeof digest));
    str computed;
    bool is_equal = buf_finish(&text, &computed) == ERR_OK && computed.len == challenge.len &&
                    ct_equal(computed.ptr, challenge.ptr, challenge.len);
    buf_done(&text);
    return is_equal;
}
