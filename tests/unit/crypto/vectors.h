/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CRYPTO_VECTORS_H
#define TESTS_UNIT_CRYPTO_VECTORS_H
/*
 * Test vectors as hexadecimal text. Bytes live in the arena given; a bad digit fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static inline str from_hex(struct arena *a, const char *hex) {
    size_t len = strlen(hex) / 2;
    char *bytes = arena_alloc(a, len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        int high = byte_hex(hex[2 * i]);
        int low = byte_hex(hex[2 * i + 1]);
        assert_true(high >= 0 && low >= 0);
        bytes[i] = (char)(high * 16 + low);
    }
    return str_make(bytes, len);
}

static inline void assert_str(str actual, str expected) {
    if (!str_equal(actual, expected)) {
        fail_msg("got \"%.*s\", expected \"%.*s\"", STR_FMT(actual), STR_FMT(expected));
    }
}

static inline void assert_bytes(const void *actual, str expected) {
    assert_memory_equal(actual, expected.ptr, expected.len);
}

/* An arena per test, through cmocka's setup and teardown. */
static inline int arena_setup(void **state) {
    struct arena *a = test_malloc(sizeof *a);
    arena_init(a, allocator_libc(), 8u << 20);
    *state = a;
    return 0;
}

static inline int arena_teardown(void **state) {
    arena_done(*state);
    test_free(*state);
    return 0;
}

#define ARENA_TEST(function) cmocka_unit_test_setup_teardown(function, arena_setup, arena_teardown)

#endif
