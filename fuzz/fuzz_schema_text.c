/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: a refusal has a finding whose place lies in the text. An accepted schema, printed
 * in the JSON form with all names resolved and read again, is an equal schema; so both readers
 * and the resolver agree.
 */
#include "fuzz.h"

#include "base/json.h"
#include "cedar/schema/schema.h"

enum { ARENA_MAX = 64 << 20, TEXT_MAX = 1 << 14, JSON_MAX = 1 << 18 };

static const struct schema_limits limits = {.max_bytes = JSON_MAX, .max_depth = 40};
static const struct schema_limits json_limits = {.max_bytes = JSON_MAX, .max_depth = 200};
static const struct hash_key key = {1, 2};

static str namespace_of(str name) {
    for (size_t i = name.len; i > 1; i--) {
        if (name.ptr[i - 1] == ':') {
            return str_make(name.ptr, i - 2);
        }
    }
    return STR("");
}

static str basename_of(str name) {
    size_t ns = namespace_of(name).len;
    return ns == 0 ? name : str_make(name.ptr + ns + 2, name.len - ns - 2);
}

static void write_annotations(struct json_writer *w, const struct schema_annotations *items) {
    json_name(w, STR("annotations"));
    json_open_object(w);
    for (size_t i = 0; i < items->count; i++) {
        json_name_string(w, items->items[i].name,
                         items->items[i].has_value ? items->items[i].value : (str){NULL, 0});
    }
    json_close_object(w);
}

static void write_type(struct json_writer *w, const struct schema_type *type,
                       const struct schema_attr *attr);

static void write_named(struct json_writer *w, str kind, str name) {
    json_name_string(w, STR("type"), kind);
    json_name_string(w, STR("name"), name);
}

static void write_record(struct json_writer *w, const struct schema_record *record) {
    json_name_string(w, STR("type"), STR("Record"));
    json_name(w, STR("attributes"));
    json_open_object(w);
    for (size_t i = 0; i < record->count && w->buf->error == ERR_OK; i++) {
        json_name(w, record->attrs[i].name);
        write_type(w, record->attrs[i].type, &record->attrs[i]);
    }
    json_close_object(w);
}

static void write_type_members(struct json_writer *w, const struct schema_type *type) {
    switch (type->kind) {
    case SCHEMA_BOOL:
        json_name_string(w, STR("type"), STR("Boolean"));
        return;
    case SCHEMA_LONG:
        json_name_string(w, STR("type"), STR("Long"));
        return;
    case SCHEMA_STRING:
        json_name_string(w, STR("type"), STR("String"));
        return;
    case SCHEMA_DECIMAL:
        write_named(w, STR("Extension"), STR("decimal"));
        return;
    case SCHEMA_IPADDR:
        write_named(w, STR("Extension"), STR("ipaddr"));
        return;
    case SCHEMA_DATETIME:
        write_named(w, STR("Extension"), STR("datetime"));
        return;
    case SCHEMA_DURATION:
        write_named(w, STR("Extension"), STR("duration"));
        return;
    case SCHEMA_ENTITY:
        write_named(w, STR("Entity"), type->entity->name);
        return;
    case SCHEMA_SET:
        json_name_string(w, STR("type"), STR("Set"));
        json_name(w, STR("element"));
        write_type(w, type->element, NULL);
        return;
    case SCHEMA_RECORD:
        write_record(w, type->record);
        return;
    }
    UNREACHABLE();
}

static void write_type(struct json_writer *w, const struct schema_type *type,
                       const struct schema_attr *attr) {
    if (w->buf->error != ERR_OK) {
        return; /* shared types printed out in full may be huge */
    }
    json_open_object(w);
    write_type_members(w, type);
    if (attr != NULL) {
        json_name_bool(w, STR("required"), attr->is_required);
        write_annotations(w, &attr->annotations);
    }
    json_close_object(w);
}

static void write_type_names(struct json_writer *w, str name,
                             const struct schema_entity_type *const *types, size_t count) {
    json_name(w, name);
    json_open_array(w);
    for (size_t i = 0; i < count; i++) {
        json_string(w, types[i]->name);
    }
    json_close_array(w);
}

