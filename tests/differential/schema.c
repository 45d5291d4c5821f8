/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/json.h"

#include <string.h>

/* ---- names ---- */

bool is_plain_name(const char *name) {
    static const char *const reserved[] = {"true", "false", "if",   "then", "else",
                                           "in",   "is",    "like", "has"};
    bool is_plain = byte_is_alpha(name[0]) || name[0] == '_';
    for (const char *at = name; *at != '\0'; at++) {
        is_plain = is_plain && (byte_is_alnum(*at) || *at == '_');
    }
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        is_plain = is_plain && strcmp(name, reserved[i]) != 0;
    }
    return is_plain;
}

void say_quoted(struct maker *m, const char *text) {
    say(m, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '"':
            say(m, "\\\"");
            break;
        case '\\':
            say(m, "\\\\");
            break;
        case '\n':
            say(m, "\\n");
            break;
        default:
            buf_add_byte(&m->out, *at);
        }
    }
    say(m, "\"");
}

void say_key(struct maker *m, const char *name) {
    if (is_plain_name(name) && !chance(m, 8)) {
        say(m, name);
    } else {
        say_quoted(m, name);
    }
}

/* ---- types as text ---- */

static const char *const kind_names[] = {
    [TYPE_BOOL] = "Bool",        [TYPE_LONG] = "Long", [TYPE_STRING] = "String",
    [TYPE_DECIMAL] = "decimal",  [TYPE_IP] = "ipaddr", [TYPE_DATETIME] = "datetime",
    [TYPE_DURATION] = "duration"};

/* A name in full, or what is enough of it in this namespace. */
static void say_name(struct maker *m, const char *space, const char *home, const char *base) {
    if (home[0] != '\0' && (strcmp(space, home) != 0 || chance(m, 2))) {
        buf_format(&m->out, "%s::", home);
    }
    say(m, base);
}

static void say_type(struct maker *m, const struct world *w, const char *space,
                     const struct type *type);

static void say_attrs(struct maker *m, const struct world *w, const char *space,
                      const struct type *record) {
    say(m, "{");
    for (unsigned i = 0; i < record->count; i++) {
        const struct attr *attr = &record->attrs[i];
        say(m, i > 0 ? ", " : "");
        if (chance(m, 20)) {
            say(m, "@doc(\"it's\") ");
        }
        say_key(m, attr->name);
        say(m, attr->is_optional ? "?: " : ": ");
        say_type(m, w, space, attr->type);
    }
    if (record->count > 0 && w->is_tricky && chance(m, 8)) {
        say(m, ", ");
        say_key(m, record->attrs[0].name); /* once more */
        say(m, ": Long");
    }
    say(m, record->count > 0 && chance(m, 5) ? ",}" : "}");
}

static void say_type(struct maker *m, const struct world *w, const char *space,
                     const struct type *type) {
    if (type->common != NULL && !chance(m, 10)) {
        say_name(m, space, type->space, type->common);
        return;
    }
    switch (type->kind) {
    case TYPE_ENTITY:
        say_name(m, space, w->types[type->entity].space, w->types[type->entity].base);
        return;
    case TYPE_SET:
        say(m, "Set<");
        say_type(m, w, space, type->element);
        say(m, ">");
        return;
    case TYPE_RECORD:
        say_attrs(m, w, space, type);
        return;
    case TYPE_BOOL:
    case TYPE_LONG:
    case TYPE_STRING:
    case TYPE_DECIMAL:
    case TYPE_IP:
    case TYPE_DATETIME:
    case TYPE_DURATION:
        say(m, chance(m, 10) ? "__cedar::" : "");
        say(m, kind_names[type->kind]);
        return;
    }
}

/* ---- declarations as text ---- */

static void say_names(struct maker *m, const struct world *w, const char *space, unsigned types) {
    bool is_list = (types & (types - 1)) != 0 || chance(m, 3);
    bool is_first = true;
    say(m, is_list ? "[" : "");
    for (unsigned i = 0; i < w->type_count; i++) {
        if (types >> i & 1) {
            say(m, is_first ? "" : ", ");
            say_name(m, space, w->types[i].space, w->types[i].base);
            is_first = false;
        }
    }
    say(m, is_list ? "]" : "");
}

static void say_annotation(struct maker *m) {
    if (chance(m, 12)) {
        SAY_ONE(m, "@doc(\"text\")\n", "@if\n", "@a(\"\")@b(\"\\u{e9}\") ");
    }
}

