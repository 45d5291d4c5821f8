/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_ISSUE_H
#define AUTH_FLOW_ISSUE_H
/*
 * Making tokens: access tokens (RFC 9068), ID tokens (OIDC Core §2), both signed with ES256, and
 * opaque refresh tokens.
 *
 *   access token   iss sub aud exp iat jti client_id scope [auth_time amr sid grant_id groups
 * roles] ID token       iss sub aud exp iat auth_time [nonce at_hash amr sid]
 *
 * `grant_id` names the family; our own endpoints refuse the token once the family is revoked.
 * What is decided here is only form; who may have a token is decided by the grants.
 */
#include "auth/flow/event.h"
#include "auth/flow/scope.h"

/* What a token is for. */
struct issue {
    const struct user *user;   /* NULL: the client itself (client credentials) */
    const struct grant *grant; /* NULL together with the user */
    str client_id;
    scope_set scopes;
    struct names audience;
};

struct tokens {
    str access_token;
    str id_token;      /* absent without `openid` or without a registered client */
    str refresh_token; /* absent when none was made */
    int64_t expires_in_s;
    str scope;
};

/* Access token, and ID token where `nonce` and scopes ask for one. */
err issue_tokens(struct call *c, const struct issue *in, bool has_id_token, str nonce,
                 struct tokens *ret) MUST_CHECK;

/* A new refresh token: its value for the client, its digest for the store. */
err issue_refresh_token(struct call *c, str *ret_token, struct digest *ret_digest) MUST_CHECK;

/* The digest of a token that was presented. */
struct digest issue_digest(str token);

/* When a refresh token made now ends: after refresh_ttl_s, never later than its family. */
int64_t issue_refresh_expiry(const struct call *c, const struct grant *grant);

/* The scopes this user can have: `admin` only with the role admin. */
scope_set issue_allowed_scopes(const struct user *user, scope_set asked);

/* The grant's user, who must be active and not have revoked everything since (epoch): otherwise
 * ERR_DENIED with FAULT_INVALID_GRANT. */
err issue_user_check(struct call *c, const struct grant *grant, struct user *ret_user,
                     struct fault *ret_fault) MUST_CHECK;

/* A JSON member that is an array of names; absent lists are empty. */
struct json_writer;
void issue_names_write(struct json_writer *w, str name, struct names names);

#define ROLE_ADMIN "admin"

#endif
