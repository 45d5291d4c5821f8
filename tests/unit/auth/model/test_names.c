/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/model/names.h"

static int setup(void **state) {
    static struct arena arena;
    arena_init(&arena, allocator_libc(), 1 << 16);
    *state = &arena;
    return 0;
}

static int teardown(void **state) {
    arena_done(*state);
    return 0;
}

static const str items[] = {STR_INIT("one"), STR_INIT("two words"), STR_INIT("dr\xc3\xad"),
                            STR_INIT("4")};

static void splitting_what_was_joined_gives_the_list_back(void **state) {
    for (size_t count = 0; count <= ARRAY_LEN(items); count++) {
        struct names names = {items, count};
        struct names back;
        str text;
        assert_int_equal(names_join(*state, names, &text), ERR_OK);
        assert_int_equal(names_split(*state, text, &back), ERR_OK);
        assert_int_equal(back.count, count);
        for (size_t i = 0; i < count; i++) {
            assert_true(str_equal(back.items[i], items[i]));
            assert_true(names_has(back, items[i]));
        }
        assert_false(names_has(back, STR("on")));
        assert_false(names_has(back, STR("")));
    }
    struct names none;
    assert_int_equal(names_split(*state, (str){NULL, 0}, &none), ERR_OK);
    assert_int_equal(none.count, 0);
}

static void a_list_is_checked_item_by_item(void **state) {
    (void)state;
    static const struct {
        str items[3];
        size_t count;
        err code;
    } cases[] = {
        {{STR_INIT("a"), STR_INIT("b"), STR_INIT("A")}, 3, ERR_OK},
        {{STR_INIT("12345678")}, 1, ERR_OK},
        {{STR_INIT("123456789")}, 1, ERR_LIMIT},
        {{STR_INIT("a"), STR_INIT("b"), STR_INIT("a")}, 3, ERR_EXISTS},
        {{STR_INIT("")}, 1, ERR_MISSING},
        {{{NULL, 0}}, 1, ERR_MISSING},
        {{STR_INIT("a\nb")}, 1, ERR_SYNTAX},
        {{STR_INIT("a\0b")}, 1, ERR_SYNTAX},
        {{STR_INIT("a\x7f")}, 1, ERR_SYNTAX},
        {{STR_INIT("\xff")}, 1, ERR_SYNTAX},
    };
    struct error detail;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct names names = {cases[i].items, cases[i].count};
        assert_int_equal(names_check(names, "thing", 3, 8, &detail), cases[i].code);
    }
    struct names four = {items, 4};
    assert_int_equal(names_check(four, "thing", 3, 80, &detail), ERR_LIMIT);
    assert_int_equal(names_check(four, "thing", 4, 80, &detail), ERR_OK);
}

static void a_full_arena_is_a_limit(void **state) {
    (void)state;
    struct arena small;
    struct names names;
    str text;
    arena_init(&small, allocator_libc(), 16);
    assert_int_equal(names_join(&small, (struct names){items, 4}, &text), ERR_LIMIT);
    assert_int_equal(names_split(&small, STR("a\nb\nc"), &names), ERR_LIMIT);
    arena_done(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(splitting_what_was_joined_gives_the_list_back, setup,
                                        teardown),
        cmocka_unit_test(a_list_is_checked_item_by_item),
        cmocka_unit_test(a_full_arena_is_a_limit),
    };
    return cmocka_run_group_tests_name("auth/model/names", tests, NULL, NULL);
}
