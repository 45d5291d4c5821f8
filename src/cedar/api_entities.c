/* SPDX-License-Identifier: Apache-2.0 */
/* Entity stores, and entities of one request on top of a store. */
#include "cedar/api_int.h"

#include "cedar/schema/conform.h"

/* ---- stores ---- */

cedar_entities *api_entities_new(cedar_engine *engine) {
    cedar_entities *entities = allocator_new(&engine->allocator, sizeof *entities);
    if (entities != NULL) {
        atomic_init(&entities->refs, 1);
        entities->engine = cedar_engine_ref(engine);
        api_arena_init(&entities->arena, engine);
    }
    return entities;
}

void api_entities_ready(cedar_entities *entities, const cedar_schema *schema) {
    enum { LARGE = 5000 };
    entities->schema = api_schema_ref(schema);
    entities->is_large = entities_count(entities->store) >= LARGE;
}

static err freeze(cedar_entities *entities, struct entity_builder *builder) {
    TRY(entities_freeze(builder, &entities->arena, &entities->store));
    entities->whole_bytes = arena_total(&entities->arena);
    return ERR_OK;
}

static err make_empty(cedar_entities *entities, struct arena *building) {
    struct entity_builder builder;
    const struct entities *built;
    TRY(entity_builder_init(&builder, building, &entities->engine->key, NULL));
    TRY(entity_builder_finish(&builder, &built, NULL));
    return freeze(entities, &builder);
}

