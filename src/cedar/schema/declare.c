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

static err declared_twice(struct resolver *r, str name, struct ast_span span) {
    diag_add(r->diags, DIAG_ERROR, span, "error parsing schema: `%.*s` is declared twice",
             STR_FMT(name));
    return ERR_SYNTAX;
}

static err declare_common(struct resolver *r, str ns, const struct fragment_common *decl) {
    struct resolve_common *common = ARENA_NEW(r->arena, struct resolve_common);
    if (common == NULL) {
        return arena_error(r->arena);
    }
    *common = (struct resolve_common){.decl = decl, .ns = ns};
    TRY(qualify(r, ns, decl->name, &common->name));
    err result = map_add(&r->commons_by_name, common->name, common);
    if (result == ERR_EXISTS) {
        return declared_twice(r, decl->name, decl->span);
    }
    TRY(result);
    return VEC_PUSH(r->arena, &r->commons, common) ? ERR_OK : arena_error(r->arena);
}

static err add_entity(struct resolver *r, struct resolve_entity *entity) {
    TRY(map_add(&r->entities_by_name, entity->type.name, entity));
    return VEC_PUSH(r->arena, &r->entities, entity) ? ERR_OK : arena_error(r->arena);
}

static err declare_entity(struct resolver *r, str ns, const struct fragment_entity *decl) {
    if (str_equal_c(decl->name, "Action")) {
        struct diag *diag =
            diag_add(r->diags, DIAG_ERROR, decl->span, "entity type `Action` is declared");
        diag_help(r->diags, diag, "the type `Action` comes with the actions themselves");
        return ERR_SYNTAX;
    }
    struct resolve_entity *entity = ARENA_NEW(r->arena, struct resolve_entity);
    if (entity == NULL) {
        return arena_error(r->arena);
    }
    *entity = (struct resolve_entity){.decl = decl, .ns = ns};
    entity->type.kind = decl->is_enum ? SCHEMA_ENTITY_ENUM : SCHEMA_ENTITY_PLAIN;
    entity->type.span = decl->span;
    entity->type.attrs = resolve_empty_record()->record;
    entity->type.annotations = decl->annotations;
    TRY(qualify(r, ns, decl->name, &entity->type.name));
    err result = add_entity(r, entity);
    return result == ERR_EXISTS ? declared_twice(r, decl->name, decl->span) : result;
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
    map_init(ids, r->arena, &r->schema->key);
    TRY(add_entity(r, type));
    TRY(map_add(&r->actions_by_type, type->type.name, ids));
    *ret_type = type;
    *ret_ids = ids;
    return ERR_OK;
}

static err declare_action(struct resolver *r, str ns, const struct fragment_action *decl,
                          const struct resolve_entity *type, struct map *ids) {
    struct resolve_action *action = ARENA_NEW(r->arena, struct resolve_action);
    struct uid *uid = ARENA_NEW(r->arena, struct uid);
    if (action == NULL || uid == NULL) {
        return arena_error(r->arena);
    }
    *uid = uid_make(&r->schema->key, type->type.name, decl->id);
    *action = (struct resolve_action){.decl = decl, .ns = ns};
    action->action.uid = uid;
    action->action.type = &type->type;
    action->action.span = decl->span;
    action->action.annotations = decl->annotations;
    action->action.context = resolve_empty_record();
    err result = map_add(ids, decl->id, action);
    if (result == ERR_EXISTS) {
        return declared_twice(r, decl->id, decl->span);
    }
    TRY(result);
    return VEC_PUSH(r->arena, &r->actions, action) ? ERR_OK : arena_error(r->arena);
}

static err declare_namespace(struct resolver *r, const struct fragment_namespace *ns) {
    for (size_t i = 0; i < ns->commons.count; i++) {
        TRY(declare_common(r, ns->name, &ns->commons.items[i]));
    }
    for (size_t i = 0; i < ns->entities.count; i++) {
        TRY(declare_entity(r, ns->name, &ns->entities.items[i]));
    }
    if (ns->actions.count == 0) {
        return ERR_OK;
    }
    struct resolve_entity *type = NULL;
    struct map *ids = NULL;
    TRY(declare_action_type(r, ns->name, &type, &ids));
    for (size_t i = 0; i < ns->actions.count; i++) {
        TRY(declare_action(r, ns->name, &ns->actions.items[i], type, ids));
    }
    return ERR_OK;
}

