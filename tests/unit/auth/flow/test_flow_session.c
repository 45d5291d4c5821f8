/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/session.h"

#include "auth/flow/account.h"
#include "crypto/random.h"
#include "tests/unit/auth/flow/fixture.h"

static str begin(struct fixture *f, str old_cookie) {
    struct signed_in in;
    struct fault fault;
    str cookie;
    OK(session_begin(&f->call, &f->alice, old_cookie, &cookie, &in, &fault));
    return cookie;
}

static void a_cookie_finds_its_session(void **state) {
    struct fixture *f = *state;
    struct signed_in in;
    str cookie = begin(f, (str){NULL, 0});
    assert_int_equal(cookie.len, RANDOM_TOKEN_LEN);
    OK(session_resume(&f->call, cookie, &in));
    assert_str(in.user.id, f->alice.id);
    assert_int_equal(session_resume(&f->call, STR("x"), &in), ERR_NOT_FOUND);
    assert_int_equal(session_resume(&f->call, (str){NULL, 0}, &in), ERR_NOT_FOUND);
}

/* Attack class 16. */
static void signing_in_again_voids_the_cookie_and_keeps_the_session(void **state) {
    struct fixture *f = *state;
    struct signed_in before;
    struct signed_in after;
    str first = begin(f, (str){NULL, 0});
    OK(session_resume(&f->call, first, &before));
    fixture_advance_s(f, 100);
    str second = begin(f, first);
    assert_false(str_equal(first, second));
    assert_int_equal(session_resume(&f->call, first, &after), ERR_NOT_FOUND);
    OK(session_resume(&f->call, second, &after));
    assert_str(after.session.sid, before.session.sid);
    assert_int_equal(after.session.auth_time_ms, f->call.now_ms);
    assert_int_equal(after.session.created_ms, before.session.created_ms);
}

static void another_user_ends_the_session_before(void **state) {
    struct fixture *f = *state;
    const struct account_new bob = {STR("bob@example.com"), STR("long enough"), STR("Bob")};
    struct signed_in alice;
    struct signed_in in;
    struct fault fault;
    struct user user;
    str cookie;
    OK(account_register(&f->call, &bob, &user, &fault));
    str first = begin(f, (str){NULL, 0});
    OK(session_resume(&f->call, first, &alice));
    OK(session_begin(&f->call, &user, first, &cookie, &in, &fault));
    assert_false(str_equal(in.session.sid, alice.session.sid));
    assert_int_equal(session_resume(&f->call, first, &in), ERR_NOT_FOUND);
    OK(session_resume(&f->call, cookie, &in));
    assert_str(in.user.id, user.id);
}

static void a_session_ends_idle_or_absolutely(void **state) {
    struct fixture *f = *state;
    struct signed_in in;
    str cookie = begin(f, (str){NULL, 0});
    for (int i = 0; i < 23; i++) { /* used every hour */
        fixture_advance_s(f, 3600);
        OK(session_resume(&f->call, cookie, &in));
    }
    fixture_advance_s(f, 3600);
    assert_int_equal(session_resume(&f->call, cookie, &in), ERR_NOT_FOUND);
    cookie = begin(f, (str){NULL, 0});
    fixture_advance_s(f, f->flow.settings.session_idle_ttl_s);
    assert_int_equal(session_resume(&f->call, cookie, &in), ERR_NOT_FOUND);
}

static void signing_out_and_disabling_end_it(void **state) {
    struct fixture *f = *state;
    struct signed_in in;
    str cookie = begin(f, (str){NULL, 0});
    OK(session_end(&f->call, cookie));
    OK(session_end(&f->call, cookie));
    assert_int_equal(session_resume(&f->call, cookie, &in), ERR_NOT_FOUND);
    cookie = begin(f, (str){NULL, 0});
    OK(store_user_set_status(f->flow.store, f->alice.id, USER_DISABLED, f->call.now_ms,
                             &f->call.error));
    assert_int_equal(session_resume(&f->call, cookie, &in), ERR_NOT_FOUND);
}

static err store_is_down(void *ctx, const char *operation) {
    (void)ctx;
    return strcmp(operation, "session_get") == 0 ? ERR_IO : ERR_OK;
}

static void a_store_that_fails_is_not_a_missing_session(void **state) {
    struct fixture *f = *state;
    struct signed_in in;
    str cookie = begin(f, (str){NULL, 0});
    store_set_fault(f->flow.store, store_is_down, NULL);
    assert_int_equal(session_resume(&f->call, cookie, &in), ERR_IO);
    assert_int_equal(session_end(&f->call, cookie), ERR_IO);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_cookie_finds_its_session),
        TEST(signing_in_again_voids_the_cookie_and_keeps_the_session),
        TEST(another_user_ends_the_session_before),
        TEST(a_session_ends_idle_or_absolutely),
        TEST(signing_out_and_disabling_end_it),
        TEST(a_store_that_fails_is_not_a_missing_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
