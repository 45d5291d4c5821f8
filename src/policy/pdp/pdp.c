/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/pdp.h"

#include <pthread.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "policy/model/limits.h"

struct pdp {
    struct pdp_config config;
    cedar_engine *engine;
    struct keys *keys;
    pdp_reload_hook *hook;
    void *hook_ctx;
    pthread_key_t thread_key;
    _Atomic uint64_t generation; /* of `current`; read without the lock */
    _Atomic unsigned eval_timeout_ms;

    pthread_mutex_t reload_lock; /* one build at a time */

    pthread_mutex_t lock; /* guards everything below */
    struct snapshot *current;
    struct pdp_status status;
    pthread_cond_t wake;
    bool wants_reload;
    bool is_stopping;
    bool has_watcher;
    pthread_t watcher;
};

static void thread_free(void *ptr) {
    struct pdp_thread *thread = ptr;
    snapshot_unref(thread->snapshot);
    keyset_unref(thread->keyset);
    token_cache_free(thread->tokens);
    cedar_scratch_free(thread->scratch);
    free(thread);
}

static err engine_new(cedar_engine **ret) {
    cedar_config config = {0};
    random_bytes(config.hash_key, sizeof config.hash_key);
    return cedar_engine_new(&config, ret) == CEDAR_OK ? ERR_OK : ERR_NOMEM;
}