static err shadows(struct resolver *r, str full, str name, struct ast_span span) {
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, span,
                 "definition of `%.*s` illegally shadows the existing definition of `%.*s`",
                 STR_FMT(full), STR_FMT(name));
    diag_help(r->diags, diag,
              "try renaming one of the definitions, or moving `%.*s` to a different namespace",
              STR_FMT(name));
    return ERR_SYNTAX;
}

/* RFC 70: what the empty namespace defines, no other may define. */
static err check_shadowing(struct resolver *r) {
    for (size_t i = 0; i < r->commons.count; i++) {
        const struct resolve_common *common = r->commons.items[i];
        str name = common->decl->name;
        if (common->ns.len > 0 && (map_find(&r->commons_by_name, name) != NULL ||
                                   map_find(&r->entities_by_name, name) != NULL)) {
            return shadows(r, common->name, name, common->decl->span);
        }
    }
    for (size_t i = 0; i < r->entities.count; i++) {
        const struct resolve_entity *entity = r->entities.items[i];
        if (entity->ns.len == 0 || entity->decl == NULL) {
            continue;
        }
        str name = entity->decl->name;
        if (map_find(&r->commons_by_name, name) != NULL ||
            map_find(&r->entities_by_name, name) != NULL) {
            return shadows(r, entity->type.name, name, entity->decl->span);
        }
    }
    void **unnamed = map_find(&r->actions_by_type, STR("Action"));
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
            return shadows(r, buf_str(&full), buf_str(&name), action->decl->span);
        }
    }
    return ERR_OK;
}

static void warn_builtin(struct resolver *r, str name, struct ast_span span) {
    if (resolve_builtin(name) != NULL) {
        diag_add(r->diags, DIAG_WARNING, span,
                 "The name `%.*s` shadows a builtin Cedar name. You'll have to refer to the "
                 "builtin as `__cedar::%.*s`.",
                 STR_FMT(name), STR_FMT(name));
    }
}

static void warn_shadowing(struct resolver *r) {
    for (size_t i = 0; i < r->commons.count; i++) {
        const struct resolve_common *common = r->commons.items[i];
        if (map_find(&r->entities_by_name, common->name) != NULL) {
            diag_add(r->diags, DIAG_WARNING, common->decl->span,
                     "The common type name %.*s shadows an entity name",
                     STR_FMT(common->decl->name));
        }
        warn_builtin(r, common->decl->name, common->decl->span);
    }
    for (size_t i = 0; i < r->entities.count; i++) {
        const struct resolve_entity *entity = r->entities.items[i];
        if (entity->decl != NULL) {
            warn_builtin(r, entity->decl->name, entity->decl->span);
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

err resolve_declare(struct resolver *r) {
    map_init(&r->commons_by_name, r->arena, &r->schema->key);
    map_init(&r->entities_by_name, r->arena, &r->schema->key);
    map_init(&r->actions_by_type, r->arena, &r->schema->key);
    for (size_t i = 0; i < r->fragment->namespaces.count; i++) {
        TRY(declare_namespace(r, &r->fragment->namespaces.items[i]));
    }
    TRY(check_shadowing(r));
    warn_shadowing(r);
    sort_items(r->entities.items, r->entities.count, sizeof *r->entities.items, compare_entities);
    sort_items(r->actions.items, r->actions.count, sizeof *r->actions.items, compare_actions);
    for (size_t i = 0; i < r->entities.count; i++) {
        r->entities.items[i]->type.index = (uint32_t)i;
    }
    for (size_t i = 0; i < r->actions.count; i++) {
        r->actions.items[i]->action.index = (uint32_t)i;
    }
    return ERR_OK;
}
