/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/log_line.h"

#include "base/assert.h"
#include "base/json.h"

static const str truncated_end = STR_INIT(",\"truncated\":true}\n");

static str event_name(enum log_event event) {
    static const str names[] = {
#define EVENT(suffix, name) [LOG_EVENT_##suffix] = STR_INIT(name),
#include "server/ops/log_events.def"
#undef EVENT
    };
    ASSERT((size_t)event < ARRAY_LEN(names));
    return names[event];
}

const char *log_level_name(enum log_level level) {
    switch (level) {
    case LOG_LEVEL_DEBUG:
        return "debug";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_WARN:
        return "warn";
    case LOG_LEVEL_ERROR:
        return "error";
    }
    UNREACHABLE();
}

bool log_level_parse(str name, enum log_level *ret) {
    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
        if (str_equal_c(name, log_level_name((enum log_level)level))) {
            *ret = (enum log_level)level;
            return true;
        }
    }
    return false;
}

/* Not longer than LOG_STRING_MAX, and not in the middle of a character. */
static str cut(str s) {
    if (s.len <= LOG_STRING_MAX) {
        return s;
    }
    size_t len = LOG_STRING_MAX;
    while (len > LOG_STRING_MAX - 3 && ((unsigned char)s.ptr[len] & 0xC0) == 0x80) {
        len--;
    }
    return str_slice(s, 0, len);
}

/* Nanoseconds as microseconds with one decimal. */
static void write_micros(struct json_writer *w, uint64_t ns) {
    char text[24];
    struct buf buf;
    buf_init_fixed(&buf, text, sizeof text);
    uint64_t tenths = ns / 100 + (ns % 100 >= 50);
    buf_add_u64(&buf, tenths / 10);
    buf_add_byte(&buf, '.');
    buf_add_byte(&buf, (char)('0' + tenths % 10));
    json_raw(w, buf_str(&buf));
}

static void write_field(struct json_writer *w, const struct log_field *field) {
    if (field->type == LOG_FIELD_STRING && str_is_absent(field->text)) {
        return;
    }
    json_key(w, str_c(field->name));
    switch (field->type) {
    case LOG_FIELD_STRING:
        json_string(w, cut(field->text));
        return;
    case LOG_FIELD_INT:
        json_int(w, field->integer);
        return;
    case LOG_FIELD_UINT:
        json_uint(w, field->natural);
        return;
    case LOG_FIELD_BOOL:
        json_bool(w, field->boolean);
        return;
    case LOG_FIELD_MICROS:
        write_micros(w, field->natural);
        return;
    case LOG_FIELD_RATIO:
        json_fixed(w, field->ratio, 4);
        return;
    }
    UNREACHABLE();
}

static void write_head(struct json_writer *w, const struct log_line *line) {
    char timestamp[CLOCK_RFC3339_LEN];
    clock_format_rfc3339(line->wall_ms, timestamp);
    json_open_object(w);
    json_key(w, STR("timestamp"));
    json_string(w, str_make(timestamp, sizeof timestamp));
    json_key(w, STR("level"));
    json_string(w, str_c(log_level_name(line->level)));
    json_key(w, STR("service"));
    json_string(w, str_c(line->service));
    json_key(w, STR("event"));
    json_string(w, event_name(line->event));
    if (line->context != NULL && !str_is_absent(line->context->request_id)) {
        json_key(w, STR("request_id"));
        json_string(w, cut(line->context->request_id));
    }
    if (line->context != NULL && !str_is_absent(line->context->trace_id)) {
        json_key(w, STR("trace_id"));
        json_string(w, cut(line->context->trace_id));
    }
}

size_t log_line_format(const struct log_line *line, char out[LOG_LINE_MAX]) {
    struct buf buf;
    struct json_writer w;
    bool is_truncated = false;
    buf_init_fixed(&buf, out, LOG_LINE_MAX - truncated_end.len);
    json_writer_init(&w, &buf);
    write_head(&w, line);
    if (buf.error != ERR_OK) { /* names of ours fit; a context full of escapes may not */
        buf_clear(&buf);
        json_writer_init(&w, &buf);
        struct log_line bare = *line;
        bare.context = NULL;
        write_head(&w, &bare);
        is_truncated = true;
    }
    for (size_t i = 0; i < line->field_count && !is_truncated; i++) {
        size_t len = buf.len;
        write_field(&w, &line->fields[i]);
        if (buf.error != ERR_OK) { /* a field is written whole or not at all */
            buf_clear(&buf);
            buf.len = len;
            is_truncated = true;
        }
    }
    str end = is_truncated ? truncated_end : STR("}\n");
    memcpy(out + buf.len, end.ptr, end.len);
    return buf.len + end.len;
}
