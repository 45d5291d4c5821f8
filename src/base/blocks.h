/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BLOCKS_H
#define BASE_BLOCKS_H
/*
 * Growing arrays that become large: while a VEC in an arena leaves its old storage behind each
 * time it doubles, these move with the allocator's resize and give back what they do not need.
 *
 *     struct blocks b;
 *     blocks_init(&b, &owner, &temp);
 *     BLOCKS_PUSH(&b, &list, item)            while it grows
 *     blocks_settle(&b, …)                    exact size, for good
 *     blocks_hand_over(&b)                    they end with `owner`
 *
 * Short arrays live in `temp`, and in `owner` once they are settled; long ones have a block of
 * their own, which counts against the cap of `owner`. The arrays are VECs (vec.h) that have been
 * zeroed and are only grown here. A struct blocks belongs to one thread.
 */
#include "base/vec.h"

struct block;

struct blocks {
    struct arena *owner;
    struct arena *temp;
    struct block *newest;
};

void blocks_init(struct blocks *b, struct arena *owner, struct arena *temp);
/* Frees every block that has not been handed over. */
void blocks_done(struct blocks *b);

/* Why a call failed: ERR_NOMEM or ERR_LIMIT; never ERR_OK. */
static inline err blocks_error(const struct blocks *b) {
    return arena_has_failed(b->owner) ? arena_error(b->owner) : arena_error(b->temp);
}

#define BLOCKS_PUSH(b, vec, ...)                                                                   \
    (((vec)->count < (vec)->capacity || blocks_grow((b), (void **)&(vec)->items, &(vec)->capacity, \
                                                    (vec)->count, 1, sizeof *(vec)->items)) &&     \
     ((vec)->items[(vec)->count] = __VA_ARGS__, (vec)->count++, true))

/* Room for `more` items, which may then be written and counted. */
#define BLOCKS_RESERVE(b, vec, more)                                                  \
    ((more) <= (vec)->capacity - (vec)->count ||                                      \
     blocks_grow((b), (void **)&(vec)->items, &(vec)->capacity, (vec)->count, (more), \
                 sizeof *(vec)->items))

bool blocks_grow(struct blocks *b, void **items, size_t *capacity, size_t count, size_t more,
                 size_t size) MUST_CHECK;

#define BLOCKS_SETTLE(b, vec) \
    blocks_settle((b), (void **)&(vec)->items, &(vec)->capacity, (vec)->count, sizeof *(vec)->items)

/* Shrinks to `count` items; what was in `temp` moves to `owner`. The array does not grow again. */
err blocks_settle(struct blocks *b, void **items, size_t *capacity, size_t count,
                  size_t size) MUST_CHECK;

/* A zeroed array of that length, which is settled as the others are; and its end before that. */
void *blocks_table(struct blocks *b, size_t count, size_t size) MUST_CHECK;
void blocks_drop_table(struct blocks *b, void *table, size_t count, size_t size);

/* Room for a text that is settled from the start; not zeroed when it is long. */
char *blocks_room(struct blocks *b, size_t size) MUST_CHECK;

/* From now on the blocks live as long as what is in `owner` now. */
err blocks_hand_over(struct blocks *b) MUST_CHECK;

#endif
