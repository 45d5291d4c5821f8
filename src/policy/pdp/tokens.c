/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/tokens.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/json.h"
#include "crypto/random.h"
#include "policy/model/limits.h"

enum { WAYS = 2, ENTRY_MEMORY_MAX = 64 * 1024, HASHED_TAIL = 64 };

struct entry {
    uint64_t hash;
    str token; /* absent: the place is free */
    uint64_t generation;
    struct caller caller;
    struct arena arena;
};

struct token_cache {
    struct hash_key key;
    struct entry *sets[LIMIT_TOKEN_CACHE / WAYS]; /* each WAYS entries, made on first use */
    uint8_t next_way[LIMIT_TOKEN_CACHE / WAYS];
};

err token_cache_new(struct token_cache **ret) {
    struct token_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        return ERR_NOMEM;
    }
    random_bytes(&cache->key, sizeof cache->key);
    *ret = cache;
    return ERR_OK;
}

void token_cache_free(struct token_cache *cache) {
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(cache->sets); i++) {
        for (size_t way = 0; cache->sets[i] != NULL && way < WAYS; way++) {
            arena_done(&cache->sets[i][way].arena);
        }
        free(cache->sets[i]);
    }
    free(cache);
}

/* Adds the strings of an array claim as uids of a type. A claim of another shape adds nothing:
 * a token without groups is a token without groups. */
static err add_parents(struct arena *a, const struct json *claim, const char *type,
                       cedar_uid *parents, size_t *count) {
    if (claim == NULL || claim->kind != JSON_ARRAY) {
        return ERR_OK;
    }
    for (uint32_t i = 0; i < claim->count && *count < LIMIT_CALLER_PARENTS; i++) {
        if (claim->items[i].kind != JSON_STRING) {
            continue;
        }
        str name;
        TRY(arena_copy(a, claim->items[i].text, &name));
        parents[*count] = (cedar_uid){.type = cedar_str_from(type), .id = {name.ptr, name.len}};
        (*count)++;
    }
    return ERR_OK;
}

static err caller_from_claims(struct arena *a, const struct token_rules *rules,
                              const struct jwt_claims *claims, struct caller *ret) {
    struct caller caller = {.expires_s = claims->expires_s,
                            .is_admin = jwt_has_scope(claims, rules->admin_scope)};
    TRY(arena_copy(a, claims->subject, &caller.subject));
    TRY(arena_copy(a, claims->client_id, &caller.client_id));
    TRY(arena_copy(a, claims->scope, &caller.scope));
    cedar_uid *parents = ARENA_ARRAY(a, cedar_uid, LIMIT_CALLER_PARENTS);
    if (parents == NULL) {
        return arena_error(a);
    }
    TRY(add_parents(a, json_get(claims->all, STR("groups")), "Group", parents,
                    &caller.parent_count));
    TRY(add_parents(a, json_get(claims->all, STR("roles")), "Role", parents, &caller.parent_count));
    caller.parents = parents;
    caller.principal =
        (cedar_uid){.type = cedar_str_from("User"), .id = {caller.subject.ptr, caller.subject.len}};
    *ret = caller;
    return ERR_OK;
}

/* SECURITY: what is handed out must not lie in the cache: the guard runs before the body has
 * arrived, and until it has, other tokens may take the entry over. */
static err caller_copy(struct arena *a, const struct caller *from, const struct caller **ret) {
    struct caller *copy = ARENA_NEW(a, struct caller);
    cedar_uid *parents = ARENA_ARRAY(a, cedar_uid, from->parent_count);
    if (copy == NULL || parents == NULL) {
        return arena_error(a);
    }
    *copy = *from;
    TRY(arena_copy(a, from->subject, &copy->subject));
    TRY(arena_copy(a, from->client_id, &copy->client_id));
    TRY(arena_copy(a, from->scope, &copy->scope));
    copy->principal.id = (cedar_str){copy->subject.ptr, copy->subject.len};
    for (size_t i = 0; i < from->parent_count; i++) {
        str name;
        TRY(arena_copy(a, str_make(from->parents[i].id.ptr, from->parents[i].id.len), &name));
        parents[i] = (cedar_uid){.type = from->parents[i].type, .id = {name.ptr, name.len}};
    }
    copy->parents = parents;
    *ret = copy;
    return ERR_OK;
}

