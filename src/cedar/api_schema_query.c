/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema declares. Names and uids of lists are laid out once; the rest is looked up. */
#include "cedar/api_schema_int.h"

struct schema_answers {
    cedar_entity_type *entity_types;
    cedar_action *actions;
    size_t *environments; /* before each action, and behind the last one */
};

/* ---- opaque types of the interface, and what they are ---------------------------------------- */

static const cedar_type *public_type(const struct schema_type *type) {
    return (const cedar_type *)(const void *)type;
}

static const struct schema_type *inner_type(const cedar_type *type) {
    return (const struct schema_type *)(const void *)type;
}

static const cedar_annotations *public_annotations(const struct schema_annotations *annotations) {
    return (const cedar_annotations *)(const void *)annotations;
}

static cedar_uid public_uid(const struct uid *uid) {
    return (cedar_uid){api_public(uid_type(uid)), api_public(uid_id(uid))};
}

static cedar_site public_site(const struct schema_place *place) {
    if (place->source == NULL) {
        return (cedar_site){.is_known = false};
    }
    cedar_site answer = {
        .is_known = true,
        .source = api_public(place->source->name),
        .name_start = place->name.start,
        .name_end = place->name.end,
        .start = place->whole.start,
        .end = place->whole.end,
    };
    schema_source_position(place->source, place->name.start, &answer.line, &answer.column);
    return answer;
}

size_t cedar_annotations_count(const cedar_annotations *annotations) {
    return annotations == NULL
               ? 0
               : ((const struct schema_annotations *)(const void *)annotations)->count;
}

cedar_annotation cedar_annotations_get(const cedar_annotations *annotations, size_t index) {
    if (index >= cedar_annotations_count(annotations)) {
        return (cedar_annotation){.name = {"", 0}, .value = {"", 0}};
    }
    const struct schema_annotations *list = (const void *)annotations;
    const struct schema_annotation *item = &list->items[index];
    return (cedar_annotation){api_public(item->name), api_public(item->value)};
}

/* ---- types ----------------------------------------------------------------------------------- */

static cedar_type_kind kind_of(enum schema_type_kind kind) {
    switch (kind) {
    case SCHEMA_BOOL:
        return CEDAR_TYPE_BOOL;
    case SCHEMA_LONG:
        return CEDAR_TYPE_LONG;
    case SCHEMA_STRING:
        return CEDAR_TYPE_STRING;
    case SCHEMA_DECIMAL:
        return CEDAR_TYPE_DECIMAL;
    case SCHEMA_IPADDR:
        return CEDAR_TYPE_IPADDR;
    case SCHEMA_DATETIME:
        return CEDAR_TYPE_DATETIME;
    case SCHEMA_DURATION:
        return CEDAR_TYPE_DURATION;
    case SCHEMA_ENTITY:
        return CEDAR_TYPE_ENTITY;
    case SCHEMA_SET:
        return CEDAR_TYPE_SET;
    case SCHEMA_RECORD:
        return CEDAR_TYPE_RECORD;
    }
    return CEDAR_TYPE_RECORD;
}

cedar_type_info cedar_type_get(const cedar_type *type) {
    const struct schema_type *inner = inner_type(type);
    cedar_type_info info = {.kind = CEDAR_TYPE_RECORD, .entity_type = {"", 0}};
    if (inner == NULL) {
        return info;
    }
    info.kind = kind_of(inner->kind);
    if (inner->kind == SCHEMA_ENTITY) {
        info.entity_type = api_public(inner->entity->name);
    } else if (inner->kind == SCHEMA_SET) {
        info.element = public_type(inner->element);
    } else if (inner->kind == SCHEMA_RECORD) {
        info.attribute_count = inner->record->count;
    }
    return info;
}

cedar_attribute cedar_type_attribute(const cedar_type *type, size_t index) {
    const struct schema_type *inner = inner_type(type);
    if (inner == NULL || inner->kind != SCHEMA_RECORD || index >= inner->record->count) {
        return (cedar_attribute){.name = {"", 0}};
    }
    const struct schema_attr *attr = &inner->record->attrs[index];
    return (cedar_attribute){
        .name = api_public(attr->name),
        .is_required = attr->is_required,
        .type = public_type(attr->type),
        .annotations = public_annotations(&attr->annotations),
        .site = public_site(&attr->place),
    };
}

size_t cedar_type_find_attribute(const cedar_type *type, cedar_str name) {
    const struct schema_type *inner = inner_type(type);
    if (inner == NULL || inner->kind != SCHEMA_RECORD || api_is_bad(name)) {
        return SIZE_MAX;
    }
    const struct schema_attr *attr = schema_find_attr(inner->record, api_str(name));
    return attr == NULL ? SIZE_MAX : (size_t)(attr - inner->record->attrs);
}

