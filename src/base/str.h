/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STR_H
#define BASE_STR_H
/*
 * `str`: a borrowed run of bytes, pointer and length, passed by value.
 *
 * Not NUL-terminated; NUL bytes inside are ordinary. A NULL pointer means absent, zero length
 * means empty. A str never owns: whoever made the bytes says how long they live.
 */
#include "base/compiler.h"

#include <string.h>

typedef struct str {
    const char *ptr;
    size_t len;
} str;

/* For literals only; the length is a compile-time constant. */
#define STR(literal) ((str){("" literal), sizeof(literal) - 1})
/* As above, for static initialisers. */
#define STR_INIT(literal) \
    { ("" literal), sizeof(literal) - 1 }
/* For "%.*s". The cut at INT_MAX only matters to printing. */
#define STR_FMT(s) ((s).len > 0x7fffffff ? 0x7fffffff : (int)(s).len), ((s).ptr ? (s).ptr : "")

static inline str str_make(const char *ptr, size_t len) {
    return (str){ptr, len};
}

/* From a C string; NULL gives an absent str. */
static inline str str_c(const char *text) {
    return text == NULL ? (str){NULL, 0} : (str){text, strlen(text)};
}

static inline bool str_is_absent(str s) {
    return s.ptr == NULL;
}

static inline bool str_equal(str a, str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_equal_c(str a, const char *b) {
    return str_equal(a, str_c(b));
}

/* Bytes [from, to); ASSERTs that they lie inside. */
str str_slice(str s, size_t from, size_t to);

/* Bytewise order; a prefix comes first. Negative, zero, positive. */
int str_compare(str a, str b);

bool str_has_prefix(str s, str prefix);
bool str_has_suffix(str s, str suffix);
bool str_equal_nocase(str a, str b); /* ASCII letters only */

/* First position of a byte, or SIZE_MAX. */
size_t str_find_byte(str s, char byte);
size_t str_find(str s, str needle);

/* Cuts at the first `byte`: *head gets what is before it, *tail what is behind it. False (and
 * *head = s, *tail absent) when there is none. */
bool str_cut(str s, char byte, str *head, str *tail);

/* Without ASCII spaces and tabs at either end. */
str str_trim(str s);

static inline bool byte_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool byte_is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool byte_is_alnum(char c) {
    return byte_is_digit(c) || byte_is_alpha(c);
}
static inline char byte_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
/* Value of a hexadecimal digit, or -1. */
static inline int byte_hex(char c) {
    return byte_is_digit(c)         ? c - '0'
           : (c >= 'a' && c <= 'f') ? c - 'a' + 10
           : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                    : -1;
}

/* Decimal digits only, no sign, no space; false on empty input or overflow. */
bool str_to_u64(str s, uint64_t *ret_value) MUST_CHECK;
/* Optional '-' first. */
bool str_to_i64(str s, int64_t *ret_value) MUST_CHECK;

/* The known name nearest to `name` by edit distance, if near enough to be a typing error;
 * absent otherwise. For "did you mean". */
str str_nearest(str name, const str *known, size_t count);
/* The same with a limit of its own: the nearest one that is at most `limit` changes away. Letters
 * of the other case are other letters. Known names of more than 64 bytes are left out. */
str str_nearest_within(str name, const str *known, size_t count, size_t limit);

#endif
