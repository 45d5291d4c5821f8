/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/resolve_int.h"

#include "cedar/value/sort.h"

/* Full names are written out, so a long namespace is copied for all that is declared in it: all
 * names together may be this long. */
enum { NAME_BYTES_MAX = 256 * 1024 * 1024 };

static err names_too_long(struct resolver *r, const struct schema_place *place) {
    const struct ast_span nowhere = {0, 0};
    diag_add(r->diags, DIAG_ERROR, place == NULL ? nowhere : place->name,
             "the names of namespaces are too long for what is declared in them");
    return ERR_LIMIT;
}

/* `place` is for a finding. */
static err qualify(struct resolver *r, const struct schema_space *space, str name,
                   const struct schema_place *place, str *ret) {
    if (space->name.len == 0) {
        *ret = name;
        return ERR_OK;
    }
    size_t length = space->name.len + 2 + name.len;
    if (length > NAME_BYTES_MAX - r->name_bytes) {
        return names_too_long(r, place);
    }
    r->name_bytes += length;
    char *full = arena_alloc(r->arena, length);
    if (full == NULL) {
        return arena_error(r->arena);
    }
    memcpy(full, space->name.ptr, space->name.len);
    memcpy(full + space->name.len, "::", 2);
    memcpy(full + space->name.len + 2, name.ptr, name.len);
    *ret = str_make(full, length);
    return ERR_OK;
}

const struct schema_source *resolve_enter(struct resolver *r, const struct schema_source *source) {
    const struct schema_source *before = r->source;
    r->source = source;
    if (source != NULL && r->diags != NULL) {
        r->diags->source_name = source->name;
        r->diags->source_text = source->text;
    }
    return before;
}

static void other_place(struct diag *diag, const struct schema_place *place) {
    if (diag != NULL && place->source != NULL) {
        diag->other = (struct diag_other){.is_there = true,
                                          .span = place->name,
                                          .source_name = place->source->name,
                                          .source_text = place->source->text};
    }
}

/* Only in several texts, or in JSON; one text was checked by its reader. */
static err declared_twice(struct resolver *r, const char *what, str name,
                          const struct schema_place *place, const struct schema_place *first) {
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, place->name, "duplicate %s `%.*s`", what, STR_FMT(name));
    other_place(diag, first);
    if (first->source != NULL && first->source != place->source && first->source->name.len > 0) {
        diag_help(r->diags, diag, "it is declared in %.*s as well", STR_FMT(first->source->name));
    }
    return ERR_SYNTAX;
}

static err declare_common(struct resolver *r, struct schema_space *space,
                          const struct fragment_common *decl) {
    struct resolve_common *common = ARENA_NEW(r->arena, struct resolve_common);
    if (common == NULL) {
        return arena_error(r->arena);
    }
    *common = (struct resolve_common){.decl = decl, .space = space};
    TRY(qualify(r, space, decl->name, &decl->place, &common->made.name));
    common->made.annotations = decl->annotations;
    common->made.place = decl->place;
    void **first = map_find(&space->commons, decl->name);
    if (first != NULL) {
        const struct resolve_common *other = *first;
        return declared_twice(r, "common type", common->made.name, &decl->place,
                              &other->decl->place);
    }
    TRY(map_add(&space->commons, decl->name, common));
    return VEC_PUSH(r->arena, &r->commons, common) ? ERR_OK : arena_error(r->arena);
}

static err add_entity(struct resolver *r, struct schema_space *space, str name,
                      struct resolve_entity *entity) {
    TRY(map_add(&space->entities, name, entity));
    return VEC_PUSH(r->arena, &r->entities, entity) ? ERR_OK : arena_error(r->arena);
}

