/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/auth/store/fixture.h"

#include <pthread.h>

/* --- codes --------------------------------------------------------------------------------- */

static void a_code_comes_back_with_its_grant(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct code back;
    code.grant.resource = STR("https://api.example.com");
    OK(store_code_create(f->store, &code, &error));
    OK(store_code_get(f->store, &code.hash, &f->arena, &back, &error));
    assert_true(digest_equal(&back.hash, &code.hash));
    assert_true(str_equal(back.redirect_uri, code.redirect_uri));
    assert_true(str_equal(back.code_challenge, code.code_challenge));
    assert_true(str_equal(back.nonce, code.nonce));
    assert_int_equal(back.created_ms, NOW);
    assert_int_equal(back.expires_ms, NOW + 60000);
    assert_false(back.is_redeemed);
    assert_true(str_equal(back.grant.id, STR("g1")));
    assert_true(str_equal(back.grant.client_id, STR("web")));
    assert_true(str_equal(back.grant.user_id, STR("u1")));
    assert_true(str_equal(back.grant.sid, STR("s1")));
    assert_true(str_equal(back.grant.scope, STR("openid offline_access")));
    assert_true(str_equal(back.grant.resource, STR("https://api.example.com")));
    assert_int_equal(back.grant.user_epoch, 1);
    assert_int_equal(back.grant.auth_time_ms, NOW - 5);
    assert_int_equal(back.grant.amr.count, 1);
    assert_true(names_has(back.grant.amr, STR("pwd")));
    assert_int_equal(back.grant.expires_ms, NOW + HOUR);
    assert_false(back.grant.is_revoked);
}

static void a_code_without_client_or_user_is_missing_and_leaves_nothing(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct grant grant;
    code.grant.client_id = STR("nobody");
    FAILS(ERR_MISSING, store_code_create(f->store, &code, &error));
    code.grant.client_id = STR("web");
    code.grant.user_id = STR("nobody");
    FAILS(ERR_MISSING, store_code_create(f->store, &code, &error));
    FAILS(ERR_NOT_FOUND, store_grant_get(f->store, STR("g1"), &f->arena, &grant, &error));
    code = code_make("g1", 1);
    code.grant.expires_ms = code.expires_ms - 1;
    FAILS(ERR_RANGE, store_code_create(f->store, &code, &error));
}

static void a_code_is_redeemed_once_and_its_reuse_revokes_the_grant(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct code back = {0};
    struct digest token = digest_make(50);
    OK(store_code_create(f->store, &code, &error));
    OK(store_code_redeem(f->store, &code.hash, NOW + 1, &f->arena, &back, &error));
    assert_true(back.is_redeemed);
    assert_int_equal(back.redeemed_ms, NOW + 1);
    assert_false(back.grant.is_revoked);
    assert_true(str_equal(back.nonce, code.nonce));
    OK(store_refresh_add(f->store, STR("g1"), &token, NOW + HOUR, NOW + 1, &error));

    back = (struct code){0};
    FAILS(ERR_REPLAY, store_code_redeem(f->store, &code.hash, NOW + 2, &f->arena, &back, &error));
    assert_true(str_equal(back.grant.id, STR("g1")));
    struct refresh refresh;
    OK(store_refresh_get(f->store, &token, &f->arena, &refresh, &error));
    assert_true(refresh.grant.is_revoked);
    assert_int_equal(refresh.grant.revoked_ms, NOW + 2);
    /* also long after the code itself has expired */
    FAILS(ERR_REPLAY,
          store_code_redeem(f->store, &code.hash, NOW + 99 * HOUR, &f->arena, &back, &error));
}

static void tokens_cannot_be_added_after_a_replay(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct code back;
    struct digest token = digest_make(50);
    OK(store_code_create(f->store, &code, &error));
    OK(store_code_redeem(f->store, &code.hash, NOW, &f->arena, &back, &error));
    FAILS(ERR_REPLAY, store_code_redeem(f->store, &code.hash, NOW, &f->arena, &back, &error));
    FAILS(ERR_DENIED, store_refresh_add(f->store, STR("g1"), &token, NOW + HOUR, NOW, &error));
}

static void a_code_expires_at_its_time_and_is_unknown_otherwise(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct code back = {0};
    struct digest unknown = digest_make(2);
    OK(store_code_create(f->store, &code, &error));
    FAILS(ERR_NOT_FOUND, store_code_redeem(f->store, &unknown, NOW, &f->arena, &back, &error));
    FAILS(ERR_NOT_FOUND, store_code_get(f->store, &unknown, &f->arena, &back, &error));
    FAILS(ERR_EXPIRED,
          store_code_redeem(f->store, &code.hash, code.expires_ms, &f->arena, &back, &error));
    assert_int_equal(back.expires_ms, 0); /* written on success and replay only */
    OK(store_code_redeem(f->store, &code.hash, code.expires_ms - 1, &f->arena, &back, &error));
}

