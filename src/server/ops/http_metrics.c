/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/http_metrics.h"

#include "base/assert.h"

#include <stdlib.h>

/* What we answer with; others share the label "other". The common ones come first. */
static const struct {
    int status;
    const char *label;
} statuses[] = {
    {200, "200"}, {201, "201"}, {204, "204"}, {302, "302"}, {303, "303"}, {304, "304"},
    {400, "400"}, {401, "401"}, {403, "403"}, {404, "404"}, {405, "405"}, {406, "406"},
    {408, "408"}, {409, "409"}, {411, "411"}, {413, "413"}, {414, "414"}, {415, "415"},
    {417, "417"}, {421, "421"}, {429, "429"}, {431, "431"}, {500, "500"}, {501, "501"},
    {503, "503"}, {505, "505"}, {0, "other"},
};

struct row {
    _Atomic(struct histogram *) durations[HTTP_METHOD_COUNT];
    _Atomic(struct counter *) requests[HTTP_METHOD_COUNT][ARRAY_LEN(statuses)];
};

struct http_metrics {
    struct metrics *metrics;
    const struct route *routes;
    size_t route_count;
    struct row rows[]; /* one more than routes: nothing matched */
};

static size_t status_index(int status) {
    size_t i = 0;
    while (statuses[i].status != status && statuses[i].status != 0) {
        i++;
    }
    return i;
}

static struct histogram *duration_of(struct http_metrics *http, struct row *row,
                                     enum http_method method, const char *path) {
    struct histogram *histogram =
        atomic_load_explicit(&row->durations[method], memory_order_acquire);
    if (histogram == NULL) {
        histogram = METRIC_HISTOGRAM(http->metrics, METRIC_HTTP_REQUEST_DURATION,
                                     http_method_name(method), path);
        atomic_store_explicit(&row->durations[method], histogram, memory_order_release);
    }
    return histogram;
}

static struct counter *counter_of(struct http_metrics *http, struct row *row,
                                  enum http_method method, const char *path, int status) {
    size_t index = status_index(status);
    _Atomic(struct counter *) *place = &row->requests[method][index];
    struct counter *counter = atomic_load_explicit(place, memory_order_acquire);
    if (counter == NULL) {
        counter = METRIC_COUNTER(http->metrics, METRIC_HTTP_REQUESTS, http_method_name(method),
                                 path, statuses[index].label);
        atomic_store_explicit(place, counter, memory_order_release);
    }
    return counter;
}

err http_metrics_new(struct metrics *metrics, const struct route *routes, size_t count,
                     struct http_metrics **ret) {
    struct http_metrics *http =
        calloc(1, sizeof(struct http_metrics) + (count + 1) * sizeof(struct row));
    if (http == NULL) {
        return ERR_NOMEM;
    }
    http->metrics = metrics;
    http->routes = routes;
    http->route_count = count;
    for (size_t i = 0; i < count; i++) { /* so that rates start from 0, not from nothing */
        enum http_method method = routes[i].method;
        duration_of(http, &http->rows[i], method, routes[i].path);
        counter_of(http, &http->rows[i], method, routes[i].path, 200);
    }
    *ret = http;
    return ERR_OK;
}

void http_metrics_free(struct http_metrics *http) {
    free(http);
}

void http_metrics_count(struct http_metrics *http, const struct route *route,
                        enum http_method method, int status, uint64_t duration_ns) {
    size_t index = route == NULL ? http->route_count : (size_t)(route - http->routes);
    ASSERT(index <= http->route_count && (size_t)method < HTTP_METHOD_COUNT);
    struct row *row = &http->rows[index];
    const char *path = route == NULL ? "unmatched" : route->path;
    histogram_observe_ns(duration_of(http, row, method, path), duration_ns);
    counter_add(counter_of(http, row, method, path, status), 1);
}
