/* SPDX-License-Identifier: Apache-2.0 */
/* Entity ids and values made by the host. */
#include "cedar/api_int.h"

#include "base/scan.h"
#include "base/utf8.h"

/* ---- entity ids ---- */

bool cedar_type_name_is_valid(cedar_str name) {
    return !api_is_bad(name) && ast_is_name(api_str(name));
}

cedar_status api_uid_check(cedar_uid uid) {
    if (api_is_bad(uid.type) || api_is_bad(uid.id)) {
        return CEDAR_ERR_MISUSE;
    }
    if (!ast_is_name(api_str(uid.type)) || !utf8_is_valid(api_str(uid.id), NULL)) {
        return CEDAR_ERR_SYNTAX;
    }
    return api_uid_fits(uid) ? CEDAR_OK : CEDAR_ERR_LIMIT;
}

err api_uid_copy(struct arena *a, const cedar_engine *engine, cedar_uid uid,
                 const struct uid **ret) {
    struct uid *copy = ARENA_NEW(a, struct uid);
    if (copy == NULL) {
        return arena_error(a);
    }
    str type;
    str id;
    TRY(arena_copy(a, api_str(uid.type), &type));
    TRY(arena_copy(a, api_str(uid.id), &id));
    *copy = uid_make(&engine->key, type, id);
    *ret = copy;
    return ERR_OK;
}

/* The spelling that almost every uid has: no spaces, no escapes, ASCII. The parser would read the
 * same; this is for requests, where two or three uids are read each time. */
static bool is_plain_uid(str text, str *ret_type, str *ret_id) {
    size_t at = str_find(text, STR("::\""));
    if (at == SIZE_MAX || text.len < at + 4 || text.ptr[text.len - 1] != '"') {
        return false;
    }
    *ret_type = str_slice(text, 0, at);
    *ret_id = str_slice(text, at + 3, text.len - 1);
    return ast_is_name(*ret_type) &&
           scan_printable_until(ret_id->ptr, ret_id->len, '"', '\\', '\\') == ret_id->len;
}

cedar_status cedar_uid_parse(cedar_scratch *scratch, cedar_str text, cedar_uid *ret_uid,
                             cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || ret_uid == NULL || api_is_bad(text)) {
        return CEDAR_ERR_MISUSE;
    }
    struct diag_list diags;
    diag_list_init(&diags, &scratch->temp);
    struct parse_limits limits = api_parse_limits(scratch->engine);
    str type;
    str id;
    err error = ERR_OK;
    if (text.len > limits.max_bytes || !is_plain_uid(api_str(text), &type, &id)) {
        struct ast_uid parsed = {0};
        error = parse_uid(&scratch->temp, api_str(text), &limits, &parsed, &diags);
        type = parsed.type.text;
        id = parsed.id;
    }
    if (error == ERR_OK) {
        error = arena_copy(&scratch->arena, type, &type);
    }
    if (error == ERR_OK) {
        error = arena_copy(&scratch->arena, id, &id);
    }
    if (error == ERR_OK) {
        *ret_uid = (cedar_uid){api_public(type), api_public(id)};
    }
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_clear(&scratch->temp);
    return status;
}

cedar_status cedar_uid_format(cedar_scratch *scratch, cedar_uid uid, cedar_str *ret_text) {
    if (scratch == NULL || ret_text == NULL || api_is_bad(uid.type) || api_is_bad(uid.id)) {
        return CEDAR_ERR_MISUSE;
    }
    if (!api_uid_fits(uid)) {
        return CEDAR_ERR_LIMIT;
    }
    struct buf b;
    buf_init_arena(&b, &scratch->arena, SIZE_MAX / 2);
    struct uid plain = uid_unhashed(api_str(uid.type), api_str(uid.id));
    uid_format(&b, &plain);
    str text;
    err error = buf_finish(&b, &text);
    if (error == ERR_OK) {
        *ret_text = api_public(text);
    }
    return api_status(error);
}

/* ---- values ---- */

static uint32_t value_depth(const struct value *value);

