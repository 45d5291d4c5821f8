/* SPDX-License-Identifier: Apache-2.0 */
/* Equality, order, sets, records, copies; sorting and the calendar below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cedar/value/civil.h"
#include "cedar/value/sort.h"
#include "cedar/value/value.h"

static const struct hash_key key = {1, 2};

struct values {
    struct arena arena;
    struct value all[32]; /* pairwise different, in order */
    size_t count;
};

static void add(struct values *v, struct value value) {
    v->all[v->count++] = value;
}

static struct value set_of(struct arena *a, const struct value *items, size_t count) {
    struct value set;
    assert_int_equal(value_set_make(a, items, count, &set), ERR_OK);
    return set;
}

static struct value record_of(struct arena *a, const char *name, struct value field) {
    struct value record;
    struct value_field fields[] = {{str_c(name), field}};
    assert_int_equal(value_record_make(a, fields, 1, &record), ERR_OK);
    return record;
}

static void values_init(struct values *v) {
    *v = (struct values){.count = 0};
    struct arena *a = &v->arena;
    arena_init(a, allocator_libc(), 1 << 20);
    static struct uid uids[3];
    uids[0] = uid_make(&key, STR("A"), STR("x"));
    uids[1] = uid_make(&key, STR("A"), STR("y"));
    uids[2] = uid_make(&key, STR("B"), STR("a"));
    static const struct ipaddr ips[] = {
        {.prefix = 8, .bytes = {10, 0, 0, 1}},
        {.prefix = 8, .bytes = {10, 0, 0, 2}},
        {.prefix = 9, .bytes = {10, 0, 0, 2}},
        {.is_v6 = true, .prefix = 8, .bytes = {10, 0, 0, 1}},
    };
    add(v, value_bool(false));
    add(v, value_bool(true));
    add(v, value_long(INT64_MIN));
    add(v, value_long(0));
    add(v, value_long(INT64_MAX));
    add(v, value_string(STR("")));
    add(v, value_string(STR("\0")));
    add(v, value_string(STR("a")));
    add(v, value_string(STR("ab")));
    add(v, value_string(STR("b")));
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        add(v, value_entity(&uids[i]));
    }
    struct value pair[] = {value_long(2), value_long(1)};
    add(v, set_of(a, NULL, 0));
    add(v, set_of(a, pair + 1, 1));
    add(v, set_of(a, pair, 2));
    add(v, set_of(a, pair, 1));
    struct value none;
    assert_int_equal(value_record_make(a, NULL, 0, &none), ERR_OK);
    add(v, none);
    add(v, record_of(a, "a", value_long(1)));
    add(v, record_of(a, "a", value_long(2)));
    add(v, record_of(a, "b", value_long(0)));
    add(v, (struct value){.kind = VALUE_DATETIME, .integer = 5});
    add(v, (struct value){.kind = VALUE_DECIMAL, .integer = 5});
    add(v, (struct value){.kind = VALUE_DURATION, .integer = 5});
    for (size_t i = 0; i < ARRAY_LEN(ips); i++) {
        add(v, (struct value){.kind = VALUE_IPADDR, .ip = &ips[i]});
    }
}

static int sign(int number) {
    return (number > 0) - (number < 0);
}

static void order_is_total_and_agrees_with_equality(void **state) {
    IGNORE(state);
    struct values v;
    values_init(&v);
    for (size_t i = 0; i < v.count; i++) {
        for (size_t j = 0; j < v.count; j++) {
            assert_int_equal(sign(value_compare(&v.all[i], &v.all[j])), (i > j) - (i < j));
            assert_int_equal(value_equal(&v.all[i], &v.all[j]), i == j);
        }
    }
    arena_done(&v.arena);
}

static void copies_are_equal_and_do_not_borrow(void **state) {
    IGNORE(state);
    struct values v;
    values_init(&v);
    struct arena other;
    arena_init(&other, allocator_libc(), 1 << 20);
    struct value all = set_of(&v.arena, v.all, v.count);
    struct value copy;
    assert_int_equal(value_copy(&other, &all, &copy), ERR_OK);
    assert_true(value_equal(&all, &copy));
    assert_int_equal(copy.set->count, v.count);
    arena_done(&v.arena);
    struct buf b; /* reads all of the copy, whose source is gone */
    buf_init_arena(&b, &other, 10000);
    value_format(&b, &copy);
    assert_int_equal(b.error, ERR_OK);
    arena_done(&other);
}

