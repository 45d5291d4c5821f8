/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text: Cedar syntax, escaping, and type names for messages. */
#include "cedar/value/value.h"

#include "base/assert.h"
#include "base/scan.h"
#include "base/utf8.h"
#include "cedar/value/civil.h"
#include "cedar/value/unicode.h"

/* The escape of scalars that have a short one, NULL for all others. */
static const char *short_escape(uint32_t scalar) {
    switch (scalar) {
    case '\0':
        return "\\0";
    case '\t':
        return "\\t";
    case '\r':
        return "\\r";
    case '\n':
        return "\\n";
    case '\'':
        return "\\'";
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    }
    return NULL;
}

struct escaping {
    bool escapes_quote; /* ' */
    bool escapes_marks; /* grapheme-extending scalars behind the first */
};

static void escape(struct buf *out, str text, struct escaping how) {
    size_t offset = 0;
    while (offset < text.len) {
        size_t from = offset;
        size_t plain = scan_printable_until(text.ptr + from, text.len - from, '\'', '"', '\\');
        if (plain > 0) {
            buf_add(out, str_slice(text, from, from + plain));
            offset += plain;
            continue;
        }
        uint32_t scalar;
        if (!utf8_next(text, &offset, &scalar)) {
            buf_add_c(out, "\\u{fffd}"); /* not UTF-8: only a host can make such a string */
            offset = from + 1;
            continue;
        }
        const char *brief = short_escape(scalar);
        bool is_mark = (how.escapes_marks || from == 0) && unicode_is_grapheme_extend(scalar);
        if (brief != NULL && (scalar != '\'' || how.escapes_quote)) {
            buf_add_c(out, brief);
        } else if (is_mark || !unicode_is_printable(scalar)) {
            buf_format(out, "\\u{%x}", (unsigned)scalar);
        } else {
            buf_add(out, str_slice(text, from, offset));
        }
    }
}

void escape_debug(struct buf *out, str text) {
    escape(out, text, (struct escaping){.escapes_quote = true, .escapes_marks = false});
}

void quote_debug(struct buf *out, str text) {
    buf_add_byte(out, '"');
    escape(out, text, (struct escaping){.escapes_quote = false, .escapes_marks = true});
    buf_add_byte(out, '"');
}

void uid_format(struct buf *out, const struct uid *uid) {
    buf_add(out, uid_type(uid));
    buf_add_c(out, "::\"");
    escape_debug(out, uid_id(uid));
    buf_add_byte(out, '"');
}

static void format_quoted(struct buf *out, str text) {
    buf_add_byte(out, '"');
    escape_debug(out, text);
    buf_add_byte(out, '"');
}

static void format_set(struct buf *out, const struct value_set *set) {
    buf_add_byte(out, '[');
    for (size_t i = 0; i < set->count && out->error == ERR_OK; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        value_format(out, &set->items[i]);
    }
    buf_add_byte(out, ']');
}

static void format_record(struct buf *out, const struct value_record *record) {
    buf_add_byte(out, '{');
    for (size_t i = 0; i < value_record_count(record) && out->error == ERR_OK; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        format_quoted(out, value_record_name(record, i));
        buf_add_c(out, ": ");
        value_format(out, &record->values[i]);
    }
    buf_add_byte(out, '}');
}

