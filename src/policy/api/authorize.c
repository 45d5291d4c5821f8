/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/authorize: {principal?, action, resource, context?, entities?} -> a decision.
 *
 * Inline on the event loop: parse, look up, evaluate, write; no lock, no system call. A question
 * with a large body (thousands of entities, each above the other, take a while) goes to a worker,
 * so that one caller never makes the others wait.
 */
#include "policy/api/app.h"
#include "policy/api/guard.h"
#include "policy/api/handlers.h"
#include "policy/api/uid.h"
#include "policy/model/limits.h"
#include "policy/pdp/decide.h"
#include "server/http/decode.h"
#include "server/http/problem.h"

struct body {
    const struct json *principal;
    const struct json *action;
    const struct json *resource;
    const struct json *context;
    const struct json *entities;
};

static const struct decode_field fields[] = {
    {STR_INIT("principal"), DECODE_ANY, DECODE_OPTIONAL, 0, offsetof(struct body, principal), 0},
    {STR_INIT("action"), DECODE_ANY, DECODE_REQUIRED, 0, offsetof(struct body, action), 0},
    {STR_INIT("resource"), DECODE_ANY, DECODE_REQUIRED, 0, offsetof(struct body, resource), 0},
    {STR_INIT("context"), DECODE_OBJECT, DECODE_OPTIONAL, 0, offsetof(struct body, context), 0},
    {STR_INIT("entities"), DECODE_ARRAY, DECODE_OPTIONAL, 10000, offsetof(struct body, entities),
     0},
};

static str from_cedar(cedar_str s) {
    return str_make(s.ptr, s.len);
}

static str source_of(const struct http_request *req, const struct json *value) {
    return value == NULL ? (str){NULL, 0} : str_slice(req->body, value->offset, value->end);
}

static err read_question(const struct http_request *req, cedar_scratch *scratch,
                         const struct body *body, struct question *ret, struct error *reterr) {
    *ret = (struct question){.context = source_of(req, body->context),
                             .entities = source_of(req, body->entities)};
    if (body->principal == NULL) {
        const struct caller *caller = guard_caller(req);
        ret->caller = caller;
        ret->principal = caller->principal;
    } else {
        TRY(uid_decode(scratch, body->principal, "principal", &ret->principal, reterr));
    }
    TRY(uid_decode(scratch, body->action, "action", &ret->action, reterr));
    return uid_decode(scratch, body->resource, "resource", &ret->resource, reterr);
}

static void write_answer(struct http_request *req, struct http_response *resp,
                         const cedar_response *response) {
    struct buf body;
    buf_init_arena(&body, req->arena, LIMIT_QUESTION_BODY);
    struct json_writer w;
    json_writer_init(&w, &body);
    json_open_object(&w);
    json_key(&w, STR("decision"));
    json_string(&w, response->decision == CEDAR_ALLOW ? STR("Allow") : STR("Deny"));
    json_key(&w, STR("reasons"));
    json_open_array(&w);
    for (size_t i = 0; i < response->reason_count; i++) {
        json_string(&w, from_cedar(response->reasons[i]));
    }
    json_close_array(&w);
    json_key(&w, STR("errors"));
    json_open_array(&w);
    for (size_t i = 0; i < response->error_count && i < LIMIT_ERRORS_IN_ANSWER; i++) {
        json_open_object(&w);
        json_name_string(&w, STR("policy"), from_cedar(response->errors[i].policy_id));
        json_name_string(&w, STR("message"), from_cedar(response->errors[i].message));
        json_close_object(&w);
    }
    json_close_array(&w);
    json_key(&w, STR("request_id"));
    json_string(&w, req->request_id);
    json_close_object(&w);
    str text;
    err code = buf_finish(&body, &text);
    if (code != ERR_OK) {
        problem_from_err(req, resp, code);
        return;
    }
    http_response_json(resp, 200, text);
}

