/* SPDX-License-Identifier: Apache-2.0 */
/* Objects with known fields, and the messages about what is not as it should be. */
#include "cedar/json/policy_int.h"

#include "base/assert.h"
#include "base/utf8.h"

enum { MESSAGE_MAX = 4096, SHOWN_MAX = 200 };

static str cut(str text) {
    return utf8_cut(text, SHOWN_MAX);
}

/* What stands there, for messages. */
static void add_found(struct buf *out, const struct json *json) {
    switch (json->kind) {
    case JSON_NULL:
        buf_add_c(out, "null");
        return;
    case JSON_BOOL:
        buf_format(out, "boolean `%s`", json->boolean ? "true" : "false");
        return;
    case JSON_INT:
        buf_format(out, "integer `%lld`", (long long)json->integer);
        return;
    case JSON_NUMBER:
        buf_format(out, "floating point `%.*s`", STR_FMT(cut(json->text)));
        return;
    case JSON_STRING:
        buf_add_c(out, "string ");
        json_escape(out, cut(json->text));
        return;
    case JSON_ARRAY:
        buf_add_c(out, "sequence");
        return;
    case JSON_OBJECT:
        buf_add_c(out, "map");
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}

err policy_wrong_type(struct policy_reader *r, const struct json *json, const char *expected) {
    char text[MESSAGE_MAX];
    struct buf found;
    buf_init_fixed(&found, text, sizeof text);
    add_found(&found, json);
    return POLICY_FAIL(r, json, "invalid type: %.*s, expected %s", STR_FMT(buf_str(&found)),
                       expected);
}

err policy_unknown_variant(struct policy_reader *r, const struct json *json, str got,
                           const char *names) {
    return POLICY_FAIL(r, json, "unknown variant `%.*s`, expected %s", STR_FMT(cut(got)), names);
}

/* "`a`", "`a` or `b`", "one of `a`, `b`, `c`" */
static err unknown_field(struct policy_reader *r, const struct json_member *member,
                         const struct policy_field *fields, size_t count) {
    char text[MESSAGE_MAX];
    struct buf names;
    buf_init_fixed(&names, text, sizeof text);
    buf_add_c(&names, count > 2 ? "one of " : "");
    for (size_t i = 0; i < count; i++) {
        buf_add_c(&names, i == 0 ? "" : count == 2 ? " or " : ", ");
        buf_format(&names, "`%.*s`", STR_FMT(fields[i].name));
    }
    return POLICY_FAIL(r, &member->value, "unknown field `%.*s`, expected %.*s",
                       STR_FMT(cut(member->name)), STR_FMT(buf_str(&names)));
}

err policy_read_fields(struct policy_reader *r, const struct json *json, const char *what,
                       bool is_strict, struct policy_field *fields, size_t count) {
    if (json->kind != JSON_OBJECT) {
        return policy_wrong_type(r, json, what);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        size_t k = 0;
        while (k < count && !str_equal(fields[k].name, member->name)) {
            k++;
        }
        if (k < count) {
            fields[k].value = &member->value;
        } else if (is_strict) {
            return unknown_field(r, member, fields, count);
        }
    }
    for (size_t k = 0; k < count; k++) {
        if (fields[k].is_required && fields[k].value == NULL) {
            return POLICY_FAIL(r, json, "missing field `%.*s`", STR_FMT(fields[k].name));
        }
    }
    return ERR_OK;
}

err policy_read_string(struct policy_reader *r, const struct json *json, str *ret) {
    if (json->kind != JSON_STRING) {
        return policy_wrong_type(r, json, "a string");
    }
    return arena_copy(r->arena, json->text, ret);
}
