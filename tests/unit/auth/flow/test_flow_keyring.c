/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/keyring.h"

#include "auth/flow/bearer.h"
#include "auth/flow/own_login.h"
#include "tests/unit/auth/flow/fixture.h"

/* A replica of the service with its own root secret on the same database. */
static struct flow replica(struct fixture *f, uint8_t byte, size_t *ret_rotated) {
    struct flow other = f->flow;
    struct secret *root = fixture_root(byte);
    other.keyring = NULL;
    OK(keyring_new(root, &other.keyring));
    secret_free(root);
    OK(keyring_publish(other.keyring, other.store, &other.settings, f->call.now_ms, ret_rotated,
                       &f->call.error));
    return other;
}

static str token_from(struct fixture *f, const struct flow *flow) {
    struct call c = f->call;
    struct tokens t;
    struct fault fault;
    c.flow = flow;
    OK(own_login_tokens(&c, &f->alice, &t, &fault));
    return t.access_token;
}

static err accepted_by(struct fixture *f, const struct flow *flow, str token) {
    struct call c = f->call;
    struct bearer bearer;
    struct fault fault;
    c.flow = flow;
    return bearer_verify(&c, token, &bearer, &fault);
}

static bool jwks_has(const struct flow *flow, str kid) {
    const struct key_snapshot *keys = keyring_take(flow->keyring);
    bool is_there = str_find(keys->jwks, kid) != SIZE_MAX;
    assert_true(str_find(keys->jwks, STR("\"d\"")) == SIZE_MAX); /* never a private member */
    key_snapshot_unref(keys);
    return is_there;
}

static str kid_of(struct fixture *f, const struct flow *flow) {
    const struct key_snapshot *keys = keyring_take(flow->keyring);
    str kid;
    OK(arena_copy(&f->arena, keys->kid, &kid));
    key_snapshot_unref(keys);
    return kid;
}

static void the_same_secret_gives_the_same_key(void **state) {
    struct fixture *f = *state;
    size_t rotated = 99;
    struct flow twin = replica(f, 1, &rotated);
    assert_int_equal(rotated, 0);
    assert_str(kid_of(f, &twin), kid_of(f, &f->flow));
    OK(accepted_by(f, &twin, token_from(f, &f->flow)));
    OK(accepted_by(f, &f->flow, token_from(f, &twin)));
    keyring_free(twin.keyring);
}

/* Contract C3: at no moment does a replica refuse a token that another replica issued. */
static void after_a_rotation_old_and_new_replicas_accept_each_other(void **state) {
    struct fixture *f = *state;
    size_t rotated = 0;
    str old_token = token_from(f, &f->flow);
    struct flow fresh = replica(f, 2, &rotated);
    assert_int_equal(rotated, 1);
    assert_false(str_equal(kid_of(f, &fresh), kid_of(f, &f->flow)));
    OK(accepted_by(f, &fresh, old_token));
    OK(accepted_by(f, &fresh, token_from(f, &f->flow))); /* the old replica signs on for a while */
    assert_true(jwks_has(&fresh, kid_of(f, &f->flow)) && jwks_has(&fresh, kid_of(f, &fresh)));
    /* The old replica has not heard of the new key; the unknown kid makes it look. */
    OK(accepted_by(f, &f->flow, token_from(f, &fresh)));
    assert_true(jwks_has(&f->flow, kid_of(f, &fresh)));
    keyring_free(fresh.keyring);
}

static void an_old_key_is_published_until_its_last_token_is_over(void **state) {
    struct fixture *f = *state;
    str old_kid = kid_of(f, &f->flow);
    struct flow fresh = replica(f, 2, NULL);
    int64_t life_s = f->flow.settings.access_ttl_s + f->flow.settings.key_overlap_s;
    fixture_advance_s(f, life_s - 1);
    OK(keyring_reload(fresh.keyring, fresh.store, f->call.now_ms, &f->call.error));
    assert_true(jwks_has(&fresh, old_kid));
    fixture_advance_s(f, 2);
    OK(keyring_reload(fresh.keyring, fresh.store, f->call.now_ms, &f->call.error));
    assert_false(jwks_has(&fresh, old_kid));
    assert_true(jwks_has(&fresh, kid_of(f, &fresh)));
    keyring_free(fresh.keyring);
}

static void going_back_to_an_old_secret_works(void **state) {
    struct fixture *f = *state;
    struct flow fresh = replica(f, 2, NULL);
    struct flow back = replica(f, 1, NULL);
    assert_str(kid_of(f, &back), kid_of(f, &f->flow));
    OK(accepted_by(f, &back, token_from(f, &fresh)));
    OK(accepted_by(f, &fresh, token_from(f, &back)));
    keyring_free(fresh.keyring);
    keyring_free(back.keyring);
}

