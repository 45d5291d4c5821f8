/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "cedar/schema/resolve_int.h"
#include "cedar/value/value.h"

enum { INDENT = 2 };

struct text_output {
    struct buf *out;
    struct arena *temp;
    struct diag_list *diags;
    const struct schema_names *names;
    const struct schema_space *space; /* of the declaration being written */
    struct buf collisions;            /* names that text would give another meaning */
    struct map collided;              /* each of them */
    struct buf shapes;                /* entity types whose shape has no text */
};

static void indent(struct text_output *o, uint32_t width) {
    for (uint32_t i = 0; i < width; i++) {
        buf_add_byte(o->out, ' ');
    }
}

static void quote(struct text_output *o, str text) {
    buf_add_byte(o->out, '"');
    escape_debug(o->out, text);
    buf_add_byte(o->out, '"');
}

static void write_annotations(struct text_output *o, const struct schema_annotations *annotations,
                              uint32_t width) {
    for (size_t i = 0; i < annotations->count; i++) {
        const struct schema_annotation *item = &annotations->items[i];
        indent(o, width);
        buf_add_byte(o->out, '@');
        buf_add(o->out, item->name);
        if (item->has_value) {
            buf_add_byte(o->out, '(');
            quote(o, item->value);
            buf_add_byte(o->out, ')');
        }
        buf_add_byte(o->out, '\n');
    }
}

/* ---- types ----------------------------------------------------------------------------------- */

static void add_to_list(struct buf *list, str ns, str name) {
    buf_add_c(list, list->len == 0 ? "" : ", ");
    if (ns.len > 0) {
        buf_add(list, ns);
        buf_add_c(list, "::");
    }
    buf_add(list, name);
}

static void add_collision(struct text_output *o, str name) {
    err result = map_add(&o->collided, name, NULL);
    if (result == ERR_OK) {
        add_to_list(&o->collisions, STR(""), name);
    } else if (result != ERR_EXISTS) {
        buf_fail(o->out, result);
    }
}

static bool is_same(const struct resolve_target *a, const struct resolve_target *b) {
    return a->common == b->common && a->entity == b->entity && a->builtin == b->builtin;
}

/* JSON can say that a reference is to an entity type or to a common type; in text the latter
 * comes first. `uses` is what JSON says. */
static void write_reference(struct text_output *o, str name, unsigned uses) {
    struct resolve_target meant;
    struct resolve_target read;
    bool is_known = names_find(o->names, o->space, name, uses, &meant);
    if (!is_known || (names_find(o->names, o->space, name, RESOLVE_TYPE | RESOLVE_ENTITY, &read) &&
                      is_same(&meant, &read))) {
        buf_add(o->out, name);
    } else if (meant.builtin != NULL) {
        buf_add_c(o->out, "__cedar::");
        buf_add(o->out, name);
    } else {
        add_collision(o, meant.entity != NULL ? meant.entity->name : meant.common->made.name);
    }
}

static void write_type(struct text_output *o, const struct fragment_type *type, uint32_t width);

static void write_record(struct text_output *o, const struct fragment_type *type, uint32_t width) {
    buf_add_byte(o->out, '{');
    for (size_t i = 0; i < type->record.count && o->out->error == ERR_OK; i++) {
        const struct fragment_attr *attr = &type->record.attrs[i];
        buf_add_c(o->out, i == 0 ? "\n" : "");
        write_annotations(o, &attr->annotations, width + INDENT);
        indent(o, width + INDENT);
        if (str_equal_c(attr->name, "__cedar") || !ast_is_identifier(attr->name)) {
            quote(o, attr->name);
        } else {
            buf_add(o->out, attr->name);
        }
        buf_add_c(o->out, attr->is_required ? ": " : "?: ");
        write_type(o, attr->type, width + INDENT);
        buf_add_c(o->out, i + 1 < type->record.count ? ",\n" : "\n");
    }
    indent(o, width); /* of `{}` too, as the reference has it */
    buf_add_byte(o->out, '}');
}

