/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_GRANT_H
#define AUTH_MODEL_GRANT_H
/*
 * What a user allowed a client, and the one-time values that belong to it.
 *
 *     grant ──┬── authorization code      at most one, redeemed at most once
 *             └── refresh tokens          generation 1, 2, 3, …: all but the newest are spent
 *
 * The grant is the "family" of its refresh tokens: revoking it kills the code and every token,
 * those issued and those still to come. It exists from the moment the code is made, so that a
 * replayed code can revoke tokens that are issued at the same moment (RFC 9700 §4.5).
 */
#include "auth/model/digest.h"
#include "auth/model/names.h"

struct grant {
    str id;             /* random; may be carried by access tokens */
    str client_id;      /* absent: our own login API */
    str user_id;        /* absent: none (client credentials keep no grant today) */
    str sid;            /* the browser session it came from, or absent */
    str scope;          /* as granted, space-separated (RFC 6749 §3.3) */
    str resource;       /* the one audience asked for (RFC 8707); absent: the client's audience */
    int64_t user_epoch; /* of the user at that time */
    int64_t auth_time_ms;
    struct names amr;
    int64_t created_ms;
    /* Nothing of it is valid from here on. Refreshing may move it. */
    int64_t expires_ms;
    bool is_revoked;
    int64_t revoked_ms; /* when is_revoked */
};

struct code {
    struct digest hash;
    struct grant grant;
    str redirect_uri;   /* as presented at the authorization endpoint */
    str code_challenge; /* S256 */
    str nonce;          /* absent: none was sent */
    int64_t created_ms;
    int64_t expires_ms;
    bool is_redeemed;
    int64_t redeemed_ms; /* when is_redeemed */
};

/* A refresh token as stored. */
struct refresh {
    struct digest hash;
    uint32_t generation; /* from 1 */
    int64_t created_ms;
    int64_t expires_ms;
    bool is_spent;
    int64_t spent_ms; /* when is_spent */
    struct grant grant;
};

err grant_check(const struct grant *grant, struct error *reterr) MUST_CHECK;
err code_check(const struct code *code, struct error *reterr) MUST_CHECK;

#endif
