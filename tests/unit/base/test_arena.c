/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/arena.h"

enum { CAP = 64 * 1024 };

static void blocks_are_zeroed_and_aligned(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), CAP);
    for (size_t size = 0; size < 300; size += 7) {
        unsigned char *block = arena_alloc(&a, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(block[i], 0);
        }
        memset(block, 0xAA, size);
    }
    arena_done(&a);
}

static void memory_is_zeroed_again_after_clear_and_reset(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), CAP);
    memset(arena_alloc(&a, 100), 0xAA, 100);
    arena_clear(&a);
    unsigned char *block = arena_alloc(&a, 100);
    assert_int_equal(block[0] | block[99], 0);
    struct arena_mark mark = arena_mark(&a);
    memset(arena_alloc(&a, 100), 0xAA, 100);
    arena_reset(&a, mark);
    block = arena_alloc(&a, 100);
    assert_int_equal(block[0] | block[99], 0);
    arena_done(&a);
}

static void cap_is_hard_and_the_error_sticks(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), CAP);
    assert_false(arena_has_failed(&a));
    assert_null(arena_alloc(&a, CAP));
    assert_err(arena_error(&a), ERR_LIMIT);
    assert_non_null(arena_alloc(&a, 16));
    assert_err(arena_error(&a), ERR_LIMIT);
    size_t blocks = 0;
    while (arena_alloc(&a, 1000) != NULL) {
        blocks++;
        assert_true(arena_total(&a) <= CAP);
    }
    assert_in_range(blocks, CAP / 1000 / 2, CAP / 1000);
    arena_clear(&a);
    assert_false(arena_has_failed(&a));
    assert_non_null(arena_alloc(&a, 1000));
    arena_done(&a);
    assert_int_equal(arena_total(&a), 0);
}

static void overflowing_sizes_are_a_limit(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), SIZE_MAX);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 15));
    assert_null(arena_alloc_array(&a, SIZE_MAX / 2, 3));
    assert_err(arena_error(&a), ERR_LIMIT);
    arena_done(&a);
}

static void out_of_memory_is_told_from_the_cap(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena a;
    fault_init(&fault, 1);
    arena_init(&a, &fault.allocator, CAP);
    assert_null(arena_alloc(&a, 8));
    assert_err(arena_error(&a), ERR_NOMEM);
    arena_done(&a);
}

static void reset_gives_back_to_the_mark(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena a;
    fault_init(&fault, 0);
    arena_init(&a, &fault.allocator, 1 << 24);
    char *kept = arena_alloc(&a, 5);
    memcpy(kept, "kept", 5);
    struct arena_mark mark = arena_mark(&a);
    size_t bytes = fault.bytes;
    for (int i = 0; i < 100; i++) {
        assert_non_null(arena_alloc(&a, 5000));
        assert_true(fault.bytes < 100 * 1024); /* the next chunk does not grow for ever */
        arena_reset(&a, mark);
        assert_int_equal(fault.bytes, bytes);
    }
    assert_string_equal(kept, "kept");
    arena_done(&a);
    assert_int_equal(fault.bytes, 0);
}

static void reset_to_an_empty_arena_frees_all(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena a;
    fault_init(&fault, 0);
    arena_init(&a, &fault.allocator, CAP);
    struct arena_mark mark = arena_mark(&a);
    assert_non_null(arena_alloc(&a, 1));
    arena_reset(&a, mark);
    assert_int_equal(fault.bytes, 0);
    assert_non_null(arena_alloc(&a, 1));
    arena_done(&a);
}

static void clear_keeps_a_small_chunk_only(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena a;
    fault_init(&fault, 0);
    arena_init(&a, &fault.allocator, 1 << 24);
    assert_non_null(arena_alloc(&a, 10));
    assert_non_null(arena_alloc(&a, 100000));
    arena_clear(&a);
    size_t calls = fault.calls;
    assert_non_null(arena_alloc(&a, 10));
    assert_int_equal(fault.calls, calls);
    arena_done(&a);
    arena_init(&a, &fault.allocator, 1 << 24);
    assert_non_null(arena_alloc(&a, 1 << 20));
    arena_clear(&a);
    assert_int_equal(fault.bytes, 0);
    arena_done(&a);
}

static char order[8];

static void note(void *ptr) {
    strncat(order, ptr, 1);
}

static void deferred_functions_run_newest_first(void **state) {
    IGNORE(state);
    struct arena a;
    char names[] = "abcd";
    arena_init(&a, allocator_libc(), CAP);
    order[0] = '\0';
    assert_ok(arena_defer(&a, note, &names[0]));
    struct arena_mark mark = arena_mark(&a);
    assert_ok(arena_defer(&a, note, &names[1]));
    assert_ok(arena_defer(&a, note, &names[2]));
    arena_reset(&a, mark);
    assert_string_equal(order, "cb");
    arena_clear(&a);
    assert_string_equal(order, "cba");
    assert_ok(arena_defer(&a, note, &names[3]));
    arena_done(&a);
    assert_string_equal(order, "cbad");
}

