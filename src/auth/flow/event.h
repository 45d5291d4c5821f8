/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_EVENT_H
#define AUTH_FLOW_EVENT_H
/*
 * What flows tell the operator: one function per thing that happened, which writes the log line,
 * the audit record and the metric that belong to it. So no flow chooses event names or labels,
 * and none can put a secret into a line.
 *
 * Those that end well return an error when the audit record cannot be written: the flow must then
 * fail too. Refusals need no such check, because nothing is given away.
 */
#include "auth/flow/call.h"
#include "jose/jwt.h"

/* method label of authentication_attempts_total */
enum event_method { EVENT_PASSWORD_API, EVENT_PASSWORD_PAGE, EVENT_CLIENT_SECRET };

/* `reason` field of authentication_failed */
enum event_reason {
    EVENT_UNKNOWN_USER,
    EVENT_WRONG_PASSWORD,
    EVENT_ACCOUNT_DISABLED,
    EVENT_THROTTLED,
    EVENT_UNKNOWN_CLIENT,
    EVENT_WRONG_SECRET,
};

/* grant label of tokens_issued_total */
enum event_grant {
    EVENT_GRANT_PASSWORD,
    EVENT_GRANT_CODE,
    EVENT_GRANT_REFRESH,
    EVENT_GRANT_CLIENT,
};

/* `subject`: a user id or client id that exists; absent otherwise, because what a stranger typed
 * into a name field may be a password. */
void event_authentication_failed(struct call *c, enum event_method method, enum event_reason reason,
                                 str subject);
err event_authentication_succeeded(struct call *c, enum event_method method,
                                   str subject) MUST_CHECK;
/* Tokens were made and are about to be handed out. */
err event_tokens_issued(struct call *c, enum event_grant grant, str subject,
                        str client_id) MUST_CHECK;
void event_token_refused(struct call *c, enum jwt_reason reason);
/* A refresh token or code was used twice; its family is revoked. */
void event_reuse_detected(struct call *c, bool is_code, const struct grant *grant);
err event_user_registered(struct call *c, str user_id) MUST_CHECK;
err event_password_changed(struct call *c, str user_id) MUST_CHECK;
err event_signed_out(struct call *c, str user_id) MUST_CHECK;
/* A client gave tokens back (RFC 7009). */
err event_token_revoked(struct call *c, str subject, str client_id) MUST_CHECK;
err event_consent_given(struct call *c, str user_id, str client_id) MUST_CHECK;

#endif