static void a_code_of_a_revoked_grant_is_denied(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct code back;
    OK(store_code_create(f->store, &code, &error));
    OK(store_grant_revoke(f->store, STR("g1"), NOW, &error));
    FAILS(ERR_DENIED, store_code_redeem(f->store, &code.hash, NOW, &f->arena, &back, &error));
    FAILS(ERR_DENIED, store_code_redeem(f->store, &code.hash, NOW, &f->arena, &back, &error));
}

/* --- refresh tokens ------------------------------------------------------------------------ */

static err rotate(struct fixture *f, unsigned presented, unsigned successor, int64_t now_ms,
                  struct refresh *ret, struct error *reterr) {
    struct digest hash = digest_make(presented);
    struct refresh_successor next = {digest_make(successor), now_ms + HOUR};
    return store_refresh_rotate(f->store, &hash, STR("web"), &next, now_ms, &f->arena, ret, reterr);
}

static void a_refresh_token_is_replaced_by_its_successor(void **state) {
    struct fixture *f = *state;
    struct refresh first = refresh_make("g1", 1);
    struct refresh next = {0};
    struct refresh old;
    OK(store_refresh_create(f->store, &first, &error));
    for (unsigned i = 1; i <= 5; i++) {
        OK(rotate(f, i, i + 1, NOW + i, &next, &error));
        struct digest expected = digest_make(i + 1);
        assert_true(digest_equal(&next.hash, &expected));
        assert_int_equal(next.generation, i + 1);
        assert_int_equal(next.created_ms, NOW + i);
        assert_int_equal(next.expires_ms, NOW + i + HOUR);
        assert_false(next.is_spent);
        assert_true(str_equal(next.grant.id, STR("g1")));
        assert_int_equal(next.grant.expires_ms, NOW + i + HOUR);
        struct digest spent = digest_make(i);
        OK(store_refresh_get(f->store, &spent, &f->arena, &old, &error));
        assert_true(old.is_spent);
        assert_int_equal(old.spent_ms, NOW + i);
        assert_int_equal(old.grant.expires_ms, NOW + i + HOUR);
    }
}

static void reuse_of_a_spent_token_revokes_the_family(void **state) {
    struct fixture *f = *state;
    struct refresh first = refresh_make("g1", 1);
    struct refresh other = refresh_make("g2", 100);
    struct refresh ret = {0};
    OK(store_refresh_create(f->store, &first, &error));
    OK(store_refresh_create(f->store, &other, &error));
    OK(rotate(f, 1, 2, NOW, &ret, &error));
    OK(rotate(f, 2, 3, NOW, &ret, &error));
    ret = (struct refresh){0};
    FAILS(ERR_REPLAY, rotate(f, 1, 4, NOW + 7, &ret, &error));
    assert_true(str_equal(ret.grant.id, STR("g1")));
    assert_int_equal(ret.generation, 1);
    FAILS(ERR_DENIED, rotate(f, 3, 5, NOW, &ret, &error)); /* the newest one is dead too */
    FAILS(ERR_REPLAY, rotate(f, 2, 5, NOW, &ret, &error));
    struct grant grant;
    OK(store_grant_get(f->store, STR("g1"), &f->arena, &grant, &error));
    assert_int_equal(grant.revoked_ms, NOW + 7); /* the first revocation stays */
    struct digest never = digest_make(4);
    FAILS(ERR_NOT_FOUND, store_refresh_get(f->store, &never, &f->arena, &ret, &error));
    OK(rotate(f, 100, 101, NOW, &ret, &error)); /* another family lives on */
}

