/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/ops.h"

#include "server/io/server.h"
#include "server/ops/http_metrics.h"
#include "server/ops/process.h"
#include "server/ops/signals.h"

#include <stdlib.h>

static double get_log_lost(void *ctx) {
    const struct ops *ops = ctx;
    return (double)log_lost_total(ops->log);
}

static bool has_rates(const struct ops_config *config) {
    for (size_t i = 0; i < RATE_CLASS_COUNT; i++) {
        if (config->rates[i].per_minute > 0) {
            return true;
        }
    }
    return false;
}

static err make_parts(struct ops *ops, const struct ops_config *config, struct error *reterr) {
    TRY(log_new(ops->service, config->log_fd, config->log_level, ops->clock, &ops->log));
    TRY(metrics_new(ops->service, ops->version, ops->clock, &ops->metrics));
    TRY(health_new(ops->version, ops->clock, &ops->health));
    if (has_rates(config)) {
        TRY(rate_limit_new(config->rates, &config->hash_key, &ops->limits));
    }
    if (config->audit_path != NULL) {
        TRY(audit_open(ops->service, config->audit_path, ops->clock, &ops->audit, reterr));
    }
    const char *none[] = {NULL};
    metrics_callback(ops->metrics, METRIC_LOG_LINES_LOST, none, get_log_lost, ops);
    return ERR_OK;
}

err ops_new(const struct ops_config *config, struct ops **ret, struct error *reterr) {
    struct ops *ops = calloc(1, sizeof *ops);
    if (ops == NULL) {
        return error_set(reterr, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    ops->service = config->service;
    ops->version = ops_version();
    ops->clock = config->clock == NULL ? clock_system() : config->clock;
    atomic_init(&ops->access_level, config->access_level);
    atomic_init(&ops->has_loopback_operators, config->has_loopback_operators);
    struct error error = {0};
    err code = make_parts(ops, config, &error);
    if (code != ERR_OK) {
        ops_free(ops);
        return error_set(reterr, code, "%s", error.code == code ? error.text : err_text(code));
    }
    *ret = ops;
    return ERR_OK;
}

err ops_start(struct ops *ops) {
    TRY(log_start(ops->log));
    return signals_flush_on_fatal(ops->log);
}

void ops_free(struct ops *ops) {
    if (ops == NULL) {
        return;
    }
    signals_forget_log(ops->log);
    log_free(ops->log);
    http_metrics_free(ops->http_metrics);
    metrics_free(ops->metrics);
    health_free(ops->health);
    rate_limit_free(ops->limits);
    audit_close(ops->audit);
    free(ops);
}

/* ---- the server's own figures -------------------------------------------------------------- */

static struct server_stats stats_of(void *ctx) {
    struct server_stats stats;
    server_stats_get(ctx, &stats);
    return stats;
}

static double get_connections_open(void *ctx) {
    return (double)stats_of(ctx).connections_open;
}

static double get_connections_total(void *ctx) {
    return (double)stats_of(ctx).connections_total;
}

static double get_queued(void *ctx) {
    return (double)stats_of(ctx).pool_queued;
}

static double get_rejected(void *ctx) {
    return (double)stats_of(ctx).pool_rejected;
}

static double get_parse_errors(void *ctx) {
    return (double)stats_of(ctx).parse_errors;
}

void ops_watch_server(struct ops *ops, struct server *server) {
    const char *none[] = {NULL};
    struct metrics *m = ops->metrics;
    metrics_callback(m, METRIC_HTTP_CONNECTIONS_OPEN, none, get_connections_open, server);
    metrics_callback(m, METRIC_HTTP_CONNECTIONS, none, get_connections_total, server);
    metrics_callback(m, METRIC_HTTP_PARSE_ERRORS, none, get_parse_errors, server);
    metrics_callback(m, METRIC_WORKER_QUEUE_LENGTH, none, get_queued, server);
    metrics_callback(m, METRIC_WORKER_REJECTED, none, get_rejected, server);
}

/* ---- dependencies --------------------------------------------------------------------------- */

static double get_dependency_up(void *ctx) {
    return dependency_get(ctx) == DEPENDENCY_UP || dependency_get(ctx) == DEPENDENCY_DEGRADED;
}

struct dependency *ops_dependency_add(struct ops *ops, const char *name, bool is_required) {
    struct dependency *dependency = health_dependency_add(ops->health, name, is_required);
    metrics_callback(ops->metrics, METRIC_DEPENDENCY_UP, (const char *[]){name, NULL},
                     get_dependency_up, dependency);
    return dependency;
}

void ops_dependency_set(struct ops *ops, struct dependency *dependency, const char *name,
                        enum dependency_state state) {
    if (dependency_set(dependency, state)) {
        enum log_level level = state == DEPENDENCY_UP ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;
        LOG(ops->log, level, LOG_EVENT_DEPENDENCY_STATE, NULL, LOG_C("dependency", name),
            LOG_C("state", dependency_state_name(state)));
    }
}

/* ---- periodic ------------------------------------------------------------------------------- */

void ops_log_memory(struct ops *ops) {
    uint64_t resident = process_resident_bytes();
    uint64_t before = ops->memory_reported_bytes;
    LOG(ops->log, LOG_LEVEL_INFO, LOG_EVENT_MEMORY_USAGE, NULL,
        LOG_UINT("memory_resident_bytes", resident),
        LOG_UINT("memory_virtual_bytes", process_virtual_bytes()));
    if (before > 0 && resident > before + before / 2) {
        LOG(ops->log, LOG_LEVEL_WARN, LOG_EVENT_MEMORY_GROWTH, NULL,
            LOG_UINT("memory_resident_bytes", resident),
            LOG_UINT("memory_resident_before_bytes", before));
    }
    ops->memory_reported_bytes = resident;
}

/* ---- audit ---------------------------------------------------------------------------------- */

err ops_audit(const struct http_request *req, struct audit_record record) {
    struct ops *ops = ops_of(req);
    if (ops->audit == NULL) {
        return ERR_OK;
    }
    record.request_id = req->request_id;
    record.address = req->peer == NULL ? (str){NULL, 0} : str_c(req->peer->address);
    err code = audit_write(ops->audit, &record);
    counter_add(
        METRIC_COUNTER(ops->metrics, METRIC_AUDIT_RECORDS, code == ERR_OK ? "written" : "failed"),
        1);
    if (code != ERR_OK) {
        struct log_context context = ops_log_context(req);
        LOG(ops->log, LOG_LEVEL_ERROR, LOG_EVENT_AUDIT_FAILED, &context,
            LOG_C("error", err_name(code)));
    }
    return code;
}
