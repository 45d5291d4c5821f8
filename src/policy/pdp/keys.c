/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "policy/model/limits.h"
#include "server/io/fetch.h"
#include "server/ops/clock.h"

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
    uint64_t earliest_ns; /* of the next fetch */
    uint64_t begun_ns;    /* when the last fetch that has ended began; 0: none yet */
    err last_result;      /* of that fetch */
    struct error last_error;
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

/* The lock is held, and given up while the document travels. */
static void fetch_and_publish(struct keys *keys, uint64_t now_ns) {
    AUTO(arena_done) struct arena a;
    arena_init(&a, allocator_libc(), 4ul * LIMIT_JWKS_BODY);
    str document;
    struct error error = {0};
    keys->is_fetching = true;
    keys->earliest_ns = now_ns + KEYS_MIN_INTERVAL_MS * UINT64_C(1000000);
    pthread_mutex_unlock(&keys->lock);
    err code = fetch(keys, &a, &document, &error);
    pthread_mutex_lock(&keys->lock);
    if (code == ERR_OK) {
        code = publish(keys, document, &error);
    }
    keys->last_result = code;
    keys->last_error = error;
    keys->begun_ns = now_ns;
    keys->is_fetching = false;
    pthread_cond_broadcast(&keys->changed);
}

static struct timespec timespec_of(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
}

err keys_refresh(struct keys *keys, uint64_t since_ns, struct error *reterr) {
    pthread_mutex_lock(&keys->lock);
    while (keys->begun_ns < since_ns) {
        uint64_t now_ns = clock_monotonic_ns(clock_system());
        if (keys->is_fetching) {
            pthread_cond_wait(&keys->changed, &keys->lock);
        } else if (now_ns < keys->earliest_ns) {
            struct timespec until = timespec_of(keys->earliest_ns);
            IGNORE(pthread_cond_timedwait(&keys->changed, &keys->lock, &until)); /* re-read */
        } else {
            fetch_and_publish(keys, now_ns);
        }
    }
    err result = keys->last_result;
    if (result != ERR_OK && reterr != NULL) {
        *reterr = keys->last_error;
    }
    pthread_mutex_unlock(&keys->lock);
    return result;
}

void keys_status_get(struct keys *keys, struct keys_status *ret) {
    pthread_mutex_lock(&keys->lock);
    *ret = (struct keys_status){.generation = keys_generation(keys),
                                .has_tried = keys->begun_ns > 0,
                                .last_result = keys->last_result,
                                .last_error = keys->last_error};
    pthread_mutex_unlock(&keys->lock);
}
