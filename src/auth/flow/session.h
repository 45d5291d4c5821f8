/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_SESSION_H
#define AUTH_FLOW_SESSION_H
/*
 * The browser's session with us: what lets a second application skip the password.
 *
 * The cookie's value is random, 256 bits, and stored by its hash. Each sign-in makes a new value
 * and voids the one before, so a value planted beforehand is worth nothing (attack class 16). When
 * the same user signs in again the session keeps its name (`sid`) and the applications signed in
 * through it; another user's sign-in ends it. A session counts only while its user is active.
 */
#include "auth/flow/call.h"

struct signed_in {
    struct session session;
    struct user user;
};

/* After a password was verified. `old_cookie` (absent: none) is what the browser brought along,
 * *ret_cookie takes its place. ERR_DENIED with FAULT_CREDENTIALS when the account changed since its
 * password was verified. */
err session_begin(struct call *c, const struct user *user, str old_cookie, str *ret_cookie,
                  struct signed_in *ret, struct fault *ret_fault) MUST_CHECK;

/* ERR_NOT_FOUND when the value is nobody's, expired, or its user may not sign in. */
err session_resume(struct call *c, str cookie, struct signed_in *ret) MUST_CHECK;

/* Ends it with all its grants; idempotent. */
err session_end(struct call *c, str cookie) MUST_CHECK;

#endif
