/* SPDX-License-Identifier: Apache-2.0 */
#include "puzzle.h"

#include "base/json.h"
#include "world.h"

/* ---- text ---- */

static void say_notes(struct maker *m, const struct puzzle_notes *notes) {
    for (unsigned i = 0; i < notes->count; i++) {
        buf_format(&m->out, "@%s", notes->names[i]);
        if (notes->values[i] != NULL) {
            say(m, "(");
            say_quoted(m, notes->values[i]);
            say(m, ")");
        }
        SAY_ONE(m, " ", "\n");
    }
}

static void say_puzzle_type(struct maker *m, const struct puzzle_type *type) {
    switch (type->kind) {
    case PUZZLE_NAME:
    case PUZZLE_ENTITY:
    case PUZZLE_COMMON:
        say(m, type->name);
        return;
    case PUZZLE_BUILTIN:
        say(m, chance(m, 6) ? "__cedar::" : "");
        say(m, type->name);
        return;
    case PUZZLE_SET:
        say(m, "Set<");
        say_puzzle_type(m, type->element);
        say(m, ">");
        return;
    case PUZZLE_RECORD:
        say(m, "{");
        for (unsigned i = 0; i < type->count; i++) {
            const struct puzzle_attr *attr = &type->attrs[i];
            say(m, i > 0 ? ", " : "");
            say_notes(m, &attr->notes);
            say_key(m, attr->name);
            say(m, attr->is_optional ? "?: " : ": ");
            say_puzzle_type(m, &attr->type);
        }
        say(m, type->count > 0 && chance(m, 4) ? ",}" : "}");
        return;
    }
}

static void say_list(struct maker *m, const struct puzzle_list *list) {
    bool is_list = list->count != 1 || chance(m, 2);
    say(m, is_list ? "[" : "");
    for (unsigned i = 0; i < list->count; i++) {
        say(m, i > 0 ? ", " : "");
        say(m, list->items[i]);
    }
    say(m, is_list ? "]" : "");
}

static void say_common(struct maker *m, const struct puzzle_common *common) {
    say_notes(m, &common->notes);
    buf_format(&m->out, "type %s = ", common->name);
    say_puzzle_type(m, &common->type);
    say(m, ";\n");
}

static void say_entity(struct maker *m, const struct puzzle_entity *entity) {
    say_notes(m, &entity->notes);
    buf_format(&m->out, "entity %s", entity->name);
    for (unsigned i = 0; i < entity->ids.count; i++) {
        say(m, i == 0 ? " enum [" : ", ");
        say_quoted(m, entity->ids.items[i]);
    }
    say(m, entity->ids.count > 0 ? "]" : "");
    if (entity->parents.count > 0) {
        say(m, " in ");
        say_list(m, &entity->parents);
    }
    if (entity->has_shape) {
        SAY_ONE(m, " = ", " ");
        say_puzzle_type(m, &entity->shape);
    }
    if (entity->has_tags) {
        say(m, " tags ");
        say_puzzle_type(m, &entity->tags);
    }
    say(m, ";\n");
}

static void say_applies_to(struct maker *m, const struct puzzle_action *action) {
    bool is_other_order = chance(m, 8);
    say(m, " appliesTo {");
    if (is_other_order) {
        say(m, "resource: ");
        say_list(m, &action->resources);
        say(m, ", ");
    }
    say(m, "principal: ");
    say_list(m, &action->principals);
    if (!is_other_order && !chance(m, 60)) {
        say(m, ", resource: ");
        say_list(m, &action->resources);
    }
    if (action->has_context) {
        say(m, ", context: ");
        say_puzzle_type(m, &action->context);
    }
    SAY_ONE(m, "}", ",}", "}", "}");
}

static void say_action(struct maker *m, const struct puzzle_action *action) {
    say_notes(m, &action->notes);
    say(m, "action ");
    say_key(m, action->name);
    for (unsigned i = 0; i < action->parents.count; i++) {
        say(m, i == 0 ? " in [" : ", ");
        if (action->parent_types.items[i] != NULL) {
            buf_format(&m->out, "%s::", action->parent_types.items[i]);
            say_quoted(m, action->parents.items[i]);
        } else {
            say_key(m, action->parents.items[i]);
        }
    }
    say(m, action->parents.count > 0 ? "]" : "");
    if (action->has_applies_to) {
        say_applies_to(m, action);
    }
    say(m, chance(m, 40) ? " attributes {};\n" : ";\n");
}

