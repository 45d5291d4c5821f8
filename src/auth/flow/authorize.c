/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/authorize.h"

#include "auth/flow/audience.h"
#include "auth/flow/issue.h"
#include "auth/flow/pkce.h"
#include "auth/flow/redirect_uri.h"
#include "auth/model/text.h"
#include "crypto/id.h"
#include "crypto/random.h"

enum { LOGIN_HINT_MAX = EMAIL_MAX };

/* --- parsing ------------------------------------------------------------------------------- */

/* Client and redirect URI: whatever is wrong here is shown to the person, never redirected. */
static err target_parse(struct call *c, const struct authorize_params *in,
                        struct authorize_request *r, struct fault *ret_fault) {
    if (in->client_id.len == 0 || in->client_id.len > MODEL_ID_MAX) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("The application did not say who it is (client_id)."));
    }
    if (str_equal(in->repeated, STR("client_id")) || str_equal(in->repeated, STR("redirect_uri"))) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("The application sent client_id or redirect_uri more than once."));
    }
    err e = store_client_get(c->flow->store, in->client_id, c->arena, &r->client, &c->error);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && !r->client.is_enabled)) {
        return fault_set(ret_fault, FAULT_INVALID_CLIENT,
                         STR("The application is not known here (client_id)."));
    }
    TRY(e);
    if (in->redirect_uri.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("The application did not say where to return to (redirect_uri)."));
    }
    for (size_t i = 0; i < r->client.redirect_uris.count; i++) {
        struct redirect_uri uri;
        if (redirect_uri_matches(r->client.redirect_uris.items[i], in->redirect_uri) &&
            redirect_uri_parse(in->redirect_uri, &uri) == ERR_OK) {
            r->redirect_uri = in->redirect_uri;
            r->origin = uri.origin;
            return ERR_OK;
        }
    }
    return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                     STR("The address to return to is not registered for this application "
                         "(redirect_uri)."));
}

static err kind_check(const struct authorize_params *in, const struct client *client,
                      struct fault *ret_fault) {
    if (!str_is_absent(in->repeated)) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("a parameter is repeated"));
    }
    if (in->has_request) {
        return fault_set(ret_fault, FAULT_REQUEST_NOT_SUPPORTED, STR("`request` is not supported"));
    }
    if (in->has_request_uri) {
        return fault_set(ret_fault, FAULT_REQUEST_URI_NOT_SUPPORTED,
                         STR("`request_uri` is not supported"));
    }
    if (in->has_registration) {
        return fault_set(ret_fault, FAULT_REGISTRATION_NOT_SUPPORTED,
                         STR("`registration` is not supported"));
    }
    if (in->response_type.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("response_type is missing"));
    }
    if (!str_equal(in->response_type, STR("code"))) {
        return fault_set(ret_fault, FAULT_UNSUPPORTED_RESPONSE_TYPE,
                         STR("only response_type=code is supported"));
    }
    if (!str_is_absent(in->response_mode) && !str_equal(in->response_mode, STR("query"))) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("only response_mode=query is supported"));
    }
    if (!client_may(client, CLIENT_GRANT_AUTHORIZATION_CODE)) {
        return fault_set(ret_fault, FAULT_UNAUTHORIZED_CLIENT,
                         STR("the client may not use the authorization code grant"));
    }
    return ERR_OK;
}

static err pkce_parse(const struct authorize_params *in, struct authorize_request *r,
                      struct fault *ret_fault) {
    if (in->code_challenge.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("code_challenge is missing: PKCE is required"));
    }
    if (!str_equal(in->code_challenge_method, STR("S256"))) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("only code_challenge_method=S256 is supported"));
    }
    if (!pkce_challenge_is_valid(in->code_challenge)) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("code_challenge is malformed"));
    }
    r->code_challenge = in->code_challenge;
    return ERR_OK;
}

