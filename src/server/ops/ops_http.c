/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between ops and the HTTP side: handlers, observer, limiter, context of a line. */
#include "server/ops/ops.h"

#include "server/http/problem.h"
#include "server/ops/http_metrics.h"

enum { HEALTH_MAX = 8 * 1024, METRICS_MAX = 4 << 20 };

/* What every app context begins with. */
struct app_head {
    struct ops *ops;
};

struct ops *ops_of(const struct http_request *req) {
    return ((const struct app_head *)req->app)->ops;
}

err ops_set_routes(struct ops *ops, const struct route *routes, size_t count) {
    return http_metrics_new(ops->metrics, routes, count, &ops->http_metrics);
}

/* ---- handlers ------------------------------------------------------------------------------- */

static enum http_outcome answer_health(struct http_request *req, struct http_response *resp,
                                       int status) {
    struct buf buf;
    str body;
    buf_init_arena(&buf, req->arena, HEALTH_MAX);
    health_render(ops_of(req)->health, &buf);
    err code = buf_finish(&buf, &body);
    if (code != ERR_OK) {
        problem_from_err(req, resp, code);
    } else {
        http_response_json(resp, status, body);
    }
    return HTTP_DONE;
}

enum http_outcome ops_health(struct http_request *req, struct http_response *resp) {
    return answer_health(req, resp, 200);
}

enum http_outcome ops_health_live(struct http_request *req, struct http_response *resp) {
    return answer_health(req, resp, 200);
}

enum http_outcome ops_health_ready(struct http_request *req, struct http_response *resp) {
    return answer_health(req, resp, health_is_ready(ops_of(req)->health) ? 200 : 503);
}

enum http_outcome ops_metrics(struct http_request *req, struct http_response *resp) {
    enum metrics_format format = metrics_negotiate(http_header_get(req, STR("accept")));
    struct buf buf;
    str body;
    buf_init_arena(&buf, req->arena, METRICS_MAX);
    metrics_render(ops_of(req)->metrics, format, &buf);
    err code = buf_finish(&buf, &body);
    if (code != ERR_OK) {
        problem_from_err(req, resp, code);
    } else {
        http_response_text(resp, 200, metrics_content_type(format), body);
    }
    return HTTP_DONE;
}

/* ---- observer and limiter ------------------------------------------------------------------- */

static enum log_level access_level(const struct ops *ops, int status) {
    if (status < 400) {
        return (enum log_level)atomic_load_explicit(&ops->access_level, memory_order_relaxed);
    }
    return status < 500 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;
}

void ops_observe(const struct http_request *req, const struct http_response *resp,
                 uint64_t duration_ns) {
    if (req->app == NULL) { /* malformed before it became a request; the server counts those */
        return;
    }
    struct ops *ops = ops_of(req);
    if (ops->http_metrics != NULL) {
        http_metrics_count(ops->http_metrics, req->route, req->method, resp->status, duration_ns);
    }
    enum log_level level = access_level(ops, resp->status);
    if (!log_is_on(ops->log, level)) {
        return;
    }
    struct log_context context = ops_log_context(req);
    LOG(ops->log, level, LOG_EVENT_HTTP_REQUEST, &context,
        LOG_C("method", http_method_name(req->method)),
        LOG_C("route", req->route == NULL ? "unmatched" : req->route->path),
        LOG_STR("path", req->path), LOG_INT("status", resp->status),
        LOG_MICROS("duration_us", duration_ns), LOG_UINT("response_bytes", resp->body.len),
        LOG_C("peer", req->peer == NULL ? NULL : req->peer->address));
}

static const char *rate_class_name(enum rate_class rate) {
    switch (rate) {
    case RATE_NONE:
    case RATE_CLASS_COUNT:
        return "none";
    case RATE_DEFAULT:
        return "default";
    case RATE_LOGIN:
        return "login";
    case RATE_TOKEN:
        return "token";
    }
    return "none";
}

bool ops_limit(struct http_request *req, enum rate_class rate, unsigned *ret_retry_after_s) {
    struct ops *ops = ops_of(req);
    if (ops->limits == NULL || rate == RATE_NONE || req->peer == NULL) {
        return true;
    }
    if (rate_limit_take(ops->limits, req->peer->address, rate, clock_monotonic_ns(ops->clock),
                        ret_retry_after_s)) {
        return true;
    }
    counter_add(METRIC_COUNTER(ops->metrics, METRIC_RATE_LIMITED, rate_class_name(rate)), 1);
    struct log_context context = ops_log_context(req);
    LOG(ops->log, LOG_LEVEL_WARN, LOG_EVENT_RATE_LIMITED, &context,
        LOG_C("class", rate_class_name(rate)), LOG_C("peer", req->peer->address),
        LOG_UINT("retry_after_s", *ret_retry_after_s));
    return false;
}

/* ---- context -------------------------------------------------------------------------------- */

static bool is_lower_hex(str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (byte_hex(s.ptr[i]) < 0 || (s.ptr[i] >= 'A' && s.ptr[i] <= 'F')) {
            return false;
        }
    }
    return true;
}

static bool is_all_zero(str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '0') {
            return false;
        }
    }
    return true;
}

/* The trace-id of version "-" trace-id "-" parent-id "-" flags (W3C Trace Context §3.2); later
 * versions may be longer. Absent when it is not valid. */
static str trace_id_of(str header) {
    enum { LENGTH = 55 };
    static const str absent = {NULL, 0};
    if (header.len < LENGTH || header.ptr[2] != '-' || header.ptr[35] != '-' ||
        header.ptr[52] != '-') {
        return absent;
    }
    str version = str_slice(header, 0, 2);
    str trace = str_slice(header, 3, 35);
    str parent = str_slice(header, 36, 52);
    if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) ||
        !is_lower_hex(str_slice(header, 53, LENGTH)) || str_equal(version, STR("ff")) ||
        is_all_zero(trace) || is_all_zero(parent)) {
        return absent;
    }
    bool is_version_0 = str_equal(version, STR("00"));
    if (header.len > LENGTH && (is_version_0 || header.ptr[LENGTH] != '-')) {
        return absent;
    }
    return trace;
}

struct log_context ops_log_context(const struct http_request *req) {
    struct log_context context = {.request_id = req->request_id};
    if (http_header_count(req, STR("traceparent")) == 1) {
        context.trace_id = trace_id_of(http_header_get(req, STR("traceparent")));
    }
    return context;
}
