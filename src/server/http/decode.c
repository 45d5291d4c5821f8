/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/decode.h"

#include "base/assert.h"
#include "server/http/problem.h"

enum { NAME_SHOWN_MAX = 64 };

static err fail(struct error *reterr, err code, str name, const char *text) {
    str shown = name.len > NAME_SHOWN_MAX ? str_slice(name, 0, NAME_SHOWN_MAX) : name;
    return error_set(reterr, code, "field `%.*s`: %s", STR_FMT(shown), text);
}

static err fail_kind(struct error *reterr, str name, const char *wanted, enum json_kind kind) {
    str shown = name.len > NAME_SHOWN_MAX ? str_slice(name, 0, NAME_SHOWN_MAX) : name;
    return error_set(reterr, ERR_TYPE, "field `%.*s`: must be %s, not %s", STR_FMT(shown), wanted,
                     json_kind_name(kind));
}

static err check_string(str name, str text, uint64_t max, struct error *reterr) {
    if (str_find_byte(text, '\0') != SIZE_MAX) {
        return fail(reterr, ERR_RANGE, name, "must not contain NUL");
    }
    if (max != 0 && text.len > max) {
        return error_set(reterr, ERR_LIMIT, "field `%.*s`: must be at most %llu bytes",
                         STR_FMT(name), (unsigned long long)max);
    }
    return ERR_OK;
}

static err check_count(const struct decode_field *field, const struct json *value,
                       struct error *reterr) {
    if (field->max != 0 && value->count > field->max) {
        return error_set(reterr, ERR_LIMIT, "field `%.*s`: must have at most %llu items",
                         STR_FMT(field->name), (unsigned long long)field->max);
    }
    return ERR_OK;
}

static err decode_string(const struct decode_field *field, const struct json *value, str *ret,
                         struct error *reterr) {
    if (value->kind != JSON_STRING) {
        return fail_kind(reterr, field->name, "a string", value->kind);
    }
    TRY(check_string(field->name, value->text, field->max, reterr));
    if (field->presence == DECODE_REQUIRED && value->text.len == 0) {
        return fail(reterr, ERR_MISSING, field->name, "must not be empty");
    }
    *ret = value->text;
    return ERR_OK;
}

static err decode_int(const struct decode_field *field, const struct json *value, int64_t *ret,
                      struct error *reterr) {
    if (value->kind == JSON_NUMBER) {
        return fail(reterr, ERR_TYPE, field->name, "must be a whole number in range");
    }
    if (value->kind != JSON_INT) {
        return fail_kind(reterr, field->name, "a whole number", value->kind);
    }
    if (value->integer < 0) {
        return fail(reterr, ERR_RANGE, field->name, "must not be negative");
    }
    if (field->max != 0 && (uint64_t)value->integer > field->max) {
        return error_set(reterr, ERR_RANGE, "field `%.*s`: must be at most %llu",
                         STR_FMT(field->name), (unsigned long long)field->max);
    }
    *ret = value->integer;
    return ERR_OK;
}

static err decode_strings(struct arena *a, const struct decode_field *field,
                          const struct json *value, struct decode_strings *ret,
                          struct error *reterr) {
    if (value->kind != JSON_ARRAY) {
        return fail_kind(reterr, field->name, "an array of strings", value->kind);
    }
    TRY(check_count(field, value, reterr));
    str *items = ARENA_ARRAY(a, str, value->count);
    if (items == NULL) {
        return error_set(reterr, arena_error(a), "the request needs too much memory");
    }
    size_t max = field->item_max == 0 ? DECODE_ITEM_MAX_DEFAULT : field->item_max;
    for (size_t i = 0; i < value->count; i++) {
        if (value->items[i].kind != JSON_STRING) {
            return fail(reterr, ERR_TYPE, field->name, "must contain strings only");
        }
        TRY(check_string(field->name, value->items[i].text, max, reterr));
        items[i] = value->items[i].text;
    }
    *ret = (struct decode_strings){items, value->count};
    return ERR_OK;
}

static err decode_field(struct arena *a, const struct decode_field *field, const struct json *value,
                        void *member, struct error *reterr) {
    switch (field->kind) {
    case DECODE_STRING:
        return decode_string(field, value, member, reterr);
    case DECODE_INT:
        return decode_int(field, value, member, reterr);
    case DECODE_BOOL:
        if (value->kind != JSON_BOOL) {
            return fail_kind(reterr, field->name, "a boolean", value->kind);
        }
        *(bool *)member = value->boolean;
        return ERR_OK;
    case DECODE_STRINGS:
        return decode_strings(a, field, value, member, reterr);
    case DECODE_OBJECT:
        if (value->kind != JSON_OBJECT) {
            return fail_kind(reterr, field->name, "an object", value->kind);
        }
        *(const struct json **)member = value;
        return ERR_OK;
    case DECODE_ARRAY:
        if (value->kind != JSON_ARRAY) {
            return fail_kind(reterr, field->name, "an array", value->kind);
        }
        TRY(check_count(field, value, reterr));
        *(const struct json **)member = value;
        return ERR_OK;
    case DECODE_ANY:
        *(const struct json **)member = value;
        return ERR_OK;
    }
    return ERR_INTERNAL;
}

