/* SPDX-License-Identifier: Apache-2.0 */
/* /oauth/token, /oauth/revoke, /oauth/introspect. */
#include "auth/api/app.h"
#include "auth/api/client_form.h"
#include "auth/api/handlers.h"
#include "auth/api/limits.h"
#include "auth/api/reply.h"
#include "auth/flow/grant_client.h"
#include "auth/flow/grant_code.h"
#include "auth/flow/grant_refresh.h"
#include "auth/flow/revoke.h"

/* One row per grant: its name, who may use it, and the flow behind it. */
struct grant_row {
    str name;
    enum client_grant grant;
    err (*run)(struct call *c, const struct client *client, const struct form *form,
               struct tokens *ret, struct fault *ret_fault);
};

static err run_code(struct call *c, const struct client *client, const struct form *form,
                    struct tokens *ret, struct fault *ret_fault) {
    struct grant_code_request in = {
        .code = form_get(form, STR("code")),
        .redirect_uri = form_get(form, STR("redirect_uri")),
        .code_verifier = form_get(form, STR("code_verifier")),
        .resource = form_get(form, STR("resource")),
    };
    if (in.code.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("code is missing"));
    }
    return grant_code_redeem(c, client, &in, ret, ret_fault);
}

static err run_refresh(struct call *c, const struct client *client, const struct form *form,
                       struct tokens *ret, struct fault *ret_fault) {
    struct grant_refresh_request in = {
        .refresh_token = form_get(form, STR("refresh_token")),
        .scope = form_get(form, STR("scope")),
        .resource = form_get(form, STR("resource")),
    };
    if (in.refresh_token.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("refresh_token is missing"));
    }
    return grant_refresh(c, client, &in, ret, ret_fault);
}

static err run_client(struct call *c, const struct client *client, const struct form *form,
                      struct tokens *ret, struct fault *ret_fault) {
    return grant_client(c, client, form_get(form, STR("scope")), form_get(form, STR("resource")),
                        ret, ret_fault);
}

static const struct grant_row grants[] = {
    {STR_INIT("authorization_code"), CLIENT_GRANT_AUTHORIZATION_CODE, run_code},
    {STR_INIT("refresh_token"), CLIENT_GRANT_REFRESH_TOKEN, run_refresh},
    {STR_INIT("client_credentials"), CLIENT_GRANT_CLIENT_CREDENTIALS, run_client},
};

static err token_make(struct http_request *req, struct call *c, struct tokens *ret,
                      struct fault *ret_fault) {
    struct form form;
    struct client client;
    TRY(client_form_read(req, c, &form, &client, ret_fault));
    str name = form_get(&form, STR("grant_type"));
    if (name.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("grant_type is missing"));
    }
    for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
        if (str_equal(grants[i].name, name)) {
            return client_may(&client, grants[i].grant)
                       ? grants[i].run(c, &client, &form, ret, ret_fault)
                       : fault_set(ret_fault, FAULT_UNAUTHORIZED_CLIENT,
                                   STR("the client may not use this grant"));
        }
    }
    return fault_set(ret_fault, FAULT_UNSUPPORTED_GRANT_TYPE, STR("grant_type is not supported"));
}

enum http_outcome api_token(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct tokens tokens;
    struct fault fault = {0};
    err e = token_make(req, &c, &tokens, &fault);
    if (e != ERR_OK) {
        reply_oauth_error(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    reply_tokens(req, resp, &c, &tokens, false);
    return HTTP_DONE;
}

/* Client and `token` of a revocation or introspection request. */
static err token_read(struct http_request *req, struct call *c, struct client *ret_client,
                      str *ret_token, struct fault *ret_fault) {
    struct form form;
    TRY(client_form_read(req, c, &form, ret_client, ret_fault));
    *ret_token = form_get(&form, STR("token"));
    if (ret_token->len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("token is missing"));
    }
    return ERR_OK;
}

enum http_outcome api_revoke(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct client client;
    struct fault fault = {0};
    str token;
    err e = token_read(req, &c, &client, &token, &fault);
    if (e == ERR_OK) {
        e = revoke_token(&c, &client, token);
    }
    if (e != ERR_OK) {
        reply_oauth_error(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    resp->status = 200;
    return HTTP_DONE;
}

static void access_write(struct json_writer *w, const struct bearer *bearer) {
    const struct jwt_claims *claims = bearer->claims;
    json_name_string(w, STR("token_type"), STR("Bearer"));
    if (claims->scope.len > 0) {
        json_name_string(w, STR("scope"), claims->scope);
    }
    json_name_string(w, STR("client_id"), claims->client_id);
    json_name_string(w, STR("sub"), claims->subject);
    json_name_string(w, STR("iss"), claims->issuer);
    json_name_int(w, STR("exp"), claims->expires_s);
    json_name_int(w, STR("iat"), claims->issued_s);
    json_name_string(w, STR("jti"), claims->id);
    json_name(w, STR("aud"));
    json_open_array(w);
    for (size_t i = 0; i < claims->audience_count; i++) {
        json_string(w, claims->audiences[i]);
    }
    json_close_array(w);
    if (bearer->has_user) {
        json_name_string(w, STR("username"), bearer->user.email.address);
    }
}

static void refresh_write(struct json_writer *w, const struct call *c,
                          const struct refresh *refresh) {
    json_name_string(w, STR("scope"), refresh->grant.scope);
    json_name_string(w, STR("client_id"), refresh->grant.client_id);
    json_name_string(w, STR("sub"), refresh->grant.user_id);
    json_name_string(w, STR("iss"), c->flow->settings.issuer);
    json_name_int(w, STR("exp"), refresh->expires_ms / 1000);
    json_name_int(w, STR("iat"), refresh->created_ms / 1000);
}

static err introspect(struct http_request *req, struct call *c, struct introspection *ret,
                      struct fault *ret_fault) {
    struct client client;
    str token;
    TRY(token_read(req, c, &client, &token, ret_fault));
    if (client.type != CLIENT_CONFIDENTIAL) { /* RFC 7662 §2.1: callers authenticate */
        return fault_set(ret_fault, FAULT_INVALID_CLIENT,
                         STR("only clients with a secret may introspect"));
    }
    return introspect_token(c, &client, token, ret);
}

enum http_outcome api_introspect(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct introspection found;
    struct fault fault = {0};
    struct buf out;
    struct json_writer w;
    err e = introspect(req, &c, &found, &fault);
    if (e != ERR_OK) {
        reply_oauth_error(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    buf_init_arena(&out, req->arena, LIMIT_DOCUMENT);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_bool(&w, STR("active"), found.kind != INTROSPECT_INACTIVE);
    switch (found.kind) {
    case INTROSPECT_INACTIVE: /* and nothing else: RFC 7662 §2.2 */
        break;
    case INTROSPECT_ACCESS:
        access_write(&w, &found.access);
        break;
    case INTROSPECT_REFRESH:
        refresh_write(&w, &c, &found.refresh);
        break;
    }
    json_close_object(&w);
    reply_json(req, resp, &c, 200, &out);
    return HTTP_DONE;
}