/* The magnitude of any int64, its minimum included. */
static uint64_t magnitude(int64_t number) {
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

/* At least one fraction digit, no trailing zeros behind it. */
static void format_decimal(struct buf *out, int64_t scaled) {
    uint64_t size = magnitude(scaled);
    unsigned fraction = (unsigned)(size % 10000);
    int digits = 4;
    while (digits > 1 && fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    buf_add_c(out, scaled < 0 ? "decimal(\"-" : "decimal(\"");
    buf_add_u64(out, size / 10000);
    buf_format(out, ".%0*u\")", digits, fraction);
}

static void format_v6_groups(struct buf *out, const uint8_t *bytes) {
    unsigned groups[8];
    for (size_t i = 0; i < 8; i++) {
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    }
    /* RFC 5952 §4.2: the first longest run of two or more zero groups becomes "::". */
    size_t best = 8;
    size_t best_length = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) {
            length++;
        }
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    for (size_t i = 0; i < 8;) {
        if (i == best) {
            buf_add_c(out, "::");
            i += best_length;
            continue;
        }
        buf_format(out, i == 0 || i == best + best_length ? "%x" : ":%x", groups[i]);
        i++;
    }
}

static void format_ip(struct buf *out, const struct ipaddr *ip) {
    buf_add_c(out, "ip(\"");
    if (ip->is_v6) {
        format_v6_groups(out, ip->bytes);
    } else {
        buf_format(out, "%u.%u.%u.%u", ip->bytes[0], ip->bytes[1], ip->bytes[2], ip->bytes[3]);
    }
    if (ip->prefix != (ip->is_v6 ? 128 : 32)) {
        buf_format(out, "/%u", ip->prefix);
    }
    buf_add_c(out, "\")");
}

static void format_datetime(struct buf *out, int64_t epoch_ms) {
    int64_t days = civil_floor_div(epoch_ms, CIVIL_DAY_MS);
    /* Unsigned, because days * CIVIL_DAY_MS may lie just below the smallest int64. */
    unsigned ms = (unsigned)((uint64_t)epoch_ms - (uint64_t)days * CIVIL_DAY_MS);
    struct civil_date date = civil_from_days(days);
    if (date.year < 0 || date.year > 9999) {
        /* No literal reaches that far. */
        buf_add_c(out, "datetime(\"1970-01-01\").offset(duration(\"");
        buf_add_i64(out, epoch_ms);
        buf_add_c(out, "ms\"))");
        return;
    }
    buf_format(out, "datetime(\"%04u-%02u-%02u", (unsigned)date.year, date.month, date.day);
    if (ms != 0) {
        unsigned seconds = ms / 1000;
        buf_format(out, "T%02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if (ms % 1000 != 0) {
            buf_format(out, ".%03u", ms % 1000);
        }
        buf_add_byte(out, 'Z');
    }
    buf_add_c(out, "\")");
}

static void format_duration(struct buf *out, int64_t ms) {
    static const struct {
        uint64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    uint64_t left = magnitude(ms);
    buf_add_c(out, ms < 0 ? "duration(\"-" : "duration(\"");
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (left >= units[i].ms) {
            buf_add_u64(out, left / units[i].ms);
            buf_add_c(out, units[i].name);
            left %= units[i].ms;
        }
    }
    buf_add_c(out, ms == 0 ? "0ms\")" : "\")");
}

void value_format(struct buf *out, const struct value *value) {
    if (out->error != ERR_OK) {
        return; /* full: a value that shares its parts may be far longer than its memory */
    }
    switch (value->kind) {
    case VALUE_BOOL:
        buf_add_c(out, value->boolean ? "true" : "false");
        return;
    case VALUE_LONG:
        buf_add_i64(out, value->integer);
        return;
    case VALUE_STRING:
        format_quoted(out, value_text(value));
        return;
    case VALUE_ENTITY:
        uid_format(out, value->uid);
        return;
    case VALUE_SET:
        format_set(out, value->set);
        return;
    case VALUE_RECORD:
        format_record(out, value->record);
        return;
    case VALUE_DECIMAL:
        format_decimal(out, value->integer);
        return;
    case VALUE_IPADDR:
        format_ip(out, value->ip);
        return;
    case VALUE_DATETIME:
        format_datetime(out, value->integer);
        return;
    case VALUE_DURATION:
        format_duration(out, value->integer);
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}

str value_kind_name(enum value_kind kind) {
    switch (kind) {
    case VALUE_BOOL:
        return STR("bool");
    case VALUE_LONG:
        return STR("long");
    case VALUE_STRING:
        return STR("string");
    case VALUE_ENTITY:
        return STR("(entity of type `any_entity_type`)");
    case VALUE_SET:
        return STR("set");
    case VALUE_RECORD:
        return STR("record");
    case VALUE_DECIMAL:
        return STR("decimal");
    case VALUE_IPADDR:
        return STR("ipaddr");
    case VALUE_DATETIME:
        return STR("datetime");
    case VALUE_DURATION:
        return STR("duration");
    }
    NOT_REACHED();
    return STR("");
}

void value_type_name(struct buf *out, const struct value *value) {
    if (value->kind == VALUE_ENTITY) {
        buf_add_c(out, "(entity of type `");
        buf_add(out, uid_type(value->uid));
        buf_add_c(out, "`)");
        return;
    }
    buf_add(out, value_kind_name(value->kind));
}
