/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/json/values.h"

#include "base/assert.h"
#include "base/utf8.h"
#include "cedar/ext/functions.h"
#include "cedar/json/names.h"
#include "cedar/schema/conform.h"

enum { TEXT_MAX = 4096, GOT_MAX = 200 };

#define FAIL(r, at, ...) \
    (diag_add((r)->diags, DIAG_ERROR, values_span(at), __VA_ARGS__), ERR_SYNTAX)
#define FAIL_TYPE(r, at, ...) \
    (diag_add((r)->diags, DIAG_ERROR, values_span(at), __VA_ARGS__), ERR_TYPE)

void values_reader_init(struct values_reader *r, struct arena *a, struct arena *scratch,
                        const struct hash_key *key, str text, struct diag_list *diags) {
    *r = (struct values_reader){.arena = a, .key = *key, .text = text, .diags = diags};
    map_init(&r->names, scratch, key);
}

err values_parse(struct arena *scratch, str text, const struct json_limits *limits,
                 const char *what, struct diag_list *diags, const struct json **ret) {
    struct error error = {0};
    err result = json_parse(scratch, text, limits, ret, &error);
    if (result != ERR_OK && result != ERR_NOMEM) {
        struct ast_span at = {(uint32_t)error.offset, (uint32_t)error.offset};
        diag_add(diags, DIAG_ERROR, at, "%s: %s", what, error.text);
    }
    return result;
}

err values_copy_name(struct values_reader *r, str name, str *ret) {
    void **known = map_find(&r->names, name);
    if (known != NULL) {
        *ret = str_make(*known, name.len);
        return ERR_OK;
    }
    char *bytes = arena_alloc(r->arena, name.len);
    if (bytes == NULL) {
        return arena_error(r->arena);
    }
    memcpy(bytes, name.ptr, name.len);
    *ret = str_make(bytes, name.len);
    return map_add(&r->names, *ret, bytes);
}

/* ---- messages ---- */

static str prefix_of(const struct values_reader *r) {
    switch (r->where) {
    case VALUES_UID:
    case VALUES_PARENTS:
    case VALUES_ATTR:
    case VALUES_TAG:
        return STR("error during entity deserialization: ");
    case VALUES_CONTEXT:
    case VALUES_POLICY:
        return STR("");
    }
    NOT_REACHED();
    return STR("");
}

/* Where the value belongs, as the beginning of a message. */
static str place_of(struct values_reader *r) {
    if (r->diags == NULL) {
        return STR("");
    }
    struct buf text;
    buf_init_arena(&text, r->diags->arena, TEXT_MAX);
    buf_add(&text, prefix_of(r));
    switch (r->where) {
    case VALUES_UID:
        buf_add_c(&text, "in uid field of <unknown entity>");
        break;
    case VALUES_PARENTS:
        buf_add_c(&text, "in parents field of `");
        uid_format(&text, r->uid);
        buf_add_byte(&text, '`');
        break;
    case VALUES_ATTR:
    case VALUES_TAG:
        buf_format(&text, "in %s `%.*s` on `", r->where == VALUES_TAG ? "tag" : "attribute",
                   STR_FMT(r->name));
        uid_format(&text, r->uid);
        buf_add_byte(&text, '`');
        break;
    case VALUES_CONTEXT:
        buf_add_c(&text, "while parsing context");
        break;
    case VALUES_POLICY:
        buf_add_c(&text, "in a value");
        break;
    }
    return buf_str(&text);
}

static err null_error(struct values_reader *r, const struct json *json) {
    return FAIL(r, json, "%.*s, found a `null`; JSON `null`s are not allowed in Cedar",
                STR_FMT(place_of(r)));
}

static err expr_error(struct values_reader *r, const struct json *json) {
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, values_span(json),
                 "%.*s, the `__expr` escape is no longer supported", STR_FMT(place_of(r)));
    diag_help(r->diags, diag,
              "to create an entity reference, use `__entity`; to create an extension value, use "
              "`__extn`; and for all other values, use JSON directly");
    return ERR_SYNTAX;
}

/* The source of a value, cut when it is long. */
static str source_of(const struct values_reader *r, const struct json *json) {
    return utf8_cut(str_slice(r->text, json->offset, json->end), GOT_MAX);
}

