/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /oauth/authorize and the forms it leads to. Each handler collects what the browser brings (the
 * request, a session, a proof), lets flow/authorize.h decide, and shows the step.
 */
#include "auth/flow/authorize.h"

#include "auth/api/app.h"
#include "auth/api/browser.h"
#include "auth/api/handlers.h"
#include "auth/api/limits.h"
#include "auth/flow/keyring.h"
#include "auth/flow/sign_in.h"
#include "auth/flow/ticket.h"
#include "auth/pages/pages.h"
#include "server/http/form.h"

#define SIGN_IN_PATH "/oauth/authorize/sign-in"
#define CONSENT_PATH "/oauth/authorize/consent"

/* One visit: what all steps need. */
struct visit {
    struct http_request *req;
    struct http_response *resp;
    struct call call;
    str text; /* the authorization request as it came, url-encoded: forms carry it back */
    struct authorize_request request;
    struct signed_in in;
    bool has_session;
    str session_cookie;
    str email; /* as typed, for showing the form again */
};

/* --- answers ------------------------------------------------------------------------------- */

static void redirect(struct visit *v, const struct buf *location) {
    str text;
    err e = buf_finish(location, &text);
    if (e != ERR_OK) {
        browser_failure(v->req, v->resp, &v->call, e);
        return;
    }
    http_response_header(v->resp, STR("Cache-Control"), STR("no-store"));
    /* 303, so that a browser never posts the password on (RFC 9700 §4.12). */
    http_response_redirect(v->resp, 303, text);
}

/* redirect_uri with the parameters common to success and error; more may be added. */
static void location_begin(struct visit *v, struct buf *out, str name, str value) {
    str uri = v->request.redirect_uri;
    buf_init_arena(out, v->req->arena, LIMIT_PAGE_BODY);
    buf_add(out, uri);
    form_add(out, str_find_byte(uri, '?') == SIZE_MAX ? '?' : '&', name, value);
    if (!str_is_absent(v->request.state)) {
        form_add(out, '&', STR("state"), v->request.state);
    }
    form_add(out, '&', STR("iss"), v->call.flow->settings.issuer); /* RFC 9207 */
}

static void redirect_error(struct visit *v, const struct fault *fault) {
    struct buf location;
    location_begin(v, &location, STR("error"), str_c(fault_code(fault->kind)));
    form_add(&location, '&', STR("error_description"), fault->text);
    redirect(v, &location);
}

static void redirect_code(struct visit *v) {
    struct buf location;
    struct fault fault = {0};
    str code;
    err e = authorize_grant(&v->call, &v->request, &v->in, &code, &fault);
    if (e == ERR_DENIED) {
        redirect_error(v, &fault);
    } else if (e != ERR_OK) {
        browser_failure(v->req, v->resp, &v->call, e);
    } else {
        location_begin(v, &location, STR("code"), code);
        redirect(v, &location);
    }
}

static void show_sign_in(struct visit *v, int status, str error) {
    struct sign_in_page page = {
        .base = app_of(v->req)->base,
        .action = STR(SIGN_IN_PATH),
        .client_name = v->request.client.name,
        .request = v->text,
        .email = str_is_absent(v->email) ? v->request.login_hint : v->email,
        .error = error,
        .reference = v->req->request_id,
    };
    str html = {NULL, 0};
    str holder;
    err e = browser_flow(v->req, v->resp, &holder);
    if (e == ERR_OK) {
        e = ticket_make(v->req->arena, keyring_ticket_key(v->call.flow->keyring), TICKET_SIGN_IN,
                        holder, v->text, call_now_s(&v->call), &page.csrf);
    }
    if (e == ERR_OK) {
        e = page_sign_in(v->req->arena, &page, &html);
    }
    browser_page(v->req, v->resp, &v->call, status, e, html, v->request.origin);
}

static void show_consent(struct visit *v) {
    str meanings[SCOPE_COUNT];
    struct consent_page page = {
        .base = app_of(v->req)->base,
        .action = STR(CONSENT_PATH),
        .client_name = v->request.client.name,
        .user_email = v->in.user.email.address,
        .meanings = meanings,
        .request = v->text,
    };
    str html = {NULL, 0};
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scope_has(v->request.scopes, scope_at(i))) {
            meanings[page.meaning_count++] = scope_meaning(i);
        }
    }
    err e = ticket_make(v->req->arena, keyring_ticket_key(v->call.flow->keyring), TICKET_CONSENT,
                        v->session_cookie, v->text, call_now_s(&v->call), &page.csrf);
    if (e == ERR_OK) {
        e = page_consent(v->req->arena, &page, &html);
    }
    browser_page(v->req, v->resp, &v->call, 200, e, html, v->request.origin);
}

