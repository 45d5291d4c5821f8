/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_GRANT_REFRESH_H
#define AUTH_FLOW_GRANT_REFRESH_H
/*
 * Refresh token → new tokens (RFC 6749 §6), always with rotation (RFC 9700 §4.14.2).
 *
 * Each use spends the token and makes a successor, in one atomic step of the store. A token that
 * was spent before is proof that two parties hold it, so its whole family is revoked. The rules
 * that applied at sign-in are applied again: an inactive user, a smaller epoch or a scope the user
 * lost end here (attack classes 12 to 15).
 */
#include "auth/flow/issue.h"

struct grant_refresh_request {
    str refresh_token;
    str scope;    /* absent: as before; never more than before */
    str resource; /* absent: as before */
};

/* `client` NULL: our own login API. ERR_DENIED with FAULT_INVALID_GRANT, FAULT_INVALID_SCOPE or
 * FAULT_INVALID_TARGET. */
err grant_refresh(struct call *c, const struct client *client,
                  const struct grant_refresh_request *in, struct tokens *ret,
                  struct fault *ret_fault) MUST_CHECK;

#endif
