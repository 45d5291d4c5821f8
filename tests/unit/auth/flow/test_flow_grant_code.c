/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/grant_code.h"

#include "auth/flow/bearer.h"
#include "auth/flow/grant_refresh.h"
#include "tests/unit/auth/flow/fixture.h"

static err redeem(struct fixture *f, const char *client_id, str code, const char *redirect_uri,
                  const char *verifier, struct tokens *ret, struct fault *ret_fault) {
    struct client client = fixture_client(f, client_id);
    struct grant_code_request in = {
        .code = code,
        .redirect_uri = str_c(redirect_uri),
        .code_verifier = str_c(verifier),
    };
    return grant_code_redeem(&f->call, &client, &in, ret, ret_fault);
}

static err redeem_well(struct fixture *f, const char *client_id, str code, struct tokens *ret,
                       struct fault *ret_fault) {
    return redeem(f, client_id, code, FIXTURE_REDIRECT, FIXTURE_VERIFIER, ret, ret_fault);
}

static void a_code_becomes_tokens_with_the_right_claims(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct fault fault = {0};
    str code = fixture_code(f, FIXTURE_APP, "openid email");
    OK(redeem_well(f, FIXTURE_APP, code, &t, &fault));
    assert_str(t.scope, STR("openid email"));
    assert_true(str_is_absent(t.refresh_token)); /* offline_access was not asked for */
    const struct jwt_claims *access = fixture_claims(f, t.access_token, STR("ironwood"), true);
    assert_str(access->subject, f->alice.id);
    assert_str(access->client_id, STR(FIXTURE_APP));
    assert_str(access->scope, STR("openid email"));
    assert_str(access->typ, STR("at+jwt"));
    assert_true(jwt_has_audience(access, f->flow.settings.issuer)); /* for userinfo */
    assert_int_equal(access->expires_s - access->issued_s, 900);
    const struct jwt_claims *id = fixture_claims(f, t.id_token, STR(FIXTURE_APP), false);
    assert_str(id->subject, f->alice.id);
    assert_str(json_get(id->all, STR("nonce"))->text, STR("n-0S6_WzA2Mj"));
    assert_int_equal(json_get(id->all, STR("auth_time"))->integer, FIXTURE_START_MS / 1000);
    assert_int_equal(json_get(id->all, STR("at_hash"))->text.len, 22);
}

static void without_openid_there_is_no_id_token(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct fault fault = {0};
    OK(redeem_well(f, FIXTURE_APP, fixture_code(f, FIXTURE_APP, "email"), &t, &fault));
    assert_true(str_is_absent(t.id_token));
    const struct jwt_claims *access = fixture_claims(f, t.access_token, STR("ironwood"), true);
    assert_false(jwt_has_audience(access, f->flow.settings.issuer));
}

/* Attack classes 4 and 5. A refused attempt leaves the code to its owner. */
static void a_code_is_bound_to_client_redirect_uri_and_verifier(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *client_id;
        const char *redirect_uri;
        const char *verifier;
    } cases[] = {
        {FIXTURE_WEB, FIXTURE_REDIRECT, FIXTURE_VERIFIER},
        {FIXTURE_APP, "http://127.0.0.1:7778/callback", FIXTURE_VERIFIER},
        {FIXTURE_APP, NULL, FIXTURE_VERIFIER},
        {FIXTURE_APP, FIXTURE_REDIRECT, NULL},
        {FIXTURE_APP, FIXTURE_REDIRECT, ""},
        {FIXTURE_APP, FIXTURE_REDIRECT, FIXTURE_CHALLENGE},
        {FIXTURE_APP, FIXTURE_REDIRECT, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"},
    };
    struct tokens t;
    struct fault fault = {0};
    str code = fixture_code(f, FIXTURE_APP, "openid");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_fault(redeem(f, cases[i].client_id, code, cases[i].redirect_uri, cases[i].verifier,
                            &t, &fault),
                     fault, FAULT_INVALID_GRANT);
    }
    OK(redeem_well(f, FIXTURE_APP, code, &t, &fault));
}

