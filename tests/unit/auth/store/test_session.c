/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/auth/store/fixture.h"

#include <signal.h>
#include <sys/wait.h>

static void a_session_comes_back_by_cookie_and_by_sid(void **state) {
    struct fixture *f = *state;
    struct session session = session_make("s1", 1);
    OK(store_session_create(f->store, &session, &error));
    for (int i = 0; i < 2; i++) {
        struct session back = {0};
        if (i == 0) {
            OK(store_session_get(f->store, &session.cookie_hash, NOW, &f->arena, &back, &error));
        } else {
            OK(store_session_get_by_sid(f->store, STR("s1"), NOW, &f->arena, &back, &error));
        }
        assert_true(str_equal(back.sid, STR("s1")));
        assert_true(digest_equal(&back.cookie_hash, &session.cookie_hash));
        assert_true(str_equal(back.user_id, STR("u1")));
        assert_int_equal(back.user_epoch, 1);
        assert_int_equal(back.auth_time_ms, NOW);
        assert_true(names_has(back.amr, STR("pwd")));
        assert_int_equal(back.idle_expires_ms, NOW + HOUR);
        assert_int_equal(back.absolute_expires_ms, NOW + 10 * HOUR);
    }
    struct session twin = session_make("s2", 1);
    FAILS(ERR_EXISTS, store_session_create(f->store, &twin, &error));
    twin = session_make("s1", 2);
    FAILS(ERR_EXISTS, store_session_create(f->store, &twin, &error));
}

static err get(struct fixture *f, const struct session *session, int64_t now_ms) {
    struct session back;
    return store_session_get(f->store, &session->cookie_hash, now_ms, &f->arena, &back, NULL);
}

static void use_moves_the_idle_expiry_up_to_the_absolute_one(void **state) {
    struct fixture *f = *state;
    struct session session = session_make("s1", 1);
    struct session back;
    OK(store_session_create(f->store, &session, &error));
    assert_int_equal(get(f, &session, NOW + HOUR - 1), ERR_OK);
    assert_int_equal(get(f, &session, NOW + HOUR), ERR_EXPIRED);
    OK(store_session_touch(f->store, &session.cookie_hash, NOW + 2 * HOUR, NOW + 5, &error));
    assert_int_equal(get(f, &session, NOW + 2 * HOUR - 1), ERR_OK);
    /* backwards: no effect; past the end: cut */
    OK(store_session_touch(f->store, &session.cookie_hash, NOW + 10, NOW + 6, &error));
    OK(store_session_get(f->store, &session.cookie_hash, NOW, &f->arena, &back, &error));
    assert_int_equal(back.idle_expires_ms, NOW + 2 * HOUR);
    assert_int_equal(back.last_seen_ms, NOW + 6);
    OK(store_session_touch(f->store, &session.cookie_hash, NOW + 99 * HOUR, NOW + 7, &error));
    OK(store_session_get(f->store, &session.cookie_hash, NOW, &f->arena, &back, &error));
    assert_int_equal(back.idle_expires_ms, NOW + 10 * HOUR);
    assert_int_equal(get(f, &session, NOW + 10 * HOUR), ERR_EXPIRED);
    /* what has ended, by either expiry, cannot be revived */
    struct session idle = session_make("s2", 2);
    OK(store_session_create(f->store, &idle, &error));
    FAILS(ERR_NOT_FOUND,
          store_session_touch(f->store, &idle.cookie_hash, NOW + 5 * HOUR, NOW + HOUR, &error));
    FAILS(ERR_NOT_FOUND, store_session_touch(f->store, &session.cookie_hash, NOW + 99 * HOUR,
                                             NOW + 10 * HOUR, &error));
}

static void an_idle_expiry_behind_the_end_is_cut_and_an_early_end_refused(void **state) {
    struct fixture *f = *state;
    struct session session = session_make("s1", 1);
    struct session back;
    session.idle_expires_ms = NOW + 99 * HOUR;
    OK(store_session_create(f->store, &session, &error));
    OK(store_session_get(f->store, &session.cookie_hash, NOW, &f->arena, &back, &error));
    assert_int_equal(back.idle_expires_ms, NOW + 10 * HOUR);
    session = session_make("s2", 2);
    session.absolute_expires_ms = NOW;
    FAILS(ERR_RANGE, store_session_create(f->store, &session, &error));
    session = session_make("s2", 2);
    session.user_epoch = 0;
    FAILS(ERR_RANGE, store_session_create(f->store, &session, &error));
}

