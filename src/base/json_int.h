/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_INT_H
#define BASE_JSON_INT_H
/*
 * Inside the JSON reader: the cursor that json_scan.c (strings, numbers, words) and json_parse.c
 * (containers, limits) share. Not for other files. One thread at a time, as the arena.
 */
#include "base/json.h"

struct json_cursor {
    str text;
    size_t at;
    struct arena *arena;
    struct error *reterr;
};

static ALWAYS_INLINE void json_skip_space(struct json_cursor *c) {
    while (c->at < c->text.len) {
        char byte = c->text.ptr[c->at];
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') {
            return;
        }
        c->at++;
    }
}

/* The byte at the cursor, or NUL at the end (NUL is never valid outside a string). */
static ALWAYS_INLINE char json_peek(const struct json_cursor *c) {
    return c->at < c->text.len ? c->text.ptr[c->at] : '\0';
}

/* Syntax error at the cursor; at the end of the text it says so instead. */
err json_fail(const struct json_cursor *c, const char *message);
err json_fail_at(const struct json_cursor *c, size_t offset, err code, const char *message);
err json_fail_arena(const struct json_cursor *c);

/* The cursor is on the opening quote. */
err json_read_string(struct json_cursor *c, str *ret) MUST_CHECK;

/* Fills in a scalar; of a container only the kind, the cursor is then behind the bracket. */
err json_read_value(struct json_cursor *c, struct json *ret) MUST_CHECK;

#endif
