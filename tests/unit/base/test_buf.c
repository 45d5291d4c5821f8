/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/buf.h"

static void pieces_are_joined(void **state) {
    IGNORE(state);
    struct buf b;
    str text;
    buf_init(&b, allocator_libc(), 1000);
    buf_add(&b, STR("a\0b"));
    buf_add_c(&b, "cd");
    buf_add_byte(&b, 'e');
    buf_add(&b, (str){NULL, 0});
    buf_format(&b, "%03d", 7);
    assert_ok(buf_finish(&b, &text));
    assert_str_is(text, STR("a\0bcde007"));
    buf_clear(&b);
    assert_ok(buf_finish(&b, &text));
    assert_str_is(text, STR(""));
    assert_false(str_is_absent(text));
    buf_done(&b);
}

static void integers_are_written_in_full(void **state) {
    IGNORE(state);
    static const struct {
        int64_t value;
        str text;
    } rows[] = {
        {0, STR_INIT("0")},
        {-1, STR_INIT("-1")},
        {10, STR_INIT("10")},
        {INT64_MAX, STR_INIT("9223372036854775807")},
        {INT64_MIN, STR_INIT("-9223372036854775808")},
    };
    struct buf b;
    buf_init(&b, allocator_libc(), 100);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_clear(&b);
        buf_add_i64(&b, rows[i].value);
        assert_str_is(buf_str(&b), rows[i].text);
    }
    buf_clear(&b);
    buf_add_u64(&b, UINT64_MAX);
    assert_str_is(buf_str(&b), STR("18446744073709551615"));
    buf_done(&b);
}

static void failure_sticks_until_clear(void **state) {
    IGNORE(state);
    struct buf b;
    str text = STR("unchanged");
    buf_init(&b, allocator_libc(), 4);
    buf_add(&b, STR("abc"));
    buf_add(&b, STR("de"));
    buf_add(&b, STR("f")); /* would fit, but comes behind a gap */
    assert_err(buf_finish(&b, &text), ERR_LIMIT);
    assert_str_is(text, STR("unchanged"));
    assert_null(buf_reserve(&b, 1));
    buf_clear(&b);
    buf_add(&b, STR("abcd"));
    assert_ok(buf_finish(&b, &text));
    assert_str_is(text, STR("abcd"));
    buf_done(&b);
}

static void maximum_is_exact(void **state) {
    IGNORE(state);
    for (size_t max = 0; max < 300; max++) {
        struct buf b;
        str text;
        buf_init(&b, allocator_libc(), max);
        for (size_t i = 0; i < max; i++) {
            buf_add_byte(&b, 'x');
        }
        assert_ok(buf_finish(&b, &text));
        assert_int_equal(text.len, max);
        buf_add_byte(&b, 'x');
        assert_err(buf_finish(&b, &text), ERR_LIMIT);
        buf_done(&b);
    }
}

static void storage_may_be_an_arena(void **state) {
    IGNORE(state);
    struct arena a;
    struct buf b;
    struct buf other;
    arena_init(&a, allocator_libc(), 1 << 20);
    buf_init_arena(&b, &a, 1 << 16);
    buf_init_arena(&other, &a, 1 << 16);
    for (int i = 0; i < 5000; i++) {
        buf_add_byte(&b, (char)('a' + i % 26));
        buf_add_byte(&other, (char)('A' + i % 26)); /* in the way of growing in place */
    }
    assert_int_equal(b.len, 5000);
    assert_int_equal(b.data[4999], 'a' + 4999 % 26);
    assert_int_equal(other.data[4999], 'A' + 4999 % 26);
    buf_done(&b);
    arena_done(&a);
}

static void growing_alone_in_an_arena_wastes_nothing(void **state) {
    IGNORE(state);
    struct arena a;
    struct buf b;
    arena_init(&a, allocator_libc(), 4096 + 256); /* one chunk */
    buf_init_arena(&b, &a, 2500);
    for (int i = 0; i < 2500; i++) {
        buf_add_byte(&b, 'x');
    }
    assert_ok(b.error);
    arena_done(&a);
}

static void full_arena_fails_the_buffer(void **state) {
    IGNORE(state);
    struct arena a;
    struct buf b;
    str text;
    arena_init(&a, allocator_libc(), 512);
    buf_init_arena(&b, &a, 1 << 16);
    for (int i = 0; i < 1000; i++) {
        buf_add_byte(&b, 'x');
    }
    assert_err(buf_finish(&b, &text), ERR_LIMIT);
    arena_done(&a);
}

static void fixed_storage_is_never_left(void **state) {
    IGNORE(state);
    char storage[8] = "-------";
    struct buf b;
    str text;
    buf_init_fixed(&b, storage, 5);
    buf_add(&b, STR("12345"));
    assert_ok(buf_finish(&b, &text));
    assert_ptr_equal(text.ptr, storage);
    buf_add_byte(&b, '6');
    assert_err(buf_finish(&b, &text), ERR_LIMIT);
    assert_string_equal(storage, "12345--");
    buf_done(&b);
}

static void long_formats_fit(void **state) {
    IGNORE(state);
    struct buf b;
    buf_init(&b, allocator_libc(), 2000);
    buf_format(&b, "%1000d|", 7);
    buf_format(&b, "%s", "z");
    assert_int_equal(b.len, 1002);
    assert_memory_equal(b.data + 998, " 7|z", 4);
    buf_done(&b);
}

static void no_memory_and_own_failures_stick(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct buf b;
    str text;
    fault_init(&fault, 2);
    buf_init(&b, &fault.allocator, 1 << 20);
    for (int i = 0; i < 100; i++) {
        buf_add_byte(&b, 'x');
    }
    assert_err(buf_finish(&b, &text), ERR_NOMEM);
    buf_fail(&b, ERR_SYNTAX); /* the first failure wins */
    assert_err(buf_finish(&b, &text), ERR_NOMEM);
    buf_clear(&b);
    buf_fail(&b, ERR_SYNTAX);
    assert_err(buf_finish(&b, &text), ERR_SYNTAX);
    buf_done(&b);
    assert_int_equal(fault.bytes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_joined),
        cmocka_unit_test(integers_are_written_in_full),
        cmocka_unit_test(failure_sticks_until_clear),
        cmocka_unit_test(maximum_is_exact),
        cmocka_unit_test(storage_may_be_an_arena),
        cmocka_unit_test(growing_alone_in_an_arena_wastes_nothing),
        cmocka_unit_test(full_arena_fails_the_buffer),
        cmocka_unit_test(fixed_storage_is_never_left),
        cmocka_unit_test(long_formats_fit),
        cmocka_unit_test(no_memory_and_own_failures_stick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
