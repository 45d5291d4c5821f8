/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/resolve_int.h"

#include "cedar/value/sort.h"

static err not_record(struct resolver *r, struct ast_span span, const char *what, str name,
                      const char *help) {
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, span, "%s %.*s is declared with a type other than `Record`",
                 what, STR_FMT(name));
    diag_help(r->diags, diag, "%s must have type `Record`", help);
    return ERR_SYNTAX;
}

static int compare_entity_types(const void *a, const void *b) {
    uint32_t left = (*(const struct schema_entity_type *const *)a)->index;
    uint32_t right = (*(const struct schema_entity_type *const *)b)->index;
    return left < right ? -1 : left > right;
}

/* Binds names of entity types; sorted by index, each once. */
static err resolve_entity_names(struct resolver *r, const struct schema_space *space,
                                const struct fragment_names *names,
                                const struct schema_entity_type *const **ret, size_t *ret_count) {
    const struct schema_entity_type **types =
        ARENA_ARRAY(r->arena, const struct schema_entity_type *, names->count);
    if (types == NULL) {
        return arena_error(r->arena);
    }
    err result = ERR_OK;
    for (size_t i = 0; i < names->count; i++) {
        struct resolve_target target;
        TRY(resolve_keep(resolve_name(r, space, names->items[i].text, names->items[i].span,
                                      RESOLVE_ENTITY, &target),
                         &result));
        types[i] = target.entity;
    }
    TRY(result);
    sort_items(types, names->count, sizeof *types, compare_entity_types);
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (kept == 0 || types[kept - 1] != types[i]) {
            types[kept++] = types[i];
        }
    }
    *ret = types;
    *ret_count = kept;
    return ERR_OK;
}

static err resolve_shape(struct resolver *r, struct resolve_entity *entity) {
    const struct schema_type *shape;
    if (entity->decl->shape == NULL) {
        return ERR_OK;
    }
    TRY(resolve_type(r, entity->space, entity->decl->shape, &shape));
    if (shape->kind != SCHEMA_RECORD) {
        return not_record(r, entity->decl->shape->span, "Shape for entity type", entity->type.name,
                          "entity type shapes");
    }
    entity->type.attrs = shape->record;
    return ERR_OK;
}

static err resolve_entity(struct resolver *r, struct resolve_entity *entity) {
    const struct fragment_entity *decl = entity->decl;
    struct schema_entity_type *type = &entity->type;
    if (decl->is_enum) {
        type->id_count = decl->id_count;
        type->ids = decl->ids;
        return ERR_OK;
    }
    err result = ERR_OK;
    TRY(resolve_keep(
        resolve_entity_names(r, entity->space, &decl->parents, &type->parents, &type->parent_count),
        &result));
    TRY(resolve_keep(resolve_shape(r, entity), &result));
    if (decl->tags != NULL) {
        TRY(resolve_keep(resolve_type(r, entity->space, decl->tags, &type->tags), &result));
    }
    return result;
}

static err undeclared_action(struct resolver *r, const struct fragment_action_ref *ref) {
    struct buf text;
    const struct uid uid = uid_unhashed(ref->type.ptr == NULL ? STR("Action") : ref->type, ref->id);
    buf_init_arena(&text, r->arena, 4096);
    uid_format(&text, &uid);
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, ref->span, "undeclared action: %.*s",
                                 STR_FMT(buf_str(&text)));
    diag_help(r->diags, diag, "any actions appearing as parents need to be declared as actions");
    return ERR_SYNTAX;
}

static int compare_resolved(const void *a, const void *b) {
    uint32_t left = (*(struct resolve_action *const *)a)->action.index;
    uint32_t right = (*(struct resolve_action *const *)b)->action.index;
    return left < right ? -1 : left > right;
}

static err resolve_action_parents(struct resolver *r, struct resolve_action *action) {
    const struct fragment_action *decl = action->decl;
    size_t count = decl->parent_count;
    struct resolve_action **parents = ARENA_ARRAY(r->arena, struct resolve_action *, count);
    const struct uid **uids = ARENA_ARRAY(r->arena, const struct uid *, count);
    if (parents == NULL || uids == NULL) {
        return arena_error(r->arena);
    }
    err result = ERR_OK;
    for (size_t i = 0; i < count; i++) {
        parents[i] = names_find_action(r->names, action->space, &decl->parents[i]);
        if (parents[i] == NULL) {
            result = undeclared_action(r, &decl->parents[i]);
        }
    }
    TRY(result);
    sort_items(parents, count, sizeof *parents, compare_resolved);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || parents[kept - 1] != parents[i]) {
            uids[kept] = parents[i]->action.uid;
            parents[kept++] = parents[i];
        }
    }
    action->parents = parents;
    action->action.parents = uids;
    action->action.parent_count = kept;
    return ERR_OK;
}