static void write_type(struct text_output *o, const struct fragment_type *type, uint32_t width) {
    switch (type->kind) {
    case FRAGMENT_NAME:
        buf_add(o->out, type->name);
        return;
    case FRAGMENT_ENTITY:
        write_reference(o, type->name, RESOLVE_ENTITY);
        return;
    case FRAGMENT_COMMON:
        write_reference(o, type->name, RESOLVE_TYPE);
        return;
    case FRAGMENT_EXTENSION:
    case FRAGMENT_BUILTIN:
        buf_add_c(o->out, "__cedar::");
        buf_add(o->out, type->name);
        return;
    case FRAGMENT_SET:
        buf_add_c(o->out, "Set<");
        write_type(o, type->element, width);
        buf_add_byte(o->out, '>');
        return;
    case FRAGMENT_RECORD:
        write_record(o, type, width);
        return;
    }
    NOT_REACHED();
    buf_fail(o->out, ERR_INTERNAL);
}

static bool is_empty_record(const struct fragment_type *type) {
    return type == NULL ||
           (type->kind == FRAGMENT_RECORD && type->record.count == 0 && !type->record.is_open);
}

static void write_names(struct text_output *o, const struct fragment_names *names) {
    for (size_t i = 0; i < names->count; i++) {
        buf_add_c(o->out, i == 0 ? "[" : ", ");
        buf_add(o->out, names->items[i].text);
    }
    buf_add_byte(o->out, ']');
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void write_common(struct text_output *o, const struct fragment_common *common,
                         uint32_t width) {
    write_annotations(o, &common->annotations, width);
    indent(o, width);
    buf_add_c(o->out, "type ");
    buf_add(o->out, common->name);
    buf_add_c(o->out, " = ");
    write_type(o, common->type, width);
}

static void write_entity(struct text_output *o, const struct fragment_entity *entity,
                         uint32_t width) {
    write_annotations(o, &entity->annotations, width);
    indent(o, width);
    buf_add_c(o->out, "entity ");
    buf_add(o->out, entity->name);
    for (size_t i = 0; i < entity->id_count; i++) {
        buf_add_c(o->out, i == 0 ? " enum [" : ", ");
        quote(o, entity->ids[i]);
    }
    buf_add_c(o->out, entity->is_enum ? "]" : "");
    if (entity->parents.count > 0) {
        buf_add_c(o->out, " in ");
        write_names(o, &entity->parents);
    }
    if (entity->shape != NULL && entity->shape->kind != FRAGMENT_RECORD) {
        add_to_list(&o->shapes, o->space->name, entity->name);
    } else if (!is_empty_record(entity->shape)) {
        buf_add_c(o->out, " = ");
        write_type(o, entity->shape, width);
    }
    if (entity->tags != NULL) {
        buf_add_c(o->out, " tags ");
        write_type(o, entity->tags, 0); /* the reference does not indent here */
    }
}

/* An action that applies to nothing needs no more than that; but JSON can say more. */
static void warn_left_out(struct text_output *o, const struct fragment_action *action) {
    if (action->principals.count == 0 && action->resources.count == 0 &&
        is_empty_record(action->context)) {
        return;
    }
    if (o->diags != NULL && action->place.source != NULL) {
        o->diags->source_name = action->place.source->name;
        o->diags->source_text = action->place.source->text;
    }
    struct diag *diag = diag_add(o->diags, DIAG_WARNING, action->place.name,
                                 "what `appliesTo` of action `%.*s` says is left out, since the "
                                 "action applies to nothing",
                                 STR_FMT(action->id));
    diag_help(o->diags, diag, "text has no form for lists of types of which one is empty");
}

static void write_applies_to(struct text_output *o, const struct fragment_action *action,
                             uint32_t width) {
    buf_add_c(o->out, " appliesTo {\n");
    indent(o, width + INDENT);
    buf_add_c(o->out, "principal: ");
    write_names(o, &action->principals);
    buf_add_c(o->out, ",\n");
    indent(o, width + INDENT);
    buf_add_c(o->out, "resource: ");
    write_names(o, &action->resources);
    buf_add_c(o->out, ",\n");
    indent(o, width + INDENT);
    buf_add_c(o->out, "context: ");
    if (is_empty_record(action->context)) {
        buf_add_c(o->out, "{}");
    } else {
        write_type(o, action->context, width + INDENT);
    }
    buf_add_byte(o->out, '\n');
    indent(o, width);
    buf_add_byte(o->out, '}');
}

static void write_action(struct text_output *o, const struct fragment_action *action,
                         uint32_t width) {
    write_annotations(o, &action->annotations, width);
    indent(o, width);
    buf_add_c(o->out, "action ");
    quote(o, action->id);
    for (size_t i = 0; i < action->parent_count; i++) {
        const struct fragment_action_ref *ref = &action->parents[i];
        buf_add_c(o->out, i == 0 ? " in [" : ", ");
        buf_add(o->out, ref->type.ptr == NULL ? STR("Action") : ref->type);
        buf_add_c(o->out, "::");
        quote(o, ref->id);
    }
    buf_add_c(o->out, action->parent_count > 0 ? "]" : "");
    if (action->principals.count > 0 && action->resources.count > 0) {
        write_applies_to(o, action, width);
    } else {
        warn_left_out(o, action);
    }
}

/* Behind each declaration; an empty line between two. */
static void end_declaration(struct text_output *o, size_t *left) {
    buf_add_c(o->out, ";\n");
    (*left)--;
    buf_add_c(o->out, *left > 0 ? "\n" : "");
}

static err write_declarations(struct text_output *o, const struct fragment_namespace *ns,
                              uint32_t width) {
    const struct fragment_common *const *commons;
    const struct fragment_entity *const *entities;
    const struct fragment_action *const *actions;
    TRY(fragment_sort_commons(o->temp, ns, &commons));
    TRY(fragment_sort_entities(o->temp, ns, &entities));
    TRY(fragment_sort_actions(o->temp, ns, &actions));
    o->space = names_space(o->names, ns->name);
    size_t left = ns->commons.count + ns->entities.count + ns->actions.count;
    for (size_t i = 0; i < ns->commons.count; i++) {
        write_common(o, commons[i], width);
        end_declaration(o, &left);
    }
    for (size_t i = 0; i < ns->entities.count; i++) {
        write_entity(o, entities[i], width);
        end_declaration(o, &left);
    }
    for (size_t i = 0; i < ns->actions.count; i++) {
        write_action(o, actions[i], width);
        end_declaration(o, &left);
    }
    return ERR_OK;
}

static err write_namespace(struct text_output *o, const struct fragment_namespace *ns) {
    if (ns->name.len == 0) {
        return write_declarations(o, ns, 0);
    }
    write_annotations(o, &ns->annotations, 0);
    buf_add_c(o->out, "namespace ");
    buf_add(o->out, ns->name);
    buf_add_c(o->out, " {\n");
    TRY(write_declarations(o, ns, INDENT));
    buf_add_c(o->out, "}\n");
    return ERR_OK;
}

static err report(struct text_output *o) {
    const struct ast_span nowhere = {0, 0};
    if (o->collisions.len > 0) {
        struct diag *diag =
            diag_add(o->diags, DIAG_ERROR, nowhere, "There are name collisions: [%.*s]",
                     STR_FMT(buf_str(&o->collisions)));
        diag_help(o->diags, diag,
                  "in text, a name that a common type and an entity type share means the former");
    }
    if (o->shapes.len > 0) {
        struct diag *diag =
            diag_add(o->diags, DIAG_ERROR, nowhere,
                     "The following entities have shapes that cannot be converted to Cedar schema "
                     "syntax: [%.*s]",
                     STR_FMT(buf_str(&o->shapes)));
        diag_help(o->diags, diag,
                  "Entity shapes may only be record types. In the Cedar schema syntax, they "
                  "additionally may not reference common type definitions.");
    }
    return o->collisions.len + o->shapes.len > 0 ? ERR_UNSUPPORTED : ERR_OK;
}

err fragment_write_text(struct arena *temp, const struct fragment *fragment,
                        const struct schema_names *names, struct diag_list *diags,
                        struct buf *out) {
    struct text_output output = {.out = out, .temp = temp, .diags = diags, .names = names};
    const struct fragment_namespace *const *sorted;
    size_t count = fragment->namespaces.count;
    buf_init_arena(&output.collisions, temp, 4096);
    map_init(&output.collided, temp, &names->spaces.key);
    buf_init_arena(&output.shapes, temp, 4096);
    TRY(fragment_sort_namespaces(temp, fragment, &sorted));
    for (size_t i = 0; i < count && out->error == ERR_OK; i++) {
        TRY(write_namespace(&output, sorted[i]));
        buf_add_c(out, i + 1 < count ? "\n" : "");
    }
    TRY(out->error);
    return arena_has_failed(temp) ? arena_error(temp) : report(&output);
}