static void sets_are_sorted_and_distinct_whatever_the_input(void **state) {
    IGNORE(state);
    struct values v;
    values_init(&v);
    struct value items[96];
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        items[i] = v.all[i * 5 % v.count];
    }
    struct value set = set_of(&v.arena, items, ARRAY_LEN(items));
    assert_int_equal(set.set->count, v.count);
    for (size_t i = 0; i < v.count; i++) {
        assert_true(value_equal(&set.set->items[i], &v.all[i]));
        assert_true(value_set_contains(set.set, &v.all[i]));
    }
    struct value absent = value_long(17);
    assert_false(value_set_contains(set.set, &absent));
    arena_done(&v.arena);
}

static void records_are_sorted_and_refuse_a_name_twice(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), 1 << 16);
    struct value_field fields[] = {
        {STR("b"), value_long(1)},
        {STR(""), value_long(2)},
        {STR("a\0"), value_long(3)},
        {STR("a"), value_long(4)},
    };
    struct value record;
    assert_int_equal(value_record_make(&a, fields, ARRAY_LEN(fields), &record), ERR_OK);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const struct value *found = value_record_find(record.record, fields[i].name);
        assert_non_null(found);
        assert_int_equal(found->integer, fields[i].value.integer);
    }
    assert_null(value_record_find(record.record, STR("c")));
    fields[3].name = STR("b");
    assert_int_equal(value_record_make(&a, fields, ARRAY_LEN(fields), &record), ERR_EXISTS);
    arena_done(&a);
}

static int compare_numbers(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void sorting_orders_every_length(void **state) {
    IGNORE(state);
    enum { MOST = 300 };
    uint32_t numbers[MOST];
    uint32_t random = 12345;
    for (size_t count = 0; count <= MOST; count++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            random = random * 1664525u + 1013904223u;
            numbers[i] = random >> (count % 3 == 0 ? 30 : 8); /* often with many duplicates */
            sum += numbers[i];
        }
        sort_items(numbers, count, sizeof numbers[0], compare_numbers);
        for (size_t i = 0; i < count; i++) {
            assert_true(i == 0 || numbers[i - 1] <= numbers[i]);
            sum -= numbers[i];
        }
        assert_int_equal(sum, 0);
    }
}

static void calendar_goes_both_ways(void **state) {
    IGNORE(state);
    static const struct {
        struct civil_date date;
        int64_t days;
    } cases[] = {
        {{1970, 1, 1}, 0},         {{1969, 12, 31}, -1},    {{2000, 2, 29}, 11016},
        {{2024, 3, 1}, 19783},     {{0, 1, 1}, -719528},    {{0, 2, 29}, -719469},
        {{9999, 12, 31}, 2932896}, {{1600, 3, 1}, -135080}, {{-1, 12, 31}, -719529},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(civil_to_days(cases[i].date), cases[i].days);
    }
    for (int64_t days = -800000; days < 3000000; days += 13) {
        struct civil_date date = civil_from_days(days);
        assert_true(civil_is_valid(date));
        assert_int_equal(civil_to_days(date), days);
    }
    assert_false(civil_is_valid((struct civil_date){2023, 2, 29}));
    assert_false(civil_is_valid((struct civil_date){2024, 13, 1}));
    assert_false(civil_is_valid((struct civil_date){2024, 0, 1}));
    assert_false(civil_is_valid((struct civil_date){2024, 1, 0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_total_and_agrees_with_equality),
        cmocka_unit_test(copies_are_equal_and_do_not_borrow),
        cmocka_unit_test(sets_are_sorted_and_distinct_whatever_the_input),
        cmocka_unit_test(records_are_sorted_and_refuse_a_name_twice),
        cmocka_unit_test(sorting_orders_every_length),
        cmocka_unit_test(calendar_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
