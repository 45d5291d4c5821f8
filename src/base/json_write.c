/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/assert.h"
#include "base/scan.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>

enum { FIXED_DECIMALS_MAX = 17 };

void json_writer_init(struct json_writer *w, struct buf *buf) {
    *w = (struct json_writer){.buf = buf, .max_depth = JSON_WRITER_DEPTH};
}

static void new_line(struct json_writer *w) {
    buf_add_byte(w->buf, '\n');
    for (uint32_t i = 0; i < w->depth; i++) {
        buf_add(w->buf, STR("  "));
    }
}

/* What must stand before a value or a name. */
static void begin(struct json_writer *w) {
    if (w->is_after_name) {
        w->is_after_name = false;
        return;
    }
    if (w->has_value) {
        buf_add_byte(w->buf, ',');
    }
    if (w->is_pretty && w->depth > 0) {
        new_line(w);
    }
}

static void open_container(struct json_writer *w, char byte) {
    begin(w);
    buf_add_byte(w->buf, byte);
    w->depth++;
    w->has_value = false;
    if (w->depth > w->max_depth) {
        buf_fail(w->buf, ERR_LIMIT);
    }
}

static void close_container(struct json_writer *w, char byte) {
    if (!HOLDS(w->depth > 0 && !w->is_after_name)) {
        buf_fail(w->buf, ERR_INTERNAL);
        return;
    }
    w->depth--;
    if (w->is_pretty && w->has_value) {
        new_line(w);
    }
    buf_add_byte(w->buf, byte);
    w->has_value = true;
}

void json_open_object(struct json_writer *w) {
    open_container(w, '{');
}

void json_close_object(struct json_writer *w) {
    close_container(w, '}');
}

void json_open_array(struct json_writer *w) {
    open_container(w, '[');
}

void json_close_array(struct json_writer *w) {
    close_container(w, ']');
}

void json_key(struct json_writer *w, str name) {
    if (!HOLDS(w->depth > 0 && !w->is_after_name)) {
        buf_fail(w->buf, ERR_INTERNAL);
        return;
    }
    begin(w);
    size_t size = name.len + (w->is_pretty ? 4 : 3);
    char *room = buf_reserve(w->buf, size);
    if (room != NULL) {
        room[0] = '"';
        memcpy(room + 1, name.ptr, name.len);
        memcpy(room + 1 + name.len, "\": ", size - name.len - 1);
        buf_advance(w->buf, size);
    }
    w->is_after_name = true;
}

void json_name(struct json_writer *w, str name) {
    if (!HOLDS(w->depth > 0 && !w->is_after_name)) {
        buf_fail(w->buf, ERR_INTERNAL);
        return;
    }
    begin(w);
    json_escape(w->buf, name);
    buf_add(w->buf, w->is_pretty ? STR(": ") : STR(":"));
    w->is_after_name = true;
}

void json_raw(struct json_writer *w, str json) {
    begin(w);
    buf_add(w->buf, json);
    w->has_value = true;
}

void json_null(struct json_writer *w) {
    json_raw(w, STR("null"));
}

void json_bool(struct json_writer *w, bool value) {
    json_raw(w, value ? STR("true") : STR("false"));
}

void json_int(struct json_writer *w, int64_t value) {
    begin(w);
    buf_add_i64(w->buf, value);
    w->has_value = true;
}

void json_uint(struct json_writer *w, uint64_t value) {
    begin(w);
    buf_add_u64(w->buf, value);
    w->has_value = true;
}

