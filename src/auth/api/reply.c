/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/api/reply.h"

#include "base/assert.h"
#include "base/json.h"

enum { TOKENS_MAX = 64 * 1024, OAUTH_ERROR_MAX = 2048 };

enum problem_kind reply_failure(const struct call *c, err code) {
    LOG(c->flow->ops->log, LOG_LEVEL_ERROR, LOG_EVENT_INTERNAL_ERROR, &c->log,
        LOG_C("error", err_name(code)), LOG_C("detail", c->error.text));
    switch (code) {
    case ERR_BUSY:
    case ERR_TIMEOUT:
    case ERR_CLOSED:
    case ERR_NOMEM:
    case ERR_IO:
        return PROBLEM_UNAVAILABLE;
    case ERR_LIMIT:
    case ERR_SYNTAX:
    case ERR_TYPE:
    case ERR_RANGE:
    case ERR_MISSING:
    case ERR_UNKNOWN:
    case ERR_NOT_FOUND:
    case ERR_EXISTS:
    case ERR_DENIED:
    case ERR_REPLAY:
    case ERR_EXPIRED:
    case ERR_SIGNATURE:
    case ERR_UNSUPPORTED:
    case ERR_CORRUPT:
    case ERR_MISUSE:
    case ERR_INTERNAL:
    case ERR_OK:
        break;
    }
    return PROBLEM_INTERNAL;
}

static enum problem_kind fault_problem(enum fault_kind kind) {
    switch (kind) {
    case FAULT_FIELD:
        return PROBLEM_INVALID_FIELD;
    case FAULT_TAKEN:
        return PROBLEM_CONFLICT;
    case FAULT_THROTTLED:
        return PROBLEM_RATE_LIMITED;
    case FAULT_CREDENTIALS:
    case FAULT_INVALID_CLIENT:
        return PROBLEM_INVALID_CREDENTIALS;
    case FAULT_INVALID_TOKEN:
    case FAULT_INVALID_GRANT:
    case FAULT_LOGIN_REQUIRED:
        return PROBLEM_INVALID_TOKEN;
    case FAULT_ACCESS_DENIED:
    case FAULT_INSUFFICIENT_SCOPE:
    case FAULT_UNAUTHORIZED_CLIENT:
    case FAULT_CONSENT_REQUIRED:
        return PROBLEM_FORBIDDEN;
    case FAULT_INVALID_REQUEST:
    case FAULT_UNSUPPORTED_GRANT_TYPE:
    case FAULT_UNSUPPORTED_RESPONSE_TYPE:
    case FAULT_INVALID_SCOPE:
    case FAULT_INVALID_TARGET:
    case FAULT_REQUEST_NOT_SUPPORTED:
    case FAULT_REQUEST_URI_NOT_SUPPORTED:
    case FAULT_REGISTRATION_NOT_SUPPORTED:
    case FAULT_UNSUPPORTED_TOKEN_TYPE:
        return PROBLEM_BAD_REQUEST;
    case FAULT_NONE:
        break;
    }
    return PROBLEM_INTERNAL;
}

static void retry_after(struct http_request *req, struct http_response *resp,
                        const struct fault *fault) {
    str seconds;
    if (fault->kind == FAULT_THROTTLED &&
        arena_format(req->arena, &seconds, "%u",
                     fault->retry_after_s > 0 ? fault->retry_after_s : 1) == ERR_OK) {
        http_response_header(resp, STR("Retry-After"), seconds);
    }
}

void reply_problem(struct http_request *req, struct http_response *resp, const struct call *c,
                   err code, const struct fault *fault) {
    ASSERT(code != ERR_OK);
    if (code != ERR_DENIED) {
        problem_response(req, resp, reply_failure(c, code), (str){NULL, 0});
        return;
    }
    enum problem_kind kind = fault_problem(fault->kind);
    retry_after(req, resp, fault);
    if (kind == PROBLEM_INVALID_TOKEN) {
        http_response_header(resp, STR("WWW-Authenticate"), STR("Bearer error=\"invalid_token\""));
    }
    if (fault->field.len > 0) {
        problem_format(req, resp, kind, "field `%.*s`: %.*s", STR_FMT(fault->field),
                       STR_FMT(fault->text));
    } else {
        problem_response(req, resp, kind, fault->text);
    }
}

/* RFC 6749 §5.2: 401 for invalid_client, 400 for the rest; our own failures stay 5xx. */
static int oauth_status(const struct fault *fault) {
    if (fault->kind == FAULT_INVALID_CLIENT) {
        return 401;
    }
    int status = problem_status(fault_problem(fault->kind));
    return status == 429 || status == 500 ? status : 400;
}

void reply_oauth_error(struct http_request *req, struct http_response *resp, const struct call *c,
                       err code, const struct fault *fault) {
    struct fault ours = {.kind = FAULT_NONE, .text = STR("the request could not be answered")};
    struct buf out;
    struct json_writer w;
    str error = STR("server_error");
    int status = 0;
    if (code == ERR_DENIED) {
        error = str_c(fault_code(fault->kind));
        status = oauth_status(fault);
        retry_after(req, resp, fault);
    } else {
        fault = &ours;
        status = problem_status(reply_failure(c, code));
    }
    buf_init_arena(&out, req->arena, OAUTH_ERROR_MAX);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("error"), error);
    json_name_string(&w, STR("error_description"), fault->text);
    json_close_object(&w);
    if (status == 401) {
        http_response_header(resp, STR("WWW-Authenticate"), STR("Basic realm=\"ironwood\""));
    } else if (status == 503) {
        http_response_header(resp, STR("Retry-After"), STR("1"));
    }
    http_response_header(resp, STR("Cache-Control"), STR("no-store"));
    http_response_json(resp, status, buf_str(&out));
}

void reply_json(struct http_request *req, struct http_response *resp, const struct call *c,
                int status, const struct buf *json) {
    str text;
    err e = buf_finish(json, &text);
    if (e != ERR_OK) {
        problem_response(req, resp, reply_failure(c, e), (str){NULL, 0});
        return;
    }
    http_response_header(resp, STR("Cache-Control"), STR("no-store"));
    http_response_json(resp, status, text);
}

void reply_tokens(struct http_request *req, struct http_response *resp, const struct call *c,
                  const struct tokens *tokens, bool must_change_password) {
    struct buf out;
    struct json_writer w;
    buf_init_arena(&out, req->arena, TOKENS_MAX);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("access_token"), tokens->access_token);
    json_name_string(&w, STR("token_type"), STR("Bearer"));
    json_name_int(&w, STR("expires_in"), tokens->expires_in_s);
    if (tokens->refresh_token.len > 0) {
        json_name_string(&w, STR("refresh_token"), tokens->refresh_token);
    }
    if (tokens->id_token.len > 0) {
        json_name_string(&w, STR("id_token"), tokens->id_token);
    }
    if (tokens->scope.len > 0) {
        json_name_string(&w, STR("scope"), tokens->scope);
    }
    if (must_change_password) {
        json_name_bool(&w, STR("password_change_required"), true);
    }
    json_close_object(&w);
    http_response_header(resp, STR("Pragma"), STR("no-cache")); /* RFC 6749 §5.1 */
    reply_json(req, resp, c, 200, &out);
}