static void proceed(struct visit *v, enum authorize_proof proof) {
    struct fault fault = {0};
    switch (authorize_next(&v->request, v->has_session ? &v->in : NULL, proof, v->call.now_ms,
                           &fault)) {
    case AUTHORIZE_SIGN_IN:
        show_sign_in(v, 200, (str){NULL, 0});
        break;
    case AUTHORIZE_CONSENT:
        show_consent(v);
        break;
    case AUTHORIZE_GRANT:
        redirect_code(v);
        break;
    case AUTHORIZE_REFUSE:
        redirect_error(v, &fault);
        break;
    }
}

/* --- what the browser brings --------------------------------------------------------------- */

static struct authorize_params params_of(const struct form *form) {
    return (struct authorize_params){
        .client_id = form_get(form, STR("client_id")),
        .redirect_uri = form_get(form, STR("redirect_uri")),
        .response_type = form_get(form, STR("response_type")),
        .response_mode = form_get(form, STR("response_mode")),
        .scope = form_get(form, STR("scope")),
        .state = form_get(form, STR("state")),
        .nonce = form_get(form, STR("nonce")),
        .code_challenge = form_get(form, STR("code_challenge")),
        .code_challenge_method = form_get(form, STR("code_challenge_method")),
        .prompt = form_get(form, STR("prompt")),
        .max_age = form_get(form, STR("max_age")),
        .login_hint = form_get(form, STR("login_hint")),
        .resource = form_get(form, STR("resource")),
        .repeated = form_repeated(form),
        .has_request = form_count(form, STR("request")) > 0,
        .has_request_uri = form_count(form, STR("request_uri")) > 0,
        .has_registration = form_count(form, STR("registration")) > 0,
    };
}

static void refuse_request(struct visit *v, str text) {
    browser_message(v->req, v->resp, &v->call, 400, STR("This sign-in link does not work"), text);
}

/* Fills v->request from v->text; false when the answer is given. */
static bool request_read(struct visit *v) {
    struct form form;
    struct fault fault = {0};
    bool may_redirect = false;
    err e = form_parse(v->req->arena, v->text, &form, NULL);
    if (e == ERR_SYNTAX || e == ERR_LIMIT) {
        refuse_request(v, STR("The application sent a malformed request."));
        return false;
    }
    if (e == ERR_OK) {
        struct authorize_params params = params_of(&form);
        e = authorize_parse(&v->call, &params, &v->request, &may_redirect, &fault);
    }
    if (e == ERR_OK) {
        return true;
    }
    if (e != ERR_DENIED) {
        browser_failure(v->req, v->resp, &v->call, e);
    } else if (may_redirect) {
        redirect_error(v, &fault);
    } else {
        refuse_request(v, fault.text);
    }
    return false;
}

/* Fills v->in; false when the answer is given. Nobody signed in is not a failure. */
static bool session_read(struct visit *v) {
    v->session_cookie = browser_cookie_get(v->req, BROWSER_SESSION);
    err e = str_is_absent(v->session_cookie) ? ERR_NOT_FOUND
                                             : session_resume(&v->call, v->session_cookie, &v->in);
    v->has_session = e == ERR_OK;
    if (e != ERR_OK && e != ERR_NOT_FOUND) {
        browser_failure(v->req, v->resp, &v->call, e);
        return false;
    }
    return true;
}

/* A form of ours: `request` and `csrf` fit together and to this browser. False when the answer is
 * given. */
static bool form_read(struct visit *v, enum ticket_purpose purpose, str holder,
                      struct form *ret_form) {
    err e = form_from_body(v->req, ret_form, NULL);
    if (e == ERR_OK && str_is_absent(form_repeated(ret_form)) && browser_is_own_form(v->req)) {
        v->text = form_get(ret_form, STR("request"));
        e = ticket_check(v->req->arena, keyring_ticket_key(v->call.flow->keyring), purpose, holder,
                         v->text, form_get(ret_form, STR("csrf")), call_now_s(&v->call));
        if (e == ERR_OK) {
            return true;
        }
    }
    if (e == ERR_NOMEM) {
        browser_failure(v->req, v->resp, &v->call, e);
        return false;
    }
    browser_message(v->req, v->resp, &v->call, 403, STR("This page has expired"),
                    STR("Please go back to the application and start again. If this happens every "
                        "time, check that your browser accepts cookies from this site."));
    return false;
}

/* --- handlers ------------------------------------------------------------------------------ */

enum http_outcome api_authorize(struct http_request *req, struct http_response *resp) {
    struct visit v = {.req = req, .resp = resp, .call = app_call(req), .text = req->query};
    if (req->method == HTTP_POST) { /* OIDC Core §3.1.2.1 */
        struct form form;
        if (form_from_body(req, &form, NULL) != ERR_OK) {
            refuse_request(&v, STR("The application sent a malformed request."));
            return HTTP_DONE;
        }
        v.text = req->body;
    }
    if (request_read(&v) && session_read(&v)) {
        proceed(&v, PROOF_NONE);
    }
    return HTTP_DONE;
}