static void say_declaration(struct maker *m, const struct puzzle_space *space, unsigned number) {
    if (number < space->common_count) {
        say_common(m, &space->commons[number]);
        return;
    }
    number -= space->common_count;
    if (number < space->entity_count) {
        say_entity(m, &space->entities[number]);
    } else {
        say_action(m, &space->actions[number - space->entity_count]);
    }
}

static void say_space(struct maker *m, const struct puzzle_space *space) {
    unsigned count = space->common_count + space->entity_count + space->action_count;
    unsigned first = count > 0 && chance(m, 3) ? pick(m, count) : 0;
    if (space->name[0] != '\0') {
        say_notes(m, &space->notes);
        buf_format(&m->out, "namespace %s {\n", space->name);
    }
    for (unsigned i = 0; i < count; i++) {
        say_declaration(m, space, (first + i) % count);
        if (chance(m, 80)) {
            say_declaration(m, space, pick(m, count));
        }
    }
    say(m, space->name[0] != '\0' ? "}\n" : "");
}

void say_puzzle(struct maker *m, const struct puzzle *p) {
    for (unsigned i = 0; i < p->space_count; i++) {
        say_space(m, &p->spaces[i]);
        if (chance(m, 60)) {
            say_space(m, &p->spaces[pick(m, p->space_count)]);
        }
    }
}

/* ---- JSON ---- */

static void notes_json(struct json_writer *j, const struct puzzle_notes *notes) {
    if (notes->count == 0) {
        return;
    }
    json_key(j, STR("annotations"));
    json_open_object(j);
    for (unsigned i = 0; i < notes->count; i++) {
        json_name_string(j, str_c(notes->names[i]),
                         notes->values[i] == NULL ? str_make(NULL, 0) : str_c(notes->values[i]));
    }
    json_close_object(j);
}

static void builtin_json(struct maker *m, struct json_writer *j, str name) {
    if (chance(m, 6)) {
        json_name_string(j, STR("type"), STR("EntityOrCommon"));
        json_name_string(j, STR("name"), name);
    } else if (str_equal(name, STR("Bool"))) {
        json_name_string(j, STR("type"), STR("Boolean"));
    } else if (str_equal(name, STR("Long")) || str_equal(name, STR("String"))) {
        json_name_string(j, STR("type"), name);
    } else {
        json_name_string(j, STR("type"), STR("Extension"));
        json_name_string(j, STR("name"), name);
    }
}

static void type_json(struct maker *m, struct json_writer *j, const struct puzzle_type *type);

static void record_json(struct maker *m, struct json_writer *j, const struct puzzle_type *type) {
    json_name_string(j, STR("type"), STR("Record"));
    json_key(j, STR("attributes"));
    json_open_object(j);
    for (unsigned i = 0; i < type->count; i++) {
        const struct puzzle_attr *attr = &type->attrs[i];
        json_name(j, str_c(attr->name));
        json_open_object(j);
        type_json(m, j, &attr->type);
        if (attr->is_optional || chance(m, 10)) {
            json_name_bool(j, STR("required"), !attr->is_optional);
        }
        notes_json(j, &attr->notes);
        json_close_object(j);
    }
    json_close_object(j);
    if (chance(m, 20)) {
        json_name_bool(j, STR("additionalAttributes"), chance(m, 5));
    }
}

/* The members of a type. */
static void type_json(struct maker *m, struct json_writer *j, const struct puzzle_type *type) {
    static const char *const kinds[] = {
        [PUZZLE_NAME] = "EntityOrCommon", [PUZZLE_ENTITY] = "Entity", [PUZZLE_SET] = "Set"};
    switch (type->kind) {
    case PUZZLE_NAME:
    case PUZZLE_ENTITY:
        json_name_string(j, STR("type"), str_c(kinds[type->kind]));
        json_name_string(j, STR("name"), str_c(type->name));
        return;
    case PUZZLE_COMMON:
        json_name_string(j, STR("type"), str_c(type->name));
        return;
    case PUZZLE_BUILTIN:
        builtin_json(m, j, str_c(type->name));
        return;
    case PUZZLE_SET:
        json_name_string(j, STR("type"), str_c(kinds[type->kind]));
        json_key(j, STR("element"));
        json_open_object(j);
        type_json(m, j, type->element);
        json_close_object(j);
        return;
    case PUZZLE_RECORD:
        record_json(m, j, type);
        return;
    }
}

