/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_BASE_UNIT_H
#define TESTS_UNIT_BASE_UNIT_H
/*
 * What the unit tests of base/ share: cmocka with what it needs before it, comparison of str,
 * and an allocator that counts, and fails its n-th call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/allocator.h"
#include "base/err.h"
#include "base/str.h"

#define assert_str_is(actual, expected)                                                 \
    do {                                                                                \
        str actual_ = (actual);                                                         \
        str expected_ = (expected);                                                     \
        if (!str_equal(actual_, expected_)) {                                           \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_FMT(actual_), STR_FMT(expected_)); \
        }                                                                               \
    } while (0)

#define assert_err(actual, expected) assert_string_equal(err_name(actual), err_name(expected))
#define assert_ok(actual) assert_err(actual, ERR_OK)

struct fault_allocator {
    struct allocator allocator; /* pass &fault.allocator */
    size_t calls;               /* that asked for memory */
    size_t fail_at;             /* 1 = the first; 0 = none */
    size_t bytes;               /* live */
};

static inline void *fault_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct fault_allocator *fault = ctx;
    if (new_size > 0 && ++fault->calls == fault->fail_at) {
        return NULL;
    }
    fault->bytes += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static inline void fault_init(struct fault_allocator *fault, size_t fail_at) {
    *fault = (struct fault_allocator){.fail_at = fail_at};
    fault->allocator = (struct allocator){.resize = fault_resize, .ctx = fault};
}

#endif