static void say_entity_type(struct maker *m, const struct world *w,
                            const struct entity_type *type) {
    say_annotation(m);
    buf_format(&m->out, "entity %s", type->base);
    for (const struct entity_type *twin = type + 1;
         twin < w->types + w->type_count && twin->is_twin; twin++) {
        buf_format(&m->out, ", %s", twin->base);
    }
    if (type->is_enum) {
        say(m, " enum [");
        for (unsigned i = 0; i < type->id_count; i++) {
            say(m, i > 0 ? ", " : "");
            say_quoted(m, type->ids[i]);
        }
        say(m, "];\n");
        return;
    }
    if (type->parents != 0) {
        say(m, " in ");
        say_names(m, w, type->space, type->parents);
    } else if (chance(m, 10)) {
        say(m, " in []");
    }
    if (type->shape.count > 0 || chance(m, 3)) {
        SAY_ONE(m, " ", " = ");
        say_attrs(m, w, type->space, &type->shape);
    }
    if (type->tags != NULL) {
        say(m, " tags ");
        say_type(m, w, type->space, type->tags);
    }
    say(m, ";\n");
}

static void say_action_ref(struct maker *m, const struct action *from, const struct action *to) {
    if (from->space != to->space || chance(m, 3)) {
        buf_format(&m->out, "%s::", to->type);
        say_quoted(m, to->id);
    } else {
        say_key(m, to->id);
    }
}

static void say_applies_to(struct maker *m, const struct world *w, const struct action *action) {
    say(m, " appliesTo { principal: ");
    say_names(m, w, action->space, action->principals);
    say(m, ", resource: ");
    say_names(m, w, action->space, action->resources);
    if (action->context.count > 0 || chance(m, 4)) {
        say(m, ", context: ");
        say_type(m, w, action->space, &action->context);
    }
    say(m, chance(m, 6) ? ", }" : " }");
}

static void say_action(struct maker *m, const struct world *w, const struct action *action) {
    say_annotation(m);
    say(m, "action ");
    say_key(m, action->id);
    bool is_first = true;
    for (unsigned i = 0; i < w->action_count; i++) {
        if (action->groups >> i & 1) {
            say(m, is_first ? " in [" : ", ");
            say_action_ref(m, action, &w->actions[i]);
            is_first = false;
        }
    }
    say(m, is_first ? "" : "]");
    if (action->principals != 0) {
        say_applies_to(m, w, action);
    }
    say(m, ";\n");
}

static void say_space(struct maker *m, const struct world *w, const char *space) {
    for (unsigned i = 0; i < w->common_count; i++) {
        struct type type = *w->commons[i];
        if (strcmp(type.space, space) == 0) {
            type.common = NULL;
            buf_format(&m->out, "type %s = ", w->commons[i]->common);
            say_type(m, w, space, &type);
            say(m, ";\n");
        }
    }
    for (unsigned i = 0; i < w->type_count; i++) {
        if (strcmp(w->types[i].space, space) == 0 && !w->types[i].is_twin) {
            say_entity_type(m, w, &w->types[i]);
        }
    }
    for (unsigned i = 0; i < w->action_count; i++) {
        if (strcmp(w->actions[i].space, space) == 0) {
            say_action(m, w, &w->actions[i]);
        }
    }
}

static bool has_space(const struct world *w, const char *space) {
    bool is_there = false;
    for (unsigned i = 0; i < w->type_count; i++) {
        is_there = is_there || strcmp(w->types[i].space, space) == 0;
    }
    for (unsigned i = 0; i < w->action_count; i++) {
        is_there = is_there || strcmp(w->actions[i].space, space) == 0;
    }
    for (unsigned i = 0; i < w->common_count; i++) {
        is_there = is_there || strcmp(w->commons[i]->space, space) == 0;
    }
    return is_there;
}

static const char *const spaces[] = {"N", "N::M"};

void say_schema(struct maker *m, const struct world *w) {
    for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
        if (has_space(w, spaces[i])) {
            say_annotation(m);
            buf_format(&m->out, "namespace %s {\n", spaces[i]);
            say_space(m, w, spaces[i]);
            say(m, "}\n");
        }
    }
    say_space(m, w, "");
}

/* ---- JSON ---- */

static str common_name(const struct type *type) {
    static char name[64];
    struct buf text;
    buf_init_fixed(&text, name, sizeof name);
    buf_format(&text, "%s%s%s", type->space, type->space[0] == '\0' ? "" : "::", type->common);
    return buf_str(&text);
}

static void type_json(struct json_writer *j, const struct world *w, const struct type *type,
                      bool is_whole);

static void attrs_json(struct json_writer *j, const struct world *w, const struct type *record) {
    json_key(j, STR("attributes"));
    json_open_object(j);
    for (unsigned i = 0; i < record->count; i++) {
        json_name(j, str_c(record->attrs[i].name));
        struct type type = *record->attrs[i].type;
        json_open_object(j);
        if (record->attrs[i].is_optional) {
            json_name_bool(j, STR("required"), false);
        }
        type_json(j, w, &type, false);
        json_close_object(j);
    }
    json_close_object(j);
}

