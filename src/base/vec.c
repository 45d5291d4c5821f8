/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

bool vec_grow(struct arena *a, void **items, size_t *capacity, size_t count, size_t size) {
    size_t larger = *capacity > SIZE_MAX / 2 ? SIZE_MAX : *capacity * 2;
    larger = larger < 8 ? 8 : larger;
    size_t bytes;
    if (*capacity > 0 && !MUL_OVERFLOWS(larger, size, &bytes) &&
        arena_extend(a, *items, *capacity * size, bytes)) {
        *capacity = larger;
        return true;
    }
    void *moved = arena_alloc_array(a, larger, size);
    if (moved == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(moved, *items, count * size);
    }
    *items = moved;
    *capacity = larger;
    return true;
}