static void named_type_json(struct maker *m, struct json_writer *j, const char *name,
                            const struct puzzle_type *type) {
    json_key(j, str_c(name));
    json_open_object(j);
    type_json(m, j, type);
    json_close_object(j);
}

static void list_json(struct json_writer *j, const char *name, const struct puzzle_list *list) {
    json_key(j, str_c(name));
    json_open_array(j);
    for (unsigned i = 0; i < list->count; i++) {
        json_string(j, str_c(list->items[i]));
    }
    json_close_array(j);
}

static void entity_json(struct maker *m, struct json_writer *j,
                        const struct puzzle_entity *entity) {
    json_name(j, str_c(entity->name));
    json_open_object(j);
    if (entity->ids.count > 0) {
        list_json(j, "enum", &entity->ids);
    }
    if (entity->parents.count > 0) {
        list_json(j, "memberOfTypes", &entity->parents);
    }
    if (entity->has_shape) {
        named_type_json(m, j, "shape", &entity->shape);
    }
    if (entity->has_tags) {
        named_type_json(m, j, "tags", &entity->tags);
    }
    notes_json(j, &entity->notes);
    json_close_object(j);
}

static void action_json(struct maker *m, struct json_writer *j,
                        const struct puzzle_action *action) {
    json_name(j, str_c(action->name));
    json_open_object(j);
    if (action->parents.count > 0 || chance(m, 8)) {
        json_key(j, STR("memberOf"));
        json_open_array(j);
        for (unsigned i = 0; i < action->parents.count; i++) {
            json_open_object(j);
            json_name_string(j, STR("id"), str_c(action->parents.items[i]));
            if (action->parent_types.items[i] != NULL) {
                json_name_string(j, STR("type"), str_c(action->parent_types.items[i]));
            }
            json_close_object(j);
        }
        json_close_array(j);
    }
    if (action->has_applies_to) {
        json_key(j, STR("appliesTo"));
        json_open_object(j);
        list_json(j, "principalTypes", &action->principals);
        list_json(j, "resourceTypes", &action->resources);
        if (action->has_context) {
            named_type_json(m, j, "context", &action->context);
        }
        json_close_object(j);
    }
    notes_json(j, &action->notes);
    json_close_object(j);
}

static void commons_json(struct maker *m, struct json_writer *j, const struct puzzle_space *space) {
    json_key(j, STR("commonTypes"));
    json_open_object(j);
    for (unsigned i = 0; i < space->common_count; i++) {
        json_name(j, str_c(space->commons[i].name));
        json_open_object(j);
        type_json(m, j, &space->commons[i].type);
        notes_json(j, &space->commons[i].notes);
        json_close_object(j);
    }
    json_close_object(j);
}

static void space_json(struct maker *m, struct json_writer *j, const struct puzzle_space *space) {
    json_name(j, str_c(space->name));
    json_open_object(j);
    if (space->common_count > 0 || chance(m, 8)) {
        commons_json(m, j, space);
    }
    json_key(j, STR("entityTypes"));
    json_open_object(j);
    for (unsigned i = 0; i < space->entity_count; i++) {
        entity_json(m, j, &space->entities[i]);
    }
    json_close_object(j);
    json_key(j, STR("actions"));
    json_open_object(j);
    for (unsigned i = 0; i < space->action_count; i++) {
        action_json(m, j, &space->actions[i]);
    }
    json_close_object(j);
    if (space->name[0] != '\0') {
        notes_json(j, &space->notes);
    }
    json_close_object(j);
}

void say_puzzle_json(struct maker *m, const struct puzzle *p) {
    struct json_writer j;
    json_writer_init(&j, &m->out);
    json_open_object(&j);
    for (unsigned i = 0; i < p->space_count; i++) {
        space_json(m, &j, &p->spaces[i]);
    }
    json_close_object(&j);
}
