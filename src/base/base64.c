/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

static const char alphabets[2][65] = {
    [BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/* Value + 1 of the 62 characters that both alphabets share; 0 = another character. */
static const unsigned char shared_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62,
};

/* 0 to 63, or -1. */
static ALWAYS_INLINE int value_of(enum base64_form form, char c) {
    unsigned char shared = shared_values[(unsigned char)c];
    if (shared != 0) {
        return shared - 1;
    }
    return c == alphabets[form][62] ? 62 : c == alphabets[form][63] ? 63 : -1;
}

void base64_encode(struct buf *out, enum base64_form form, str bytes) {
    const char *alphabet = alphabets[form];
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    size_t left = bytes.len;
    if (left > SIZE_MAX / 2) {
        buf_fail(out, ERR_LIMIT);
        return;
    }
    size_t tail = left % 3;
    char *to = buf_reserve(out, left / 3 * 4 + (tail == 0                 ? 0
                                                : form == BASE64_STANDARD ? 4
                                                                          : tail + 1));
    if (to == NULL) {
        return;
    }
    const char *start = to;
    for (; left >= 3; left -= 3, in += 3) {
        uint32_t word = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        *to++ = alphabet[word >> 18];
        *to++ = alphabet[word >> 12 & 63];
        *to++ = alphabet[word >> 6 & 63];
        *to++ = alphabet[word & 63];
    }
    if (left > 0) {
        uint32_t word = (uint32_t)in[0] << 16 | (left == 2 ? (uint32_t)in[1] << 8 : 0);
        *to++ = alphabet[word >> 18];
        *to++ = alphabet[word >> 12 & 63];
        if (left == 2) {
            *to++ = alphabet[word >> 6 & 63];
        } else if (form == BASE64_STANDARD) {
            *to++ = '=';
        }
        if (form == BASE64_STANDARD) {
            *to++ = '=';
        }
    }
    buf_advance(out, (size_t)(to - start));
}

/* Up to four characters as one number of 6 bits each, or -1. */
static int32_t decode_group(enum base64_form form, const char *in, size_t count) {
    int32_t word = 0;
    for (size_t i = 0; i < count; i++) {
        int value = value_of(form, in[i]);
        if (value < 0) {
            return -1;
        }
        word = word << 6 | value;
    }
    return word;
}

/* The last 2 or 3 characters; the bits behind the last byte must be zero. */
static bool decode_tail(enum base64_form form, const char *in, size_t count, char *to) {
    int32_t word = decode_group(form, in, count);
    int32_t unused = count == 2 ? 0xF : 0x3;
    if (word < 0 || (word & unused) != 0) {
        return false;
    }
    if (count == 2) {
        to[0] = (char)(unsigned char)(word >> 4);
    } else {
        to[0] = (char)(unsigned char)(word >> 10);
        to[1] = (char)(unsigned char)(word >> 2 & 0xFF);
    }
    return true;
}

err base64_decode(struct arena *a, enum base64_form form, str text, str *ret) {
    size_t len = text.len;
    if (form == BASE64_STANDARD && len > 0) {
        if (len % 4 != 0) {
            return ERR_SYNTAX;
        }
        len -= text.ptr[len - 1] != '=' ? 0 : text.ptr[len - 2] != '=' ? 1 : 2;
    }
    size_t tail = len % 4;
    if (tail == 1) {
        return ERR_SYNTAX;
    }
    size_t size = len / 4 * 3 + (tail == 0 ? 0 : tail - 1);
    char *bytes = arena_alloc(a, size);
    if (bytes == NULL) {
        return arena_error(a);
    }
    char *to = bytes;
    const char *in = text.ptr;
    for (size_t left = len; left >= 4; left -= 4, in += 4) {
        int32_t word = decode_group(form, in, 4);
        if (word < 0) {
            return ERR_SYNTAX;
        }
        *to++ = (char)(unsigned char)(word >> 16);
        *to++ = (char)(unsigned char)(word >> 8 & 0xFF);
        *to++ = (char)(unsigned char)(word & 0xFF);
    }
    if (tail != 0 && !decode_tail(form, in, tail, to)) {
        return ERR_SYNTAX;
    }
    *ret = (str){bytes, size};
    return ERR_OK;
}
