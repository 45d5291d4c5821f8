/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/authorize.h"

#include "tests/unit/auth/flow/fixture.h"

static struct authorize_params good_params(void) {
    return (struct authorize_params){
        .client_id = STR(FIXTURE_APP),
        .redirect_uri = STR(FIXTURE_REDIRECT),
        .response_type = STR("code"),
        .scope = STR("openid email unheard_of"),
        .state = STR("af0ifjsldkj"),
        .nonce = STR("n-0S6_WzA2Mj"),
        .code_challenge = STR(FIXTURE_CHALLENGE),
        .code_challenge_method = STR("S256"),
    };
}

static void a_good_request_is_understood(void **state) {
    struct fixture *f = *state;
    struct authorize_params params = good_params();
    struct authorize_request r;
    struct fault fault;
    bool may_redirect = false;
    params.prompt = STR("login consent");
    params.max_age = STR("0");
    OK(authorize_parse(&f->call, &params, &r, &may_redirect, &fault));
    assert_int_equal(r.scopes, SCOPE_OPENID | SCOPE_EMAIL);
    assert_int_equal(r.prompt, PROMPT_LOGIN | PROMPT_CONSENT);
    assert_true(r.has_max_age && r.max_age_s == 0);
    assert_str(r.origin, STR("http://127.0.0.1:7777"));
    assert_str(r.client.id, STR(FIXTURE_APP));
}

/* Attack class 1: until client and redirect URI fit together, nothing is redirected. */
static void without_a_known_target_nothing_is_redirected(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *client_id;
        const char *redirect_uri;
        const char *repeated;
        enum fault_kind fault;
    } cases[] = {
        {NULL, FIXTURE_REDIRECT, NULL, FAULT_INVALID_REQUEST},
        {"", FIXTURE_REDIRECT, NULL, FAULT_INVALID_REQUEST},
        {"nobody", FIXTURE_REDIRECT, NULL, FAULT_INVALID_CLIENT},
        {FIXTURE_APP, NULL, NULL, FAULT_INVALID_REQUEST},
        {FIXTURE_APP, "https://evil.example/callback", NULL, FAULT_INVALID_REQUEST},
        {FIXTURE_APP, "https://app.example.com/callback/../x", NULL, FAULT_INVALID_REQUEST},
        {FIXTURE_APP, FIXTURE_REDIRECT, "redirect_uri", FAULT_INVALID_REQUEST},
        {FIXTURE_APP, FIXTURE_REDIRECT, "client_id", FAULT_INVALID_REQUEST},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct authorize_params params = good_params();
        struct authorize_request r;
        struct fault fault = {0};
        bool may_redirect = true;
        params.client_id = str_c(cases[i].client_id);
        params.redirect_uri = str_c(cases[i].redirect_uri);
        params.repeated = str_c(cases[i].repeated);
        assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                     cases[i].fault);
        assert_false(may_redirect);
    }
}

static void a_disabled_client_is_an_unknown_one(void **state) {
    struct fixture *f = *state;
    struct authorize_params params = good_params();
    struct authorize_request r;
    struct fault fault = {0};
    bool may_redirect = true;
    struct client client = fixture_client(f, FIXTURE_APP);
    client.is_enabled = false;
    OK(store_client_put(f->flow.store, &client, &f->call.error));
    assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                 FAULT_INVALID_CLIENT);
    assert_false(may_redirect);
}

enum field {
    RESPONSE_TYPE,
    RESPONSE_MODE,
    SCOPE,
    NONCE,
    CHALLENGE,
    METHOD,
    PROMPT,
    MAX_AGE,
    RESOURCE,
};

static void field_set(struct authorize_params *params, enum field field, str value) {
    str *const fields[] = {
        [RESPONSE_TYPE] = &params->response_type,
        [RESPONSE_MODE] = &params->response_mode,
        [SCOPE] = &params->scope,
        [NONCE] = &params->nonce,
        [CHALLENGE] = &params->code_challenge,
        [METHOD] = &params->code_challenge_method,
        [PROMPT] = &params->prompt,
        [MAX_AGE] = &params->max_age,
        [RESOURCE] = &params->resource,
    };
    *fields[field] = value;
}