void json_fixed(struct json_writer *w, double value, int decimals) {
    if (!isfinite(value)) {
        json_null(w);
        return;
    }
    char text[400]; /* DBL_MAX has 309 digits */
    int precision = decimals < 0                    ? 0
                    : decimals > FIXED_DECIMALS_MAX ? FIXED_DECIMALS_MAX
                                                    : decimals;
    int len = snprintf(text, sizeof text, "%.*f", precision, value);
    if (!HOLDS(len > 0 && (size_t)len < sizeof text)) {
        buf_fail(w->buf, ERR_INTERNAL);
        return;
    }
    begin(w);
    /* The locale may put any bytes in place of the point. */
    bool is_after_point = false;
    for (int i = 0; i < len; i++) {
        if (byte_is_digit(text[i]) || text[i] == '-') {
            buf_add_byte(w->buf, text[i]);
        } else if (!is_after_point) {
            buf_add_byte(w->buf, '.');
            is_after_point = true;
        }
    }
    w->has_value = true;
}

void json_string(struct json_writer *w, str value) {
    begin(w);
    json_escape(w->buf, value);
    w->has_value = true;
}

void json_name_string(struct json_writer *w, str name, str value) {
    json_name(w, name);
    if (str_is_absent(value)) {
        json_null(w);
    } else {
        json_string(w, value);
    }
}

void json_name_int(struct json_writer *w, str name, int64_t value) {
    json_name(w, name);
    json_int(w, value);
}

void json_name_bool(struct json_writer *w, str name, bool value) {
    json_name(w, name);
    json_bool(w, value);
}

static void escape_control(struct buf *buf, unsigned char c) {
    static const char digits[] = "0123456789abcdef";
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (short_forms[c] != '\0') {
        buf_add(buf, str_make((char[]){'\\', short_forms[c]}, 2));
    } else {
        buf_add(buf, str_make((char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6));
    }
}

void json_escape(struct buf *buf, str value) {
    if (scan_printable_until(value.ptr, value.len, '"', '\\', '\\') == value.len) {
        char *room = buf_reserve(buf, value.len + 2);
        if (room != NULL) {
            room[0] = '"';
            memcpy(room + 1, value.len == 0 ? "" : value.ptr, value.len);
            room[value.len + 1] = '"';
            buf_advance(buf, value.len + 2);
        }
        return;
    }
    buf_add_byte(buf, '"');
    size_t run = 0; /* start of bytes that are copied as they are */
    size_t at = 0;
    while (at < value.len) {
        unsigned char c = (unsigned char)value.ptr[at];
        size_t plain = scan_printable_until(value.ptr + at, value.len - at, '"', '\\', '\\');
        if (plain > 0) {
            at += plain;
            continue;
        }
        if (c == 0x7f) {
            at++;
            continue;
        }
        size_t start = at;
        uint32_t scalar;
        if (c >= 0x80 && utf8_next(value, &at, &scalar)) {
            continue;
        }
        buf_add(buf, str_slice(value, run, start));
        if (c < 0x20) {
            escape_control(buf, c);
        } else if (c < 0x80) {
            buf_add(buf, str_make((char[]){'\\', (char)c}, 2));
        } else {
            buf_add(buf, STR("\xEF\xBF\xBD"));
        }
        at = start + 1;
        run = at;
    }
    buf_add(buf, str_slice(value, run, value.len));
    buf_add_byte(buf, '"');
}

void json_tree(struct json_writer *w, const struct json *value) {
    switch (value->kind) {
    case JSON_NULL:
        json_null(w);
        return;
    case JSON_BOOL:
        json_bool(w, value->boolean);
        return;
    case JSON_INT:
        json_int(w, value->integer);
        return;
    case JSON_NUMBER:
        json_raw(w, value->text);
        return;
    case JSON_STRING:
        json_string(w, value->text);
        return;
    case JSON_ARRAY:
        json_open_array(w);
        for (uint32_t i = 0; i < value->count; i++) {
            json_tree(w, &value->items[i]);
        }
        json_close_array(w);
        return;
    case JSON_OBJECT:
        json_open_object(w);
        for (uint32_t i = 0; i < value->count; i++) {
            json_name(w, value->members[i].name);
            json_tree(w, &value->members[i].value);
        }
        json_close_object(w);
        return;
    }
    NOT_REACHED();
    buf_fail(w->buf, ERR_INTERNAL);
}
