/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/throttle.h"

#include "tests/unit/auth/flow/fixture.h"

static void addresses_count_by_their_network(void **state) {
    (void)state;
    static const struct {
        const char *address;
        const char *network;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8::1", "2001:db8::/64"},
        {"::1", "::/64"},
        {"", ""},
        {"::ffff:192.0.2.7", "::ffff:192.0.2.7"}, /* one address, not a network */
        {"not:an:address", "not:an:address"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[THROTTLE_NETWORK_MAX];
        assert_str(throttle_network(str_c(cases[i].address), out), str_c(cases[i].network));
    }
}

static void delays_double_up_to_the_maximum(void **state) {
    struct fixture *f = *state;
    static const unsigned waits[] = {1, 2, 4, 8, 16, 32, 60, 60};
    struct fault fault = {0};
    for (uint64_t i = 0; i < f->flow.settings.throttle_free; i++) {
        OK(throttle_claim(&f->call, STR("a"), &fault));
    }
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        OK(throttle_claim(&f->call, STR("a"), &fault));
        assert_fault(throttle_claim(&f->call, STR("a"), &fault), fault, FAULT_THROTTLED);
        assert_int_equal(fault.retry_after_s, waits[i]);
        /* asking early does not make it longer */
        assert_fault(throttle_claim(&f->call, STR("a"), &fault), fault, FAULT_THROTTLED);
        assert_int_equal(fault.retry_after_s, waits[i]);
        fixture_advance_s(f, waits[i]);
    }
    OK(throttle_claim(&f->call, STR("b"), &fault)); /* another account */
    fixture_advance_s(f, (int64_t)f->flow.settings.throttle_window_s);
    OK(throttle_claim(&f->call, STR("a"), &fault)); /* forgotten */
    OK(throttle_claim(&f->call, STR("a"), &fault));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_count_by_their_network),
        TEST(delays_double_up_to_the_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
