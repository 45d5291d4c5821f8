/* SPDX-License-Identifier: Apache-2.0 */
#include "base/allocator.h"

#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    IGNORE(ctx);      /* malloc has no context */
    IGNORE(old_size); /* and keeps sizes itself */
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

const struct allocator *allocator_libc(void) {
    static const struct allocator libc_allocator = {.resize = libc_resize};
    return &libc_allocator;
}

void *allocator_new(const struct allocator *allocator, size_t size) {
    void *ptr = allocator->resize(allocator->ctx, NULL, 0, size);
    if (ptr != NULL) {
        memset(ptr, 0, size);
    }
    return ptr;
}

void allocator_free(const struct allocator *allocator, void *ptr, size_t size) {
    if (ptr != NULL) {
        allocator->resize(allocator->ctx, ptr, size, 0);
    }
}

void memory_wipe(void *ptr, size_t size) {
    if (size == 0) {
        return;
    }
    memset(ptr, 0, size);
    __asm__ __volatile__("" : : "r"(ptr) : "memory");
}
