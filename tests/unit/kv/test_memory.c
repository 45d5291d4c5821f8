/* SPDX-License-Identifier: Apache-2.0 */
#include "kv/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <pthread.h>

struct fixture {
    struct arena arena;
    uint64_t now_ms;
    struct kv *kv;
};

static uint64_t clock_now(void *ctx) {
    return ((struct fixture *)ctx)->now_ms;
}

static struct kv *store_new(struct fixture *f, size_t max_bytes, unsigned shards) {
    struct kv_memory_config config = {
        .max_bytes = max_bytes, .shards = shards, .now_ms = clock_now, .ctx = f};
    struct kv *kv = NULL;
    assert_int_equal(kv_memory_new(&config, &kv), ERR_OK);
    assert_false(kv->may_block);
    return kv;
}

static int setup(void **state) {
    struct fixture *f = test_calloc(1, sizeof *f);
    arena_init(&f->arena, allocator_libc(), 16u << 20);
    f->now_ms = 1000;
    f->kv = store_new(f, 0, 0);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    arena_done(&f->arena);
    test_free(f);
    return 0;
}

static void assert_value(struct fixture *f, str key, str expected) {
    str value;
    assert_int_equal(kv_get(f->kv, &f->arena, key, &value), ERR_OK);
    assert_int_equal(value.len, expected.len);
    assert_memory_equal(value.ptr, expected.ptr, expected.len);
}

static void assert_absent(struct fixture *f, str key) {
    str value = STR("untouched");
    assert_int_equal(kv_get(f->kv, &f->arena, key, &value), ERR_NOT_FOUND);
    assert_true(str_equal(value, STR("untouched")));
}

static struct kv_stats stats_of(struct kv *kv) {
    struct kv_stats stats;
    kv_stats_get(kv, &stats);
    return stats;
}

static str numbered(char text[32], const char *prefix, unsigned number) {
    int len = snprintf(text, 32, "%s:%u", prefix, number);
    return str_make(text, (size_t)len);
}

static void values_are_kept_replaced_and_removed(void **state) {
    struct fixture *f = *state;
    assert_absent(f, STR("a"));
    assert_int_equal(kv_set(f->kv, STR("a"), STR("one"), 1000), ERR_OK);
    assert_int_equal(kv_set(f->kv, STR("b"), STR(""), 1000), ERR_OK);
    assert_value(f, STR("a"), STR("one"));
    assert_value(f, STR("b"), STR(""));
    assert_int_equal(kv_set(f->kv, STR("a"), STR("another"), 1000), ERR_OK);
    assert_value(f, STR("a"), STR("another"));
    assert_int_equal(kv_remove(f->kv, STR("a")), ERR_OK);
    assert_int_equal(kv_remove(f->kv, STR("a")), ERR_OK);
    assert_absent(f, STR("a"));
    assert_int_equal(stats_of(f->kv).entries, 1);
}

static void keys_and_values_are_bytes(void **state) {
    struct fixture *f = *state;
    str one = str_make("k\0x", 3), other = str_make("k\0y", 3);
    assert_int_equal(kv_set(f->kv, one, str_make("\0\xff", 2), 1000), ERR_OK);
    assert_absent(f, other);
    assert_absent(f, STR("k"));
    assert_value(f, one, str_make("\0\xff", 2));
}

static void a_value_is_a_copy(void **state) {
    struct fixture *f = *state;
    char bytes[] = "first";
    assert_int_equal(kv_set(f->kv, STR("a"), str_make(bytes, 5), 1000), ERR_OK);
    bytes[0] = 'X';
    str value;
    assert_int_equal(kv_get(f->kv, &f->arena, STR("a"), &value), ERR_OK);
    assert_int_equal(kv_set(f->kv, STR("a"), STR("second"), 1000), ERR_OK);
    assert_memory_equal(value.ptr, "first", 5);
}

static void a_value_is_gone_when_its_time_is_over(void **state) {
    struct fixture *f = *state;
    assert_int_equal(kv_set(f->kv, STR("a"), STR("v"), 500), ERR_OK);
    f->now_ms += 499;
    assert_value(f, STR("a"), STR("v"));
    f->now_ms += 1;
    assert_absent(f, STR("a"));
    assert_int_equal(stats_of(f->kv).entries, 0);
    /* Setting again starts a new life. */
    assert_int_equal(kv_set(f->kv, STR("a"), STR("v"), 500), ERR_OK);
    f->now_ms += 400;
    assert_int_equal(kv_set(f->kv, STR("a"), STR("w"), 500), ERR_OK);
    f->now_ms += 400;
    assert_value(f, STR("a"), STR("w"));
}

