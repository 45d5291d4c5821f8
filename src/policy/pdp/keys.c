/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/keys.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "policy/model/limits.h"
#include "server/io/fetch.h"

struct keys {
    char *url;
    unsigned timeout_s;
    _Atomic uint64_t generation;
    pthread_mutex_t lock;   /* guards everything below */
    pthread_cond_t changed; /* a fetch has ended */
    struct keyset *set;
    char *document; /* what `set` was made from */
    size_t document_len;
    bool is_fetching;
    uint64_t fetches; /* that have ended */
    err last_result;
    struct error last_error;
    struct timespec earliest; /* of the next fetch, monotonic */
};

err keys_new(str url, unsigned timeout_s, struct keys **ret) {
    struct keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return ERR_NOMEM;
    }
    keys->url = strndup(url.ptr, url.len);
    keys->timeout_s = timeout_s;
    err code = keys->url == NULL ? ERR_NOMEM : keyset_new(NULL, 0, &keys->set);
    if (code != ERR_OK) {
        free(keys->url);
        free(keys);
        return code;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&keys->lock, NULL);
    pthread_cond_init(&keys->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    *ret = keys;
    return ERR_OK;
}

void keys_free(struct keys *keys) {
    if (keys == NULL) {
        return;
    }
    keyset_unref(keys->set);
    pthread_cond_destroy(&keys->changed);
    pthread_mutex_destroy(&keys->lock);
    free(keys->document);
    free(keys->url);
    free(keys);
}

uint64_t keys_generation(const struct keys *keys) {
    return atomic_load_explicit(&keys->generation, memory_order_acquire);
}

struct keyset *keys_take(struct keys *keys, uint64_t *ret_generation) {
    pthread_mutex_lock(&keys->lock);
    struct keyset *set = keyset_ref(keys->set);
    *ret_generation = keys_generation(keys);
    pthread_mutex_unlock(&keys->lock);
    return set;
}

/* Publishes a fetched document; the lock is held. A document that has not changed keeps the
 * generation, so that verified tokens stay verified. */
static err publish(struct keys *keys, str document, struct error *reterr) {
    if (keys->document != NULL &&
        str_equal(document, str_make(keys->document, keys->document_len))) {
        return ERR_OK;
    }
    struct keyset *set;
    err code = keyset_decode(document, &set, reterr);
    if (code != ERR_OK) {
        error_prefix(reterr, "the key set at %s", keys->url);
        return code;
    }
    char *copy = malloc(document.len + 1);
    if (copy == NULL) {
        keyset_unref(set);
        return ERR_NOMEM;
    }
    memcpy(copy, document.ptr, document.len);
    free(keys->document);
    keys->document = copy;
    keys->document_len = document.len;
    keyset_unref(keys->set);
    keys->set = set;
    atomic_fetch_add_explicit(&keys->generation, 1, memory_order_release);
    return ERR_OK;
}

/* Without the lock: the network. */
static err fetch(const struct keys *keys, struct arena *a, str *ret, struct error *reterr) {
    struct fetch_limits limits = {.timeout_s = keys->timeout_s, .body_max = LIMIT_JWKS_BODY};
    return fetch_get(a, str_c(keys->url), &limits, ret, reterr);
}

/* The lock is held; waits out the minimum interval. */
static void wait_turn(struct keys *keys) {
    for (;;) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > keys->earliest.tv_sec ||
            (now.tv_sec == keys->earliest.tv_sec && now.tv_nsec >= keys->earliest.tv_nsec)) {
            now.tv_nsec += KEYS_MIN_INTERVAL_MS * 1000000L;
            now.tv_sec += now.tv_nsec / 1000000000L;
            now.tv_nsec %= 1000000000L;
            keys->earliest = now;
            return;
        }
        struct timespec until = keys->earliest;
        IGNORE(pthread_cond_timedwait(&keys->changed, &keys->lock, &until)); /* time is re-read */
    }
}

err keys_refresh(struct keys *keys, struct error *reterr) {
    pthread_mutex_lock(&keys->lock);
    uint64_t fetches = keys->fetches + (keys->is_fetching ? 1 : 0);
    if (keys->is_fetching) {
        /* The running fetch may have begun before the key was published: wait for the next. */
        while (keys->fetches < fetches) {
            pthread_cond_wait(&keys->changed, &keys->lock);
        }
    }
    if (keys->is_fetching) { /* somebody else began the next one: share it */
        while (keys->fetches == fetches) {
            pthread_cond_wait(&keys->changed, &keys->lock);
        }
    } else if (keys->fetches == fetches) {
        keys->is_fetching = true;
        wait_turn(keys);
        pthread_mutex_unlock(&keys->lock);
        AUTO(arena_done) struct arena a;
        arena_init(&a, allocator_libc(), 4ul * LIMIT_JWKS_BODY);
        str document;
        struct error error = {0};
        err code = fetch(keys, &a, &document, &error);
        pthread_mutex_lock(&keys->lock);
        if (code == ERR_OK) {
            code = publish(keys, document, &error);
        }
        keys->last_result = code;
        keys->last_error = error;
        keys->is_fetching = false;
        keys->fetches++;
        pthread_cond_broadcast(&keys->changed);
    }
    err result = keys->last_result;
    if (result != ERR_OK && reterr != NULL) {
        *reterr = keys->last_error;
    }
    pthread_mutex_unlock(&keys->lock);
    return result;
}