static void a_token_of_another_client_is_not_found_and_stays_usable(void **state) {
    struct fixture *f = *state;
    struct client other = client_make("other");
    struct refresh mine = refresh_make("g1", 1);
    struct refresh own = refresh_make("g2", 2);
    struct refresh_successor next = {digest_make(9), NOW + HOUR};
    struct refresh ret;
    own.grant.client_id = NONE;
    OK(store_client_put(f->store, &other, &error));
    OK(store_refresh_create(f->store, &mine, &error));
    OK(store_refresh_create(f->store, &own, &error));
    const str strangers[] = {STR("other"), NONE, STR(""), STR("nobody"), STR("\xff")};
    for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
        FAILS(ERR_NOT_FOUND, store_refresh_rotate(f->store, &mine.hash, strangers[i], &next, NOW,
                                                  &f->arena, &ret, &error));
        if (i != 1) {
            FAILS(ERR_NOT_FOUND, store_refresh_rotate(f->store, &own.hash, strangers[i], &next, NOW,
                                                      &f->arena, &ret, &error));
        }
    }
    OK(store_refresh_rotate(f->store, &own.hash, NONE, &next, NOW, &f->arena, &ret, &error));
    assert_true(str_is_absent(ret.grant.client_id));
    /* nor does a stranger learn that it is spent, or end the family */
    FAILS(ERR_NOT_FOUND, store_refresh_rotate(f->store, &own.hash, STR("web"), &next, NOW,
                                              &f->arena, &ret, &error));
    OK(rotate(f, 1, 10, NOW, &ret, &error));
}

static void an_expired_token_is_expired_and_does_not_revoke(void **state) {
    struct fixture *f = *state;
    struct refresh first = refresh_make("g1", 1);
    struct refresh ret;
    OK(store_refresh_create(f->store, &first, &error));
    FAILS(ERR_EXPIRED, rotate(f, 1, 2, NOW + HOUR, &ret, &error));
    FAILS(ERR_NOT_FOUND, rotate(f, 77, 2, NOW, &ret, &error));
    OK(rotate(f, 1, 2, NOW + HOUR - 1, &ret, &error));
}

static void a_failing_successor_leaves_the_presented_token_unspent(void **state) {
    struct fixture *f = *state;
    struct refresh first = refresh_make("g1", 1);
    struct refresh second = refresh_make("g2", 2);
    struct refresh ret;
    OK(store_refresh_create(f->store, &first, &error));
    OK(store_refresh_create(f->store, &second, &error));
    FAILS(ERR_EXISTS, rotate(f, 1, 2, NOW, &ret, &error)); /* that hash is taken */
    OK(rotate(f, 1, 3, NOW, &ret, &error));
}

static void a_grant_gets_its_first_token_once_and_lives_as_long_as_it(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct digest token = digest_make(50);
    struct digest again = digest_make(51);
    struct grant grant;
    OK(store_code_create(f->store, &code, &error));
    OK(store_refresh_add(f->store, STR("g1"), &token, NOW + 50 * HOUR, NOW, &error));
    FAILS(ERR_EXISTS, store_refresh_add(f->store, STR("g1"), &again, NOW + HOUR, NOW, &error));
    FAILS(ERR_NOT_FOUND, store_refresh_add(f->store, STR("g9"), &again, NOW + HOUR, NOW, &error));
    OK(store_grant_get(f->store, STR("g1"), &f->arena, &grant, &error));
    assert_int_equal(grant.expires_ms, NOW + 50 * HOUR);
}

static void revoking_by_session_or_user_reaches_their_grants_only(void **state) {
    struct fixture *f = *state;
    struct user other = user_make("u2", "two@example.com");
    OK(store_user_create(f->store, &other, &error));
    static const struct {
        const char *id;
        str sid;
        str user_id;
    } grants[] = {
        {"g1", STR_INIT("s1"), STR_INIT("u1")}, {"g2", STR_INIT("s1"), STR_INIT("u1")},
        {"g3", STR_INIT("s2"), STR_INIT("u1")}, {"g4", {NULL, 0}, STR_INIT("u1")},
        {"g5", STR_INIT("s9"), STR_INIT("u2")},
    };
    for (unsigned i = 0; i < ARRAY_LEN(grants); i++) {
        struct refresh refresh = refresh_make(grants[i].id, i);
        refresh.grant.sid = grants[i].sid;
        refresh.grant.user_id = grants[i].user_id;
        OK(store_refresh_create(f->store, &refresh, &error));
    }
    static const bool expected[3][5] = {{false, false, true, false, false},
                                        {true, true, true, false, false},
                                        {true, true, true, true, false}};
    for (int step = 0; step < 3; step++) {
        switch (step) {
        case 0:
            OK(store_grant_revoke(f->store, STR("g3"), NOW, &error));
            OK(store_grant_revoke(f->store, STR("g3"), NOW, &error));
            OK(store_grant_revoke(f->store, STR("none"), NOW, &error));
            break;
        case 1:
            OK(store_grant_revoke_by_session(f->store, STR("s1"), NOW, &error));
            break;
        case 2:
            OK(store_grant_revoke_by_user(f->store, STR("u1"), NOW, &error));
            break;
        }
        for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
            struct grant grant;
            OK(store_grant_get(f->store, str_c(grants[i].id), &f->arena, &grant, &error));
            assert_int_equal(grant.is_revoked, expected[step][i]);
        }
    }
}