static void adding_works_only_once(void **state) {
    struct fixture *f = *state;
    assert_int_equal(kv_add(f->kv, STR("a"), STR("one"), 500), ERR_OK);
    assert_int_equal(kv_add(f->kv, STR("a"), STR("two"), 500), ERR_EXISTS);
    assert_value(f, STR("a"), STR("one"));
    f->now_ms += 500;
    assert_int_equal(kv_add(f->kv, STR("a"), STR("two"), 500), ERR_OK);
    assert_value(f, STR("a"), STR("two"));
}

static void assert_count(struct fixture *f, uint64_t amount, uint64_t value, uint64_t resets_in) {
    struct kv_count count;
    assert_int_equal(kv_increment(f->kv, STR("rate:a"), amount, 1000, &count), ERR_OK);
    assert_int_equal(count.value, value);
    assert_int_equal(count.resets_in_ms, resets_in);
}

static void a_counter_counts_in_its_window(void **state) {
    struct fixture *f = *state;
    assert_count(f, 0, 0, 0); /* reading makes none */
    assert_int_equal(stats_of(f->kv).entries, 0);
    assert_count(f, 1, 1, 1000);
    f->now_ms += 300;
    assert_count(f, 2, 3, 700);
    assert_count(f, 0, 3, 700);
    f->now_ms += 699;
    assert_count(f, 1, 4, 1);
    f->now_ms += 1;
    assert_count(f, 0, 0, 0);
    assert_count(f, 1, 1, 1000);
}

static void a_counter_stops_at_the_largest_value(void **state) {
    struct fixture *f = *state;
    assert_count(f, UINT64_MAX - 1, UINT64_MAX - 1, 1000);
    assert_count(f, 5, UINT64_MAX, 1000);
    assert_count(f, UINT64_MAX, UINT64_MAX, 1000);
}

static void counters_and_values_do_not_mix(void **state) {
    struct fixture *f = *state;
    struct kv_count count = {7, 7};
    str value;
    assert_int_equal(kv_set(f->kv, STR("v"), STR("x"), 1000), ERR_OK);
    assert_int_equal(kv_increment(f->kv, STR("v"), 1, 1000, &count), ERR_TYPE);
    assert_int_equal(count.value, 7);
    assert_int_equal(kv_increment(f->kv, STR("c"), 1, 1000, &count), ERR_OK);
    assert_int_equal(kv_get(f->kv, &f->arena, STR("c"), &value), ERR_TYPE);
    assert_int_equal(kv_add(f->kv, STR("c"), STR("x"), 1000), ERR_EXISTS);
    assert_int_equal(kv_set(f->kv, STR("c"), STR("x"), 1000), ERR_OK);
    assert_value(f, STR("c"), STR("x"));
}

static void arguments_outside_the_limits_are_refused(void **state) {
    struct fixture *f = *state;
    static const char bytes[KV_VALUE_MAX + 1];
    str long_key = str_make(bytes, KV_KEY_MAX + 1), value;
    struct kv_count count;
    assert_int_equal(kv_set(f->kv, STR(""), STR("x"), 1), ERR_RANGE);
    assert_int_equal(kv_set(f->kv, (str){0}, STR("x"), 1), ERR_RANGE);
    assert_int_equal(kv_set(f->kv, long_key, STR("x"), 1), ERR_RANGE);
    assert_int_equal(kv_set(f->kv, STR("k"), STR("x"), 0), ERR_RANGE);
    assert_int_equal(kv_set(f->kv, STR("k"), STR("x"), KV_TTL_MAX_MS + 1), ERR_RANGE);
    assert_int_equal(kv_set(f->kv, STR("k"), str_make(bytes, sizeof bytes), 1), ERR_LIMIT);
    assert_int_equal(kv_get(f->kv, &f->arena, long_key, &value), ERR_RANGE);
    assert_int_equal(kv_remove(f->kv, STR("")), ERR_RANGE);
    assert_int_equal(kv_increment(f->kv, long_key, 1, 1, &count), ERR_RANGE);
    assert_int_equal(kv_increment(f->kv, STR("k"), 1, 0, &count), ERR_RANGE);
    assert_int_equal(
        kv_set(f->kv, str_make(bytes, KV_KEY_MAX), str_make(bytes, KV_VALUE_MAX), KV_TTL_MAX_MS),
        ERR_OK);
    assert_int_equal(stats_of(f->kv).entries, 1);
}

