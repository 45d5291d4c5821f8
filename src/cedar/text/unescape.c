/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/unescape.h"

#include "base/utf8.h"

enum { UNICODE_DIGITS_MAX = 6 };

static bool next_scalar(str body, size_t *offset, uint32_t *ret) {
    if (*offset < body.len && (unsigned char)body.ptr[*offset] < 0x80) {
        *ret = (unsigned char)body.ptr[(*offset)++];
        return true;
    }
    return utf8_next(body, offset, ret);
}

static int hex_value(uint32_t scalar) {
    return scalar < 0x80 ? byte_hex((char)scalar) : -1;
}

/* Behind `\x`: two digits, at most 7F. */
static bool hex_escape(str body, size_t *offset, uint32_t *ret) {
    uint32_t value = 0;
    for (int i = 0; i < 2; i++) {
        uint32_t scalar;
        if (!next_scalar(body, offset, &scalar)) {
            return false;
        }
        int digit = hex_value(scalar);
        if (digit < 0) {
            return false;
        }
        value = value * 16 + (uint32_t)digit;
    }
    *ret = value;
    return value <= 0x7F;
}

/* Behind `\u`: the braces. Reads to the closing brace even when there are too many digits, so
 * that the whole escape is shown. */
static bool unicode_escape(str body, size_t *offset, uint32_t *ret) {
    uint32_t scalar;
    if (!next_scalar(body, offset, &scalar) || scalar != '{') {
        return false;
    }
    uint32_t value = 0;
    size_t digits = 0;
    while (next_scalar(body, offset, &scalar)) {
        if (scalar == '}') {
            char encoded[UTF8_MAX_BYTES];
            *ret = value;
            return digits > 0 && digits <= UNICODE_DIGITS_MAX && utf8_encode(value, encoded) > 0;
        }
        if (scalar == '_' && digits > 0) {
            continue;
        }
        int digit = hex_value(scalar);
        if (digit < 0) {
            return false;
        }
        digits++;
        value = digits <= UNICODE_DIGITS_MAX ? value * 16 + (uint32_t)digit : value;
    }
    return false;
}

/* Behind the backslash. */
static bool escape(str body, size_t *offset, enum unescape_mode mode, uint32_t *ret) {
    uint32_t scalar;
    if (!next_scalar(body, offset, &scalar)) {
        return false;
    }
    switch (scalar) {
    case 'n':
        *ret = '\n';
        return true;
    case 'r':
        *ret = '\r';
        return true;
    case 't':
        *ret = '\t';
        return true;
    case '0':
        *ret = '\0';
        return true;
    case '\\':
    case '\'':
    case '"':
        *ret = scalar;
        return true;
    case 'x':
        return hex_escape(body, offset, ret);
    case 'u':
        return unicode_escape(body, offset, ret);
    default:
        *ret = scalar;
        return scalar == '*' && mode == UNESCAPE_PATTERN;
    }
}

bool unescape_next(str body, size_t *offset, enum unescape_mode mode, struct unescaped *ret) {
    size_t start = *offset;
    uint32_t scalar;
    if (!next_scalar(body, offset, &scalar)) {
        return false;
    }
    bool is_good = scalar != '\r';
    if (scalar == '\\') {
        is_good = escape(body, offset, mode, &scalar);
    }
    str source = str_slice(body, start, *offset);
    if (mode == UNESCAPE_PATTERN && scalar == '*' && !str_equal(source, STR("\\*"))) {
        scalar = AST_WILDCARD;
    }
    *ret = (struct unescaped){.scalar = scalar, .is_bad = !is_good, .source = source};
    return true;
}

err unescape_string(struct arena *a, str body, str *ret) {
    if (str_find_byte(body, '\\') == SIZE_MAX && str_find_byte(body, '\r') == SIZE_MAX) {
        *ret = body.len == 0 ? STR("") : body;
        return ERR_OK;
    }
    /* No escape is shorter than what it stands for. */
    char *bytes = arena_alloc(a, body.len);
    if (bytes == NULL) {
        return arena_error(a);
    }
    size_t len = 0;
    size_t offset = 0;
    struct unescaped one;
    while (unescape_next(body, &offset, UNESCAPE_STRING, &one)) {
        char encoded[UTF8_MAX_BYTES];
        if (one.is_bad) {
            return ERR_SYNTAX;
        }
        size_t size = utf8_encode(one.scalar, encoded);
        memcpy(bytes + len, encoded, size);
        len += size;
    }
    *ret = str_make(bytes, len);
    return ERR_OK;
}

err unescape_pattern(struct arena *a, str body, struct ast_pattern *ret) {
    size_t count = 0;
    size_t offset = 0;
    struct unescaped one;
    while (unescape_next(body, &offset, UNESCAPE_PATTERN, &one)) {
        if (one.is_bad) {
            return ERR_SYNTAX;
        }
        count++;
    }
    uint32_t *items = ARENA_ARRAY(a, uint32_t, count);
    if (items == NULL) {
        return arena_error(a);
    }
    offset = 0;
    for (size_t i = 0; unescape_next(body, &offset, UNESCAPE_PATTERN, &one); i++) {
        items[i] = one.scalar;
    }
    *ret = (struct ast_pattern){items, count};
    return ERR_OK;
}
