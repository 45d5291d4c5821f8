/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
/* The one file keeps no prototype of what it does not define: these stand inside of functions. */
static void arena_poison(const void *ptr, size_t size) {
    void __asan_poison_memory_region(void const volatile *addr, size_t size);
    __asan_poison_memory_region(ptr, size);
}
static void arena_unpoison(const void *ptr, size_t size) {
    void __asan_unpoison_memory_region(void const volatile *addr, size_t size);
    __asan_unpoison_memory_region(ptr, size);
}
#define POISON(ptr, size) arena_poison((ptr), (size))
#define UNPOISON(ptr, size) arena_unpoison((ptr), (size))
#else
#define POISON(ptr, size) ((void)0)
#define UNPOISON(ptr, size) ((void)0)
#endif

enum {
    CHUNK_FIRST = 4096,
    CHUNK_LARGEST = 1 << 20,
    CHUNK_KEPT = 1 << 16, /* what arena_clear may keep */
    ALIGNMENT = _Alignof(max_align_t),
};

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of data[] */
    size_t used;
    _Alignas(max_align_t) char data[];
};

struct arena_defer {
    struct arena_defer *older;
    void (*fn)(void *ptr);
    void *ptr;
};

void arena_init(struct arena *a, const struct allocator *allocator, size_t max_bytes) {
    *a = (struct arena){.allocator = allocator, .max = max_bytes, .chunk_size = CHUNK_FIRST};
}

static void run_defers(struct arena *a, const struct arena_defer *until) {
    while (a->defers != until) {
        struct arena_defer *defer = a->defers;
        a->defers = defer->older;
        defer->fn(defer->ptr);
    }
}

static void chunk_free(struct arena *a, struct arena_chunk *chunk) {
    UNPOISON(chunk->data, chunk->size);
    if (a->is_wiped) {
        memory_wipe(chunk->data, chunk->used);
    }
    size_t size = sizeof *chunk + chunk->size;
    a->total -= size;
    allocator_free(a->allocator, chunk, size);
}

void arena_done(struct arena *a) {
    run_defers(a, NULL);
    while (a->chunk != NULL) {
        struct arena_chunk *chunk = a->chunk;
        a->chunk = chunk->older;
        chunk_free(a, chunk);
    }
    a->error = ERR_OK;
}

void arena_clear(struct arena *a) {
    run_defers(a, NULL);
    while (a->chunk != NULL && (a->chunk->older != NULL || a->chunk->size > CHUNK_KEPT)) {
        struct arena_chunk *chunk = a->chunk;
        a->chunk = chunk->older;
        chunk_free(a, chunk);
    }
    if (a->chunk != NULL) {
        UNPOISON(a->chunk->data, a->chunk->used);
        if (a->is_wiped) {
            memory_wipe(a->chunk->data, a->chunk->used);
        }
        a->chunk->used = 0;
        POISON(a->chunk->data, a->chunk->size);
    }
    a->chunk_size = CHUNK_FIRST;
    a->error = ERR_OK;
}

static void *fail(struct arena *a, err error) {
    if (a->error == ERR_OK) {
        a->error = error;
    }
    return NULL;
}

/* Up to the alignment; false when that overflows. */
static bool round_up(size_t size, size_t *ret) {
    if (ADD_OVERFLOWS(size, (size_t)(ALIGNMENT - 1), ret)) {
        return false;
    }
    *ret &= ~(size_t)(ALIGNMENT - 1);
    return true;
}

/* `size` is rounded up already. */
static bool chunk_push(struct arena *a, size_t size) {
    bool is_separate = a->allocator->wants_separate_blocks;
    size_t data = is_separate || size > a->chunk_size ? size : a->chunk_size;
    size_t bytes;
    if (ADD_OVERFLOWS(data, sizeof(struct arena_chunk), &bytes) || bytes > a->max - a->total) {
        /* The large chunk does not fit under the cap; the block alone may. */
        data = size;
        if (ADD_OVERFLOWS(data, sizeof(struct arena_chunk), &bytes) || bytes > a->max - a->total) {
            return fail(a, ERR_LIMIT) != NULL;
        }
    }
    struct arena_chunk *chunk = a->allocator->resize(a->allocator->ctx, NULL, 0, bytes);
    if (chunk == NULL) {
        return fail(a, ERR_NOMEM) != NULL;
    }
    *chunk = (struct arena_chunk){.older = a->chunk, .size = data};
    POISON(chunk->data, data);
    a->chunk = chunk;
    a->total += bytes;
    if (!is_separate && a->chunk_size < CHUNK_LARGEST) {
        a->chunk_size *= 2;
    }
    return true;
}