static err resolve_context(struct resolver *r, struct resolve_action *action) {
    struct schema_action *made = &action->action;
    if (action->decl->context == NULL) {
        return ERR_OK;
    }
    TRY(resolve_type(r, action->space, action->decl->context, &made->context));
    if (made->context->kind != SCHEMA_RECORD) {
        struct buf text;
        buf_init_arena(&text, r->arena, 4096);
        uid_format(&text, made->uid);
        return not_record(r, action->decl->context->span, "Context for action", buf_str(&text),
                          "action contexts");
    }
    return ERR_OK;
}

static err resolve_action(struct resolver *r, struct resolve_action *action) {
    const struct fragment_action *decl = action->decl;
    struct schema_action *made = &action->action;
    err result = ERR_OK;
    TRY(resolve_keep(resolve_action_parents(r, action), &result));
    TRY(resolve_keep(resolve_entity_names(r, action->space, &decl->principals, &made->principals,
                                          &made->principal_count),
                     &result));
    TRY(resolve_keep(resolve_entity_names(r, action->space, &decl->resources, &made->resources,
                                          &made->resource_count),
                     &result));
    TRY(resolve_keep(resolve_context(r, action), &result));
    return result;
}

static err resolve_declarations(struct resolver *r) {
    err first = ERR_OK;
    const struct schema_type *unused;
    for (size_t i = 0; i < r->commons.count; i++) {
        TRY(resolve_keep(resolve_common_type(r, r->commons.items[i], &unused), &first));
    }
    for (size_t i = 0; i < r->entities.count; i++) {
        if (r->entities.items[i]->decl != NULL) {
            resolve_enter(r, r->entities.items[i]->decl->place.source);
            TRY(resolve_keep(resolve_entity(r, r->entities.items[i]), &first));
        }
    }
    for (size_t i = 0; i < r->actions.count; i++) {
        resolve_enter(r, r->actions.items[i]->decl->place.source);
        TRY(resolve_keep(resolve_action(r, r->actions.items[i]), &first));
    }
    return first;
}

static err close_graph(struct resolver *r, const struct closure_edges *edges, size_t count,
                       const char *what, const struct closure_edges **ret) {
    err result = schema_closure(r->arena, edges, count, ret);
    if (result == ERR_LIMIT && !arena_has_failed(r->arena)) {
        diag_add(r->diags, DIAG_ERROR, (struct ast_span){0, 0}, "the hierarchy of %s is too large",
                 what);
    }
    return result;
}

static err close_entities(struct resolver *r) {
    size_t count = r->entities.count;
    struct closure_edges *edges = ARENA_ARRAY(r->arena, struct closure_edges, count);
    if (edges == NULL) {
        return arena_error(r->arena);
    }
    for (size_t i = 0; i < count; i++) {
        const struct schema_entity_type *type = &r->entities.items[i]->type;
        uint32_t *items = ARENA_ARRAY(r->arena, uint32_t, type->parent_count);
        if (items == NULL) {
            return arena_error(r->arena);
        }
        for (size_t k = 0; k < type->parent_count; k++) {
            items[k] = type->parents[k]->index;
        }
        edges[i] = (struct closure_edges){type->parent_count, items};
    }
    const struct closure_edges *closed = NULL;
    TRY(close_graph(r, edges, count, "entity types", &closed));
    for (size_t i = 0; i < count; i++) {
        const struct schema_entity_type **ancestors =
            ARENA_ARRAY(r->arena, const struct schema_entity_type *, closed[i].count);
        if (ancestors == NULL) {
            return arena_error(r->arena);
        }
        for (size_t k = 0; k < closed[i].count; k++) {
            ancestors[k] = &r->entities.items[closed[i].items[k]]->type;
        }
        r->entities.items[i]->type.ancestors = ancestors;
        r->entities.items[i]->type.ancestor_count = closed[i].count;
    }
    return ERR_OK;
}

static err action_cycle(struct resolver *r, const struct resolve_action *action) {
    struct buf text;
    buf_init_arena(&text, r->arena, 4096);
    uid_format(&text, action->action.uid);
    resolve_enter(r, action->decl->place.source);
    diag_add(r->diags, DIAG_ERROR, action->decl->place.name,
             "cycle in action hierarchy containing `%.*s`", STR_FMT(buf_str(&text)));
    return ERR_SYNTAX;
}

static err action_edges(struct resolver *r, const struct closure_edges **ret) {
    size_t count = r->actions.count;
    struct closure_edges *edges = ARENA_ARRAY(r->arena, struct closure_edges, count);
    if (edges == NULL) {
        return arena_error(r->arena);
    }
    for (size_t i = 0; i < count; i++) {
        const struct schema_action *action = &r->actions.items[i]->action;
        uint32_t *items = ARENA_ARRAY(r->arena, uint32_t, action->parent_count);
        if (items == NULL) {
            return arena_error(r->arena);
        }
        for (size_t k = 0; k < action->parent_count; k++) {
            items[k] = r->actions.items[i]->parents[k]->action.index;
        }
        edges[i] = (struct closure_edges){action->parent_count, items};
    }
    *ret = edges;
    return ERR_OK;
}

