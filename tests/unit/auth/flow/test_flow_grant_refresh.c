/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/grant_refresh.h"

#include "auth/flow/bearer.h"
#include "auth/flow/grant_code.h"
#include "auth/flow/own_login.h"
#include "tests/unit/auth/flow/fixture.h"

static struct tokens tokens_of_app(struct fixture *f, const char *scope) {
    struct tokens t;
    struct fault fault;
    struct client app = fixture_client(f, FIXTURE_APP);
    struct grant_code_request in = {.code = fixture_code(f, FIXTURE_APP, scope),
                                    .redirect_uri = STR(FIXTURE_REDIRECT),
                                    .code_verifier = STR(FIXTURE_VERIFIER)};
    OK(grant_code_redeem(&f->call, &app, &in, &t, &fault));
    assert_false(str_is_absent(t.refresh_token));
    return t;
}

static struct tokens tokens_of_login(struct fixture *f) {
    struct tokens t;
    struct fault fault;
    OK(own_login_tokens(&f->call, &f->alice, &t, &fault));
    return t;
}

static err refresh(struct fixture *f, const char *client_id, str token, const char *scope,
                   struct tokens *ret, struct fault *ret_fault) {
    struct grant_refresh_request in = {.refresh_token = token, .scope = str_c(scope)};
    if (client_id == NULL) {
        return grant_refresh(&f->call, NULL, &in, ret, ret_fault);
    }
    struct client client = fixture_client(f, client_id);
    return grant_refresh(&f->call, &client, &in, ret, ret_fault);
}

static void each_use_gives_a_new_token_and_spends_the_old(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_login(f);
    struct fault fault = {0};
    for (int i = 0; i < 3; i++) {
        struct tokens next;
        OK(refresh(f, NULL, t.refresh_token, NULL, &next, &fault));
        assert_false(str_equal(next.refresh_token, t.refresh_token));
        t = next;
    }
    const struct jwt_claims *access = fixture_claims(f, t.access_token, STR("ironwood"), true);
    assert_str(access->subject, f->alice.id);
    assert_str(access->client_id, STR(FLOW_OWN_CLIENT_ID));
}

/* Attack class 12. */
static void reuse_of_a_spent_token_revokes_the_family(void **state) {
    struct fixture *f = *state;
    struct tokens first = tokens_of_app(f, "openid offline_access");
    struct tokens second;
    struct tokens third;
    struct fault fault = {0};
    struct bearer bearer;
    OK(refresh(f, FIXTURE_APP, first.refresh_token, NULL, &second, &fault));
    assert_false(str_is_absent(second.id_token));
    OK(bearer_verify(&f->call, second.access_token, &bearer, &fault));
    assert_fault(refresh(f, FIXTURE_APP, first.refresh_token, NULL, &third, &fault), fault,
                 FAULT_INVALID_GRANT);
    assert_fault(refresh(f, FIXTURE_APP, second.refresh_token, NULL, &third, &fault), fault,
                 FAULT_INVALID_GRANT);
    assert_fault(bearer_verify(&f->call, second.access_token, &bearer, &fault), fault,
                 FAULT_INVALID_TOKEN);
}

static void a_token_works_for_its_own_client_only(void **state) {
    struct fixture *f = *state;
    struct tokens app = tokens_of_app(f, "openid offline_access");
    struct tokens own = tokens_of_login(f);
    struct tokens t;
    struct fault fault = {0};
    assert_fault(refresh(f, FIXTURE_WEB, app.refresh_token, NULL, &t, &fault), fault,
                 FAULT_INVALID_GRANT);
    assert_fault(refresh(f, NULL, app.refresh_token, NULL, &t, &fault), fault, FAULT_INVALID_GRANT);
    assert_fault(refresh(f, FIXTURE_APP, own.refresh_token, NULL, &t, &fault), fault,
                 FAULT_INVALID_GRANT);
    assert_fault(refresh(f, FIXTURE_APP, STR("nonsense"), NULL, &t, &fault), fault,
                 FAULT_INVALID_GRANT);
    /* and the attempts cost the owners nothing */
    OK(refresh(f, FIXTURE_APP, app.refresh_token, NULL, &t, &fault));
    OK(refresh(f, NULL, own.refresh_token, NULL, &t, &fault));
}

static void scope_may_shrink_and_never_grow(void **state) {
    struct fixture *f = *state;
    struct tokens first = tokens_of_app(f, "openid email offline_access");
    struct tokens t;
    struct fault fault = {0};
    static const char *const bad[] = {"openid profile", "openid unheard_of", "openid  email"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_fault(refresh(f, FIXTURE_APP, first.refresh_token, bad[i], &t, &fault), fault,
                     FAULT_INVALID_SCOPE);
    }
    OK(refresh(f, FIXTURE_APP, first.refresh_token, "email", &t, &fault));
    assert_str(t.scope, STR("email"));
    assert_true(str_is_absent(t.id_token));
    OK(refresh(f, FIXTURE_APP, t.refresh_token, NULL, &t, &fault));
    assert_str(t.scope, STR("openid email offline_access")); /* RFC 6749 §6 */
}

