/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy-service: reads the configuration, wires the parts together, runs, stops. No rules here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/random.h"
#include "policy/api/app.h"
#include "policy/api/guard.h"
#include "policy/config.h"
#include "policy/routes.h"
#include "server/io/server.h"
#include "server/ops/signals.h"

extern char **environ;

int policy_service_main(int argc, char **argv);

enum { TICK_MS = 1000, REPORT_EVERY_TICKS = 60, EXIT_USAGE = 2 };

struct service {
    struct config *config; /* the newest; swapped by the signal thread alone */
    struct config *old[8]; /* kept until the end: the pdp borrows strings of the first one */
    size_t old_count;
    struct app app;
    struct router *router;
    struct server *server;
    struct signals *signals;
    struct dependency *issuer;
    struct dependency *policies;
    struct keys_status keys; /* as last reported */
    uint64_t ticks;
};

static const struct policy_config *values(const struct config *config) {
    return config_values(config);
}

static int fail(const struct error *error, const char *what) {
    fprintf(stderr, "policy-service: %s: %s\n", what,
            error->text[0] == '\0' ? err_text(error->code) : error->text);
    return EXIT_FAILURE;
}

/* ---- what changes while the service runs ------------------------------------------------------
 */

static enum log_level level_of(const struct policy_config *config) {
    enum log_level level = LOG_LEVEL_INFO;
    IGNORE(log_level_parse(config->log_level, &level)); /* checked by policy/config.c */
    return level;
}

static void apply(struct service *service) {
    const struct policy_config *config = values(service->config);
    log_set_threshold(service->app.ops->log, level_of(config));
    int wanted = str_equal(config->log_decisions, STR("all"))    ? DECISION_LOG_ALL
                 : str_equal(config->log_decisions, STR("deny")) ? DECISION_LOG_DENY
                                                                 : DECISION_LOG_NONE;
    atomic_store(&service->app.decision_log, wanted);
    if (service->app.pdp != NULL) {
        pdp_set_eval_timeout(service->app.pdp, (unsigned)config->eval_timeout_ms);
    }
}

static void reload_config(struct service *service) {
    struct error error = {0};
    struct config *next;
    struct log *log = service->app.ops->log;
    if (service->old_count == ARRAY_LEN(service->old)) {
        /* The first one stays; the newest of the old ones makes room. */
        config_free(service->old[--service->old_count]);
    }
    if (config_reload(service->config, &next, &error) != ERR_OK) {
        LOG(log, LOG_LEVEL_ERROR, LOG_EVENT_CONFIG_RELOAD, NULL, LOG_C("outcome", "failure"),
            LOG_C("error", error.text));
        return;
    }
    service->old[service->old_count++] = service->config;
    service->config = next;
    apply(service);
    LOG(log, LOG_LEVEL_INFO, LOG_EVENT_CONFIG_RELOAD, NULL, LOG_C("outcome", "success"),
        LOG_STR("changed", config_changed_keys(next)),
        LOG_STR("needs_restart", config_restart_keys(next)));
}

/* What stands before ":line:column: " in the text of an error that has a place. */
static str file_of(const struct error *error) {
    char place[32];
    snprintf(place, sizeof place, ":%u:%u: ", error->line, error->column);
    const char *at = error->line == 0 ? NULL : strstr(error->text, place);
    return at == NULL ? (str){NULL, 0} : str_make(error->text, (size_t)(at - error->text));
}

static void log_failed_reload(struct app *app, const struct snapshot *now,
                              const struct error *error) {
    str file = file_of(error);
    uint64_t epoch = now == NULL ? 0 : now->generation;
    if (str_is_absent(file)) {
        LOG(app->ops->log, LOG_LEVEL_ERROR, LOG_EVENT_POLICY_RELOAD, NULL,
            LOG_C("outcome", "failure"), LOG_C("error", error->text),
            LOG_UINT("active_epoch", epoch));
    } else {
        LOG(app->ops->log, LOG_LEVEL_ERROR, LOG_EVENT_POLICY_RELOAD, NULL,
            LOG_C("outcome", "failure"), LOG_C("error", error->text), LOG_STR("file", file),
            LOG_UINT("line", error->line), LOG_UINT("column", error->column),
            LOG_UINT("active_epoch", epoch));
    }
}

