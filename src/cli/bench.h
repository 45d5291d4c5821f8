/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H
/*
 * The measurements of `cedar bench`, without what is read and printed around them.
 *
 * A list of requests is decided round after round by one or more threads, each with a scratch of
 * its own. Latency is measured one decision at a time, less what the clock itself takes; throughput
 * without looking at the clock in between.
 */
#include <stdatomic.h>

#include "cli/cli.h"

/* An allocator that counts. Shared by threads. */
struct bench_memory {
    atomic_size_t bytes; /* in use */
    atomic_size_t calls; /* that gave memory */
};
cedar_allocator bench_allocator(struct bench_memory *memory);

struct bench_job {
    cedar_engine *engine;
    const cedar_policies *policies;
    const cedar_entities *entities;
    const cedar_request *requests;
    size_t request_count;
    int64_t duration_ns; /* of one measurement */
    struct bench_memory *memory;
};

struct bench_latency {
    uint64_t count;
    double median_ns;
    double p99_ns;
    double mean_ns;
    double allocations; /* per decision */
};

/* One round over all requests: how they are decided, and whether all can be. */
struct bench_round {
    uint64_t allowed;
    uint64_t denied;
    uint64_t with_errors; /* requests with policies that failed */
};

cedar_status bench_round(const struct bench_job *job, struct bench_round *ret) MUST_CHECK;
cedar_status bench_latency(const struct bench_job *job, struct bench_latency *ret) MUST_CHECK;
/* Decisions per second by this many threads together. */
cedar_status bench_throughput(const struct bench_job *job, size_t threads, double *ret) MUST_CHECK;

#endif
