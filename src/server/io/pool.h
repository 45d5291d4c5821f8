/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_POOL_H
#define SERVER_IO_POOL_H
/*
 * Worker threads behind a bounded queue, for work that waits or burns CPU.
 *
 * The queue never holds more than its bound: pool_submit hands back the job that has no place.
 * A fair pool keeps one lane per peer and serves the lanes in turn, and when it is full the
 * newest job of the longest lane gives way to a peer that holds less, so that a flood from one
 * address delays that address first.
 *
 * Jobs are owned by the caller; the pool only links them. pool_submit and pool_queued may be
 * called from any thread. `run` is called on a worker.
 */
#include "base/err.h"

struct pool_job {
    struct pool_job *next;
    struct pool_job *previous;
    uint64_t peer_key;
    void (*run)(struct pool_job *job);
};

struct pool_config {
    unsigned threads;
    unsigned queue_max;
    bool is_fair;
    const char *thread_name; /* at most 15 bytes */
};

struct pool;

err pool_new(const struct pool_config *config, struct pool **ret, struct error *reterr) MUST_CHECK;

/* Starts the threads. */
err pool_start(struct pool *pool) MUST_CHECK;

/* NULL when all is queued; otherwise the job that was not or is no longer queued: this one, or
 * an older one of another peer. */
struct pool_job *pool_submit(struct pool *pool, struct pool_job *job) MUST_CHECK;

/* Takes one waiting job out, or NULL; used to empty the queue when the grace time is over. */
struct pool_job *pool_take(struct pool *pool) MUST_CHECK;

unsigned pool_queued(const struct pool *pool);

/* Waits for the running jobs and ends the threads; waiting jobs are not run. */
void pool_stop(struct pool *pool);
void pool_free(struct pool *pool); /* stopped before; accepts NULL */

#endif
