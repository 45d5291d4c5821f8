/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_OWN_LOGIN_H
#define AUTH_FLOW_OWN_LOGIN_H
/*
 * Our own login API: a password for tokens directly, without a browser and without a client.
 *
 * It starts a family of refresh tokens as the code grant does, with no client in it, so neither
 * kind of refresh token works at the other's endpoint.
 */
#include "auth/flow/issue.h"

/* Tokens for a user who has just proved the password. ERR_DENIED with FAULT_CREDENTIALS when the
 * account was disabled, or its password changed, in the meantime. */
err own_login_tokens(struct call *c, const struct user *user, struct tokens *ret,
                     struct fault *ret_fault) MUST_CHECK;

/* The service's audience and the issuer. */
err own_login_audience(struct call *c, struct names *ret) MUST_CHECK;

/* Revokes the family of a refresh token. Unknown tokens and those of clients are left alone:
 * ERR_OK, because the caller's wish is fulfilled either way. */
err own_login_end(struct call *c, str refresh_token) MUST_CHECK;

#endif