static err scopes_parse(const struct authorize_params *in, struct authorize_request *r,
                        struct fault *ret_fault) {
    if (scope_parse(in->scope, &r->scopes, NULL) != ERR_OK) {
        return fault_set(ret_fault, FAULT_INVALID_SCOPE, STR("scope is malformed"));
    }
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scope_has(r->scopes, scope_at(i)) && !names_has(r->client.scopes, scope_text(i))) {
            return fault_set(ret_fault, FAULT_INVALID_SCOPE,
                             STR("the client may not ask for one of these scopes"));
        }
    }
    return ERR_OK;
}

static err prompt_parse(const struct authorize_params *in, struct authorize_request *r,
                        struct fault *ret_fault) {
    static const struct {
        str text;
        enum authorize_prompt bit;
    } words[] = {
        {STR_INIT("none"), PROMPT_NONE},
        {STR_INIT("login"), PROMPT_LOGIN},
        {STR_INIT("consent"), PROMPT_CONSENT},
        {STR_INIT("select_account"), PROMPT_SELECT_ACCOUNT},
    };
    str rest = in->prompt;
    while (rest.len > 0) {
        str word;
        unsigned bit = 0;
        str_cut(rest, ' ', &word, &rest);
        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
            bit |= str_equal(words[i].text, word) ? (unsigned)words[i].bit : 0;
        }
        if (bit == 0) {
            return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("prompt has an unknown value"));
        }
        r->prompt |= bit;
    }
    if ((r->prompt & PROMPT_NONE) != 0 && r->prompt != PROMPT_NONE) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("prompt=none cannot be combined with others"));
    }
    return ERR_OK;
}

static err rest_parse(struct call *c, const struct authorize_params *in,
                      struct authorize_request *r, struct fault *ret_fault) {
    uint64_t max_age = 0;
    if (!str_is_absent(in->max_age)) {
        if (!str_to_u64(in->max_age, &max_age) || max_age > INT32_MAX) {
            return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("max_age is not a number"));
        }
        r->has_max_age = true;
        r->max_age_s = (int64_t)max_age;
    }
    if (in->nonce.len > MODEL_NONCE_MAX) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("nonce is too long"));
    }
    if (text_check(in->nonce, "nonce", 0, MODEL_NONCE_MAX, NULL) != ERR_OK) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("nonce contains a control character"));
    }
    if (!audience_is_allowed(c, &r->client, in->resource)) {
        return fault_set(ret_fault, FAULT_INVALID_TARGET,
                         STR("the client may not ask for tokens for this resource"));
    }
    r->nonce = in->nonce.len > 0 ? in->nonce : (str){NULL, 0};
    r->resource = in->resource;
    r->login_hint = in->login_hint.len <= LOGIN_HINT_MAX ? in->login_hint : (str){NULL, 0};
    return ERR_OK;
}

err authorize_parse(struct call *c, const struct authorize_params *in,
                    struct authorize_request *ret, bool *ret_may_redirect,
                    struct fault *ret_fault) {
    struct authorize_request r = {0};
    *ret_may_redirect = false;
    TRY(target_parse(c, in, &r, ret_fault));
    *ret_may_redirect = true;
    r.state = in->state;
    ret->redirect_uri = r.redirect_uri;
    ret->state = r.state;
    TRY(kind_check(in, &r.client, ret_fault));
    TRY(pkce_parse(in, &r, ret_fault));
    TRY(scopes_parse(in, &r, ret_fault));
    TRY(prompt_parse(in, &r, ret_fault));
    TRY(rest_parse(c, in, &r, ret_fault));
    *ret = r;
    return ERR_OK;
}

/* --- deciding ------------------------------------------------------------------------------ */

static bool needs_sign_in(const struct authorize_request *r, const struct signed_in *in,
                          enum authorize_proof proof, int64_t now_ms) {
    if (in == NULL) {
        return true;
    }
    if (proof == PROOF_SIGNED_IN || proof == PROOF_CONSENTED) {
        /* The consent form is only ever shown once the sign-in was good enough. */
        return false;
    }
    if ((r->prompt & (PROMPT_LOGIN | PROMPT_SELECT_ACCOUNT)) != 0) {
        return true;
    }
    return r->has_max_age && now_ms - in->session.auth_time_ms > r->max_age_s * 1000;
}

