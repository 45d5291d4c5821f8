/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOSE_LIMITS_H
#define JOSE_LIMITS_H
/*
 * Every limit of the JOSE layer in one place. Bytes unless the name says otherwise.
 */
enum {
    JOSE_TOKEN_DEFAULT = 8 * 1024, /* a compact token, unless the caller asks for more */
    JOSE_TOKEN_MAX = 16 * 1024,    /* the most a caller may ask for */
    JOSE_HEADER_MAX = 1024,        /* decoded */
    JOSE_HEADER_DEPTH = 4,
    JOSE_HEADER_VALUES = 32,
    JOSE_CLAIMS_DEPTH = 16,
    JOSE_CLAIMS_VALUES = 2048,
    JOSE_AUDIENCES_MAX = 16,
    JOSE_KID_MAX = 128,
    JOSE_JWKS_MAX = 64 * 1024,
    JOSE_JWKS_KEYS = 64,
    JOSE_JWKS_DEPTH = 8,
    JOSE_JWKS_VALUES = 4096,
    JOSE_SKEW_MAX_S = 600, /* the largest tolerance between clocks, seconds */
};

#endif