static err declare_entity(struct resolver *r, struct schema_space *space,
                          const struct fragment_entity *decl) {
    struct resolve_entity *entity = ARENA_NEW(r->arena, struct resolve_entity);
    if (entity == NULL) {
        return arena_error(r->arena);
    }
    *entity = (struct resolve_entity){.decl = decl, .space = space};
    entity->type.kind = decl->is_enum ? SCHEMA_ENTITY_ENUM : SCHEMA_ENTITY_PLAIN;
    entity->type.place = decl->place;
    entity->type.attrs = resolve_empty_record()->record;
    entity->type.annotations = decl->annotations;
    TRY(qualify(r, space, decl->name, &decl->place, &entity->type.name));
    if (str_equal_c(decl->name, "Action")) {
        return ERR_OK; /* check_actions_of refuses it; the name is that of the actions' type */
    }
    void **first = map_find(&space->entities, decl->name);
    if (first != NULL) {
        const struct resolve_entity *other = *first;
        return declared_twice(r, "entity type", entity->type.name, &decl->place,
                              &other->decl->place);
    }
    return add_entity(r, space, decl->name, entity);
}

/* The type of a namespace's actions, made with its first action. */
static err declare_action_type(struct resolver *r, struct schema_space *space) {
    struct resolve_entity *type = ARENA_NEW(r->arena, struct resolve_entity);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    *type = (struct resolve_entity){.space = space, .type.kind = SCHEMA_ENTITY_ACTION};
    type->type.attrs = resolve_empty_record()->record;
    TRY(qualify(r, space, STR("Action"), NULL, &type->type.name));
    space->action_type = type;
    space->action_type_hash = hash_bytes(r->key, type->type.name);
    return add_entity(r, space, STR("Action"), type);
}

static err action_twice(struct resolver *r, const struct resolve_action *action,
                        const struct resolve_action *first) {
    struct buf text;
    buf_init_arena(&text, r->arena, 4096);
    uid_format(&text, action->action.uid);
    return declared_twice(r, "action", buf_str(&text), &action->decl->place, &first->decl->place);
}

static err declare_action(struct resolver *r, struct schema_space *space,
                          const struct fragment_action *decl) {
    struct resolve_action *action = ARENA_NEW(r->arena, struct resolve_action);
    struct uid *uid = ARENA_NEW(r->arena, struct uid);
    if (action == NULL || uid == NULL) {
        return arena_error(r->arena);
    }
    const struct schema_entity_type *type = &space->action_type->type;
    *uid = uid_make_hashed(r->key, type->name, space->action_type_hash, decl->id);
    *action = (struct resolve_action){.decl = decl, .space = space};
    action->action.uid = uid;
    action->action.type = type;
    action->action.place = decl->place;
    action->action.annotations = decl->annotations;
    action->action.context = resolve_empty_record();
    void **first = map_find(&space->actions, decl->id);
    if (first != NULL) {
        return action_twice(r, action, *first);
    }
    TRY(map_add(&space->actions, decl->id, action));
    return VEC_PUSH(r->arena, &r->actions, action) ? ERR_OK : arena_error(r->arena);
}

static err declare_in(struct resolver *r, const struct fragment_namespace *ns,
                      struct schema_space *space, err *first) {
    for (size_t i = 0; i < ns->commons.count; i++) {
        resolve_enter(r, ns->commons.items[i].place.source);
        TRY(resolve_keep(declare_common(r, space, &ns->commons.items[i]), first));
    }
    for (size_t i = 0; i < ns->entities.count; i++) {
        resolve_enter(r, ns->entities.items[i].place.source);
        TRY(resolve_keep(declare_entity(r, space, &ns->entities.items[i]), first));
    }
    if (ns->actions.count == 0) {
        return ERR_OK;
    }
    TRY(declare_action_type(r, space));
    for (size_t i = 0; i < ns->actions.count; i++) {
        resolve_enter(r, ns->actions.items[i].place.source);
        TRY(resolve_keep(declare_action(r, space, &ns->actions.items[i]), first));
    }
    return ERR_OK;
}