static void a_renewed_session_keeps_its_name_and_changes_its_cookie(void **state) {
    struct fixture *f = *state;
    struct session session = session_make("s1", 1);
    struct session fresh = session_make("s1", 2);
    struct session back;
    OK(store_session_create(f->store, &session, &error));
    fresh.auth_time_ms = NOW + 5;
    OK(store_session_renew(f->store, &fresh, NOW + 5, &error));
    FAILS(ERR_NOT_FOUND,
          store_session_get(f->store, &session.cookie_hash, NOW + 5, &f->arena, &back, &error));
    OK(store_session_get(f->store, &fresh.cookie_hash, NOW + 5, &f->arena, &back, &error));
    assert_true(str_equal(back.sid, STR("s1")));
    assert_int_equal(back.auth_time_ms, NOW + 5);
    /* not of another name or user, not with an old epoch, not when it is over */
    struct session other = session_make("s2", 3);
    FAILS(ERR_NOT_FOUND, store_session_renew(f->store, &other, NOW + 6, &error));
    other = session_make("s1", 3);
    other.user_epoch = 99;
    FAILS(ERR_DENIED, store_session_renew(f->store, &other, NOW + 6, &error));
    other = session_make("s1", 3);
    FAILS(ERR_NOT_FOUND, store_session_renew(f->store, &other, NOW + 99 * HOUR, &error));
}

static void signing_out_ends_the_session_and_its_grants_only(void **state) {
    struct fixture *f = *state;
    for (unsigned i = 1; i <= 3; i++) {
        char sid[8];
        char grant_id[8];
        snprintf(sid, sizeof sid, "s%u", i);
        snprintf(grant_id, sizeof grant_id, "g%u", i);
        struct session session = session_make(sid, i);
        struct refresh refresh = refresh_make(grant_id, 10 + i);
        refresh.grant.sid = i == 3 ? NONE : str_c(sid);
        OK(store_session_create(f->store, &session, &error));
        OK(store_refresh_create(f->store, &refresh, &error));
    }
    int64_t count = 0;
    OK(store_session_count(f->store, NOW, &count, &error));
    assert_int_equal(count, 3);
    OK(store_session_count(f->store, NOW + HOUR, &count, &error));
    assert_int_equal(count, 0);
    struct grant grant;
    OK(store_session_delete(f->store, STR("s1"), NOW, &error));
    OK(store_session_delete(f->store, STR("s1"), NOW, &error));
    OK(store_session_delete(f->store, STR("no\0ne"), NOW, &error));
    struct session gone = session_make("s1", 1);
    assert_int_equal(get(f, &gone, NOW), ERR_NOT_FOUND);
    OK(store_session_count(f->store, NOW, &count, &error));
    assert_int_equal(count, 2);
    OK(store_grant_get(f->store, STR("g1"), &f->arena, &grant, &error));
    assert_true(grant.is_revoked);
    OK(store_grant_get(f->store, STR("g2"), &f->arena, &grant, &error));
    assert_false(grant.is_revoked);
    OK(store_session_delete_by_user(f->store, STR("u1"), NOW, &error));
    OK(store_session_count(f->store, NOW, &count, &error));
    assert_int_equal(count, 0);
    OK(store_grant_get(f->store, STR("g2"), &f->arena, &grant, &error));
    assert_true(grant.is_revoked);
    OK(store_grant_get(f->store, STR("g3"), &f->arena, &grant, &error)); /* no session's */
    assert_false(grant.is_revoked);
}

static void a_one_time_value_is_claimed_once_per_kind(void **state) {
    struct fixture *f = *state;
    struct digest value = digest_make(1);
    struct digest other = digest_make(2);
    OK(store_jti_claim(f->store, STR("dpop"), &value, NOW + 10, NOW, &error));
    FAILS(ERR_REPLAY, store_jti_claim(f->store, STR("dpop"), &value, NOW + 10, NOW, &error));
    FAILS(ERR_REPLAY, store_jti_claim(f->store, STR("dpop"), &value, NOW + 99, NOW + 50, &error));
    OK(store_jti_claim(f->store, STR("totp"), &value, NOW + 10, NOW, &error));
    OK(store_jti_claim(f->store, STR("dpop"), &other, NOW + 10, NOW, &error));
    struct digest late = digest_make(3);
    FAILS(ERR_EXPIRED, store_jti_claim(f->store, STR("dpop"), &late, NOW, NOW, &error));
    FAILS(ERR_MISSING, store_jti_claim(f->store, STR(""), &late, NOW + 1, NOW, &error));
}

static struct key_record key_make(const char *kid, int64_t created_ms) {
    return (struct key_record){.kid = str_c(kid),
                               .alg = STR("ES256"),
                               .public_jwk = STR("{\"kty\":\"EC\"}"),
                               .created_ms = created_ms,
                               .not_after_ms = NOW + HOUR};
}

