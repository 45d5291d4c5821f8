/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_SIGN_IN_H
#define AUTH_FLOW_SIGN_IN_H
/*
 * Who are you: e-mail address and password.
 *
 * SECURITY: an unknown address, a wrong password and a disabled account get the same answer after
 * the same work (Argon2id in each case), so that neither text nor time tells which accounts exist.
 * Runs for tens of milliseconds: password pool only.
 */
#include "auth/flow/event.h"

/* ERR_DENIED with FAULT_CREDENTIALS or FAULT_THROTTLED. */
err sign_in_password(struct call *c, enum event_method method, str email, str password,
                     struct user *ret_user, struct fault *ret_fault) MUST_CHECK;

#endif
