/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_AUTHORIZE_H
#define AUTH_FLOW_AUTHORIZE_H
/*
 * The authorization endpoint (RFC 6749 §4.1, OIDC Core §3.1.2, RFC 7636, RFC 9207).
 *
 *   parameters ─► authorize_parse ─► request ─► authorize_next ─┬─► sign-in page
 *                   │                   ▲          ▲             ├─► consent page
 *                   ▼                   │          │             ├─► error to the client
 *             error page        every step again  session        └─► authorize_grant ─► code
 *
 * Nothing is kept between the steps: each form carries the request back, bound to the browser by a
 * ticket, and every step parses and decides anew from the request and the session alone. So no
 * order of posts can skip a step (attack class 21): the only thing that counts as signed in is a
 * session, and the only thing that counts as consent is the consent form's own ticket, which is
 * bound to that session.
 *
 * SECURITY: until client and redirect URI are known to belong together nothing is sent to the
 * redirect URI; afterwards every error goes there (RFC 6749 §4.1.2.1).
 */
#include "auth/flow/scope.h"
#include "auth/flow/session.h"

/* As received. Absent members were not sent. */
struct authorize_params {
    str client_id;
    str redirect_uri;
    str response_type;
    str response_mode;
    str scope;
    str state;
    str nonce;
    str code_challenge;
    str code_challenge_method;
    str prompt;
    str max_age;
    str login_hint;
    str resource;
    str repeated; /* name of a parameter that came more than once */
    bool has_request;
    bool has_request_uri;
    bool has_registration;
};

enum authorize_prompt {
    PROMPT_NONE = 1 << 0,
    PROMPT_LOGIN = 1 << 1,
    PROMPT_CONSENT = 1 << 2,
    PROMPT_SELECT_ACCOUNT = 1 << 3,
};

struct authorize_request {
    struct client client;
    str redirect_uri;
    str origin; /* of the redirect URI, for the page's Content-Security-Policy */
    str state;
    scope_set scopes;
    str nonce;
    str code_challenge;
    str resource;
    str login_hint;
    unsigned prompt;
    bool has_max_age;
    int64_t max_age_s;
};

/*
 * ERR_DENIED with a fault: *ret_may_redirect tells whether it goes to the client; then
 * ret->redirect_uri and ret->state are set (only those). Otherwise it is shown to the person.
 */
err authorize_parse(struct call *c, const struct authorize_params *in,
                    struct authorize_request *ret, bool *ret_may_redirect,
                    struct fault *ret_fault) MUST_CHECK;

enum authorize_step {
    AUTHORIZE_SIGN_IN = 1,
    AUTHORIZE_CONSENT,
    AUTHORIZE_GRANT,
    AUTHORIZE_REFUSE, /* the fault goes to the client */
};

/* What has been proved in this very request, besides the session. */
enum authorize_proof {
    PROOF_NONE = 0,
    PROOF_SIGNED_IN, /* the password was right just now */
    PROOF_CONSENTED, /* the consent form of this session and request came back with "allow" */
    PROOF_REFUSED,   /* … with anything else */
};

/* Pure. `in` is NULL when nobody is signed in. */
enum authorize_step authorize_next(const struct authorize_request *request,
                                   const struct signed_in *in, enum authorize_proof proof,
                                   int64_t now_ms, struct fault *ret_fault);

/* Makes the code (the grant begins here). Only after AUTHORIZE_GRANT. ERR_DENIED with
 * FAULT_LOGIN_REQUIRED when the account changed in the meantime. */
err authorize_grant(struct call *c, const struct authorize_request *request,
                    const struct signed_in *in, str *ret_code, struct fault *ret_fault) MUST_CHECK;

#endif