static err not_entity(struct values_reader *r, const struct json *json) {
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, values_span(json),
                                 "%.*s, expected a literal entity reference, but got `%.*s`",
                                 STR_FMT(place_of(r)), STR_FMT(source_of(r, json)));
    diag_help(r->diags, diag,
              "literal entity references can be made with `{ \"type\": \"SomeType\", \"id\": "
              "\"SomeId\" }`");
    return ERR_SYNTAX;
}

static err evaluation_error(struct values_reader *r, const struct json *at,
                            const struct ext_error *error) {
    struct diag *diag;
    if (r->where == VALUES_ATTR || r->where == VALUES_TAG) {
        diag = diag_add(r->diags, DIAG_ERROR, values_span(at),
                        "%.*sfailed to evaluate %s `%.*s` of `%.*s`: %.*s", STR_FMT(prefix_of(r)),
                        r->where == VALUES_TAG ? "tag" : "attribute", STR_FMT(r->name),
                        STR_FMT(conform_uid_text(r->diags, r->uid)), STR_FMT(error->message));
    } else {
        diag = diag_add(r->diags, DIAG_ERROR, values_span(at), "%.*s", STR_FMT(error->message));
    }
    if (error->help.ptr != NULL) {
        diag_help(r->diags, diag, "%.*s", STR_FMT(error->help));
    }
    return ERR_SYNTAX;
}

/* ---- escapes ---- */

static const struct json *get_string(const struct json *object, const char *name) {
    const struct json *found = json_get(object, str_c(name));
    return found != NULL && found->kind == JSON_STRING ? found : NULL;
}

static bool is_expr_escape(const struct json *json) {
    return get_string(json, "__expr") != NULL;
}

static bool is_type_and_id(const struct json *json) {
    return json != NULL && get_string(json, "type") != NULL && get_string(json, "id") != NULL;
}

/* A function and its arguments: {"fn", "arg"}, or {"fn", "args"}. */
struct call {
    const struct json *fn;
    const struct json *args;
    size_t count;
};

static bool is_call(const struct json *json, struct call *ret) {
    if (json == NULL || get_string(json, "fn") == NULL) {
        return false;
    }
    ret->fn = get_string(json, "fn");
    const struct json *arg = json_get(json, STR("arg"));
    const struct json *args = json_get(json, STR("args"));
    if (arg != NULL) {
        ret->args = arg;
        ret->count = 1;
        return true;
    }
    if (args != NULL && args->kind == JSON_ARRAY) {
        ret->args = args->items;
        ret->count = args->count;
        return true;
    }
    return false;
}

static err read_type_and_id(struct values_reader *r, const struct json *json,
                            const struct uid **ret) {
    str type = get_string(json, "type")->text;
    str id = get_string(json, "id")->text;
    if (!ast_is_name(type)) {
        str why;
        str help;
        TRY(name_explain(r->arena, &parse_limits_default, type, r->diags, &why, &help));
        struct diag *diag =
            diag_add(r->diags, DIAG_ERROR, values_span(json),
                     "%.*sfailed to parse escape `__entity`: %.*s, errors: %.*s",
                     STR_FMT(prefix_of(r)), STR_FMT(source_of(r, json)), STR_FMT(why));
        diag_help(r->diags, diag,
                  "an __entity escape should have a value like `{ \"type\": \"SomeType\", \"id\": "
                  "\"SomeId\" }`");
        return ERR_SYNTAX;
    }
    struct uid *uid = ARENA_NEW(r->arena, struct uid);
    if (uid == NULL) {
        return arena_error(r->arena);
    }
    TRY(values_copy_name(r, type, &type));
    TRY(arena_copy(r->arena, id, &id));
    *uid = uid_make(&r->key, type, id);
    *ret = uid;
    return ERR_OK;
}

err values_read_uid(struct values_reader *r, const struct json *json, const struct uid **ret) {
    if (is_expr_escape(json)) {
        return expr_error(r, json);
    }
    const struct json *escape = json_get(json, STR("__entity"));
    if (is_type_and_id(escape)) {
        return read_type_and_id(r, escape, ret);
    }
    return is_type_and_id(json) ? read_type_and_id(r, json, ret) : not_entity(r, json);
}

/* ---- extension values ---- */

static const struct schema_type *type_of_kind(enum value_kind kind) {
    switch (kind) {
    case VALUE_DECIMAL:
        return schema_builtin(SCHEMA_DECIMAL);
    case VALUE_IPADDR:
        return schema_builtin(SCHEMA_IPADDR);
    case VALUE_DATETIME:
        return schema_builtin(SCHEMA_DATETIME);
    case VALUE_DURATION:
        return schema_builtin(SCHEMA_DURATION);
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_STRING:
    case VALUE_ENTITY:
    case VALUE_SET:
    case VALUE_RECORD:
        return NULL; /* nothing implicit in these */
    }
    NOT_REACHED();
    return NULL;
}