static unsigned char seen_when_freed;
static unsigned char *watched;

static void *watching_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    if (new_size == 0 && watched != NULL) {
        seen_when_freed = *watched;
    }
    return fault_resize(ctx, ptr, old_size, new_size);
}

static void wiped_arena_overwrites_before_it_frees(void **state) {
    IGNORE(state);
    for (int is_wiped = 0; is_wiped < 2; is_wiped++) {
        struct fault_allocator fault;
        struct arena a;
        fault_init(&fault, 0);
        fault.allocator.resize = watching_resize;
        arena_init(&a, &fault.allocator, CAP);
        a.is_wiped = is_wiped == 1;
        watched = arena_alloc(&a, 32);
        memset(watched, 's', 32);
        arena_done(&a);
        assert_int_equal(seen_when_freed, is_wiped == 1 ? 0 : 's');
        watched = NULL;
    }
}

static void newest_block_extends_in_place(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), CAP);
    char *first = arena_alloc(&a, 10);
    memcpy(first, "0123456789", 10);
    assert_true(arena_extend(&a, first, 10, 100));
    assert_memory_equal(first, "0123456789", 10);
    assert_int_equal(first[10] | first[99], 0);
    char *second = arena_alloc(&a, 10);
    assert_true(second >= first + 100);
    assert_false(arena_extend(&a, first, 100, 200));
    assert_false(arena_extend(&a, second, 10, CAP));
    assert_false(arena_extend(&a, second, 10, SIZE_MAX));
    assert_false(arena_has_failed(&a));
    arena_done(&a);
}

static void separate_blocks_come_from_the_allocator_one_by_one(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena a;
    fault_init(&fault, 0);
    fault.allocator.wants_separate_blocks = true;
    arena_init(&a, &fault.allocator, CAP);
    char *block = arena_alloc(&a, 8);
    assert_non_null(block);
    assert_false(arena_extend(&a, block, 8, 16));
    for (size_t i = 2; i <= 10; i++) {
        assert_non_null(arena_alloc(&a, 8));
        assert_int_equal(fault.calls, i);
    }
    arena_done(&a);
    assert_int_equal(fault.bytes, 0);
}

static void strings_are_copied(void **state) {
    IGNORE(state);
    struct arena a;
    str copy = STR("unchanged");
    const char *text = NULL;
    arena_init(&a, allocator_libc(), CAP);
    assert_ok(arena_copy(&a, STR("a\0b"), &copy));
    assert_str_is(copy, STR("a\0b"));
    assert_ok(arena_copy(&a, STR(""), &copy));
    assert_false(str_is_absent(copy));
    assert_ok(arena_copy(&a, (str){NULL, 0}, &copy));
    assert_true(str_is_absent(copy));
    assert_ok(arena_c_string(&a, str_make("abcdef", 3), &text));
    assert_string_equal(text, "abc");
    assert_err(arena_c_string(&a, STR("a\0b"), &text), ERR_SYNTAX);
    assert_ok(arena_format(&a, &copy, "%d-%s", 7, "x"));
    assert_str_is(copy, STR("7-x"));
    assert_err(arena_copy(&a, str_make(copy.ptr, CAP * 2), &copy), ERR_LIMIT);
    assert_str_is(copy, STR("7-x"));
    arena_done(&a);
}

static void a_zeroed_arena_can_be_freed(void **state) {
    IGNORE(state);
    struct arena a = {0};
    arena_done(&a);
    assert_int_equal(arena_total(&a), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_and_aligned),
        cmocka_unit_test(memory_is_zeroed_again_after_clear_and_reset),
        cmocka_unit_test(cap_is_hard_and_the_error_sticks),
        cmocka_unit_test(overflowing_sizes_are_a_limit),
        cmocka_unit_test(out_of_memory_is_told_from_the_cap),
        cmocka_unit_test(reset_gives_back_to_the_mark),
        cmocka_unit_test(reset_to_an_empty_arena_frees_all),
        cmocka_unit_test(clear_keeps_a_small_chunk_only),
        cmocka_unit_test(deferred_functions_run_newest_first),
        cmocka_unit_test(wiped_arena_overwrites_before_it_frees),
        cmocka_unit_test(newest_block_extends_in_place),
        cmocka_unit_test(separate_blocks_come_from_the_allocator_one_by_one),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(a_zeroed_arena_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
