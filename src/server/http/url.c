/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/url.h"

#include "base/utf8.h"

/* Classes of RFC 3986 §2 and §3, one bit each. */
enum {
    UNRESERVED = 1,
    SUB_DELIM = 2,
    PATH_EXTRA = 4,  /* ':' '@' '/' */
    QUERY_EXTRA = 8, /* '?' */
};

static unsigned char_class(char c) {
    if (byte_is_alnum(c)) {
        return UNRESERVED;
    }
    switch (c) {
    case '-':
    case '.':
    case '_':
    case '~':
        return UNRESERVED;
    case '!':
    case '$':
    case '&':
    case '\'':
    case '(':
    case ')':
    case '*':
    case '+':
    case ',':
    case ';':
    case '=':
        return SUB_DELIM;
    case ':':
    case '@':
    case '/':
        return PATH_EXTRA;
    case '?':
        return QUERY_EXTRA;
    default:
        return 0;
    }
}

/* The byte of the escape at text.ptr[at] (a '%'), or -1. */
static int escape_at(str text, size_t at) {
    if (text.len - at < 3) {
        return -1;
    }
    int high = byte_hex(text.ptr[at + 1]);
    int low = byte_hex(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool is_plain(str text, bool plus_is_space) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' || (plus_is_space && text.ptr[i] == '+')) {
            return false;
        }
    }
    return true;
}

static err unescape(struct arena *a, str text, bool plus_is_space, str *ret) {
    char *out = arena_alloc(a, text.len);
    if (out == NULL) {
        return arena_error(a);
    }
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            int byte = escape_at(text, i);
            if (byte < 0) {
                return ERR_SYNTAX;
            }
            c = (char)byte;
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[len++] = c;
    }
    *ret = (str){out, len};
    return ERR_OK;
}

err url_decode(struct arena *a, str text, bool plus_is_space, str *ret) {
    str out = {text.ptr == NULL ? "" : text.ptr, text.len};
    if (!is_plain(text, plus_is_space)) {
        TRY(unescape(a, text, plus_is_space, &out));
    }
    if (str_find_byte(out, '\0') != SIZE_MAX || !utf8_is_valid(out, NULL)) {
        return ERR_SYNTAX;
    }
    *ret = out;
    return ERR_OK;
}

/* Checks the raw form; *ret_has_escapes tells whether decoding is needed at all. */
static bool raw_path_is_valid(str raw, bool *ret_has_escapes) {
    *ret_has_escapes = false;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            int byte = escape_at(raw, i);
            /* SECURITY: an encoded separator is a separator to some and a letter to others. */
            if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\') {
                return false;
            }
            *ret_has_escapes = true;
            i += 2;
        } else if ((char_class(c) & (UNRESERVED | SUB_DELIM | PATH_EXTRA)) == 0 || c == ';') {
            return false;
        }
    }
    return raw.len > 0 && raw.ptr[0] == '/';
}

/* No empty segment but the last, no "." or "..". */
static bool segments_are_valid(str path) {
    size_t start = 1;
    while (start <= path.len) {
        str rest = str_slice(path, start, path.len);
        size_t slash = str_find_byte(rest, '/');
        bool is_last = slash == SIZE_MAX;
        str segment = is_last ? rest : str_slice(rest, 0, slash);
        if ((segment.len == 0 && !is_last) || str_equal(segment, STR(".")) ||
            str_equal(segment, STR(".."))) {
            return false;
        }
        if (is_last) {
            break;
        }
        start += slash + 1;
    }
    return true;
}

err url_path_decode(struct arena *a, str raw, str *ret) {
    bool has_escapes;
    str path = raw;
    if (!raw_path_is_valid(raw, &has_escapes)) {
        return ERR_SYNTAX;
    }
    if (has_escapes) {
        TRY(unescape(a, raw, false, &path));
        if (!utf8_is_valid(path, NULL)) {
            return ERR_SYNTAX;
        }
    }
    if (!segments_are_valid(path)) {
        return ERR_SYNTAX;
    }
    *ret = path;
    return ERR_OK;
}

bool url_query_is_valid(str raw) {
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] == '%') {
            if (escape_at(raw, i) < 0) {
                return false;
            }
            i += 2;
        } else if (char_class(raw.ptr[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* "[" hex, ':' and '.' "]"; whether the address exists is not our question. */
static bool literal_is_valid(str text) {
    size_t colons = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (byte_hex(text.ptr[i]) < 0 && text.ptr[i] != ':' && text.ptr[i] != '.') {
            return false;
        }
        colons += text.ptr[i] == ':';
    }
    return colons >= 2 && text.len <= 45;
}

static bool reg_name_is_valid(str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_empty_label = c == '.' && (i == 0 || name.ptr[i - 1] == '.');
        if (is_empty_label || (!byte_is_alnum(c) && c != '-' && c != '.' && c != '_' && c != '~')) {
            return false;
        }
    }
    return name.len > 0 && name.len <= 255;
}

static bool port_is_valid(str port) {
    uint64_t number;
    if (port.len == 0) {
        return true; /* RFC 3986 §3.2.3: port = *DIGIT */
    }
    return port.len <= 5 && str_to_u64(port, &number) && number <= 65535;
}

bool url_authority_is_valid(str authority) {
    str host = authority;
    str rest;
    if (authority.len > 0 && authority.ptr[0] == '[') {
        size_t end = str_find_byte(authority, ']');
        if (end == SIZE_MAX || !literal_is_valid(str_slice(authority, 1, end))) {
            return false;
        }
        rest = str_slice(authority, end + 1, authority.len);
    } else {
        size_t colon = str_find_byte(authority, ':');
        size_t end = colon == SIZE_MAX ? authority.len : colon;
        host = str_slice(authority, 0, end);
        rest = str_slice(authority, end, authority.len);
        if (!reg_name_is_valid(host)) {
            return false;
        }
    }
    return rest.len == 0 || (rest.ptr[0] == ':' && port_is_valid(str_slice(rest, 1, rest.len)));
}

void url_encode(struct buf *out, str text) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (char_class(text.ptr[i]) == UNRESERVED) {
            buf_add_byte(out, text.ptr[i]);
        } else {
            char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
            buf_add(out, str_make(escape, sizeof escape));
        }
    }
}
