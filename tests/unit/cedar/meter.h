/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_METER_H
#define TEST_CEDAR_METER_H
/* An allocator that counts, and fails where it is told to. Not a test itself. */
#include "api_unit.h"

#include <stdlib.h>

struct meter {
    size_t calls;   /* that want memory */
    size_t fail_at; /* 0: never */
    size_t bytes;   /* out now */
};

static inline void *meter_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct meter *meter = ctx;
    if (new_size == 0) {
        meter->bytes -= old_size;
        free(ptr);
        return NULL;
    }
    if (++meter->calls == meter->fail_at) {
        return NULL;
    }
    void *result = realloc(ptr, new_size);
    assert_non_null(result);
    meter->bytes += new_size - old_size;
    return result;
}

#endif
