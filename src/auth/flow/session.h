/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_SESSION_H
#define AUTH_FLOW_SESSION_H
/*
 * The browser's session with us: what lets a second application skip the password.
 *
 * The cookie's value is random, 256 bits, and stored by its hash. Each sign-in starts a session
 * with a new value and ends the one before, so a value planted beforehand is worth nothing
 * (attack class 16). A session counts only while its user is active.
 */
#include "auth/flow/call.h"

struct signed_in {
    struct session session;
    struct user user;
};

/* Ends `old_cookie`'s session (absent: none) and starts one; *ret_cookie is its value. ERR_DENIED
 * with FAULT_CREDENTIALS when the account changed since its password was verified. */
err session_begin(struct call *c, const struct user *user, str old_cookie, str *ret_cookie,
                  struct signed_in *ret, struct fault *ret_fault) MUST_CHECK;

/* ERR_NOT_FOUND when the value is nobody's, expired, or its user may not sign in. */
err session_resume(struct call *c, str cookie, struct signed_in *ret) MUST_CHECK;

/* Ends it with all its grants; idempotent. */
err session_end(struct call *c, str cookie) MUST_CHECK;

#endif
