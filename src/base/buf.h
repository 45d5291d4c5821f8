/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUF_H
#define BASE_BUF_H
/*
 * A byte builder with a mandatory maximum and sticky failure.
 *
 * Append freely, check once: after the first append that does not fit (or finds no memory) the
 * buffer stays failed, further appends do nothing, and buf_finish() returns the error. The
 * storage comes from the allocator given to buf_init (free it with buf_done), or from an arena
 * (buf_init_arena), which then frees it.
 */
#include "base/arena.h"

struct buf {
    char *data;
    size_t len;
    size_t capacity;
    size_t max;
    const struct allocator *allocator; /* or */
    struct arena *arena;
    err error;
};

void buf_init(struct buf *b, const struct allocator *allocator, size_t max_bytes);
void buf_init_arena(struct buf *b, struct arena *arena, size_t max_bytes);
/* Over storage of the caller's, which is all there is: no allocation. */
void buf_init_fixed(struct buf *b, char *storage, size_t size);
void buf_done(struct buf *b); /* accepts zeroed and arena buffers */

/* Records a failure of the caller's own making, unless one is recorded already. */
void buf_fail(struct buf *b, err error);

/* Empties it and forgets a failure; keeps the storage. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, str s);
void buf_add_c(struct buf *b, const char *text);
void buf_add_byte(struct buf *b, char byte);
void buf_add_u64(struct buf *b, uint64_t value);
void buf_add_i64(struct buf *b, int64_t value);
/* A piece of 256 bytes or more needs one byte of room behind it. */
void buf_format(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Room for `size` bytes that the caller fills itself and accounts with buf_advance; NULL after
 * failure. */
char *buf_reserve(struct buf *b, size_t size) MUST_CHECK;
void buf_advance(struct buf *b, size_t size);

/* What is in it so far; valid until the next append. */
static inline str buf_str(const struct buf *b) {
    return (str){b->data == NULL ? "" : b->data, b->len};
}

/* ERR_OK and the bytes, or the first failure. */
err buf_finish(const struct buf *b, str *ret) MUST_CHECK;

#endif
