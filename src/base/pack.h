/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PACK_H
#define BASE_PACK_H
/*
 * Many short texts in an arena, one right behind the other: no padding, no alignment.
 *
 * Room is taken from the arena in pieces that grow with what has been packed, so a few texts cost
 * little more than their bytes. A packer belongs to one thread; the texts live as long as the
 * arena.
 */
#include "base/arena.h"

struct packer {
    struct arena *arena;
    char *at;
    size_t left;
    size_t piece; /* size of the last one */
};

void packer_init(struct packer *p, struct arena *arena);

/* A copy; an absent str stays absent. On failure *ret is unchanged. */
err packer_copy(struct packer *p, str text, str *ret) MUST_CHECK;

#endif
