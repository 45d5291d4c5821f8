/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_THROTTLE_H
#define AUTH_FLOW_THROTTLE_H
/*
 * Slowing down password guessing without giving outsiders a way to lock somebody out.
 *
 *   account + address   the first few attempts in a window are free, then each must wait longer
 *                       than the one before: 1, 2, 4 … THROTTLE_WAIT_MAX_S seconds
 *   address             failures against any account; above the limit the address waits for the
 *                       end of the window (an IPv6 address counts as its /64)
 *
 * There is no count per account alone, so wrong passwords from elsewhere never delay the owner.
 * Attempts are claimed before the password is looked at, so a burst of parallel attempts is not a
 * way around. When the counters cannot be reached sign-ins go on (contract C6). Keys hold digests,
 * not addresses.
 */
#include "auth/flow/call.h"

enum { THROTTLE_WAIT_MAX_S = 60 };

/* Claims an attempt. ERR_DENIED with FAULT_THROTTLED and retry_after_s when it must wait. */
err throttle_claim(struct call *c, str account, struct fault *ret_fault) MUST_CHECK;
/* The attempt's outcome. */
void throttle_failed(struct call *c);
void throttle_succeeded(struct call *c, str account);

/* "192.0.2.7" as it is, "2001:db8:1:2:3::4" as "2001:db8:1:2::/64". In `out`, terminated. */
enum { THROTTLE_NETWORK_MAX = 56 };
str throttle_network(str address, char out[THROTTLE_NETWORK_MAX]);

#endif
