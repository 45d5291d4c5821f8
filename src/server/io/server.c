/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/server.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/assert.h"
#include "server/io/listener.h"
#include "server/io/loop.h"
#include "server/io/thread.h"

struct server {
    struct shared shared;
    uint16_t port;
    unsigned loop_count;
    struct loop *loops[LOOPS_MAX];
};

static void set_default(unsigned *value, unsigned fallback) {
    if (*value == 0) {
        *value = fallback;
    }
}

static void set_default_size(size_t *value, size_t fallback) {
    if (*value == 0) {
        *value = fallback;
    }
}

static struct server_limits with_defaults(const struct server_limits *given) {
    struct server_limits limits = *given;
    set_default_size(&limits.head_max, DEFAULT_HEAD_MAX);
    set_default_size(&limits.target_max, DEFAULT_TARGET_MAX);
    set_default_size(&limits.request_memory_max, DEFAULT_REQUEST_MEMORY_MAX);
    set_default(&limits.headers_max, DEFAULT_HEADERS_MAX);
    set_default(&limits.connections_max, DEFAULT_CONNECTIONS_MAX);
    set_default(&limits.head_deadline_ms, DEFAULT_HEAD_DEADLINE_MS);
    set_default(&limits.body_deadline_ms, DEFAULT_BODY_DEADLINE_MS);
    set_default(&limits.request_deadline_ms, DEFAULT_REQUEST_DEADLINE_MS);
    set_default(&limits.idle_deadline_ms, DEFAULT_IDLE_DEADLINE_MS);
    set_default(&limits.drain_ms, DEFAULT_DRAIN_MS);
    return limits;
}

/* Descriptors for all connections, as far as the system lets us; some stay free for the rest of the
 * process. Connections that would take those are told 503, instead of hearing nothing. */
static void fit_to_descriptors(struct server_limits *limits) {
    struct rlimit files;
    rlim_t wanted = (rlim_t)limits->connections_max + DESCRIPTORS_KEPT;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) {
        return;
    }
    rlim_t allowed = files.rlim_max < wanted ? files.rlim_max : wanted;
    files.rlim_cur = allowed;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 && getrlimit(RLIMIT_NOFILE, &files) == 0) {
        allowed = files.rlim_cur;
    }
    if (allowed < wanted) {
        limits->connections_max = allowed > 2 * DESCRIPTORS_KEPT
                                      ? (unsigned)(allowed - DESCRIPTORS_KEPT)
                                      : (unsigned)allowed / 2 + 1;
    }
}

static unsigned core_count(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 1) {
        return 1;
    }
    return (unsigned)CPU_COUNT(&set);
}

static unsigned or_default(unsigned value, unsigned fallback) {
    return value == 0 ? fallback : value;
}

static err create_pools(struct server *server, const struct server_config *config,
                        struct error *reterr) {
    struct pool_config general = {
        .threads = or_default(config->pool_threads, DEFAULT_POOL_THREADS),
        .queue_max = or_default(config->pool_queue_max, DEFAULT_POOL_QUEUE_MAX),
        .thread_name = "pool",
    };
    struct pool_config password = {
        .threads = or_default(config->password_threads, DEFAULT_PASSWORD_THREADS),
        .queue_max = or_default(config->password_queue_max, DEFAULT_PASSWORD_QUEUE_MAX),
        .is_fair = true,
        .thread_name = "password",
    };
    TRY(pool_new(&general, &server->shared.pools[POOL_GENERAL], reterr));
    return pool_new(&password, &server->shared.pools[POOL_PASSWORD], reterr);
}

static err create_shared(struct server *server, const struct server_config *config,
                         struct router *router, struct error *reterr) {
    struct shared *shared = &server->shared;
    shared->limits = with_defaults(&config->limits);
    fit_to_descriptors(&shared->limits);
    shared->http1_limits = (struct http1_limits){
        .head_max = shared->limits.head_max,
        .target_max = shared->limits.target_max,
        .headers_max = shared->limits.headers_max,
    };
    shared->router = router;
    if (config->tls_certificate != NULL) {
        if (config->tls_key == NULL) {
            return error_set(reterr, ERR_MISSING, "a TLS certificate needs its key");
        }
        TRY(tls_context_new(config->tls_certificate, config->tls_key, &shared->tls, reterr));
    }
    if (shared->limits.connections_per_peer_max > 0 &&
        peers_new(shared->limits.connections_max + LOOPS_MAX,
                  shared->limits.connections_per_peer_max, &shared->peers) != ERR_OK) {
        return error_set(reterr, ERR_NOMEM, "no memory to count connections");
    }
    return create_pools(server, config, reterr);
}

