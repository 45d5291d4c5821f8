/* SPDX-License-Identifier: Apache-2.0 */
/* Literals: {"Value": …} in the encoding of entity data, entity references, type names. */
#include "cedar/json/policy_int.h"

#include "base/assert.h"
#include "cedar/ext/functions.h"
#include "cedar/json/names.h"

enum { GOT_MAX = 4096 };

static const struct json *get_string(const struct json *object, str name) {
    const struct json *found = json_get(object, name);
    return found != NULL && found->kind == JSON_STRING ? found : NULL;
}

static bool is_type_and_id(const struct json *json) {
    return json != NULL && get_string(json, STR("type")) != NULL &&
           get_string(json, STR("id")) != NULL;
}

/* ---- type names ---- */

err policy_read_type(struct policy_reader *r, const struct json *json, struct ast_name *ret) {
    if (json->kind != JSON_STRING) {
        return policy_wrong_type(r, json, "a string");
    }
    if (ast_is_name(json->text)) {
        ret->span = policy_span(json);
        return arena_copy(r->arena, json->text, &ret->text);
    }
    str why;
    str help;
    TRY(name_explain(r->arena, r->limits, json->text, r->diags, &why, &help));
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, policy_span(json),
                                 "invalid entity type: %.*s", STR_FMT(why));
    if (help.ptr != NULL) {
        diag_help(r->diags, diag, "%.*s", STR_FMT(help));
    }
    return ERR_SYNTAX;
}

/* ---- entities ---- */

static err expr_escape(struct policy_reader *r, const struct json *json, bool is_value) {
    struct diag *diag =
        is_value ? diag_add(r->diags, DIAG_ERROR, policy_span(json),
                            "while parsing JSON policy `%.*s`, the `__expr` escape is no longer "
                            "supported",
                            STR_FMT(r->id))
                 : diag_add(r->diags, DIAG_ERROR, policy_span(json),
                            "in uid field of <unknown entity>, the `__expr` escape is no longer "
                            "supported");
    diag_help(r->diags, diag,
              "to create an entity reference, use `__entity`; to create an extension value, use "
              "`__extn`; and for all other values, use JSON directly");
    return ERR_SYNTAX;
}

static err bad_type(struct policy_reader *r, const struct json *json, str type) {
    str why;
    str help;
    TRY(name_explain(r->arena, r->limits, type, r->diags, &why, &help));
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, policy_span(json),
                                 "failed to parse escape `__entity`: type `%.*s`, errors: %.*s",
                                 STR_FMT(type), STR_FMT(why));
    diag_help(r->diags, diag,
              "an __entity escape should have a value like `{ \"type\": \"SomeType\", \"id\": "
              "\"SomeId\" }`");
    return ERR_SYNTAX;
}

static err read_type_and_id(struct policy_reader *r, const struct json *json, struct ast_uid *ret) {
    struct ast_span span = policy_span(json);
    str type = get_string(json, STR("type"))->text;
    if (!ast_is_name(type)) {
        return bad_type(r, json, type);
    }
    struct ast_uid uid = {.type.span = span, .span = span};
    TRY(arena_copy(r->arena, type, &uid.type.text));
    TRY(arena_copy(r->arena, get_string(json, STR("id"))->text, &uid.id));
    *ret = uid;
    return ERR_OK;
}

err policy_read_entity(struct policy_reader *r, const struct json *json, struct ast_uid *ret) {
    if (get_string(json, STR("__expr")) != NULL) {
        return expr_escape(r, json, false);
    }
    const struct json *escape = json_get(json, STR("__entity"));
    if (is_type_and_id(escape)) {
        return read_type_and_id(r, escape, ret);
    }
    if (is_type_and_id(json)) {
        return read_type_and_id(r, json, ret);
    }
    if (r->diags == NULL) {
        return ERR_SYNTAX;
    }
    struct buf got;
    struct json_writer writer;
    buf_init_arena(&got, r->diags->arena, GOT_MAX);
    json_writer_init(&writer, &got);
    json_tree(&writer, json);
    struct diag *diag = diag_add(
        r->diags, DIAG_ERROR, policy_span(json),
        "in uid field of <unknown entity>, expected a literal entity reference, but got `%.*s`",
        STR_FMT(buf_str(&got)));
    diag_help(r->diags, diag,
              "literal entity references can be made with `{ \"type\": \"SomeType\", \"id\": "
              "\"SomeId\" }`");
    return ERR_SYNTAX;
}

/* ---- values ---- */

static err read_items(struct policy_reader *r, const struct json *items, size_t count,
                      const struct ast_expr *const **ret) {
    const struct ast_expr **list = ARENA_ARRAY(r->arena, const struct ast_expr *, count);
    if (list == NULL) {
        return arena_error(r->arena);
    }
    uint32_t height = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(policy_read_value(r, &items[i], &list[i]));
        height = policy_higher(height, r->height);
    }
    r->height = height;
    *ret = list;
    return ERR_OK;
}

