/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http1_int.h"

static enum http1_result bad(struct http1_error *error, const char *text) {
    *error = (struct http1_error){PROBLEM_BAD_REQUEST, text};
    return HTTP1_ERROR;
}

/* A whole line without its CR LF. */
static enum http1_result take_line(str input, size_t max, str *ret_line,
                                   struct http1_error *error) {
    str window = input.len > max ? str_slice(input, 0, max) : input;
    size_t lf = str_find_byte(window, '\n');
    if (lf == SIZE_MAX) {
        return input.len >= max ? bad(error, "a line of the chunked body is too long") : HTTP1_MORE;
    }
    if (lf == 0 || input.ptr[lf - 1] != '\r') {
        return bad(error, "a line of the chunked body ends with LF alone");
    }
    *ret_line = str_slice(input, 0, lf - 1);
    return HTTP1_OK;
}

static size_t token_length(str text) {
    size_t len = 0;
    while (len < text.len && http1_token_lower[(unsigned char)text.ptr[len]] != 0) {
        len++;
    }
    return len;
}

/* Length of a quoted-string at the start (RFC 9110 §5.6.4), 0 when malformed. */
static size_t quoted_length(str text) {
    for (size_t i = 1; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"') {
            return i + 1;
        }
        if (c == '\\') {
            i++;
        }
        if (i == text.len || (text.ptr[i] < ' ' && text.ptr[i] != '\t') || text.ptr[i] == 0x7f) {
            return 0;
        }
    }
    return 0;
}

/* *( ";" token [ "=" ( token / quoted-string ) ] ), without the white space that RFC 9112
 * §7.1.1 calls bad. */
static bool extensions_are_valid(str text) {
    size_t at = 0;
    while (at < text.len) {
        if (text.ptr[at++] != ';') {
            return false;
        }
        size_t len = token_length(str_slice(text, at, text.len));
        if (len == 0) {
            return false;
        }
        at += len;
        if (at < text.len && text.ptr[at] == '=') {
            str rest = str_slice(text, ++at, text.len);
            len = rest.len > 0 && rest.ptr[0] == '"' ? quoted_length(rest) : token_length(rest);
            if (len == 0) {
                return false;
            }
            at += len;
        }
    }
    return true;
}

static enum http1_result read_size(struct http1_chunked *state, str input, size_t *ret_used,
                                   struct http1_error *error) {
    enum { DIGITS_MAX = 16 };
    str line;
    enum http1_result result = take_line(input, HTTP1_CHUNK_LINE_MAX, &line, error);
    if (result != HTTP1_OK) {
        return result;
    }
    uint64_t size = 0;
    size_t digits = 0;
    while (digits < line.len && byte_hex(line.ptr[digits]) >= 0) {
        if (digits == DIGITS_MAX) {
            return bad(error, "a chunk size is out of range");
        }
        size = size << 4 | (uint64_t)byte_hex(line.ptr[digits]);
        digits++;
    }
    str extensions = str_slice(line, digits, line.len);
    if (digits == 0 || !extensions_are_valid(extensions)) {
        return bad(error, "a chunk size is malformed");
    }
    state->extension_bytes += extensions.len;
    if (state->extension_bytes > HTTP1_EXTENSIONS_MAX) {
        return bad(error, "the chunk extensions are too long");
    }
    *ret_used = line.len + 2;
    state->left = size;
    state->phase = size == 0 ? HTTP1_CHUNK_TRAILER : HTTP1_CHUNK_DATA;
    return HTTP1_MORE;
}

static enum http1_result read_data(struct http1_chunked *state, str input, size_t *ret_used,
                                   str *ret_data) {
    size_t len = state->left < input.len ? (size_t)state->left : input.len;
    *ret_data = str_slice(input, 0, len);
    *ret_used = len;
    state->left -= len;
    if (state->left == 0) {
        state->phase = HTTP1_CHUNK_DATA_END;
    }
    return HTTP1_MORE;
}

static enum http1_result read_data_end(struct http1_chunked *state, str input, size_t *ret_used,
                                       struct http1_error *error) {
    static const char crlf[2] = {'\r', '\n'};
    size_t have = input.len < 2 ? input.len : 2;
    if (memcmp(input.ptr, crlf, have) != 0) {
        return bad(error, "a chunk is not followed by a line end");
    }
    if (have == 2) {
        *ret_used = 2;
        state->phase = HTTP1_CHUNK_SIZE;
    }
    return HTTP1_MORE;
}

static enum http1_result read_trailer(struct http1_chunked *state, str input, size_t *ret_used,
                                      struct http1_error *error) {
    char copy[HTTP1_TRAILER_LINE_MAX];
    struct http_header ignored;
    str line;
    enum http1_result result = take_line(input, HTTP1_TRAILER_LINE_MAX, &line, error);
    if (result != HTTP1_OK) {
        return result;
    }
    *ret_used = line.len + 2;
    if (line.len == 0) {
        state->phase = HTTP1_CHUNK_DONE;
        return HTTP1_OK;
    }
    state->trailer_bytes += *ret_used;
    if (state->trailer_bytes > HTTP1_TRAILERS_MAX) {
        return bad(error, "the trailer section is too large");
    }
    /* A copy, because the parser of fields writes lower case into its input. */
    size_t used;
    memcpy(copy, line.ptr, *ret_used);
    result = http1_field_parse(copy, *ret_used, &used, &ignored, error);
    return result == HTTP1_OK && used == *ret_used ? HTTP1_MORE
                                                   : bad(error, "a trailer is malformed");
}

enum http1_result http1_chunked_next(struct http1_chunked *state, str input, size_t *ret_used,
                                     str *ret_data, struct http1_error *ret_error) {
    *ret_used = 0;
    *ret_data = (str){"", 0};
    if (state->phase == HTTP1_CHUNK_DONE) {
        return HTTP1_OK;
    }
    if (input.len == 0) {
        return HTTP1_MORE;
    }
    switch (state->phase) {
    case HTTP1_CHUNK_SIZE:
        return read_size(state, input, ret_used, ret_error);
    case HTTP1_CHUNK_DATA:
        return read_data(state, input, ret_used, ret_data);
    case HTTP1_CHUNK_DATA_END:
        return read_data_end(state, input, ret_used, ret_error);
    case HTTP1_CHUNK_TRAILER:
        return read_trailer(state, input, ret_used, ret_error);
    case HTTP1_CHUNK_DONE:
        break;
    }
    return HTTP1_OK;
}
