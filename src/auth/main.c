/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth-service: reads the configuration, wires the parts together, runs, stops. No rules here.
 *
 * The port is bound before anything is changed in the database, so that a second copy started by
 * mistake does no harm.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/api/app.h"
#include "auth/api/guard.h"
#include "auth/config.h"
#include "auth/data_dir.h"
#include "auth/flow/keyring.h"
#include "auth/flow/seed.h"
#include "auth/routes.h"
#include "crypto/random.h"
#include "db/db.h"
#include "kv/memory.h"
#include "server/io/server.h"
#include "server/ops/signals.h"

extern char **environ;

int auth_service_main(int argc, char **argv);

enum {
    TICK_MS = 1000,
    PING_EVERY_TICKS = 10,
    REPORT_EVERY_TICKS = 60,
    PING_WAIT_MS = 1000,
    EXIT_USAGE = 2,
    SERVICE_MEMORY_MAX = 1024 * 1024,
    MMAP_THRESHOLD = 256 * 1024,
    DEMO_SECRET_MAX = 128,
};

struct service {
    struct config *config; /* the newest; swapped by the signal thread alone */
    struct config *first;  /* lives to the end: strings of it are borrowed */
    struct app app;
    struct arena arena;
    struct db *db;
    struct keyring *keyring;
    struct store *store;
    struct kv *kv;
    struct router *router;
    struct server *server;
    struct signals *signals;
    struct dependency *database;
    struct gauge *sessions;
    uint64_t ticks;
};

static const struct auth_config *values(const struct service *service) {
    return config_values(service->first);
}

static int fail(const struct error *error, const char *what) {
    fprintf(stderr, "auth-service: %s: %s\n", what,
            error->text[0] == '\0' ? err_text(error->code) : error->text);
    return EXIT_FAILURE;
}

static uint64_t kv_now_ms(void *ctx) {
    const struct clock *clock = ctx;
    return clock_monotonic_ns(clock) / 1000000;
}

/* ---- what happens while the service runs ------------------------------------------------------
 */

static enum log_level level_of(const struct config *config) {
    const struct auth_config *now = config_values(config);
    enum log_level level = LOG_LEVEL_INFO;
    IGNORE(log_level_parse(now->log_level, &level)); /* checked by auth/config.c */
    return level;
}

static void reload_config(struct service *service) {
    struct error error = {0};
    struct config *next;
    struct log *log = service->app.ops->log;
    if (config_reload(service->config, &next, &error) != ERR_OK) {
        LOG(log, LOG_LEVEL_ERROR, LOG_EVENT_CONFIG_RELOAD, NULL, LOG_C("outcome", "failure"),
            LOG_C("error", error.text));
        return;
    }
    if (service->config != service->first) {
        config_free(service->config);
    }
    service->config = next;
    log_set_threshold(log, level_of(next));
    LOG(log, LOG_LEVEL_INFO, LOG_EVENT_CONFIG_RELOAD, NULL, LOG_C("outcome", "success"),
        LOG_STR("changed", config_changed_keys(next)),
        LOG_STR("needs_restart", config_restart_keys(next)));
}

static void check_database(struct service *service) {
    struct ops *ops = service->app.ops;
    uint64_t begin_ns = clock_monotonic_ns(ops->clock);
    err e = store_ping(service->store, PING_WAIT_MS, NULL);
    histogram_observe_ns(
        METRIC_HISTOGRAM(ops->metrics, METRIC_DEPENDENCY_REQUEST_DURATION, "database"),
        clock_monotonic_ns(ops->clock) - begin_ns);
    ops_dependency_set(ops, service->database, "database",
                       e == ERR_OK ? DEPENDENCY_UP : DEPENDENCY_DOWN);
}

static void report_error(struct service *service, const char *task, const struct error *error) {
    LOG(service->app.ops->log, LOG_LEVEL_ERROR, LOG_EVENT_INTERNAL_ERROR, NULL, LOG_C("task", task),
        LOG_C("error", error->text));
}

/* Housekeeping, once a minute. Each part may fail without harm: the next minute tries again. */
static void report(struct service *service) {
    struct error error = {0};
    struct db_stats pool = db_stats_get(service->db);
    int64_t now_ms = clock_wall_ms(service->app.ops->clock);
    int64_t count = 0;
    ops_log_memory(service->app.ops);
    LOG(service->app.ops->log, LOG_LEVEL_INFO, LOG_EVENT_CONNECTION_POOL, NULL,
        LOG_C("database", db_engine_name(service->db)), LOG_UINT("size", pool.size),
        LOG_UINT("open", pool.open), LOG_UINT("in_use", pool.in_use),
        LOG_UINT("waiting", pool.waiting), LOG_UINT("timeouts", pool.timeouts));
    if (keyring_renew(service->keyring, service->store, &service->app.flow.settings, now_ms,
                      &error) != ERR_OK) {
        report_error(service, "keys", &error);
    }
    if (store_sweep(service->store, now_ms, STORE_SWEEP_ROWS_DEFAULT, &count, &error) != ERR_OK) {
        report_error(service, "sweep", &error);
    }
    if (store_session_count(service->store, now_ms, &count, &error) == ERR_OK) {
        gauge_set(service->sessions, count);
    }
}

