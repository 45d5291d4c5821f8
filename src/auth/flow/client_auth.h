/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_CLIENT_AUTH_H
#define AUTH_FLOW_CLIENT_AUTH_H
/*
 * Which client is this, and can it prove it (RFC 6749 §2.3, §3.2.1).
 *
 * A confidential client sends its secret, in the Authorization header or in the body, never both.
 * A public client sends its client_id alone and is then protected by PKCE. An unknown client and a
 * wrong secret get the same answer. Secrets are random, so one hash stands for them (style §8).
 */
#include "auth/flow/event.h"

struct client_credentials {
    str basic_id; /* absent: no Authorization header */
    str basic_secret;
    str body_id; /* absent: not in the body */
    str body_secret;
};

/* ERR_DENIED with FAULT_INVALID_CLIENT or FAULT_INVALID_REQUEST. */
err client_authenticate(struct call *c, const struct client_credentials *in,
                        struct client *ret_client, struct fault *ret_fault) MUST_CHECK;

#endif