static err read_set(struct policy_reader *r, const struct json *json, const struct ast_expr **ret) {
    struct ast_expr node = {.kind = AST_SET, .set = {.count = json->count, .is_value = true}};
    TRY(read_items(r, json->items, json->count, &node.set.items));
    return policy_node(r, json, node, r->height, ret);
}

static err read_record(struct policy_reader *r, const struct json *json,
                       const struct ast_expr **ret) {
    struct ast_field *fields = ARENA_ARRAY(r->arena, struct ast_field, json->count);
    if (fields == NULL) {
        return arena_error(r->arena);
    }
    uint32_t height = 0;
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        fields[i].span = policy_span(&member->value);
        TRY(arena_copy(r->arena, member->name, &fields[i].name));
        TRY(policy_read_value(r, &member->value, &fields[i].value));
        height = policy_higher(height, r->height);
    }
    struct ast_expr node = {
        .kind = AST_RECORD,
        .record = {.count = json->count, .fields = fields, .is_value = true},
    };
    return policy_node(r, json, node, height, ret);
}

/* {"fn", "arg"} or {"fn", "args"}; false when it is neither, and then an ordinary record. */
static bool is_call(const struct json *json, const struct json **ret_args, size_t *ret_count) {
    if (json == NULL || get_string(json, STR("fn")) == NULL) {
        return false;
    }
    const struct json *args = json_get(json, STR("args"));
    *ret_args = json_get(json, STR("arg"));
    *ret_count = 1;
    if (*ret_args == NULL && args != NULL && args->kind == JSON_ARRAY) {
        *ret_args = args->items;
        *ret_count = args->count;
        return true;
    }
    return *ret_args != NULL;
}

static err read_call(struct policy_reader *r, const struct json *json, const struct json *fn,
                     const struct json *args, size_t count, const struct ast_expr **ret) {
    bool is_list = count == 1 && json_get(&json->members[0].value, STR("arg")) == NULL;
    const struct ext_function *function = ext_function_find(fn->text);
    if (function == NULL) {
        return POLICY_FAIL(r, fn, "extension function `%.*s` does not exist", STR_FMT(fn->text));
    }
    struct ast_expr node = {
        .kind = AST_CALL,
        .call = {.name = function->name,
                 .is_method = function->style == EXT_METHOD,
                 .is_value = true,
                 .is_list = is_list,
                 .count = count},
    };
    TRY(read_items(r, args, count, &node.call.args));
    return policy_node(r, json, node, r->height, ret);
}

static err read_object(struct policy_reader *r, const struct json *json,
                       const struct ast_expr **ret) {
    const struct json *args;
    size_t count;
    if (json->count != 1) {
        return read_record(r, json, ret);
    }
    if (get_string(json, STR("__expr")) != NULL) {
        return expr_escape(r, json, true);
    }
    const struct json *entity = json_get(json, STR("__entity"));
    if (is_type_and_id(entity)) {
        struct ast_expr node = {.kind = AST_ENTITY};
        TRY(read_type_and_id(r, entity, &node.uid));
        return policy_node(r, json, node, 0, ret);
    }
    const struct json *call = json_get(json, STR("__extn"));
    if (is_call(call, &args, &count)) {
        return read_call(r, json, get_string(call, STR("fn")), args, count, ret);
    }
    return read_record(r, json, ret);
}

static err read_plain(struct policy_reader *r, const struct json *json,
                      const struct ast_expr **ret) {
    struct ast_expr node = {.kind = AST_BOOL};
    switch (json->kind) {
    case JSON_NULL:
        return POLICY_FAIL(r, json,
                           "while parsing JSON policy `%.*s`, found a `null`; JSON `null`s are "
                           "not allowed in Cedar",
                           STR_FMT(r->id));
    case JSON_BOOL:
        node.boolean = json->boolean;
        return policy_node(r, json, node, 0, ret);
    case JSON_INT:
        node.kind = AST_LONG;
        node.integer = json->integer;
        return policy_node(r, json, node, 0, ret);
    case JSON_NUMBER:
        return POLICY_FAIL(r, json,
                           "data did not match any variant of untagged enum RawCedarValueJson");
    case JSON_STRING:
        node.kind = AST_STRING;
        TRY(arena_copy(r->arena, json->text, &node.string));
        return policy_node(r, json, node, 0, ret);
    case JSON_ARRAY:
        return read_set(r, json, ret);
    case JSON_OBJECT:
        return read_object(r, json, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err policy_read_value(struct policy_reader *r, const struct json *json,
                      const struct ast_expr **ret) {
    TRY(policy_enter(r, json));
    TRY(read_plain(r, json, ret));
    r->depth--;
    return ERR_OK;
}
