/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/grant_client.h"

#include "auth/flow/bearer.h"
#include "tests/unit/auth/flow/fixture.h"

static void a_client_gets_a_token_for_itself(void **state) {
    struct fixture *f = *state;
    struct client web = fixture_client(f, FIXTURE_WEB);
    struct tokens t;
    struct fault fault = {0};
    struct bearer bearer;
    OK(grant_client(&f->call, &web, (str){NULL, 0}, (str){NULL, 0}, &t, &fault));
    assert_true(str_is_absent(t.refresh_token) && str_is_absent(t.id_token));
    const struct jwt_claims *claims = fixture_claims(f, t.access_token, STR("ironwood"), true);
    assert_str(claims->subject, STR(FIXTURE_WEB));
    assert_str(claims->scope, STR(""));
    assert_int_equal(claims->audience_count, 2);
    OK(bearer_verify(&f->call, t.access_token, &bearer, &fault));
    assert_false(bearer.has_user);
}

static void scopes_of_people_and_of_others_are_refused(void **state) {
    struct fixture *f = *state;
    struct client web = fixture_client(f, FIXTURE_WEB);
    static const char *const bad[] = {"openid", "groups", "admin", "unheard_of", " "};
    struct tokens t;
    struct fault fault = {0};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_fault(grant_client(&f->call, &web, str_c(bad[i]), (str){NULL, 0}, &t, &fault), fault,
                     FAULT_INVALID_SCOPE);
    }
    assert_fault(grant_client(&f->call, &web, (str){NULL, 0}, STR("https://x.example"), &t, &fault),
                 fault, FAULT_INVALID_TARGET);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_client_gets_a_token_for_itself),
        TEST(scopes_of_people_and_of_others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
