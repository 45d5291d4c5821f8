/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/log.h"

#include "base/assert.h"
#include "server/ops/log_line.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    SLOT_COUNT = 1024, /* a power of two */
    BATCH = 256,       /* lines per writev */
    WAIT_BUSY_MS = 10,
    WAIT_IDLE_MS = 100,
    FATAL_SPINS = 1000000,
    PATIENCE = 20, /* tenths of a second that a full pipe may stand still */
};

/*
 * Bounded queue of many producers and one consumer at a time. `turn` says whose the slot is at
 * position p (slot p mod SLOT_COUNT): p = free for the producer of p, p + 1 = holds line p.
 */
struct slot {
    _Atomic uint64_t turn;
    size_t len;
};

struct log {
    const char *service;
    const struct clock *clock;
    int fd;
    _Atomic int threshold;
    _Atomic bool is_running;  /* lines go through the ring */
    _Atomic bool is_stopping; /* for the thread */
    _Atomic bool is_waiting;  /* the thread sleeps and wants to be woken */
    _Atomic uint64_t lost;
    _Alignas(64) _Atomic uint64_t head; /* next position to be taken */
    _Alignas(64) _Atomic uint64_t tail; /* next position to be written */
    atomic_flag consumer;               /* held by whoever drains */
    uint64_t lost_reported;             /* guarded by `consumer` */
    pthread_mutex_t lock;               /* lines written at once; and `written` */
    pthread_cond_t written;             /* `tail` has moved */
    pthread_t thread;
    sem_t wake;
    struct slot slots[SLOT_COUNT];
    char texts[SLOT_COUNT][LOG_LINE_MAX]; /* apart: pages that were never used cost nothing */
};

err log_new(const char *service, int fd, enum log_level threshold, const struct clock *clock,
            struct log **ret) {
    struct log *log = aligned_alloc(64, (sizeof *log + 63) / 64 * 64);
    if (log == NULL) {
        return ERR_NOMEM;
    }
    memset(log, 0, offsetof(struct log, slots));
    log->service = service;
    log->clock = clock;
    log->fd = fd;
    atomic_init(&log->threshold, threshold);
    atomic_flag_clear(&log->consumer);
    for (uint64_t i = 0; i < SLOT_COUNT; i++) {
        atomic_init(&log->slots[i].turn, i);
    }
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->written, NULL);
    sem_init(&log->wake, 0, 0);
    *ret = log;
    return ERR_OK;
}

/* False when the descriptor takes no more; async-signal-safe. */
static bool write_all(int fd, struct iovec *parts, int count) {
    int patience = PATIENCE;
    while (count > 0) {
        ssize_t n = writev(fd, parts, count);
        if (n < 0 && errno == EAGAIN && patience-- > 0) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            IGNORE(poll(&ready, 1, 100)); /* whatever it says, writev is asked again */
            continue;
        }
        if (n < 0 && errno != EINTR) {
            return false;
        }
        size_t done = n < 0 ? 0 : (size_t)n;
        while (count > 0 && done >= parts->iov_len) {
            done -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + done;
            parts->iov_len -= done;
        }
    }
    return true;
}

/* Writes up to BATCH lines that are complete; returns how many positions were passed. With
 * `skips_gaps` slots that somebody was still filling are given up. Under `consumer`. */
static size_t drain_batch(struct log *log, bool skips_gaps) {
    struct iovec parts[BATCH];
    int count = 0;
    uint64_t tail = atomic_load_explicit(&log->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&log->head, memory_order_acquire);
    uint64_t end = tail;
    for (; end < head && count < BATCH; end++) {
        struct slot *slot = &log->slots[end % SLOT_COUNT];
        if (atomic_load_explicit(&slot->turn, memory_order_acquire) == end + 1) {
            parts[count++] =
                (struct iovec){.iov_base = log->texts[end % SLOT_COUNT], .iov_len = slot->len};
        } else if (!skips_gaps) {
            break;
        }
    }
    if (count > 0 && !write_all(log->fd, parts, count)) {
        atomic_fetch_add_explicit(&log->lost, (uint64_t)count, memory_order_relaxed);
    }
    for (uint64_t position = tail; position < end; position++) {
        atomic_store_explicit(&log->slots[position % SLOT_COUNT].turn, position + SLOT_COUNT,
                              memory_order_release);
    }
    atomic_store_explicit(&log->tail, end, memory_order_release);
    return (size_t)(end - tail);
}

/* A line of its own about lines that were dropped. Under `consumer`. */
static void report_lost(struct log *log) {
    uint64_t lost = atomic_load_explicit(&log->lost, memory_order_relaxed);
    if (lost == log->lost_reported) {
        return;
    }
    char text[LOG_LINE_MAX];
    const struct log_field field = LOG_UINT("lines", lost - log->lost_reported);
    struct log_line line = {.service = log->service,
                            .wall_ms = clock_wall_ms(log->clock),
                            .level = LOG_LEVEL_WARN,
                            .event = LOG_EVENT_LOG_LOST,
                            .fields = &field,
                            .field_count = 1};
    size_t len = log_line_format(&line, text);
    if (write_all(log->fd, &(struct iovec){.iov_base = text, .iov_len = len}, 1)) {
        log->lost_reported = lost;
    }
}

/* Writes out what is complete; returns how many lines. */
static size_t drain(struct log *log) {
    size_t total = 0;
    size_t passed;
    /* Only what is there now: chasing the producers line by line would cost a system call for a
     * handful of lines each time. */
    uint64_t goal = atomic_load_explicit(&log->head, memory_order_acquire);
    while (atomic_flag_test_and_set_explicit(&log->consumer, memory_order_acquire)) {
        sched_yield(); /* only at start and stop do two drain */
    }
    while (atomic_load_explicit(&log->tail, memory_order_relaxed) < goal &&
           (passed = drain_batch(log, false)) > 0) {
        total += passed;
    }
    report_lost(log);
    atomic_flag_clear_explicit(&log->consumer, memory_order_release);
    return total;
}