/* --- races --------------------------------------------------------------------------------- */

enum { THREADS = 8, ROUNDS = 10 };

struct racer {
    struct store *store;
    pthread_barrier_t *start;
    unsigned seed;
    unsigned number;
    err result;
};

static void *race_code(void *arg) {
    struct racer *r = arg;
    struct arena arena;
    struct code code;
    struct digest hash = digest_make(r->seed);
    arena_init(&arena, allocator_libc(), 1 << 16);
    pthread_barrier_wait(r->start);
    r->result = store_code_redeem(r->store, &hash, NOW, &arena, &code, NULL);
    arena_done(&arena);
    return NULL;
}

static void *race_refresh(void *arg) {
    struct racer *r = arg;
    struct arena arena;
    struct refresh refresh;
    struct digest hash = digest_make(r->seed);
    struct refresh_successor next = {digest_make(r->seed + 1000 * (r->number + 1)), NOW + HOUR};
    arena_init(&arena, allocator_libc(), 1 << 16);
    pthread_barrier_wait(r->start);
    r->result =
        store_refresh_rotate(r->store, &hash, STR("web"), &next, NOW, &arena, &refresh, NULL);
    arena_done(&arena);
    return NULL;
}

static void *race_jti(void *arg) {
    struct racer *r = arg;
    struct digest value = digest_make(r->seed);
    pthread_barrier_wait(r->start);
    r->result = store_jti_claim(r->store, STR("test"), &value, NOW + HOUR, NOW, NULL);
    return NULL;
}

/* All threads at once on the same value: one wins, the others are told that it is a replay. */
static void race(struct store *store, void *(*run)(void *arg), unsigned seed) {
    pthread_t threads[THREADS];
    struct racer racers[THREADS];
    pthread_barrier_t start;
    unsigned winners = 0;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){store, &start, seed, i, ERR_INTERNAL};
        assert_int_equal(pthread_create(&threads[i], NULL, run, &racers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        winners += racers[i].result == ERR_OK;
        assert_true(racers[i].result == ERR_OK || racers[i].result == ERR_REPLAY);
    }
    pthread_barrier_destroy(&start);
    assert_int_equal(winners, 1);
}

static void of_many_redeeming_one_code_one_wins(void **state) {
    struct fixture *f = *state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char id[16];
        snprintf(id, sizeof id, "g%u", i);
        struct code code = code_make(id, i);
        OK(store_code_create(f->store, &code, &error));
        race(f->store, race_code, i);
    }
}

static void of_many_rotating_one_token_one_wins_and_the_family_ends(void **state) {
    struct fixture *f = *state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char id[16];
        struct grant grant;
        snprintf(id, sizeof id, "g%u", i);
        struct refresh refresh = refresh_make(id, i);
        OK(store_refresh_create(f->store, &refresh, &error));
        race(f->store, race_refresh, i);
        OK(store_grant_get(f->store, str_c(id), &f->arena, &grant, &error));
        assert_true(grant.is_revoked);
    }
}

static void of_many_claiming_one_value_one_wins(void **state) {
    struct fixture *f = *state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        race(f->store, race_jti, i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_code_comes_back_with_its_grant),
        T(a_code_without_client_or_user_is_missing_and_leaves_nothing),
        T(a_code_is_redeemed_once_and_its_reuse_revokes_the_grant),
        T(tokens_cannot_be_added_after_a_replay),
        T(a_code_expires_at_its_time_and_is_unknown_otherwise),
        T(a_code_of_a_revoked_grant_is_denied),
        T(a_refresh_token_is_replaced_by_its_successor),
        T(reuse_of_a_spent_token_revokes_the_family),
        T(a_token_of_another_client_is_not_found_and_stays_usable),
        T(an_expired_token_is_expired_and_does_not_revoke),
        T(a_failing_successor_leaves_the_presented_token_unspent),
        T(a_grant_gets_its_first_token_once_and_lives_as_long_as_it),
        T(revoking_by_session_or_user_reaches_their_grants_only),
        T(of_many_redeeming_one_code_one_wins),
        T(of_many_rotating_one_token_one_wins_and_the_family_ends),
        T(of_many_claiming_one_value_one_wins),
    };
    return cmocka_run_group_tests_name("auth/store/token", tests, NULL, NULL);
}
