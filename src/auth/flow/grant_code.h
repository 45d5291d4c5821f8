/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_GRANT_CODE_H
#define AUTH_FLOW_GRANT_CODE_H
/*
 * Authorization code → tokens (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1).
 *
 * The code is looked at first and claimed last: a request with the wrong client, redirect URI or
 * verifier does not use it up. The claim is one atomic step of the store; a second claim revokes
 * everything that came from the first.
 */
#include "auth/flow/issue.h"

struct grant_code_request {
    str code;
    str redirect_uri;
    str code_verifier;
    str resource; /* absent: as asked for at the authorization endpoint */
};

/* ERR_DENIED with FAULT_INVALID_REQUEST, FAULT_INVALID_GRANT or FAULT_INVALID_TARGET. */
err grant_code_redeem(struct call *c, const struct client *client,
                      const struct grant_code_request *in, struct tokens *ret,
                      struct fault *ret_fault) MUST_CHECK;

#endif
