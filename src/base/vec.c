/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

bool vec_grow(struct arena *a, void **items, size_t *capacity, size_t count, size_t size) {
    size_t larger;
    if (MUL_OVERFLOWS(*capacity, (size_t)2, &larger)) {
        return false;
    }
    larger = larger < 8 ? 8 : larger;
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
