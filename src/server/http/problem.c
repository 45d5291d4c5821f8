/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/problem.h"

#include <stdarg.h>
#include <stdio.h>

enum { PROBLEM_MAX = 8192, DETAIL_MAX = 1024 };

struct problem_row {
    str type;
    int status;
    str title;
};

static const struct problem_row rows[] = {
#define X(kind, type, status, title) \
    [kind] = {STR_INIT("urn:ironwood:problem:" type), status, STR_INIT(title)},
    PROBLEM_TABLE(X)
#undef X
};

/* What is left to say when the request's memory is used up. */
static const str body_without_memory = STR_INIT("{\"type\":\"about:blank\"}");

int problem_status(enum problem_kind kind) {
    return rows[kind].status;
}

static void add_default(struct http_response *resp, str name, str value) {
    if (!http_response_has(resp, name)) {
        http_response_header(resp, name, value);
    }
}

static str body_of(struct http_request *req, const struct problem_row *row, str detail) {
    struct buf out;
    struct json_writer w;
    str body = body_without_memory;
    buf_init_arena(&out, req->arena, PROBLEM_MAX);
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("type"), row->type);
    json_name_string(&w, STR("title"), row->title);
    json_name_int(&w, STR("status"), row->status);
    if (!str_is_absent(detail)) {
        str cut = detail.len > DETAIL_MAX ? str_slice(detail, 0, DETAIL_MAX) : detail;
        json_name_string(&w, STR("detail"), cut);
    }
    if (req->request_id.len > 0) {
        json_name_string(&w, STR("request_id"), req->request_id);
    }
    json_close_object(&w);
    /* On failure the short body stands in: a problem must not become another problem. */
    IGNORE(buf_finish(&out, &body));
    return body;
}

void problem_response(struct http_request *req, struct http_response *resp, enum problem_kind kind,
                      str detail) {
    const struct problem_row *row = &rows[kind];
    resp->status = row->status;
    resp->body = body_of(req, row, detail);
    add_default(resp, STR("Content-Type"), STR("application/problem+json"));
    if (row->status == 401) {
        add_default(resp, STR("WWW-Authenticate"), STR("Bearer"));
    } else if (row->status == 429 || row->status == 503) {
        add_default(resp, STR("Retry-After"), STR("1"));
    }
}

void problem_format(struct http_request *req, struct http_response *resp, enum problem_kind kind,
                    const char *format, ...) {
    char text[DETAIL_MAX];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = length < 0 ? 0 : (size_t)length;
    str detail = {text, len < sizeof text ? len : sizeof text - 1};
    problem_response(req, resp, kind, length < 0 ? (str){NULL, 0} : detail);
}

static enum problem_kind kind_of(err code) {
    switch (code) {
    case ERR_SYNTAX:
    case ERR_TYPE:
    case ERR_RANGE:
    case ERR_MISSING:
    case ERR_UNKNOWN:
        return PROBLEM_BAD_REQUEST;
    case ERR_LIMIT:
        return PROBLEM_TOO_LARGE;
    case ERR_NOT_FOUND:
        return PROBLEM_NOT_FOUND;
    case ERR_EXISTS:
        return PROBLEM_CONFLICT;
    case ERR_DENIED:
        return PROBLEM_FORBIDDEN;
    case ERR_BUSY:
    case ERR_NOMEM:
        return PROBLEM_OVERLOADED;
    case ERR_TIMEOUT:
    case ERR_CLOSED:
        return PROBLEM_UNAVAILABLE;
    case ERR_OK: /* not an error: reaching here with it is ours */
    case ERR_REPLAY:
    case ERR_EXPIRED:
    case ERR_SIGNATURE:
    case ERR_IO:
    case ERR_UNSUPPORTED:
    case ERR_CORRUPT:
    case ERR_MISUSE:
    case ERR_INTERNAL:
        break;
    }
    return PROBLEM_INTERNAL;
}

void problem_from_err(struct http_request *req, struct http_response *resp, err code) {
    problem_response(req, resp, kind_of(code), (str){NULL, 0});
}
