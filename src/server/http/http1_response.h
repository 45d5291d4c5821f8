/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_HTTP1_RESPONSE_H
#define SERVER_HTTP_HTTP1_RESPONSE_H
/*
 * The head of a response as HTTP/1.1 bytes, with the fields every answer carries.
 *
 * Date, X-Content-Type-Options, Referrer-Policy, Cache-Control (no-store unless the handler set
 * its own), X-Request-ID, Content-Length and Connection are written here and nowhere else. Pure
 * functions; what they append to is bounded by the buffer.
 */
#include "base/buf.h"
#include "server/http/http.h"

enum { HTTP_DATE_LEN = 29 };

struct http1_response_context {
    str date;        /* "Sun, 06 Nov 1994 08:49:37 GMT" */
    bool is_http10;  /* the request was HTTP/1.0: keep-alive must be said */
    bool is_closing; /* Connection: close */
};

/* Appends status line and fields up to and including the empty line. */
void http1_response_head(struct buf *out, const struct http_request *req,
                         const struct http_response *resp,
                         const struct http1_response_context *context);

/* Whether the body follows the head: not for HEAD, 204 and 304. */
bool http1_response_has_body(const struct http_request *req, const struct http_response *resp);

/* The reason phrase, or an empty string for a status without one. */
const char *http_status_reason(int status);

/* IMF-fixdate (RFC 9110 §5.6.7) of a Unix time. */
void http_date_format(int64_t unix_s, char out[HTTP_DATE_LEN + 1]);

#endif