/* Attack class 55: nobody but our own clients goes without asking. Consent is not remembered
 * yet, so every other client asks each time. */
static bool needs_consent(const struct authorize_request *r, enum authorize_proof proof) {
    if (proof == PROOF_CONSENTED) {
        return false;
    }
    return !r->client.is_first_party || (r->prompt & PROMPT_CONSENT) != 0;
}

/* RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6. */
enum authorize_step authorize_next(const struct authorize_request *r, const struct signed_in *in,
                                   enum authorize_proof proof, int64_t now_ms,
                                   struct fault *ret_fault) {
    bool is_silent = (r->prompt & PROMPT_NONE) != 0;
    if (proof == PROOF_REFUSED) {
        IGNORE(fault_set(ret_fault, FAULT_ACCESS_DENIED, STR("the user did not allow it")));
        return AUTHORIZE_REFUSE;
    }
    if (needs_sign_in(r, in, proof, now_ms)) {
        if (!is_silent) {
            return AUTHORIZE_SIGN_IN;
        }
        IGNORE(fault_set(ret_fault, FAULT_LOGIN_REQUIRED, STR("the user is not signed in")));
        return AUTHORIZE_REFUSE;
    }
    if (needs_consent(r, proof)) {
        if (!is_silent) {
            return AUTHORIZE_CONSENT;
        }
        IGNORE(fault_set(ret_fault, FAULT_CONSENT_REQUIRED, STR("the user has to be asked")));
        return AUTHORIZE_REFUSE;
    }
    return AUTHORIZE_GRANT;
}

/* --- granting ------------------------------------------------------------------------------ */

/* The grant outlives its last token: the refresh family's, or the one access token's. */
static int64_t grant_life_s(const struct call *c, const struct authorize_request *r,
                            scope_set scopes) {
    const struct flow_settings *settings = &c->flow->settings;
    bool has_refresh = scope_has(scopes, SCOPE_OFFLINE_ACCESS) &&
                       client_may(&r->client, CLIENT_GRANT_REFRESH_TOKEN);
    return has_refresh ? settings->grant_ttl_s
                       : settings->code_ttl_s + settings->access_ttl_s + settings->clock_skew_s;
}

err authorize_grant(struct call *c, const struct authorize_request *r, const struct signed_in *in,
                    str *ret_code, struct fault *ret_fault) {
    str token;
    struct buf scope;
    scope_set scopes = issue_allowed_scopes(&in->user, r->scopes);
    struct code code = {
        .redirect_uri = r->redirect_uri,
        .code_challenge = r->code_challenge,
        .nonce = r->nonce,
        .created_ms = c->now_ms,
        .expires_ms = c->now_ms + c->flow->settings.code_ttl_s * 1000,
        .grant = {.client_id = r->client.id,
                  .user_id = in->user.id,
                  .sid = in->session.sid,
                  .resource = r->resource,
                  .user_epoch = in->user.epoch,
                  .auth_time_ms = in->session.auth_time_ms,
                  .amr = in->session.amr,
                  .created_ms = c->now_ms,
                  .expires_ms = c->now_ms + grant_life_s(c, r, scopes) * 1000},
    };
    buf_init_arena(&scope, c->arena, SCOPE_TEXT_MAX);
    scope_format(&scope, scopes);
    TRY(buf_finish(&scope, &code.grant.scope));
    TRY(id_hex_new(c->arena, &code.grant.id));
    TRY(random_token(c->arena, &token));
    code.hash = issue_digest(token);
    err e = store_code_create(c->flow->store, &code, &c->error);
    if (e == ERR_DENIED || e == ERR_MISSING) {
        return fault_set(ret_fault, FAULT_LOGIN_REQUIRED, STR("the account has changed"));
    }
    TRY(e);
    *ret_code = token;
    return ERR_OK;
}
