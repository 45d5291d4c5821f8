/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench.h"

#include <pthread.h>
#include <stdlib.h>

#include "cli/decision.h"

enum {
    SAMPLES_MAX = 1 << 20,
    CLOCK_LOOKS = 1000, /* to know what the clock takes */
    WARM_UP_NS = 200000000,
    BLOCK = 64, /* decisions between looks at the clock */
};

/* ---- memory ---------------------------------------------------------------------------------- */

static void *count_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct bench_memory *memory = ctx;
    const struct allocator *libc = allocator_libc();
    void *moved = libc->resize(libc->ctx, ptr, old_size, new_size);
    if (moved == NULL && new_size > 0) {
        return NULL;
    }
    atomic_fetch_add_explicit(&memory->bytes, new_size - old_size, memory_order_relaxed);
    atomic_fetch_add_explicit(&memory->calls, new_size > 0, memory_order_relaxed);
    return moved;
}

cedar_allocator bench_allocator(struct bench_memory *memory) {
    return (cedar_allocator){.resize = count_resize, .ctx = memory};
}

/* ---- one thread ------------------------------------------------------------------------------ */

static cedar_status decide(const struct bench_job *job, size_t index, cedar_scratch *scratch,
                           cedar_response *ret) {
    cedar_scratch_reset(scratch);
    return cedar_authorize(job->policies, job->entities, &job->requests[index], scratch, ret);
}

static size_t next_index(const struct bench_job *job, size_t index) {
    return index + 1 < job->request_count ? index + 1 : 0;
}

cedar_status bench_round(const struct bench_job *job, struct bench_round *ret) {
    cedar_scratch *scratch;
    struct bench_round round = {0};
    cedar_status status = cedar_scratch_new(job->engine, 0, &scratch);
    for (size_t i = 0; status == CEDAR_OK && i < job->request_count; i++) {
        cedar_response response;
        status = decide(job, i, scratch, &response);
        round.allowed += response.decision == CEDAR_ALLOW;
        round.denied += response.decision == CEDAR_DENY;
        round.with_errors += response.error_count > 0;
    }
    cedar_scratch_free(scratch);
    if (status == CEDAR_OK) {
        *ret = round;
    }
    return status;
}

/* Decides for a while without looking at single decisions; all requests were decided before, so
 * a failure here is one of memory. */
static cedar_status run_for(const struct bench_job *job, int64_t duration_ns,
                            cedar_scratch *scratch, uint64_t *ret_count, int64_t *ret_taken_ns) {
    int64_t start_ns = decision_now_ns();
    int64_t taken_ns = 0;
    uint64_t count = 0;
    size_t index = 0;
    cedar_status status = CEDAR_OK;
    while (status == CEDAR_OK && taken_ns < duration_ns) {
        for (int i = 0; i < BLOCK && status == CEDAR_OK; i++) {
            cedar_response response;
            status = decide(job, index, scratch, &response);
            index = next_index(job, index);
        }
        count += BLOCK;
        taken_ns = decision_now_ns() - start_ns;
    }
    *ret_count = count;
    *ret_taken_ns = taken_ns;
    return status;
}

/* ---- latency --------------------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* The least that lies between two looks at the clock. */
static int64_t clock_cost(void) {
    int64_t least_ns = INT64_MAX;
    for (int i = 0; i < CLOCK_LOOKS; i++) {
        int64_t start_ns = decision_now_ns();
        int64_t taken_ns = decision_now_ns() - start_ns;
        least_ns = taken_ns < least_ns ? taken_ns : least_ns;
    }
    return least_ns;
}

/* Whole rounds, so that every request has the same weight, as long as there is room and time. */
static cedar_status sample(const struct bench_job *job, cedar_scratch *scratch, uint32_t *times,
                           size_t max, size_t *ret_count) {
    int64_t cost_ns = clock_cost();
    int64_t end_ns = decision_now_ns() + job->duration_ns;
    size_t count = 0;
    cedar_status status = CEDAR_OK;
    do {
        for (size_t i = 0; i < job->request_count && count < max && status == CEDAR_OK; i++) {
            cedar_response response;
            int64_t start_ns = decision_now_ns();
            status = decide(job, i, scratch, &response);
            int64_t taken_ns = decision_now_ns() - start_ns - cost_ns;
            times[count++] = taken_ns < 0            ? 0
                             : taken_ns > UINT32_MAX ? UINT32_MAX
                                                     : (uint32_t)taken_ns;
        }
    } while (status == CEDAR_OK && count + job->request_count <= max && decision_now_ns() < end_ns);
    *ret_count = count;
    return status;
}

