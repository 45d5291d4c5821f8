/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/resolve_int.h"

#include "cedar/value/sort.h"

static err qualify(struct resolver *r, str ns, str name, str *ret) {
    if (ns.len == 0) {
        *ret = name;
        return ERR_OK;
    }
    return arena_format(r->arena, ret, "%.*s::%.*s", STR_FMT(ns), STR_FMT(name));
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

/* Only in several texts, or in JSON; one text was checked by its reader. */
static err declared_twice(struct resolver *r, const char *what, str name,
                          const struct schema_place *place, const struct schema_place *first) {
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, place->name, "duplicate %s `%.*s`", what, STR_FMT(name));
    if (first->source != NULL && first->source != place->source && first->source->name.len > 0) {
        diag_help(r->diags, diag, "it is declared in %.*s as well", STR_FMT(first->source->name));
    }
    return ERR_SYNTAX;
}

static err declare_common(struct resolver *r, str ns, const struct fragment_common *decl) {
    struct resolve_common *common = ARENA_NEW(r->arena, struct resolve_common);
    if (common == NULL) {
        return arena_error(r->arena);
    }
    *common = (struct resolve_common){.decl = decl, .ns = ns};
    TRY(qualify(r, ns, decl->name, &common->made.name));
    common->made.annotations = decl->annotations;
    common->made.place = decl->place;
    void **first = map_find(&r->names->commons, common->made.name);
    if (first != NULL) {
        const struct resolve_common *other = *first;
        return declared_twice(r, "common type", common->made.name, &decl->place,
                              &other->decl->place);
    }
    TRY(map_add(&r->names->commons, common->made.name, common));
    return VEC_PUSH(r->arena, &r->commons, common) ? ERR_OK : arena_error(r->arena);
}

static err add_entity(struct resolver *r, struct resolve_entity *entity) {
    TRY(map_add(&r->names->entities, entity->type.name, entity));
    return VEC_PUSH(r->arena, &r->entities, entity) ? ERR_OK : arena_error(r->arena);
}

static err declare_entity(struct resolver *r, str ns, const struct fragment_entity *decl) {
    struct resolve_entity *entity = ARENA_NEW(r->arena, struct resolve_entity);
    if (entity == NULL) {
        return arena_error(r->arena);
    }
    *entity = (struct resolve_entity){.decl = decl, .ns = ns};
    entity->type.kind = decl->is_enum ? SCHEMA_ENTITY_ENUM : SCHEMA_ENTITY_PLAIN;
    entity->type.place = decl->place;
    entity->type.attrs = resolve_empty_record()->record;
    entity->type.annotations = decl->annotations;
    TRY(qualify(r, ns, decl->name, &entity->type.name));
    if (str_equal_c(decl->name, "Action")) {
        return ERR_OK; /* resolve_check refuses it; the name is that of the actions' type */
    }
    void **first = map_find(&r->names->entities, entity->type.name);
    if (first != NULL) {
        const struct resolve_entity *other = *first;
        return declared_twice(r, "entity type", entity->type.name, &decl->place,
                              &other->decl->place);
    }
    return add_entity(r, entity);
}

/* The type of a namespace's actions, made with its first action. */
static err declare_action_type(struct resolver *r, str ns, struct resolve_entity **ret_type,
                               struct map **ret_ids) {
    struct resolve_entity *type = ARENA_NEW(r->arena, struct resolve_entity);
    struct map *ids = ARENA_NEW(r->arena, struct map);
    if (type == NULL || ids == NULL) {
        return arena_error(r->arena);
    }
    *type = (struct resolve_entity){.ns = ns, .type.kind = SCHEMA_ENTITY_ACTION};
    type->type.attrs = resolve_empty_record()->record;
    TRY(qualify(r, ns, STR("Action"), &type->type.name));
    map_init(ids, r->arena, r->key);
    TRY(add_entity(r, type));
    TRY(map_add(&r->names->actions_by_type, type->type.name, ids));
    *ret_type = type;
    *ret_ids = ids;
    return ERR_OK;
}

static err action_twice(struct resolver *r, const struct resolve_action *action,
                        const struct resolve_action *first) {
    struct buf text;
    buf_init_arena(&text, r->arena, 4096);
    uid_format(&text, action->action.uid);
    return declared_twice(r, "action", buf_str(&text), &action->decl->place, &first->decl->place);
}

