/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_LIMITS_H
#define AUTH_MODEL_LIMITS_H
/*
 * How large the records of auth-service may be, in bytes and items. The `_check` functions of the
 * model apply them, and the store refuses what does not pass.
 */

enum {
    MODEL_ID_MAX = 128, /* user, client, session, grant ids, kid; made by us, so never near it */
    MODEL_NAME_MAX = 200,
    MODEL_PASSWORD_HASH_MAX = 256, /* a PHC string */
    MODEL_LIST_MAX = 64,           /* roles, groups, redirect URIs, scopes, amr */
    MODEL_LIST_ITEM_MAX = 256,
    MODEL_SCOPE_MAX = 1000, /* the space-separated text */
    MODEL_REDIRECT_URIS_MAX = 16,
    MODEL_REDIRECT_URI_MAX = 2000,
    MODEL_CHALLENGE_MAX = 128, /* RFC 7636: 43 for S256 */
    MODEL_NONCE_MAX = 512,
    MODEL_JWK_MAX = 8192,
    MODEL_SEALED_KEY_MAX = 8192,
};

#endif
