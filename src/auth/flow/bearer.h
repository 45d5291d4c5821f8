/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_BEARER_H
#define AUTH_FLOW_BEARER_H
/*
 * Who presents this access token. A `struct bearer` exists only after signature, type, issuer,
 * audience and times held, the user was found active, and the family was found unrevoked; so a
 * handler that takes one cannot be reached without.
 *
 * Looks into the database: worker only.
 */
#include "auth/flow/event.h"
#include "auth/flow/scope.h"

struct bearer {
    const struct jwt_claims *claims;
    scope_set scopes;
    str subject;
    str grant_id;  /* absent: a client's own token */
    bool has_user; /* false: a client's own token */
    struct user user;
};

/* ERR_DENIED with FAULT_INVALID_TOKEN. The token must name the service's audience or the issuer. */
err bearer_verify(struct call *c, str token, struct bearer *ret,
                  struct fault *ret_fault) MUST_CHECK;

/* The same for a token somebody else asks about: of whatever audience, and a refusal is neither
 * counted nor logged. */
err bearer_probe(struct call *c, str token, struct bearer *ret, struct fault *ret_fault) MUST_CHECK;

/* Only whose token it is: also one that has expired or is revoked. has_user is false. It proves
 * nothing about now; what it stands for may be ended, no more. */
err bearer_identify(struct call *c, str token, struct bearer *ret,
                    struct fault *ret_fault) MUST_CHECK;

#endif
