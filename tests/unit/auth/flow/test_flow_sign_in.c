/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/sign_in.h"

#include "tests/unit/auth/flow/fixture.h"

static err sign_in(struct fixture *f, const char *email, const char *password,
                   struct fault *ret_fault) {
    struct user user;
    *ret_fault = (struct fault){0};
    return sign_in_password(&f->call, EVENT_PASSWORD_API, str_c(email), str_c(password), &user,
                            ret_fault);
}

static void the_right_password_signs_in(void **state) {
    struct fixture *f = *state;
    struct fault fault;
    OK(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault));
    OK(sign_in(f, "ALICE@Example.COM", FIXTURE_PASSWORD, &fault));
}

/* Attack class 27. */
static void every_refusal_reads_the_same(void **state) {
    struct fixture *f = *state;
    struct fault wrong;
    struct fault fault;
    f->flow.settings.throttle_free = 100;
    assert_fault(sign_in(f, FIXTURE_EMAIL, "wrong", &wrong), wrong, FAULT_CREDENTIALS);
    static const char *const emails[] = {"nobody@example.com", "not an address", "",
                                         "alice@example.com.evil.example"};
    for (size_t i = 0; i < ARRAY_LEN(emails); i++) {
        assert_fault(sign_in(f, emails[i], FIXTURE_PASSWORD, &fault), fault, FAULT_CREDENTIALS);
        assert_str(fault.text, wrong.text);
    }
    char long_password[600];
    memset(long_password, 'x', sizeof long_password - 1);
    long_password[sizeof long_password - 1] = '\0';
    assert_fault(sign_in(f, FIXTURE_EMAIL, long_password, &fault), fault, FAULT_CREDENTIALS);
    OK(store_user_set_status(f->flow.store, f->alice.id, USER_DISABLED, f->call.now_ms,
                             &f->call.error));
    assert_fault(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault), fault, FAULT_CREDENTIALS);
    assert_str(fault.text, wrong.text);
}

/* Attack classes 29 and 30. */
static void guessing_slows_down_and_never_locks_the_owner_out(void **state) {
    struct fixture *f = *state;
    struct fault fault;
    for (int i = 0; i < 4; i++) { /* three are free, the fourth opens the first delay */
        assert_fault(sign_in(f, FIXTURE_EMAIL, "wrong", &fault), fault, FAULT_CREDENTIALS);
    }
    assert_fault(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault), fault, FAULT_THROTTLED);
    assert_int_equal(fault.retry_after_s, 1);
    f->call.address = STR("198.51.100.9"); /* the owner, elsewhere */
    OK(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault));
    f->call.address = STR("192.0.2.1");
    fixture_advance_s(f, 1);
    assert_fault(sign_in(f, FIXTURE_EMAIL, "wrong", &fault), fault, FAULT_CREDENTIALS);
    assert_fault(sign_in(f, FIXTURE_EMAIL, "wrong", &fault), fault, FAULT_THROTTLED);
    assert_int_equal(fault.retry_after_s, 2);
    fixture_advance_s(f, 2);
    OK(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault));
    assert_fault(sign_in(f, FIXTURE_EMAIL, "wrong", &fault), fault, FAULT_CREDENTIALS);
}

static void spraying_from_one_network_is_stopped(void **state) {
    struct fixture *f = *state;
    struct fault fault;
    char email[64];
    for (uint64_t i = 0; i < f->flow.settings.throttle_address; i++) {
        snprintf(email, sizeof email, "user%llu@example.com", (unsigned long long)i);
        f->call.address = i % 2 == 0 ? STR("2001:db8::1") : STR("2001:db8::ffff:2");
        assert_fault(sign_in(f, email, "wrong", &fault), fault, FAULT_CREDENTIALS);
    }
    f->call.address = STR("2001:db8::3");
    assert_fault(sign_in(f, "fresh@example.com", "wrong", &fault), fault, FAULT_THROTTLED);
    assert_true(fault.retry_after_s > 60);
    f->call.address = STR("2001:db8:0:1::3"); /* another /64 */
    assert_fault(sign_in(f, "fresh@example.com", "wrong", &fault), fault, FAULT_CREDENTIALS);
}

static void stronger_parameters_reach_old_hashes(void **state) {
    struct fixture *f = *state;
    struct fault fault;
    struct user before;
    struct user after;
    OK(store_user_by_id(f->flow.store, f->alice.id, &f->arena, &before, &f->call.error));
    f->flow.settings.password.passes = 2;
    OK(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault));
    OK(store_user_by_id(f->flow.store, f->alice.id, &f->arena, &after, &f->call.error));
    assert_false(str_equal(before.password_hash, after.password_hash));
    assert_int_equal(before.epoch, after.epoch);
    OK(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault));
}

static err store_is_down(void *ctx, const char *operation) {
    (void)ctx;
    (void)operation;
    return ERR_BUSY;
}

static void a_store_that_fails_is_not_a_wrong_password(void **state) {
    struct fixture *f = *state;
    struct fault fault;
    store_set_fault(f->flow.store, store_is_down, NULL);
    assert_int_equal(sign_in(f, FIXTURE_EMAIL, FIXTURE_PASSWORD, &fault), ERR_BUSY);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_right_password_signs_in),
        TEST(every_refusal_reads_the_same),
        TEST(guessing_slows_down_and_never_locks_the_owner_out),
        TEST(spraying_from_one_network_is_stopped),
        TEST(stronger_parameters_reach_old_hashes),
        TEST(a_store_that_fails_is_not_a_wrong_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
