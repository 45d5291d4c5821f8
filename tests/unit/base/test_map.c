/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/map.h"

static const struct hash_key key = {1, 2};

static void empty_map_finds_nothing(void **state) {
    IGNORE(state);
    struct arena a;
    struct map m;
    arena_init(&a, allocator_libc(), 1 << 20);
    map_init(&m, &a, &key);
    assert_null(map_find(&m, STR("x")));
    assert_null(map_find(&m, STR("")));
    assert_int_equal(arena_total(&a), 0);
    arena_done(&a);
}

static void keys_are_found_and_keep_their_order(void **state) {
    IGNORE(state);
    struct arena a;
    struct map m;
    static int values[3000];
    arena_init(&a, allocator_libc(), 1 << 22);
    map_init(&m, &a, &key);
    for (int i = 0; i < 3000; i++) {
        str name;
        values[i] = i;
        assert_ok(arena_format(&a, &name, "key%d", i));
        assert_ok(map_add(&m, name, &values[i]));
    }
    assert_int_equal(m.entries.count, 3000);
    for (int i = 0; i < 3000; i++) {
        char name[16];
        snprintf(name, sizeof name, "key%d", i);
        void **found = map_find(&m, str_c(name));
        assert_non_null(found);
        assert_ptr_equal(*found, &values[i]);
        assert_ptr_equal(m.entries.items[i].value, &values[i]);
    }
    assert_null(map_find(&m, STR("key3000")));
    assert_null(map_find(&m, STR("key")));
    arena_done(&a);
}

static void second_add_of_a_key_is_refused(void **state) {
    IGNORE(state);
    struct arena a;
    struct map m;
    int one = 1;
    int two = 2;
    arena_init(&a, allocator_libc(), 1 << 20);
    map_init(&m, &a, &key);
    assert_ok(map_add(&m, STR("a"), &one));
    assert_err(map_add(&m, STR("a"), &two), ERR_EXISTS);
    assert_ptr_equal(*map_find(&m, STR("a")), &one);
    assert_ok(map_add(&m, STR(""), NULL)); /* empty key, NULL value */
    assert_non_null(map_find(&m, STR("")));
    assert_null(*map_find(&m, STR("")));
    assert_ok(map_add(&m, STR("a\0b"), &two));
    assert_ptr_equal(*map_find(&m, STR("a\0b")), &two);
    assert_int_equal(m.entries.count, 3);
    *map_find(&m, STR("a")) = &two;
    assert_ptr_equal(*map_find(&m, STR("a")), &two);
    arena_done(&a);
}

/* 0 when all allocations succeeded. */
static size_t fill_with_failure(size_t fail_at) {
    struct fault_allocator fault;
    struct arena a;
    struct map m;
    char names[200][8];
    size_t added = 0;
    err code = ERR_OK;
    fault_init(&fault, fail_at);
    fault.allocator.wants_separate_blocks = true;
    arena_init(&a, &fault.allocator, 1 << 20);
    map_init(&m, &a, &key);
    for (; added < 200 && code == ERR_OK; added++) {
        snprintf(names[added], sizeof names[0], "%zu", added);
        code = map_add(&m, str_c(names[added]), names[added]);
    }
    if (code != ERR_OK) {
        added--;
        assert_err(code, ERR_NOMEM);
        assert_null(map_find(&m, str_c(names[added])));
    }
    assert_int_equal(m.entries.count, added);
    for (size_t i = 0; i < added; i++) {
        assert_ptr_equal(*map_find(&m, str_c(names[i])), names[i]);
    }
    arena_done(&a);
    assert_int_equal(fault.bytes, 0);
    return code == ERR_OK ? 0 : 1;
}

static void failed_allocation_loses_no_entry(void **state) {
    IGNORE(state);
    size_t n = 1;
    while (fill_with_failure(n) != 0) {
        n++;
    }
    assert_true(n > 8); /* both the entries and the slots grow several times */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_map_finds_nothing),
        cmocka_unit_test(keys_are_found_and_keep_their_order),
        cmocka_unit_test(second_add_of_a_key_is_refused),
        cmocka_unit_test(failed_allocation_loses_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
