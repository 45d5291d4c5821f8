/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_ROUTER_H
#define SERVER_HTTP_ROUTER_H
/*
 * The route table: one row per method and path, with everything that must hold before a handler
 * runs. A service writes one static array; router_new refuses it at start when a row lacks its
 * caller kind, handler or place to run, or when two rows collide.
 *
 * Order for a request: match path → 404; match method → 405 with Allow; body limit → 413;
 * rate class → 429; guard (caller kind) → 401/403; handler.
 * HEAD is answered by the GET row without a body; OPTIONS by the router with Allow.
 */
#include "server/http/http.h"

/* Who may call a route. Zero is not a kind, so a forgotten column fails at start. */
enum caller_kind {
    CALLER_UNSET = 0,
    CALLER_ANYONE,   /* public: discovery, health, sign-in page, endpoints that check themselves */
    CALLER_BEARER,   /* a valid access token */
    CALLER_ADMIN,    /* a token with the admin scope */
    CALLER_OPERATOR, /* as ADMIN, or a read from loopback under the rules of contract C2 */
};

enum route_place {
    ROUTE_PLACE_UNSET = 0,
    ROUTE_INLINE,   /* on the loop; must not wait */
    ROUTE_POOL,     /* on a worker: SQL, outbound HTTP */
    ROUTE_PASSWORD, /* on the password pool: Argon2id */
};

enum rate_class { RATE_NONE = 0, RATE_DEFAULT, RATE_LOGIN, RATE_TOKEN, RATE_CLASS_COUNT };

struct route {
    enum http_method method;
    const char *path; /* "/oauth/token", "/v1/policies/{id}"; the metric's `route` label */
    enum caller_kind caller;
    enum route_place place;
    enum rate_class rate;
    size_t body_max; /* bytes; 0 = no body allowed */
    bool is_wiped;   /* secrets pass through: wipe the request's memory */
    http_handler *handler;
};

/* Checks the caller of a matched request. Fills req->caller and returns true, or fills the
 * response (401, 403) and returns false. Sets *ret_needs_pool (and returns false) when it would
 * have to wait and may_block is false: it is called again on a worker. On the loop it is called
 * before the body has arrived, so that nobody unknown makes us read one: req->body is empty. */
typedef bool http_guard(struct http_request *req, struct http_response *resp, bool *ret_needs_pool);

/* Whether the peer may go on (false: too many requests; *ret_retry_after_s is set). */
typedef bool http_limiter(struct http_request *req, enum rate_class rate,
                          unsigned *ret_retry_after_s);

/* Called once per answered request, on the loop, after the last byte was handed to the kernel:
 * access log and metrics. */
typedef void http_observer(const struct http_request *req, const struct http_response *resp,
                           uint64_t duration_ns);

struct router_config {
    const struct route *routes;
    size_t route_count;
    void *app;
    http_guard *guard;       /* required when any row is not CALLER_ANYONE */
    http_limiter *limiter;   /* may be NULL */
    http_observer *observer; /* may be NULL */
};

struct router;

err router_new(const struct router_config *config, struct router **ret,
               struct error *reterr) MUST_CHECK;
void router_free(struct router *router);
const struct router_config *router_config_get(const struct router *router);

/* Position of a row in the table, for per-route metrics. */
size_t router_row(const struct router *router, const struct route *route);

#endif
