/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_int.h"

#include "base/utf8.h"

void json_position(str text, size_t offset, uint32_t *ret_line, uint32_t *ret_column) {
    uint32_t line = 1;
    size_t line_start = 0;
    size_t end = offset < text.len ? offset : text.len;
    for (size_t i = 0; i < end; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    *ret_line = line;
    *ret_column = (uint32_t)(end - line_start) + 1;
}

err json_fail_at(const struct json_cursor *c, size_t offset, err code, const char *message) {
    error_set(c->reterr, code, "%s", message);
    if (c->reterr != NULL) {
        c->reterr->offset = offset;
        json_position(c->text, offset, &c->reterr->line, &c->reterr->column);
    }
    return code;
}

err json_fail(const struct json_cursor *c, const char *message) {
    if (c->at >= c->text.len) {
        return json_fail_at(c, c->text.len, ERR_SYNTAX, "the text ends too early");
    }
    return json_fail_at(c, c->at, ERR_SYNTAX, message);
}

err json_fail_arena(const struct json_cursor *c) {
    err code = arena_error(c->arena);
    return json_fail_at(c, c->at, code,
                        code == ERR_LIMIT ? "the text needs more memory than is allowed"
                                          : err_text(code));
}

#define ONES (~(uint64_t)0 / 255)
#define HIGH_BITS (ONES * 0x80)

/* The high bit of each byte that is '"', '\\', a control character or not ASCII. Borrows may mark
 * a byte wrongly, but only above one that is marked rightly. */
static ALWAYS_INLINE uint64_t special_bytes(uint64_t word) {
    uint64_t quote = word ^ (ONES * '"');
    uint64_t backslash = word ^ (ONES * '\\');
    uint64_t found = (quote - ONES) | (backslash - ONES) | (word - ONES * 0x20) | word;
    return found & HIGH_BITS;
}

/* Eight bytes at a time; may stop before the first special byte, never behind it. */
static ALWAYS_INLINE size_t skip_plain(str text, size_t at) {
    uint64_t word;
    while (text.len - at >= sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        uint64_t found = special_bytes(word);
        if (found != 0) {
            return at + FIRST_BYTE_MARKED(found);
        }
        at += sizeof word;
    }
    return at;
}

/* Four hexadecimal digits at `at`, or -1. */
static int32_t hex4(str text, size_t at) {
    if (text.len - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = byte_hex(text.ptr[at + i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The cursor is behind "\u". Surrogates must come as a pair. */
static err read_unicode_escape(struct json_cursor *c, uint32_t *ret) {
    size_t start = c->at - 2;
    int32_t first = hex4(c->text, c->at);
    if (first < 0) {
        return json_fail_at(c, start, ERR_SYNTAX, "\\u needs four hexadecimal digits");
    }
    c->at += 4;
    if (first < 0xD800 || first > 0xDFFF) {
        *ret = (uint32_t)first;
        return ERR_OK;
    }
    int32_t second = -1;
    if (first <= 0xDBFF && c->text.len - c->at >= 6 && c->text.ptr[c->at] == '\\' &&
        c->text.ptr[c->at + 1] == 'u') {
        second = hex4(c->text, c->at + 2);
    }
    if (second < 0xDC00 || second > 0xDFFF) {
        return json_fail_at(c, start, ERR_SYNTAX, "\\u names half of a surrogate pair");
    }
    c->at += 6;
    *ret = 0x10000 + (((uint32_t)first & 0x3FF) << 10) + ((uint32_t)second & 0x3FF);
    return ERR_OK;
}

/* The cursor is on the backslash. */
static err read_escape(struct json_cursor *c, uint32_t *ret) {
    c->at++;
    char byte = json_peek(c);
    if (c->at >= c->text.len) {
        return json_fail(c, "");
    }
    c->at++;
    switch (byte) {
    case '"':
    case '\\':
    case '/':
        *ret = (uint32_t)byte;
        return ERR_OK;
    case 'b':
        *ret = '\b';
        return ERR_OK;
    case 'f':
        *ret = '\f';
        return ERR_OK;
    case 'n':
        *ret = '\n';
        return ERR_OK;
    case 'r':
        *ret = '\r';
        return ERR_OK;
    case 't':
        *ret = '\t';
        return ERR_OK;
    case 'u':
        return read_unicode_escape(c, ret);
    default:
        c->at--;
        return json_fail(c,
                         "unknown escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
}

/* Moves behind the closing quote, checking bytes; *ret_has_escapes tells whether a copy is due. */
static err scan_string(struct json_cursor *c, bool *ret_has_escapes) {
    bool has_escapes = false;
    for (;;) {
        c->at = skip_plain(c->text, c->at);
        if (c->at >= c->text.len) {
            return json_fail(c, "");
        }
        unsigned char byte = (unsigned char)c->text.ptr[c->at];
        uint32_t scalar;
        if (byte == '"') {
            c->at++;
            *ret_has_escapes = has_escapes;
            return ERR_OK;
        }
        if (byte == '\\') {
            has_escapes = true;
            TRY(read_escape(c, &scalar));
        } else if (byte < 0x20) {
            return json_fail(c, "a control character in a string must be escaped");
        } else if (byte < 0x80) {
            c->at++;
        } else if (!utf8_next(c->text, &c->at, &scalar)) {
            return json_fail_at(c, c->at, ERR_SYNTAX, "invalid UTF-8 in a string");
        }
    }
}

/* Copies [start, c->at - 1) without escapes; scan_string has checked them. */
static err unescape(struct json_cursor *c, size_t start, str *ret) {
    size_t end = c->at - 1;
    char *copy = arena_alloc(c->arena, end - start);
    if (copy == NULL) {
        return json_fail_arena(c);
    }
    size_t len = 0;
    c->at = start;
    while (c->at < end) {
        if (c->text.ptr[c->at] != '\\') {
            copy[len++] = c->text.ptr[c->at++];
            continue;
        }
        uint32_t scalar = 0;
        char encoded[UTF8_MAX_BYTES];
        TRY(read_escape(c, &scalar));
        size_t bytes = utf8_encode(scalar, encoded);
        memcpy(copy + len, encoded, bytes);
        len += bytes;
    }
    c->at = end + 1;
    *ret = (str){copy, len};
    return ERR_OK;
}

/* The cursor is on the opening quote. */
err json_read_string(struct json_cursor *c, str *ret) {
    size_t start = ++c->at;
    bool has_escapes = false;
    TRY(scan_string(c, &has_escapes));
    if (has_escapes) {
        return unescape(c, start, ret);
    }
    *ret = (str){c->text.ptr + start, c->at - 1 - start};
    return ERR_OK;
}

static size_t skip_digits(struct json_cursor *c) {
    size_t start = c->at;
    while (c->at < c->text.len && byte_is_digit(c->text.ptr[c->at])) {
        c->at++;
    }
    return c->at - start;
}

static err read_number(struct json_cursor *c, struct json *ret) {
    size_t start = c->at;
    bool is_integer = true;
    if (json_peek(c) == '-') {
        c->at++;
    }
    if (json_peek(c) == '0') {
        c->at++;
        if (byte_is_digit(json_peek(c))) {
            return json_fail_at(c, start, ERR_SYNTAX, "a number must not start with a zero");
        }
    } else if (skip_digits(c) == 0) {
        return json_fail(c, "a digit must follow '-'");
    }
    if (json_peek(c) == '.') {
        is_integer = false;
        c->at++;
        if (skip_digits(c) == 0) {
            return json_fail(c, "a digit must follow the decimal point");
        }
    }
    if (json_peek(c) == 'e' || json_peek(c) == 'E') {
        is_integer = false;
        c->at++;
        if (json_peek(c) == '+' || json_peek(c) == '-') {
            c->at++;
        }
        if (skip_digits(c) == 0) {
            return json_fail(c, "a digit must follow the exponent");
        }
    }
    str text = {c->text.ptr + start, c->at - start};
    if (is_integer && str_to_i64(text, &ret->integer)) {
        ret->kind = JSON_INT;
    } else {
        ret->kind = JSON_NUMBER;
        ret->text = text;
    }
    return ERR_OK;
}

static bool read_word(struct json_cursor *c, str word) {
    if (c->text.len - c->at < word.len || memcmp(c->text.ptr + c->at, word.ptr, word.len) != 0) {
        return false;
    }
    c->at += word.len;
    return true;
}

static err fail_value(const struct json_cursor *c) {
    static const str other_words[] = {STR_INIT("True"),     STR_INIT("False"), STR_INIT("None"),
                                      STR_INIT("NaN"),      STR_INIT("Inf"),   STR_INIT("nan"),
                                      STR_INIT("undefined")};
    str rest = {c->text.ptr + c->at, c->text.len - c->at};
    if (str_has_prefix(rest, STR("\xEF\xBB\xBF"))) {
        return json_fail(c, "a byte order mark is not allowed");
    }
    if (rest.len > 0 && rest.ptr[0] == '\'') {
        return json_fail(c, "strings are written in double quotes");
    }
    if (rest.len > 0 && rest.ptr[0] == '/') {
        return json_fail(c, "comments are not allowed");
    }
    if (rest.len > 0 && (rest.ptr[0] == '+' || rest.ptr[0] == '.')) {
        return json_fail(c, "a number starts with a digit or '-'");
    }
    for (size_t i = 0; i < ARRAY_LEN(other_words); i++) {
        if (str_has_prefix(rest, other_words[i])) {
            return json_fail(
                c, "the only words are true, false and null; NaN and infinity do not exist");
        }
    }
    return json_fail(c, "expected a value");
}

/* Fills in a scalar, or marks the start of a container (kind only). */
err json_read_value(struct json_cursor *c, struct json *ret) {
    switch (json_peek(c)) {
    case '"':
        ret->kind = JSON_STRING;
        return json_read_string(c, &ret->text);
    case '{':
        c->at++;
        ret->kind = JSON_OBJECT;
        return ERR_OK;
    case '[':
        c->at++;
        ret->kind = JSON_ARRAY;
        return ERR_OK;
    case 't':
        ret->kind = JSON_BOOL;
        ret->boolean = true;
        return read_word(c, STR("true")) ? ERR_OK : fail_value(c);
    case 'f':
        ret->kind = JSON_BOOL;
        ret->boolean = false;
        return read_word(c, STR("false")) ? ERR_OK : fail_value(c);
    case 'n':
        ret->kind = JSON_NULL;
        return read_word(c, STR("null")) ? ERR_OK : fail_value(c);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(c, ret);
    default:
        return fail_value(c);
    }
}
