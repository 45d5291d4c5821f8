/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/api/app.h"

void app_init_metrics(struct app *app) {
    struct metrics *m = app->ops->metrics;
    static const char *const names[] = {[CEDAR_DENY] = "deny", [CEDAR_ALLOW] = "allow"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        app->decisions[i] = METRIC_COUNTER(m, METRIC_AUTHORIZATION_DECISIONS, names[i]);
        app->durations[i] = METRIC_HISTOGRAM(m, METRIC_AUTHORIZATION_DURATION, names[i]);
    }
    app->evaluation_errors = METRIC_COUNTER(m, METRIC_POLICY_EVALUATION_ERRORS);
    for (int reason = JWT_VALID + 1; reason < JWT_REASON_COUNT; reason++) {
        app->token_errors[reason] = METRIC_COUNTER(m, METRIC_TOKEN_VALIDATION_ERRORS,
                                                   jwt_reason_name((enum jwt_reason)reason));
    }
    app->reloads_ok = METRIC_COUNTER(m, METRIC_POLICY_RELOADS, "success");
    app->reloads_failed = METRIC_COUNTER(m, METRIC_POLICY_RELOADS, "failure");
    app->policies_loaded = METRIC_GAUGE(m, METRIC_POLICIES_LOADED);
}