static err evaluate(struct values_reader *r, const struct json *at,
                    const struct ext_function *function, const struct value *args, size_t count,
                    struct value *ret) {
    struct ext_error error = {0};
    err result = ext_call(function, r->arena, args, count, ret, &error);
    if (result == ERR_OK || result == ERR_NOMEM || result == ERR_LIMIT) {
        return result;
    }
    return evaluation_error(r, at, &error);
}

static err no_function(struct values_reader *r, const struct call *call, bool is_directed) {
    str name = call->fn->text;
    str text = {NULL, 0};
    if (!ast_is_name(name)) {
        str why;
        str help;
        TRY(name_explain(r->arena, &parse_limits_default, name, r->diags, &why, &help));
        struct diag *diag = diag_add(r->diags, DIAG_ERROR, values_span(call->fn),
                                     "%.*sfailed to parse escape `__extn`: %.*s, errors: %.*s",
                                     STR_FMT(prefix_of(r)), STR_FMT(name), STR_FMT(why));
        diag_help(r->diags, diag,
                  "an __extn escape should have a value like `{ \"fn\": \"SomeFn\", \"arg\": "
                  "\"SomeArg\" }`");
        return ERR_SYNTAX;
    }
    TRY(arena_format(r->arena, &text, "extension function `%.*s` does not exist", STR_FMT(name)));
    if (is_directed) {
        return FAIL(r, call->fn, "%.*s%.*s", STR_FMT(prefix_of(r)), STR_FMT(text));
    }
    return evaluation_error(r, call->fn, &(struct ext_error){.message = text});
}

/* With `is_directed` the function says what its arguments are expected to be, so that
 * {"fn": "offset", "args": ["2024-01-01", "1h"]} works. */
static err read_call(struct values_reader *r, const struct json *at, const struct call *call,
                     bool is_directed, struct value *ret) {
    const struct ext_function *function = ext_function_find(call->fn->text);
    if (function == NULL) {
        return no_function(r, call, is_directed);
    }
    if (is_directed && call->count != function->arity) {
        return FAIL(
            r, at, "%.*sexpected %u arguments for function %.*s but %zu arguments are provided",
            STR_FMT(prefix_of(r)), (unsigned)function->arity, STR_FMT(call->fn->text), call->count);
    }
    struct value *args = ARENA_ARRAY(r->arena, struct value, call->count);
    if (args == NULL) {
        return arena_error(r->arena);
    }
    for (size_t i = 0; i < call->count; i++) {
        const struct schema_type *type = is_directed ? type_of_kind(function->args[i]) : NULL;
        TRY(values_read(r, &call->args[i], type, &args[i]));
    }
    return evaluate(r, at, function, args, call->count, ret);
}

static err read_extension(struct values_reader *r, const struct json *json, enum value_kind kind,
                          struct value *ret) {
    struct call call;
    if (is_expr_escape(json)) {
        return expr_error(r, json);
    }
    if (is_call(json_get(json, STR("__extn")), &call) || is_call(json, &call)) {
        return read_call(r, json, &call, true, ret);
    }
    struct value arg;
    TRY(values_read(r, json, NULL, &arg));
    return evaluate(r, json, ext_constructor_of(kind), &arg, 1, ret);
}

/* ---- nothing expected ---- */

static err read_items(struct values_reader *r, const struct json *json,
                      const struct schema_type *type, struct value *ret) {
    struct value *items = ARENA_ARRAY(r->arena, struct value, json->count);
    if (items == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(values_read(r, &json->items[i], type, &items[i]));
    }
    return value_set_adopt(r->arena, items, json->count, ret);
}

static err read_members(struct values_reader *r, const struct json *json,
                        const struct schema_record *types, struct value *ret) {
    struct value_field *fields = ARENA_ARRAY(r->arena, struct value_field, json->count);
    if (fields == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        const struct schema_attr *attr = NULL;
        if (types != NULL) {
            attr = schema_find_attr(types, member->name);
            if (attr == NULL) {
                return FAIL_TYPE(r, &member->value,
                                 "%.*s, record attribute `%.*s` should not exist according to "
                                 "the schema",
                                 STR_FMT(place_of(r)), STR_FMT(member->name));
            }
        }
        TRY(values_copy_name(r, member->name, &fields[i].name));
        TRY(values_read(r, &member->value, attr == NULL ? NULL : attr->type, &fields[i].value));
    }
    return value_record_adopt(r->arena, fields, json->count, ret);
}

