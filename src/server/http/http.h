/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_HTTP_H
#define SERVER_HTTP_HTTP_H
/*
 * Request, response and handler: what a service sees of HTTP, whatever the version on the wire.
 *
 * A request is slices into its own arena; everything a handler allocates for the answer lives in
 * the same arena, which is freed (and wiped, for routes that say so) once the answer has been
 * written. A handler runs either on the event loop (`may_block` false: it must not wait) or on a
 * worker thread (`may_block` true). One thread at a time touches a request.
 */
#include "base/arena.h"
#include "base/json.h"

enum http_method {
    HTTP_OTHER, /* a valid token that no route knows */
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT,
};

const char *http_method_name(enum http_method method);

struct http_header {
    str name; /* requests: lower case */
    str value;
};

struct http_peer {
    char address[46]; /* textual, without port */
    uint16_t port;
    bool is_loopback;
    bool is_tls;
};

struct route;

enum { HTTP_PARAMS_MAX = 4, HTTP_RESPONSE_HEADERS_MAX = 24, HTTP_REQUEST_ID_MAX = 128 };

struct http_request {
    struct arena *arena;
    enum http_method method;
    str target; /* as sent */
    str path;   /* percent-decoded once, normalised; never contains NUL, "..", "//" or "%2f" */
    str query;  /* raw, without '?'; absent when there is none */
    str host;   /* Host header, as sent */
    const struct http_header *headers;
    size_t header_count;
    str body;
    const struct http_peer *peer;
    str request_id;      /* the peer's X-Request-ID when it is fit to be echoed, otherwise ours */
    uint64_t started_ns; /* monotonic */
    const struct route *route;   /* NULL when nothing matched */
    str params[HTTP_PARAMS_MAX]; /* values of {name} parts of the route, in order */
    bool may_block;
    void *app;          /* the service's own context, from router_config */
    const void *caller; /* set by the guard: proof of who is calling */
};

struct http_response {
    int status;
    struct http_header headers[HTTP_RESPONSE_HEADERS_MAX];
    size_t header_count;
    str body;
    bool closes; /* close the connection after this answer */
};

enum http_outcome {
    HTTP_DONE,       /* the response is filled in */
    HTTP_NEEDS_POOL, /* only from the loop: run me again on a worker, with may_block set */
};

typedef enum http_outcome http_handler(struct http_request *req, struct http_response *resp);

/* First header of that (lower-case) name; absent when there is none. */
str http_header_get(const struct http_request *req, str lower_name);
/* How often a header occurs; for those that must not be repeated. */
size_t http_header_count(const struct http_request *req, str lower_name);

/* name must be static or in the arena. A value with control characters is refused (ASSERT in
 * debug builds, dropped otherwise): header injection. */
void http_response_header(struct http_response *resp, str name, str value);

/* Whether the response has a header of that name, in any case. */
bool http_response_has(const struct http_response *resp, str name);

/* Body with Content-Type and Cache-Control: no-store. */
void http_response_json(struct http_response *resp, int status, str json);
void http_response_text(struct http_response *resp, int status, str content_type, str body);
void http_response_redirect(struct http_response *resp, int status, str location);

#endif
