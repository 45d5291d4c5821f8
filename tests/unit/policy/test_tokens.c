/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of verified tokens: what is remembered, and when it stops to count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/pdp/tokens.h"

enum { NOW_S = 1700000000 };

struct fixture {
    struct arena arena;
    struct sign_key *key;
    struct keyset *keys;
    struct token_cache *cache;
    struct token_rules rules;
};

static int setup(void **state) {
    static struct fixture f;
    f = (struct fixture){.rules = {.issuer = STR_INIT("https://issuer.example"),
                                   .audience = STR_INIT("ironwood"),
                                   .admin_scope = STR_INIT("admin")}};
    arena_init(&f.arena, allocator_libc(), 1 << 22);
    assert_int_equal(sign_key_generate(SIGN_ES256, &f.key), ERR_OK);
    struct keyset_entry entry = {.kid = STR("k1"), .key = f.key};
    assert_int_equal(keyset_new(&entry, 1, &f.keys), ERR_OK);
    assert_int_equal(token_cache_new(&f.cache), ERR_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    token_cache_free(f->cache);
    keyset_unref(f->keys);
    sign_key_unref(f->key);
    arena_done(&f->arena);
    return 0;
}

static str token_of(struct fixture *f, const char *subject, const char *scope, int64_t exp_s) {
    str claims;
    assert_int_equal(
        arena_format(&f->arena, &claims,
                     "{\"iss\":\"https://issuer.example\",\"aud\":\"ironwood\",\"sub\":\"%s\","
                     "\"client_id\":\"c\",\"jti\":\"j\",\"iat\":%d,\"exp\":%lld,\"scope\":\"%s\","
                     "\"groups\":[\"engineering\",7],\"roles\":[\"auditor\"]}",
                     subject, NOW_S, (long long)exp_s, scope),
        ERR_OK);
    str token;
    assert_int_equal(jwt_sign(&f->arena, f->key, STR("k1"), STR("at+jwt"), claims, &token), ERR_OK);
    return token;
}

static enum jwt_reason verify(struct fixture *f, str token, uint64_t generation, int64_t now_s,
                              const struct caller **ret) {
    return tokens_verify(f->cache, &f->rules, f->keys, generation, token, now_s, &f->arena, ret);
}

static bool uid_is(cedar_uid uid, const char *type, const char *id) {
    return str_equal_c(str_make(uid.type.ptr, uid.type.len), type) &&
           str_equal_c(str_make(uid.id.ptr, uid.id.len), id);
}

static void a_token_becomes_a_caller_with_its_groups_and_roles(void **state) {
    struct fixture *f = *state;
    const struct caller *caller;
    str token = token_of(f, "alice", "openid admin", NOW_S + 60);
    for (int round = 0; round < 2; round++) { /* verified, then remembered */
        assert_int_equal(verify(f, token, 1, NOW_S, &caller), JWT_VALID);
        assert_true(uid_is(caller->principal, "User", "alice"));
        assert_int_equal(caller->parent_count, 2);
        assert_true(uid_is(caller->parents[0], "Group", "engineering"));
        assert_true(uid_is(caller->parents[1], "Role", "auditor"));
        assert_true(caller->is_admin);
    }
}

static void a_remembered_token_expires(void **state) {
    struct fixture *f = *state;
    const struct caller *caller;
    str token = token_of(f, "alice", "openid", NOW_S + 60);
    assert_int_equal(verify(f, token, 1, NOW_S, &caller), JWT_VALID);
    assert_false(caller->is_admin);
    assert_int_equal(verify(f, token, 1, NOW_S + 59, &caller), JWT_VALID);
    assert_int_equal(verify(f, token, 1, NOW_S + 60, &caller), JWT_EXPIRED);
}

static void another_key_set_makes_it_verify_again(void **state) {
    struct fixture *f = *state;
    const struct caller *caller;
    str token = token_of(f, "alice", "openid", NOW_S + 60);
    assert_int_equal(verify(f, token, 1, NOW_S, &caller), JWT_VALID);
    keyset_unref(f->keys);
    assert_int_equal(keyset_new(NULL, 0, &f->keys), ERR_OK);
    assert_int_equal(verify(f, token, 1, NOW_S, &caller), JWT_VALID); /* the set it knows */
    assert_int_equal(verify(f, token, 2, NOW_S, &caller), JWT_UNKNOWN_KID);
}

/* Same end (that is what is hashed), other content: must not be taken for the other. */
static void a_token_with_the_end_of_another_is_not_the_other(void **state) {
    struct fixture *f = *state;
    const struct caller *caller;
    str token = token_of(f, "alice", "openid", NOW_S + 60);
    assert_int_equal(verify(f, token, 1, NOW_S, &caller), JWT_VALID);
    char forged[2048];
    assert_true(token.len < sizeof forged);
    memcpy(forged, token.ptr, token.len);
    size_t dot = str_find_byte(token, '.');
    forged[dot + 10] = forged[dot + 10] == 'A' ? 'B' : 'A';
    assert_int_not_equal(verify(f, str_make(forged, token.len), 1, NOW_S, &caller), JWT_VALID);
}

static void many_tokens_neither_grow_nor_confuse_the_cache(void **state) {
    struct fixture *f = *state;
    const struct caller *caller;
    for (int i = 0; i < 3000; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "u%d", i % 1500);
        struct arena_mark mark = arena_mark(&f->arena);
        str token = token_of(f, subject, "openid", NOW_S + 60);
        assert_int_equal(verify(f, token, 1, NOW_S, &caller), JWT_VALID);
        assert_true(uid_is(caller->principal, "User", subject));
        arena_reset(&f->arena, mark);
    }
}

/* The guard runs when the head of a request is there; the body may come much later, when the
 * entry has long been another's. */
static void a_caller_stays_the_same_whatever_tokens_come_after(void **state) {
    struct fixture *f = *state;
    const struct caller *fresh;
    const struct caller *remembered;
    const struct caller *other;
    str token = token_of(f, "alice", "openid admin", NOW_S + 60);
    assert_int_equal(verify(f, token, 1, NOW_S, &fresh), JWT_VALID);
    assert_int_equal(verify(f, token, 1, NOW_S, &remembered), JWT_VALID);
    for (int i = 0; i < 4096; i++) { /* eight for each place of the cache */
        char subject[16];
        snprintf(subject, sizeof subject, "m%d", i);
        struct arena_mark mark = arena_mark(&f->arena);
        str theirs = token_of(f, subject, "openid", NOW_S + 60);
        assert_int_equal(verify(f, theirs, 1, NOW_S, &other), JWT_VALID);
        arena_reset(&f->arena, mark);
    }
    token_cache_free(f->cache);
    f->cache = NULL;
    const struct caller *callers[] = {fresh, remembered};
    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        assert_true(uid_is(callers[i]->principal, "User", "alice"));
        assert_true(str_equal_c(callers[i]->subject, "alice"));
        assert_true(str_equal_c(callers[i]->client_id, "c"));
        assert_true(str_equal_c(callers[i]->scope, "openid admin"));
        assert_int_equal(callers[i]->parent_count, 2);
        assert_true(uid_is(callers[i]->parents[0], "Group", "engineering"));
        assert_true(uid_is(callers[i]->parents[1], "Role", "auditor"));
        assert_true(callers[i]->is_admin);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_becomes_a_caller_with_its_groups_and_roles, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_remembered_token_expires, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_set_makes_it_verify_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_with_the_end_of_another_is_not_the_other, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_tokens_neither_grow_nor_confuse_the_cache, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_caller_stays_the_same_whatever_tokens_come_after, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
