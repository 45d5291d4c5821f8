/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_API_APP_H
#define POLICY_API_APP_H
/*
 * What the handlers of policy-service share: the router's `app`. Made by main, read-only while
 * the server runs, except for the members marked as atomic.
 */
#include "policy/pdp/pdp.h"
#include "server/ops/ops.h"

enum decision_log { DECISION_LOG_ALL, DECISION_LOG_DENY, DECISION_LOG_NONE };

struct app {
    struct ops *ops; /* first: see ops.h */
    struct pdp *pdp;
    _Atomic int decision_log;     /* enum decision_log */
    struct counter *decisions[2]; /* by cedar_decision */
    struct histogram *durations[2];
    struct counter *evaluation_errors;
    struct counter *token_errors[JWT_REASON_COUNT];
    struct counter *reloads_ok;
    struct counter *reloads_failed;
    struct gauge *policies_loaded;
};

static inline struct app *app_of(const struct http_request *req) {
    return req->app;
}

/* Makes the series. ops, pdp are set by the caller. */
void app_init_metrics(struct app *app);

#endif
