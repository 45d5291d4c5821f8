/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_METRICS_H
#define SERVER_OPS_METRICS_H
/*
 * Metrics: one list (metrics.def), plain atomics, Prometheus text 0.0.4 and OpenMetrics 1.0.
 *
 * A series is a metric with label values. Series are made at start, or found again under a lock
 * where the values are not known before; callers keep the pointer, which lives as long as the
 * registry, and counting is one relaxed atomic addition. Asking for a series never fails: when
 * memory or METRICS_SERIES_MAX is used up, a series that is not shown is returned.
 * Any thread may count, create and render.
 */
#include "base/buf.h"
#include "server/ops/clock.h"

#include <stdatomic.h>

enum metric {
#define METRIC(suffix, kind, name, labels, help) METRIC_##suffix,
#include "server/ops/metrics.def"
#undef METRIC
    METRIC_COUNT,
};

enum { METRICS_LABELS_MAX = 4, METRICS_SERIES_MAX = 10000, METRICS_BUCKETS_MAX = 20 };

struct counter {
    _Atomic uint64_t value;
};

struct gauge {
    _Atomic int64_t value;
};

/* Durations only: observed in nanoseconds, shown in seconds. */
struct histogram {
    const uint64_t *bounds_ns;
    size_t bound_count;
    _Atomic uint64_t sum_ns;
    _Atomic uint64_t buckets[METRICS_BUCKETS_MAX + 1]; /* not cumulative; the last is +Inf */
};

static inline void counter_add(struct counter *counter, uint64_t n) {
    atomic_fetch_add_explicit(&counter->value, n, memory_order_relaxed);
}
static inline void gauge_set(struct gauge *gauge, int64_t value) {
    atomic_store_explicit(&gauge->value, value, memory_order_relaxed);
}
static inline void gauge_add(struct gauge *gauge, int64_t n) {
    atomic_fetch_add_explicit(&gauge->value, n, memory_order_relaxed);
}
void histogram_observe_ns(struct histogram *histogram, uint64_t ns);

struct metrics;

/* `service` and `version` are label values and must live as long. */
err metrics_new(const char *service, const char *version, const struct clock *clock,
                struct metrics **ret) MUST_CHECK;
void metrics_free(struct metrics *metrics);

/* The labels without `service`, in the order of metrics.def; exactly as many as it lists. The
 * kind must be the metric's (ASSERT). METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, "refresh_token") */
#define METRIC_COUNTER(m, id, ...) \
    metrics_counter((m), (id), (const char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
#define METRIC_GAUGE(m, id, ...) \
    metrics_gauge((m), (id), (const char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
#define METRIC_HISTOGRAM(m, id, ...) \
    metrics_histogram((m), (id), (const char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

/* `labels` ends with NULL; the values are copied. */
struct counter *metrics_counter(struct metrics *metrics, enum metric id, const char **labels);
struct gauge *metrics_gauge(struct metrics *metrics, enum metric id, const char **labels);
struct histogram *metrics_histogram(struct metrics *metrics, enum metric id, const char **labels);

/* A counter or gauge whose value is asked for when the metrics are rendered; fn may be called
 * from any thread. */
void metrics_callback(struct metrics *metrics, enum metric id, const char **labels,
                      double (*fn)(void *ctx), void *ctx);

enum metrics_format { METRICS_PROMETHEUS, METRICS_OPENMETRICS };

/* What the Accept header (absent: none) asks for. */
enum metrics_format metrics_negotiate(str accept);
str metrics_content_type(enum metrics_format format);
void metrics_render(struct metrics *metrics, enum metrics_format format, struct buf *out);

#endif