static err declare_action(struct resolver *r, str ns, const struct fragment_action *decl,
                          const struct resolve_entity *type, struct map *ids) {
    struct resolve_action *action = ARENA_NEW(r->arena, struct resolve_action);
    struct uid *uid = ARENA_NEW(r->arena, struct uid);
    if (action == NULL || uid == NULL) {
        return arena_error(r->arena);
    }
    *uid = uid_make(r->key, type->type.name, decl->id);
    *action = (struct resolve_action){.decl = decl, .ns = ns};
    action->action.uid = uid;
    action->action.type = &type->type;
    action->action.place = decl->place;
    action->action.annotations = decl->annotations;
    action->action.context = resolve_empty_record();
    void **first = map_find(ids, decl->id);
    if (first != NULL) {
        return action_twice(r, action, *first);
    }
    TRY(map_add(ids, decl->id, action));
    return VEC_PUSH(r->arena, &r->actions, action) ? ERR_OK : arena_error(r->arena);
}

static err declare_namespace(struct resolver *r, const struct fragment_namespace *ns, err *first) {
    for (size_t i = 0; i < ns->commons.count; i++) {
        resolve_enter(r, ns->commons.items[i].place.source);
        TRY(resolve_keep(declare_common(r, ns->name, &ns->commons.items[i]), first));
    }
    for (size_t i = 0; i < ns->entities.count; i++) {
        resolve_enter(r, ns->entities.items[i].place.source);
        TRY(resolve_keep(declare_entity(r, ns->name, &ns->entities.items[i]), first));
    }
    if (ns->actions.count == 0) {
        return ERR_OK;
    }
    struct resolve_entity *type = NULL;
    struct map *ids = NULL;
    TRY(declare_action_type(r, ns->name, &type, &ids));
    for (size_t i = 0; i < ns->actions.count; i++) {
        resolve_enter(r, ns->actions.items[i].place.source);
        TRY(resolve_keep(declare_action(r, ns->name, &ns->actions.items[i], type, ids), first));
    }
    return ERR_OK;
}

err resolve_declare(struct resolver *r) {
    r->names = ARENA_NEW(r->arena, struct schema_names);
    if (r->names == NULL) {
        return arena_error(r->arena);
    }
    map_init(&r->names->commons, r->arena, r->key);
    map_init(&r->names->entities, r->arena, r->key);
    map_init(&r->names->actions_by_type, r->arena, r->key);
    err first = ERR_OK;
    for (size_t i = 0; i < r->fragment->namespaces.count; i++) {
        TRY(declare_namespace(r, &r->fragment->namespaces.items[i], &first));
    }
    return first;
}

/* ---- rules for names ------------------------------------------------------------------------- */

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
static bool is_entity(const struct resolver *r, str name) {
    void **found = map_find(&r->names->entities, name);
    return found != NULL && ((const struct resolve_entity *)*found)->decl != NULL;
}

static bool is_declared(const struct resolver *r, str name) {
    return map_find(&r->names->commons, name) != NULL || is_entity(r, name);
}

/* RFC 70: what the empty namespace defines, no other may define. */
static err check_types(struct resolver *r) {
    err result = ERR_OK;
    for (size_t i = 0; i < r->commons.count; i++) {
        const struct resolve_common *common = r->commons.items[i];
        str name = common->decl->name;
        if (common->ns.len > 0 && is_declared(r, name)) {
            result = shadows(r, "definitions", common->made.name, name, &common->decl->place);
        }
    }
    for (size_t i = 0; i < r->entities.count; i++) {
        const struct resolve_entity *entity = r->entities.items[i];
        if (entity->ns.len > 0 && entity->decl != NULL && is_declared(r, entity->decl->name)) {
            result = shadows(r, "definitions", entity->type.name, entity->decl->name,
                             &entity->decl->place);
        }
    }
    return result;
}

static err check_actions(struct resolver *r) {
    err result = ERR_OK;
    void **unnamed = map_find(&r->names->actions_by_type, STR("Action"));
    for (size_t i = 0; unnamed != NULL && i < r->actions.count; i++) {
        const struct resolve_action *action = r->actions.items[i];
        if (action->ns.len > 0 && map_find(*unnamed, action->decl->id) != NULL) {
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
        if (is_entity(r, common->made.name)) {
            diag_add(r->diags, DIAG_WARNING, common->decl->place.name,
                     "The common type name %.*s shadows an entity name",
                     STR_FMT(common->decl->name));
        }
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
    const struct uid *left = (*(struct resolve_action *const *)a)->action.uid;
    const struct uid *right = (*(struct resolve_action *const *)b)->action.uid;
    int order = str_compare(uid_type(left), uid_type(right));
    return order != 0 ? order : str_compare(uid_id(left), uid_id(right));
}

err resolve_check(struct resolver *r) {
    err result = ERR_OK;
    for (size_t i = 0; i < r->fragment->namespaces.count; i++) {
        TRY(resolve_keep(check_actions_of(r, &r->fragment->namespaces.items[i]), &result));
    }
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