static void every_other_error_goes_to_the_client(void **state) {
    struct fixture *f = *state;
    static const struct {
        enum field field;
        const char *value;
        enum fault_kind fault;
    } cases[] = {
        {RESPONSE_TYPE, NULL, FAULT_INVALID_REQUEST},
        {RESPONSE_TYPE, "token", FAULT_UNSUPPORTED_RESPONSE_TYPE},
        {RESPONSE_TYPE, "code id_token", FAULT_UNSUPPORTED_RESPONSE_TYPE},
        {RESPONSE_MODE, "fragment", FAULT_INVALID_REQUEST},
        {SCOPE, "openid  email", FAULT_INVALID_SCOPE},
        {SCOPE, "openid admin", FAULT_INVALID_SCOPE},  /* not among the client's */
        {NONCE, "line\nbreak", FAULT_INVALID_REQUEST}, /* a record cannot hold it */
        {NONCE, "\x7f", FAULT_INVALID_REQUEST},
        {CHALLENGE, NULL, FAULT_INVALID_REQUEST}, /* attack class 5 */
        {CHALLENGE, "short", FAULT_INVALID_REQUEST},
        {METHOD, NULL, FAULT_INVALID_REQUEST},
        {METHOD, "plain", FAULT_INVALID_REQUEST},
        {METHOD, "s256", FAULT_INVALID_REQUEST},
        {PROMPT, "none login", FAULT_INVALID_REQUEST},
        {PROMPT, "create", FAULT_INVALID_REQUEST},
        {MAX_AGE, "-1", FAULT_INVALID_REQUEST},
        {MAX_AGE, "1e3", FAULT_INVALID_REQUEST},
        {MAX_AGE, "99999999999999999999", FAULT_INVALID_REQUEST},
        {RESOURCE, "https://elsewhere.example.com", FAULT_INVALID_TARGET},
        {RESOURCE, "", FAULT_INVALID_TARGET},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct authorize_params params = good_params();
        struct authorize_request r;
        struct fault fault = {0};
        bool may_redirect = false;
        field_set(&params, cases[i].field, str_c(cases[i].value));
        assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                     cases[i].fault);
        assert_true(may_redirect);
        assert_str(r.redirect_uri, STR(FIXTURE_REDIRECT));
        assert_str(r.state, STR("af0ifjsldkj"));
    }
}

static void repeated_and_unsupported_parameters_are_refused(void **state) {
    struct fixture *f = *state;
    struct authorize_params params = good_params();
    struct authorize_request r;
    struct fault fault = {0};
    bool may_redirect = false;
    params.repeated = STR("scope");
    assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                 FAULT_INVALID_REQUEST);
    params = good_params();
    params.has_request = true;
    assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                 FAULT_REQUEST_NOT_SUPPORTED);
    params = good_params();
    params.has_request_uri = true;
    assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                 FAULT_REQUEST_URI_NOT_SUPPORTED);
    params = good_params();
    params.has_registration = true;
    assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                 FAULT_REGISTRATION_NOT_SUPPORTED);
    assert_true(may_redirect);
}

static void a_client_without_the_code_grant_is_unauthorized(void **state) {
    struct fixture *f = *state;
    struct authorize_params params = good_params();
    struct authorize_request r;
    struct fault fault = {0};
    bool may_redirect = false;
    struct client client = fixture_client(f, FIXTURE_WEB);
    client.grants = CLIENT_GRANT_CLIENT_CREDENTIALS;
    OK(store_client_put(f->flow.store, &client, &f->call.error));
    params.client_id = STR(FIXTURE_WEB);
    assert_fault(authorize_parse(&f->call, &params, &r, &may_redirect, &fault), fault,
                 FAULT_UNAUTHORIZED_CLIENT);
}

/* --- the state machine --------------------------------------------------------------------- */