static void keys_are_published_once_and_listed_newest_first(void **state) {
    struct fixture *f = *state;
    struct key_record old = key_make("k1", NOW - 5);
    struct key_record young = key_make("k2", NOW);
    struct key_record other = key_make("k1", NOW);
    struct key_list list;
    young.sealed_private = STR("\0\xff sealed");
    OK(store_key_put(f->store, &old, &error));
    OK(store_key_put(f->store, &young, &error));
    old.created_ms = NOW + 9;
    OK(store_key_put(f->store, &old, &error)); /* another replica, a later start */
    other.public_jwk = STR("{\"kty\":\"OKP\"}");
    FAILS(ERR_EXISTS, store_key_put(f->store, &other, &error));
    OK(store_key_list(f->store, NOW, &f->arena, &list, &error));
    assert_int_equal(list.count, 2);
    assert_true(str_equal(list.items[0].kid, STR("k2")));
    assert_true(str_equal(list.items[0].sealed_private, young.sealed_private));
    assert_true(str_equal(list.items[1].kid, STR("k1")));
    assert_true(str_is_absent(list.items[1].sealed_private));
    assert_int_equal(list.items[1].created_ms, NOW - 5);
    assert_true(str_equal(list.items[1].public_jwk, STR("{\"kty\":\"EC\"}")));
    assert_false(list.items[1].is_retired);

    OK(store_key_retire(f->store, STR("k1"), NOW + 1, NOW + 100, &error));
    OK(store_key_retire(f->store, STR("k1"), NOW + 2, NOW + 9 * HOUR, &error));
    FAILS(ERR_NOT_FOUND, store_key_retire(f->store, STR("k9"), NOW, NOW + 1, &error));
    OK(store_key_list(f->store, NOW + 99, &f->arena, &list, &error));
    assert_int_equal(list.count, 2);
    assert_true(list.items[1].is_retired);
    assert_int_equal(list.items[1].retired_ms, NOW + 1);
    OK(store_key_list(f->store, NOW + 100, &f->arena, &list, &error));
    assert_int_equal(list.count, 1);
}

static void sweeping_takes_what_expired_in_batches_and_keeps_the_rest(void **state) {
    struct fixture *f = *state;
    for (unsigned i = 0; i < 6; i++) {
        char id[8];
        snprintf(id, sizeof id, "x%u", i);
        bool is_old = i < 4;
        struct session session = session_make(id, i);
        struct code code = code_make(id, i);
        struct digest token = digest_make(i);
        session.idle_expires_ms = is_old ? NOW + 10 : NOW + HOUR;
        code.grant.expires_ms = code.expires_ms = is_old ? NOW + 10 : NOW + HOUR;
        OK(store_session_create(f->store, &session, &error));
        OK(store_code_create(f->store, &code, &error));
        OK(store_refresh_add(f->store, str_c(id), &token, code.expires_ms, NOW, &error));
        OK(store_jti_claim(f->store, STR("test"), &token, code.expires_ms, NOW, &error));
    }
    int64_t deleted = 0;
    OK(store_sweep(f->store, NOW + 9, 100, &deleted, &error));
    assert_int_equal(deleted, 0);
    OK(store_sweep(f->store, NOW + 10, 3, &deleted, &error));
    assert_int_equal(deleted, 4 * 3);
    OK(store_sweep(f->store, NOW + 10, 3, &deleted, &error));
    assert_true(deleted > 0);
    OK(store_sweep(f->store, NOW + 10, 3, &deleted, &error));
    assert_int_equal(deleted, 0);
    for (unsigned i = 0; i < 6; i++) {
        char id[8];
        snprintf(id, sizeof id, "x%u", i);
        err expected = i < 4 ? ERR_NOT_FOUND : ERR_OK;
        struct digest hash = digest_make(i);
        struct session session;
        struct grant grant;
        struct code code;
        struct refresh refresh;
        assert_int_equal(store_grant_get(f->store, str_c(id), &f->arena, &grant, NULL), expected);
        assert_int_equal(store_code_get(f->store, &hash, &f->arena, &code, NULL), expected);
        assert_int_equal(store_refresh_get(f->store, &hash, &f->arena, &refresh, NULL), expected);
        assert_int_equal(
            store_session_get_by_sid(f->store, str_c(id), NOW, &f->arena, &session, NULL),
            expected);
        assert_int_equal(store_jti_claim(f->store, STR("test"), &hash, NOW + HOUR, NOW, NULL),
                         i < 4 ? ERR_OK : ERR_REPLAY);
    }
}

