/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/assert.h"
#include "server/io/thread.h"

/* The waiting jobs of one peer, oldest first. */
struct lane {
    struct lane *next;
    uint64_t key;
    struct pool_job *oldest;
    struct pool_job *newest;
    unsigned count;
};

struct pool {
    struct pool_config config;
    pthread_mutex_t mutex; /* guards everything below */
    pthread_cond_t work;
    struct lane *first; /* served next */
    struct lane *last;
    struct lane *unused;
    struct lane *lanes; /* storage, one for each place in the queue */
    atomic_uint queued; /* written under the mutex, read without it for statistics */
    bool is_stopping;
    unsigned running_threads;
    pthread_t *threads;
};

err pool_new(const struct pool_config *config, struct pool **ret, struct error *reterr) {
    ASSERT(config->threads > 0 && config->queue_max > 0);
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return error_set(reterr, ERR_NOMEM, "no memory for a worker pool");
    }
    pool->config = *config;
    pool->lanes = calloc(config->queue_max, sizeof *pool->lanes);
    pool->threads = calloc(config->threads, sizeof *pool->threads);
    if (pool->lanes == NULL || pool->threads == NULL ||
        pthread_mutex_init(&pool->mutex, NULL) != 0) {
        free(pool->lanes);
        free(pool->threads);
        free(pool);
        return error_set(reterr, ERR_NOMEM, "no memory for a worker pool");
    }
    ASSERT(pthread_cond_init(&pool->work, NULL) == 0); /* cannot fail on Linux */
    for (unsigned i = 0; i < config->queue_max; i++) {
        pool->lanes[i].next = pool->unused;
        pool->unused = &pool->lanes[i];
    }
    *ret = pool;
    return ERR_OK;
}

static void lock(struct pool *pool) {
    ASSERT(pthread_mutex_lock(&pool->mutex) == 0);
}

static void unlock(struct pool *pool) {
    ASSERT(pthread_mutex_unlock(&pool->mutex) == 0);
}

static void count(struct pool *pool, int change) {
    unsigned queued = atomic_load_explicit(&pool->queued, memory_order_relaxed);
    atomic_store_explicit(&pool->queued, queued + (unsigned)change, memory_order_relaxed);
}

static void append_lane(struct pool *pool, struct lane *lane) {
    lane->next = NULL;
    if (pool->last == NULL) {
        pool->first = lane;
    } else {
        pool->last->next = lane;
    }
    pool->last = lane;
}

static void remove_lane(struct pool *pool, struct lane *lane) {
    struct lane *before = NULL;
    for (struct lane *at = pool->first; at != lane; at = at->next) {
        before = at;
    }
    if (before == NULL) {
        pool->first = lane->next;
    } else {
        before->next = lane->next;
    }
    if (pool->last == lane) {
        pool->last = before;
    }
    lane->next = pool->unused;
    pool->unused = lane;
}

/* At most queue_max lanes; they are few whenever the server is not overloaded. */
static struct lane *find_lane(struct pool *pool, uint64_t key) {
    for (struct lane *lane = pool->first; lane != NULL; lane = lane->next) {
        if (lane->key == key) {
            return lane;
        }
    }
    return NULL;
}

static struct lane *longest_lane(struct pool *pool) {
    struct lane *longest = pool->first;
    ASSERT(longest != NULL); /* asked only when the queue is full */
    for (struct lane *lane = longest->next; lane != NULL; lane = lane->next) {
        if (lane->count > longest->count) {
            longest = lane;
        }
    }
    return longest;
}

static struct pool_job *take_newest(struct pool *pool, struct lane *lane) {
    struct pool_job *job = lane->newest;
    lane->newest = job->previous;
    if (lane->newest == NULL) {
        remove_lane(pool, lane);
    } else {
        lane->newest->next = NULL;
    }
    lane->count--;
    count(pool, -1);
    return job;
}

/* The oldest job of the first lane, which then goes to the end of the row. */
static struct pool_job *take_next(struct pool *pool) {
    struct lane *lane = pool->first;
    if (lane == NULL) {
        return NULL;
    }
    struct pool_job *job = lane->oldest;
    lane->oldest = job->next;
    lane->count--;
    count(pool, -1);
    if (lane->oldest == NULL) {
        remove_lane(pool, lane);
    } else {
        lane->oldest->previous = NULL;
        if (lane != pool->last) {
            pool->first = lane->next;
            append_lane(pool, lane);
        }
    }
    return job;
}

static void put(struct pool *pool, struct pool_job *job, uint64_t key) {
    struct lane *lane = find_lane(pool, key);
    if (lane == NULL) {
        lane = pool->unused;
        ASSERT(lane != NULL);
        pool->unused = lane->next;
        *lane = (struct lane){.key = key};
        append_lane(pool, lane);
    }
    job->next = NULL;
    job->previous = lane->newest;
    if (lane->newest == NULL) {
        lane->oldest = job;
    } else {
        lane->newest->next = job;
    }
    lane->newest = job;
    lane->count++;
    count(pool, 1);
}

struct pool_job *pool_submit(struct pool *pool, struct pool_job *job) {
    uint64_t key = pool->config.is_fair ? job->peer_key : 0;
    struct pool_job *loser = NULL;
    lock(pool);
    if (pool_queued(pool) == pool->config.queue_max) {
        struct lane *own = find_lane(pool, key);
        struct lane *longest = longest_lane(pool);
        unsigned own_count = own == NULL ? 0 : own->count;
        loser = own_count + 1 < longest->count ? take_newest(pool, longest) : job;
    }
    if (pool->is_stopping) {
        loser = job;
    }
    if (loser != job) {
        put(pool, job, key);
        ASSERT(pthread_cond_signal(&pool->work) == 0);
    }
    unlock(pool);
    return loser;
}

struct pool_job *pool_take(struct pool *pool) {
    lock(pool);
    struct pool_job *job = take_next(pool);
    unlock(pool);
    return job;
}

unsigned pool_queued(const struct pool *pool) {
    return atomic_load_explicit(&pool->queued, memory_order_relaxed);
}

static void *work(void *arg) {
    struct pool *pool = arg;
    lock(pool);
    while (true) {
        struct pool_job *job = pool->is_stopping ? NULL : take_next(pool);
        if (job != NULL) {
            unlock(pool);
            job->run(job);
            lock(pool);
        } else if (pool->is_stopping) {
            break;
        } else {
            ASSERT(pthread_cond_wait(&pool->work, &pool->mutex) == 0);
        }
    }
    unlock(pool);
    return NULL;
}

err pool_start(struct pool *pool) {
    while (pool->running_threads < pool->config.threads) {
        TRY(thread_start(&pool->threads[pool->running_threads], pool->config.thread_name, work,
                         pool));
        pool->running_threads++;
    }
    return ERR_OK;
}

void pool_stop(struct pool *pool) {
    lock(pool);
    pool->is_stopping = true;
    ASSERT(pthread_cond_broadcast(&pool->work) == 0);
    unlock(pool);
    for (unsigned i = 0; i < pool->running_threads; i++) {
        ASSERT(pthread_join(pool->threads[i], NULL) == 0);
    }
    pool->running_threads = 0;
}

void pool_free(struct pool *pool) {
    if (pool == NULL) {
        return;
    }
    ASSERT(pool->running_threads == 0);
    IGNORE(pthread_cond_destroy(&pool->work)); /* cannot fail: nobody waits */
    IGNORE(pthread_mutex_destroy(&pool->mutex));
    free(pool->lanes);
    free(pool->threads);
    free(pool);
}