static void an_unused_token_expires(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_login(f);
    struct fault fault = {0};
    fixture_advance_s(f, f->flow.settings.refresh_ttl_s);
    assert_fault(refresh(f, NULL, t.refresh_token, NULL, &t, &fault), fault, FAULT_INVALID_GRANT);
}

static void a_family_ends_however_often_it_is_used(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_login(f);
    struct fault fault = {0};
    int64_t step_s = f->flow.settings.refresh_ttl_s / 2;
    int64_t steps = f->flow.settings.grant_ttl_s / step_s;
    for (int64_t i = 0; i < steps; i++) {
        fixture_advance_s(f, step_s);
        OK(refresh(f, NULL, t.refresh_token, NULL, &t, &fault));
    }
    fixture_advance_s(f, step_s);
    assert_fault(refresh(f, NULL, t.refresh_token, NULL, &t, &fault), fault, FAULT_INVALID_GRANT);
}

/* Attack classes 14 and 15: what changed since the sign-in counts at every refresh. */
static void a_disabled_user_cannot_refresh(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_login(f);
    struct fault fault = {0};
    OK(store_user_set_status(f->flow.store, f->alice.id, USER_DISABLED, f->call.now_ms,
                             &f->call.error));
    assert_fault(refresh(f, NULL, t.refresh_token, NULL, &t, &fault), fault, FAULT_INVALID_GRANT);
}

static void a_role_that_was_taken_away_is_gone_at_the_next_refresh(void **state) {
    struct fixture *f = *state;
    static const str roles[] = {STR_INIT(ROLE_ADMIN)};
    struct fault fault = {0};
    f->alice.roles = (struct names){roles, 1};
    OK(store_user_set_roles(f->flow.store, f->alice.id, f->alice.roles, f->call.now_ms,
                            &f->call.error));
    struct tokens t = tokens_of_login(f);
    assert_true(str_has_suffix(t.scope, STR(" admin")));
    OK(refresh(f, NULL, t.refresh_token, NULL, &t, &fault));
    assert_true(str_has_suffix(t.scope, STR(" admin")));
    OK(store_user_set_roles(f->flow.store, f->alice.id, (struct names){0}, f->call.now_ms,
                            &f->call.error));
    OK(refresh(f, NULL, t.refresh_token, NULL, &t, &fault));
    assert_str(t.scope, STR("openid profile email groups"));
}

static void signing_out_ends_the_family(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_login(f);
    struct tokens app = tokens_of_app(f, "openid offline_access");
    struct fault fault = {0};
    OK(own_login_end(&f->call, t.refresh_token));
    OK(own_login_end(&f->call, t.refresh_token));
    OK(own_login_end(&f->call, STR("nonsense")));
    OK(own_login_end(&f->call, app.refresh_token)); /* not ours to end */
    assert_fault(refresh(f, NULL, t.refresh_token, NULL, &t, &fault), fault, FAULT_INVALID_GRANT);
    OK(refresh(f, FIXTURE_APP, app.refresh_token, NULL, &t, &fault));
}

static err store_is_down(void *ctx, const char *operation) {
    return strcmp(operation, ctx) == 0 ? ERR_BUSY : ERR_OK;
}

static void a_store_that_fails_is_not_a_bad_token(void **state) {
    struct fixture *f = *state;
    struct tokens t = tokens_of_login(f);
    struct fault fault = {0};
    static char get[] = "refresh_get";
    static char rotate[] = "refresh_rotate";
    store_set_fault(f->flow.store, store_is_down, get);
    assert_int_equal(refresh(f, NULL, t.refresh_token, NULL, &t, &fault), ERR_BUSY);
    store_set_fault(f->flow.store, store_is_down, rotate);
    assert_int_equal(refresh(f, NULL, t.refresh_token, NULL, &t, &fault), ERR_BUSY);
    store_set_fault(f->flow.store, NULL, NULL);
    OK(refresh(f, NULL, t.refresh_token, NULL, &t, &fault));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_use_gives_a_new_token_and_spends_the_old),
        TEST(reuse_of_a_spent_token_revokes_the_family),
        TEST(a_token_works_for_its_own_client_only),
        TEST(scope_may_shrink_and_never_grow),
        TEST(an_unused_token_expires),
        TEST(a_family_ends_however_often_it_is_used),
        TEST(a_disabled_user_cannot_refresh),
        TEST(a_role_that_was_taken_away_is_gone_at_the_next_refresh),
        TEST(signing_out_ends_the_family),
        TEST(a_store_that_fails_is_not_a_bad_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