static void sizes_of_the_store_are_checked(void **state) {
    struct fixture *f = *state;
    static const struct {
        size_t max_bytes;
        unsigned shards;
    } cases[] = {{0, 3}, {0, 512}, {2047, 1}, {16 * 2048 - 1, 0}, {1, 0}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct kv_memory_config config = {
            .max_bytes = cases[i].max_bytes, .shards = cases[i].shards, .now_ms = clock_now};
        struct kv *kv = NULL;
        assert_int_equal(kv_memory_new(&config, &kv), ERR_RANGE);
        assert_null(kv);
    }
    kv_free(store_new(f, 2048, 1));
    kv_free(NULL);
}

static void memory_stays_under_its_bound(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 64 * 1024, 4);
    char key[32];
    static const char value[100];
    for (unsigned i = 0; i < 20000; i++) {
        assert_int_equal(kv_set(f->kv, numbered(key, "k", i), str_make(value, sizeof value), 9000),
                         ERR_OK);
        assert_true(stats_of(f->kv).bytes <= 64 * 1024);
    }
    struct kv_stats stats = stats_of(f->kv);
    assert_true(stats.entries > 100);
    assert_int_equal(stats.entries + stats.evictions, 20000);
    assert_value(f, numbered(key, "k", 19999), str_make(value, sizeof value));
    assert_absent(f, numbered(key, "k", 0));
}

/* The table grows into the same budget as the entry that makes it grow. */
static void the_bound_holds_for_every_size(void **state) {
    struct fixture *f = *state;
    char key[32];
    static const char value[100];
    for (size_t max_bytes = 8 * 1024; max_bytes < 32 * 1024; max_bytes += 64) {
        kv_free(f->kv);
        f->kv = store_new(f, max_bytes, 1);
        for (unsigned i = 0; i < 200; i++) {
            assert_int_equal(
                kv_set(f->kv, numbered(key, "k", i), str_make(value, sizeof value), 9000), ERR_OK);
            assert_true(stats_of(f->kv).bytes <= max_bytes);
        }
    }
}

static void what_is_used_stays_longer(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 16 * 1024, 1);
    char key[32];
    assert_int_equal(kv_set(f->kv, STR("hot"), STR("v"), 9000), ERR_OK);
    for (unsigned i = 0; i < 2000; i++) {
        assert_int_equal(kv_set(f->kv, numbered(key, "cold", i), STR("v"), 9000), ERR_OK);
        assert_value(f, STR("hot"), STR("v"));
    }
    assert_true(stats_of(f->kv).evictions > 1000);
}

/* Threat class 29: filling the cache must not reset a rate limit. */
static void values_do_not_push_counters_out(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 16 * 1024, 1);
    assert_count(f, 5, 5, 1000);
    char key[32];
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(kv_set(f->kv, numbered(key, "k", i), STR("value"), 9000), ERR_OK);
    }
    assert_count(f, 1, 6, 1000);
}

static void counters_alone_are_bounded_too(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 16 * 1024, 1);
    char key[32];
    struct kv_count count;
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(kv_increment(f->kv, numbered(key, "c", i), 1, 9000, &count), ERR_OK);
        assert_true(stats_of(f->kv).bytes <= 16 * 1024);
    }
    assert_int_equal(kv_increment(f->kv, numbered(key, "c", 4999), 0, 9000, &count), ERR_OK);
    assert_int_equal(count.value, 1);
}

static void expired_entries_leave_before_live_ones(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 16 * 1024, 1);
    char key[32];
    struct kv_count count;
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(kv_set(f->kv, numbered(key, "old", i), STR("v"), 10), ERR_OK);
        assert_int_equal(kv_increment(f->kv, numbered(key, "c", i), 1, 10, &count), ERR_OK);
    }
    f->now_ms += 10;
    /* Each insertion looks at some more of the old ones; none of them is asked for. */
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(kv_set(f->kv, numbered(key, "new", i), STR("v"), 1000), ERR_OK);
    }
    struct kv_stats stats = stats_of(f->kv);
    assert_int_equal(stats.evictions, 0);
    assert_true(stats.entries < 60);
}

static void an_entry_larger_than_a_shard_is_refused_and_harms_nobody(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 8 * 1024, 1);
    static const char bytes[16 * 1024];
    assert_int_equal(kv_set(f->kv, STR("a"), STR("v"), 1000), ERR_OK);
    assert_int_equal(kv_set(f->kv, STR("b"), str_make(bytes, sizeof bytes), 1000), ERR_LIMIT);
    assert_value(f, STR("a"), STR("v"));
    assert_absent(f, STR("b"));
}

