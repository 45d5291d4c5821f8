/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/json.h"
#include "cedar/schema/resolve_int.h"

struct json_output {
    struct json_writer w;
    struct arena *temp;
    const struct schema_names *names; /* NULL: references as they were written */
    const struct schema_space *space; /* of the declaration being written */
    err error;                        /* a reference that means nothing */
};

static void write_annotations(struct json_output *o, const struct schema_annotations *annotations) {
    if (annotations->count == 0) {
        return;
    }
    json_key(&o->w, STR("annotations"));
    json_open_object(&o->w);
    for (size_t i = 0; i < annotations->count; i++) {
        const struct schema_annotation *item = &annotations->items[i];
        json_name_string(&o->w, item->name, item->has_value ? item->value : (str){NULL, 0});
    }
    json_close_object(&o->w);
}

/* ---- references ------------------------------------------------------------------------------ */

static bool find(struct json_output *o, str name, unsigned uses, struct resolve_target *ret) {
    if (names_find(o->names, o->space, name, uses, ret)) {
        return true;
    }
    o->error = ERR_UNKNOWN;
    return false;
}

/* A reference to an entity type. */
static str entity_name(struct json_output *o, str name) {
    struct resolve_target target;
    return o->names != NULL && find(o, name, RESOLVE_ENTITY, &target) ? target.entity->name : name;
}

/* The type of an action that another one is a member of. */
static str action_type(struct json_output *o, const struct fragment_action_ref *ref) {
    const struct resolve_action *found = names_find_action(o->names, o->space, ref);
    if (found != NULL) {
        return found->action.type->name;
    }
    o->error = ERR_UNKNOWN;
    return STR("");
}

static void write_named(struct json_output *o, str kind, str name) {
    json_name_string(&o->w, STR("type"), kind);
    json_name_string(&o->w, STR("name"), name);
}

/* A reference to a common type, or to either. */
static void write_meaning(struct json_output *o, str name, unsigned uses) {
    struct resolve_target target;
    if (!find(o, name, uses, &target)) {
        return;
    }
    if (target.common != NULL) {
        json_name_string(&o->w, STR("type"), target.common->made.name);
    } else if (target.entity != NULL) {
        write_named(o, STR("Entity"), target.entity->name);
    } else {
        json_name_string(&o->w, STR("type"), name); /* a builtin */
    }
}

/* ---- types ----------------------------------------------------------------------------------- */

static void write_members(struct json_output *o, const struct fragment_type *type);

static void write_type(struct json_output *o, const struct fragment_type *type) {
    json_open_object(&o->w);
    write_members(o, type);
    json_close_object(&o->w);
}

static void write_record(struct json_output *o, const struct fragment_type *type) {
    json_name_string(&o->w, STR("type"), STR("Record"));
    json_key(&o->w, STR("attributes"));
    json_open_object(&o->w);
    for (size_t i = 0; i < type->record.count; i++) {
        const struct fragment_attr *attr = &type->record.attrs[i];
        json_name(&o->w, attr->name);
        json_open_object(&o->w);
        write_members(o, attr->type);
        write_annotations(o, &attr->annotations);
        if (!attr->is_required) {
            json_name_bool(&o->w, STR("required"), false);
        }
        json_close_object(&o->w);
    }
    json_close_object(&o->w);
    if (type->record.is_open) {
        json_name_bool(&o->w, STR("additionalAttributes"), true);
    }
}

static void write_members(struct json_output *o, const struct fragment_type *type) {
    switch (type->kind) {
    case FRAGMENT_NAME:
        if (o->names != NULL) {
            write_meaning(o, type->name, RESOLVE_TYPE | RESOLVE_ENTITY);
        } else {
            write_named(o, STR("EntityOrCommon"), type->name);
        }
        return;
    case FRAGMENT_ENTITY:
        write_named(o, STR("Entity"), entity_name(o, type->name));
        return;
    case FRAGMENT_COMMON:
        if (o->names != NULL) {
            write_meaning(o, type->name, RESOLVE_TYPE);
        } else {
            json_name_string(&o->w, STR("type"), type->name);
        }
        return;
    case FRAGMENT_EXTENSION:
        write_named(o, STR("Extension"), type->name);
        return;
    case FRAGMENT_BUILTIN:
        json_name_string(&o->w, STR("type"),
                         str_equal_c(type->name, "Bool") ? STR("Boolean") : type->name);
        return;
    case FRAGMENT_SET:
        json_name_string(&o->w, STR("type"), STR("Set"));
        json_key(&o->w, STR("element"));
        write_type(o, type->element);
        return;
    case FRAGMENT_RECORD:
        write_record(o, type);
        return;
    }
    NOT_REACHED();
    o->error = ERR_INTERNAL;
}

static bool is_empty_record(const struct fragment_type *type) {
    return type == NULL ||
           (type->kind == FRAGMENT_RECORD && type->record.count == 0 && !type->record.is_open);
}

