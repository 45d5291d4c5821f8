/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ALLOCATOR_H
#define BASE_ALLOCATOR_H
/*
 * Where heap memory comes from: one function that allocates, resizes and frees.
 *
 * libcedar takes one from its embedder; the services use allocator_libc(); fault tests pass one
 * that fails at the n-th call. An allocator must be usable from every thread that uses an object
 * made with it.
 */
#include "base/compiler.h"

struct allocator {
    /* new_size 0 frees and returns NULL; ptr NULL allocates; otherwise resizes like realloc. */
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
    /* Debug aid: arenas make one block per allocation, so that tools see every overflow. */
    bool wants_separate_blocks;
};

/* malloc, realloc and free. */
const struct allocator *allocator_libc(void);

/* Zeroed memory, or NULL. size > 0. */
void *allocator_new(const struct allocator *allocator, size_t size) MUST_CHECK;
void allocator_free(const struct allocator *allocator, void *ptr, size_t size);

/* Sets memory to zero in a way the compiler may not remove. For secrets. */
void memory_wipe(void *ptr, size_t size);

#endif
