/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/blocks.h"
#include "base/pack.h"

struct numbers {
    VEC(uint32_t) list;
};

static void fill(struct blocks *b, struct numbers *numbers, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        assert_true(BLOCKS_PUSH(b, &numbers->list, i));
    }
}

static void arrays_keep_their_items_however_long_they_get(void **state) {
    IGNORE(state);
    static const uint32_t counts[] = {0, 1, 7, 2047, 2048, 2049, 100000};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct arena owner;
        struct arena temp;
        struct blocks b;
        struct numbers numbers = {0};
        struct numbers others = {0};
        arena_init(&owner, allocator_libc(), 1 << 20);
        arena_init(&temp, allocator_libc(), 1 << 20);
        blocks_init(&b, &owner, &temp);
        fill(&b, &numbers, counts[i]);
        fill(&b, &others, 3000); /* another one in the list of blocks */
        assert_ok(BLOCKS_SETTLE(&b, &numbers.list));
        assert_ok(blocks_hand_over(&b));
        arena_done(&temp);
        blocks_done(&b);
        assert_int_equal(numbers.list.count, counts[i]);
        for (uint32_t k = 0; k < counts[i]; k++) {
            assert_int_equal(numbers.list.items[k], k);
        }
        arena_done(&owner);
    }
}

static void what_is_not_handed_over_ends_with_the_blocks(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena owner;
    struct arena temp;
    struct blocks b;
    struct numbers numbers = {0};
    fault_init(&fault, 0);
    arena_init(&owner, &fault.allocator, 1 << 20);
    arena_init(&temp, &fault.allocator, 1 << 20);
    blocks_init(&b, &owner, &temp);
    fill(&b, &numbers, 5000);
    uint64_t *table = blocks_table(&b, 4096, sizeof *table);
    assert_non_null(table);
    for (size_t i = 0; i < 4096; i++) {
        assert_int_equal(table[i], 0);
    }
    size_t with_table = fault.bytes;
    blocks_drop_table(&b, table, 4096, sizeof *table);
    assert_in_range(with_table - fault.bytes, 4096 * sizeof *table, 4096 * sizeof *table + 64);
    blocks_done(&b);
    arena_done(&owner);
    arena_done(&temp);
    assert_int_equal(fault.bytes, 0);
}

static void the_cap_of_the_owner_holds(void **state) {
    IGNORE(state);
    struct arena owner;
    struct arena temp;
    struct blocks b;
    struct numbers numbers = {0};
    arena_init(&owner, allocator_libc(), 64 << 10);
    arena_init(&temp, allocator_libc(), 1 << 20);
    blocks_init(&b, &owner, &temp);
    while (BLOCKS_PUSH(&b, &numbers.list, (uint32_t)numbers.list.count)) {
    }
    assert_err(blocks_error(&b), ERR_LIMIT);
    assert_in_range(owner.total, 1, 64 << 10);
    for (uint32_t i = 0; i < numbers.list.count; i++) {
        assert_int_equal(numbers.list.items[i], i);
    }
    assert_null(blocks_room(&b, 64 << 10));
    assert_null(blocks_table(&b, SIZE_MAX / 2, 8));
    blocks_done(&b);
    arena_done(&temp);
    arena_done(&owner);
}

static void every_failing_allocation_is_told_and_loses_nothing(void **state) {
    IGNORE(state);
    for (size_t n = 1;; n++) {
        struct fault_allocator fault;
        struct arena owner;
        struct arena temp;
        struct blocks b;
        struct numbers numbers = {0};
        fault_init(&fault, n);
        arena_init(&owner, &fault.allocator, 1 << 20);
        arena_init(&temp, &fault.allocator, 1 << 20);
        blocks_init(&b, &owner, &temp);
        bool is_good = true;
        for (uint32_t i = 0; i < 20000 && is_good; i++) {
            is_good = BLOCKS_PUSH(&b, &numbers.list, i);
        }
        is_good = is_good && BLOCKS_SETTLE(&b, &numbers.list) == ERR_OK &&
                  blocks_room(&b, 20000) != NULL && blocks_hand_over(&b) == ERR_OK;
        assert_int_equal(is_good, fault.calls < n);
        if (!is_good) {
            assert_err(blocks_error(&b), ERR_NOMEM);
        }
        blocks_done(&b);
        arena_done(&temp);
        arena_done(&owner);
        assert_int_equal(fault.bytes, 0);
        if (is_good) {
            assert_true(n > 5);
            break;
        }
    }
}

static void packed_texts_stand_one_behind_the_other(void **state) {
    IGNORE(state);
    struct arena a;
    struct packer packer;
    str first;
    str text;
    arena_init(&a, allocator_libc(), 1 << 20);
    packer_init(&packer, &a);
    assert_ok(packer_copy(&packer, STR("abc"), &first));
    assert_ok(packer_copy(&packer, STR("de"), &text));
    assert_str_is(first, STR("abc"));
    assert_ptr_equal(text.ptr, first.ptr + 3);
    assert_ok(packer_copy(&packer, STR(""), &text));
    assert_true(!str_is_absent(text) && text.len == 0);
    assert_ok(packer_copy(&packer, (str){NULL, 0}, &text));
    assert_true(str_is_absent(text));
    char letters[5000];
    memset(letters, 'x', sizeof letters);
    for (size_t len = 1; len <= sizeof letters; len = len * 3 + 1) {
        letters[len - 1] = 'y';
        assert_ok(packer_copy(&packer, str_make(letters, len), &text));
        assert_str_is(text, str_make(letters, len));
        letters[len - 1] = 'x';
    }
    assert_str_is(first, STR("abc"));
    arena_done(&a);
    arena_init(&a, allocator_libc(), 64);
    packer_init(&packer, &a);
    assert_err(packer_copy(&packer, STR("abc"), &text), ERR_LIMIT);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_keep_their_items_however_long_they_get),
        cmocka_unit_test(what_is_not_handed_over_ends_with_the_blocks),
        cmocka_unit_test(the_cap_of_the_owner_holds),
        cmocka_unit_test(every_failing_allocation_is_told_and_loses_nothing),
        cmocka_unit_test(packed_texts_stand_one_behind_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
