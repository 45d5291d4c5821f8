/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/schema.h"

#include "base/assert.h"
#include "cedar/schema/fragment.h"

err schema_source_make(struct arena *a, str name, str text, enum schema_format format,
                       const struct schema_limits *limits, const struct schema_source **ret) {
    if (text.len > limits->max_bytes || text.len >= UINT32_MAX) {
        return ERR_LIMIT;
    }
    struct schema_source *source = ARENA_NEW(a, struct schema_source);
    if (source == NULL) {
        return arena_error(a);
    }
    *source = (struct schema_source){.format = format, .line_count = 1};
    TRY(arena_copy(a, name, &source->name));
    TRY(arena_copy(a, text, &source->text));
    for (size_t i = 0; i < text.len; i++) {
        source->line_count += text.ptr[i] == '\n';
    }
    uint32_t *starts = ARENA_ARRAY(a, uint32_t, source->line_count);
    if (starts == NULL) {
        return arena_error(a);
    }
    size_t line = 0;
    starts[line++] = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            starts[line++] = (uint32_t)i + 1;
        }
    }
    source->line_starts = starts;
    *ret = source;
    return ERR_OK;
}

void schema_source_position(const struct schema_source *source, uint32_t offset, uint32_t *ret_line,
                            uint32_t *ret_column) {
    size_t low = 0;
    size_t high = source->line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *ret_line = (uint32_t)low + 1;
    *ret_column = offset - source->line_starts[low] + 1;
}

err schema_read(struct arena *a, const struct hash_key *key, str text, enum schema_format format,
                const struct schema_limits *limits, struct diag_list *diags,
                const struct schema **ret) {
    struct fragment *fragment = ARENA_NEW(a, struct fragment);
    const struct schema_source *source = NULL;
    if (fragment == NULL) {
        return arena_error(a);
    }
    str name = diags == NULL ? STR("") : diags->source_name;
    TRY(schema_source_make(a, name, text, format, limits, &source));
    TRY(fragment_read(a, source, limits, diags, fragment));
    return fragment_resolve(a, key, fragment, limits, diags, ret);
}

const struct schema_entity_type *schema_find_entity_type(const struct schema *schema, str name) {
    void **found = map_find(&schema->entity_types_by_name, name);
    return found == NULL ? NULL : *found;
}

const struct schema_action *schema_find_action(const struct schema *schema, const struct uid *uid) {
    void **ids = map_find(&schema->actions_by_type, uid_type(uid));
    void **found = ids == NULL ? NULL : map_find(*ids, uid_id(uid));
    return found == NULL ? NULL : *found;
}

const struct schema_attr *schema_find_attr(const struct schema_record *record, str name) {
    size_t low = 0;
    size_t high = record->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(name, record->attrs[middle].name);
        if (order == 0) {
            return &record->attrs[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool schema_type_is_below(const struct schema_entity_type *type,
                          const struct schema_entity_type *ancestor) {
    size_t low = 0;
    size_t high = type->ancestor_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t index = type->ancestors[middle]->index;
        if (index == ancestor->index) {
            return true;
        }
        if (ancestor->index < index) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

bool schema_enum_has_id(const struct schema_entity_type *type, str id) {
    for (size_t i = 0; i < type->id_count; i++) {
        if (str_equal(type->ids[i], id)) {
            return true;
        }
    }
    return false;
}

bool schema_name_is_action(str type_name) {
    return str_equal(type_name, STR("Action")) || str_has_suffix(type_name, STR("::Action"));
}

static void write_record(struct buf *out, const struct schema_record *record) {
    buf_add_byte(out, '{');
    for (size_t i = 0; i < record->count && out->error == ERR_OK; i++) {
        const struct schema_attr *attr = &record->attrs[i];
        buf_add_c(out, i == 0 ? "" : ", ");
        if (ast_is_identifier(attr->name) || str_equal_c(attr->name, "__cedar")) {
            buf_add(out, attr->name);
        } else {
            buf_add_byte(out, '"');
            escape_debug(out, attr->name);
            buf_add_byte(out, '"');
        }
        buf_add_c(out, attr->is_required ? ": " : "?: ");
        schema_type_write(out, attr->type);
    }
    buf_add_byte(out, '}');
}

void schema_type_write(struct buf *out, const struct schema_type *type) {
    if (out->error != ERR_OK) {
        return; /* full: a type that shares its parts may be far longer than its source */
    }
    switch (type->kind) {
    case SCHEMA_BOOL:
    case SCHEMA_LONG:
    case SCHEMA_STRING:
    case SCHEMA_DECIMAL:
    case SCHEMA_IPADDR:
    case SCHEMA_DATETIME:
    case SCHEMA_DURATION:
        buf_add(out, schema_builtin_name(type->kind));
        return;
    case SCHEMA_ENTITY:
        buf_add(out, type->entity->name);
        return;
    case SCHEMA_SET:
        buf_add_c(out, "Set<");
        schema_type_write(out, type->element);
        buf_add_byte(out, '>');
        return;
    case SCHEMA_RECORD:
        write_record(out, type->record);
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}

static void format_record(struct buf *out, const struct schema_record *record) {
    buf_add(out, STR("{ "));
    for (size_t i = 0; i < record->count && out->error == ERR_OK; i++) {
        const struct schema_attr *attr = &record->attrs[i];
        buf_add_c(out, i == 0 ? "" : ", ");
        quote_debug(out, attr->name);
        buf_format(out, " => (%s) ", attr->is_required ? "required" : "optional");
        schema_type_format(out, attr->type);
    }
    buf_add(out, STR(" }"));
}

void schema_type_format(struct buf *out, const struct schema_type *type) {
    if (out->error != ERR_OK) {
        return; /* full: a type that shares its parts may be far longer than its source */
    }
    switch (type->kind) {
    case SCHEMA_BOOL:
        buf_add(out, STR("bool"));
        return;
    case SCHEMA_LONG:
        buf_add(out, STR("long"));
        return;
    case SCHEMA_STRING:
        buf_add(out, STR("string"));
        return;
    case SCHEMA_DECIMAL:
        buf_add(out, STR("decimal"));
        return;
    case SCHEMA_IPADDR:
        buf_add(out, STR("ipaddr"));
        return;
    case SCHEMA_DATETIME:
        buf_add(out, STR("datetime"));
        return;
    case SCHEMA_DURATION:
        buf_add(out, STR("duration"));
        return;
    case SCHEMA_ENTITY:
        buf_format(out, "`%.*s`", STR_FMT(type->entity->name));
        return;
    case SCHEMA_SET:
        buf_add_byte(out, '[');
        schema_type_format(out, type->element);
        buf_add_byte(out, ']');
        return;
    case SCHEMA_RECORD:
        format_record(out, type->record);
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}
