/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_SERVER_H
#define SERVER_IO_SERVER_H
/*
 * The HTTP server: listeners, loops, worker pools and drain around one router.
 *
 * One event loop per core, each with its own SO_REUSEPORT listener. server_run blocks until
 * server_stop has been called (from a signal handler or any thread) and the drain is over:
 * listeners close, idle connections close, running requests finish within the grace time.
 */
#include "server/http/router.h"

struct server_limits {
    size_t head_max;                      /* request line and headers, bytes: 16 KiB */
    unsigned headers_max;                 /* 100 */
    size_t target_max;                    /* 8 KiB */
    size_t request_memory_max;            /* arena cap per request: 8 MiB */
    unsigned connections_max;             /* per process: 10,000, if descriptors allow */
    unsigned connections_per_peer_max;    /* 0 = no cap */
    unsigned requests_per_connection_max; /* 0 = no cap */
    unsigned head_deadline_ms;            /* from the first byte to the end of the head: 10,000 */
    unsigned body_deadline_ms;            /* 30,000 */
    unsigned request_deadline_ms;         /* from the first byte to the last byte written: 60,000 */
    unsigned idle_deadline_ms;            /* between requests: 60,000 */
    unsigned drain_ms;                    /* grace time: 10,000 */
};

struct server_config {
    const char *address; /* "127.0.0.1", "0.0.0.0", "::" */
    uint16_t port;       /* 0: the kernel chooses, server_port tells */
    unsigned loops;      /* 0: one per core */
    unsigned pool_threads;
    unsigned pool_queue_max; /* waiting jobs; above it 503 */
    unsigned password_threads;
    unsigned password_queue_max;
    const char *tls_certificate; /* PEM path; NULL: plain */
    const char *tls_key;
    struct server_limits limits; /* zero fields take the defaults above */
};

struct server;

struct server_stats {
    uint64_t connections_open;
    uint64_t connections_total;
    uint64_t pool_queued;
    uint64_t pool_rejected;
    uint64_t parse_errors;
};

/* Binds and listens; ERR_BUSY when the port is taken. Keeps the router until server_free. */
err server_new(const struct server_config *config, struct router *router, struct server **ret,
               struct error *reterr) MUST_CHECK;
uint16_t server_port(const struct server *server);
/* Until the drain is over. ERR_TIMEOUT when the grace time ended first and connections were cut;
 * a handler may then still run on a worker. Ignores SIGPIPE for the process. */
err server_run(struct server *server) MUST_CHECK;
/* Starts the drain; async-signal-safe, may be called more than once. */
void server_stop(struct server *server);
void server_stats_get(const struct server *server, struct server_stats *ret);
/* Waits for handlers that still run (after ERR_TIMEOUT a process in a hurry exits instead); the
 * observer may be called for them. */
void server_free(struct server *server);

#endif