cedar_status cedar_type_format(cedar_scratch *scratch, const cedar_type *type,
                               cedar_str *ret_text) {
    struct buf out;
    str text;
    if (scratch == NULL || type == NULL || ret_text == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    schema_type_write(&out, inner_type(type));
    err error = buf_finish(&out, &text);
    if (error == ERR_OK) {
        *ret_text = api_public(text);
    }
    return api_status(error);
}

/* ---- laying out ------------------------------------------------------------------------------ */

static err lay_types(struct arena *a, const struct schema_entity_type *const *types, size_t count,
                     const cedar_str **ret) {
    cedar_str *names = ARENA_ARRAY(a, cedar_str, count);
    if (names == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = api_public(types[i]->name);
    }
    *ret = names;
    return ERR_OK;
}

static err lay_uids(struct arena *a, const struct uid *const *uids, size_t count,
                    const cedar_uid **ret) {
    cedar_uid *copies = ARENA_ARRAY(a, cedar_uid, count);
    if (copies == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        copies[i] = public_uid(uids[i]);
    }
    *ret = copies;
    return ERR_OK;
}

static err lay_ids(struct arena *a, const struct schema_entity_type *type, const cedar_str **ret) {
    cedar_str *ids = ARENA_ARRAY(a, cedar_str, type->id_count);
    if (ids == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < type->id_count; i++) {
        ids[i] = api_public(type->ids[i]);
    }
    *ret = ids;
    return ERR_OK;
}

static err lay_entity_type(struct arena *a, const struct schema_entity_type *from,
                           cedar_entity_type *to) {
    struct schema_type *attributes = ARENA_NEW(a, struct schema_type);
    if (attributes == NULL) {
        return arena_error(a);
    }
    attributes->kind = SCHEMA_RECORD;
    attributes->record = from->attrs;
    *to = (cedar_entity_type){
        .name = api_public(from->name),
        .kind = from->kind == SCHEMA_ENTITY_ENUM     ? CEDAR_ENTITY_ENUM
                : from->kind == SCHEMA_ENTITY_ACTION ? CEDAR_ENTITY_ACTION
                                                     : CEDAR_ENTITY_PLAIN,
        .attributes = public_type(attributes),
        .tags = public_type(from->tags),
        .parent_count = from->parent_count,
        .ancestor_count = from->ancestor_count,
        .id_count = from->id_count,
        .annotations = public_annotations(&from->annotations),
        .site = public_site(&from->place),
    };
    TRY(lay_types(a, from->parents, from->parent_count, &to->parents));
    TRY(lay_types(a, from->ancestors, from->ancestor_count, &to->ancestors));
    return lay_ids(a, from, &to->ids);
}

static err lay_action(struct arena *a, const struct schema_action *from, cedar_action *to) {
    *to = (cedar_action){
        .uid = public_uid(from->uid),
        .parent_count = from->parent_count,
        .ancestor_count = from->ancestor_count,
        .principal_count = from->principal_count,
        .resource_count = from->resource_count,
        .context = public_type(from->context),
        .annotations = public_annotations(&from->annotations),
        .site = public_site(&from->place),
    };
    TRY(lay_uids(a, from->parents, from->parent_count, &to->parents));
    TRY(lay_uids(a, from->ancestors, from->ancestor_count, &to->ancestors));
    TRY(lay_types(a, from->principals, from->principal_count, &to->principals));
    return lay_types(a, from->resources, from->resource_count, &to->resources);
}

/* What an action says about others: its groups, and the types it applies to. */
static void note_uses(struct schema_answers *answers, const struct schema *schema,
                      const struct schema_action *action) {
    bool applies = action->principal_count > 0 && action->resource_count > 0;
    for (size_t i = 0; applies && i < action->principal_count; i++) {
        answers->entity_types[action->principals[i]->index].is_principal = true;
    }
    for (size_t i = 0; applies && i < action->resource_count; i++) {
        answers->entity_types[action->resources[i]->index].is_resource = true;
    }
    for (size_t i = 0; i < action->parent_count; i++) {
        const struct schema_action *parent = schema_find_action(schema, action->parents[i]);
        if (parent != NULL) {
            answers->actions[parent->index].is_group = true;
        }
    }
}

err api_schema_answer(cedar_schema *schema) {
    const struct schema *inner = schema->schema;
    struct arena *a = &schema->arena;
    struct schema_answers *answers = ARENA_NEW(a, struct schema_answers);
    if (answers == NULL) {
        return arena_error(a);
    }
    answers->entity_types = ARENA_ARRAY(a, cedar_entity_type, inner->entity_type_count);
    answers->actions = ARENA_ARRAY(a, cedar_action, inner->action_count);
    answers->environments = ARENA_ARRAY(a, size_t, inner->action_count + 1);
    if (answers->entity_types == NULL || answers->actions == NULL ||
        answers->environments == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < inner->entity_type_count; i++) {
        TRY(lay_entity_type(a, inner->entity_types[i], &answers->entity_types[i]));
    }
    size_t count = 0;
    for (size_t i = 0; i < inner->action_count; i++) {
        const struct schema_action *action = inner->actions[i];
        TRY(lay_action(a, action, &answers->actions[i]));
        answers->environments[i] = count;
        count += action->principal_count * action->resource_count;
    }
    answers->environments[inner->action_count] = count;
    for (size_t i = 0; i < inner->action_count; i++) {
        note_uses(answers, inner, inner->actions[i]);
    }
    schema->answers = answers;
    return ERR_OK;
}

/* ---- entity types, actions ------------------------------------------------------------------- */

size_t cedar_schema_entity_type_count(const cedar_schema *schema) {
    return schema == NULL ? 0 : schema->schema->entity_type_count;
}

cedar_entity_type cedar_schema_entity_type(const cedar_schema *schema, size_t index) {
    if (index >= cedar_schema_entity_type_count(schema)) {
        return (cedar_entity_type){.name = {"", 0}};
    }
    return schema->answers->entity_types[index];
}

size_t cedar_schema_find_entity_type(const cedar_schema *schema, cedar_str name) {
    if (schema == NULL || api_is_bad(name)) {
        return SIZE_MAX;
    }
    const struct schema_entity_type *type = schema_find_entity_type(schema->schema, api_str(name));
    return type == NULL ? SIZE_MAX : type->index;
}

size_t cedar_schema_action_count(const cedar_schema *schema) {
    return schema == NULL ? 0 : schema->schema->action_count;
}

cedar_action cedar_schema_action(const cedar_schema *schema, size_t index) {
    if (index >= cedar_schema_action_count(schema)) {
        return (cedar_action){.uid = {{"", 0}, {"", 0}}};
    }
    return schema->answers->actions[index];
}

size_t cedar_schema_find_action(const cedar_schema *schema, cedar_uid uid) {
    if (schema == NULL || api_is_bad(uid.type) || api_is_bad(uid.id) || !api_uid_fits(uid)) {
        return SIZE_MAX;
    }
    const struct uid key = uid_unhashed(api_str(uid.type), api_str(uid.id));
    const struct schema_action *action = schema_find_action(schema->schema, &key);
    return action == NULL ? SIZE_MAX : action->index;
}

/* ---- common types, namespaces ---------------------------------------------------------------- */

size_t cedar_schema_common_type_count(const cedar_schema *schema) {
    return schema == NULL ? 0 : schema->schema->common_count;
}

cedar_common_type cedar_schema_common_type(const cedar_schema *schema, size_t index) {
    if (index >= cedar_schema_common_type_count(schema)) {
        return (cedar_common_type){.name = {"", 0}};
    }
    const struct schema_common *common = schema->schema->commons[index];
    return (cedar_common_type){
        .name = api_public(common->name),
        .type = public_type(common->type),
        .annotations = public_annotations(&common->annotations),
        .site = public_site(&common->place),
    };
}

size_t cedar_schema_namespace_count(const cedar_schema *schema) {
    return schema == NULL ? 0 : schema->schema->fragment->namespaces.count;
}

cedar_namespace cedar_schema_namespace(const cedar_schema *schema, size_t index) {
    if (index >= cedar_schema_namespace_count(schema)) {
        return (cedar_namespace){.name = {"", 0}};
    }
    const struct fragment_namespace *ns = &schema->schema->fragment->namespaces.items[index];
    return (cedar_namespace){
        .name = api_public(ns->name),
        .annotations = public_annotations(&ns->annotations),
        .site = public_site(&ns->place),
    };
}

/* ---- environments ---------------------------------------------------------------------------- */

size_t cedar_schema_environment_count(const cedar_schema *schema) {
    return schema == NULL ? 0 : schema->answers->environments[schema->schema->action_count];
}

cedar_environment cedar_schema_environment(const cedar_schema *schema, size_t index) {
    if (index >= cedar_schema_environment_count(schema)) {
        return (cedar_environment){.principal_type = {"", 0}};
    }
    const size_t *before = schema->answers->environments;
    size_t low = 0;
    size_t high = schema->schema->action_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (before[middle] <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const cedar_action *action = &schema->answers->actions[low];
    size_t within = index - before[low];
    return (cedar_environment){
        .principal_type = action->principals[within / action->resource_count],
        .action = action->uid,
        .resource_type = action->resources[within % action->resource_count],
        .context = action->context,
    };
}
