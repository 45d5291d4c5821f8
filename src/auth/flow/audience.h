/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_AUDIENCE_H
#define AUTH_FLOW_AUDIENCE_H
/*
 * For whom a token is: the `aud` claim and the `resource` parameter (RFC 8707).
 *
 * Without `resource` a token names every resource server the client is registered for (the
 * service's own audience when it names none). With it, that one, which must be registered. A
 * token with `openid` also names the issuer, so that userinfo accepts it and nobody else does
 * by accident.
 */
#include "auth/flow/call.h"

/* Whether the client may ask for it; an absent resource always. */
bool audience_is_allowed(const struct call *c, const struct client *client, str resource);

/* ERR_DENIED with FAULT_INVALID_TARGET. The list lives in the arena. */
err audience_choose(struct call *c, const struct client *client, str resource, bool has_openid,
                    struct names *ret, struct fault *ret_fault) MUST_CHECK;

#endif
