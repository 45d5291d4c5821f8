/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/event.h"

#include "base/assert.h"

static const char *method_label(enum event_method method) {
    switch (method) {
    case EVENT_PASSWORD_API:
        return "password";
    case EVENT_PASSWORD_PAGE:
        return "password_page";
    case EVENT_CLIENT_SECRET:
        return "client_secret";
    }
    UNREACHABLE();
}

static const char *reason_word(enum event_reason reason) {
    switch (reason) {
    case EVENT_UNKNOWN_USER:
        return "unknown_user";
    case EVENT_WRONG_PASSWORD:
        return "wrong_password";
    case EVENT_ACCOUNT_DISABLED:
        return "account_disabled";
    case EVENT_THROTTLED:
        return "throttled";
    case EVENT_UNKNOWN_CLIENT:
        return "unknown_client";
    case EVENT_WRONG_SECRET:
        return "wrong_secret";
    }
    UNREACHABLE();
}

static const char *grant_label(enum event_grant grant) {
    switch (grant) {
    case EVENT_GRANT_PASSWORD:
        return "password";
    case EVENT_GRANT_CODE:
        return "authorization_code";
    case EVENT_GRANT_REFRESH:
        return "refresh_token";
    case EVENT_GRANT_CLIENT:
        return "client_credentials";
    }
    UNREACHABLE();
}

/* One record; counted and logged when it cannot be written. */
static err audit(struct call *c, struct audit_record record) {
    struct ops *ops = c->flow->ops;
    if (ops == NULL || ops->audit == NULL) {
        return ERR_OK;
    }
    record.request_id = c->log.request_id;
    record.address = c->address;
    err e = audit_write(ops->audit, &record);
    counter_add(
        METRIC_COUNTER(ops->metrics, METRIC_AUDIT_RECORDS, e == ERR_OK ? "written" : "failed"), 1);
    if (e != ERR_OK) {
        LOG(ops->log, LOG_LEVEL_ERROR, LOG_EVENT_AUDIT_FAILED, &c->log,
            LOG_C("error", err_name(e)));
    }
    return e;
}

static void count_attempt(struct call *c, const char *result, enum event_method method) {
    struct ops *ops = c->flow->ops;
    if (ops != NULL) {
        counter_add(METRIC_COUNTER(ops->metrics, METRIC_AUTHENTICATION_ATTEMPTS, result,
                                   method_label(method)),
                    1);
    }
}

void event_authentication_failed(struct call *c, enum event_method method, enum event_reason reason,
                                 str subject) {
    struct ops *ops = c->flow->ops;
    enum audit_action action =
        method == EVENT_CLIENT_SECRET ? AUDIT_CLIENT_AUTHENTICATE : AUDIT_USER_LOGIN;
    count_attempt(c, reason == EVENT_THROTTLED ? "throttled" : "failure", method);
    if (ops != NULL) {
        LOG(ops->log, LOG_LEVEL_WARN, LOG_EVENT_AUTHENTICATION_FAILED, &c->log,
            LOG_C("method", method_label(method)), LOG_C("reason", reason_word(reason)),
            LOG_STR("subject", subject), LOG_STR("address", c->address));
    }
    /* Nothing was given away, and the failure to record it is logged there. */
    IGNORE(audit(c, (struct audit_record){.actor = subject,
                                          .action = action,
                                          .outcome = AUDIT_DENIED,
                                          .reason = str_c(reason_word(reason))}));
}

err event_authentication_succeeded(struct call *c, enum event_method method, str subject) {
    struct ops *ops = c->flow->ops;
    count_attempt(c, "success", method);
    if (method == EVENT_CLIENT_SECRET) {
        return ERR_OK; /* one record per token is enough: event_tokens_issued */
    }
    if (ops != NULL) {
        LOG(ops->log, LOG_LEVEL_INFO, LOG_EVENT_LOGIN_SUCCEEDED, &c->log,
            LOG_C("method", method_label(method)), LOG_STR("user_id", subject),
            LOG_STR("address", c->address));
    }
    return audit(c, (struct audit_record){.actor = subject, .action = AUDIT_USER_LOGIN});
}

