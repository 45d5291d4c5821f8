/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_VEC_H
#define BASE_VEC_H
/*
 * A growing array in an arena: `VEC(struct token) tokens = {0};`.
 *
 * VEC_PUSH copies a value in and is false when the arena is full (arena_error() says why). The
 * old storage stays in the arena when the array grows, at most doubling its use; items are
 * moved, so pointers to them are valid only until the next push.
 */
#include "base/arena.h"

#define VEC(type)        \
    struct {             \
        type *items;     \
        size_t count;    \
        size_t capacity; \
    }

#define VEC_PUSH(a, vec, ...)                                                                   \
    (((vec)->count < (vec)->capacity || vec_grow((a), (void **)&(vec)->items, &(vec)->capacity, \
                                                 (vec)->count, sizeof *(vec)->items)) &&        \
     ((vec)->items[(vec)->count] = __VA_ARGS__, (vec)->count++, true))

/* Makes room for one more; used through VEC_PUSH. */
bool vec_grow(struct arena *a, void **items, size_t *capacity, size_t count, size_t size);

#endif