static void clearing_empties_everything(void **state) {
    struct fixture *f = *state;
    char key[32];
    size_t empty = stats_of(f->kv).bytes;
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(kv_set(f->kv, numbered(key, "k", i), STR("v"), 1000), ERR_OK);
    }
    assert_count(f, 1, 1, 1000);
    assert_int_equal(stats_of(f->kv).entries, 101);
    assert_int_equal(kv_clear(f->kv), ERR_OK);
    assert_int_equal(stats_of(f->kv).entries, 0);
    assert_int_equal(stats_of(f->kv).bytes, empty);
    assert_count(f, 1, 1, 1000);
}

static void hits_and_misses_are_counted(void **state) {
    struct fixture *f = *state;
    assert_int_equal(kv_set(f->kv, STR("a"), STR("v"), 1000), ERR_OK);
    struct kv_stats before = stats_of(f->kv);
    assert_value(f, STR("a"), STR("v"));
    assert_absent(f, STR("b"));
    assert_absent(f, STR("c"));
    struct kv_stats after = stats_of(f->kv);
    assert_int_equal(after.hits - before.hits, 1);
    assert_int_equal(after.misses - before.misses, 2);
}

static void a_full_arena_is_the_callers_failure_not_absence(void **state) {
    struct fixture *f = *state;
    assert_int_equal(kv_set(f->kv, STR("a"), STR("a long enough value"), 1000), ERR_OK);
    struct arena tiny;
    arena_init(&tiny, allocator_libc(), 8);
    str value;
    assert_int_equal(kv_get(f->kv, &tiny, STR("a"), &value), ERR_LIMIT);
    arena_done(&tiny);
}

enum { THREADS = 4, ROUNDS = 4000 };

/* Counts on one shared key and churns keys of its own; the first failure is handed back. */
static void *hammer(void *arg) {
    struct kv *kv = arg;
    struct arena a;
    arena_init(&a, allocator_libc(), 1u << 20);
    uintptr_t result = ERR_OK;
    for (unsigned i = 0; i < ROUNDS && result == ERR_OK; i++) {
        char key[32];
        struct kv_count count;
        str value;
        str name = numbered(key, "k", i % 200);
        result = kv_increment(kv, STR("shared"), 1, 1000, &count);
        err set = kv_set(kv, name, name, 1000);
        err get = kv_get(kv, &a, name, &value);
        bool is_good =
            set == ERR_OK && (get == ERR_NOT_FOUND || (get == ERR_OK && str_equal(value, name)));
        if (i % 7 == 0 && kv_remove(kv, name) != ERR_OK) {
            is_good = false;
        }
        if (!is_good) {
            result = ERR_INTERNAL;
        }
        arena_clear(&a);
    }
    arena_done(&a);
    return (void *)result;
}

static void threads_share_one_store_without_losing_counts(void **state) {
    struct fixture *f = *state;
    kv_free(f->kv);
    f->kv = store_new(f, 32 * 1024, 4);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, f->kv), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_int_equal((uintptr_t)result, ERR_OK);
    }
    struct kv_count count;
    assert_int_equal(kv_increment(f->kv, STR("shared"), 0, 1000, &count), ERR_OK);
    assert_int_equal(count.value, THREADS * ROUNDS);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(values_are_kept_replaced_and_removed),
        STORE_TEST(keys_and_values_are_bytes),
        STORE_TEST(a_value_is_a_copy),
        STORE_TEST(a_value_is_gone_when_its_time_is_over),
        STORE_TEST(adding_works_only_once),
        STORE_TEST(a_counter_counts_in_its_window),
        STORE_TEST(a_counter_stops_at_the_largest_value),
        STORE_TEST(counters_and_values_do_not_mix),
        STORE_TEST(arguments_outside_the_limits_are_refused),
        STORE_TEST(sizes_of_the_store_are_checked),
        STORE_TEST(memory_stays_under_its_bound),
        STORE_TEST(the_bound_holds_for_every_size),
        STORE_TEST(what_is_used_stays_longer),
        STORE_TEST(values_do_not_push_counters_out),
        STORE_TEST(counters_alone_are_bounded_too),
        STORE_TEST(expired_entries_leave_before_live_ones),
        STORE_TEST(an_entry_larger_than_a_shard_is_refused_and_harms_nobody),
        STORE_TEST(clearing_empties_everything),
        STORE_TEST(hits_and_misses_are_counted),
        STORE_TEST(a_full_arena_is_the_callers_failure_not_absence),
        STORE_TEST(threads_share_one_store_without_losing_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