/* A rotation that is taken back, and after a long while the next one. */
static void a_key_that_signs_again_is_not_forgotten(void **state) {
    struct fixture *f = *state;
    int64_t life_s = f->flow.settings.access_ttl_s + f->flow.settings.key_overlap_s;
    struct flow second = replica(f, 2, NULL);
    struct flow back = replica(f, 1, NULL);
    for (int64_t passed_s = 0; passed_s < 3 * life_s; passed_s += KEYRING_RENEW_S) {
        fixture_advance_s(f, KEYRING_RENEW_S);
        OK(keyring_renew(back.keyring, back.store, &back.settings, f->call.now_ms, &f->call.error));
    }
    str token = token_from(f, &back);
    struct flow third = replica(f, 3, NULL);
    OK(accepted_by(f, &third, token));
    assert_true(jwks_has(&third, kid_of(f, &back)));
    assert_false(jwks_has(&third, kid_of(f, &second)));
    keyring_free(second.keyring);
    keyring_free(back.keyring);
    keyring_free(third.keyring);
}

/* It retires the new key, which another replica goes on to sign with. */
static void an_old_replica_that_restarts_during_a_rotation_spoils_nothing(void **state) {
    struct fixture *f = *state;
    int64_t life_s = f->flow.settings.access_ttl_s + f->flow.settings.key_overlap_s;
    struct flow fresh = replica(f, 2, NULL);
    struct flow restarted = replica(f, 1, NULL);
    for (int64_t passed_s = 0; passed_s < 3 * life_s; passed_s += KEYRING_RENEW_S) {
        fixture_advance_s(f, KEYRING_RENEW_S);
        OK(keyring_renew(fresh.keyring, fresh.store, &fresh.settings, f->call.now_ms,
                         &f->call.error));
    }
    str token = token_from(f, &fresh);
    struct flow next = replica(f, 3, NULL);
    OK(accepted_by(f, &next, token));
    assert_false(jwks_has(&next, kid_of(f, &restarted))); /* nobody signs with it any more */
    keyring_free(fresh.keyring);
    keyring_free(restarted.keyring);
    keyring_free(next.keyring);
}

static err counting(void *ctx, const char *operation) {
    *(int *)ctx += strcmp(operation, "key_list") == 0;
    return ERR_OK;
}

/* Anybody can send such tokens: each costs one query, less than a good token does. */
static void tokens_with_unknown_keys_cost_one_query(void **state) {
    struct fixture *f = *state;
    struct secret *root = fixture_root(3);
    struct flow stranger = f->flow;
    int lists = 0;
    enum { TOKENS = 20 };
    OK(keyring_new(root, &stranger.keyring)); /* never published */
    secret_free(root);
    str token = token_from(f, &stranger);
    const struct key_snapshot *before = keyring_take(f->flow.keyring);
    store_set_fault(f->flow.store, counting, &lists);
    for (int i = 0; i < TOKENS; i++) {
        assert_int_equal(accepted_by(f, &f->flow, token), ERR_DENIED);
    }
    assert_int_equal(lists, TOKENS);
    store_set_fault(f->flow.store, NULL, NULL);
    const struct key_snapshot *after = keyring_take(f->flow.keyring);
    assert_ptr_equal(before, after); /* nothing was built anew */
    key_snapshot_unref(before);
    key_snapshot_unref(after);
    keyring_free(stranger.keyring);
}

static void freshness_counts_from_the_last_question(void **state) {
    struct fixture *f = *state;
    assert_true(keyring_is_fresh(f->flow.keyring, f->call.now_ms, 100));
    assert_false(keyring_is_fresh(f->flow.keyring, f->call.now_ms + 100, 100));
    OK(keyring_catch_up(f->flow.keyring, f->flow.store, f->call.now_ms + 100, &f->call.error));
    assert_true(keyring_is_fresh(f->flow.keyring, f->call.now_ms + 199, 100));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_same_secret_gives_the_same_key),
        TEST(after_a_rotation_old_and_new_replicas_accept_each_other),
        TEST(an_old_key_is_published_until_its_last_token_is_over),
        TEST(going_back_to_an_old_secret_works),
        TEST(a_key_that_signs_again_is_not_forgotten),
        TEST(an_old_replica_that_restarts_during_a_rotation_spoils_nothing),
        TEST(tokens_with_unknown_keys_cost_one_query),
        TEST(freshness_counts_from_the_last_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
