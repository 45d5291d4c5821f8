/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_METRICS_INT_H
#define SERVER_OPS_METRICS_INT_H
/*
 * Inside the metrics registry: what metrics.c (series), metrics_render.c (text) and process.c
 * (figures of the process) share. Lists of series only grow, at their end; readers need no lock.
 */
#include "server/ops/metrics.h"

#include <pthread.h>

enum metric_kind {
    METRIC_KIND_COUNTER,
    METRIC_KIND_GAUGE,
    METRIC_KIND_HISTOGRAM_HTTP,
    METRIC_KIND_HISTOGRAM_MICRO,
};

struct metric_info {
    enum metric_kind kind;
    str name;
    str labels;
    str help;
};

extern const struct metric_info metric_infos[METRIC_COUNT];

static inline bool metric_is_histogram(enum metric_kind kind) {
    return kind == METRIC_KIND_HISTOGRAM_HTTP || kind == METRIC_KIND_HISTOGRAM_MICRO;
}

struct series {
    _Atomic(struct series *) next;
    str values[METRICS_LABELS_MAX];
    double (*_Atomic callback)(void *ctx);
    void *callback_ctx; /* written before `callback` */
    union {
        struct counter counter;
        struct gauge gauge;
        struct histogram histogram;
    };
};

struct metrics {
    const char *service;
    int64_t start_wall_ms;
    pthread_mutex_t lock; /* creation of series, the arena, series_count */
    struct arena arena;
    size_t series_count;
    _Atomic(struct series *) first[METRIC_COUNT];
    /* Stand in for series that have no room; never shown. */
    struct counter hidden_counter;
    struct gauge hidden_gauge;
    struct histogram hidden_histogram;
};

/* process_* by callback. */
void metrics_add_process(struct metrics *metrics);

#endif
