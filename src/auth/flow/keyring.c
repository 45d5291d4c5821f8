/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/keyring.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/assert.h"
#include "jose/jwk.h"
#include "jose/limits.h"

enum { SNAPSHOT_MEMORY_MAX = 1024 * 1024, LIST_MEMORY_MAX = 1024 * 1024 };

struct snapshot {
    struct key_snapshot face; /* first: a snapshot is found from its face */
    atomic_uint refs;
    struct keyset *keys;
    struct arena arena; /* kid and document */
};

struct keyring {
    struct sign_key *signing;
    struct secret *ticket_key;
    pthread_mutex_t lock; /* guards the one below */
    struct snapshot *current;
    _Atomic int64_t asked_ms; /* when the database was asked last, whatever it said */
};

static void snapshot_free(struct snapshot *s) {
    if (s != NULL) {
        keyset_unref(s->keys);
        arena_done(&s->arena);
        allocator_free(allocator_libc(), s, sizeof *s);
    }
}

static err snapshot_fill(struct snapshot *s, struct sign_key *signing,
                         const struct keyset_entry *others, size_t count) {
    struct keyset_entry entries[JOSE_JWKS_KEYS];
    size_t used = 0;
    TRY(jwk_thumbprint(&s->arena, signing, &s->face.kid));
    entries[used++] = (struct keyset_entry){s->face.kid, sign_key_ref(signing)};
    for (size_t i = 0; i < count && used < JOSE_JWKS_KEYS; i++) {
        if (!str_equal(others[i].kid, s->face.kid)) {
            entries[used++] = others[i];
        }
    }
    err e = keyset_new(entries, used, &s->keys);
    sign_key_unref(entries[0].key);
    TRY(e);
    s->face.signing = signing;
    s->face.verifying = s->keys;
    return keyset_encode(s->keys, &s->arena, &s->face.jwks);
}

static err snapshot_new(struct sign_key *signing, const struct keyset_entry *others, size_t count,
                        struct snapshot **ret) {
    struct snapshot *s = allocator_new(allocator_libc(), sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    atomic_init(&s->refs, 1);
    arena_init(&s->arena, allocator_libc(), SNAPSHOT_MEMORY_MAX);
    err e = snapshot_fill(s, signing, others, count);
    if (e != ERR_OK) {
        snapshot_free(s);
        return e;
    }
    *ret = s;
    return ERR_OK;
}

void key_snapshot_unref(const struct key_snapshot *face) {
    if (face == NULL) {
        return;
    }
    /* The face is the first member of a snapshot that this file made writable. */
    struct snapshot *s = (struct snapshot *)(uintptr_t)face;
    if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
        snapshot_free(s);
    }
}

err keyring_new(const struct secret *root, struct keyring **ret) {
    struct keyring *k = allocator_new(allocator_libc(), sizeof *k);
    if (k == NULL) {
        return ERR_NOMEM;
    }
    if (pthread_mutex_init(&k->lock, NULL) != 0) {
        allocator_free(allocator_libc(), k, sizeof *k);
        return ERR_NOMEM;
    }
    atomic_init(&k->asked_ms, INT64_MIN / 2);
    err e = sign_key_derive(SIGN_ES256, root, STR("access"), &k->signing);
    if (e == ERR_OK) {
        e = secret_derive(root, STR("ironwood auth ticket v1"), 32, &k->ticket_key);
    }
    if (e == ERR_OK) {
        e = snapshot_new(k->signing, NULL, 0, &k->current);
    }
    if (e != ERR_OK) {
        keyring_free(k);
        return e;
    }
    *ret = k;
    return ERR_OK;
}

void keyring_free(struct keyring *k) {
    if (k == NULL) {
        return;
    }
    if (k->current != NULL) {
        key_snapshot_unref(&k->current->face);
    }
    sign_key_unref(k->signing);
    secret_free(k->ticket_key);
    pthread_mutex_destroy(&k->lock);
    allocator_free(allocator_libc(), k, sizeof *k);
}

const struct key_snapshot *keyring_take(struct keyring *k) {
    pthread_mutex_lock(&k->lock);
    struct snapshot *s = k->current;
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&k->lock);
    return &s->face;
}

const struct secret *keyring_ticket_key(const struct keyring *k) {
    return k->ticket_key;
}

/* Stored keys as verification keys. One that cannot be read is left out rather than taking the
 * service down: tokens signed with it are refused, which the operator sees in the metrics. */
static err keys_decode(struct arena *a, const struct key_list *list, struct keyset_entry *entries,
                       size_t *ret_count) {
    size_t used = 0;
    for (size_t i = 0; i < list->count && used < JOSE_JWKS_KEYS; i++) {
        const struct json *json = NULL;
        str kid;
        err e = json_parse(a, list->items[i].public_jwk, &json_limits_default, &json, NULL);
        if (e == ERR_OK) {
            e = jwk_decode(a, json, &entries[used].key, &kid, NULL);
        }
        if (e == ERR_OK) {
            entries[used++].kid = list->items[i].kid;
        } else if (e == ERR_NOMEM) {
            *ret_count = used;
            return e;
        }
    }
    *ret_count = used;
    return ERR_OK;
}