static err fail_unknown(const struct decode_field *fields, size_t count, str name,
                        struct error *reterr) {
    str names[DECODE_FIELDS_MAX];
    for (size_t i = 0; i < count; i++) {
        names[i] = fields[i].name;
    }
    str nearest = str_nearest(name, names, count);
    str shown = name.len > NAME_SHOWN_MAX ? str_slice(name, 0, NAME_SHOWN_MAX) : name;
    if (str_is_absent(nearest)) {
        return error_set(reterr, ERR_UNKNOWN, "field `%.*s`: is not known", STR_FMT(shown));
    }
    return error_set(reterr, ERR_UNKNOWN, "field `%.*s`: is not known; did you mean `%.*s`?",
                     STR_FMT(shown), STR_FMT(nearest));
}

static size_t find_field(const struct decode_field *fields, size_t count, str name) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(fields[i].name, name)) {
            return i;
        }
    }
    return count;
}

err decode_object(struct arena *a, const struct json *value, const struct decode_field *fields,
                  size_t count, void *ret, struct error *reterr) {
    ASSERT(count <= DECODE_FIELDS_MAX);
    uint64_t seen = 0;
    if (value->kind != JSON_OBJECT) {
        return error_set(reterr, ERR_TYPE, "the body must be an object, not %s",
                         json_kind_name(value->kind));
    }
    for (size_t i = 0; i < value->count; i++) {
        const struct json_member *member = &value->members[i];
        size_t at = find_field(fields, count, member->name);
        if (at == count) {
            return fail_unknown(fields, count, member->name, reterr);
        }
        if (member->value.kind == JSON_NULL && fields[at].kind != DECODE_ANY) {
            continue; /* as if it were missing */
        }
        TRY(decode_field(a, &fields[at], &member->value, (char *)ret + fields[at].offset, reterr));
        seen |= UINT64_C(1) << at;
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].presence == DECODE_REQUIRED && (seen >> i & 1) == 0) {
            return fail(reterr, ERR_MISSING, fields[i].name, "is required");
        }
    }
    return ERR_OK;
}

/* What may follow the media type: nothing, or charset=utf-8 (RFC 8259 §8.1 leaves no other). */
static bool parameters_are_valid(str text) {
    str rest = text;
    while (rest.len > 0) {
        str parameter;
        IGNORE(str_cut(rest, ';', &parameter, &rest)); /* the last one has no ';' */
        parameter = str_trim(parameter);
        if (parameter.len != 0 && !str_equal_nocase(parameter, STR("charset=utf-8")) &&
            !str_equal_nocase(parameter, STR("charset=\"utf-8\""))) {
            return false;
        }
    }
    return true;
}

bool content_type_is(str content_type, str media_type) {
    str name;
    str parameters;
    IGNORE(str_cut(content_type, ';', &name, &parameters)); /* without ';' all is the name */
    return str_equal_nocase(str_trim(name), media_type) && parameters_are_valid(parameters);
}

bool decode_json(struct http_request *req, struct http_response *resp,
                 const struct json_limits *limits, const struct json **ret) {
    struct error error = {0};
    str type = http_header_get(req, STR("content-type"));
    if (!content_type_is(type, STR("application/json"))) {
        problem_response(req, resp, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                         STR("the Content-Type must be application/json"));
        return false;
    }
    err code = json_parse(req->arena, req->body, limits, ret, &error);
    if (code == ERR_OK) {
        return true;
    }
    if (code == ERR_NOMEM) {
        problem_from_err(req, resp, code);
    } else if (error.line == 0) {
        problem_response(req, resp, PROBLEM_INVALID_JSON, str_c(error.text));
    } else {
        problem_format(req, resp, PROBLEM_INVALID_JSON, "line %u, column %u: %s", error.line,
                       error.column, error.text);
    }
    return false;
}

bool decode_body(struct http_request *req, struct http_response *resp,
                 const struct decode_field *fields, size_t count, void *ret) {
    const struct json *value;
    struct error error = {0};
    if (!decode_json(req, resp, &json_limits_default, &value)) {
        return false;
    }
    err code = decode_object(req->arena, value, fields, count, ret, &error);
    if (code == ERR_NOMEM) {
        problem_from_err(req, resp, code);
    } else if (code != ERR_OK) {
        problem_response(req, resp, PROBLEM_INVALID_FIELD, str_c(error.text));
    }
    return code == ERR_OK;
}