void *arena_alloc(struct arena *a, size_t size) {
    size_t rounded;
    if (!round_up(size, &rounded)) {
        return fail(a, ERR_LIMIT);
    }
    struct arena_chunk *chunk = a->chunk;
    if (chunk == NULL || chunk->size - chunk->used < rounded ||
        a->allocator->wants_separate_blocks) {
        if (!chunk_push(a, rounded)) {
            return NULL;
        }
        chunk = a->chunk;
    }
    char *ptr = chunk->data + chunk->used;
    chunk->used += rounded;
    UNPOISON(ptr, size);
    memset(ptr, 0, size);
    return ptr;
}

void *arena_alloc_apart(struct arena *a, size_t size) {
    size_t usual = a->chunk_size;
    size_t rounded;
    if (a->allocator->wants_separate_blocks) {
        return arena_alloc(a, size);
    }
    if (!round_up(size, &rounded)) {
        return fail(a, ERR_LIMIT);
    }
    a->chunk_size = 0;
    bool is_there = chunk_push(a, rounded);
    a->chunk_size = usual;
    return is_there ? arena_alloc(a, size) : NULL;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size) {
    size_t bytes;
    if (MUL_OVERFLOWS(count, size, &bytes)) {
        return fail(a, ERR_LIMIT);
    }
    return arena_alloc(a, bytes);
}

bool arena_extend(struct arena *a, void *ptr, size_t old_size, size_t new_size) {
    struct arena_chunk *chunk = a->chunk;
    size_t old_rounded;
    size_t new_rounded;
    if (chunk == NULL || a->allocator->wants_separate_blocks || new_size < old_size ||
        !round_up(old_size, &old_rounded) || !round_up(new_size, &new_rounded) ||
        old_rounded > chunk->used || (char *)ptr != chunk->data + chunk->used - old_rounded ||
        new_rounded - old_rounded > chunk->size - chunk->used) {
        return false;
    }
    chunk->used += new_rounded - old_rounded;
    UNPOISON(ptr, new_size);
    memset((char *)ptr + old_size, 0, new_size - old_size);
    return true;
}

err arena_copy(struct arena *a, str s, str *ret) {
    if (str_is_absent(s)) {
        *ret = s;
        return ERR_OK;
    }
    char *copy = arena_alloc(a, s.len);
    if (copy == NULL) {
        return arena_error(a);
    }
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    *ret = (str){copy, s.len};
    return ERR_OK;
}

err arena_c_string(struct arena *a, str s, const char **ret) {
    if (str_find_byte(s, '\0') != SIZE_MAX) {
        return ERR_SYNTAX;
    }
    char *copy = arena_alloc_array(a, s.len + 1, 1);
    if (copy == NULL) {
        return arena_error(a);
    }
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    *ret = copy;
    return ERR_OK;
}

err arena_format(struct arena *a, str *ret, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        return ERR_INTERNAL;
    }
    size_t size = (size_t)length + 1;
    char *text = arena_alloc(a, size);
    if (text == NULL) {
        return arena_error(a);
    }
    va_start(args, format);
    vsnprintf(text, size, format, args);
    va_end(args);
    *ret = (str){text, (size_t)length};
    return ERR_OK;
}

struct arena_mark arena_mark(const struct arena *a) {
    return (struct arena_mark){.chunk = a->chunk,
                               .used = a->chunk == NULL ? 0 : a->chunk->used,
                               .chunk_size = a->chunk_size,
                               .defers = a->defers};
}

void arena_reset(struct arena *a, struct arena_mark mark) {
    run_defers(a, mark.defers);
    while (a->chunk != mark.chunk) {
        if (!HOLDS(a->chunk != NULL)) {
            a->error = ERR_INTERNAL;
            return;
        }
        struct arena_chunk *chunk = a->chunk;
        a->chunk = chunk->older;
        chunk_free(a, chunk);
    }
    a->chunk_size = mark.chunk_size; /* or a loop of marks would double it each time */
    if (a->chunk != NULL) {
        size_t given_back = a->chunk->used - mark.used;
        UNPOISON(a->chunk->data + mark.used, given_back);
        if (a->is_wiped) {
            memory_wipe(a->chunk->data + mark.used, given_back);
        }
        a->chunk->used = mark.used;
        POISON(a->chunk->data + mark.used, given_back);
    }
}

err arena_defer(struct arena *a, void (*fn)(void *ptr), void *ptr) {
    struct arena_defer *defer = ARENA_NEW(a, struct arena_defer);
    if (defer == NULL) {
        return arena_error(a);
    }
    *defer = (struct arena_defer){.older = a->defers, .fn = fn, .ptr = ptr};
    a->defers = defer;
    return ERR_OK;
}

size_t arena_total(const struct arena *a) {
    return a->total;
}