err event_tokens_issued(struct call *c, enum event_grant grant, str subject, str client_id) {
    struct ops *ops = c->flow->ops;
    if (ops != NULL) {
        counter_add(METRIC_COUNTER(ops->metrics, METRIC_TOKENS_ISSUED, grant_label(grant)), 1);
        LOG(ops->log, LOG_LEVEL_INFO, LOG_EVENT_TOKEN_ISSUED, &c->log,
            LOG_C("grant", grant_label(grant)), LOG_STR("subject", subject),
            LOG_STR("client_id", client_id));
    }
    return audit(
        c, (struct audit_record){
               .actor = subject,
               .action = grant == EVENT_GRANT_REFRESH ? AUDIT_TOKEN_REFRESH : AUDIT_TOKEN_ISSUE,
               .target = client_id,
               .reason = str_c(grant_label(grant)),
           });
}

void event_token_refused(struct call *c, enum jwt_reason reason) {
    struct ops *ops = c->flow->ops;
    if (ops != NULL) {
        counter_add(
            METRIC_COUNTER(ops->metrics, METRIC_TOKEN_VALIDATION_ERRORS, jwt_reason_name(reason)),
            1);
        LOG(ops->log, LOG_LEVEL_WARN, LOG_EVENT_TOKEN_VALIDATION_ERROR, &c->log,
            LOG_C("reason", jwt_reason_name(reason)), LOG_STR("address", c->address));
    }
}

void event_reuse_detected(struct call *c, bool is_code, const struct grant *grant) {
    struct ops *ops = c->flow->ops;
    const char *kind = is_code ? "authorization_code" : "refresh_token";
    if (ops != NULL) {
        LOG(ops->log, LOG_LEVEL_WARN, LOG_EVENT_TOKEN_REUSED, &c->log, LOG_C("kind", kind),
            LOG_STR("user_id", grant->user_id), LOG_STR("client_id", grant->client_id),
            LOG_STR("grant_id", grant->id), LOG_STR("address", c->address));
    }
    /* The family is revoked already; the failure to record it is logged there. */
    IGNORE(audit(c, (struct audit_record){.actor = grant->user_id,
                                          .action = AUDIT_TOKEN_REUSE,
                                          .target = grant->id,
                                          .outcome = AUDIT_DENIED,
                                          .reason = str_c(kind)}));
}

/* Log line and audit record of something a user did to the own account. */
static err user_event(struct call *c, enum log_event event, enum audit_action action, str user_id,
                      str target) {
    struct ops *ops = c->flow->ops;
    if (ops != NULL) {
        LOG(ops->log, LOG_LEVEL_INFO, event, &c->log, LOG_STR("user_id", user_id),
            LOG_STR("client_id", target), LOG_STR("address", c->address));
    }
    return audit(c, (struct audit_record){.actor = user_id, .action = action, .target = target});
}

err event_user_registered(struct call *c, str user_id) {
    return user_event(c, LOG_EVENT_USER_REGISTERED, AUDIT_USER_REGISTER, user_id, (str){NULL, 0});
}

err event_password_changed(struct call *c, str user_id) {
    return user_event(c, LOG_EVENT_PASSWORD_CHANGED, AUDIT_USER_PASSWORD, user_id, (str){NULL, 0});
}

err event_signed_out(struct call *c, str user_id) {
    return user_event(c, LOG_EVENT_LOGOUT, AUDIT_USER_LOGOUT, user_id, (str){NULL, 0});
}

err event_token_revoked(struct call *c, str subject, str client_id) {
    return user_event(c, LOG_EVENT_TOKEN_REVOKED, AUDIT_TOKEN_REVOKE, subject, client_id);
}

err event_consent_given(struct call *c, str user_id, str client_id) {
    return audit(c, (struct audit_record){
                        .actor = user_id, .action = AUDIT_CONSENT_GRANT, .target = client_id});
}
