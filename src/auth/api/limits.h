/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_LIMITS_H
#define AUTH_API_LIMITS_H
/*
 * Limits of what auth-service reads from requests, in bytes.
 */
enum {
    LIMIT_JSON_BODY = 8 * 1024,
    LIMIT_OAUTH_BODY = 16 * 1024,
    LIMIT_PAGE_BODY = 32 * 1024, /* carries the authorization request along */
    LIMIT_PASSWORD_FIELD = 512,  /* 128 characters of up to four bytes */
    LIMIT_TOKEN_FIELD = 16 * 1024,
    LIMIT_DOCUMENT = 16 * 1024, /* JSON that we answer with */
};

#endif
