/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "server/ops/rate_limit.h"

static const struct hash_key key = {7, 9};
static const struct rate_rule rules[RATE_CLASS_COUNT] = {
    [RATE_LOGIN] = {.per_minute = 60, .burst = 3},
    [RATE_TOKEN] = {.per_minute = 6, .burst = 0}, /* counts as 1 */
};

#define SECOND UINT64_C(1000000000)

static struct rate_limit *make(void) {
    struct rate_limit *limit = NULL;
    assert_ok(rate_limit_new(rules, &key, &limit));
    return limit;
}

static bool take(struct rate_limit *limit, const char *address, enum rate_class rate,
                 uint64_t now) {
    unsigned ignored = 0;
    return rate_limit_take(limit, address, rate, now, &ignored);
}

static void a_burst_passes_then_the_rate_holds(void **state) {
    IGNORE(state);
    struct rate_limit *limit = make();
    uint64_t now = 100 * SECOND;
    unsigned retry = 0;
    for (int i = 0; i < 3; i++) {
        assert_true(take(limit, "192.0.2.1", RATE_LOGIN, now));
    }
    assert_false(rate_limit_take(limit, "192.0.2.1", RATE_LOGIN, now, &retry));
    assert_int_equal(retry, 1);
    assert_false(take(limit, "192.0.2.1", RATE_LOGIN, now + SECOND - 1));
    assert_true(take(limit, "192.0.2.1", RATE_LOGIN, now + SECOND));
    assert_false(take(limit, "192.0.2.1", RATE_LOGIN, now + SECOND));
    now += 1000 * SECOND; /* full again, but never fuller than the burst */
    for (int i = 0; i < 3; i++) {
        assert_true(take(limit, "192.0.2.1", RATE_LOGIN, now));
    }
    assert_false(take(limit, "192.0.2.1", RATE_LOGIN, now));
    rate_limit_free(limit);
}

static void waiting_time_is_told(void **state) {
    IGNORE(state);
    struct rate_limit *limit = make();
    unsigned retry = 0;
    assert_true(rate_limit_take(limit, "192.0.2.1", RATE_TOKEN, SECOND, &retry));
    assert_false(rate_limit_take(limit, "192.0.2.1", RATE_TOKEN, SECOND, &retry));
    assert_int_equal(retry, 10);
    assert_false(rate_limit_take(limit, "192.0.2.1", RATE_TOKEN, SECOND * 7 / 2, &retry));
    assert_int_equal(retry, 8); /* 7.5 s, rounded up */
    assert_true(take(limit, "192.0.2.1", RATE_TOKEN, 11 * SECOND));
    rate_limit_free(limit);
}

static void refused_requests_do_not_prolong_the_wait(void **state) {
    IGNORE(state);
    struct rate_limit *limit = make();
    assert_true(take(limit, "192.0.2.1", RATE_TOKEN, SECOND));
    for (int i = 0; i < 1000; i++) {
        assert_false(take(limit, "192.0.2.1", RATE_TOKEN, 2 * SECOND));
    }
    assert_true(take(limit, "192.0.2.1", RATE_TOKEN, 11 * SECOND));
    rate_limit_free(limit);
}

static void clients_and_classes_are_told_apart(void **state) {
    IGNORE(state);
    static const struct {
        const char *first;
        const char *second;
        bool is_same;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1", "::ffff:192.0.2.1", true},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true}, /* one /64 */
        {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
        {"2001:db8:1:2::1", "2001:0db8:0001:0002:0000::1", true},
        {"not an address", "not an address", true},
        {"not an address", "another", false},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rate_limit *limit = make();
        assert_true(take(limit, rows[i].first, RATE_TOKEN, SECOND));
        assert_int_equal(take(limit, rows[i].second, RATE_TOKEN, SECOND), !rows[i].is_same);
        assert_true(take(limit, rows[i].first, RATE_LOGIN, SECOND)); /* a bucket of its own */
        rate_limit_free(limit);
    }
}

static void classes_without_rule_are_free(void **state) {
    IGNORE(state);
    struct rate_limit *limit = make();
    for (int i = 0; i < 1000; i++) {
        assert_true(take(limit, "192.0.2.1", RATE_DEFAULT, SECOND));
    }
    const struct rate_rule stricter[RATE_CLASS_COUNT] = {[RATE_DEFAULT] = {1, 1}};
    rate_limit_set_rules(limit, stricter);
    assert_true(take(limit, "192.0.2.1", RATE_DEFAULT, SECOND));
    assert_false(take(limit, "192.0.2.1", RATE_DEFAULT, SECOND));
    assert_true(take(limit, "192.0.2.1", RATE_TOKEN, SECOND));
    assert_true(take(limit, "192.0.2.1", RATE_TOKEN, SECOND)); /* no longer limited */
    rate_limit_free(limit);
}

static void many_clients_do_not_break_the_limit_of_a_busy_one(void **state) {
    IGNORE(state);
    struct rate_limit *limit = make();
    uint64_t now = SECOND;
    for (int i = 0; i < 3; i++) {
        assert_true(take(limit, "192.0.2.1", RATE_LOGIN, now));
    }
    for (unsigned i = 0; i < 2000; i++) { /* one request each: nearer to full than the busy one */
        char address[32];
        snprintf(address, sizeof address, "10.%u.%u.1", i / 250, i % 250);
        assert_true(take(limit, address, RATE_LOGIN, now));
    }
    assert_false(take(limit, "192.0.2.1", RATE_LOGIN, now));
    rate_limit_free(limit);
}

enum { THREADS = 4, TRIES = 5000 };

struct racer {
    struct rate_limit *limit;
    atomic_uint *passed;
    pthread_t thread;
};

static void *race(void *ptr) {
    struct racer *racer = ptr;
    for (int i = 0; i < TRIES; i++) {
        if (take(racer->limit, "192.0.2.1", RATE_LOGIN, SECOND)) {
            atomic_fetch_add(racer->passed, 1);
        }
    }
    return NULL;
}

static void threads_share_one_bucket(void **state) {
    IGNORE(state);
    struct rate_limit *limit = make();
    atomic_uint passed = 0;
    struct racer racers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.limit = limit, .passed = &passed};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
    }
    assert_int_equal(passed, 3);
    rate_limit_free(limit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_then_the_rate_holds),
        cmocka_unit_test(waiting_time_is_told),
        cmocka_unit_test(refused_requests_do_not_prolong_the_wait),
        cmocka_unit_test(clients_and_classes_are_told_apart),
        cmocka_unit_test(classes_without_rule_are_free),
        cmocka_unit_test(many_clients_do_not_break_the_limit_of_a_busy_one),
        cmocka_unit_test(threads_share_one_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