static void write_names(struct json_output *o, str key, const struct fragment_names *names) {
    json_key(&o->w, key);
    json_open_array(&o->w);
    for (size_t i = 0; i < names->count; i++) {
        json_string(&o->w, entity_name(o, names->items[i].text));
    }
    json_close_array(&o->w);
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void write_entity(struct json_output *o, const struct fragment_entity *entity) {
    json_name(&o->w, entity->name);
    json_open_object(&o->w);
    if (entity->is_enum) {
        json_key(&o->w, STR("enum"));
        json_open_array(&o->w);
        for (size_t i = 0; i < entity->id_count; i++) {
            json_string(&o->w, entity->ids[i]);
        }
        json_close_array(&o->w);
    }
    if (entity->parents.count > 0) {
        write_names(o, STR("memberOfTypes"), &entity->parents);
    }
    if (!is_empty_record(entity->shape)) {
        json_key(&o->w, STR("shape"));
        write_type(o, entity->shape);
    }
    if (entity->tags != NULL) {
        json_key(&o->w, STR("tags"));
        write_type(o, entity->tags);
    }
    write_annotations(o, &entity->annotations);
    json_close_object(&o->w);
}

static void write_applies_to(struct json_output *o, const struct fragment_action *action) {
    json_key(&o->w, STR("appliesTo"));
    json_open_object(&o->w);
    write_names(o, STR("resourceTypes"), &action->resources);
    write_names(o, STR("principalTypes"), &action->principals);
    if (!is_empty_record(action->context)) {
        json_key(&o->w, STR("context"));
        write_type(o, action->context);
    }
    json_close_object(&o->w);
}

static void write_parents(struct json_output *o, const struct fragment_action *action) {
    json_key(&o->w, STR("memberOf"));
    json_open_array(&o->w);
    for (size_t i = 0; i < action->parent_count; i++) {
        const struct fragment_action_ref *ref = &action->parents[i];
        json_open_object(&o->w);
        json_name_string(&o->w, STR("id"), ref->id);
        if (o->names != NULL) {
            json_name_string(&o->w, STR("type"), action_type(o, ref));
        } else if (ref->type.ptr != NULL) {
            json_name_string(&o->w, STR("type"), ref->type);
        }
        json_close_object(&o->w);
    }
    json_close_array(&o->w);
}

static void write_action(struct json_output *o, const struct fragment_action *action) {
    json_name(&o->w, action->id);
    json_open_object(&o->w);
    if (action->has_applies_to) {
        write_applies_to(o, action);
    }
    if (action->has_parents) {
        write_parents(o, action);
    }
    write_annotations(o, &action->annotations);
    json_close_object(&o->w);
}

static err write_namespace(struct json_output *o, const struct fragment_namespace *ns) {
    const struct fragment_common *const *commons;
    const struct fragment_entity *const *entities;
    const struct fragment_action *const *actions;
    TRY(fragment_sort_commons(o->temp, ns, &commons));
    TRY(fragment_sort_entities(o->temp, ns, &entities));
    TRY(fragment_sort_actions(o->temp, ns, &actions));
    o->space = o->names == NULL ? NULL : names_space(o->names, ns->name);
    json_name(&o->w, ns->name);
    json_open_object(&o->w);
    if (ns->commons.count > 0) {
        json_key(&o->w, STR("commonTypes"));
        json_open_object(&o->w);
        for (size_t i = 0; i < ns->commons.count; i++) {
            json_name(&o->w, commons[i]->name);
            json_open_object(&o->w);
            write_members(o, commons[i]->type);
            write_annotations(o, &commons[i]->annotations);
            json_close_object(&o->w);
        }
        json_close_object(&o->w);
    }
    json_key(&o->w, STR("entityTypes"));
    json_open_object(&o->w);
    for (size_t i = 0; i < ns->entities.count; i++) {
        write_entity(o, entities[i]);
    }
    json_close_object(&o->w);
    json_key(&o->w, STR("actions"));
    json_open_object(&o->w);
    for (size_t i = 0; i < ns->actions.count; i++) {
        write_action(o, actions[i]);
    }
    json_close_object(&o->w);
    write_annotations(o, &ns->annotations);
    json_close_object(&o->w);
    return ERR_OK;
}

err fragment_write_json(struct arena *temp, const struct fragment *fragment,
                        const struct schema_names *names, struct buf *out) {
    struct json_output output = {.temp = temp, .names = names};
    const struct fragment_namespace *const *sorted;
    TRY(fragment_sort_namespaces(temp, fragment, &sorted));
    json_writer_init(&output.w, out);
    output.w.max_depth = UINT32_MAX; /* no deeper than what was read */
    json_open_object(&output.w);
    for (size_t i = 0; i < fragment->namespaces.count && out->error == ERR_OK; i++) {
        TRY(write_namespace(&output, sorted[i]));
    }
    json_close_object(&output.w);
    TRY(out->error);
    return arena_has_failed(temp) ? arena_error(temp) : output.error;
}