static void log_errors(struct app *app, const struct log_context *context,
                       const cedar_response *response) {
    counter_add(app->evaluation_errors, response->error_count);
    for (size_t i = 0; i < response->error_count && i < LIMIT_ERRORS_IN_ANSWER; i++) {
        const cedar_policy_error *error = &response->errors[i];
        /* A forbid that fails is skipped and can turn a Deny into an Allow: loud. */
        LOG(app->ops->log, error->effect == CEDAR_FORBID ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
            LOG_EVENT_POLICY_EVALUATION_ERROR, context,
            LOG_STR("policy", from_cedar(error->policy_id)),
            LOG_C("effect", error->effect == CEDAR_FORBID ? "forbid" : "permit"),
            LOG_STR("message", from_cedar(error->message)));
    }
}

static void record(const struct http_request *req, struct app *app, cedar_scratch *scratch,
                   const struct question *question, const struct decision *decision) {
    const cedar_response *response = &decision->response;
    counter_add(app->decisions[response->decision], 1);
    histogram_observe_ns(app->durations[response->decision], decision->duration_ns);
    struct log_context context = ops_log_context(req);
    if (response->error_count > 0) {
        log_errors(app, &context, response);
    }
    int wanted = atomic_load_explicit(&app->decision_log, memory_order_relaxed);
    bool is_allow = response->decision == CEDAR_ALLOW;
    str reason = response->reason_count > 0 ? from_cedar(response->reasons[0]) : str_c(NULL);
    if (wanted == DECISION_LOG_NONE || (wanted == DECISION_LOG_DENY && is_allow)) {
        return;
    }
    LOG(app->ops->log, LOG_LEVEL_INFO, LOG_EVENT_DECISION, &context,
        LOG_C("decision", is_allow ? "Allow" : "Deny"),
        LOG_STR("principal", uid_text(scratch, question->principal)),
        LOG_STR("action", uid_text(scratch, question->action)),
        LOG_STR("resource", uid_text(scratch, question->resource)), LOG_STR("reason", reason),
        LOG_UINT("reasons", response->reason_count), LOG_UINT("errors", response->error_count),
        LOG_STR("client_id", guard_caller(req)->client_id),
        LOG_UINT("epoch", decision->snapshot->generation),
        LOG_MICROS("duration_us", decision->duration_ns));
}

/* The answer for a question that could not be decided. */
static void refuse(struct http_request *req, struct http_response *resp, struct app *app, err code,
                   const struct error *error) {
    if (code == ERR_SYNTAX) {
        problem_response(req, resp, PROBLEM_INVALID_FIELD, str_c(error->text));
        return;
    }
    struct log_context context = ops_log_context(req);
    if (code == ERR_LIMIT) {
        LOG(app->ops->log, LOG_LEVEL_WARN, LOG_EVENT_CEDAR_ERROR, &context,
            LOG_C("error", err_name(code)), LOG_C("message", error->text));
        problem_response(req, resp, PROBLEM_TOO_LARGE,
                         STR("the question needs too much memory; send fewer entities"));
        return;
    }
    LOG(app->ops->log, LOG_LEVEL_ERROR, LOG_EVENT_CEDAR_ERROR, &context,
        LOG_C("error", err_name(code)), LOG_C("message", error->text));
    problem_from_err(req, resp, code);
}

enum http_outcome api_authorize(struct http_request *req, struct http_response *resp) {
    struct app *app = app_of(req);
    struct body body = {0};
    if (req->body.len > LIMIT_QUESTION_INLINE && !req->may_block) {
        return HTTP_NEEDS_POOL;
    }
    if (!decode_body(req, resp, fields, ARRAY_LEN(fields), &body)) {
        return HTTP_DONE;
    }
    struct pdp_thread *thread = pdp_thread_get(app->pdp);
    if (thread == NULL) {
        problem_from_err(req, resp, ERR_NOMEM);
        return HTTP_DONE;
    }
    cedar_scratch_reset(thread->scratch);
    struct question question;
    struct decision decision;
    struct error error = {0};
    err code = read_question(req, thread->scratch, &body, &question, &error);
    if (code == ERR_OK) {
        code = pdp_decide(app->pdp, thread, &question, &decision, &error);
    }
    if (code != ERR_OK) {
        refuse(req, resp, app, code, &error);
        return HTTP_DONE;
    }
    record(req, app, thread->scratch, &question, &decision);
    write_answer(req, resp, &decision.response);
    return HTTP_DONE;
}
