/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>

enum { FORMAT_PIECE = 256 };

void buf_init(struct buf *b, const struct allocator *allocator, size_t max_bytes) {
    *b = (struct buf){.allocator = allocator, .max = max_bytes};
}

void buf_init_arena(struct buf *b, struct arena *arena, size_t max_bytes) {
    *b = (struct buf){.arena = arena, .max = max_bytes};
}

void buf_init_fixed(struct buf *b, char *storage, size_t size) {
    *b = (struct buf){.data = storage, .capacity = size, .max = size};
}

void buf_done(struct buf *b) {
    if (b->allocator != NULL) {
        allocator_free(b->allocator, b->data, b->capacity);
    }
    *b = (struct buf){0};
}

void buf_fail(struct buf *b, err error) {
    if (b->error == ERR_OK) {
        b->error = error;
    }
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->error = ERR_OK;
}

static bool grow(struct buf *b, size_t size) {
    size_t needed;
    if (ADD_OVERFLOWS(b->len, size, &needed) || needed > b->max) {
        b->error = ERR_LIMIT;
        return false;
    }
    size_t capacity = b->capacity < 64 ? 64 : b->capacity;
    while (capacity < needed) {
        capacity = capacity > b->max / 2 ? b->max : capacity * 2;
    }
    capacity = capacity > b->max ? b->max : capacity;
    char *data;
    if (b->arena != NULL) {
        if (arena_extend(b->arena, b->data, b->capacity, capacity)) {
            b->capacity = capacity;
            return true;
        }
        data = arena_alloc(b->arena, capacity);
        if (data != NULL && b->len > 0) {
            memcpy(data, b->data, b->len);
        }
    } else {
        data = b->allocator->resize(b->allocator->ctx, b->data, b->capacity, capacity);
    }
    if (data == NULL) {
        b->error = b->arena != NULL ? arena_error(b->arena) : ERR_NOMEM;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

char *buf_reserve(struct buf *b, size_t size) {
    if (b->error != ERR_OK) {
        return NULL;
    }
    if (size > b->capacity - b->len || b->data == NULL) {
        if (!grow(b, size)) {
            return NULL;
        }
    }
    return b->data + b->len;
}

void buf_advance(struct buf *b, size_t size) {
    if (!HOLDS(size <= b->capacity - b->len)) {
        buf_fail(b, ERR_INTERNAL);
        return;
    }
    b->len += size;
}

void buf_add(struct buf *b, str s) {
    char *room = buf_reserve(b, s.len);
    if (room != NULL && s.len > 0) {
        memcpy(room, s.ptr, s.len);
        b->len += s.len;
    }
}

void buf_add_c(struct buf *b, const char *text) {
    buf_add(b, str_c(text));
}

void buf_add_byte(struct buf *b, char byte) {
    char *room = buf_reserve(b, 1);
    if (room != NULL) {
        *room = byte;
        b->len++;
    }
}

void buf_add_u64(struct buf *b, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(b, str_make(digits + at, sizeof digits - at));
}

void buf_add_i64(struct buf *b, int64_t value) {
    if (value < 0) {
        buf_add_byte(b, '-');
        buf_add_u64(b, (uint64_t)0 - (uint64_t)value);
    } else {
        buf_add_u64(b, (uint64_t)value);
    }
}

void buf_format(struct buf *b, const char *format, ...) {
    char piece[FORMAT_PIECE];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    if (length < 0) {
        buf_fail(b, ERR_INTERNAL);
        return;
    }
    if ((size_t)length < sizeof piece) {
        buf_add(b, str_make(piece, (size_t)length));
        return;
    }
    char *room = buf_reserve(b, (size_t)length + 1);
    if (room == NULL) {
        return;
    }
    va_start(args, format);
    vsnprintf(room, (size_t)length + 1, format, args);
    va_end(args);
    b->len += (size_t)length;
}

err buf_finish(const struct buf *b, str *ret) {
    if (b->error == ERR_OK) {
        *ret = buf_str(b);
    }
    return b->error;
}