/* The set of entries the token belongs to, or NULL without memory. */
static struct entry *entries_of(struct token_cache *cache, uint64_t hash, size_t *ret_set) {
    size_t set = (size_t)hash % ARRAY_LEN(cache->sets);
    if (cache->sets[set] == NULL) {
        cache->sets[set] = calloc(WAYS, sizeof(struct entry));
    }
    *ret_set = set;
    return cache->sets[set];
}

/* SECURITY: the comparison stops at the first difference, but it only begins when all 64 bits of
 * a hash under a secret random key are equal: for whoever does not hold the signature already,
 * its time tells nothing about other tokens. */
static struct entry *find(struct entry *entries, uint64_t hash, str token) {
    for (size_t way = 0; way < WAYS; way++) {
        if (!str_is_absent(entries[way].token) && entries[way].hash == hash &&
            str_equal(entries[way].token, token)) {
            return &entries[way];
        }
    }
    return NULL;
}

static void entry_clear(struct entry *entry) {
    arena_done(&entry->arena);
    *entry = (struct entry){0};
}

static enum jwt_reason verify_into(struct entry *entry, const struct token_rules *rules,
                                   const struct keyset *keys, str token, int64_t now_s) {
    struct jwt_expect expect = jwt_expect_access_token(rules->issuer, rules->audience);
    expect.skew_s = rules->skew_s;
    AUTO(arena_done) struct arena scratch;
    arena_init(&scratch, allocator_libc(), 4 * ENTRY_MEMORY_MAX);
    const struct verified_token *verified;
    enum jwt_reason reason = jwt_verify(&scratch, token, keys, &expect, now_s, &verified);
    if (reason != JWT_VALID) {
        return reason;
    }
    arena_init(&entry->arena, allocator_libc(), ENTRY_MEMORY_MAX);
    entry->arena.is_wiped = true; /* it holds the token */
    err code = arena_copy(&entry->arena, token, &entry->token);
    if (code == ERR_OK) {
        code = caller_from_claims(&entry->arena, rules, verified_token_claims(verified),
                                  &entry->caller);
    }
    return code == ERR_OK ? JWT_VALID : JWT_NO_MEMORY;
}

enum jwt_reason tokens_verify(struct token_cache *cache, const struct token_rules *rules,
                              const struct keyset *keys, uint64_t generation, str token,
                              int64_t now_s, struct arena *a, const struct caller **ret) {
    /* The end of a token is the end of its signature: enough to spread, found again by compare. */
    size_t tail = token.len < HASHED_TAIL ? token.len : HASHED_TAIL;
    uint64_t hash = hash_bytes(&cache->key, str_slice(token, token.len - tail, token.len));
    size_t set;
    struct entry *entries = entries_of(cache, hash, &set);
    if (entries == NULL) {
        return JWT_NO_MEMORY;
    }
    struct entry *entry = find(entries, hash, token);
    if (entry != NULL && entry->generation == generation) {
        if (now_s - (int64_t)rules->skew_s >= entry->caller.expires_s) { /* as jose/jwt.c */
            entry_clear(entry);
            return JWT_EXPIRED;
        }
        return caller_copy(a, &entry->caller, ret) == ERR_OK ? JWT_VALID : JWT_NO_MEMORY;
    }
    /* Only a token that verifies takes a place, so that bad ones evict nobody. */
    struct entry fresh = {.hash = hash, .generation = generation};
    enum jwt_reason reason = verify_into(&fresh, rules, keys, token, now_s);
    if (reason != JWT_VALID) {
        entry_clear(&fresh);
        return reason;
    }
    if (entry == NULL) {
        entry = &entries[cache->next_way[set]];
        cache->next_way[set] = (uint8_t)((cache->next_way[set] + 1) % WAYS);
    }
    entry_clear(entry);
    *entry = fresh;
    return caller_copy(a, &entry->caller, ret) == ERR_OK ? JWT_VALID : JWT_NO_MEMORY;
}
