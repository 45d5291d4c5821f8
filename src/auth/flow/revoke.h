/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_REVOKE_H
#define AUTH_FLOW_REVOKE_H
/*
 * A client gives a token back (RFC 7009) or asks what one is worth (RFC 7662).
 *
 * Revoking either kind of token revokes its family. A token that is unknown, or another client's,
 * is left alone and the answer is success all the same (RFC 7009 §2.2).
 */
#include "auth/flow/bearer.h"

err revoke_token(struct call *c, const struct client *client, str token) MUST_CHECK;

enum introspected { INTROSPECT_INACTIVE, INTROSPECT_ACCESS, INTROSPECT_REFRESH };

struct introspection {
    enum introspected kind;
    struct bearer access;   /* INTROSPECT_ACCESS */
    struct refresh refresh; /* INTROSPECT_REFRESH: only the client's own */
};

err introspect_token(struct call *c, const struct client *client, str token,
                     struct introspection *ret) MUST_CHECK;

#endif