static uint32_t set_depth(const struct value_set *set) {
    uint32_t deepest = 0;
    for (size_t i = 0; i < set->count; i++) {
        uint32_t depth = value_depth(&set->items[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

static uint32_t record_depth(const struct value_record *record) {
    uint32_t deepest = 0;
    for (size_t i = 0; i < value_record_count(record); i++) {
        uint32_t depth = value_depth(&record->values[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

/* Recursion is as deep as the value, which its maker has limited. */
static uint32_t value_depth(const struct value *value) {
    if (value->kind == VALUE_SET) {
        return 1 + set_depth(value->set);
    }
    return value->kind == VALUE_RECORD ? 1 + record_depth(value->record) : 0;
}

static err wrap(cedar_scratch *scratch, const struct value *value, uint32_t depth,
                const cedar_value **ret) {
    cedar_value *wrapped = ARENA_NEW(&scratch->arena, cedar_value);
    if (wrapped == NULL) {
        return arena_error(&scratch->arena);
    }
    *wrapped = (cedar_value){.value = *value, .depth = depth, .engine = scratch->engine};
    *ret = wrapped;
    return ERR_OK;
}

err api_value_wrap(cedar_scratch *scratch, const struct value *value, const cedar_value **ret) {
    return wrap(scratch, value, value_depth(value), ret);
}

cedar_status cedar_value_string(cedar_scratch *scratch, cedar_str text,
                                const cedar_value **ret_value) {
    if (scratch == NULL || ret_value == NULL || api_is_bad(text)) {
        return CEDAR_ERR_MISUSE;
    }
    if (!utf8_is_valid(api_str(text), NULL)) {
        return CEDAR_ERR_SYNTAX;
    }
    if (text.len > VALUE_TEXT_MAX) {
        return CEDAR_ERR_LIMIT;
    }
    str copy;
    err error = arena_copy(&scratch->arena, api_str(text), &copy);
    if (error != ERR_OK) {
        return api_status(error);
    }
    struct value value = value_string(copy);
    return api_status(wrap(scratch, &value, 0, ret_value));
}

cedar_status cedar_value_long(cedar_scratch *scratch, int64_t number,
                              const cedar_value **ret_value) {
    if (scratch == NULL || ret_value == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    struct value value = value_long(number);
    return api_status(wrap(scratch, &value, 0, ret_value));
}

cedar_status cedar_value_bool(cedar_scratch *scratch, bool truth, const cedar_value **ret_value) {
    if (scratch == NULL || ret_value == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    struct value value = value_bool(truth);
    return api_status(wrap(scratch, &value, 0, ret_value));
}

cedar_status cedar_value_entity(cedar_scratch *scratch, cedar_uid uid,
                                const cedar_value **ret_value) {
    if (scratch == NULL || ret_value == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_uid_check(uid);
    if (status != CEDAR_OK) {
        return status;
    }
    const struct uid *copy;
    err error = api_uid_copy(&scratch->arena, scratch->engine, uid, &copy);
    if (error != ERR_OK) {
        return api_status(error);
    }
    struct value value = value_entity(copy);
    return api_status(wrap(scratch, &value, 0, ret_value));
}

/* The depth of a collection of the given values. */
static cedar_status collection_depth(const cedar_scratch *scratch, const cedar_value *const *values,
                                     size_t count, uint32_t *ret) {
    if (values == NULL && count > 0) {
        return CEDAR_ERR_MISUSE;
    }
    uint32_t deepest = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] == NULL || !api_same_key(values[i]->engine, scratch->engine)) {
            return CEDAR_ERR_MISUSE;
        }
        deepest = values[i]->depth > deepest ? values[i]->depth : deepest;
    }
    *ret = deepest + 1;
    return deepest >= scratch->engine->max_depth ? CEDAR_ERR_LIMIT : CEDAR_OK;
}

static err make_set(struct arena *a, const cedar_value *const *items, size_t count,
                    struct value *ret) {
    struct value *copy = ARENA_ARRAY(a, struct value, count);
    if (copy == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        copy[i] = items[i]->value;
    }
    return value_set_adopt(a, copy, count, ret);
}

cedar_status cedar_value_set(cedar_scratch *scratch, const cedar_value *const *items, size_t count,
                             const cedar_value **ret_value) {
    if (scratch == NULL || ret_value == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    uint32_t depth;
    cedar_status status = collection_depth(scratch, items, count, &depth);
    if (status != CEDAR_OK) {
        return status;
    }
    struct value set;
    err error = make_set(&scratch->arena, items, count, &set);
    return api_status(error != ERR_OK ? error : wrap(scratch, &set, depth, ret_value));
}

static err make_record(struct arena *a, const cedar_str *names, const cedar_value *const *values,
                       size_t count, struct value *ret) {
    struct value_field *fields = ARENA_ARRAY(a, struct value_field, count);
    if (fields == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(arena_copy(a, api_str(names[i]), &fields[i].name));
        fields[i].value = values[i]->value;
    }
    return value_record_adopt(a, fields, count, ret);
}

static cedar_status check_names(const cedar_str *names, size_t count) {
    if (names == NULL && count > 0) {
        return CEDAR_ERR_MISUSE;
    }
    for (size_t i = 0; i < count; i++) {
        if (api_is_bad(names[i])) {
            return CEDAR_ERR_MISUSE;
        }
        if (!utf8_is_valid(api_str(names[i]), NULL)) {
            return CEDAR_ERR_SYNTAX;
        }
    }
    return CEDAR_OK;
}

cedar_status cedar_value_record(cedar_scratch *scratch, const cedar_str *names,
                                const cedar_value *const *values, size_t count,
                                const cedar_value **ret_value) {
    if (scratch == NULL || ret_value == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    uint32_t depth;
    cedar_status status = collection_depth(scratch, values, count, &depth);
    if (status == CEDAR_OK) {
        status = check_names(names, count);
    }
    if (status != CEDAR_OK) {
        return status;
    }
    struct value record;
    err error = make_record(&scratch->arena, names, values, count, &record);
    return api_status(error != ERR_OK ? error : wrap(scratch, &record, depth, ret_value));
}

cedar_status cedar_value_format(cedar_scratch *scratch, const cedar_value *value,
                                cedar_str *ret_text) {
    if (scratch == NULL || value == NULL || ret_text == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    struct buf b;
    buf_init_arena(&b, &scratch->arena, SIZE_MAX / 2);
    value_format(&b, &value->value);
    str text;
    err error = buf_finish(&b, &text);
    if (error == ERR_OK) {
        *ret_text = api_public(text);
    }
    return api_status(error);
}
