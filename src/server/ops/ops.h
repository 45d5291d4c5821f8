/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_OPS_H
#define SERVER_OPS_OPS_H
/*
 * What both services need around their handlers: log, metrics, health, limits, audit; and the
 * routes, observer and limiter made from them.
 *
 * A service makes one `struct ops` at start. Its own context, the router's `app`, begins with a
 * pointer to it:
 *
 *     struct policy_app { struct ops *ops; … };
 *
 * so the handlers here find it from any request. The members are set by ops_new and do not
 * change while the server runs; each is safe for any thread.
 */
#include "server/http/router.h"
#include "server/ops/audit.h"
#include "server/ops/health.h"
#include "server/ops/log.h"
#include "server/ops/metrics.h"
#include "server/ops/rate_limit.h"

struct http_metrics;
struct server;

struct ops {
    const char *service;
    const char *version;
    const struct clock *clock;
    struct log *log;
    struct metrics *metrics;
    struct health *health;
    struct rate_limit *limits;           /* NULL: no limits */
    struct audit *audit;                 /* NULL: no audit trail */
    struct http_metrics *http_metrics;   /* NULL until ops_set_routes */
    _Atomic int access_level;            /* enum log_level of access lines with status below 400 */
    _Atomic bool has_loopback_operators; /* contract: reads from loopback without a token */
    uint64_t memory_reported_bytes;      /* by ops_log_memory, which one thread calls */
};

struct ops_config {
    const char *service;
    int log_fd; /* 1: standard output */
    enum log_level log_level;
    enum log_level access_level; /* LOG_LEVEL_DEBUG keeps decisions out of an info log */
    bool has_loopback_operators;
    const char *audit_path;                   /* NULL: no audit trail */
    struct rate_rule rates[RATE_CLASS_COUNT]; /* all zero: no limits */
    struct hash_key hash_key;                 /* random, for the rate limits */
    const struct clock *clock;                /* NULL: the system's */
};

/* The version that Meson gives the project. */
const char *ops_version(void);

err ops_new(const struct ops_config *config, struct ops **ret, struct error *reterr) MUST_CHECK;
/* Starts the log's writer thread and makes fatal signals write the log out; after signals_block,
 * before the server runs. */
err ops_start(struct ops *ops) MUST_CHECK;
/* Flushes and frees everything; accepts NULL. */
void ops_free(struct ops *ops);

/* Makes the series of every route; before the server runs. The table must live as long. */
err ops_set_routes(struct ops *ops, const struct route *routes, size_t count) MUST_CHECK;

/* Shows the server's connection and queue figures as metrics. */
void ops_watch_server(struct ops *ops, struct server *server);

/* Registers a dependency with health and with dependency_up. */
struct dependency *ops_dependency_add(struct ops *ops, const char *name, bool is_required);
/* Sets its state and logs `dependency_state` when that is a change. */
void ops_dependency_set(struct ops *ops, struct dependency *dependency, const char *name,
                        enum dependency_state state);

/* Logs resident memory (`memory_usage`), and `memory_growth` when it has grown by half since the
 * last line. For the periodic tick. */
void ops_log_memory(struct ops *ops);

/* From the request's app context. */
struct ops *ops_of(const struct http_request *req);
/* request_id, and the trace id of a valid W3C traceparent header. */
struct log_context ops_log_context(const struct http_request *req);

/* Writes to the audit trail, with request id and address filled in from the request; counts, and
 * logs audit_failed on error. ERR_OK when there is no trail. */
err ops_audit(const struct http_request *req, struct audit_record record) MUST_CHECK;

/* Contract C2: a read-only request to /admin or /debug may do without a token only when the peer
 * is loopback, Host is a loopback name, and nothing forwarded it. */
bool ops_is_loopback_operator(const struct http_request *req);

/* Rows for the services' route tables: GET, CALLER_ANYONE, ROUTE_INLINE. */
http_handler ops_health;       /* /health: 200 while the process can serve */
http_handler ops_health_live;  /* /health/live */
http_handler ops_health_ready; /* /health/ready: 503 unless ready */
http_handler ops_metrics;      /* /metrics */

/* For router_config. */
http_observer ops_observe;
http_limiter ops_limit;

#endif