/* The trail of what was in force when. The load itself does not depend on it: a full disk must not
 * keep a forbid from becoming effective. */
static void audit_reload(const struct app *app, err code) {
    struct audit_record record = {
        .actor = STR("policy-service"),
        .action = AUDIT_POLICY_LOAD,
        .outcome = code == ERR_OK ? AUDIT_SUCCESS : AUDIT_FAILURE,
    };
    struct ops *ops = app->ops;
    if (ops->audit == NULL) {
        return;
    }
    bool is_written = audit_write(ops->audit, &record) == ERR_OK;
    counter_add(
        METRIC_COUNTER(ops->metrics, METRIC_AUDIT_RECORDS, is_written ? "written" : "failed"), 1);
    if (!is_written) {
        LOG(ops->log, LOG_LEVEL_ERROR, LOG_EVENT_AUDIT_FAILED, NULL,
            LOG_C("action", "policy.load"));
    }
}

/* What the validator found worth a word in a set that is live all the same. */
static void log_warnings(struct app *app, const struct snapshot *now) {
    enum { LOGGED_MAX = 20 };
    for (size_t i = 0; i < cedar_report_count(now->warnings) && i < LOGGED_MAX; i++) {
        cedar_finding finding = cedar_report_get(now->warnings, i);
        char text[ERROR_TEXT_MAX * 4];
        AUTO(buf_done) struct buf out;
        buf_init(&out, allocator_libc(), sizeof text);
        finding_format(&out, finding);
        LOG(app->ops->log, LOG_LEVEL_WARN, LOG_EVENT_POLICY_RELOAD, NULL,
            LOG_C("outcome", "warning"),
            LOG_STR("policy", str_make(finding.policy_id.ptr, finding.policy_id.len)),
            LOG_STR("kind", str_make(finding.kind.ptr, finding.kind.len)),
            LOG_STR("warning", buf_str(&out)), LOG_UINT("epoch", now->generation));
    }
}

static void on_policy_reload(void *ctx, const struct snapshot *now, err code,
                             const struct error *error, uint64_t duration_ns) {
    struct service *service = ctx;
    struct app *app = &service->app;
    if (code == ERR_OK) {
        counter_add(app->reloads_ok, 1);
        gauge_set(app->policies_loaded, (int64_t)now->policy_count);
        LOG(app->ops->log, LOG_LEVEL_INFO, LOG_EVENT_POLICY_RELOAD, NULL,
            LOG_C("outcome", "success"), LOG_UINT("epoch", now->generation),
            LOG_UINT("policies", now->policy_count),
            LOG_UINT("entities", cedar_entities_count(now->entities)),
            LOG_UINT("warnings", cedar_report_count(now->warnings)),
            LOG_MICROS("duration_us", duration_ns));
        log_warnings(app, now);
    } else {
        counter_add(app->reloads_failed, 1);
        log_failed_reload(app, now, error);
    }
    audit_reload(app, code);
    ops_dependency_set(app->ops, service->policies, "policies",
                       code == ERR_OK ? DEPENDENCY_UP
                       : now == NULL  ? DEPENDENCY_DOWN
                                      : DEPENDENCY_DEGRADED);
}

static void on_stop(void *ctx, int signal_number) {
    struct service *service = ctx;
    LOG(service->app.ops->log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_STOP, NULL,
        LOG_INT("signal", signal_number));
    health_set_phase(service->app.ops->health, HEALTH_STOPPING);
    server_stop(service->server);
}

static void on_reload(void *ctx) {
    struct service *service = ctx;
    reload_config(service);
    pdp_reload_soon(service->app.pdp);
}