static void the_next_step_follows_from_session_and_proof_alone(void **state) {
    (void)state;
    const struct signed_in in = {.session = {.auth_time_ms = FIXTURE_START_MS}};
    const int64_t later_ms = FIXTURE_START_MS + 100 * 1000;
    enum { NOBODY, SESSION };
    enum { OURS, FOREIGN };
    static const struct {
        int who;
        int client;
        unsigned prompt;
        int64_t max_age_s; /* -1: none */
        enum authorize_proof proof;
        enum authorize_step step;
        enum fault_kind fault;
    } cases[] = {
        /* nobody is signed in: no proof but a session counts */
        {NOBODY, OURS, 0, -1, PROOF_NONE, AUTHORIZE_SIGN_IN, FAULT_NONE},
        {NOBODY, OURS, 0, -1, PROOF_SIGNED_IN, AUTHORIZE_SIGN_IN, FAULT_NONE},
        {NOBODY, OURS, 0, -1, PROOF_CONSENTED, AUTHORIZE_SIGN_IN, FAULT_NONE},
        {NOBODY, OURS, PROMPT_NONE, -1, PROOF_NONE, AUTHORIZE_REFUSE, FAULT_LOGIN_REQUIRED},
        /* signed in */
        {SESSION, OURS, 0, -1, PROOF_NONE, AUTHORIZE_GRANT, FAULT_NONE},
        {SESSION, OURS, PROMPT_NONE, -1, PROOF_NONE, AUTHORIZE_GRANT, FAULT_NONE},
        {SESSION, OURS, PROMPT_LOGIN, -1, PROOF_NONE, AUTHORIZE_SIGN_IN, FAULT_NONE},
        {SESSION, OURS, PROMPT_LOGIN, -1, PROOF_SIGNED_IN, AUTHORIZE_GRANT, FAULT_NONE},
        {SESSION, OURS, PROMPT_SELECT_ACCOUNT, -1, PROOF_NONE, AUTHORIZE_SIGN_IN, FAULT_NONE},
        /* max_age: the session is 100 seconds old */
        {SESSION, OURS, 0, 100, PROOF_NONE, AUTHORIZE_GRANT, FAULT_NONE},
        {SESSION, OURS, 0, 99, PROOF_NONE, AUTHORIZE_SIGN_IN, FAULT_NONE},
        {SESSION, OURS, 0, 0, PROOF_SIGNED_IN, AUTHORIZE_GRANT, FAULT_NONE},
        {SESSION, OURS, PROMPT_NONE, 99, PROOF_NONE, AUTHORIZE_REFUSE, FAULT_LOGIN_REQUIRED},
        /* consent: attack class 55 */
        {SESSION, FOREIGN, 0, -1, PROOF_NONE, AUTHORIZE_CONSENT, FAULT_NONE},
        {SESSION, FOREIGN, 0, -1, PROOF_SIGNED_IN, AUTHORIZE_CONSENT, FAULT_NONE},
        {SESSION, FOREIGN, 0, -1, PROOF_CONSENTED, AUTHORIZE_GRANT, FAULT_NONE},
        {SESSION, FOREIGN, 0, -1, PROOF_REFUSED, AUTHORIZE_REFUSE, FAULT_ACCESS_DENIED},
        {SESSION, FOREIGN, PROMPT_NONE, -1, PROOF_NONE, AUTHORIZE_REFUSE, FAULT_CONSENT_REQUIRED},
        {SESSION, OURS, PROMPT_CONSENT, -1, PROOF_NONE, AUTHORIZE_CONSENT, FAULT_NONE},
        {SESSION, OURS, PROMPT_LOGIN | PROMPT_CONSENT, -1, PROOF_NONE, AUTHORIZE_SIGN_IN,
         FAULT_NONE},
        {SESSION, OURS, PROMPT_LOGIN | PROMPT_CONSENT, -1, PROOF_SIGNED_IN, AUTHORIZE_CONSENT,
         FAULT_NONE},
        {SESSION, OURS, PROMPT_LOGIN | PROMPT_CONSENT, -1, PROOF_CONSENTED, AUTHORIZE_GRANT,
         FAULT_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fault fault = {0};
        struct authorize_request r = {
            .client = {.is_first_party = cases[i].client == OURS},
            .prompt = cases[i].prompt,
            .has_max_age = cases[i].max_age_s >= 0,
            .max_age_s = cases[i].max_age_s,
        };
        enum authorize_step step = authorize_next(&r, cases[i].who == SESSION ? &in : NULL,
                                                  cases[i].proof, later_ms, &fault);
        if (step != cases[i].step || fault.kind != cases[i].fault) {
            fail_msg("case %zu: step %d, fault %s", i, (int)step, fault_code(fault.kind));
        }
    }
}

static void an_account_that_changed_in_the_meantime_gets_no_code(void **state) {
    struct fixture *f = *state;
    struct authorize_params params = good_params();
    struct authorize_request r;
    struct fault fault = {0};
    bool may_redirect;
    str code;
    OK(authorize_parse(&f->call, &params, &r, &may_redirect, &fault));
    struct signed_in in = fixture_sign_in(f);
    OK(store_user_revoke(f->flow.store, f->alice.id, f->call.now_ms, &f->call.error));
    assert_fault(authorize_grant(&f->call, &r, &in, &code, &fault), fault, FAULT_LOGIN_REQUIRED);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_good_request_is_understood),
        TEST(without_a_known_target_nothing_is_redirected),
        TEST(a_disabled_client_is_an_unknown_one),
        TEST(every_other_error_goes_to_the_client),
        TEST(repeated_and_unsupported_parameters_are_refused),
        TEST(a_client_without_the_code_grant_is_unauthorized),
        cmocka_unit_test(the_next_step_follows_from_session_and_proof_alone),
        TEST(an_account_that_changed_in_the_meantime_gets_no_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