static err read_object(struct values_reader *r, const struct json *json, struct value *ret) {
    struct call call;
    if (json->count != 1) {
        return read_members(r, json, NULL, ret);
    }
    if (is_expr_escape(json)) {
        return expr_error(r, json);
    }
    const struct json *entity = json_get(json, STR("__entity"));
    if (is_type_and_id(entity)) {
        const struct uid *uid;
        TRY(read_type_and_id(r, entity, &uid));
        *ret = value_entity(uid);
        return ERR_OK;
    }
    if (is_call(json_get(json, STR("__extn")), &call)) {
        return read_call(r, json, &call, false, ret);
    }
    return read_members(r, json, NULL, ret);
}

static err read_plain(struct values_reader *r, const struct json *json, struct value *ret) {
    switch (json->kind) {
    case JSON_NULL:
        return null_error(r, json);
    case JSON_BOOL:
        *ret = value_bool(json->boolean);
        return ERR_OK;
    case JSON_INT:
        *ret = value_long(json->integer);
        return ERR_OK;
    case JSON_NUMBER:
        return FAIL(r, json, "%.*s, the number `%.*s` is not an integer of 64 bits",
                    STR_FMT(place_of(r)), STR_FMT(source_of(r, json)));
    case JSON_STRING: {
        str text;
        TRY(arena_copy(r->arena, json->text, &text));
        *ret = value_string(text);
        return ERR_OK;
    }
    case JSON_ARRAY:
        return read_items(r, json, NULL, ret);
    case JSON_OBJECT:
        return read_object(r, json, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

/* ---- something expected ---- */

static err mismatch(struct values_reader *r, const struct json *json,
                    const struct schema_type *type) {
    struct value value;
    TRY(read_plain(r, json, &value));
    if (r->diags == NULL) {
        return ERR_TYPE;
    }
    struct buf text;
    buf_init_arena(&text, r->diags->arena, TEXT_MAX);
    conform_mismatch_format(&text, type, &value);
    return FAIL_TYPE(r, json, "%.*s, %.*s", STR_FMT(place_of(r)), STR_FMT(buf_str(&text)));
}

static err read_record(struct values_reader *r, const struct json *json,
                       const struct schema_type *type, struct value *ret) {
    if (json->kind != JSON_OBJECT) {
        return mismatch(r, json, type);
    }
    for (size_t i = 0; i < type->record->count; i++) {
        const struct schema_attr *attr = &type->record->attrs[i];
        if (attr->is_required && json_get(json, attr->name) == NULL) {
            return FAIL_TYPE(r, json,
                             "%.*s, expected the record to have an attribute `%.*s`, but it does "
                             "not",
                             STR_FMT(place_of(r)), STR_FMT(attr->name));
        }
    }
    return read_members(r, json, type->record, ret);
}

static err read_entity(struct values_reader *r, const struct json *json, struct value *ret) {
    const struct uid *uid;
    TRY(values_read_uid(r, json, &uid));
    *ret = value_entity(uid);
    return ERR_OK;
}

err values_read(struct values_reader *r, const struct json *json, const struct schema_type *type,
                struct value *ret) {
    if (type == NULL) {
        return read_plain(r, json, ret);
    }
    switch (type->kind) {
    case SCHEMA_BOOL:
    case SCHEMA_LONG:
    case SCHEMA_STRING:
        return read_plain(r, json, ret);
    case SCHEMA_DECIMAL:
        return read_extension(r, json, VALUE_DECIMAL, ret);
    case SCHEMA_IPADDR:
        return read_extension(r, json, VALUE_IPADDR, ret);
    case SCHEMA_DATETIME:
        return read_extension(r, json, VALUE_DATETIME, ret);
    case SCHEMA_DURATION:
        return read_extension(r, json, VALUE_DURATION, ret);
    case SCHEMA_ENTITY:
        return read_entity(r, json, ret);
    case SCHEMA_SET:
        return json->kind == JSON_ARRAY ? read_items(r, json, type->element, ret)
                                        : mismatch(r, json, type);
    case SCHEMA_RECORD:
        return read_record(r, json, type, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}
