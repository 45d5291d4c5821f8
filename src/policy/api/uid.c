/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/api/uid.h"

#include "policy/model/limits.h"

static err decode_object(const struct json *value, const char *field, cedar_uid *ret,
                         struct error *reterr) {
    const struct json *type = json_get(value, STR("type"));
    const struct json *id = json_get(value, STR("id"));
    if (type == NULL || type->kind != JSON_STRING || id == NULL || id->kind != JSON_STRING) {
        return error_set(reterr, ERR_SYNTAX,
                         "field `%s`: an entity has the strings `type` and `id`", field);
    }
    if (value->count != 2) {
        return error_set(reterr, ERR_SYNTAX,
                         "field `%s`: an entity has `type` and `id` and nothing else", field);
    }
    cedar_str type_text = {type->text.ptr, type->text.len};
    if (!cedar_type_name_is_valid(type_text)) {
        return error_set(reterr, ERR_SYNTAX, "field `%s`: `type` is not an entity type name",
                         field);
    }
    *ret = (cedar_uid){.type = type_text, .id = {id->text.ptr, id->text.len}};
    return ERR_OK;
}

err uid_decode(cedar_scratch *scratch, const struct json *value, const char *field, cedar_uid *ret,
               struct error *reterr) {
    if (value->kind == JSON_OBJECT) {
        return decode_object(value, field, ret, reterr);
    }
    if (value->kind != JSON_STRING) {
        return error_set(reterr, ERR_SYNTAX,
                         "field `%s`: must be {\"type\",\"id\"} or text like User::\"alice\"",
                         field);
    }
    if (value->text.len > LIMIT_UID_TEXT) {
        return error_set(reterr, ERR_SYNTAX, "field `%s`: longer than %d bytes", field,
                         LIMIT_UID_TEXT);
    }
    cedar_str text = {value->text.ptr, value->text.len};
    cedar_status status = cedar_uid_parse(scratch, text, ret, NULL);
    if (status == CEDAR_OK) {
        return ERR_OK;
    }
    return status == CEDAR_ERR_NOMEM
               ? ERR_NOMEM
               : error_set(reterr, ERR_SYNTAX,
                           "field `%s`: not an entity; write it like User::\"alice\"", field);
}

str uid_text(cedar_scratch *scratch, cedar_uid uid) {
    cedar_str text;
    if (cedar_uid_format(scratch, uid, &text) != CEDAR_OK) {
        return (str){NULL, 0};
    }
    return str_make(text.ptr, text.len);
}
