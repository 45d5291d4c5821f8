/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/keyset.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/json.h"
#include "jose/jwk.h"
#include "jose/limits.h"

enum { KEYSET_MEMORY_MAX = 256 * 1024, DECODE_MEMORY_MAX = 4 * 1024 * 1024 };

struct keyset {
    atomic_uint refs;
    struct arena arena; /* kids */
    size_t count;
    size_t skipped;
    struct keyset_entry entries[JOSE_JWKS_KEYS];
};

static struct keyset *keyset_alloc(void) {
    struct keyset *keys = calloc(1, sizeof *keys);
    if (keys != NULL) {
        atomic_init(&keys->refs, 1);
        arena_init(&keys->arena, allocator_libc(), KEYSET_MEMORY_MAX);
    }
    return keys;
}

/* Copies the kid, takes its own reference to the key. */
static err keyset_add(struct keyset *keys, str kid, struct sign_key *key) {
    if (keys->count == JOSE_JWKS_KEYS) {
        return ERR_LIMIT;
    }
    str name;
    if (str_is_absent(kid)) {
        TRY(jwk_thumbprint(&keys->arena, key, &name));
    } else if (kid.len == 0 || kid.len > JOSE_KID_MAX) {
        return ERR_RANGE;
    } else {
        TRY(arena_copy(&keys->arena, kid, &name));
    }
    if (keyset_find(keys, name) != NULL) {
        return ERR_EXISTS;
    }
    keys->entries[keys->count++] = (struct keyset_entry){name, sign_key_ref(key)};
    return ERR_OK;
}

err keyset_new(const struct keyset_entry *entries, size_t count, struct keyset **ret) {
    AUTO(keyset_unrefp) struct keyset *keys = keyset_alloc();
    if (keys == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(keyset_add(keys, entries[i].kid, entries[i].key));
    }
    *ret = TAKE(keys);
    return ERR_OK;
}

/* One member of "keys": added, skipped, or a failure that ends it all. */
static err decode_key(struct keyset *keys, struct arena *a, const struct json *jwk,
                      struct error *reterr) {
    AUTO(sign_key_unrefp) struct sign_key *key = NULL;
    str kid;
    err error = jwk_decode(a, jwk, &key, &kid, NULL);
    if (error == ERR_NOMEM || arena_has_failed(a)) {
        return error_set(reterr, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    if (error != ERR_OK) {
        keys->skipped++;
        return ERR_OK;
    }
    error = keyset_add(keys, kid, key);
    if (error == ERR_EXISTS) {
        return error_set(reterr, error, "two keys have one \"kid\"");
    }
    return error == ERR_OK ? ERR_OK : error_set(reterr, error, "%s", err_text(error));
}

err keyset_decode(str jwks, struct keyset **ret, struct error *reterr) {
    static const struct json_limits limits = {
        .max_bytes = JOSE_JWKS_MAX, .max_depth = JOSE_JWKS_DEPTH, .max_values = JOSE_JWKS_VALUES};
    AUTO(arena_done) struct arena scratch;
    arena_init(&scratch, allocator_libc(), DECODE_MEMORY_MAX);
    const struct json *document;
    TRY(json_parse(&scratch, jwks, &limits, &document, reterr));
    const struct json *list = json_get(document, STR("keys"));
    if (list == NULL || list->kind != JSON_ARRAY) {
        return error_set(reterr, list == NULL ? ERR_MISSING : ERR_TYPE,
                         "a key set must be an object with an array \"keys\"");
    }
    if (list->count > JOSE_JWKS_KEYS) {
        return error_set(reterr, ERR_LIMIT, "more than %d keys", JOSE_JWKS_KEYS);
    }
    AUTO(keyset_unrefp) struct keyset *keys = keyset_alloc();
    if (keys == NULL) {
        return error_set(reterr, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    for (uint32_t i = 0; i < list->count; i++) {
        TRY(decode_key(keys, &scratch, &list->items[i], reterr));
    }
    *ret = TAKE(keys);
    return ERR_OK;
}

err keyset_encode(const struct keyset *keys, struct arena *a, str *ret) {
    struct buf out;
    buf_init_arena(&out, a, JOSE_JWKS_MAX);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name(&w, STR("keys"));
    json_open_array(&w);
    for (size_t i = 0; i < keys->count; i++) {
        jwk_write(&w, keys->entries[i].key, keys->entries[i].kid);
    }
    json_close_array(&w);
    json_close_object(&w);
    return buf_finish(&out, ret);
}

struct keyset *keyset_ref(struct keyset *keys) {
    atomic_fetch_add_explicit(&keys->refs, 1, memory_order_relaxed);
    return keys;
}

void keyset_unref(struct keyset *keys) {
    if (keys == NULL || atomic_fetch_sub_explicit(&keys->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        sign_key_unref(keys->entries[i].key);
    }
    arena_done(&keys->arena);
    free(keys);
}

const struct sign_key *keyset_find(const struct keyset *keys, str kid) {
    if (str_is_absent(kid)) {
        return NULL;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (str_equal(keys->entries[i].kid, kid)) {
            return keys->entries[i].key;
        }
    }
    return NULL;
}

size_t keyset_count(const struct keyset *keys) {
    return keys->count;
}

size_t keyset_skipped(const struct keyset *keys) {
    return keys->skipped;
}

struct keyset_entry keyset_at(const struct keyset *keys, size_t index) {
    return keys->entries[index];
}
