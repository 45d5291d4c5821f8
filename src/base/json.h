/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H
/*
 * JSON (RFC 8259), strict: text into a tree in an arena, and a writer.
 *
 * Reader. Refused: anything after the value, duplicate member names (compared after unescaping),
 * invalid UTF-8, lone surrogates, numbers outside the grammar, control characters in strings,
 * a byte order mark, more depth, members or bytes than the limits allow. Integers are exact: a
 * literal without fraction or exponent that fits int64 is JSON_INT, every other number keeps its
 * source text (JSON_NUMBER) and is never turned into a double.
 *
 * Everything returned lives in the arena; strings without escapes borrow from the source text,
 * which must live as long. Errors give offset, line and column.
 *
 * Writer. Appends to a buf with sticky failure; commas and colons are placed by the writer, so
 * that a missing or doubled one cannot happen. Strings are escaped, invalid UTF-8 becomes U+FFFD.
 */
#include "base/buf.h"

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_NUMBER, /* any other number, as text */
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_member;

struct json {
    enum json_kind kind;
    uint32_t offset; /* of the first byte in the source */
    uint32_t end;    /* behind its last byte: source[offset, end) is the value as written */
    uint32_t count;  /* items of an array, members of an object */
    union {
        bool boolean;
        int64_t integer;
        str text;                          /* JSON_STRING unescaped, JSON_NUMBER as written */
        const struct json *items;          /* JSON_ARRAY */
        const struct json_member *members; /* JSON_OBJECT, in source order */
    };
};

struct json_member {
    str name;
    struct json value;
};

struct json_limits {
    size_t max_bytes;
    uint32_t max_depth;
    uint32_t max_values; /* of all kinds, in the whole text */
};

/* 1 MiB, 64 levels, 100,000 values. */
extern const struct json_limits json_limits_default;

err json_parse(struct arena *a, str text, const struct json_limits *limits, const struct json **ret,
               struct error *reterr) MUST_CHECK;

/* The member's value, or NULL when it is not an object or has no such member. */
const struct json *json_get(const struct json *object, str name);

/* A word for messages: "null", "a boolean", "a number", "a string", "an array", "an object". */
const char *json_kind_name(enum json_kind kind);

/* Turns an offset into line and column (both from 1, the column in bytes). */
void json_position(str text, size_t offset, uint32_t *ret_line, uint32_t *ret_column);

enum { JSON_WRITER_DEPTH = 64 };

struct json_writer {
    struct buf *buf;
    uint32_t depth;
    uint32_t max_depth; /* JSON_WRITER_DEPTH, unless who writes has a limit of its own */
    bool has_value;     /* something stands at this level, a comma comes first */
    bool is_after_name;
    bool is_pretty; /* two spaces per level, for files and terminals */
};

void json_writer_init(struct json_writer *w, struct buf *buf);

void json_open_object(struct json_writer *w);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w);
void json_close_array(struct json_writer *w);
void json_name(struct json_writer *w, str name);
/* A name of ours that needs no escapes: copied as it is. */
void json_key(struct json_writer *w, str name);
void json_null(struct json_writer *w);
void json_bool(struct json_writer *w, bool value);
void json_int(struct json_writer *w, int64_t value);
void json_uint(struct json_writer *w, uint64_t value);
/* Fixed number of decimals, '.' whatever the locale; a non-finite value is null. */
void json_fixed(struct json_writer *w, double value, int decimals);
void json_string(struct json_writer *w, str value);
/* Text that is JSON already, for example a document made elsewhere. */
void json_raw(struct json_writer *w, str json);

/* A tree that was read, as it was read. Recursion is bounded by the reader's depth limit. */
void json_tree(struct json_writer *w, const struct json *value);

/* Name and value at once. An absent str writes null. */
void json_name_string(struct json_writer *w, str name, str value);
void json_name_int(struct json_writer *w, str name, int64_t value);
void json_name_bool(struct json_writer *w, str name, bool value);

/* The escaped form with quotes, appended to a buf; what json_string uses. */
void json_escape(struct buf *buf, str value);

#endif
