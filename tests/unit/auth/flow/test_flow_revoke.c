/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/revoke.h"

#include "auth/flow/grant_code.h"
#include "tests/unit/auth/flow/fixture.h"

static struct tokens tokens_of(struct fixture *f, const struct client *app, const char *scope) {
    struct tokens t;
    struct fault fault;
    struct grant_code_request in = {.code = fixture_code(f, FIXTURE_APP, scope),
                                    .redirect_uri = STR(FIXTURE_REDIRECT),
                                    .code_verifier = STR(FIXTURE_VERIFIER)};
    OK(grant_code_redeem(&f->call, app, &in, &t, &fault));
    return t;
}

static struct tokens tokens_of_app(struct fixture *f) {
    struct client app = fixture_client(f, FIXTURE_APP);
    return tokens_of(f, &app, "openid offline_access");
}

static enum introspected worth(struct fixture *f, const char *client_id, str token) {
    struct client client = fixture_client(f, client_id);
    struct introspection found;
    OK(introspect_token(&f->call, &client, token, &found));
    return found.kind;
}

static void either_token_ends_the_family(void **state) {
    struct fixture *f = *state;
    struct client app = fixture_client(f, FIXTURE_APP);
    struct tokens t = tokens_of_app(f);
    OK(revoke_token(&f->call, &app, t.refresh_token));
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_INACTIVE);
    assert_int_equal(worth(f, FIXTURE_APP, t.access_token), INTROSPECT_INACTIVE);
    t = tokens_of_app(f);
    OK(revoke_token(&f->call, &app, t.access_token));
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_INACTIVE);
    OK(revoke_token(&f->call, &app, t.access_token)); /* again */
    OK(revoke_token(&f->call, &app, STR("nonsense")));
}

static void a_token_for_another_service_is_known_and_can_be_revoked(void **state) {
    static const str audience[] = {STR_INIT("https://api.example.com")};
    struct fixture *f = *state;
    struct bearer bearer;
    struct fault fault = {0};
    struct client app = fixture_client(f, FIXTURE_APP);
    app.audience = (struct names){audience, ARRAY_LEN(audience)};
    struct tokens t = tokens_of(f, &app, "offline_access");
    assert_fault(bearer_verify(&f->call, t.access_token, &bearer, &fault), fault,
                 FAULT_INVALID_TOKEN);
    assert_int_equal(worth(f, FIXTURE_WEB, t.access_token), INTROSPECT_ACCESS);
    OK(revoke_token(&f->call, &app, t.access_token));
    assert_int_equal(worth(f, FIXTURE_WEB, t.access_token), INTROSPECT_INACTIVE);
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_INACTIVE);
}

static void an_expired_access_token_still_ends_its_family(void **state) {
    struct fixture *f = *state;
    struct client app = fixture_client(f, FIXTURE_APP);
    struct tokens t = tokens_of_app(f);
    fixture_advance_s(f, f->flow.settings.access_ttl_s + f->flow.settings.clock_skew_s + 1);
    OK(revoke_token(&f->call, &app, t.access_token));
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_INACTIVE);
}

static void another_client_cannot_revoke_or_see(void **state) {
    struct fixture *f = *state;
    struct client web = fixture_client(f, FIXTURE_WEB);
    struct tokens t = tokens_of_app(f);
    OK(revoke_token(&f->call, &web, t.refresh_token));
    OK(revoke_token(&f->call, &web, t.access_token));
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_REFRESH);
    assert_int_equal(worth(f, FIXTURE_APP, t.access_token), INTROSPECT_ACCESS);
    assert_int_equal(worth(f, FIXTURE_WEB, t.refresh_token), INTROSPECT_INACTIVE);
}

static void an_expired_token_is_inactive(void **state) {
    struct fixture *f = *state; /* attack class 49 */
    struct tokens t = tokens_of_app(f);
    fixture_advance_s(f, f->flow.settings.access_ttl_s);
    assert_int_equal(worth(f, FIXTURE_APP, t.access_token), INTROSPECT_INACTIVE);
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_REFRESH);
    fixture_advance_s(f, f->flow.settings.refresh_ttl_s);
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_INACTIVE);
}

static void tokens_of_a_disabled_user_are_inactive(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_app(f);
    OK(store_user_set_status(f->flow.store, f->alice.id, USER_DISABLED, f->call.now_ms,
                             &f->call.error));
    assert_int_equal(worth(f, FIXTURE_APP, t.access_token), INTROSPECT_INACTIVE);
    assert_int_equal(worth(f, FIXTURE_APP, t.refresh_token), INTROSPECT_INACTIVE);
}

static void an_id_token_is_no_access_token(void **state) {
    struct fixture *f = *state; /* attack class 11 */
    struct tokens t = tokens_of_app(f);
    struct bearer bearer;
    struct fault fault = {0};
    assert_fault(bearer_verify(&f->call, t.id_token, &bearer, &fault), fault, FAULT_INVALID_TOKEN);
    assert_int_equal(worth(f, FIXTURE_APP, t.id_token), INTROSPECT_INACTIVE);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_token_for_another_service_is_known_and_can_be_revoked),
        TEST(an_expired_access_token_still_ends_its_family),
        TEST(either_token_ends_the_family),
        TEST(another_client_cannot_revoke_or_see),
        TEST(an_expired_token_is_inactive),
        TEST(tokens_of_a_disabled_user_are_inactive),
        TEST(an_id_token_is_no_access_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