static cedar_status measure(const struct bench_job *job, cedar_scratch *scratch, uint32_t *times,
                            struct bench_latency *ret) {
    uint64_t warm_up;
    int64_t taken_ns;
    size_t count;
    int64_t warm_up_ns = job->duration_ns < WARM_UP_NS ? job->duration_ns : WARM_UP_NS;
    cedar_status status = run_for(job, warm_up_ns, scratch, &warm_up, &taken_ns);
    size_t calls = atomic_load(&job->memory->calls);
    if (status == CEDAR_OK) {
        status = sample(job, scratch, times, SAMPLES_MAX, &count);
    }
    if (status != CEDAR_OK) {
        return status;
    }
    calls = atomic_load(&job->memory->calls) - calls;
    qsort(times, count, sizeof *times, compare_times);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += times[i];
    }
    *ret = (struct bench_latency){.count = count,
                                  .median_ns = times[count / 2],
                                  .p99_ns = times[count - 1 - count / 100],
                                  .mean_ns = sum / (double)count,
                                  .allocations = (double)calls / (double)count};
    return CEDAR_OK;
}

cedar_status bench_latency(const struct bench_job *job, struct bench_latency *ret) {
    cedar_scratch *scratch = NULL;
    uint32_t *times = malloc(SAMPLES_MAX * sizeof *times);
    cedar_status status =
        times == NULL ? CEDAR_ERR_NOMEM : cedar_scratch_new(job->engine, 0, &scratch);
    if (status == CEDAR_OK) {
        status = measure(job, scratch, times, ret);
    }
    cedar_scratch_free(scratch);
    free(times);
    return status;
}

/* ---- throughput ------------------------------------------------------------------------------ */

enum gate_state { GATE_CLOSED, GATE_OPEN, GATE_CANCELLED };

/* All begin together, or, when one thread cannot be made, none does. */
struct gate {
    pthread_mutex_t lock; /* guards state */
    pthread_cond_t changed;
    enum gate_state state;
};

struct worker {
    const struct bench_job *job;
    struct gate *gate;
    pthread_t thread;
    cedar_status status;
    double per_second;
};

static enum gate_state gate_wait(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    while (gate->state == GATE_CLOSED) {
        pthread_cond_wait(&gate->changed, &gate->lock);
    }
    enum gate_state state = gate->state;
    pthread_mutex_unlock(&gate->lock);
    return state;
}

static void gate_set(struct gate *gate, enum gate_state state) {
    pthread_mutex_lock(&gate->lock);
    gate->state = state;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void *work(void *ptr) {
    struct worker *worker = ptr;
    cedar_scratch *scratch = NULL;
    uint64_t count = 0;
    int64_t taken_ns = 1;
    worker->status = cedar_scratch_new(worker->job->engine, 0, &scratch);
    if (gate_wait(worker->gate) == GATE_OPEN && worker->status == CEDAR_OK) {
        worker->status = run_for(worker->job, worker->job->duration_ns, scratch, &count, &taken_ns);
    }
    worker->per_second = (double)count * 1e9 / (double)taken_ns;
    cedar_scratch_free(scratch);
    return NULL;
}

static cedar_status run_workers(struct worker *workers, size_t count, struct gate *gate,
                                double *ret) {
    size_t begun = 0;
    double sum = 0;
    while (begun < count &&
           pthread_create(&workers[begun].thread, NULL, work, &workers[begun]) == 0) {
        begun++;
    }
    gate_set(gate, begun == count ? GATE_OPEN : GATE_CANCELLED);
    cedar_status status = begun == count ? CEDAR_OK : CEDAR_ERR_NOMEM;
    for (size_t i = 0; i < begun; i++) {
        pthread_join(workers[i].thread, NULL);
        sum += workers[i].per_second;
        status = workers[i].status == CEDAR_OK ? status : workers[i].status;
    }
    *ret = sum;
    return status;
}

cedar_status bench_throughput(const struct bench_job *job, size_t threads, double *ret) {
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct worker *workers = calloc(threads, sizeof *workers);
    if (workers == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (struct worker){.job = job, .gate = &gate};
    }
    cedar_status status = run_workers(workers, threads, &gate, ret);
    free(workers);
    return status;
}
