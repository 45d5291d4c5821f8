/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
/*
 * Arena: memory for one request, one parse or one policy set, freed as a whole.
 *
 *    first chunk          second chunk
 *   +----+-----------+   +----+------------------+
 *   |next| used|free | <-|next| used      | free |   bump pointer in the newest chunk
 *   +----+-----------+   +----+------------------+
 *
 * Every block is zeroed and aligned for any type. The cap given at creation is hard: an
 * allocation above it returns NULL and arena_error() says ERR_LIMIT, so that input can never
 * make the process grow without bound. An arena belongs to one thread at a time.
 *
 * Nothing that lives longer may point into an arena.
 */
#include "base/allocator.h"
#include "base/err.h"
#include "base/str.h"

struct arena_chunk;

struct arena {
    const struct allocator *allocator;
    struct arena_chunk *chunk; /* newest */
    struct arena_defer *defers;
    size_t total;      /* bytes obtained from the allocator */
    size_t max;        /* hard cap on `total` */
    size_t chunk_size; /* size of the next ordinary chunk */
    err error;         /* first failure, sticky until arena_done */
    bool is_wiped;     /* overwrite memory before it is given back (SECURITY: login requests) */
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
    size_t chunk_size;
    struct arena_defer *defers;
};

/* Takes no memory yet. max_bytes > 0. */
void arena_init(struct arena *a, const struct allocator *allocator, size_t max_bytes);

/* Runs the deferred functions (newest first) and frees everything. The arena can be used again
 * after another arena_init. Accepts a zeroed arena. */
void arena_done(struct arena *a);

/* Forgets everything, runs the deferred functions, keeps the first chunk for the next use unless
 * it is large. */
void arena_clear(struct arena *a);

/* Zeroed memory, or NULL when the cap is reached or memory is out. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size) MUST_CHECK;
/* count * size, checked for overflow. */
void *arena_alloc_array(struct arena *a, size_t count, size_t size) MUST_CHECK;

/* The same in a chunk of its own that is no larger: for those who know how much is to come. */
void *arena_alloc_apart(struct arena *a, size_t size) MUST_CHECK;

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_alloc_array((a), (count), sizeof(type)))

/* Makes a block longer in place, when it is the newest one and there is room behind it; the added
 * bytes are zero. False, and nothing changed, otherwise: this is no failure of the arena. */
bool arena_extend(struct arena *a, void *ptr, size_t old_size, size_t new_size) MUST_CHECK;

/* To be returned after a NULL: ERR_LIMIT or ERR_NOMEM, whichever was first. Never ERR_OK, and the
 * compiler sees that. */
static inline err arena_error(const struct arena *a) {
    return a->error == ERR_OK ? ERR_INTERNAL : a->error;
}
static inline bool arena_has_failed(const struct arena *a) {
    return a->error != ERR_OK;
}

/* Copies bytes in; an absent str stays absent. On failure *ret is unchanged. */
err arena_copy(struct arena *a, str s, str *ret) MUST_CHECK;
/* The same with a NUL behind it; ERR_SYNTAX when the bytes contain NUL. */
err arena_c_string(struct arena *a, str s, const char **ret) MUST_CHECK;
err arena_format(struct arena *a, str *ret, const char *format, ...) MUST_CHECK PRINTF_LIKE(3, 4);

/* Scratch: everything allocated after the mark is given back (deferred functions run). */
struct arena_mark arena_mark(const struct arena *a);
void arena_reset(struct arena *a, struct arena_mark mark);

/* Calls fn(ptr) when the arena is cleared, reset below this point, or done. */
err arena_defer(struct arena *a, void (*fn)(void *ptr), void *ptr) MUST_CHECK;

/* Bytes handed out, for limits and statistics. */
size_t arena_total(const struct arena *a);

#endif
