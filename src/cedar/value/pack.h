/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_PACK_H
#define CEDAR_VALUE_PACK_H
/*
 * Memory from an arena without the gaps that it leaves between small things, in chunks that are
 * as large as what is expected to come. For stores that live long.
 */
#include "base/arena.h"

struct pack {
    struct arena *arena;
    char *at;
    size_t left;
    size_t expected; /* bytes that are still to come, as far as one knows */
    size_t taken;    /* so far */
};

void pack_init(struct pack *pack, struct arena *arena, size_t expected);

/* Zeroed, aligned for pointers and 64-bit numbers. NULL: arena_error(). */
void *pack_alloc(struct pack *pack, size_t size) MUST_CHECK;
void *pack_alloc_array(struct pack *pack, size_t count, size_t size) MUST_CHECK;

/* Bytes are not aligned. */
err pack_copy(struct pack *pack, str bytes, str *ret) MUST_CHECK;

#define PACK_NEW(pack, type) ((type *)pack_alloc((pack), sizeof(type)))
#define PACK_ARRAY(pack, type, count) ((type *)pack_alloc_array((pack), (count), sizeof(type)))

enum { PACK_ALIGNMENT = 8 };

static inline size_t pack_rounded(size_t size) {
    return (size + PACK_ALIGNMENT - 1) & ~(size_t)(PACK_ALIGNMENT - 1);
}

#endif