static void a_replayed_code_revokes_what_came_from_it(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct tokens second;
    struct fault fault = {0};
    struct bearer bearer;
    str code = fixture_code(f, FIXTURE_APP, "openid offline_access");
    OK(redeem_well(f, FIXTURE_APP, code, &t, &fault));
    OK(bearer_verify(&f->call, t.access_token, &bearer, &fault));
    assert_fault(redeem_well(f, FIXTURE_APP, code, &second, &fault), fault, FAULT_INVALID_GRANT);
    assert_fault(bearer_verify(&f->call, t.access_token, &bearer, &fault), fault,
                 FAULT_INVALID_TOKEN);
    struct client app = fixture_client(f, FIXTURE_APP);
    struct grant_refresh_request refresh = {.refresh_token = t.refresh_token};
    assert_fault(grant_refresh(&f->call, &app, &refresh, &second, &fault), fault,
                 FAULT_INVALID_GRANT);
}

static void a_replay_without_the_verifier_harms_nobody(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct fault fault = {0};
    struct bearer bearer;
    str code = fixture_code(f, FIXTURE_APP, "openid");
    OK(redeem_well(f, FIXTURE_APP, code, &t, &fault));
    assert_fault(redeem(f, FIXTURE_APP, code, FIXTURE_REDIRECT, NULL, &t, &fault), fault,
                 FAULT_INVALID_GRANT);
    OK(bearer_verify(&f->call, t.access_token, &bearer, &fault));
}

static void a_code_expires(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct fault fault = {0};
    str code = fixture_code(f, FIXTURE_APP, "openid");
    fixture_advance_s(f, f->flow.settings.code_ttl_s);
    assert_fault(redeem_well(f, FIXTURE_APP, code, &t, &fault), fault, FAULT_INVALID_GRANT);
}

static void a_code_of_a_disabled_user_is_worthless(void **state) {
    struct fixture *f = *state; /* attack class 14 */
    struct tokens t;
    struct fault fault = {0};
    str code = fixture_code(f, FIXTURE_APP, "openid");
    OK(store_user_set_status(f->flow.store, f->alice.id, USER_DISABLED, f->call.now_ms,
                             &f->call.error));
    assert_fault(redeem_well(f, FIXTURE_APP, code, &t, &fault), fault, FAULT_INVALID_GRANT);
}

static void admin_is_granted_to_administrators_only(void **state) {
    struct fixture *f = *state;
    static const str roles[] = {STR_INIT(ROLE_ADMIN)};
    struct tokens t;
    struct fault fault = {0};
    OK(redeem_well(f, FIXTURE_WEB, fixture_code(f, FIXTURE_WEB, "openid admin"), &t, &fault));
    assert_str(t.scope, STR("openid"));
    OK(store_user_set_roles(f->flow.store, f->alice.id, (struct names){roles, 1}, f->call.now_ms,
                            &f->call.error));
    OK(redeem_well(f, FIXTURE_WEB, fixture_code(f, FIXTURE_WEB, "openid admin"), &t, &fault));
    assert_str(t.scope, STR("openid admin"));
}

static void a_resource_narrows_the_audience(void **state) {
    struct fixture *f = *state;
    struct tokens t;
    struct fault fault = {0};
    struct client web = fixture_client(f, FIXTURE_WEB);
    struct grant_code_request in = {
        .code = fixture_code(f, FIXTURE_WEB, "email"),
        .redirect_uri = STR(FIXTURE_REDIRECT),
        .code_verifier = STR(FIXTURE_VERIFIER),
        .resource = STR("https://elsewhere.example.com"),
    };
    assert_fault(grant_code_redeem(&f->call, &web, &in, &t, &fault), fault, FAULT_INVALID_TARGET);
    in.resource = STR("https://api.example.com");
    OK(grant_code_redeem(&f->call, &web, &in, &t, &fault));
    const struct jwt_claims *access = fixture_claims(f, t.access_token, in.resource, true);
    assert_int_equal(access->audience_count, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_code_becomes_tokens_with_the_right_claims),
        TEST(without_openid_there_is_no_id_token),
        TEST(a_code_is_bound_to_client_redirect_uri_and_verifier),
        TEST(a_replayed_code_revokes_what_came_from_it),
        TEST(a_replay_without_the_verifier_harms_nobody),
        TEST(a_code_expires),
        TEST(a_code_of_a_disabled_user_is_worthless),
        TEST(admin_is_granted_to_administrators_only),
        TEST(a_resource_narrows_the_audience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
