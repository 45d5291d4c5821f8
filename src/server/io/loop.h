/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_LOOP_H
#define SERVER_IO_LOOP_H
/*
 * An event loop with its listener, connections and spare memory; one per core, sharing nothing
 * but the router, the pools and a few counters.
 *
 * Everything belongs to the loop's thread except `done` and the counters (atomics) and
 * loop_post, loop_wake and loop_stats_add, which any thread may call.
 */
#include <stdatomic.h>

#include "server/io/server.h"
#include "server/io/conn.h"
#include "server/io/limits.h"
#include "server/io/peers.h"
#include "server/io/tls.h"

enum server_pool { POOL_GENERAL, POOL_PASSWORD, POOL_COUNT };

/* What all loops share; immutable while they run, except for the atomics. */
struct shared {
    struct server_limits limits;
    struct http1_limits http1_limits;
    struct router *router;
    struct tls_context *tls; /* NULL: plain */
    struct pool *pools[POOL_COUNT];
    struct peers *peers; /* NULL: no cap */
    atomic_uint connections;
    atomic_size_t body_memory; /* see BODY_MEMORY_MAX */
    atomic_bool is_stopping;
};

struct conn_list {
    struct conn *first;
    struct conn *last;
};

/* Written by the loop only, read by anyone. */
struct loop_counters {
    _Atomic uint64_t connections_total;
    _Atomic uint64_t pool_rejected;
    _Atomic uint64_t parse_errors;
};

struct loop {
    struct shared *shared;
    struct event_base *base;
    struct event *listen_event;
    struct event *wake_event;
    struct event *tick_event;
    int listen_fd;
    int wake_fd;
    bool is_listening; /* false while descriptors are short, and during the drain */
    bool is_ticking;
    bool is_draining;
    bool was_cut; /* the grace time was over before the work was */
    uint64_t now_ms;
    uint64_t drain_until_ms;
    unsigned connections; /* open sockets */
    unsigned running;     /* exchanges that workers have */
    struct conn_list phases[CONN_PHASE_COUNT];
    struct conn *dead;
    struct block *blocks;
    unsigned block_count;
    size_t block_size;
    struct exchange *exchanges;
    unsigned exchange_count;
    struct buf out;
    struct stamp stamp;
    struct loop_counters counters;
    _Atomic(struct exchange *) done; /* a stack: newest first */
};

/* Takes over the listening socket, also on failure. */
err loop_new(struct shared *shared, int take_listen_fd, struct loop **ret,
             struct error *reterr) MUST_CHECK;
void loop_free(struct loop *loop);

/* Until the drain is over. ERR_TIMEOUT when connections had to be cut. */
err loop_run(struct loop *loop) MUST_CHECK;

/* Hands an exchange back to its loop. Any thread. */
void loop_post(struct exchange *x);
/* Makes the loop look at `done` and at shared->is_stopping; async-signal-safe. */
void loop_wake(struct loop *loop);

void loop_count(_Atomic uint64_t *counter);

struct block *loop_block_take(struct loop *loop) MUST_CHECK;
void loop_block_give(struct loop *loop, struct block *block);

/* Moves a connection to the end of a phase's list. */
void loop_set_phase(struct loop *loop, struct conn *conn, enum conn_phase phase,
                    uint64_t deadline_ms);
void loop_forget(struct loop *loop, struct conn *conn);

/* Frees the connections that died in this event; ends the loop when the drain is over. */
void loop_reap(struct loop *loop);

#endif