static err add_space(struct resolver *r, str name, struct schema_space **ret) {
    struct schema_space *space = ARENA_NEW(r->arena, struct schema_space);
    if (space == NULL) {
        return arena_error(r->arena);
    }
    *space = (struct schema_space){.name = name};
    map_init(&space->commons, r->arena, r->key);
    map_init(&space->entities, r->arena, r->key);
    map_init(&space->actions, r->arena, r->key);
    *ret = space;
    return map_add(&r->names->spaces, name, space);
}

/* What no schema may have, wherever the rest of it is. */
static err check_actions_of(struct resolver *r, const struct fragment_namespace *ns) {
    err result = ERR_OK;
    for (size_t i = 0; i < ns->entities.count; i++) {
        const struct fragment_entity *entity = &ns->entities.items[i];
        if (str_equal_c(entity->name, "Action")) {
            resolve_enter(r, entity->place.source);
            diag_add(r->diags, DIAG_ERROR, entity->place.name,
                     "entity type `Action` declared in `entityTypes` list");
            result = ERR_SYNTAX;
        }
    }
    for (size_t i = 0; i < ns->actions.count; i++) {
        const struct fragment_action *action = &ns->actions.items[i];
        if (action->has_attributes) {
            resolve_enter(r, action->place.source);
            diag_add(r->diags, DIAG_ERROR, action->place.name,
                     "unsupported feature used in schema: action declared with attributes: [%.*s]",
                     STR_FMT(action->id));
            result = ERR_SYNTAX;
        }
    }
    return result;
}

err resolve_declare(struct resolver *r) {
    struct schema_names *names = ARENA_NEW(r->arena, struct schema_names);
    if (names == NULL) {
        return arena_error(r->arena);
    }
    r->names = names;
    map_init(&names->spaces, r->arena, r->key);
    TRY(add_space(r, STR(""), &names->unnamed));
    err first = ERR_OK;
    for (size_t i = 0; i < r->fragment->namespaces.count; i++) {
        const struct fragment_namespace *ns = &r->fragment->namespaces.items[i];
        struct schema_space *space = names->unnamed;
        if (ns->name.len > 0) {
            TRY(add_space(r, ns->name, &space));
        }
        TRY(declare_in(r, ns, space, &first));
        TRY(resolve_keep(check_actions_of(r, ns), &first));
    }
    return first;
}

/* ---- rules for names ------------------------------------------------------------------------- */

static err shadows(struct resolver *r, const char *what, str full, str name,
                   const struct schema_place *place) {
    resolve_enter(r, place->source);
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, place->whole,
                 "definition of `%.*s` illegally shadows the existing definition of `%.*s`",
                 STR_FMT(full), STR_FMT(name));
    diag_help(r->diags, diag,
              "try renaming one of the %s, or moving `%.*s` to a different namespace", what,
              STR_FMT(name));
    return ERR_SYNTAX;
}

/* The types of actions come by themselves and hide nothing. */
static bool is_entity(const struct schema_space *space, str name) {
    void **found = map_find(&space->entities, name);
    return found != NULL && ((const struct resolve_entity *)*found)->decl != NULL;
}

/* RFC 70: what the empty namespace defines, no other may define. */
static bool hides_unnamed(const struct resolver *r, const struct schema_space *space, str name) {
    const struct schema_space *unnamed = r->names->unnamed;
    return space != unnamed &&
           (map_find(&unnamed->commons, name) != NULL || is_entity(unnamed, name));
}

static err check_types(struct resolver *r) {
    err result = ERR_OK;
    for (size_t i = 0; i < r->commons.count; i++) {
        const struct resolve_common *common = r->commons.items[i];
        str name = common->decl->name;
        if (hides_unnamed(r, common->space, name)) {
            result = shadows(r, "definitions", common->made.name, name, &common->decl->place);
        }
    }
    for (size_t i = 0; i < r->entities.count; i++) {
        const struct resolve_entity *entity = r->entities.items[i];
        if (entity->decl != NULL && hides_unnamed(r, entity->space, entity->decl->name)) {
            result = shadows(r, "definitions", entity->type.name, entity->decl->name,
                             &entity->decl->place);
        }
    }
    return result;
}

