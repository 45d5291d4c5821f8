/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H
/*
 * UTF-8 (RFC 3629): shortest forms only, no surrogates, at most U+10FFFF. Pure functions.
 */
#include "base/str.h"

enum { UTF8_MAX_BYTES = 4 };

/* Decodes the scalar value at *offset and moves past it; false (and *offset at the bad byte)
 * when the bytes there are not valid UTF-8 or the end is reached. */
bool utf8_next(str s, size_t *offset, uint32_t *ret_scalar) MUST_CHECK;

/* Writes at most UTF8_MAX_BYTES, returns how many; 0 for a surrogate or above U+10FFFF. */
size_t utf8_encode(uint32_t scalar, char out[UTF8_MAX_BYTES]);

/* True when all of it is valid; otherwise *ret_offset (may be NULL) is the first bad byte. */
bool utf8_is_valid(str s, size_t *ret_offset);

/* The first `max` bytes at most, without a character that would be cut in two. */
str utf8_cut(str s, size_t max);

#endif
