/* SPDX-License-Identifier: Apache-2.0 */
/* datetime: milliseconds since 1970-01-01T00:00:00Z in an int64 (maps: §1.6, corners 21, 22). */
#include "cedar/ext/ext_int.h"

#include "cedar/value/civil.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static const char help[] =
    "valid datetime strings start with `YYYY-MM-DD` and may optionally include `THH:MM:SS` plus "
    "`Z`, `.SSSZ`, or an offset like `+0700`";

/* The parts as written; their ranges are checked after the whole shape. */
struct parts {
    struct civil_date date;
    str date_text;
    bool has_time;
    uint32_t hour, minute, second, ms;
    str time_text; /* hh:mm:ss */
    bool has_offset, is_west;
    uint32_t offset_hours, offset_minutes;
};

struct cursor {
    str text;
    size_t at;
};

/* Exactly `count` ASCII digits. */
static bool take_digits(struct cursor *c, size_t count, uint32_t *ret) {
    if (c->text.len - c->at < count) {
        return false;
    }
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        char digit = c->text.ptr[c->at + i];
        if (!byte_is_digit(digit)) {
            return false;
        }
        number = number * 10 + (uint32_t)(digit - '0');
    }
    c->at += count;
    *ret = number;
    return true;
}

static bool take_byte(struct cursor *c, char byte) {
    if (c->at == c->text.len || c->text.ptr[c->at] != byte) {
        return false;
    }
    c->at++;
    return true;
}

static bool take_date(struct cursor *c, struct parts *parts) {
    size_t start = c->at;
    uint32_t year;
    if (!take_digits(c, 4, &year) || !take_byte(c, '-') || !take_digits(c, 2, &parts->date.month) ||
        !take_byte(c, '-') || !take_digits(c, 2, &parts->date.day)) {
        return false;
    }
    parts->date.year = year;
    parts->date_text = str_slice(c->text, start, c->at);
    return true;
}

static bool take_time(struct cursor *c, struct parts *parts) {
    if (!take_byte(c, 'T')) {
        return false;
    }
    size_t start = c->at;
    if (!take_digits(c, 2, &parts->hour) || !take_byte(c, ':') ||
        !take_digits(c, 2, &parts->minute) || !take_byte(c, ':') ||
        !take_digits(c, 2, &parts->second)) {
        return false;
    }
    parts->has_time = true;
    parts->time_text = str_slice(c->text, start, c->at);
    return true;
}

/* [.SSS] then Z or an offset, and nothing behind it. */
static bool take_zone(struct cursor *c, struct parts *parts) {
    if (take_byte(c, '.') && !take_digits(c, 3, &parts->ms)) {
        return false;
    }
    if (take_byte(c, 'Z')) {
        return c->at == c->text.len;
    }
    parts->is_west = take_byte(c, '-');
    if (!parts->is_west && !take_byte(c, '+')) {
        return false;
    }
    parts->has_offset = true;
    return take_digits(c, 2, &parts->offset_hours) && take_digits(c, 2, &parts->offset_minutes) &&
           c->at == c->text.len;
}

static err fail(struct arena *a, struct ext_error *reterr, const char *before, str text) {
    return ext_fail(a, reterr, ERR_SYNTAX, "datetime", help, before, text, "");
}

static err parse(struct arena *a, str text, struct parts *parts, struct ext_error *reterr) {
    struct cursor c = {.text = text};
    if (!take_date(&c, parts)) {
        return fail(a, reterr, "invalid date pattern", STR(""));
    }
    if (c.at < text.len) {
        if (!take_time(&c, parts)) {
            return fail(a, reterr, "invalid hour/minute/second pattern", STR(""));
        }
        if (!take_zone(&c, parts)) {
            return fail(a, reterr, "invalid millisecond and/or offset pattern", STR(""));
        }
    }
    if (!civil_is_valid(parts->date)) {
        return fail(a, reterr, "invalid date: ", parts->date_text);
    }
    if (parts->hour > 23 || parts->minute > 59 || parts->second > 59) {
        return fail(a, reterr, "invalid hour/minute/second: ", parts->time_text);
    }
    if (parts->offset_hours > 23 || parts->offset_minutes > 59) {
        str offset;
        TRY(arena_format(a, &offset, "%u%u", parts->offset_hours, parts->offset_minutes));
        return fail(a, reterr, "invalid offset range: ", offset);
    }
    return ERR_OK;
}

