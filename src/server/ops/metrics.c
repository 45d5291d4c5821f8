/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/metrics_int.h"

#include "base/assert.h"

#include <stdlib.h>

#define US UINT64_C(1000)
#define MS (US * 1000)
#define S (MS * 1000)

/* Requests over the network, and whole HTTP requests. */
static const uint64_t bounds_http[] = {
    100 * US, 250 * US, 500 * US, 1 * MS,   5 * MS / 2, 5 * MS,    10 * MS, 25 * MS,
    50 * MS,  100 * MS, 250 * MS, 500 * MS, 1 * S,      5 * S / 2, 5 * S,   10 * S};
/* One decision in memory. */
static const uint64_t bounds_micro[] = {1 * US,  2 * US,   5 * US,   10 * US,  20 * US,
                                        50 * US, 100 * US, 200 * US, 500 * US, 1 * MS,
                                        2 * MS,  5 * MS,   10 * MS,  50 * MS,  100 * MS};

const struct metric_info metric_infos[METRIC_COUNT] = {
#define METRIC(suffix, kind, name, labels, help) \
    [METRIC_##suffix] = {METRIC_KIND_##kind, STR_INIT(name), STR_INIT(labels), STR_INIT(help)},
#include "server/ops/metrics.def"
#undef METRIC
};

enum { REGISTRY_MEMORY_MAX = 8 << 20 };

void histogram_observe_ns(struct histogram *histogram, uint64_t ns) {
    size_t bucket = 0;
    while (bucket < histogram->bound_count && ns > histogram->bounds_ns[bucket]) {
        bucket++;
    }
    atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_ns, ns, memory_order_relaxed);
}

static void histogram_set_bounds(struct histogram *histogram, enum metric_kind kind) {
    bool is_micro = kind == METRIC_KIND_HISTOGRAM_MICRO;
    histogram->bounds_ns = is_micro ? bounds_micro : bounds_http;
    histogram->bound_count = is_micro ? ARRAY_LEN(bounds_micro) : ARRAY_LEN(bounds_http);
    ASSERT(histogram->bound_count <= METRICS_BUCKETS_MAX);
}

err metrics_new(const char *service, const char *version, const struct clock *clock,
                struct metrics **ret) {
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL) {
        return ERR_NOMEM;
    }
    metrics->service = service;
    metrics->start_wall_ms = clock_wall_ms(clock);
    arena_init(&metrics->arena, allocator_libc(), REGISTRY_MEMORY_MAX);
    pthread_mutex_init(&metrics->lock, NULL);
    histogram_set_bounds(&metrics->hidden_histogram, METRIC_KIND_HISTOGRAM_HTTP);
    gauge_set(METRIC_GAUGE(metrics, METRIC_BUILD_INFO, version), 1);
    metrics_add_process(metrics);
    *ret = metrics;
    return ERR_OK;
}

void metrics_free(struct metrics *metrics) {
    if (metrics == NULL) {
        return;
    }
    arena_done(&metrics->arena);
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

/* Puts the service's name in and returns how many labels the metric has; ASSERTs that the caller
 * gave the others. */
static size_t complete_labels(const struct metrics *metrics, enum metric id, const char **given,
                              str values[METRICS_LABELS_MAX]) {
    size_t count = 0;
    size_t used = 0;
    str rest = metric_infos[id].labels;
    while (rest.len > 0) {
        str name;
        str_cut(rest, ',', &name, &rest);
        ASSERT(count < METRICS_LABELS_MAX);
        if (str_equal(name, STR("service"))) {
            values[count++] = str_c(metrics->service);
        } else {
            ASSERT(given[used] != NULL);
            values[count++] = str_c(given[used++]);
        }
    }
    ASSERT(given[used] == NULL);
    return count;
}

static struct series *series_find(struct metrics *metrics, enum metric id, const str *values,
                                  size_t count) {
    struct series *series = atomic_load_explicit(&metrics->first[id], memory_order_acquire);
    for (; series != NULL; series = atomic_load_explicit(&series->next, memory_order_acquire)) {
        bool is_same = true;
        for (size_t i = 0; i < count && is_same; i++) {
            is_same = str_equal(series->values[i], values[i]);
        }
        if (is_same) {
            return series;
        }
    }
    return NULL;
}

/* Under the lock. NULL when there is no room. */
static struct series *series_add(struct metrics *metrics, enum metric id, const str *values,
                                 size_t count) {
    if (metrics->series_count >= METRICS_SERIES_MAX) {
        return NULL;
    }
    struct series *series = ARENA_NEW(&metrics->arena, struct series);
    if (series == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (arena_copy(&metrics->arena, values[i], &series->values[i]) != ERR_OK) {
            return NULL;
        }
    }
    if (metric_is_histogram(metric_infos[id].kind)) {
        histogram_set_bounds(&series->histogram, metric_infos[id].kind);
    }
    _Atomic(struct series *) *end = &metrics->first[id];
    struct series *last;
    while ((last = atomic_load_explicit(end, memory_order_relaxed)) != NULL) {
        end = &last->next;
    }
    metrics->series_count++;
    atomic_store_explicit(end, series, memory_order_release);
    return series;
}

/* NULL when there is no room. */
static struct series *series_get(struct metrics *metrics, enum metric id, const char **labels) {
    str values[METRICS_LABELS_MAX];
    size_t count = complete_labels(metrics, id, labels, values);
    struct series *series = series_find(metrics, id, values, count);
    if (series != NULL) {
        return series;
    }
    pthread_mutex_lock(&metrics->lock);
    series = series_find(metrics, id, values, count); /* another thread may have been first */
    if (series == NULL) {
        series = series_add(metrics, id, values, count);
    }
    pthread_mutex_unlock(&metrics->lock);
    return series;
}

struct counter *metrics_counter(struct metrics *metrics, enum metric id, const char **labels) {
    ASSERT(metric_infos[id].kind == METRIC_KIND_COUNTER);
    struct series *series = series_get(metrics, id, labels);
    return series == NULL ? &metrics->hidden_counter : &series->counter;
}

struct gauge *metrics_gauge(struct metrics *metrics, enum metric id, const char **labels) {
    ASSERT(metric_infos[id].kind == METRIC_KIND_GAUGE);
    struct series *series = series_get(metrics, id, labels);
    return series == NULL ? &metrics->hidden_gauge : &series->gauge;
}

struct histogram *metrics_histogram(struct metrics *metrics, enum metric id, const char **labels) {
    ASSERT(metric_is_histogram(metric_infos[id].kind));
    struct series *series = series_get(metrics, id, labels);
    return series == NULL ? &metrics->hidden_histogram : &series->histogram;
}

void metrics_callback(struct metrics *metrics, enum metric id, const char **labels,
                      double (*fn)(void *ctx), void *ctx) {
    ASSERT(!metric_is_histogram(metric_infos[id].kind));
    struct series *series = series_get(metrics, id, labels);
    if (series == NULL) {
        return;
    }
    pthread_mutex_lock(&metrics->lock);
    series->callback_ctx = ctx;
    atomic_store_explicit(&series->callback, fn, memory_order_release);
    pthread_mutex_unlock(&metrics->lock);
}