/* Changes only: a flood of tokens with unknown keys must not become a flood of lines. */
static void report_keys(struct service *service) {
    struct keys_status now;
    struct keys_status *before = &service->keys;
    struct ops *ops = service->app.ops;
    keys_status_get(pdp_keys(service->app.pdp), &now);
    if (!now.has_tried) {
        return;
    }
    bool is_first = !before->has_tried;
    if (now.last_result == ERR_OK) {
        if (is_first || before->last_result != ERR_OK || before->generation != now.generation) {
            LOG(ops->log, LOG_LEVEL_INFO, LOG_EVENT_JWKS_REFRESH, NULL, LOG_C("outcome", "success"),
                LOG_UINT("generation", now.generation));
        }
    } else if (is_first || strcmp(before->last_error.text, now.last_error.text) != 0) {
        LOG(ops->log, LOG_LEVEL_ERROR, LOG_EVENT_JWKS_REFRESH, NULL, LOG_C("outcome", "failure"),
            LOG_C("error", now.last_error.text), LOG_UINT("generation", now.generation));
    }
    service->keys = now;
    ops_dependency_set(ops, service->issuer, "auth-service",
                       now.last_result == ERR_OK ? DEPENDENCY_UP
                       : now.generation > 0      ? DEPENDENCY_DEGRADED
                                                 : DEPENDENCY_DOWN);
}

static void on_tick(void *ctx) {
    struct service *service = ctx;
    if (config_is_stale(service->config)) {
        reload_config(service);
    }
    report_keys(service);
    if (service->ticks++ % REPORT_EVERY_TICKS == 0) {
        ops_log_memory(service->app.ops);
    }
}

/* ---- start ------------------------------------------------------------------------------------
 */

static err make_ops(struct service *service, struct error *reterr) {
    const struct policy_config *config = values(service->config);
    uint32_t per_minute = (uint32_t)config->requests_per_minute;
    struct ops_config ops = {
        .service = policy_config_spec.service,
        .log_fd = STDOUT_FILENO,
        .log_level = level_of(config),
        .access_level = LOG_LEVEL_DEBUG,
        .has_loopback_operators = config->loopback_admin,
        .audit_path = config->audit_log.ptr,
    };
    if (per_minute > 0) {
        ops.rates[RATE_DEFAULT] = (struct rate_rule){per_minute, per_minute / 10 + 1};
    }
    random_bytes(&ops.hash_key, sizeof ops.hash_key);
    TRY(ops_new(&ops, &service->app.ops, reterr));
    service->policies = ops_dependency_add(service->app.ops, "policies", true);
    service->issuer = ops_dependency_add(service->app.ops, "auth-service", false);
    app_init_metrics(&service->app);
    return ops_set_routes(service->app.ops, policy_routes, policy_route_count);
}

static err make_pdp(struct service *service, struct error *reterr) {
    const struct policy_config *config = values(service->config);
    struct pdp_config pdp = {
        .policy_dir = config->policy_dir,
        .jwks_url = config->jwks_url,
        .tokens = {.issuer = config->issuer,
                   .audience = config->audience,
                   .admin_scope = config->admin_scope,
                   .skew_s = (uint32_t)(config->clock_skew / 1000)},
        .reload_interval_ms = (unsigned)config->reload_interval,
        .jwks_refresh_s = (unsigned)(config->jwks_refresh / 1000),
        .fetch_timeout_s = (unsigned)(config->fetch_timeout / 1000),
        .eval_timeout_ms = (unsigned)config->eval_timeout_ms,
        .validate_requests = config->validate_requests,
        .clock = service->app.ops->clock,
    };
    return pdp_new(&pdp, on_policy_reload, service, &service->app.pdp, reterr);
}

static err make_server(struct service *service, struct error *reterr) {
    const struct policy_config *config = values(service->config);
    struct router_config router = {
        .routes = policy_routes,
        .route_count = policy_route_count,
        .app = &service->app,
        .guard = guard_check,
        .limiter = ops_limit,
        .observer = ops_observe,
    };
    TRY(router_new(&router, &service->router, reterr));
    AUTO(arena_done) struct arena a;
    arena_init(&a, allocator_libc(), 64 * 1024);
    struct server_config server = {
        .port = (uint16_t)config->port,
        .loops = (unsigned)config->loops,
        .pool_threads = (unsigned)config->workers,
        .pool_queue_max = (unsigned)config->worker_queue,
        .password_threads = 1,
        .password_queue_max = 1,
        .tls_certificate = config->tls_certificate.ptr,
        .tls_key = config->tls_key.ptr,
        .limits = {.connections_max = (unsigned)config->connections_max,
                   .drain_ms = (unsigned)config->drain},
    };
    TRY(arena_c_string(&a, config->address, &server.address));
    TRY(server_new(&server, service->router, &service->server, reterr));
    ops_watch_server(service->app.ops, service->server);
    return ERR_OK;
}

