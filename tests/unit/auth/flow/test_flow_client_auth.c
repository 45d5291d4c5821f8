/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/client_auth.h"

#include "tests/unit/auth/flow/fixture.h"

#define NONE \
    { NULL, 0 }

static void clients_are_let_in_by_the_right_secret_only(void **state) {
    struct fixture *f = *state;
    static const struct {
        struct client_credentials in;
        enum fault_kind fault; /* FAULT_NONE: let in */
    } cases[] = {
        {{STR_INIT("web"), STR_INIT(FIXTURE_SECRET), NONE, NONE}, FAULT_NONE},
        {{NONE, NONE, STR_INIT("web"), STR_INIT(FIXTURE_SECRET)}, FAULT_NONE},
        {{STR_INIT("web"), STR_INIT(FIXTURE_SECRET), STR_INIT("web"), NONE}, FAULT_NONE},
        {{NONE, NONE, STR_INIT("app"), NONE}, FAULT_NONE},
        {{STR_INIT("app"), STR_INIT(""), NONE, NONE}, FAULT_NONE},
        /* wrong, missing, or not given to this client */
        {{STR_INIT("web"), STR_INIT("wrong"), NONE, NONE}, FAULT_INVALID_CLIENT},
        {{STR_INIT("web"), STR_INIT(""), NONE, NONE}, FAULT_INVALID_CLIENT},
        {{NONE, NONE, STR_INIT("web"), NONE}, FAULT_INVALID_CLIENT},
        {{NONE, NONE, STR_INIT("app"), STR_INIT("anything")}, FAULT_INVALID_CLIENT},
        {{NONE, NONE, STR_INIT("nobody"), STR_INIT("x")}, FAULT_INVALID_CLIENT},
        {{NONE, NONE, NONE, NONE}, FAULT_INVALID_CLIENT},
        {{NONE, NONE, NONE, STR_INIT(FIXTURE_SECRET)}, FAULT_INVALID_CLIENT},
        /* RFC 6749 §2.3: one method per request */
        {{STR_INIT("web"), STR_INIT(FIXTURE_SECRET), STR_INIT("web"), STR_INIT(FIXTURE_SECRET)},
         FAULT_INVALID_REQUEST},
        {{STR_INIT("web"), STR_INIT(FIXTURE_SECRET), STR_INIT("app"), NONE}, FAULT_INVALID_REQUEST},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct client client;
        struct fault fault = {0};
        err e = client_authenticate(&f->call, &cases[i].in, &client, &fault);
        if (e != (cases[i].fault == FAULT_NONE ? ERR_OK : ERR_DENIED) ||
            fault.kind != cases[i].fault) {
            fail_msg("case %zu: %s, %s", i, err_name(e), fault_code(fault.kind));
        }
    }
}

static void a_disabled_client_is_refused(void **state) {
    struct fixture *f = *state;
    struct client client = fixture_client(f, FIXTURE_WEB);
    struct fault fault = {0};
    const struct client_credentials in = {.body_id = STR(FIXTURE_WEB),
                                          .body_secret = STR(FIXTURE_SECRET)};
    client.is_enabled = false;
    OK(store_client_put(f->flow.store, &client, &f->call.error));
    assert_fault(client_authenticate(&f->call, &in, &client, &fault), fault, FAULT_INVALID_CLIENT);
}

static err store_is_down(void *ctx, const char *operation) {
    (void)ctx;
    (void)operation;
    return ERR_IO;
}

static void a_store_that_fails_is_not_an_unknown_client(void **state) {
    struct fixture *f = *state;
    struct client client;
    struct fault fault = {0};
    const struct client_credentials in = {.body_id = STR(FIXTURE_APP)};
    store_set_fault(f->flow.store, store_is_down, NULL);
    assert_int_equal(client_authenticate(&f->call, &in, &client, &fault), ERR_IO);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(clients_are_let_in_by_the_right_secret_only),
        TEST(a_disabled_client_is_refused),
        TEST(a_store_that_fails_is_not_an_unknown_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
