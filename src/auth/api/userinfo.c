/* SPDX-License-Identifier: Apache-2.0 */
/* /oauth/userinfo (OIDC Core §5.3) and the operators' summary. */
#include "auth/api/app.h"
#include "auth/api/guard.h"
#include "auth/api/handlers.h"
#include "auth/api/limits.h"
#include "auth/api/reply.h"

enum http_outcome api_userinfo(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    const struct bearer *bearer = guard_caller(req);
    struct buf out;
    struct json_writer w;
    if (!bearer->has_user || !scope_has(bearer->scopes, SCOPE_OPENID)) {
        http_response_header(resp, STR("WWW-Authenticate"),
                             STR("Bearer error=\"insufficient_scope\", scope=\"openid\""));
        problem_response(req, resp, PROBLEM_FORBIDDEN, STR("the token lacks the scope openid"));
        return HTTP_DONE;
    }
    const struct user *user = &bearer->user;
    buf_init_arena(&out, req->arena, LIMIT_DOCUMENT);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("sub"), user->id);
    if (scope_has(bearer->scopes, SCOPE_PROFILE)) {
        json_name_string(&w, STR("name"), user->name);
        json_name_int(&w, STR("updated_at"), user->updated_ms / 1000);
    }
    if (scope_has(bearer->scopes, SCOPE_EMAIL)) {
        json_name_string(&w, STR("email"), user->email.address);
        /* Nobody has proved to receive mail there yet. */
        json_name_bool(&w, STR("email_verified"), false);
    }
    if (scope_has(bearer->scopes, SCOPE_GROUPS)) {
        issue_names_write(&w, STR("groups"), user->groups);
        issue_names_write(&w, STR("roles"), user->roles);
    }
    json_close_object(&w);
    reply_json(req, resp, &c, 200, &out);
    return HTTP_DONE;
}

enum http_outcome api_admin_summary(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct fault fault = {0};
    struct buf out;
    struct json_writer w;
    int64_t users = 0;
    int64_t sessions = 0;
    err e = store_user_count(c.flow->store, &users, &c.error);
    if (e == ERR_OK) {
        e = store_session_count(c.flow->store, c.now_ms, &sessions, &c.error);
    }
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    buf_init_arena(&out, req->arena, LIMIT_DOCUMENT);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("issuer"), c.flow->settings.issuer);
    json_name_int(&w, STR("users"), users);
    json_name_int(&w, STR("active_sessions"), sessions);
    json_close_object(&w);
    reply_json(req, resp, &c, 200, &out);
    return HTTP_DONE;
}