static void write_entity_type(struct json_writer *w, const struct schema_entity_type *type) {
    json_name(w, basename_of(type->name));
    json_open_object(w);
    write_annotations(w, &type->annotations);
    if (type->kind == SCHEMA_ENTITY_ENUM) {
        json_name(w, STR("enum"));
        json_open_array(w);
        for (size_t i = 0; i < type->id_count; i++) {
            json_string(w, type->ids[i]);
        }
        json_close_array(w);
        json_close_object(w);
        return;
    }
    write_type_names(w, STR("memberOfTypes"), type->parents, type->parent_count);
    json_name(w, STR("shape"));
    json_open_object(w);
    write_record(w, type->attrs);
    json_close_object(w);
    if (type->tags != NULL) {
        json_name(w, STR("tags"));
        write_type(w, type->tags, NULL);
    }
    json_close_object(w);
}

static void write_action(struct json_writer *w, const struct schema_action *action) {
    json_name(w, uid_id(action->uid));
    json_open_object(w);
    write_annotations(w, &action->annotations);
    json_name(w, STR("memberOf"));
    json_open_array(w);
    for (size_t i = 0; i < action->parent_count; i++) {
        json_open_object(w);
        json_name_string(w, STR("type"), uid_type(action->parents[i]));
        json_name_string(w, STR("id"), uid_id(action->parents[i]));
        json_close_object(w);
    }
    json_close_array(w);
    json_name(w, STR("appliesTo"));
    json_open_object(w);
    write_type_names(w, STR("principalTypes"), action->principals, action->principal_count);
    write_type_names(w, STR("resourceTypes"), action->resources, action->resource_count);
    json_name(w, STR("context"));
    write_type(w, action->context, NULL);
    json_close_object(w);
    json_close_object(w);
}

static void write_namespace(struct json_writer *w, const struct schema *schema, str ns) {
    json_name(w, ns);
    json_open_object(w);
    json_name(w, STR("entityTypes"));
    json_open_object(w);
    for (size_t i = 0; i < schema->entity_type_count; i++) {
        const struct schema_entity_type *type = schema->entity_types[i];
        if (type->kind != SCHEMA_ENTITY_ACTION && str_equal(namespace_of(type->name), ns)) {
            write_entity_type(w, type);
        }
    }
    json_close_object(w);
    json_name(w, STR("actions"));
    json_open_object(w);
    for (size_t i = 0; i < schema->action_count; i++) {
        if (str_equal(namespace_of(uid_type(schema->actions[i]->uid)), ns)) {
            write_action(w, schema->actions[i]);
        }
    }
    json_close_object(w);
    json_close_object(w);
}

static void write_schema(struct json_writer *w, const struct schema *schema) {
    json_open_object(w);
    for (size_t i = 0; i < schema->entity_type_count; i++) {
        str ns = namespace_of(schema->entity_types[i]->name);
        bool is_first = true;
        for (size_t k = 0; k < i && is_first; k++) {
            is_first = !str_equal(ns, namespace_of(schema->entity_types[k]->name));
        }
        if (is_first) {
            write_namespace(w, schema, ns);
        }
    }
    json_close_object(w);
}

static void check_refusal(err result, const struct diag_list *diags, size_t len) {
    FUZZ_CHECK(result == ERR_SYNTAX || result == ERR_LIMIT);
    FUZZ_CHECK(result == ERR_LIMIT || diags->items.count > 0 || diags->is_cut);
    for (size_t i = 0; i < diags->items.count; i++) {
        struct ast_span span = diags->items.items[i].span;
        FUZZ_CHECK(span.start <= span.end && span.end <= len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct diag_list diags;
    str text = str_make((const char *)data, size);
    arena_init(&arena, allocator_libc(), ARENA_MAX);
    diag_list_init(&diags, &arena);
    const struct schema *schema = NULL;
    if (size <= TEXT_MAX) {
        err result = schema_read(&arena, &key, text, SCHEMA_FORMAT_CEDAR, &limits, &diags, &schema);
        if (result != ERR_OK) {
            check_refusal(result, &diags, size);
        }
    }
    if (schema != NULL) {
        struct buf json;
        struct json_writer writer;
        str printed;
        buf_init_arena(&json, &arena, JSON_MAX);
        json_writer_init(&writer, &json);
        write_schema(&writer, schema);
        if (buf_finish(&json, &printed) == ERR_OK) {
            const struct schema *again = NULL;
            err result = schema_read(&arena, &key, printed, SCHEMA_FORMAT_JSON, &json_limits,
                                     &diags, &again);
            FUZZ_CHECK(result == ERR_OK || result == ERR_LIMIT);
            FUZZ_CHECK(again == NULL || schema_equal(schema, again));
        }
    }
    arena_done(&arena);
    return 0;
}