err pdp_new(const struct pdp_config *config, pdp_reload_hook *hook, void *hook_ctx,
            struct pdp **ret, struct error *reterr) {
    struct pdp *pdp = calloc(1, sizeof *pdp);
    if (pdp == NULL) {
        return ERR_NOMEM;
    }
    *pdp = (struct pdp){.config = *config,
                        .eval_timeout_ms = config->eval_timeout_ms,
                        .hook = hook,
                        .hook_ctx = hook_ctx};
    pthread_mutex_init(&pdp->lock, NULL);
    pthread_mutex_init(&pdp->reload_lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pdp->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_key_create(&pdp->thread_key, thread_free);
    err code = engine_new(&pdp->engine);
    if (code == ERR_OK) {
        code = keys_new(config->jwks_url, config->fetch_timeout_s, &pdp->keys);
    }
    if (code == ERR_OK) {
        code = pdp_reload(pdp, reterr);
    }
    if (code != ERR_OK) {
        pdp_free(pdp);
        return code;
    }
    *ret = pdp;
    return ERR_OK;
}

void pdp_free(struct pdp *pdp) {
    if (pdp == NULL) {
        return;
    }
    pthread_mutex_lock(&pdp->lock);
    pdp->is_stopping = true;
    pthread_cond_broadcast(&pdp->wake);
    pthread_mutex_unlock(&pdp->lock);
    if (pdp->has_watcher) {
        pthread_join(pdp->watcher, NULL);
    }
    struct pdp_thread *own = pthread_getspecific(pdp->thread_key);
    if (own != NULL) {
        thread_free(own);
    }
    pthread_key_delete(pdp->thread_key);
    snapshot_unref(pdp->current);
    keys_free(pdp->keys);
    cedar_engine_unref(pdp->engine);
    pthread_cond_destroy(&pdp->wake);
    pthread_mutex_destroy(&pdp->reload_lock);
    pthread_mutex_destroy(&pdp->lock);
    free(pdp);
}

const struct pdp_config *pdp_config_get(const struct pdp *pdp) {
    return &pdp->config;
}

struct keys *pdp_keys(struct pdp *pdp) {
    return pdp->keys;
}

void pdp_set_eval_timeout(struct pdp *pdp, unsigned timeout_ms) {
    atomic_store_explicit(&pdp->eval_timeout_ms, timeout_ms, memory_order_relaxed);
}

unsigned pdp_eval_timeout(const struct pdp *pdp) {
    return atomic_load_explicit(&pdp->eval_timeout_ms, memory_order_relaxed);
}

void pdp_status_get(struct pdp *pdp, struct pdp_status *ret) {
    pthread_mutex_lock(&pdp->lock);
    *ret = pdp->status;
    pthread_mutex_unlock(&pdp->lock);
}

/* A deploy that leaves nothing is a mistake, not a policy (policy map, failure 9). One that leaves
 * the schema out would make policies live that nothing has checked. */
static err check_not_emptied(const struct pdp *pdp, const struct snapshot *next,
                             struct error *reterr) {
    if (pdp->current != NULL && pdp->current->policy_count > 0 && next->policy_count == 0) {
        return error_set(reterr, ERR_MISSING,
                         "%.*s has no policies any more, the running set has %zu",
                         STR_FMT(pdp->config.policy_dir), pdp->current->policy_count);
    }
    if (pdp->current != NULL && pdp->current->schema != NULL && next->schema == NULL) {
        return error_set(reterr, ERR_MISSING,
                         "%.*s has no schema any more, the running set has one; to go on without, "
                         "restart",
                         STR_FMT(pdp->config.policy_dir));
    }
    return ERR_OK;
}

/* Makes `next` current (taking it), or drops it; the reload lock is held. */
static err publish(struct pdp *pdp, struct snapshot *take_next, err code, struct error *error) {
    struct snapshot *old = NULL;
    pthread_mutex_lock(&pdp->lock);
    if (code == ERR_OK) {
        code = check_not_emptied(pdp, take_next, error);
    }
    pdp->status.checked_ms = clock_wall_ms(pdp->config.clock);
    if (code == ERR_OK) {
        take_next->generation = pdp->status.generation + 1;
        take_next->loaded_ms = pdp->status.checked_ms;
        old = pdp->current;
        pdp->current = take_next;
        pdp->status.generation = take_next->generation;
        pdp->status.loaded_ms = take_next->loaded_ms;
        pdp->status.reloads_ok++;
        pdp->status.is_failing = false;
        atomic_store_explicit(&pdp->generation, take_next->generation, memory_order_release);
    } else {
        old = take_next;
        pdp->status.reloads_failed++;
        pdp->status.is_failing = true;
        pdp->status.last_error = *error;
    }
    pthread_mutex_unlock(&pdp->lock);
    snapshot_unref(old);
    return code;
}

err pdp_reload(struct pdp *pdp, struct error *reterr) {
    pthread_mutex_lock(&pdp->reload_lock);
    uint64_t started = clock_monotonic_ns(pdp->config.clock);
    struct error error = {0};
    struct snapshot *next = NULL;
    char directory[4096];
    err code = ERR_RANGE;
    if (pdp->config.policy_dir.len < sizeof directory) {
        memcpy(directory, pdp->config.policy_dir.ptr, pdp->config.policy_dir.len);
        directory[pdp->config.policy_dir.len] = '\0';
        code = snapshot_build(pdp->engine, directory, &next, &error);
    }
    if (code != ERR_OK && error.text[0] == '\0') {
        error_set(&error, code, "%s", err_text(code));
    }
    code = publish(pdp, next, code, &error);
    if (pdp->hook != NULL) {
        /* Only this thread, under the reload lock, ever replaces `current`. */
        pdp->hook(pdp->hook_ctx, pdp->current, code, &error,
                  clock_monotonic_ns(pdp->config.clock) - started);
    }
    if (code != ERR_OK && reterr != NULL) {
        *reterr = error;
    }
    pthread_mutex_unlock(&pdp->reload_lock);
    return code;
}

void pdp_reload_soon(struct pdp *pdp) {
    pthread_mutex_lock(&pdp->lock);
    pdp->wants_reload = true;
    pthread_cond_broadcast(&pdp->wake);
    pthread_mutex_unlock(&pdp->lock);
}

struct watch {
    uint64_t failed_identity; /* files that were refused and have not changed since */
    bool has_failed;
    uint64_t next_look_ns;
    uint64_t next_keys_ns;
    unsigned key_failures;
};

/* Reloads when the files are not those of the running snapshot and not known to be bad. */
static void look_at_files(struct pdp *pdp, struct watch *watch, bool is_forced) {
    char directory[4096];
    str dir = pdp->config.policy_dir;
    memcpy(directory, dir.ptr, dir.len); /* its length was checked by the first load */
    directory[dir.len] = '\0';
    uint64_t identity = 0;
    struct error error = {0};
    err code = source_identity(directory, &identity, &error);
    if (code == ERR_OK && !is_forced) {
        pthread_mutex_lock(&pdp->lock);
        pdp->status.checked_ms = clock_wall_ms(pdp->config.clock);
        bool is_current = pdp->current->identity == identity;
        pthread_mutex_unlock(&pdp->lock);
        /* Bad files that were taken back: the same set again, so that the failure is over. */
        bool is_mended = is_current && watch->has_failed;
        bool is_known_bad = watch->has_failed && watch->failed_identity == identity;
        if (is_known_bad || (is_current && !is_mended)) {
            return;
        }
    }
    if (code != ERR_OK && watch->has_failed && watch->failed_identity == 0 && !is_forced) {
        return; /* the directory is still away; reported once */
    }
    err outcome = pdp_reload(pdp, &error);
    watch->has_failed = outcome != ERR_OK;
    /* A lack of memory, or files in motion, say nothing about the files: look at them again. */
    bool is_verdict = outcome != ERR_NOMEM && outcome != ERR_BUSY;
    watch->failed_identity = code == ERR_OK && is_verdict ? identity : 0;
}

static void look_at_keys(struct pdp *pdp, struct watch *watch) {
    uint64_t now_ns = clock_monotonic_ns(pdp->config.clock);
    bool is_ok = keys_refresh(pdp->keys, now_ns, NULL) == ERR_OK; /* main reports failures */
    watch->key_failures = is_ok ? 0 : watch->key_failures + 1;
    /* After a failure soon again, backing off to the ordinary interval. */
    uint64_t wait_ms = is_ok || watch->key_failures > 10
                           ? (uint64_t)pdp->config.jwks_refresh_s * 1000
                           : 250ull << (watch->key_failures - 1);
    watch->next_keys_ns = clock_monotonic_ns(pdp->config.clock) + wait_ms * 1000000;
}

static void *watcher_main(void *arg) {
    struct pdp *pdp = arg;
    struct watch watch = {0};
    pthread_mutex_lock(&pdp->lock);
    while (!pdp->is_stopping) {
        bool is_forced = pdp->wants_reload;
        pdp->wants_reload = false;
        pthread_mutex_unlock(&pdp->lock);
        uint64_t now = clock_monotonic_ns(pdp->config.clock);
        bool is_time = pdp->config.reload_interval_ms > 0 && now >= watch.next_look_ns;
        if (is_forced || is_time) {
            look_at_files(pdp, &watch, is_forced);
            watch.next_look_ns = now + (uint64_t)pdp->config.reload_interval_ms * 1000000;
        }
        if (now >= watch.next_keys_ns) {
            look_at_keys(pdp, &watch);
        }
        uint64_t next = watch.next_keys_ns;
        if (pdp->config.reload_interval_ms > 0 && watch.next_look_ns < next) {
            next = watch.next_look_ns;
        }
        struct timespec until = {.tv_sec = (time_t)(next / 1000000000u),
                                 .tv_nsec = (long)(next % 1000000000u)};
        pthread_mutex_lock(&pdp->lock);
        if (!pdp->is_stopping && !pdp->wants_reload) {
            IGNORE(pthread_cond_timedwait(&pdp->wake, &pdp->lock, &until)); /* either way: look */
        }
    }
    pthread_mutex_unlock(&pdp->lock);
    return NULL;
}

err pdp_start(struct pdp *pdp) {
    if (pthread_create(&pdp->watcher, NULL, watcher_main, pdp) != 0) {
        return ERR_NOMEM;
    }
    pdp->has_watcher = true;
    return ERR_OK;
}

static struct pdp_thread *thread_new(struct pdp *pdp) {
    struct pdp_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) {
        return NULL;
    }
    if (token_cache_new(&thread->tokens) != ERR_OK ||
        cedar_scratch_new(pdp->engine, LIMIT_QUESTION_SCRATCH, &thread->scratch) != CEDAR_OK ||
        pthread_setspecific(pdp->thread_key, thread) != 0) {
        thread_free(thread);
        return NULL;
    }
    thread->keyset = keys_take(pdp->keys, &thread->keys_generation);
    return thread;
}

struct pdp_thread *pdp_thread_get(struct pdp *pdp) {
    struct pdp_thread *thread = pthread_getspecific(pdp->thread_key);
    if (UNLIKELY(thread == NULL)) {
        thread = thread_new(pdp);
        if (thread == NULL) {
            return NULL;
        }
    }
    if (UNLIKELY(thread->generation !=
                 atomic_load_explicit(&pdp->generation, memory_order_acquire))) {
        pthread_mutex_lock(&pdp->lock);
        struct snapshot *old = thread->snapshot;
        thread->snapshot = snapshot_ref(pdp->current);
        thread->generation = thread->snapshot->generation;
        pthread_mutex_unlock(&pdp->lock);
        snapshot_unref(old);
    }
    if (UNLIKELY(thread->keys_generation != keys_generation(pdp->keys))) {
        keyset_unref(thread->keyset);
        thread->keyset = keys_take(pdp->keys, &thread->keys_generation);
    }
    return thread;
}