static void announce(struct log *log) {
    pthread_mutex_lock(&log->lock);
    pthread_cond_broadcast(&log->written);
    pthread_mutex_unlock(&log->lock);
}

static void wait_for_lines(struct log *log, unsigned wait_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)wait_ms * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    atomic_store(&log->is_waiting, true);
    IGNORE(sem_clockwait(&log->wake, CLOCK_MONOTONIC, &until)); /* woken or timed out alike */
    atomic_store(&log->is_waiting, false);
}

static void *writer_run(void *ptr) {
    struct log *log = ptr;
    while (!atomic_load(&log->is_stopping)) {
        size_t lines = drain(log);
        if (lines > 0) {
            announce(log);
        }
        wait_for_lines(log, lines > 0 ? WAIT_BUSY_MS : WAIT_IDLE_MS);
    }
    drain(log);
    announce(log);
    return NULL;
}

/* At most one post per sleep; a system call only when the writer sleeps and is needed. */
static void wake_writer(struct log *log) {
    if (atomic_exchange(&log->is_waiting, false)) {
        sem_post(&log->wake);
    }
}

err log_start(struct log *log) {
    ASSERT(!atomic_load(&log->is_running));
    atomic_store(&log->is_stopping, false);
    if (pthread_create(&log->thread, NULL, writer_run, log) != 0) {
        return ERR_INTERNAL;
    }
    atomic_store(&log->is_running, true);
    return ERR_OK;
}

void log_stop(struct log *log) {
    if (!atomic_exchange(&log->is_running, false)) {
        return;
    }
    atomic_store(&log->is_stopping, true);
    sem_post(&log->wake);
    pthread_join(log->thread, NULL);
    drain(log);
}

void log_free(struct log *log) {
    if (log == NULL) {
        return;
    }
    log_stop(log);
    drain(log); /* a line whose writer was overtaken by log_stop */
    sem_destroy(&log->wake);
    pthread_cond_destroy(&log->written);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

void log_flush(struct log *log) {
    uint64_t until = atomic_load(&log->head);
    pthread_mutex_lock(&log->lock);
    while (atomic_load(&log->is_running) && atomic_load(&log->tail) < until) {
        wake_writer(log);
        pthread_cond_wait(&log->written, &log->lock);
    }
    pthread_mutex_unlock(&log->lock);
}

void log_flush_fatal(struct log *log) {
    /* The thread that died may be the one that drains: then nobody else will. */
    for (int i = 0; i < FATAL_SPINS; i++) {
        if (!atomic_flag_test_and_set_explicit(&log->consumer, memory_order_acquire)) {
            break;
        }
    }
    while (drain_batch(log, true) > 0) {
    }
}

void log_set_threshold(struct log *log, enum log_level threshold) {
    atomic_store_explicit(&log->threshold, threshold, memory_order_relaxed);
}

bool log_is_on(const struct log *log, enum log_level level) {
    return (int)level >= atomic_load_explicit(&log->threshold, memory_order_relaxed);
}

uint64_t log_lost_total(const struct log *log) {
    return atomic_load_explicit(&log->lost, memory_order_relaxed);
}

/* The next free position, or UINT64_MAX when the ring is full. */
static uint64_t ring_take(struct log *log) {
    uint64_t position = atomic_load_explicit(&log->head, memory_order_relaxed);
    for (;;) {
        struct slot *slot = &log->slots[position % SLOT_COUNT];
        uint64_t turn = atomic_load_explicit(&slot->turn, memory_order_acquire);
        if (turn < position) {
            return UINT64_MAX;
        }
        if (turn > position) { /* somebody else took it */
            position = atomic_load_explicit(&log->head, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&log->head, &position, position + 1,
                                                         memory_order_relaxed,
                                                         memory_order_relaxed)) {
            return position;
        }
    }
}

static void write_to_ring(struct log *log, const struct log_line *line) {
    uint64_t position = ring_take(log);
    if (position == UINT64_MAX) {
        atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
        return;
    }
    struct slot *slot = &log->slots[position % SLOT_COUNT];
    slot->len = log_line_format(line, log->texts[position % SLOT_COUNT]);
    atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
    uint64_t waiting = position - atomic_load_explicit(&log->tail, memory_order_relaxed);
    if (line->level >= LOG_LEVEL_WARN || waiting >= SLOT_COUNT / 4) {
        wake_writer(log);
    }
}

static void write_at_once(struct log *log, const struct log_line *line) {
    char text[LOG_LINE_MAX];
    size_t len = log_line_format(line, text);
    pthread_mutex_lock(&log->lock);
    drain(log); /* keeps the order around log_stop */
    if (!write_all(log->fd, &(struct iovec){.iov_base = text, .iov_len = len}, 1)) {
        atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&log->lock);
}

void log_write(struct log *log, enum log_level level, enum log_event event,
               const struct log_context *context, const struct log_field *fields, size_t count) {
    struct log_line line = {.service = log->service,
                            .wall_ms = clock_wall_ms(log->clock),
                            .level = level,
                            .event = event,
                            .context = context,
                            .fields = fields,
                            .field_count = count};
    if (atomic_load_explicit(&log->is_running, memory_order_acquire)) {
        write_to_ring(log, &line);
    } else {
        write_at_once(log, &line);
    }
}