err datetime_from_string(struct arena *a, const struct value *args, struct value *ret,
                         struct ext_error *reterr) {
    struct parts parts = {0};
    TRY(parse(a, value_text(&args[0]), &parts, reterr));
    /* Years have four digits, so nothing here comes near the ends of int64. */
    int64_t ms = civil_to_days(parts.date) * CIVIL_DAY_MS;
    ms += (int64_t)parts.hour * HOUR_MS + (int64_t)parts.minute * MINUTE_MS;
    ms += (int64_t)parts.second * 1000 + parts.ms;
    int64_t offset = (int64_t)parts.offset_hours * HOUR_MS;
    offset += (int64_t)parts.offset_minutes * MINUTE_MS;
    ms += parts.is_west ? offset : -offset;
    *ret = (struct value){.kind = VALUE_DATETIME, .integer = ms};
    return ERR_OK;
}

/* As the reference writes a datetime in messages. */
static void add_datetime(struct buf *b, int64_t ms) {
    buf_add_c(b, "datetime(\"1970-01-01\").offset(duration(\"");
    buf_add_i64(b, ms);
    buf_add_c(b, "ms\"))");
}

/* "what datetime between datetime|duration" */
static err overflow(struct arena *a, struct ext_error *reterr, const char *function,
                    const char *what, const struct value *args, const char *between) {
    enum { TEXT_MAX = 200 };
    struct buf b;
    buf_init_arena(&b, a, TEXT_MAX);
    add_datetime(&b, args[0].integer);
    if (between != NULL) {
        buf_add_c(&b, between);
        if (args[1].kind == VALUE_DATETIME) {
            add_datetime(&b, args[1].integer);
        } else {
            buf_add_byte(&b, '(');
            buf_add_i64(&b, args[1].integer);
            buf_add_c(&b, "ms)");
        }
    }
    str text;
    TRY(buf_finish(&b, &text));
    return ext_fail(a, reterr, ERR_RANGE, function, NULL, what, text, "");
}

err datetime_offset(struct arena *a, const struct value *args, struct value *ret,
                    struct ext_error *reterr) {
    int64_t ms;
    if (ADD_OVERFLOWS(args[0].integer, args[1].integer, &ms)) {
        return overflow(a, reterr, "offset", "overflows when adding an offset: ", args, "+");
    }
    *ret = (struct value){.kind = VALUE_DATETIME, .integer = ms};
    return ERR_OK;
}

err datetime_duration_since(struct arena *a, const struct value *args, struct value *ret,
                            struct ext_error *reterr) {
    int64_t ms;
    if (SUB_OVERFLOWS(args[0].integer, args[1].integer, &ms)) {
        return overflow(a, reterr, "durationSince",
                        "overflows when computing the duration between ", args, " and ");
    }
    *ret = (struct value){.kind = VALUE_DURATION, .integer = ms};
    return ERR_OK;
}

err datetime_to_date(struct arena *a, const struct value *args, struct value *ret,
                     struct ext_error *reterr) {
    int64_t day = civil_floor_div(args[0].integer, CIVIL_DAY_MS);
    int64_t ms;
    if (MUL_OVERFLOWS(day, CIVIL_DAY_MS, &ms)) {
        return overflow(a, reterr, "toDate", "overflows when computing the date of ", args, NULL);
    }
    *ret = (struct value){.kind = VALUE_DATETIME, .integer = ms};
    return ERR_OK;
}

err datetime_to_time(struct arena *a, const struct value *args, struct value *ret,
                     struct ext_error *reterr) {
    IGNORE(a);      /* needs no memory */
    IGNORE(reterr); /* and cannot fail */
    int64_t ms = args[0].integer % CIVIL_DAY_MS;
    *ret = (struct value){
        .kind = VALUE_DURATION,
        .integer = ms < 0 ? ms + CIVIL_DAY_MS : ms,
    };
    return ERR_OK;
}