static void sign_in_refused(struct visit *v, const struct fault *fault) {
    if (fault->kind == FAULT_THROTTLED) {
        str seconds;
        if (arena_format(v->req->arena, &seconds, "%u", fault->retry_after_s) == ERR_OK) {
            http_response_header(v->resp, STR("Retry-After"), seconds);
        }
        show_sign_in(v, 429, STR("Too many attempts. Please wait a minute and try again."));
        return;
    }
    show_sign_in(v, 403, STR("The e-mail address or the password is wrong."));
}

enum http_outcome api_sign_in(struct http_request *req, struct http_response *resp) {
    struct visit v = {.req = req, .resp = resp, .call = app_call(req)};
    struct form form;
    struct fault fault = {0};
    struct user user;
    str cookie;
    if (!form_read(&v, TICKET_SIGN_IN, browser_cookie_get(req, BROWSER_FLOW), &form) ||
        !request_read(&v)) {
        return HTTP_DONE;
    }
    v.email = form_get(&form, STR("email"));
    str password = form_get(&form, STR("password"));
    err e =
        sign_in_password(&v.call, EVENT_PASSWORD_PAGE, str_trim(v.email), password, &user, &fault);
    if (e == ERR_OK) {
        e = session_begin(&v.call, &user, browser_cookie_get(req, BROWSER_SESSION), &cookie, &v.in,
                          &fault);
    }
    if (e == ERR_OK) {
        e = browser_cookie_set(req, resp, BROWSER_SESSION, cookie,
                               v.call.flow->settings.session_ttl_s);
    }
    if (e == ERR_DENIED) {
        sign_in_refused(&v, &fault);
    } else if (e != ERR_OK) {
        browser_failure(req, resp, &v.call, e);
    } else {
        v.has_session = true;
        v.session_cookie = cookie;
        proceed(&v, PROOF_SIGNED_IN);
    }
    return HTTP_DONE;
}

enum http_outcome api_consent(struct http_request *req, struct http_response *resp) {
    struct visit v = {.req = req, .resp = resp, .call = app_call(req)};
    struct form form;
    if (!form_read(&v, TICKET_CONSENT, browser_cookie_get(req, BROWSER_SESSION), &form) ||
        !request_read(&v) || !session_read(&v)) {
        return HTTP_DONE;
    }
    if (!v.has_session) { /* it ended while the form was open */
        proceed(&v, PROOF_NONE);
        return HTTP_DONE;
    }
    bool is_allowed = str_equal(form_get(&form, STR("answer")), STR("allow"));
    err e = is_allowed ? event_consent_given(&v.call, v.in.user.id, v.request.client.id) : ERR_OK;
    if (e != ERR_OK) {
        browser_failure(req, resp, &v.call, e);
        return HTTP_DONE;
    }
    proceed(&v, is_allowed ? PROOF_CONSENTED : PROOF_REFUSED);
    return HTTP_DONE;
}

/* GET asks, POST does (attack class 56). */
enum http_outcome api_sign_out(struct http_request *req, struct http_response *resp) {
    struct visit v = {.req = req, .resp = resp, .call = app_call(req)};
    struct form form;
    struct sign_out_page page = {
        .base = app_of(req)->base, .action = STR("/oauth/logout"), .request = STR("logout")};
    str html = {NULL, 0};
    if (!session_read(&v)) {
        return HTTP_DONE;
    }
    if (req->method != HTTP_POST && v.has_session) {
        err e = ticket_make(req->arena, keyring_ticket_key(v.call.flow->keyring), TICKET_SIGN_OUT,
                            v.session_cookie, page.request, call_now_s(&v.call), &page.csrf);
        if (e == ERR_OK) {
            e = page_sign_out(req->arena, &page, &html);
        }
        browser_page(req, resp, &v.call, 200, e, html, (str){NULL, 0});
        return HTTP_DONE;
    }
    if (v.has_session) {
        if (!form_read(&v, TICKET_SIGN_OUT, v.session_cookie, &form)) {
            return HTTP_DONE;
        }
        err e = session_end(&v.call, v.session_cookie);
        if (e == ERR_OK) {
            e = event_signed_out(&v.call, v.in.user.id);
        }
        if (e == ERR_OK) {
            e = browser_cookie_set(req, resp, BROWSER_SESSION, (str){NULL, 0}, 0);
        }
        if (e != ERR_OK) {
            browser_failure(req, resp, &v.call, e);
            return HTTP_DONE;
        }
    }
    browser_message(req, resp, &v.call, 200, STR("Signed out"), STR("You are signed out."));
    return HTTP_DONE;
}
