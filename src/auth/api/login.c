/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/auth: login, refresh, logout. */
#include "auth/flow/own_login.h"

#include "auth/api/app.h"
#include "auth/api/handlers.h"
#include "auth/api/limits.h"
#include "auth/api/reply.h"
#include "auth/flow/bearer.h"
#include "auth/flow/grant_refresh.h"
#include "auth/flow/sign_in.h"
#include "server/http/auth_header.h"
#include "server/http/decode.h"

struct login {
    str email;
    str password;
};

enum http_outcome api_login(struct http_request *req, struct http_response *resp) {
    static const struct decode_field fields[] = {
        {STR_INIT("email"), DECODE_STRING, DECODE_REQUIRED, EMAIL_MAX,
         offsetof(struct login, email), 0},
        {STR_INIT("password"), DECODE_STRING, DECODE_REQUIRED, LIMIT_PASSWORD_FIELD,
         offsetof(struct login, password), 0},
    };
    struct call c = app_call(req);
    struct login in = {0};
    struct user user;
    struct tokens tokens;
    struct fault fault = {0};
    if (!decode_body(req, resp, fields, ARRAY_LEN(fields), &in)) {
        return HTTP_DONE;
    }
    err e = sign_in_password(&c, EVENT_PASSWORD_API, in.email, in.password, &user, &fault);
    if (e == ERR_OK) {
        e = own_login_tokens(&c, &user, &tokens, &fault);
    }
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    reply_tokens(req, resp, &c, &tokens, user.is_password_temporary);
    return HTTP_DONE;
}

struct refresh_body {
    str refresh_token;
};

static bool refresh_decode(struct http_request *req, struct http_response *resp,
                           enum decode_presence presence, struct refresh_body *ret) {
    const struct decode_field fields[] = {
        {STR_INIT("refresh_token"), DECODE_STRING, presence, LIMIT_TOKEN_FIELD,
         offsetof(struct refresh_body, refresh_token), 0},
    };
    return decode_body(req, resp, fields, ARRAY_LEN(fields), ret);
}

enum http_outcome api_refresh(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct refresh_body in = {0};
    struct tokens tokens;
    struct fault fault = {0};
    if (!refresh_decode(req, resp, DECODE_REQUIRED, &in)) {
        return HTTP_DONE;
    }
    struct grant_refresh_request refresh = {.refresh_token = in.refresh_token};
    err e = grant_refresh(&c, NULL, &refresh, &tokens, &fault);
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    reply_tokens(req, resp, &c, &tokens, false);
    return HTTP_DONE;
}

/* Ends the family of the access token, which may have expired: its refresh token has not. A forged
 * one ends nothing. */
static err bearer_end(struct call *c, str token) {
    struct bearer bearer;
    struct fault ignored;
    err e = bearer_identify(c, token, &bearer, &ignored);
    if (e == ERR_DENIED || (e == ERR_OK && bearer.grant_id.len == 0)) {
        return ERR_OK;
    }
    TRY(e);
    TRY(store_grant_revoke(c->flow->store, bearer.grant_id, c->now_ms, &c->error));
    return event_signed_out(c, bearer.subject);
}

enum http_outcome api_logout(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct refresh_body in = {0};
    struct fault fault = {0};
    str token;
    bool has_bearer = auth_header_bearer(req, &token) == ERR_OK;
    if (req->body.len > 0 && !refresh_decode(req, resp, DECODE_OPTIONAL, &in)) {
        return HTTP_DONE;
    }
    if (!has_bearer && str_is_absent(in.refresh_token)) {
        problem_response(req, resp, PROBLEM_UNAUTHENTICATED,
                         STR("send the access token, or the refresh token in the body"));
        return HTTP_DONE;
    }
    err e = has_bearer ? bearer_end(&c, token) : ERR_OK;
    if (e == ERR_OK && !str_is_absent(in.refresh_token)) {
        e = own_login_end(&c, in.refresh_token);
    }
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    resp->status = 204;
    return HTTP_DONE;
}
