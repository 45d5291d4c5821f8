/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_CLIENT_H
#define AUTH_MODEL_CLIENT_H
/*
 * An OAuth client (RFC 6749 §2) as registered. A plain record, strings as in user.h.
 *
 * INVARIANT (client_check): a confidential client has a secret hash, a public one has none and
 * may not use client_credentials; the code grant needs a redirect URI; refresh needs the code
 * grant. Whether a redirect URI is acceptable is redirect_uri's business.
 */
#include "auth/model/digest.h"
#include "auth/model/names.h"

/* Stored by number: never renumber. */
enum client_type { CLIENT_PUBLIC = 1, CLIENT_CONFIDENTIAL = 2 };

/* A set of bits, stored as a number: never renumber. */
enum client_grant {
    CLIENT_GRANT_AUTHORIZATION_CODE = 1 << 0,
    CLIENT_GRANT_REFRESH_TOKEN = 1 << 1,
    CLIENT_GRANT_CLIENT_CREDENTIALS = 1 << 2,
};
enum { CLIENT_GRANTS_ALL = 7 };

struct client {
    str id;
    str name; /* shown to people */
    enum client_type type;
    bool is_enabled;
    bool is_first_party; /* ours: its users are not asked for consent */
    bool has_secret;
    struct digest secret_hash; /* secrets are random, 256 bits, so one hash is enough */
    uint32_t grants;           /* CLIENT_GRANT_* */
    struct names redirect_uris;
    struct names scopes;   /* what it may ask for */
    struct names audience; /* resource servers its tokens may name */
    int64_t created_ms;
    int64_t updated_ms;
};

err client_check(const struct client *client, struct error *reterr) MUST_CHECK;

static inline bool client_may(const struct client *client, enum client_grant grant) {
    return client->is_enabled && (client->grants & (uint32_t)grant) != 0;
}

#endif
