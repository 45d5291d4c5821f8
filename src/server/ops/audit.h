/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_AUDIT_H
#define SERVER_OPS_AUDIT_H
/*
 * The audit trail: who did what to whom, with what outcome. A stream of its own, one JSON line
 * per record, appended with one write to a file that is opened O_APPEND.
 *
 * A record that cannot be written is an error: the caller must then refuse the action it
 * records. Any thread may write; a lock keeps sequence numbers and lines in order, so a missing
 * number is a lost record. SECURITY: no tokens, codes, passwords or keys.
 */
#include "base/err.h"
#include "base/str.h"
#include "server/ops/clock.h"

/* enumerator suffix, name */
#define AUDIT_ACTION_TABLE(X)                     \
    X(SERVICE_START, "service.start")             \
    X(SERVICE_STOP, "service.stop")               \
    X(USER_REGISTER, "user.register")             \
    X(USER_LOGIN, "user.login")                   \
    X(USER_PASSWORD, "user.password")             \
    X(USER_LOGOUT, "user.logout")                 \
    X(USER_LOCK, "user.lock")                     \
    X(TOKEN_ISSUE, "token.issue")                 \
    X(TOKEN_REFRESH, "token.refresh")             \
    X(TOKEN_REUSE, "token.reuse")                 \
    X(TOKEN_REVOKE, "token.revoke")               \
    X(CONSENT_GRANT, "consent.grant")             \
    X(CLIENT_AUTHENTICATE, "client.authenticate") \
    X(KEY_ROTATE, "key.rotate")                   \
    X(POLICY_LOAD, "policy.load")                 \
    X(CONFIG_LOAD, "config.load")                 \
    X(ADMIN_READ, "admin.read")                   \
    X(ADMIN_CHANGE, "admin.change")

enum audit_action {
#define X(suffix, name) AUDIT_##suffix,
    AUDIT_ACTION_TABLE(X)
#undef X
};

enum audit_outcome { AUDIT_SUCCESS, AUDIT_DENIED, AUDIT_FAILURE };

struct audit_record {
    str actor; /* user id, client id or "operator"; absent when unknown */
    enum audit_action action;
    str target; /* what it was done to; may be absent */
    enum audit_outcome outcome;
    str reason; /* a short word; may be absent */
    str request_id;
    str address; /* of the peer */
};

struct audit;

/* Appends to `path` (made with mode 0600); the service's name goes into each record. */
err audit_open(const char *service, const char *path, const struct clock *clock, struct audit **ret,
               struct error *reterr) MUST_CHECK;
void audit_close(struct audit *audit);
err audit_write(struct audit *audit, const struct audit_record *record) MUST_CHECK;

#endif