static void on_stop(void *ctx, int signal_number) {
    struct service *service = ctx;
    LOG(service->app.ops->log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_STOP, NULL,
        LOG_INT("signal", signal_number));
    health_set_phase(service->app.ops->health, HEALTH_STOPPING);
    server_stop(service->server);
}

static void on_reload(void *ctx) {
    reload_config(ctx);
}

static void on_tick(void *ctx) {
    struct service *service = ctx;
    uint64_t tick = service->ticks++;
    if (config_is_stale(service->config)) {
        reload_config(service);
    }
    if (tick % PING_EVERY_TICKS == 0) {
        check_database(service);
    }
    if (tick % REPORT_EVERY_TICKS == 0) {
        report(service);
    }
}

/* ---- start ------------------------------------------------------------------------------------
 */

static uint32_t burst_of(uint32_t per_minute) {
    return per_minute / 10 + 1;
}

static err make_ops(struct service *service, struct error *reterr) {
    const struct auth_config *config = values(service);
    uint32_t requests = (uint32_t)config->requests_per_minute;
    uint32_t logins = (uint32_t)config->logins_per_minute;
    struct ops_config ops = {
        .service = auth_config_spec.service,
        .log_fd = STDOUT_FILENO,
        .log_level = level_of(service->config),
        .access_level = LOG_LEVEL_DEBUG,
        .has_loopback_operators = config->loopback_admin,
        .audit_path = config->audit_log.ptr,
    };
    if (requests > 0) {
        ops.rates[RATE_DEFAULT] = (struct rate_rule){requests, burst_of(requests)};
        ops.rates[RATE_TOKEN] = ops.rates[RATE_DEFAULT];
    }
    if (logins > 0) {
        ops.rates[RATE_LOGIN] = (struct rate_rule){logins, burst_of(logins)};
    }
    random_bytes(&ops.hash_key, sizeof ops.hash_key);
    TRY(ops_new(&ops, &service->app.ops, reterr));
    service->app.flow.ops = service->app.ops;
    service->database = ops_dependency_add(service->app.ops, "database", true);
    return ops_set_routes(service->app.ops, auth_routes, auth_route_count);
}

static err make_server(struct service *service, struct error *reterr) {
    const struct auth_config *config = values(service);
    struct router_config router = {
        .routes = auth_routes,
        .route_count = auth_route_count,
        .app = &service->app,
        .guard = guard_check,
        .limiter = ops_limit,
        .observer = ops_observe,
    };
    struct server_config server = {
        .port = (uint16_t)config->port,
        .loops = (unsigned)config->loops,
        .pool_threads = (unsigned)config->workers,
        .pool_queue_max = (unsigned)config->worker_queue,
        .password_threads = (unsigned)config->password_workers,
        .password_queue_max = (unsigned)config->password_queue,
        .tls_certificate = config->tls_certificate.ptr,
        .tls_key = config->tls_key.ptr,
        .limits = {.connections_max = (unsigned)config->connections_max,
                   .drain_ms = (unsigned)config->drain},
    };
    TRY(router_new(&router, &service->router, reterr));
    TRY(arena_c_string(&service->arena, config->address, &server.address));
    TRY(server_new(&server, service->router, &service->server, reterr));
    ops_watch_server(service->app.ops, service->server);
    return ERR_OK;
}

static double pool_size(void *ctx) {
    return db_stats_get(ctx).size;
}

static double pool_in_use(void *ctx) {
    return db_stats_get(ctx).in_use;
}

static double pool_waiting(void *ctx) {
    return db_stats_get(ctx).waiting;
}

