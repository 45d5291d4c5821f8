/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_MAKER_H
#define DIFFERENTIAL_MAKER_H
/*
 * Choices and text: what everything that is made up is made with.
 *
 * A choice is the next byte of `data`, and when that has run out (or there is none) the next
 * number of a sequence that `state` starts; so the same bytes and state make the same text
 * everywhere. Text collects in `out`.
 */
#include "base/buf.h"

struct maker {
    const uint8_t *data;
    size_t size;
    size_t at;
    uint64_t state;
    struct arena *arena; /* of what the maker remembers; the text may live elsewhere */
    struct buf out;
};

uint64_t maker_next(struct maker *m);
/* A number below count, which is at least 1. */
unsigned pick(struct maker *m, unsigned count);
/* True once in `of` times. */
bool chance(struct maker *m, unsigned of);

void say(struct maker *m, const char *text);

/* One of several texts. */
#define SAY_ONE(m, ...)                                       \
    do {                                                      \
        static const char *const ones[] = {__VA_ARGS__};      \
        say((m), ones[pick((m), (unsigned)ARRAY_LEN(ones))]); \
    } while (0)

#define PICK_FROM(m, array) ((array)[pick((m), (unsigned)ARRAY_LEN(array))])

/* Memory of the maker's arena; running out of it stops the program. */
void *maker_alloc(struct maker *m, size_t size);
/* What was said since `start` (a length of out), moved into the arena and taken back. */
str maker_take(struct maker *m, size_t start);

#endif
