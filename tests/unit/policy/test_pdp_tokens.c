/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/tokens.h"

#include "../jose/fixture.h"

enum { OTHERS = 4096 }; /* eight for each place of a memory of tokens */

struct cache_fixture {
    struct fixture *issuer;
    struct token_cache *cache;
};

static int setup(void **state) {
    struct cache_fixture *f = test_calloc(1, sizeof *f);
    void *issuer = NULL;
    fixture_setup(&issuer);
    f->issuer = issuer;
    assert_int_equal(token_cache_new(&f->cache), ERR_OK);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct cache_fixture *f = *state;
    token_cache_free(f->cache);
    void *issuer = f->issuer;
    fixture_teardown(&issuer);
    test_free(f);
    return 0;
}

static const struct token_rules rules = {
    .issuer = STR_INIT(ISSUER), .audience = STR_INIT(AUDIENCE), .admin_scope = STR_INIT("admin")};

static enum jwt_reason verify_at(struct cache_fixture *f, str token, int64_t now_s, struct arena *a,
                                 const struct caller **ret) {
    return tokens_verify(f->cache, &rules, f->issuer->keys, 1, token, now_s, a, ret);
}

/* A good token of `subject`; `more` are further claims, each with a comma before it. */
static str token_of(struct cache_fixture *f, struct arena *a, const char *subject, unsigned number,
                    const char *more) {
    str claims;
    assert_int_equal(arena_format(a, &claims,
                                  "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"%s\","
                                  "\"client_id\":\"web\",\"jti\":\"id-%u\",\"iat\":1699999990,"
                                  "\"exp\":1700000300%s}",
                                  subject, number, more),
                     ERR_OK);
    return forge_token(a, f->issuer->eddsa,
                       STR("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"d\"}"), claims);
}

static void assert_text(cedar_str actual, const char *expected) {
    assert_str(str_make(actual.ptr, actual.len), str_c(expected));
}

static void assert_alice(const struct caller *caller) {
    assert_str(caller->subject, STR("alice"));
    assert_str(caller->client_id, STR("web"));
    assert_str(caller->scope, STR("openid admin"));
    assert_true(caller->is_admin);
    assert_text(caller->principal.type, "User");
    assert_text(caller->principal.id, "alice");
    assert_int_equal(caller->parent_count, 2);
    assert_text(caller->parents[0].type, "Group");
    assert_text(caller->parents[0].id, "staff");
    assert_text(caller->parents[1].type, "Role");
    assert_text(caller->parents[1].id, "editor");
}

#define ALICE ",\"scope\":\"openid admin\",\"groups\":[\"staff\"],\"roles\":[\"editor\"]"

static void a_caller_is_made_of_the_claims_and_remembered(void **state) {
    struct cache_fixture *f = *state;
    struct arena *a = &f->issuer->arena;
    str token = token_of(f, a, "alice", 0, ALICE);
    for (int i = 0; i < 2; i++) { /* verified, then remembered */
        const struct caller *caller = NULL;
        assert_int_equal(verify_at(f, token, NOW_S, a, &caller), JWT_VALID);
        assert_alice(caller);
    }
}

/* The guard runs when the head of a request is there; the body may come much later. */
static void a_caller_stays_the_same_whatever_tokens_come_after(void **state) {
    struct cache_fixture *f = *state;
    struct arena *a = &f->issuer->arena;
    str token = token_of(f, a, "alice", 0, ALICE);
    const struct caller *fresh = NULL;
    const struct caller *remembered = NULL;
    assert_int_equal(verify_at(f, token, NOW_S, a, &fresh), JWT_VALID);
    assert_int_equal(verify_at(f, token, NOW_S, a, &remembered), JWT_VALID);
    for (unsigned i = 0; i < OTHERS; i++) {
        struct arena_mark mark = arena_mark(a);
        const struct caller *other = NULL;
        assert_int_equal(verify_at(f, token_of(f, a, "mallory", i, ""), NOW_S, a, &other),
                         JWT_VALID);
        arena_reset(a, mark);
    }
    assert_alice(fresh);
    assert_alice(remembered);
}

static void a_caller_outlives_the_memory_it_came_from(void **state) {
    struct cache_fixture *f = *state;
    struct arena *a = &f->issuer->arena;
    const struct caller *caller = NULL;
    assert_int_equal(verify_at(f, token_of(f, a, "alice", 0, ALICE), NOW_S, a, &caller), JWT_VALID);
    token_cache_free(f->cache);
    f->cache = NULL;
    assert_alice(caller);
}

static void a_remembered_token_expires(void **state) {
    struct cache_fixture *f = *state;
    struct arena *a = &f->issuer->arena;
    str token = token_of(f, a, "alice", 0, ALICE);
    const struct caller *caller = NULL;
    assert_int_equal(verify_at(f, token, NOW_S, a, &caller), JWT_VALID);
    assert_int_equal(verify_at(f, token, NOW_S + 299, a, &caller), JWT_VALID);
    const struct caller *none = NULL;
    assert_int_equal(verify_at(f, token, NOW_S + 300, a, &none), JWT_EXPIRED);
    assert_null(none);
    assert_alice(caller);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_caller_is_made_of_the_claims_and_remembered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_caller_stays_the_same_whatever_tokens_come_after, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_caller_outlives_the_memory_it_came_from, setup, teardown),
        cmocka_unit_test_setup_teardown(a_remembered_token_expires, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