static err make_store(struct service *service, struct error *reterr) {
    const struct auth_config *config = values(service);
    struct metrics *metrics = service->app.ops->metrics;
    const char *no_labels[] = {NULL};
    struct db_config db = {.readers = (uint32_t)config->db_readers};
    TRY(arena_c_string(&service->arena, config->database, &db.url));
    TRY(db_open(&db, &service->db, reterr));
    TRY(store_new(service->db, clock_wall_ms(service->app.ops->clock), &service->store, reterr));
    metrics_callback(metrics, METRIC_DB_POOL_SIZE, no_labels, pool_size, service->db);
    metrics_callback(metrics, METRIC_DB_POOL_IN_USE, no_labels, pool_in_use, service->db);
    metrics_callback(metrics, METRIC_DB_POOL_WAITING, no_labels, pool_waiting, service->db);
    service->sessions = METRIC_GAUGE(metrics, METRIC_ACTIVE_SESSIONS);
    service->app.flow.store = service->store;
    struct kv_memory_config kv = {
        .max_bytes = (size_t)config->cache_memory,
        .now_ms = kv_now_ms,
        .ctx = (void *)(uintptr_t)service->app.ops->clock, /* only read */
    };
    TRY(kv_memory_new(&kv, &service->kv));
    service->app.flow.kv = service->kv;
    return ERR_OK;
}

static err make_settings(struct service *service) {
    const struct auth_config *config = values(service);
    str issuer = config->issuer;
    if (str_is_absent(issuer)) {
        const char *scheme = str_is_absent(config->tls_certificate) ? "http" : "https";
        TRY(arena_format(&service->arena, &issuer, "%s://127.0.0.1:%u", scheme,
                         server_port(service->server)));
    }
    service->app.flow.settings = (struct flow_settings){
        .issuer = issuer,
        .audience = config->audience,
        .access_ttl_s = config->access_token_ttl / 1000,
        .refresh_ttl_s = config->refresh_token_ttl / 1000,
        .grant_ttl_s = config->grant_ttl / 1000,
        .code_ttl_s = config->code_ttl / 1000,
        .session_idle_ttl_s = config->session_idle_ttl / 1000,
        .session_ttl_s = config->session_ttl / 1000,
        .key_overlap_s = config->key_overlap / 1000,
        .clock_skew_s = (uint32_t)(config->clock_skew / 1000),
        .password = {.memory_kib = (uint32_t)(config->argon2_memory / 1024),
                     .passes = (uint32_t)config->argon2_passes,
                     .lanes = 1},
        .password_chars_min = (size_t)config->password_length_min,
        .throttle_free = (uint64_t)config->throttle_free,
        .throttle_window_s = (uint64_t)(config->throttle_window / 1000),
        .throttle_address = (uint64_t)config->throttle_address,
        .has_registration = config->registration,
    };
    return app_prepare(&service->app, &service->arena);
}

static err make_keys(struct service *service, struct error *reterr) {
    const struct auth_config *config = values(service);
    struct log *log = service->app.ops->log;
    AUTO(secret_freep) struct secret *root = NULL;
    bool is_new = false;
    size_t rotated = 0;
    const char *variable = getenv("JWT_SECRET");
    if (variable != NULL && variable[0] == '\0') {
        /* Elsewhere an empty variable counts as not set; here it is a secret that did not arrive,
         * and each replica would make one of its own. */
        return error_set(reterr, ERR_MISSING, "JWT_SECRET is set and empty");
    }
    TRY(root_secret_load(config->jwt_secret, config->data_dir.ptr, &root, &is_new, reterr));
    TRY(keyring_new(root, &service->keyring));
    service->app.flow.keyring = service->keyring;
    TRY(keyring_publish(service->keyring, service->store, &service->app.flow.settings,
                        clock_wall_ms(service->app.ops->clock), &rotated, reterr));
    if (is_new) {
        LOG(log, LOG_LEVEL_WARN, LOG_EVENT_KEY_ROTATION, NULL, LOG_C("outcome", "created"),
            LOG_C("warning", "JWT_SECRET is not set: a root secret was made and is kept in the "
                             "data directory; replicas need a common one"));
    } else if (rotated > 0) {
        AUTO(key_snapshot_unrefp) const struct key_snapshot *keys = keyring_take(service->keyring);
        LOG(log, LOG_LEVEL_INFO, LOG_EVENT_KEY_ROTATION, NULL, LOG_C("outcome", "rotated"),
            LOG_STR("kid", keys->kid), LOG_UINT("retired", rotated),
            LOG_UINT("published", keyset_count(keys->verifying)));
    }
    return ERR_OK;
}

/* ---- what an empty installation needs ---------------------------------------------------------
 */

static err make_admin(struct service *service, struct call *c, struct error *reterr) {
    const struct auth_config *config = values(service);
    char path[DATA_PATH_MAX];
    const char *kept;
    bool is_needed = false;
    str password;
    TRY(data_dir_path(config->data_dir.ptr, "admin-password", path));
    TRY(arena_c_string(&service->arena, str_c(path), &kept));
    service->app.admin_password_file = kept;
    TRY(seed_admin_is_needed(c, &is_needed));
    if (!is_needed) {
        return ERR_OK;
    }
    TRY(seed_admin_password(c, &password));
    TRY(data_dir_write(path, password, reterr));
    TRY(seed_admin(c, config->admin_email, password));
    fprintf(stderr, "auth-service: administrator %.*s, one-time password %.*s (kept in %s)\n",
            STR_FMT(config->admin_email), STR_FMT(password), path);
    return ERR_OK;
}

