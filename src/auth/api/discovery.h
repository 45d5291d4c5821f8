/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_DISCOVERY_H
#define AUTH_API_DISCOVERY_H
/*
 * The metadata document, one for OIDC Discovery 1.0 and RFC 8414. Everything in it comes from the
 * configured issuer, never from a request (attack class 22), so it is built once.
 */
#include "auth/flow/call.h"

err discovery_build(struct arena *a, const struct flow_settings *settings, str *ret) MUST_CHECK;

#endif
