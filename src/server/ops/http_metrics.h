/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_HTTP_METRICS_H
#define SERVER_OPS_HTTP_METRICS_H
/*
 * Counters and durations per route, method and status: pointers to series, found by position, so
 * that counting a request takes no lock. A series is made when it is first needed. Any thread.
 */
#include "server/http/router.h"
#include "server/ops/metrics.h"

struct http_metrics;

/* `routes` must live as long. */
err http_metrics_new(struct metrics *metrics, const struct route *routes, size_t count,
                     struct http_metrics **ret) MUST_CHECK;
void http_metrics_free(struct http_metrics *http);

/* `route` NULL: nothing matched; the label is then "unmatched". */
void http_metrics_count(struct http_metrics *http, const struct route *route,
                        enum http_method method, int status, uint64_t duration_ns);

#endif
