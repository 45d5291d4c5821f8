/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/api/guard.h"

#include "base/assert.h"
#include "policy/api/app.h"
#include "server/http/auth_header.h"
#include "server/http/problem.h"

static void refuse(struct http_request *req, struct http_response *resp, enum jwt_reason reason) {
    struct app *app = app_of(req);
    if (reason == JWT_NO_MEMORY) { /* or no keys: in either case the token is not to blame */
        problem_response(req, resp, PROBLEM_UNAVAILABLE, (str){0});
        return;
    }
    counter_add(app->token_errors[reason], 1);
    struct log_context context = ops_log_context(req);
    LOG(app->ops->log, LOG_LEVEL_WARN, LOG_EVENT_TOKEN_VALIDATION_ERROR, &context,
        LOG_C("reason", jwt_reason_name(reason)), LOG_C("peer", req->peer->address));
    http_response_header(resp, STR("WWW-Authenticate"), STR("Bearer error=\"invalid_token\""));
    problem_response(req, resp, PROBLEM_INVALID_TOKEN,
                     reason == JWT_EXPIRED ? STR("the token has expired")
                                           : STR("the token was not accepted"));
}

/* A token signed by a key we have not seen: fetch the key set and look again. When the fetch
 * fails nobody knows whether the token is good, so the answer is 503 and not 401. */
static enum jwt_reason verify_with_fresh_keys(const struct http_request *req, str token,
                                              int64_t now_s, const struct caller **ret) {
    struct app *app = app_of(req);
    err code = keys_refresh(pdp_keys(app->pdp), req->started_ns, NULL); /* main reports failures */
    struct pdp_thread *thread = pdp_thread_get(app->pdp);
    if (thread == NULL) {
        return JWT_NO_MEMORY;
    }
    enum jwt_reason reason =
        tokens_verify(thread->tokens, &pdp_config_get(app->pdp)->tokens, thread->keyset,
                      thread->keys_generation, token, now_s, req->arena, ret);
    return reason == JWT_UNKNOWN_KID && code != ERR_OK ? JWT_NO_MEMORY : reason;
}

/* The caller of a bearer token, or NULL with the response filled in or *ret_needs_pool set. */
static const struct caller *bearer(struct http_request *req, struct http_response *resp,
                                   bool *ret_needs_pool) {
    struct app *app = app_of(req);
    str token;
    err code = auth_header_bearer(req, &token);
    if (code == ERR_MISSING) {
        problem_response(req, resp, PROBLEM_UNAUTHENTICATED,
                         STR("send an access token: Authorization: Bearer …"));
        return NULL;
    }
    if (code != ERR_OK) {
        refuse(req, resp, JWT_MALFORMED);
        return NULL;
    }
    struct pdp_thread *thread = pdp_thread_get(app->pdp);
    if (thread == NULL) {
        refuse(req, resp, JWT_NO_MEMORY);
        return NULL;
    }
    int64_t now_s = clock_wall_s(app->ops->clock);
    const struct caller *caller = NULL;
    enum jwt_reason reason =
        tokens_verify(thread->tokens, &pdp_config_get(app->pdp)->tokens, thread->keyset,
                      thread->keys_generation, token, now_s, req->arena, &caller);
    if (reason == JWT_UNKNOWN_KID) {
        if (!req->may_block) {
            *ret_needs_pool = true;
            return NULL;
        }
        reason = verify_with_fresh_keys(req, token, now_s, &caller);
    }
    if (reason != JWT_VALID) {
        refuse(req, resp, reason);
        return NULL;
    }
    return caller;
}

static bool check_admin(struct http_request *req, struct http_response *resp,
                        const struct caller *caller) {
    if (caller->is_admin) {
        return true;
    }
    const struct pdp_config *config = pdp_config_get(app_of(req)->pdp);
    problem_format(req, resp, PROBLEM_FORBIDDEN, "the token lacks the scope %.*s",
                   STR_FMT(config->tokens.admin_scope));
    return false;
}

bool guard_check(struct http_request *req, struct http_response *resp, bool *ret_needs_pool) {
    static const struct caller operator_caller = {
        .subject = STR_INIT("operator"), .is_admin = true, .is_operator = true};
    enum caller_kind kind = req->route->caller;
    ASSERT(kind != CALLER_UNSET && kind != CALLER_ANYONE);
    if (kind == CALLER_OPERATOR && ops_is_loopback_operator(req) &&
        str_is_absent(http_header_get(req, STR("authorization")))) {
        req->caller = &operator_caller;
        return true;
    }
    const struct caller *caller = bearer(req, resp, ret_needs_pool);
    if (caller == NULL) {
        return false;
    }
    if ((kind == CALLER_ADMIN || kind == CALLER_OPERATOR) && !check_admin(req, resp, caller)) {
        return false;
    }
    req->caller = caller;
    return true;
}
