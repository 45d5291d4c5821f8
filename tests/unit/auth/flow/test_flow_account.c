/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/account.h"

#include "auth/flow/bearer.h"
#include "auth/flow/own_login.h"
#include "auth/flow/sign_in.h"
#include "tests/unit/auth/flow/fixture.h"

static void a_new_account_can_sign_in(void **state) {
    struct fixture *f = *state;
    const struct account_new in = {STR("Bob@Example.com"), STR("a long enough password"),
                                   STR("  Bob  ")};
    struct user user;
    struct fault fault = {0};
    OK(account_register(&f->call, &in, &user, &fault));
    assert_str(user.name, STR("Bob"));
    assert_str(user.email.key, STR("bob@example.com"));
    OK(sign_in_password(&f->call, EVENT_PASSWORD_API, STR("bob@example.com"), in.password, &user,
                        &fault));
}

static void one_address_has_one_account(void **state) {
    struct fixture *f = *state;
    const struct account_new in = {STR("ALICE@example.com"), STR("a long enough password"),
                                   STR("Mallory")};
    struct user user;
    struct fault fault = {0};
    assert_fault(account_register(&f->call, &in, &user, &fault), fault, FAULT_TAKEN);
}

static void bad_fields_are_named(void **state) {
    struct fixture *f = *state;
    static const struct {
        struct account_new in;
        const char *field;
    } cases[] = {
        {{STR_INIT("nobody"), STR_INIT("long enough"), STR_INIT("B")}, "email"},
        {{STR_INIT("b@localhost"), STR_INIT("long enough"), STR_INIT("B")}, "email"},
        {{STR_INIT("b@example.com"), STR_INIT("seven77"), STR_INIT("B")}, "password"},
        {{STR_INIT("b@example.com"), STR_INIT("aaaaaaaaaaaa"), STR_INIT("B")}, "password"},
        {{STR_INIT("b@example.com"), STR_INIT("B@Example.com"), STR_INIT("B")}, "password"},
        {{STR_INIT("benjamin@example.com"), STR_INIT("benjamin"), STR_INIT("B")}, "password"},
        {{STR_INIT("b@example.com"), STR_INIT("Benjamin Blue"), STR_INIT("benjamin blue")},
         "password"},
        {{STR_INIT("b@example.com"), STR_INIT("bad \xff bytes"), STR_INIT("B")}, "password"},
        {{STR_INIT("b@example.com"), STR_INIT("long enough"), STR_INIT("  ")}, "name"},
        {{STR_INIT("b@example.com"), STR_INIT("long enough"), STR_INIT("B\nX")}, "name"},
        {{STR_INIT("b@example.com"), STR_INIT("long enough"), STR_INIT("B\xc2\x85")}, "name"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct user user;
        struct fault fault = {0};
        assert_fault(account_register(&f->call, &cases[i].in, &user, &fault), fault, FAULT_FIELD);
        assert_str(fault.field, str_c(cases[i].field));
    }
}

static void length_counts_characters(void **state) {
    struct fixture *f = *state;
    struct user user = {.email = {.key = STR("b@example.com")}, .name = STR("B")};
    struct fault fault = {0};
    char text[PASSWORD_MAX_CHARS * 2 + 2];
    for (size_t i = 0; i < sizeof text; i += 2) {
        memcpy(text + i, i % 4 == 0 ? "\xc3\xa4" : "\xc3\xb6", 2);
    }
    const struct flow_settings *s = &f->flow.settings;
    OK(account_password_check(s, &user, str_make(text, 16), STR("p"), &fault)); /* 8 × 2 bytes */
    assert_fault(account_password_check(s, &user, str_make(text, 14), STR("p"), &fault), fault,
                 FAULT_FIELD);
    OK(account_password_check(s, &user, str_make(text, PASSWORD_MAX_CHARS * 2), STR("p"), &fault));
    assert_fault(account_password_check(s, &user, str_make(text, sizeof text), STR("p"), &fault),
                 fault, FAULT_FIELD);
}

static void registration_can_be_switched_off(void **state) {
    struct fixture *f = *state;
    const struct account_new in = {STR("b@example.com"), STR("long enough"), STR("B")};
    struct user user;
    struct fault fault = {0};
    f->flow.settings.has_registration = false;
    assert_fault(account_register(&f->call, &in, &user, &fault), fault, FAULT_ACCESS_DENIED);
}

static void a_changed_password_ends_everything_before(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct fault fault = {0};
    struct user after;
    struct bearer bearer;
    OK(own_login_tokens(&f->call, &f->alice, &t, &fault));
    OK(account_change_password(&f->call, &f->alice, STR(FIXTURE_PASSWORD), STR("another password"),
                               &after, &fault));
    assert_true(after.epoch > f->alice.epoch);
    assert_fault(bearer_verify(&f->call, t.access_token, &bearer, &fault), fault,
                 FAULT_INVALID_TOKEN);
    OK(own_login_tokens(&f->call, &after, &t, &fault));
    assert_fault(own_login_tokens(&f->call, &f->alice, &t, &fault), fault, FAULT_CREDENTIALS);
    assert_fault(sign_in_password(&f->call, EVENT_PASSWORD_API, STR(FIXTURE_EMAIL),
                                  STR(FIXTURE_PASSWORD), &after, &fault),
                 fault, FAULT_CREDENTIALS);
}

static void changing_needs_the_current_password_and_a_new_one(void **state) {
    struct fixture *f = *state;
    struct fault fault = {0};
    struct user after;
    assert_fault(account_change_password(&f->call, &f->alice, STR("wrong"), STR("another password"),
                                         &after, &fault),
                 fault, FAULT_CREDENTIALS);
    assert_fault(account_change_password(&f->call, &f->alice, STR(FIXTURE_PASSWORD),
                                         STR(FIXTURE_PASSWORD), &after, &fault),
                 fault, FAULT_FIELD);
    assert_fault(account_change_password(&f->call, &f->alice, STR(FIXTURE_PASSWORD), STR("short"),
                                         &after, &fault),
                 fault, FAULT_FIELD);
    assert_str(fault.field, STR("new_password"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_account_can_sign_in),
        TEST(one_address_has_one_account),
        TEST(bad_fields_are_named),
        TEST(length_counts_characters),
        TEST(registration_can_be_switched_off),
        TEST(a_changed_password_ends_everything_before),
        TEST(changing_needs_the_current_password_and_a_new_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
