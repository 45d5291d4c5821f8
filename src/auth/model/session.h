/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_SESSION_H
#define AUTH_MODEL_SESSION_H
/*
 * A browser session: the cookie's value is known by hash only; `sid` is its public name, which
 * appears in tokens and in logout messages. It ends at the earlier of its two expiries: idle,
 * moved on by use, and absolute, which never moves.
 */
#include "auth/model/digest.h"
#include "auth/model/names.h"

struct session {
    str sid;
    struct digest cookie_hash;
    str user_id;
    int64_t user_epoch; /* of the user whose password was verified */
    int64_t auth_time_ms;
    struct names amr; /* RFC 8176: "pwd", "otp", … */
    int64_t created_ms;
    int64_t last_seen_ms;
    int64_t idle_expires_ms;
    int64_t absolute_expires_ms;
};

err session_check(const struct session *session, struct error *reterr) MUST_CHECK;

static inline bool session_is_live(const struct session *session, int64_t now_ms) {
    return now_ms < session->idle_expires_ms && now_ms < session->absolute_expires_ms;
}

#endif