static err fail_named(void *ctx, const char *operation) {
    return strcmp(operation, ctx) == 0 ? ERR_IO : ERR_OK;
}

static void a_store_that_fails_says_so_and_not_that_nothing_is_there(void **state) {
    struct fixture *f = *state;
    struct user user;
    char name[] = "user_by_id";
    store_set_fault(f->store, fail_named, name);
    FAILS(ERR_IO, store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    OK(store_user_by_email(f->store, STR("some.one@example.com"), &f->arena, &user, &error));
    store_set_fault(f->store, NULL, NULL);
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    OK(store_ping(f->store, 1000, &error));
    assert_int_equal(db_stats_get(f->db).in_use, 0);
    struct arena small;
    arena_init(&small, allocator_libc(), 64);
    FAILS(ERR_LIMIT, store_user_by_id(f->store, STR("u1"), &small, &user, &error));
    arena_done(&small);
}

/* In a child: redeems a code and tells the parent; then goes on rotating until it is killed. */
_Noreturn static void redeem_and_spin(const char *url, int ready) {
    struct db *db = NULL;
    struct store *store = NULL;
    struct arena arena;
    struct code code;
    struct digest hash = digest_make(1);
    arena_init(&arena, allocator_libc(), 1 << 20);
    if (db_open(&(struct db_config){.url = url}, &db, NULL) != ERR_OK ||
        store_new(db, NOW, &store, NULL) != ERR_OK ||
        store_code_redeem(store, &hash, NOW, &arena, &code, NULL) != ERR_OK ||
        write(ready, "r", 1) != 1) {
        _exit(1);
    }
    for (unsigned i = 100;; i++) {
        struct digest presented = digest_make(i);
        struct refresh_successor next = {digest_make(i + 1), NOW + HOUR};
        struct refresh refresh;
        if (store_refresh_rotate(store, &presented, STR("web"), &next, NOW, &arena, &refresh,
                                 NULL) != ERR_OK) {
            _exit(2);
        }
        arena_clear(&arena);
        if (i == 110 && write(ready, "r", 1) != 1) {
            _exit(3);
        }
    }
}

static void claims_survive_a_killed_process(void **state) {
    struct fixture *f = *state;
    struct code code = code_make("g1", 1);
    struct refresh first = refresh_make("g2", 100);
    OK(store_code_create(f->store, &code, &error));
    OK(store_refresh_create(f->store, &first, &error));
    store_free(f->store);
    db_free(f->db); /* the child must not inherit connections */
    f->store = NULL;
    f->db = NULL;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        redeem_and_spin(f->scratch.url, ready[1]);
    }
    assert_true(child > 0);
    close(ready[1]);
    char bytes[2];
    assert_int_equal(read(ready[0], &bytes[0], 1), 1);
    assert_int_equal(read(ready[0], &bytes[1], 1), 1);
    close(ready[0]);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));

    OK(db_open(&(struct db_config){.url = f->scratch.url}, &f->db, &error));
    OK(store_new(f->db, NOW, &f->store, &error));
    FAILS(ERR_REPLAY, store_code_redeem(f->store, &code.hash, NOW, &f->arena, &code, &error));
    /* the family has exactly one unspent token, the last one; whatever was under way is whole */
    unsigned unspent = 0;
    for (unsigned i = 100;; i++) {
        struct digest hash = digest_make(i);
        struct refresh refresh;
        err result = store_refresh_get(f->store, &hash, &f->arena, &refresh, NULL);
        if (result == ERR_NOT_FOUND) {
            assert_true(i > 111);
            break;
        }
        assert_int_equal(result, ERR_OK);
        assert_int_equal(refresh.generation, i - 99);
        assert_false(unspent > 0); /* nothing comes behind it */
        unspent += !refresh.is_spent;
        arena_clear(&f->arena);
    }
    assert_int_equal(unspent, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_session_comes_back_by_cookie_and_by_sid),
        T(use_moves_the_idle_expiry_up_to_the_absolute_one),
        T(an_idle_expiry_behind_the_end_is_cut_and_an_early_end_refused),
        T(a_renewed_session_keeps_its_name_and_changes_its_cookie),
        T(signing_out_ends_the_session_and_its_grants_only),
        T(a_one_time_value_is_claimed_once_per_kind),
        T(keys_are_published_once_and_listed_newest_first),
        T(sweeping_takes_what_expired_in_batches_and_keeps_the_rest),
        T(a_store_that_fails_says_so_and_not_that_nothing_is_there),
        T(claims_survive_a_killed_process),
    };
    return cmocka_run_group_tests_name("auth/store/session", tests, NULL, NULL);
}
