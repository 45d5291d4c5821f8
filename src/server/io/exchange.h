/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_EXCHANGE_H
#define SERVER_IO_EXCHANGE_H
/*
 * One request and its answer, whatever protocol version carries them.
 *
 *   exchange_new ─ session fills req ─ exchange_admit ─ session reads the body ─ exchange_run
 *                                          │ refused                                 │
 *                                          └────────────> answered <──── loop or worker
 *
 * An exchange belongs to a loop and is used by its thread, except between exchange_run saying
 * EXCHANGE_RUNNING and its return through loop_post, when a worker has it. It is reused: its
 * arena keeps its first chunk, so that a request in the steady state allocates nothing.
 */
#include "server/http/problem.h"
#include "server/http/router_int.h"
#include "server/io/pool.h"
#include "server/io/stamp.h"

struct block;
struct conn;
struct loop;

struct exchange {
    struct pool_job job; /* first, so that a job is its exchange */
    struct exchange *next;
    struct loop *loop;
    struct conn *conn;
    struct arena arena;
    struct http_request req;
    struct http_response resp;
    struct http_header *headers; /* room for limits.headers_max */
    struct block *block;         /* the bytes of the head, when they left the connection */
    size_t body_held;            /* its part of shared->body_memory */
    bool is_running;             /* a worker has it */
    bool is_rejected;            /* it lost its place in the queue */
    bool guard_must_wait;        /* the guard is asked again on the worker */
    bool is_http10;
    bool is_kept_alive; /* as far as the peer is concerned */
    char own_id[REQUEST_ID_LEN];
};

enum exchange_state { EXCHANGE_ANSWERED, EXCHANGE_RUNNING };

/* A cleared exchange with peer, start time and an id of our own; NULL when memory is out. */
struct exchange *exchange_new(struct loop *loop, struct conn *conn) MUST_CHECK;

/* Forgets the request (wiping it when the route says so) and keeps the exchange for later. */
void exchange_release(struct exchange *x);
/* Gives the memory back. */
void exchange_free(struct exchange *x);

/* Takes the peer's id when it is fit to be echoed and logged. */
void exchange_take_id(struct exchange *x, str peer_id);

/* Path, method, body limit, rate and caller, in this order (router.h). `raw_path` is absent for
 * "*". A body of unknown length has length 0 here and is counted while it arrives. False: the
 * response is filled in. The guard sees the request without its body. */
bool exchange_admit(struct exchange *x, str raw_path, uint64_t body_length) MUST_CHECK;

/* A place for a body of known length that does not fit into the block. Freed (and wiped, if the
 * route says so) with the request; takes no real memory before bytes arrive. NULL when there is
 * no memory for it. */
char *exchange_body(struct exchange *x, size_t len) MUST_CHECK;

/* Counts bytes of a body that have arrived outside the block; false when all requests together
 * hold too many. */
bool exchange_hold(struct exchange *x, size_t len) MUST_CHECK;

/* Runs the handler here or hands it to a pool. */
enum exchange_state exchange_run(struct exchange *x) MUST_CHECK;

/* The response of a request that lost its place in a queue. */
void exchange_reject(struct exchange *x);

void exchange_problem(struct exchange *x, enum problem_kind kind, const char *detail);

#endif
