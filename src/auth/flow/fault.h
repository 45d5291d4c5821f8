/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_FAULT_H
#define AUTH_FLOW_FAULT_H
/*
 * What a caller did wrong, as the rules of OAuth and of our own API name it.
 *
 * A flow function that can refuse takes a `struct fault *ret_fault`. When it returns ERR_DENIED
 * the fault says which rule was broken, in words fit for the caller; every other error is a
 * failure of ours and carries no fault. api/ turns a fault into JSON, a page or a redirect.
 */
#include "base/err.h"
#include "base/str.h"

/* kind, OAuth error code (RFC 6749 §4.1.2.1 and §5.2, OIDC Core §3.1.2.6, RFC 8707, RFC 6750) */
#define FAULT_TABLE(X)                                                \
    X(FAULT_NONE, "")                                                 \
    X(FAULT_INVALID_REQUEST, "invalid_request")                       \
    X(FAULT_INVALID_CLIENT, "invalid_client")                         \
    X(FAULT_INVALID_GRANT, "invalid_grant")                           \
    X(FAULT_UNAUTHORIZED_CLIENT, "unauthorized_client")               \
    X(FAULT_UNSUPPORTED_GRANT_TYPE, "unsupported_grant_type")         \
    X(FAULT_UNSUPPORTED_RESPONSE_TYPE, "unsupported_response_type")   \
    X(FAULT_INVALID_SCOPE, "invalid_scope")                           \
    X(FAULT_INVALID_TARGET, "invalid_target")                         \
    X(FAULT_ACCESS_DENIED, "access_denied")                           \
    X(FAULT_LOGIN_REQUIRED, "login_required")                         \
    X(FAULT_CONSENT_REQUIRED, "consent_required")                     \
    X(FAULT_REQUEST_NOT_SUPPORTED, "request_not_supported")           \
    X(FAULT_REQUEST_URI_NOT_SUPPORTED, "request_uri_not_supported")   \
    X(FAULT_REGISTRATION_NOT_SUPPORTED, "registration_not_supported") \
    X(FAULT_INVALID_TOKEN, "invalid_token")                           \
    X(FAULT_INSUFFICIENT_SCOPE, "insufficient_scope")                 \
    X(FAULT_UNSUPPORTED_TOKEN_TYPE, "unsupported_token_type")         \
    /* below: our own API, never sent as an OAuth code */             \
    X(FAULT_CREDENTIALS, "invalid_credentials")                       \
    X(FAULT_THROTTLED, "throttled")                                   \
    X(FAULT_FIELD, "invalid_field")                                   \
    X(FAULT_TAKEN, "taken")

enum fault_kind {
#define X(kind, code) kind,
    FAULT_TABLE(X)
#undef X
};

struct fault {
    enum fault_kind kind;
    str text;               /* static */
    str field;              /* FAULT_FIELD: whose value is wrong; static */
    unsigned retry_after_s; /* FAULT_THROTTLED */
};

const char *fault_code(enum fault_kind kind);

/* Fills *ret_fault and returns ERR_DENIED, so that `return fault_set(…)` reads well. */
static inline err fault_set(struct fault *ret_fault, enum fault_kind kind, str text) {
    *ret_fault = (struct fault){.kind = kind, .text = text};
    return ERR_DENIED;
}

/* FAULT_FIELD. */
static inline err fault_field(struct fault *ret_fault, str field, str text) {
    *ret_fault = (struct fault){.kind = FAULT_FIELD, .text = text, .field = field};
    return ERR_DENIED;
}

#endif