static err snapshot_load(struct keyring *k, struct store *store, int64_t now_ms, struct arena *a,
                         struct snapshot **ret, struct error *reterr) {
    struct key_list list;
    struct keyset_entry entries[JOSE_JWKS_KEYS];
    size_t count = 0;
    TRY(store_key_list(store, now_ms, a, &list, reterr));
    err e = keys_decode(a, &list, entries, &count);
    if (e == ERR_OK) {
        e = snapshot_new(k->signing, entries, count, ret);
    }
    for (size_t i = 0; i < count; i++) {
        sign_key_unref(entries[i].key);
    }
    return e;
}

err keyring_reload(struct keyring *k, struct store *store, int64_t now_ms, struct error *reterr) {
    struct arena arena;
    arena_init(&arena, allocator_libc(), LIST_MEMORY_MAX);
    struct snapshot *fresh = NULL;
    atomic_store(&k->asked_ms, now_ms);
    err e = snapshot_load(k, store, now_ms, &arena, &fresh, reterr);
    arena_done(&arena);
    TRY(e);
    pthread_mutex_lock(&k->lock);
    struct snapshot *old = k->current;
    k->current = fresh;
    pthread_mutex_unlock(&k->lock);
    key_snapshot_unref(&old->face);
    return ERR_OK;
}

/* Whether all of them are in the snapshot that requests use now. */
static bool keys_are_known(struct keyring *k, const struct key_list *list) {
    AUTO(key_snapshot_unrefp) const struct key_snapshot *keys = keyring_take(k);
    for (size_t i = 0; i < list->count; i++) {
        if (keyset_find(keys->verifying, list->items[i].kid) == NULL) {
            return false;
        }
    }
    return true;
}

err keyring_catch_up(struct keyring *k, struct store *store, int64_t now_ms, struct error *reterr) {
    struct arena arena;
    struct key_list list;
    arena_init(&arena, allocator_libc(), LIST_MEMORY_MAX);
    atomic_store(&k->asked_ms, now_ms);
    err e = store_key_list(store, now_ms, &arena, &list, reterr);
    bool is_known = e == ERR_OK && keys_are_known(k, &list);
    arena_done(&arena);
    return e != ERR_OK || is_known ? e : keyring_reload(k, store, now_ms, reterr);
}

bool keyring_is_fresh(const struct keyring *k, int64_t now_ms, int64_t age_ms) {
    return now_ms - atomic_load(&k->asked_ms) < age_ms;
}

/* How long a key must verify after the last token was signed with it. */
static int64_t key_life_ms(const struct flow_settings *settings) {
    return (settings->access_ttl_s + settings->key_overlap_s) * 1000;
}

static err own_record(struct arena *a, struct keyring *k, const struct flow_settings *settings,
                      int64_t now_ms, struct key_record *ret) {
    struct buf jwk;
    struct json_writer writer;
    str text;
    str kid;
    TRY(jwk_thumbprint(a, k->signing, &kid));
    buf_init_arena(&jwk, a, MODEL_JWK_MAX);
    json_writer_init(&writer, &jwk);
    jwk_write(&writer, k->signing, kid);
    TRY(buf_finish(&jwk, &text));
    *ret = (struct key_record){
        .kid = kid,
        .alg = STR("ES256"),
        .public_jwk = text,
        .created_ms = now_ms,
        .not_after_ms = now_ms + key_life_ms(settings) + INT64_C(1000) * KEYRING_RENEW_S,
    };
    return ERR_OK;
}

/* Keys of other root secrets stop signing once all replicas run with ours. They verify until the
 * last token they may have signed is over, replicas that are replaced last included. */
static err others_retire(struct store *store, str own_kid, const struct flow_settings *settings,
                         int64_t now_ms, struct arena *a, size_t *ret_count, struct error *reterr) {
    struct key_list list;
    size_t count = 0;
    int64_t not_after = now_ms + key_life_ms(settings);
    TRY(store_key_list(store, now_ms, a, &list, reterr));
    for (size_t i = 0; i < list.count; i++) {
        if (!list.items[i].is_retired && !str_equal(list.items[i].kid, own_kid)) {
            TRY(store_key_retire(store, list.items[i].kid, now_ms, not_after, reterr));
            count++;
        }
    }
    *ret_count = count;
    return ERR_OK;
}

err keyring_publish(struct keyring *k, struct store *store, const struct flow_settings *settings,
                    int64_t now_ms, size_t *ret_rotated, struct error *reterr) {
    struct arena arena;
    struct key_record own;
    size_t rotated = 0;
    arena_init(&arena, allocator_libc(), LIST_MEMORY_MAX);
    err e = own_record(&arena, k, settings, now_ms, &own);
    if (e == ERR_OK) {
        e = store_key_put(store, &own, reterr);
    }
    if (e == ERR_OK) {
        e = others_retire(store, own.kid, settings, now_ms, &arena, &rotated, reterr);
    }
    arena_done(&arena);
    TRY(e);
    TRY(keyring_reload(k, store, now_ms, reterr));
    if (ret_rotated != NULL) {
        *ret_rotated = rotated;
    }
    return ERR_OK;
}

err keyring_renew(struct keyring *k, struct store *store, const struct flow_settings *settings,
                  int64_t now_ms, struct error *reterr) {
    struct arena arena;
    struct key_record own;
    arena_init(&arena, allocator_libc(), LIST_MEMORY_MAX);
    err e = own_record(&arena, k, settings, now_ms, &own);
    if (e == ERR_OK) {
        e = store_key_put(store, &own, reterr);
    }
    arena_done(&arena);
    TRY(e);
    return keyring_reload(k, store, now_ms, reterr);
}
