/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H
/*
 * How far a run of plain bytes goes, eight bytes at a time. For parsers and escapers, whose input
 * is almost always plain: they skip the run and look closely at the byte that ends it.
 *
 * Word-at-a-time tests: for a word w without bytes of 0x80 and above, (w - n*01…) sets the high
 * bit of every byte below n; XOR with a repeated byte makes equal bytes zero. The last word is
 * filled up with a plain byte. A word that has a stop byte anywhere ends the fast loop; the byte
 * loop finds the place. Pure functions.
 */
#include "base/str.h"

#define SCAN_EVERY(byte) (0x0101010101010101u * (uint64_t)(byte))

/* True when no byte of the word is below 0x20 or above 0x7e. */
static inline bool scan_word_is_printable(uint64_t w) {
    uint64_t low = w - SCAN_EVERY(0x20);
    uint64_t high = w + SCAN_EVERY(0x01);
    return ((low | high | w) & SCAN_EVERY(0x80)) == 0;
}

static inline bool scan_word_has(uint64_t w, char byte) {
    uint64_t x = w ^ SCAN_EVERY((unsigned char)byte);
    return ((x - SCAN_EVERY(0x01)) & ~x & SCAN_EVERY(0x80)) != 0;
}

/* Up to eight bytes as a word, filled up with 'a'. len > 0. */
static inline uint64_t scan_load(const char *bytes, size_t len) {
    uint64_t w = SCAN_EVERY('a');
    if (LIKELY(len >= sizeof w)) {
        memcpy(&w, bytes, sizeof w);
    } else {
        memcpy(&w, bytes, len);
    }
    return w;
}

/* Length of the leading run of bytes 0x20 to 0x7e. */
static inline size_t scan_printable(const char *bytes, size_t len) {
    size_t at = 0;
    while (at < len && scan_word_is_printable(scan_load(bytes + at, len - at))) {
        at += 8;
    }
    while (at < len && bytes[at] >= 0x20 && bytes[at] < 0x7f) {
        at++;
    }
    return at < len ? at : len;
}

/* The same, ending also at any of three bytes (give one twice for two). */
static inline size_t scan_printable_until(const char *bytes, size_t len, char a, char b, char c) {
    size_t at = 0;
    while (at < len) {
        uint64_t w = scan_load(bytes + at, len - at);
        if (!scan_word_is_printable(w) || scan_word_has(w, a) || scan_word_has(w, b) ||
            scan_word_has(w, c)) {
            break;
        }
        at += 8;
    }
    while (at < len && bytes[at] >= 0x20 && bytes[at] < 0x7f && bytes[at] != a && bytes[at] != b &&
           bytes[at] != c) {
        at++;
    }
    return at < len ? at : len;
}

#endif
