/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_GRANT_CLIENT_H
#define AUTH_FLOW_GRANT_CLIENT_H
/*
 * Client credentials → an access token for the client itself (RFC 6749 §4.4). No refresh token,
 * no ID token, no user: `sub` is the client's id. Scopes that stand for a person are refused, and
 * `admin` with them: administrators are people with a role, whom audit can name.
 */
#include "auth/flow/issue.h"

/* ERR_DENIED with FAULT_INVALID_SCOPE or FAULT_INVALID_TARGET. Scope and resource may be absent. */
err grant_client(struct call *c, const struct client *client, str scope, str resource,
                 struct tokens *ret, struct fault *ret_fault) MUST_CHECK;

#endif