static err make_demo(struct service *service, struct call *c, struct error *reterr) {
    char path[DATA_PATH_MAX];
    str secret;
    TRY(data_dir_path(values(service)->data_dir.ptr, SEED_DEMO_WEB "-secret", path));
    err e = data_dir_read(path, DEMO_SECRET_MAX, c->arena, &secret, reterr);
    if (e == ERR_NOT_FOUND) {
        TRY(random_token(c->arena, &secret));
        e = data_dir_write(path, secret, reterr);
    }
    TRY(e);
    return seed_demo_clients(c, secret);
}

static err make_seed(struct service *service, struct error *reterr) {
    struct arena arena;
    arena_init(&arena, allocator_libc(), SERVICE_MEMORY_MAX);
    arena.is_wiped = true;
    struct call call = {
        .flow = &service->app.flow,
        .arena = &arena,
        .now_ms = clock_wall_ms(service->app.ops->clock),
    };
    err e = make_admin(service, &call, reterr);
    if (e == ERR_OK && values(service)->demo) {
        e = make_demo(service, &call, reterr);
    }
    if (e != ERR_OK && reterr->text[0] == '\0') {
        *reterr = call.error;
    }
    arena_done(&arena);
    return e;
}

static err write_port(const struct service *service, struct error *reterr) {
    char text[8];
    str path = values(service)->port_file;
    if (str_is_absent(path)) {
        return ERR_OK;
    }
    int n = snprintf(text, sizeof text, "%u", server_port(service->server));
    return data_dir_write(path.ptr, str_make(text, n > 0 ? (size_t)n : 0), reterr);
}

static err start(struct service *service, uint64_t started_ns, struct error *reterr) {
    TRY(data_dir_prepare(values(service)->data_dir.ptr, reterr));
    TRY(make_ops(service, reterr));
    TRY(make_server(service, reterr));
    TRY(make_store(service, reterr));
    TRY(make_settings(service));
    TRY(make_keys(service, reterr));
    TRY(make_seed(service, reterr));
    check_database(service);
    TRY(ops_start(service->app.ops));
    TRY(signals_flush_on_fatal(service->app.ops->log));
    struct signals_config signals = {.on_stop = on_stop,
                                     .on_reload = on_reload,
                                     .on_tick = on_tick,
                                     .tick_ms = TICK_MS,
                                     .ctx = service};
    TRY(signals_start(&signals, &service->signals));
    TRY(write_port(service, reterr));
    health_set_phase(service->app.ops->health, HEALTH_RUNNING);
    uint64_t ready_ns = clock_monotonic_ns(service->app.ops->clock) - started_ns;
    LOG(service->app.ops->log, LOG_LEVEL_INFO, LOG_EVENT_SERVICE_READY, NULL,
        LOG_UINT("port", server_port(service->server)),
        LOG_STR("issuer", service->app.flow.settings.issuer), LOG_MICROS("start_us", ready_ns));
    return ERR_OK;
}

static void finish(struct service *service) {
    signals_stop(service->signals);
    server_free(service->server);
    router_free(service->router);
    ops_free(service->app.ops);
    store_free(service->store);
    db_free(service->db);
    kv_free(service->kv);
    keyring_free(service->keyring);
    arena_done(&service->arena);
    if (service->config != service->first) {
        config_free(service->config);
    }
    config_free(service->first);
}

static int print(const struct config *config) {
    AUTO(buf_done) struct buf out;
    buf_init(&out, allocator_libc(), 1 << 20);
    config_print(config, &out);
    fwrite(out.data, 1, out.len, stdout);
    return out.error == ERR_OK && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int auth_service_main(int argc, char **argv) {
    uint64_t started_ns = clock_monotonic_ns(clock_system());
    struct error error = {0};
    struct service service = {0};
    /* Password hashing takes large blocks for a moment; they go straight back to the kernel. */
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
    if (config_load(&auth_config_spec, argc, argv, environ, &service.first, &error) != ERR_OK) {
        fail(&error, "configuration");
        return EXIT_USAGE;
    }
    service.config = service.first;
    if (config_command(service.first) != CONFIG_COMMAND_RUN) {
        int status = print(service.first);
        config_free(service.first);
        return status;
    }
    arena_init(&service.arena, allocator_libc(), SERVICE_MEMORY_MAX);
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
    /* A client that would not finish is cut off at the end of the grace time: still a clean stop.
     */
    return code == ERR_OK || code == ERR_TIMEOUT ? EXIT_SUCCESS : EXIT_FAILURE;
}
