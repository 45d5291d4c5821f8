/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/auth: register, me, password. */
#include "auth/flow/account.h"

#include <unistd.h>

#include "auth/api/app.h"
#include "auth/api/guard.h"
#include "auth/api/handlers.h"
#include "auth/api/limits.h"
#include "auth/api/reply.h"
#include "auth/flow/own_login.h"
#include "server/http/decode.h"

enum http_outcome api_register(struct http_request *req, struct http_response *resp) {
    static const struct decode_field fields[] = {
        {STR_INIT("email"), DECODE_STRING, DECODE_REQUIRED, EMAIL_MAX,
         offsetof(struct account_new, email), 0},
        {STR_INIT("password"), DECODE_STRING, DECODE_REQUIRED, LIMIT_PASSWORD_FIELD,
         offsetof(struct account_new, password), 0},
        {STR_INIT("name"), DECODE_STRING, DECODE_REQUIRED, MODEL_NAME_MAX,
         offsetof(struct account_new, name), 0},
    };
    struct call c = app_call(req);
    struct account_new in = {0};
    struct user user;
    struct fault fault = {0};
    struct buf out;
    struct json_writer w;
    if (!decode_body(req, resp, fields, ARRAY_LEN(fields), &in)) {
        return HTTP_DONE;
    }
    err e = account_register(&c, &in, &user, &fault);
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    buf_init_arena(&out, req->arena, LIMIT_DOCUMENT);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("id"), user.id);
    json_name_string(&w, STR("email"), user.email.address);
    json_name_string(&w, STR("name"), user.name);
    json_close_object(&w);
    reply_json(req, resp, &c, 201, &out);
    return HTTP_DONE;
}

/* The user of a bearer token, or NULL with the answer filled in: clients have no account. */
static const struct user *own_user(struct http_request *req, struct http_response *resp) {
    const struct bearer *bearer = guard_caller(req);
    if (bearer->has_user) {
        return &bearer->user;
    }
    problem_response(req, resp, PROBLEM_FORBIDDEN,
                     STR("this token belongs to a client, not a user"));
    return NULL;
}

/* What the token's scopes allow; one of our own login has them all. */
static void me_write(struct json_writer *w, const struct user *user, scope_set scopes) {
    json_name_string(w, STR("id"), user->id);
    if (scope_has(scopes, SCOPE_EMAIL)) {
        json_name_string(w, STR("email"), user->email.address);
    }
    if (scope_has(scopes, SCOPE_PROFILE)) {
        json_name_string(w, STR("name"), user->name);
    }
    if (scope_has(scopes, SCOPE_GROUPS)) {
        issue_names_write(w, STR("groups"), user->groups);
        issue_names_write(w, STR("roles"), user->roles);
    }
}

enum http_outcome api_me(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    struct buf out;
    struct json_writer w;
    char created[CLOCK_RFC3339_LEN];
    const struct user *user = own_user(req, resp);
    if (user == NULL) {
        return HTTP_DONE;
    }
    clock_format_rfc3339(user->created_ms, created);
    buf_init_arena(&out, req->arena, LIMIT_DOCUMENT);
    json_writer_init(&w, &out);
    json_open_object(&w);
    me_write(&w, user, guard_caller(req)->scopes);
    json_name_string(&w, STR("created_at"), str_make(created, sizeof created));
    json_name_bool(&w, STR("password_change_required"), user->is_password_temporary);
    json_close_object(&w);
    reply_json(req, resp, &c, 200, &out);
    return HTTP_DONE;
}

struct password_change {
    str current_password;
    str new_password;
};

/* The file that the starter shows the generated password from. */
static void admin_password_forget(const struct app *app, const struct user *before) {
    if (before->is_password_temporary && app->admin_password_file != NULL &&
        names_has(before->roles, STR(ROLE_ADMIN))) {
        IGNORE(unlink(app->admin_password_file)); /* the password in it is void already */
    }
}

enum http_outcome api_change_password(struct http_request *req, struct http_response *resp) {
    static const struct decode_field fields[] = {
        {STR_INIT("current_password"), DECODE_STRING, DECODE_REQUIRED, LIMIT_PASSWORD_FIELD,
         offsetof(struct password_change, current_password), 0},
        {STR_INIT("new_password"), DECODE_STRING, DECODE_REQUIRED, LIMIT_PASSWORD_FIELD,
         offsetof(struct password_change, new_password), 0},
    };
    struct call c = app_call(req);
    struct password_change in = {0};
    struct fault fault = {0};
    struct user after;
    struct tokens tokens;
    const struct user *user = own_user(req, resp);
    if (user == NULL || !decode_body(req, resp, fields, ARRAY_LEN(fields), &in)) {
        return HTTP_DONE;
    }
    err e = account_change_password(&c, user, in.current_password, in.new_password, &after, &fault);
    if (e == ERR_OK) {
        admin_password_forget(app_of(req), user);
        /* All tokens are void now, the caller's too: here is the way back in. */
        e = own_login_tokens(&c, &after, &tokens, &fault);
    }
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return HTTP_DONE;
    }
    reply_tokens(req, resp, &c, &tokens, false);
    return HTTP_DONE;
}
