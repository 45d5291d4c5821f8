/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/decide.h"

struct deadline {
    const struct clock *clock;
    uint64_t at_ns;
};

static bool is_over(void *ctx) {
    const struct deadline *deadline = ctx;
    return clock_monotonic_ns(deadline->clock) >= deadline->at_ns;
}

/* Text of a failed call for the caller: the finding speaks of the caller's own input only. */
static err fail(cedar_status status, cedar_report *report, const char *what, struct error *reterr) {
    AUTO(buf_done) struct buf text;
    buf_init(&text, allocator_libc(), ERROR_TEXT_MAX * 4);
    report_format(&text, report);
    err code = status == CEDAR_ERR_NOMEM   ? ERR_NOMEM
               : status == CEDAR_ERR_LIMIT ? ERR_LIMIT
                                           : ERR_SYNTAX;
    str words = text.len > 0 ? buf_str(&text) : str_c(cedar_status_name(status));
    error_set(reterr, code, "%s: %.*s", what, STR_FMT(words));
    cedar_report_free(report);
    return code;
}

/* Entities of the question and facts of the token, on top of the store. */
static err make_overlay(struct pdp_thread *thread, const struct question *question,
                        cedar_overlay **ret, struct error *reterr) {
    const struct snapshot *snapshot = thread->snapshot;
    cedar_report *report = NULL;
    cedar_overlay *overlay = NULL;
    cedar_status status =
        cedar_overlay_new(thread->scratch, snapshot->entities, snapshot->schema, &overlay);
    if (status == CEDAR_OK && !str_is_absent(question->entities)) {
        cedar_str json = {question->entities.ptr, question->entities.len};
        status = cedar_overlay_add_json(overlay, json, &report);
    }
    if (status == CEDAR_OK && question->caller != NULL && question->caller->parent_count > 0) {
        status = cedar_overlay_add_parents(overlay, question->caller->principal,
                                           question->caller->parents,
                                           question->caller->parent_count, &report);
    }
    if (status == CEDAR_OK) {
        status = cedar_overlay_finish(overlay, &report);
    }
    if (status != CEDAR_OK) {
        return fail(status, report, "field `entities`", reterr);
    }
    cedar_report_free(report);
    *ret = overlay;
    return ERR_OK;
}

static err make_request(struct pdp_thread *thread, const struct question *question,
                        cedar_request *request, struct error *reterr) {
    if (!str_is_absent(question->context)) {
        cedar_report *report = NULL;
        cedar_str json = {question->context.ptr, question->context.len};
        cedar_status status =
            cedar_context_parse_json(thread->scratch, json, thread->snapshot->schema,
                                     &question->action, &request->context, &report);
        if (status != CEDAR_OK) {
            return fail(status, report, "field `context`", reterr);
        }
        cedar_report_free(report);
    }
    bool has_facts = question->caller != NULL && question->caller->parent_count > 0;
    if (has_facts || !str_is_absent(question->entities)) {
        cedar_overlay *overlay = NULL;
        TRY(make_overlay(thread, question, &overlay, reterr));
        request->overlay = overlay;
    }
    return ERR_OK;
}

/* A question that the schema does not know was asked by mistake: a misspelt action must not look
 * like a denial (policy map, failure 15). */
static err check_request(const struct pdp *pdp, struct pdp_thread *thread,
                         const cedar_request *request, struct error *reterr) {
    const cedar_schema *schema = thread->snapshot->schema;
    if (schema == NULL || !pdp_config_get(pdp)->validate_requests) {
        return ERR_OK;
    }
    cedar_report *report = NULL;
    cedar_status status = cedar_request_validate(thread->scratch, schema, request, &report);
    if (status != CEDAR_OK) {
        return fail(status, report, "the question does not fit the schema", reterr);
    }
    cedar_report_free(report);
    return ERR_OK;
}

static void count(const struct snapshot *snapshot, const cedar_response *response) {
    for (size_t i = 0; i < response->reason_count; i++) {
        size_t at = cedar_policies_find(snapshot->policies, response->reasons[i]);
        if (at < snapshot->policy_count) {
            atomic_fetch_add_explicit(&snapshot->counters[at].determined, 1, memory_order_relaxed);
        }
    }
    for (size_t i = 0; i < response->error_count; i++) {
        size_t at = cedar_policies_find(snapshot->policies, response->errors[i].policy_id);
        if (at < snapshot->policy_count) {
            atomic_fetch_add_explicit(&snapshot->counters[at].errors, 1, memory_order_relaxed);
        }
    }
}

err pdp_decide(const struct pdp *pdp, struct pdp_thread *thread, const struct question *question,
               struct decision *ret, struct error *reterr) {
    *ret = (struct decision){.response.decision = CEDAR_DENY, .snapshot = thread->snapshot};
    cedar_request request = {.principal = question->principal,
                             .action = question->action,
                             .resource = question->resource};
    TRY(make_request(thread, question, &request, reterr));
    TRY(check_request(pdp, thread, &request, reterr));
    const struct clock *clock = pdp_config_get(pdp)->clock;
    unsigned timeout_ms = pdp_eval_timeout(pdp);
    uint64_t started = clock_monotonic_ns(clock);
    struct deadline deadline = {clock, started + (uint64_t)timeout_ms * 1000000};
    if (timeout_ms > 0) {
        request.is_expired = is_over;
        request.expired_ctx = &deadline;
    }
    cedar_status status = cedar_authorize(thread->snapshot->policies, thread->snapshot->entities,
                                          &request, thread->scratch, &ret->response);
    ret->duration_ns = clock_monotonic_ns(clock) - started;
    if (status != CEDAR_OK) {
        ret->response = (cedar_response){.decision = CEDAR_DENY};
        return error_set(reterr, status == CEDAR_ERR_LIMIT ? ERR_LIMIT : ERR_INTERNAL,
                         "the evaluation failed: %s", cedar_status_name(status));
    }
    count(thread->snapshot, &ret->response);
    return ERR_OK;
}