static err close_actions(struct resolver *r) {
    size_t count = r->actions.count;
    const struct closure_edges *edges = NULL;
    const struct closure_edges *closed = NULL;
    TRY(action_edges(r, &edges));
    TRY(close_graph(r, edges, count, "actions", &closed));
    for (size_t i = 0; i < count; i++) {
        struct resolve_action *action = r->actions.items[i];
        const struct uid **ancestors = ARENA_ARRAY(r->arena, const struct uid *, closed[i].count);
        if (ancestors == NULL) {
            return arena_error(r->arena);
        }
        for (size_t k = 0; k < closed[i].count; k++) {
            if (closed[i].items[k] == i) {
                return action_cycle(r, action);
            }
            ancestors[k] = r->actions.items[closed[i].items[k]]->action.uid;
        }
        action->action.ancestors = ancestors;
        action->action.ancestor_count = closed[i].count;
    }
    return ERR_OK;
}

static int compare_commons(const void *a, const void *b) {
    const struct schema_common *left = *(const struct schema_common *const *)a;
    const struct schema_common *right = *(const struct schema_common *const *)b;
    return str_compare(left->name, right->name);
}

static err publish_commons(struct resolver *r, struct schema *schema) {
    const struct schema_common **commons =
        ARENA_ARRAY(r->arena, const struct schema_common *, r->commons.count);
    if (commons == NULL) {
        return arena_error(r->arena);
    }
    for (size_t i = 0; i < r->commons.count; i++) {
        commons[i] = &r->commons.items[i]->made;
    }
    sort_items(commons, r->commons.count, sizeof *commons, compare_commons);
    schema->commons = commons;
    schema->common_count = r->commons.count;
    return ERR_OK;
}

static err publish_entity_types(struct resolver *r, struct schema *schema) {
    const struct schema_entity_type **types =
        ARENA_ARRAY(r->arena, const struct schema_entity_type *, r->entities.count);
    if (types == NULL) {
        return arena_error(r->arena);
    }
    map_init(&schema->entity_types_by_name, r->arena, r->key);
    for (size_t i = 0; i < r->entities.count; i++) {
        types[i] = &r->entities.items[i]->type;
        TRY(map_add(&schema->entity_types_by_name, types[i]->name, &r->entities.items[i]->type));
    }
    schema->entity_types = types;
    schema->entity_type_count = r->entities.count;
    return ERR_OK;
}

static err publish_actions_of(struct resolver *r, const struct schema_space *space,
                              struct schema *schema, const struct schema_action **actions) {
    struct map *ids = ARENA_NEW(r->arena, struct map);
    if (ids == NULL) {
        return arena_error(r->arena);
    }
    map_init(ids, r->arena, r->key);
    for (size_t i = 0; i < space->actions.entries.count; i++) {
        struct resolve_action *action = space->actions.entries.items[i].value;
        TRY(map_add(ids, space->actions.entries.items[i].key, &action->action));
        actions[action->action.index] = &action->action;
    }
    return map_add(&schema->actions_by_type, space->action_type->type.name, ids);
}

static err publish_actions(struct resolver *r, struct schema *schema) {
    const struct schema_action **actions =
        ARENA_ARRAY(r->arena, const struct schema_action *, r->actions.count);
    if (actions == NULL) {
        return arena_error(r->arena);
    }
    map_init(&schema->actions_by_type, r->arena, r->key);
    for (size_t i = 0; i < r->names->spaces.entries.count; i++) {
        const struct schema_space *space = r->names->spaces.entries.items[i].value;
        if (space->action_type != NULL) {
            TRY(publish_actions_of(r, space, schema, actions));
        }
    }
    schema->actions = actions;
    schema->action_count = r->actions.count;
    return ERR_OK;
}

err fragment_declare(struct arena *a, const struct hash_key *key, const struct fragment *fragment,
                     struct diag_list *diags, const struct schema_names **ret) {
    struct resolver r = {.arena = a, .diags = diags, .key = key, .fragment = fragment};
    TRY(resolve_declare(&r));
    resolve_warn(&r);
    *ret = r.names;
    return ERR_OK;
}

err fragment_resolve(struct arena *a, const struct hash_key *key, const struct fragment *fragment,
                     const struct schema_limits *limits, struct diag_list *diags,
                     const struct schema **ret) {
    struct schema *schema = ARENA_NEW(a, struct schema);
    if (schema == NULL) {
        return arena_error(a);
    }
    struct resolver r = {
        .arena = a,
        .diags = diags,
        .key = key,
        .fragment = fragment,
        .max_depth = limits->max_depth,
    };
    TRY(resolve_declare(&r));
    TRY(resolve_check(&r));
    resolve_warn(&r);
    TRY(resolve_declarations(&r));
    TRY(close_entities(&r));
    TRY(close_actions(&r));
    *schema = (struct schema){.key = *key, .fragment = fragment, .names = r.names};
    TRY(publish_commons(&r, schema));
    TRY(publish_entity_types(&r, schema));
    TRY(publish_actions(&r, schema));
    *ret = schema;
    return ERR_OK;
}
