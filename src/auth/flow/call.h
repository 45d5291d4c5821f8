/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_CALL_H
#define AUTH_FLOW_CALL_H
/*
 * What every flow works with: the service's settings and stores (`struct flow`, one per process,
 * read-only once the service runs) and one call's own facts (`struct call`, one per request, one
 * thread at a time).
 *
 * Time is read once per call, so that one call never sees two times. Everything a flow returns
 * lives in the call's arena. When a flow fails (not: refuses), `error` may hold the detail for
 * the log; it is never shown to the caller.
 */
#include "auth/flow/fault.h"
#include "auth/model/limits.h"
#include "auth/store/store.h"
#include "crypto/password.h"
#include "kv/kv.h"
#include "server/ops/ops.h"

struct keyring;

/* `client_id` of tokens from our own login API, which has no registered client. */
#define FLOW_OWN_CLIENT_ID "ironwood"

struct flow_settings {
    str issuer;            /* "https://auth.example.com", no slash at the end */
    str audience;          /* of tokens when nothing else was asked for */
    int64_t access_ttl_s;  /* access tokens and ID tokens */
    int64_t refresh_ttl_s; /* a refresh token that is not used */
    int64_t grant_ttl_s;   /* a family of refresh tokens, however often used */
    int64_t code_ttl_s;
    int64_t session_idle_ttl_s;
    int64_t session_ttl_s;
    int64_t key_overlap_s; /* an old key stays published this long beyond its last token */
    uint32_t clock_skew_s; /* how far another replica's clock may be off */
    struct password_params password;
    size_t password_chars_min;
    uint64_t throttle_free;     /* failures per account and address before delays begin */
    uint64_t throttle_window_s; /* in which failures are counted */
    uint64_t throttle_address;  /* failures per address in the window, whatever the account */
    bool has_registration;
};

struct flow {
    struct flow_settings settings;
    struct store *store;
    struct kv *kv;
    struct keyring *keyring;
    struct ops *ops; /* log, metrics, audit; NULL in tests of single flows */
};

struct call {
    const struct flow *flow;
    struct arena *arena;
    int64_t now_ms;
    str address; /* of the peer */
    struct log_context log;
    struct error error;
};

static inline int64_t call_now_s(const struct call *c) {
    return c->now_ms / 1000;
}

#endif
