/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/json/entities.h"

#include "cedar/json/values.h"
#include "cedar/schema/conform.h"

#define PREFIX "error during entity deserialization: "

struct reader {
    struct values_reader values;
    struct entity_builder *builder;
    const struct schema *schema;
    struct diag_list *diags;
    struct arena *scratch;
    VEC(struct conform_entity) actions; /* of the document, if there is a schema */
};

/* One element of the array. */
struct source {
    const struct json *whole;
    const struct json *uid;
    const struct json *attrs;
    const struct json *parents;
    const struct json *tags; /* may be NULL */
};

static err fail_at(struct reader *r, const struct json *at, err code, const char *message) {
    diag_add(r->diags, DIAG_ERROR, values_span(at), PREFIX "%s", message);
    return code;
}

static err expect(struct reader *r, const struct json *json, enum json_kind kind,
                  const char *what) {
    if (json->kind == kind) {
        return ERR_OK;
    }
    diag_add(r->diags, DIAG_ERROR, values_span(json), PREFIX "invalid type: %s, expected %s for %s",
             json_kind_name(json->kind), json_kind_name(kind), what);
    return ERR_SYNTAX;
}

static err get_member(struct reader *r, const struct json *entity, const char *name,
                      const struct json **ret) {
    *ret = json_get(entity, str_c(name));
    if (*ret == NULL) {
        diag_add(r->diags, DIAG_ERROR, values_span(entity), PREFIX "missing field `%s`", name);
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static err get_source(struct reader *r, const struct json *entity, struct source *ret) {
    TRY(expect(r, entity, JSON_OBJECT, "an entity"));
    *ret = (struct source){.whole = entity};
    TRY(get_member(r, entity, "uid", &ret->uid));
    TRY(get_member(r, entity, "attrs", &ret->attrs));
    TRY(get_member(r, entity, "parents", &ret->parents));
    TRY(expect(r, ret->attrs, JSON_OBJECT, "`attrs`"));
    TRY(expect(r, ret->parents, JSON_ARRAY, "`parents`"));
    ret->tags = json_get(entity, STR("tags"));
    return ret->tags == NULL ? ERR_OK : expect(r, ret->tags, JSON_OBJECT, "`tags`");
}

/* The declared types of attributes or tags, as far as there are any. */
struct field_types {
    enum conform_part part;
    bool is_closed;                    /* what has no type must not be there */
    const struct schema_record *attrs; /* or */
    const struct schema_type *tags;
};

static const struct schema_type *type_of(const struct field_types *types, str name) {
    if (types->attrs == NULL) {
        return types->tags;
    }
    const struct schema_attr *attr = schema_find_attr(types->attrs, name);
    return attr == NULL ? NULL : attr->type;
}

/* Attributes or tags. */
static err read_fields(struct reader *r, const struct uid *uid, const struct json *json,
                       const struct field_types *types, const struct value_record **ret) {
    struct value_field *fields = ARENA_ARRAY(r->builder->arena, struct value_field, json->count);
    if (fields == NULL) {
        return arena_error(r->builder->arena);
    }
    r->values.where = types->part == CONFORM_TAG ? VALUES_TAG : VALUES_ATTR;
    r->values.uid = uid;
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        if (types->is_closed && type_of(types, member->name) == NULL) {
            return conform_unexpected(uid, types->part, member->name, values_span(&member->value),
                                      r->diags);
        }
        TRY(values_copy_name(&r->values, member->name, &fields[i].name));
        r->values.name = fields[i].name;
        TRY(values_read(&r->values, &member->value, type_of(types, member->name),
                        &fields[i].value));
    }
    struct value record;
    TRY(value_record_adopt(r->builder->arena, fields, json->count, &record));
    *ret = record.record;
    return ERR_OK;
}

static err check_fields(struct reader *r, const struct uid *uid, const struct json *json,
                        const struct field_types *types, const struct value_record *record) {
    for (uint32_t i = 0; json != NULL && i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        const struct value_field field = {
            .name = member->name,
            .value = *value_record_find(record, member->name),
        };
        TRY(conform_field(r->schema, uid, types->part, &field, type_of(types, member->name),
                          values_span(&member->value), r->diags));
    }
    return ERR_OK;
}

static err read_parents(struct reader *r, const struct source *source,
                        struct conform_entity *entity) {
    size_t count = source->parents->count;
    const struct uid **parents = ARENA_ARRAY(r->builder->arena, const struct uid *, count);
    if (parents == NULL) {
        return arena_error(r->builder->arena);
    }
    bool is_action = schema_name_is_action(uid_type(entity->uid));
    r->values.where = VALUES_PARENTS;
    r->values.uid = entity->uid;
    for (size_t i = 0; i < count; i++) {
        const struct json *json = &source->parents->items[i];
        TRY(values_read_uid(&r->values, json, &parents[i]));
        if (is_action) {
            TRY(conform_action_parent(entity->uid, parents[i], values_span(json), r->diags));
        }
    }
    entity->parents = parents;
    entity->parent_count = count;
    return ERR_OK;
}

static err check_entity(struct reader *r, const struct source *source,
                        const struct conform_entity *entity, const struct field_types *attrs,
                        const struct field_types *tags) {
    TRY(conform_names(r->schema, entity, r->diags));
    if (schema_name_is_action(uid_type(entity->uid))) {
        return ERR_OK; /* no attributes, and conform_actions looks at the ancestors */
    }
    TRY(check_fields(r, entity->uid, source->attrs, attrs, entity->attrs));
    TRY(check_fields(r, entity->uid, source->tags, tags, entity->tags));
    for (size_t i = 0; i < entity->parent_count; i++) {
        TRY(conform_parent(r->schema, entity->uid, entity->parents[i],
                           values_span(&source->parents->items[i]), r->diags));
    }
    return ERR_OK;
}

static err add_entity(struct reader *r, const struct source *source,
                      const struct conform_entity *entity) {
    err result = entity_builder_add(r->builder, entity->uid, entity->attrs, entity->tags,
                                    entity->parents, entity->parent_count);
    if (result == ERR_EXISTS) {
        diag_add(r->diags, DIAG_ERROR, values_span(source->uid), "duplicate entity entry `%.*s`",
                 STR_FMT(conform_uid_text(r->diags, entity->uid)));
    }
    return result;
}

static err read_entity(struct reader *r, const struct json *json) {
    struct source source;
    TRY(get_source(r, json, &source));
    struct conform_entity entity = {.span = values_span(source.uid)};
    struct field_types attrs = {.part = CONFORM_ATTR};
    struct field_types tags = {.part = CONFORM_TAG};
    r->values.where = VALUES_UID;
    TRY(values_read_uid(&r->values, source.uid, &entity.uid));
    if (r->schema != NULL) {
        TRY(conform_uid(r->schema, entity.uid, entity.span, r->diags));
        const struct schema_entity_type *type =
            schema_find_entity_type(r->schema, uid_type(entity.uid));
        attrs.attrs = type->attrs;
        tags.tags = type->tags;
        /* of an action conform_names says better what is wrong */
        attrs.is_closed = type->kind != SCHEMA_ENTITY_ACTION;
        tags.is_closed = attrs.is_closed;
    }
    TRY(read_fields(r, entity.uid, source.attrs, &attrs, &entity.attrs));
    if (source.tags != NULL) {
        TRY(read_fields(r, entity.uid, source.tags, &tags, &entity.tags));
    }
    TRY(read_parents(r, &source, &entity));
    if (r->schema != NULL) {
        TRY(check_entity(r, &source, &entity, &attrs, &tags));
        if (schema_name_is_action(uid_type(entity.uid)) &&
            !VEC_PUSH(r->scratch, &r->actions, entity)) {
            return arena_error(r->scratch);
        }
    }
    return add_entity(r, &source, &entity);
}

/* ---- actions ---- */

static bool has_ancestor(const struct schema_action *action, const struct uid *uid) {
    for (size_t i = 0; action != NULL && i < action->ancestor_count; i++) {
        if (uid_equal(action->ancestors[i], uid)) {
            return true;
        }
    }
    return false;
}

/* From what the document says, without what the schema would add. */
static bool is_reached(const struct reader *r, const struct conform_entity *entity,
                       const struct uid *ancestor) {
    for (size_t i = 0; i < entity->parent_count; i++) {
        const struct uid *parent = entity->parents[i];
        if (uid_equal(parent, ancestor) ||
            (entity_builder_has(r->builder, parent) &&
             has_ancestor(schema_find_action(r->schema, parent), ancestor))) {
            return true;
        }
    }
    return false;
}

/* Who writes actions down writes down all of their ancestors, or the actions between. */
static err check_actions(struct reader *r) {
    for (size_t i = 0; i < r->actions.count; i++) {
        const struct conform_entity *entity = &r->actions.items[i];
        const struct schema_action *action = schema_find_action(r->schema, entity->uid);
        for (size_t k = 0; action != NULL && k < action->ancestor_count; k++) {
            if (!is_reached(r, entity, action->ancestors[k])) {
                return conform_action_mismatch(entity->uid, entity->span, r->diags);
            }
        }
    }
    return ERR_OK;
}

err entities_json_read(struct entity_builder *builder, str text, const struct data_options *options,
                       struct diag_list *diags) {
    struct reader r = {
        .builder = builder, .schema = options->schema, .diags = diags, .scratch = options->scratch};
    const struct json *json;
    TRY(values_parse(options->scratch, text, &options->limits,
                     "error during entity deserialization", diags, &json));
    if (json->kind != JSON_ARRAY) {
        return fail_at(&r, json, ERR_SYNTAX, "entities are an array of objects");
    }
    values_reader_init(&r.values, builder->arena, options->scratch, &builder->key, text, diags);
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_entity(&r, &json->items[i]));
    }
    return check_actions(&r);
}

err entities_json_finish(struct entity_builder *builder, const struct data_options *options,
                         struct diag_list *diags, const struct entities **ret) {
    if (options->schema != NULL && !options->has_actions) {
        TRY(conform_add_actions(options->schema, builder));
    }
    const struct entities *store;
    const struct uid *cycle = NULL;
    err result = entity_builder_finish(builder, &store, &cycle);
    if (result == ERR_SYNTAX && cycle != NULL) {
        struct diag *diag = diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0},
                                     "transitive closure computation/enforcement error: input "
                                     "graph has a cycle containing vertex `%.*s`",
                                     STR_FMT(conform_uid_text(diags, cycle)));
        if (diag != NULL) {
            diag->has_span = false;
        }
    }
    TRY(result);
    if (options->schema != NULL) {
        TRY(conform_actions(options->schema, store, diags));
    }
    *ret = store;
    return ERR_OK;
}