static err check_actions(struct resolver *r) {
    err result = ERR_OK;
    const struct schema_space *unnamed = r->names->unnamed;
    for (size_t i = 0; i < r->actions.count; i++) {
        const struct resolve_action *action = r->actions.items[i];
        if (action->space != unnamed && map_find(&unnamed->actions, action->decl->id) != NULL) {
            struct buf full;
            struct buf name;
            const struct uid shadowed = uid_unhashed(STR("Action"), action->decl->id);
            buf_init_arena(&full, r->arena, 4096);
            buf_init_arena(&name, r->arena, 4096);
            uid_format(&full, action->action.uid);
            uid_format(&name, &shadowed);
            result = shadows(r, "actions", buf_str(&full), buf_str(&name), &action->decl->place);
        }
    }
    return result;
}

static void warn_entity(struct resolver *r, const struct resolve_common *common) {
    void **found = map_find(&common->space->entities, common->decl->name);
    const struct resolve_entity *entity = found == NULL ? NULL : *found;
    if (entity == NULL || entity->decl == NULL) {
        return;
    }
    struct diag *diag =
        diag_add(r->diags, DIAG_WARNING, common->decl->place.name,
                 "The common type name %.*s shadows an entity name", STR_FMT(common->decl->name));
    other_place(diag, &entity->decl->place);
}

static void warn_builtin(struct resolver *r, str name, struct ast_span span) {
    if (resolve_builtin(name) != NULL) {
        diag_add(r->diags, DIAG_WARNING, span,
                 "The name `%.*s` shadows a builtin Cedar name. You'll have to refer to the "
                 "builtin as `__cedar::%.*s`.",
                 STR_FMT(name), STR_FMT(name));
    }
}

void resolve_warn(struct resolver *r) {
    for (size_t i = 0; i < r->commons.count; i++) {
        const struct resolve_common *common = r->commons.items[i];
        resolve_enter(r, common->decl->place.source);
        warn_entity(r, common);
        warn_builtin(r, common->decl->name, common->decl->place.name);
    }
    for (size_t i = 0; i < r->entities.count; i++) {
        const struct resolve_entity *entity = r->entities.items[i];
        if (entity->decl != NULL) {
            resolve_enter(r, entity->decl->place.source);
            warn_builtin(r, entity->decl->name, entity->decl->place.name);
        }
    }
}

static int compare_entities(const void *a, const void *b) {
    const struct resolve_entity *left = *(struct resolve_entity *const *)a;
    const struct resolve_entity *right = *(struct resolve_entity *const *)b;
    return str_compare(left->type.name, right->type.name);
}

static int compare_actions(const void *a, const void *b) {
    const struct schema_action *left = &(*(struct resolve_action *const *)a)->action;
    const struct schema_action *right = &(*(struct resolve_action *const *)b)->action;
    int order = left->type == right->type ? 0 : str_compare(left->type->name, right->type->name);
    return order != 0 ? order : str_compare(uid_id(left->uid), uid_id(right->uid));
}

err resolve_check(struct resolver *r) {
    err result = ERR_OK;
    TRY(resolve_keep(check_types(r), &result));
    TRY(resolve_keep(check_actions(r), &result));
    sort_items(r->entities.items, r->entities.count, sizeof *r->entities.items, compare_entities);
    sort_items(r->actions.items, r->actions.count, sizeof *r->actions.items, compare_actions);
    for (size_t i = 0; i < r->entities.count; i++) {
        r->entities.items[i]->type.index = (uint32_t)i;
    }
    for (size_t i = 0; i < r->actions.count; i++) {
        r->actions.items[i]->action.index = (uint32_t)i;
    }
    return result;
}
