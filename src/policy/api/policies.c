/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The admin view of the running policy set: list, single policy, statistics, reload.
 */
#include "policy/api/app.h"
#include "policy/api/guard.h"
#include "policy/api/handlers.h"
#include "server/http/problem.h"

enum { ANSWER_MAX = 64 * 1024 * 1024 };

static str from_cedar(cedar_str s) {
    return str_make(s.ptr, s.len);
}

static void write_annotations(struct json_writer *w, const cedar_policy_info *policy) {
    json_name(w, STR("annotations"));
    json_open_object(w);
    for (size_t i = 0; i < policy->annotation_count; i++) {
        json_name_string(w, from_cedar(policy->annotations[i].name),
                         from_cedar(policy->annotations[i].value));
    }
    json_close_object(w);
}

static void write_policy(struct json_writer *w, const cedar_policy_info *policy, bool has_text) {
    json_open_object(w);
    json_name_string(w, STR("id"), from_cedar(policy->id));
    json_name_string(w, STR("effect"),
                     policy->effect == CEDAR_FORBID ? STR("forbid") : STR("permit"));
    json_name_bool(w, STR("template"), policy->is_template);
    json_name_string(w, STR("source"), from_cedar(policy->source));
    json_name_int(w, STR("line"), policy->line);
    write_annotations(w, policy);
    if (has_text) {
        json_name_string(w, STR("text"), from_cedar(policy->text));
    }
    json_close_object(w);
}

static enum http_outcome finish(struct http_request *req, struct http_response *resp,
                                const struct buf *body, int status) {
    str text;
    err code = buf_finish(body, &text);
    if (code != ERR_OK) {
        problem_from_err(req, resp, code);
    } else {
        http_response_json(resp, status, text);
    }
    return HTTP_DONE;
}

/* The current snapshot of this thread, or NULL with the response filled in. */
static const struct snapshot *snapshot_of(struct http_request *req, struct http_response *resp) {
    struct pdp_thread *thread = pdp_thread_get(app_of(req)->pdp);
    if (thread == NULL) {
        problem_from_err(req, resp, ERR_NOMEM);
        return NULL;
    }
    return thread->snapshot;
}

enum http_outcome api_policies(struct http_request *req, struct http_response *resp) {
    const struct snapshot *snapshot = snapshot_of(req, resp);
    if (snapshot == NULL) {
        return HTTP_DONE;
    }
    struct buf body;
    buf_init_arena(&body, req->arena, ANSWER_MAX);
    struct json_writer w;
    json_writer_init(&w, &body);
    json_open_object(&w);
    json_name_int(&w, STR("epoch"), (int64_t)snapshot->generation);
    json_name(&w, STR("policies"));
    json_open_array(&w);
    for (size_t i = 0; i < snapshot->policy_count; i++) {
        cedar_policy_info policy = cedar_policies_get(snapshot->policies, i);
        write_policy(&w, &policy, true);
    }
    json_close_array(&w);
    json_close_object(&w);
    return finish(req, resp, &body, 200);
}

enum http_outcome api_policy(struct http_request *req, struct http_response *resp) {
    const struct snapshot *snapshot = snapshot_of(req, resp);
    if (snapshot == NULL) {
        return HTTP_DONE;
    }
    cedar_str id = {req->params[0].ptr, req->params[0].len};
    size_t index = cedar_policies_find(snapshot->policies, id);
    if (index >= snapshot->policy_count) {
        problem_response(req, resp, PROBLEM_NOT_FOUND, STR("there is no policy with this id"));
        return HTTP_DONE;
    }
    cedar_policy_info policy = cedar_policies_get(snapshot->policies, index);
    struct buf body;
    buf_init_arena(&body, req->arena, ANSWER_MAX);
    struct json_writer w;
    json_writer_init(&w, &body);
    write_policy(&w, &policy, true);
    return finish(req, resp, &body, 200);
}

static void write_status(struct json_writer *w, const struct pdp_status *status) {
    char time_text[CLOCK_RFC3339_LEN];
    json_name(w, STR("last_reload"));
    json_open_object(w);
    json_name_string(w, STR("outcome"), status->is_failing ? STR("failure") : STR("success"));
    clock_format_rfc3339(status->loaded_ms, time_text);
    json_name_string(w, STR("active_since"), str_make(time_text, sizeof time_text));
    if (status->is_failing) {
        json_name_string(w, STR("error"), str_c(status->last_error.text));
    }
    json_name_int(w, STR("successes"), (int64_t)status->reloads_ok);
    json_name_int(w, STR("failures"), (int64_t)status->reloads_failed);
    json_close_object(w);
}

static void write_policy_stats(struct json_writer *w, const struct snapshot *snapshot, size_t i) {
    cedar_policy_info policy = cedar_policies_get(snapshot->policies, i);
    const struct policy_counters *counters = &snapshot->counters[i];
    json_open_object(w);
    json_name_string(w, STR("id"), from_cedar(policy.id));
    json_name_int(w, STR("size_bytes"), (int64_t)policy.text.len);
    json_name_int(w, STR("depth"), policy.depth);
    json_name_int(w, STR("cost"), policy.nodes);
    json_name_int(w, STR("hits"),
                  (int64_t)atomic_load_explicit(&counters->determined, memory_order_relaxed));
    json_name_int(w, STR("errors"),
                  (int64_t)atomic_load_explicit(&counters->errors, memory_order_relaxed));
    json_close_object(w);
}

enum http_outcome api_policy_stats(struct http_request *req, struct http_response *resp) {
    const struct snapshot *snapshot = snapshot_of(req, resp);
    if (snapshot == NULL) {
        return HTTP_DONE;
    }
    struct pdp_status status;
    pdp_status_get(app_of(req)->pdp, &status);
    struct buf body;
    buf_init_arena(&body, req->arena, ANSWER_MAX);
    struct json_writer w;
    json_writer_init(&w, &body);
    json_open_object(&w);
    json_name_int(&w, STR("epoch"), (int64_t)snapshot->generation);
    json_name_int(&w, STR("policy_count"), (int64_t)snapshot->policy_count);
    json_name_int(&w, STR("entity_count"), (int64_t)cedar_entities_count(snapshot->entities));
    json_name_bool(&w, STR("has_schema"), snapshot->schema != NULL);
    json_name_int(&w, STR("warnings"), (int64_t)cedar_report_count(snapshot->warnings));
    write_status(&w, &status);
    json_name(&w, STR("policies"));
    json_open_array(&w);
    for (size_t i = 0; i < snapshot->policy_count; i++) {
        write_policy_stats(&w, snapshot, i);
    }
    json_close_array(&w);
    json_close_object(&w);
    return finish(req, resp, &body, 200);
}

enum http_outcome api_reload(struct http_request *req, struct http_response *resp) {
    struct app *app = app_of(req);
    struct audit_record audit = {.actor = guard_caller(req)->subject,
                                 .action = AUDIT_ADMIN_CHANGE,
                                 .reason = STR("policy reload"),
                                 .target = pdp_config_get(app->pdp)->policy_dir,
                                 .outcome = AUDIT_SUCCESS};
    err code = ops_audit(req, audit);
    if (code != ERR_OK) {
        problem_from_err(req, resp, code);
        return HTTP_DONE;
    }
    struct error error = {0};
    code = pdp_reload(app->pdp, &error);
    if (code != ERR_OK) {
        /* The caller is an administrator: the place in the file is what she needs. */
        problem_response(req, resp, PROBLEM_INVALID_POLICIES, str_c(error.text));
        return HTTP_DONE;
    }
    return api_policy_stats(req, resp);
}
