/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/id.h"

#include "crypto/random.h"

enum { ID_BYTES = 16 };

static const char hex_digits[] = "0123456789abcdef";

static char *hex_put(char *out, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        *out++ = hex_digits[bytes[i] >> 4];
        *out++ = hex_digits[bytes[i] & 15];
    }
    return out;
}

void id_uuid(uint64_t now_ms, char out[ID_UUID_SIZE]) {
    uint8_t bytes[ID_BYTES];
    random_bytes(bytes + 6, sizeof bytes - 6);
    for (int i = 0; i < 6; i++) {
        bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
    }
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x70); /* version 7 */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
    static const uint8_t group_bytes[] = {4, 2, 2, 2, 6};
    const uint8_t *from = bytes;
    for (size_t i = 0; i < ARRAY_LEN(group_bytes); i++) {
        if (i > 0) {
            *out++ = '-';
        }
        out = hex_put(out, from, group_bytes[i]);
        from += group_bytes[i];
    }
    *out = '\0';
}

void id_hex(char out[ID_HEX_SIZE]) {
    uint8_t bytes[ID_BYTES];
    random_bytes(bytes, sizeof bytes);
    *hex_put(out, bytes, sizeof bytes) = '\0';
}

err id_uuid_new(struct arena *a, uint64_t now_ms, str *ret) {
    char text[ID_UUID_SIZE];
    id_uuid(now_ms, text);
    return arena_copy(a, str_make(text, ID_UUID_LEN), ret);
}

err id_hex_new(struct arena *a, str *ret) {
    char text[ID_HEX_SIZE];
    id_hex(text);
    return arena_copy(a, str_make(text, ID_HEX_LEN), ret);
}

bool id_is_uuid(str text) {
    if (text.len != ID_UUID_LEN) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') {
                return false;
            }
        } else if (byte_hex(c) < 0 || byte_lower(c) != c) {
            return false;
        }
    }
    return true;
}