static err create_loops(struct server *server, const struct server_config *config,
                        struct error *reterr) {
    int fds[LOOPS_MAX];
    unsigned count = or_default(config->loops, core_count());
    count = count > LOOPS_MAX ? LOOPS_MAX : count;
    TRY(listener_open(config->address, config->port, count, fds, &server->port, reterr));
    err code = ERR_OK;
    for (unsigned i = 0; i < count; i++) {
        if (code != ERR_OK) {
            close(fds[i]);
            continue;
        }
        code = loop_new(&server->shared, fds[i], &server->loops[i], reterr);
        server->loop_count += code == ERR_OK;
    }
    return code;
}

err server_new(const struct server_config *config, struct router *router, struct server **ret,
               struct error *reterr) {
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return error_set(reterr, ERR_NOMEM, "no memory for the server");
    }
    err code = create_shared(server, config, router, reterr);
    if (code == ERR_OK) {
        code = create_loops(server, config, reterr);
    }
    if (code != ERR_OK) {
        server_free(server);
        return code;
    }
    *ret = server;
    return ERR_OK;
}

uint16_t server_port(const struct server *server) {
    return server->port;
}

struct loop_thread {
    struct loop *loop;
    pthread_t thread;
    err result;
};

static void *run_loop(void *arg) {
    struct loop_thread *thread = arg;
    thread->result = loop_run(thread->loop);
    return NULL;
}

/* Jobs that still wait when the grace time is over are not begun. */
static void drop_waiting(struct shared *shared) {
    for (size_t i = 0; i < POOL_COUNT; i++) {
        struct pool_job *job;
        while ((job = pool_take(shared->pools[i])) != NULL) {
            struct exchange *x = (struct exchange *)job;
            x->is_rejected = true;
            loop_post(x);
        }
    }
}

err server_run(struct server *server) {
    struct loop_thread threads[LOOPS_MAX] = {0};
    unsigned started = 1; /* the first loop runs on this thread */
    err code = ERR_OK;
    /* A peer that is gone is an error of the write, never a signal (OpenSSL uses write). */
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    IGNORE(sigaction(SIGPIPE, &ignore, NULL)); /* a valid signal number cannot fail */
    for (size_t i = 0; i < POOL_COUNT && code == ERR_OK; i++) {
        code = pool_start(server->shared.pools[i]);
    }
    while (code == ERR_OK && started < server->loop_count) {
        threads[started].loop = server->loops[started];
        code = thread_start(&threads[started].thread, "loop", run_loop, &threads[started]);
        started += code == ERR_OK;
    }
    if (code != ERR_OK) {
        server_stop(server);
    }
    err first = loop_run(server->loops[0]);
    code = code == ERR_OK ? first : code;
    for (unsigned i = 1; i < started; i++) {
        ASSERT(pthread_join(threads[i].thread, NULL) == 0);
        code = code == ERR_OK ? threads[i].result : code;
    }
    drop_waiting(&server->shared);
    return code;
}

void server_stop(struct server *server) {
    atomic_store_explicit(&server->shared.is_stopping, true, memory_order_release);
    for (unsigned i = 0; i < server->loop_count; i++) {
        loop_wake(server->loops[i]);
    }
}

void server_stats_get(const struct server *server, struct server_stats *ret) {
    struct server_stats stats = {
        .connections_open = atomic_load_explicit(&server->shared.connections, memory_order_relaxed),
    };
    for (size_t i = 0; i < POOL_COUNT; i++) {
        stats.pool_queued += pool_queued(server->shared.pools[i]);
    }
    for (unsigned i = 0; i < server->loop_count; i++) {
        const struct loop_counters *counters = &server->loops[i]->counters;
        stats.connections_total +=
            atomic_load_explicit(&counters->connections_total, memory_order_relaxed);
        stats.pool_rejected += atomic_load_explicit(&counters->pool_rejected, memory_order_relaxed);
        stats.parse_errors += atomic_load_explicit(&counters->parse_errors, memory_order_relaxed);
    }
    *ret = stats;
}

void server_free(struct server *server) {
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; i < POOL_COUNT; i++) {
        if (server->shared.pools[i] != NULL) {
            pool_stop(server->shared.pools[i]);
        }
    }
    for (unsigned i = 0; i < server->loop_count; i++) {
        loop_free(server->loops[i]);
    }
    for (size_t i = 0; i < POOL_COUNT; i++) {
        pool_free(server->shared.pools[i]);
    }
    peers_free(server->shared.peers);
    tls_context_free(server->shared.tls);
    free(server);
}