cedar_status cedar_entities_empty(cedar_engine *engine, cedar_entities **ret_entities) {
    if (engine == NULL || ret_entities == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_entities *entities = api_entities_new(engine);
    if (entities == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    AUTO(arena_done) struct arena building;
    api_arena_init(&building, engine);
    err error = make_empty(entities, &building);
    if (error != ERR_OK) {
        cedar_entities_unref(entities);
        return api_status(error);
    }
    *ret_entities = entities;
    return CEDAR_OK;
}

static err read_entities(cedar_entities *entities, struct arena *building, str json,
                         const struct data_options *options, struct diag_list *diags) {
    struct entity_builder builder;
    const struct entities *built;
    TRY(entity_builder_init(&builder, building, &entities->engine->key, NULL));
    TRY(entities_json_read(&builder, json, options, diags));
    TRY(entities_json_finish(&builder, options, diags, &built));
    return freeze(entities, &builder);
}

cedar_status cedar_entities_parse_json(cedar_engine *engine, cedar_str json,
                                       const cedar_schema *schema, const char *source_name,
                                       cedar_entities **ret_entities, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (engine == NULL || ret_entities == NULL || api_is_bad(json) ||
        (schema != NULL && !api_same_key(schema->engine, engine))) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_entities *entities = api_entities_new(engine);
    if (entities == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    AUTO(arena_done) struct arena temp;
    AUTO(arena_done) struct arena building;
    api_arena_init(&temp, engine);
    api_arena_init(&building, engine);
    struct diag_list diags;
    diag_list_init(&diags, &temp);
    diags.source_name = source_name == NULL ? STR("") : str_c(source_name);
    diags.source_text = api_str(json);
    struct data_options options = {
        .schema = schema == NULL ? NULL : schema->schema,
        .scratch = &temp,
        .limits = api_json_limits(engine),
    };
    err error = read_entities(entities, &building, api_str(json), &options, &diags);
    cedar_status status = api_finish(engine, error, &diags, ret_report);
    if (error != ERR_OK) {
        cedar_entities_unref(entities);
        return status;
    }
    api_entities_ready(entities, schema);
    *ret_entities = entities;
    return CEDAR_OK;
}

cedar_entities *cedar_entities_ref(cedar_entities *entities) {
    if (entities != NULL) {
        atomic_fetch_add_explicit(&entities->refs, 1, memory_order_relaxed);
    }
    return entities;
}

void cedar_entities_unref(cedar_entities *entities) {
    while (entities != NULL &&
           atomic_fetch_sub_explicit(&entities->refs, 1, memory_order_acq_rel) == 1) {
        cedar_engine *engine = entities->engine;
        cedar_entities *under = entities->under;
        cedar_schema_unref(entities->schema);
        arena_done(&entities->arena);
        allocator_free(&engine->allocator, entities, sizeof *entities);
        cedar_engine_unref(engine);
        entities = under; /* no recursion: versions may be many */
    }
}

size_t cedar_entities_count(const cedar_entities *entities) {
    return entities == NULL ? 0 : entities_count(entities->store);
}

/* ---- overlays ---- */

cedar_status cedar_overlay_new(cedar_scratch *scratch, const cedar_entities *base,
                               const cedar_schema *schema, cedar_overlay **ret_overlay) {
    if (scratch == NULL || base == NULL || ret_overlay == NULL ||
        !api_same_key(base->engine, scratch->engine) ||
        (schema != NULL && !api_same_key(schema->engine, scratch->engine))) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_overlay *overlay = ARENA_NEW(&scratch->arena, cedar_overlay);
    if (overlay == NULL) {
        return api_status(arena_error(&scratch->arena));
    }
    *overlay = (cedar_overlay){.scratch = scratch, .base = base, .schema = schema};
    err error =
        entity_builder_init(&overlay->builder, &scratch->arena, &scratch->engine->key, base->store);
    if (error == ERR_OK) {
        *ret_overlay = overlay;
    }
    return api_status(error);
}

static bool is_open(const cedar_overlay *overlay) {
    return overlay != NULL && overlay->finished == NULL && !overlay->is_failed;
}

static struct data_options overlay_options(const cedar_overlay *overlay) {
    return (struct data_options){
        .schema = overlay->schema == NULL ? NULL : overlay->schema->schema,
        .scratch = &overlay->scratch->temp,
        .limits = api_json_limits(overlay->scratch->engine),
    };
}

/* Ends a call on an overlay. One that failed half-way can only be thrown away. */
static cedar_status overlay_done(cedar_overlay *overlay, err error, struct diag_list *diags,
                                 cedar_report **ret_report) {
    cedar_scratch *scratch = overlay->scratch;
    overlay->is_failed = overlay->is_failed || error != ERR_OK;
    cedar_status status = api_finish(scratch->engine, error, diags, ret_report);
    arena_clear(&scratch->temp);
    return status;
}

cedar_status api_uids_check(const cedar_uid *uids, size_t count) {
    if (uids == NULL && count > 0) {
        return CEDAR_ERR_MISUSE;
    }
    for (size_t i = 0; i < count; i++) {
        cedar_status status = api_uid_check(uids[i]);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    return CEDAR_OK;
}

err api_uids_copy(struct arena *a, const cedar_engine *engine, const cedar_uid *uids, size_t count,
                  const struct uid *const **ret) {
    const struct uid **copies = ARENA_ARRAY(a, const struct uid *, count);
    if (copies == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(api_uid_copy(a, engine, uids[i], &copies[i]));
    }
    *ret = copies;
    return ERR_OK;
}

static bool is_record_or_absent(const cedar_engine *engine, const cedar_value *value) {
    return value == NULL ||
           (value->value.kind == VALUE_RECORD && api_same_key(value->engine, engine));
}

cedar_status api_entity_check(const cedar_engine *engine, const cedar_entity *entity) {
    if (entity == NULL || !is_record_or_absent(engine, entity->attrs) ||
        !is_record_or_absent(engine, entity->tags)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_uid_check(entity->uid);
    return status != CEDAR_OK ? status : api_uids_check(entity->parents, entity->parent_count);
}

err api_entity_conform(const cedar_schema *schema, const struct conform_entity *entity,
                       struct diag_list *diags) {
    bool is_action = schema_name_is_action(uid_type(entity->uid));
    for (size_t i = 0; is_action && i < entity->parent_count; i++) {
        TRY(conform_action_parent(entity->uid, entity->parents[i], entity->span, diags));
    }
    return schema == NULL ? ERR_OK : conform_entity(schema->schema, entity, diags);
}

static err add_entity(cedar_overlay *overlay, const cedar_entity *entity, struct diag_list *diags) {
    struct arena *a = &overlay->scratch->arena;
    const cedar_engine *engine = overlay->scratch->engine;
    struct conform_entity parts = {
        .attrs = entity->attrs == NULL ? &value_no_fields : entity->attrs->value.record,
        .tags = entity->tags == NULL ? &value_no_fields : entity->tags->value.record,
        .parent_count = entity->parent_count,
    };
    TRY(api_uid_copy(a, engine, entity->uid, &parts.uid));
    TRY(api_uids_copy(a, engine, entity->parents, entity->parent_count, &parts.parents));
    TRY(api_entity_conform(overlay->schema, &parts, diags));
    err error = entity_builder_add(&overlay->builder, parts.uid, parts.attrs, parts.tags,
                                   parts.parents, parts.parent_count);
    if (error == ERR_EXISTS) {
        struct buf b;
        str text;
        buf_init_arena(&b, diags->arena, SIZE_MAX / 2);
        uid_format(&b, parts.uid);
        TRY(buf_finish(&b, &text));
        IGNORE(diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0}, "duplicate entity entry `%.*s`",
                        STR_FMT(text)));
    }
    return error;
}

cedar_status cedar_overlay_add(cedar_overlay *overlay, const cedar_entity *entity,
                               cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (!is_open(overlay)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_entity_check(overlay->scratch->engine, entity);
    if (status != CEDAR_OK) {
        return status;
    }
    struct diag_list diags;
    diag_list_init(&diags, &overlay->scratch->temp);
    err error = add_entity(overlay, entity, &diags);
    return overlay_done(overlay, error, &diags, ret_report);
}

static err add_parents(cedar_overlay *overlay, cedar_uid uid, const cedar_uid *parents,
                       size_t count) {
    struct arena *a = &overlay->scratch->arena;
    const struct uid *copy;
    const struct uid *const *copies;
    TRY(api_uid_copy(a, overlay->scratch->engine, uid, &copy));
    TRY(api_uids_copy(a, overlay->scratch->engine, parents, count, &copies));
    return entity_builder_add_parents(&overlay->builder, copy, copies, count);
}

cedar_status cedar_overlay_add_parents(cedar_overlay *overlay, cedar_uid uid,
                                       const cedar_uid *parents, size_t count,
                                       cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (!is_open(overlay)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_uid_check(uid);
    if (status == CEDAR_OK) {
        status = api_uids_check(parents, count);
    }
    if (status != CEDAR_OK) {
        return status;
    }
    struct diag_list diags;
    diag_list_init(&diags, &overlay->scratch->temp);
    return overlay_done(overlay, add_parents(overlay, uid, parents, count), &diags, ret_report);
}

cedar_status cedar_overlay_add_json(cedar_overlay *overlay, cedar_str json,
                                    cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (!is_open(overlay) || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    struct diag_list diags;
    diag_list_init(&diags, &overlay->scratch->temp);
    diags.source_text = api_str(json);
    struct data_options options = overlay_options(overlay);
    err error = entities_json_read(&overlay->builder, api_str(json), &options, &diags);
    return overlay_done(overlay, error, &diags, ret_report);
}

cedar_status cedar_overlay_finish(cedar_overlay *overlay, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (!is_open(overlay)) {
        return CEDAR_ERR_MISUSE;
    }
    struct diag_list diags;
    diag_list_init(&diags, &overlay->scratch->temp);
    struct data_options options = overlay_options(overlay);
    const struct entities *finished;
    err error = entities_json_finish(&overlay->builder, &options, &diags, &finished);
    if (error == ERR_OK) {
        overlay->finished = finished;
    }
    return overlay_done(overlay, error, &diags, ret_report);
}
