/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/api/guard.h"

#include "auth/api/app.h"
#include "auth/api/reply.h"
#include "base/assert.h"
#include "server/http/auth_header.h"

static bool token_of(struct http_request *req, struct http_response *resp, struct call *c,
                     str *ret_token) {
    err e = auth_header_bearer(req, ret_token);
    if (e == ERR_OK) {
        return true;
    }
    if (e == ERR_MISSING) {
        problem_response(req, resp, PROBLEM_UNAUTHENTICATED,
                         STR("send an access token: Authorization: Bearer …"));
        return false;
    }
    event_token_refused(c, JWT_MALFORMED);
    http_response_header(resp, STR("WWW-Authenticate"), STR("Bearer error=\"invalid_token\""));
    problem_response(req, resp, PROBLEM_INVALID_TOKEN, STR("the token is malformed"));
    return false;
}

static bool admin_check(struct http_request *req, struct http_response *resp,
                        const struct bearer *bearer) {
    if (scope_has(bearer->scopes, SCOPE_ADMIN)) {
        return true;
    }
    http_response_header(resp, STR("WWW-Authenticate"),
                         STR("Bearer error=\"insufficient_scope\", scope=\"admin\""));
    problem_response(req, resp, PROBLEM_FORBIDDEN, STR("the token lacks the scope admin"));
    return false;
}

bool guard_check(struct http_request *req, struct http_response *resp, bool *ret_needs_pool) {
    enum caller_kind kind = req->route->caller;
    ASSERT(kind != CALLER_UNSET && kind != CALLER_ANYONE);
    if (kind == CALLER_OPERATOR && ops_is_loopback_operator(req) &&
        str_is_absent(http_header_get(req, STR("authorization")))) {
        return true;
    }
    if (!req->may_block) { /* the user and the family are looked up */
        *ret_needs_pool = true;
        return false;
    }
    struct call c = app_call(req);
    struct fault fault = {0};
    str token;
    if (!token_of(req, resp, &c, &token)) {
        return false;
    }
    struct bearer *bearer = ARENA_NEW(req->arena, struct bearer);
    err e = bearer == NULL ? arena_error(req->arena) : bearer_verify(&c, token, bearer, &fault);
    if (e != ERR_OK) {
        reply_problem(req, resp, &c, e, &fault);
        return false;
    }
    if ((kind == CALLER_ADMIN || kind == CALLER_OPERATOR) && !admin_check(req, resp, bearer)) {
        return false;
    }
    req->caller = bearer;
    return true;
}
