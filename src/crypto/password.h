/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H
/*
 * Password hashing: Argon2id (RFC 9106), stored in the PHC form
 *
 *   $argon2id$v=19$m=19456,t=2,p=1$<salt, base64>$<hash, base64>
 *
 * Expensive on purpose: never called on an event loop. A password is valid UTF-8 of at most
 * PASSWORD_MAX_CHARS characters, so that its length cannot be used to burn CPU; minimum length
 * and quality are the service's rules. Passwords are compared as the bytes that were sent, without
 * Unicode normalisation. Thread-safe; each call needs `memory_kib` of memory of its own.
 */
#include "base/arena.h"

enum {
    PASSWORD_MAX_CHARS = 128,
    PASSWORD_PHC_MAX = 256,
    /* Above these a stored value is taken for hostile and refused before any work. */
    PASSWORD_MEMORY_MAX_KIB = 256 * 1024,
    PASSWORD_PASSES_MAX = 16,
    PASSWORD_LANES_MAX = 4,
    PASSWORD_MEMORY_MIN_KIB = 64,
};

struct password_params {
    uint32_t memory_kib;
    uint32_t passes;
    uint32_t lanes;
};

/* 19 MiB, 2 passes, 1 lane (OWASP). */
extern const struct password_params password_params_default;

/* ERR_RANGE when a parameter is outside the limits above. */
err password_params_check(const struct password_params *params) MUST_CHECK;

/* ERR_LIMIT when too long, ERR_SYNTAX when not UTF-8 or with a NUL. For registration forms. */
err password_check(str password) MUST_CHECK;

/* Salts and hashes. Errors of password_check; ERR_NOMEM. */
err password_hash(struct arena *a, const struct password_params *params, str password,
                  str *ret_phc) MUST_CHECK;

/* ERR_OK when it matches, ERR_DENIED when not (also for a password that password_check would
 * refuse, after the same work), ERR_CORRUPT when the stored text is not ours. */
err password_verify(str phc, str password) MUST_CHECK;

/* The same work for a user who does not exist, so that time does not tell. */
void password_verify_dummy(const struct password_params *params, str password);

/* True when the stored value was made with other parameters, or is not readable. */
bool password_needs_rehash(str phc, const struct password_params *params);

#endif
