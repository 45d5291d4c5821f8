/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

bool utf8_next(str s, size_t *offset, uint32_t *ret_scalar) {
    if (*offset >= s.len) {
        return false;
    }
    const unsigned char *p = (const unsigned char *)s.ptr + *offset;
    size_t left = s.len - *offset;
    if (p[0] < 0x80) {
        *ret_scalar = p[0];
        *offset += 1;
        return true;
    }
    /* RFC 3629 §4: the second byte's range depends on the first, the rest is 80..BF. */
    size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < length) {
        return false;
    }
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) {
        return false;
    }
    uint32_t scalar = p[0] & (0x7Fu >> length);
    scalar = (scalar << 6) | (p[1] & 0x3Fu);
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xC0u) != 0x80) {
            return false;
        }
        scalar = (scalar << 6) | (p[i] & 0x3Fu);
    }
    *ret_scalar = scalar;
    *offset += length;
    return true;
}

size_t utf8_encode(uint32_t scalar, char out[UTF8_MAX_BYTES]) {
    if (scalar < 0x80) {
        out[0] = (char)scalar;
        return 1;
    }
    if (scalar < 0x800) {
        out[0] = (char)(0xC0 | (scalar >> 6));
        out[1] = (char)(0x80 | (scalar & 0x3F));
        return 2;
    }
    if (scalar < 0x10000) {
        if (scalar >= 0xD800 && scalar <= 0xDFFF) {
            return 0;
        }
        out[0] = (char)(0xE0 | (scalar >> 12));
        out[1] = (char)(0x80 | ((scalar >> 6) & 0x3F));
        out[2] = (char)(0x80 | (scalar & 0x3F));
        return 3;
    }
    if (scalar > 0x10FFFF) {
        return 0;
    }
    out[0] = (char)(0xF0 | (scalar >> 18));
    out[1] = (char)(0x80 | ((scalar >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((scalar >> 6) & 0x3F));
    out[3] = (char)(0x80 | (scalar & 0x3F));
    return 4;
}

/* Mostly text is ASCII: eight bytes at a time. */
static size_t skip_ascii(str s, size_t offset) {
    for (uint64_t word; offset + sizeof word <= s.len; offset += sizeof word) {
        memcpy(&word, s.ptr + offset, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    return offset;
}

bool utf8_is_valid(str s, size_t *ret_offset) {
    size_t offset = skip_ascii(s, 0);
    while (offset < s.len) {
        uint32_t scalar;
        if ((unsigned char)s.ptr[offset] < 0x80) {
            offset++;
        } else if (!utf8_next(s, &offset, &scalar)) {
            if (ret_offset != NULL) {
                *ret_offset = offset;
            }
            return false;
        } else {
            offset = skip_ascii(s, offset);
        }
    }
    return true;
}

str utf8_cut(str s, size_t max) {
    if (s.len <= max) {
        return s;
    }
    while (max > 0 && ((unsigned char)s.ptr[max] & 0xC0) == 0x80) {
        max--;
    }
    return str_slice(s, 0, max);
}