static void type_json(struct json_writer *j, const struct world *w, const struct type *type,
                      bool is_whole) {
    if (is_whole) {
        json_open_object(j);
    }
    if (type->common != NULL) {
        json_name_string(j, STR("type"), common_name(type));
    } else if (type->kind == TYPE_ENTITY) {
        json_name_string(j, STR("type"), STR("Entity"));
        json_name_string(j, STR("name"), str_c(w->types[type->entity].name));
    } else if (type->kind == TYPE_SET) {
        json_name_string(j, STR("type"), STR("Set"));
        json_key(j, STR("element"));
        type_json(j, w, type->element, true);
    } else if (type->kind == TYPE_RECORD) {
        json_name_string(j, STR("type"), STR("Record"));
        attrs_json(j, w, type);
    } else if (type->kind == TYPE_BOOL) {
        json_name_string(j, STR("type"), STR("Boolean"));
    } else if (type->kind == TYPE_LONG || type->kind == TYPE_STRING) {
        json_name_string(j, STR("type"), str_c(kind_names[type->kind]));
    } else {
        json_name_string(j, STR("type"), STR("Extension"));
        json_name_string(j, STR("name"), str_c(kind_names[type->kind]));
    }
    if (is_whole) {
        json_close_object(j);
    }
}

static void names_json(struct json_writer *j, const struct world *w, str name, unsigned types) {
    json_key(j, name);
    json_open_array(j);
    for (unsigned i = 0; i < w->type_count; i++) {
        if (types >> i & 1) {
            json_string(j, str_c(w->types[i].name));
        }
    }
    json_close_array(j);
}

static void entity_type_json(struct json_writer *j, const struct world *w,
                             const struct entity_type *type) {
    json_name(j, str_c(type->base));
    json_open_object(j);
    if (type->is_enum) {
        json_key(j, STR("enum"));
        json_open_array(j);
        for (unsigned i = 0; i < type->id_count; i++) {
            json_string(j, str_c(type->ids[i]));
        }
        json_close_array(j);
        json_close_object(j);
        return;
    }
    if (type->parents != 0) {
        names_json(j, w, STR("memberOfTypes"), type->parents);
    }
    json_key(j, STR("shape"));
    type_json(j, w, &type->shape, true);
    if (type->tags != NULL) {
        json_key(j, STR("tags"));
        type_json(j, w, type->tags, true);
    }
    json_close_object(j);
}

static void action_json(struct json_writer *j, const struct world *w, const struct action *action) {
    json_name(j, str_c(action->id));
    json_open_object(j);
    if (action->groups != 0) {
        json_key(j, STR("memberOf"));
        json_open_array(j);
        for (unsigned i = 0; i < w->action_count; i++) {
            if (action->groups >> i & 1) {
                json_open_object(j);
                json_name_string(j, STR("id"), str_c(w->actions[i].id));
                if (action->space != w->actions[i].space) {
                    json_name_string(j, STR("type"), str_c(w->actions[i].type));
                }
                json_close_object(j);
            }
        }
        json_close_array(j);
    }
    if (action->principals != 0) {
        json_key(j, STR("appliesTo"));
        json_open_object(j);
        names_json(j, w, STR("principalTypes"), action->principals);
        names_json(j, w, STR("resourceTypes"), action->resources);
        json_key(j, STR("context"));
        type_json(j, w, &action->context, true);
        json_close_object(j);
    }
    json_close_object(j);
}

static void space_json(struct json_writer *j, const struct world *w, const char *space) {
    json_name(j, str_c(space));
    json_open_object(j);
    if (w->common_count > 0) {
        json_key(j, STR("commonTypes"));
        json_open_object(j);
        for (unsigned i = 0; i < w->common_count; i++) {
            struct type type = *w->commons[i];
            if (strcmp(type.space, space) == 0) {
                type.common = NULL;
                json_name(j, str_c(w->commons[i]->common));
                type_json(j, w, &type, true);
            }
        }
        json_close_object(j);
    }
    json_key(j, STR("entityTypes"));
    json_open_object(j);
    for (unsigned i = 0; i < w->type_count; i++) {
        if (strcmp(w->types[i].space, space) == 0) {
            entity_type_json(j, w, &w->types[i]);
        }
    }
    json_close_object(j);
    json_key(j, STR("actions"));
    json_open_object(j);
    for (unsigned i = 0; i < w->action_count; i++) {
        if (strcmp(w->actions[i].space, space) == 0) {
            action_json(j, w, &w->actions[i]);
        }
    }
    json_close_object(j);
    json_close_object(j);
}

void say_schema_json(struct maker *m, const struct world *w) {
    struct json_writer j;
    json_writer_init(&j, &m->out);
    json_open_object(&j);
    for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
        if (has_space(w, spaces[i])) {
            space_json(&j, w, spaces[i]);
        }
    }
    space_json(&j, w, "");
    json_close_object(&j);
}
