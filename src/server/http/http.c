/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http.h"

#include "base/assert.h"

const char *http_method_name(enum http_method method) {
    switch (method) {
    case HTTP_GET:
        return "GET";
    case HTTP_HEAD:
        return "HEAD";
    case HTTP_POST:
        return "POST";
    case HTTP_PUT:
        return "PUT";
    case HTTP_PATCH:
        return "PATCH";
    case HTTP_DELETE:
        return "DELETE";
    case HTTP_OPTIONS:
        return "OPTIONS";
    case HTTP_OTHER:
    case HTTP_METHOD_COUNT:
        break;
    }
    return "OTHER";
}

str http_header_get(const struct http_request *req, str lower_name) {
    for (size_t i = 0; i < req->header_count; i++) {
        if (str_equal(req->headers[i].name, lower_name)) {
            return req->headers[i].value;
        }
    }
    return (str){NULL, 0};
}

size_t http_header_count(const struct http_request *req, str lower_name) {
    size_t count = 0;
    for (size_t i = 0; i < req->header_count; i++) {
        count += str_equal(req->headers[i].name, lower_name);
    }
    return count;
}

static bool has_control(str value) {
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

void http_response_header(struct http_response *resp, str name, str value) {
    ASSERT(resp->header_count < HTTP_RESPONSE_HEADERS_MAX);
    if (has_control(value) || has_control(name)) {
        /* SECURITY: a value from outside must not start a header of its own. */
#ifndef __OPTIMIZE__
        UNREACHABLE(); /* in a debug build the bug shall be seen */
#endif
        return;
    }
    resp->headers[resp->header_count++] = (struct http_header){name, value};
}

void http_response_text(struct http_response *resp, int status, str content_type, str body) {
    resp->status = status;
    resp->body = body;
    http_response_header(resp, STR("Content-Type"), content_type);
}

void http_response_json(struct http_response *resp, int status, str json) {
    http_response_text(resp, status, STR("application/json"), json);
}

void http_response_redirect(struct http_response *resp, int status, str location) {
    resp->status = status;
    resp->body = (str){NULL, 0};
    http_response_header(resp, STR("Location"), location);
}

bool http_response_has(const struct http_response *resp, str name) {
    for (size_t i = 0; i < resp->header_count; i++) {
        if (str_equal_nocase(resp->headers[i].name, name)) {
            return true;
        }
    }
    return false;
}