/* For whoever started us with port 0. Written beside and renamed, so that a reader never sees
 * half of it. */
static err write_port_file(const struct service *service, struct error *reterr) {
    str path = values(service->config)->port_file;
    if (str_is_absent(path)) {
        return ERR_OK;
    }
    char beside[4096];
    int n = snprintf(beside, sizeof beside, "%s.new", path.ptr);
    FILE *file = n > 0 && (size_t)n < sizeof beside ? fopen(beside, "we") : NULL;
    if (file == NULL) {
        return error_set(reterr, ERR_IO, "cannot write port_file %s", path.ptr);
    }
    bool is_written = fprintf(file, "%u\n", server_port(service->server)) > 0;
    if (fclose(file) != 0 || !is_written || rename(beside, path.ptr) != 0) {
        return error_set(reterr, ERR_IO, "cannot write port_file %s", path.ptr);
    }
    return ERR_OK;
}

static err start(struct service *service, uint64_t started_ns, struct error *reterr) {
    TRY(make_ops(service, reterr));
    TRY(make_pdp(service, reterr));
    apply(service);
    TRY(make_server(service, reterr));
    TRY(ops_start(service->app.ops));
    TRY(signals_flush_on_fatal(service->app.ops->log));
    TRY(pdp_start(service->app.pdp));
    struct signals_config signals = {.on_stop = on_stop,
                                     .on_reload = on_reload,
                                     .on_tick = on_tick,
                                     .tick_ms = TICK_MS,
                                     .ctx = service};
    TRY(write_port_file(service, reterr));
    /* From here on the configuration belongs to the signal thread. */
    TRY(signals_start(&signals, &service->signals));
    health_set_phase(service->app.ops->health, HEALTH_RUNNING);
    uint64_t ready_ns = clock_monotonic_ns(service->app.ops->clock) - started_ns;
    LOG(service->app.ops->log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_READY, NULL,
        LOG_UINT("port", server_port(service->server)), LOG_MICROS("start_us", ready_ns));
    return ERR_OK;
}

static void finish(struct service *service) {
    signals_stop(service->signals);
    server_free(service->server);
    pdp_free(service->app.pdp);
    router_free(service->router);
    ops_free(service->app.ops);
    for (size_t i = 0; i < service->old_count; i++) {
        config_free(service->old[i]);
    }
    config_free(service->config);
}

static int print(const struct config *config) {
    AUTO(buf_done) struct buf out;
    buf_init(&out, allocator_libc(), 1 << 20);
    config_print(config, &out);
    fwrite(out.data, 1, out.len, stdout);
    return out.error == ERR_OK && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int policy_service_main(int argc, char **argv) {
    uint64_t started_ns = clock_monotonic_ns(clock_system());
    struct error error = {0};
    struct service service = {0};
    if (config_load(&policy_config_spec, argc, argv, environ, &service.config, &error) != ERR_OK) {
        fail(&error, "configuration");
        return EXIT_USAGE;
    }
    if (config_command(service.config) != CONFIG_COMMAND_RUN) {
        int status = print(service.config);
        config_free(service.config);
        return status;
    }
    err code = signals_block();
    if (code == ERR_OK) {
        code = start(&service, started_ns, &error);
    }
    if (code != ERR_OK) {
        error.code = code;
        int status = fail(&error, "cannot start");
        finish(&service);
        return status;
    }
    code = server_run(service.server);
    if (code != ERR_OK) {
        LOG(service.app.ops->log, LOG_LEVEL_WARN, LOG_EVENT_SERVICE_STOP, NULL,
            LOG_C("outcome", code == ERR_TIMEOUT ? "connections were cut" : err_name(code)));
    }
    finish(&service);
    /* A client that would not finish is cut off at the end of the grace time: a clean stop. */
    return code == ERR_OK || code == ERR_TIMEOUT ? EXIT_SUCCESS : EXIT_FAILURE;
}
