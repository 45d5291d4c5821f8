/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/session.h"

#include "crypto/digest.h"
#include "crypto/id.h"
#include "crypto/random.h"

enum { TOUCH_AFTER_MS = 5 * 60 * 1000 };

_Static_assert((int)DIGEST_SIZE == (int)DIGEST_SHA256_SIZE, "stored digests are SHA-256");

static struct digest cookie_digest(str cookie) {
    struct digest digest;
    digest_sha256(cookie, digest.bytes);
    return digest;
}

static err session_find(struct call *c, str cookie, struct session *ret) {
    if (cookie.len != RANDOM_TOKEN_LEN) {
        return ERR_NOT_FOUND;
    }
    struct digest digest = cookie_digest(cookie);
    err e = store_session_get(c->flow->store, &digest, c->now_ms, c->arena, ret, &c->error);
    return e == ERR_EXPIRED ? ERR_NOT_FOUND : e;
}

err session_end(struct call *c, str cookie) {
    struct session session;
    err e = session_find(c, cookie, &session);
    if (e == ERR_NOT_FOUND) {
        return ERR_OK;
    }
    TRY(e);
    return store_session_delete(c->flow->store, session.sid, c->now_ms, &c->error);
}

/* Takes over the name of a live session of the same user, or ends whatever else the cookie stands
 * for. ERR_NOT_FOUND: a new session is needed. */
static err session_take_over(struct call *c, struct session *session, str old_cookie) {
    struct session old;
    TRY(session_find(c, old_cookie, &old));
    if (!str_equal(old.user_id, session->user_id)) {
        TRY(store_session_delete(c->flow->store, old.sid, c->now_ms, &c->error));
        return ERR_NOT_FOUND;
    }
    session->sid = old.sid;
    session->created_ms = old.created_ms;
    return store_session_renew(c->flow->store, session, c->now_ms, &c->error);
}

static err session_store(struct call *c, struct session *session, str old_cookie) {
    err e = session_take_over(c, session, old_cookie);
    if (e != ERR_NOT_FOUND) {
        return e;
    }
    session->created_ms = c->now_ms;
    TRY(id_hex_new(c->arena, &session->sid));
    return store_session_create(c->flow->store, session, &c->error);
}

err session_begin(struct call *c, const struct user *user, str old_cookie, str *ret_cookie,
                  struct signed_in *ret, struct fault *ret_fault) {
    static const str methods[] = {STR_INIT("pwd")}; /* RFC 8176 */
    const struct flow_settings *settings = &c->flow->settings;
    str cookie;
    struct session session = {
        .user_id = user->id,
        .user_epoch = user->epoch,
        .auth_time_ms = c->now_ms,
        .amr = {methods, ARRAY_LEN(methods)},
        .last_seen_ms = c->now_ms,
        .idle_expires_ms = c->now_ms + settings->session_idle_ttl_s * 1000,
        .absolute_expires_ms = c->now_ms + settings->session_ttl_s * 1000,
    };
    TRY(random_token(c->arena, &cookie));
    session.cookie_hash = cookie_digest(cookie);
    err e = session_store(c, &session, old_cookie);
    if (e == ERR_DENIED || e == ERR_MISSING) {
        return fault_set(ret_fault, FAULT_CREDENTIALS, STR("the account has changed; try again"));
    }
    TRY(e);
    *ret_cookie = cookie;
    ret->session = session;
    ret->user = *user;
    return ERR_OK;
}

/* Moves the idle expiry on, at most every few minutes. A failure costs the user an earlier
 * sign-in and nothing else. */
static void session_touch(struct call *c, const struct session *session) {
    if (c->now_ms - session->last_seen_ms >= TOUCH_AFTER_MS) {
        int64_t idle_ms = c->now_ms + c->flow->settings.session_idle_ttl_s * 1000;
        IGNORE(
            store_session_touch(c->flow->store, &session->cookie_hash, idle_ms, c->now_ms, NULL));
    }
}

err session_resume(struct call *c, str cookie, struct signed_in *ret) {
    struct signed_in in = {0};
    TRY(session_find(c, cookie, &in.session));
    TRY(store_user_by_id(c->flow->store, in.session.user_id, c->arena, &in.user, &c->error));
    if (!user_is_active(&in.user) || in.user.epoch != in.session.user_epoch) {
        return ERR_NOT_FOUND;
    }
    session_touch(c, &in.session);
    *ret = in;
    return ERR_OK;
}
