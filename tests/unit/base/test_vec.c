/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/vec.h"

static void items_stay_in_order_while_it_grows(void **state) {
    IGNORE(state);
    struct arena a;
    VEC(int) numbers = {0};
    arena_init(&a, allocator_libc(), 1 << 20);
    for (int i = 0; i < 5000; i++) {
        assert_true(VEC_PUSH(&a, &numbers, i));
        assert_non_null(arena_alloc(&a, (size_t)(i % 2))); /* now and then in the way */
    }
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(numbers.items[i], i);
    }
    arena_done(&a);
}

static void full_arena_leaves_it_as_it_was(void **state) {
    IGNORE(state);
    struct arena a;
    VEC(uint64_t) numbers = {0};
    arena_init(&a, allocator_libc(), 4096);
    while (VEC_PUSH(&a, &numbers, numbers.count)) {
    }
    assert_err(arena_error(&a), ERR_LIMIT);
    assert_int_equal(numbers.count, numbers.capacity);
    for (size_t i = 0; i < numbers.count; i++) {
        assert_int_equal(numbers.items[i], i);
    }
    arena_done(&a);
}

static void capacity_overflow_is_a_limit(void **state) {
    IGNORE(state);
    struct arena a;
    void *items = NULL;
    size_t capacity = SIZE_MAX / 2 + 1;
    arena_init(&a, allocator_libc(), 4096);
    assert_false(vec_grow(&a, &items, &capacity, 0, 8));
    assert_err(arena_error(&a), ERR_LIMIT);
    assert_int_equal(capacity, SIZE_MAX / 2 + 1);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stay_in_order_while_it_grows),
        cmocka_unit_test(full_arena_leaves_it_as_it_was),
        cmocka_unit_test(capacity_overflow_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
