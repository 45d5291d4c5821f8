/* SPDX-License-Identifier: Apache-2.0 */
/* New versions of an entity store. */
#include "cedar/api_int.h"

/* A version is copied whole when those above the last whole one take so much more than half of
 * it: then it shares memory with none, and what nobody needs any more can go. */
enum { SLACK_BYTES = 64 << 10 };

static err start(cedar_entities_update *update) {
    return entity_builder_init_update(&update->builder, &update->building,
                                      &update->base->engine->key, update->base->store);
}

cedar_status cedar_entities_update_new(const cedar_entities *base, const cedar_schema *schema,
                                       cedar_entities_update **ret_update) {
    if (base == NULL || ret_update == NULL ||
        (schema != NULL && !api_same_key(schema->engine, base->engine))) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_engine *engine = base->engine;
    cedar_entities_update *update = allocator_new(&engine->allocator, sizeof *update);
    if (update == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    update->base = api_entities_ref(base);
    update->schema = api_schema_ref(schema);
    api_arena_init(&update->building, engine);
    api_arena_init(&update->temp, engine);
    err error = start(update);
    if (error != ERR_OK) {
        cedar_entities_update_free(update);
        return api_status(error);
    }
    *ret_update = update;
    return CEDAR_OK;
}

void cedar_entities_update_free(cedar_entities_update *update) {
    if (update == NULL) {
        return;
    }
    cedar_entities *base = update->base;
    arena_done(&update->building);
    arena_done(&update->temp);
    cedar_schema_unref(update->schema);
    allocator_free(&base->engine->allocator, update, sizeof *update);
    cedar_entities_unref(base);
}

static struct data_options options_of(cedar_entities_update *update) {
    return (struct data_options){
        .schema = update->schema == NULL ? NULL : update->schema->schema,
        .scratch = &update->temp,
        .limits = api_json_limits(update->base->engine),
        .has_actions = update->schema == update->base->schema && !update->has_deletes,
    };
}

/* Ends a call. After a failure the update can only be freed. */
static cedar_status done(cedar_entities_update *update, err error, struct diag_list *diags,
                         cedar_report **ret_report) {
    update->is_over = update->is_over || error != ERR_OK;
    update->has_changes = true;
    cedar_status status = api_finish(update->base->engine, error, diags, ret_report);
    arena_clear(&update->temp);
    return status;
}

/* ---- changes ---- */

static err copy_record(struct arena *a, const cedar_value *from, const struct value_record **ret) {
    struct value copy = value_record(&value_no_fields);
    if (from != NULL) {
        TRY(value_copy(a, &from->value, &copy));
    }
    *ret = copy.record;
    return ERR_OK;
}

static err upsert(cedar_entities_update *update, const cedar_entity *entity,
                  struct diag_list *diags) {
    struct arena *a = &update->building;
    const cedar_engine *engine = update->base->engine;
    struct conform_entity parts = {.parent_count = entity->parent_count};
    TRY(api_uid_copy(a, engine, entity->uid, &parts.uid));
    TRY(api_uids_copy(a, engine, entity->parents, entity->parent_count, &parts.parents));
    TRY(copy_record(a, entity->attrs, &parts.attrs));
    TRY(copy_record(a, entity->tags, &parts.tags));
    TRY(api_entity_conform(update->schema, &parts, diags));
    return entity_builder_add(&update->builder, parts.uid, parts.attrs, parts.tags, parts.parents,
                              parts.parent_count);
}

cedar_status cedar_entities_update_upsert(cedar_entities_update *update, const cedar_entity *entity,
                                          cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (update == NULL || update->is_over) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_entity_check(update->base->engine, entity);
    if (status != CEDAR_OK) {
        return status;
    }
    struct diag_list diags;
    diag_list_init(&diags, &update->temp);
    return done(update, upsert(update, entity, &diags), &diags, ret_report);
}

cedar_status cedar_entities_update_upsert_json(cedar_entities_update *update, cedar_str json,
                                               const char *source_name, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (update == NULL || update->is_over || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    struct diag_list diags;
    diag_list_init(&diags, &update->temp);
    diags.source_name = source_name == NULL ? STR("") : str_c(source_name);
    diags.source_text = api_str(json);
    struct data_options options = options_of(update);
    err error = entities_json_read(&update->builder, api_str(json), &options, &diags);
    return done(update, error, &diags, ret_report);
}

cedar_status cedar_entities_update_delete(cedar_entities_update *update, cedar_uid uid) {
    if (update == NULL || update->is_over) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_uid_check(uid);
    if (status != CEDAR_OK) {
        return status;
    }
    const struct uid *copy;
    err error = api_uid_copy(&update->building, update->base->engine, uid, &copy);
    if (error == ERR_OK) {
        error = entity_builder_delete(&update->builder, copy);
    }
    update->has_deletes = true;
    update->has_changes = true;
    update->is_over = error != ERR_OK;
    return api_status(error);
}

/* ---- publishing ---- */

/* The version as it is when it shares with the base. */
static err freeze(cedar_entities_update *update, struct diag_list *diags, cedar_entities *next) {
    const cedar_entities *base = update->base;
    struct data_options options = options_of(update);
    const struct entities *finished;
    TRY(entities_json_finish(&update->builder, &options, diags, &finished));
    TRY(entities_freeze_update(&update->builder, &next->arena, &next->store));
    next->whole_bytes = base->whole_bytes;
    next->added_bytes = base->added_bytes + arena_total(&next->arena);
    return ERR_OK;
}

/* The same without sharing, in `whole`. */
static err rebuild(const cedar_entities *next, cedar_entities *whole) {
    AUTO(arena_done) struct arena temp;
    api_arena_init(&temp, whole->engine);
    TRY(entities_rebuild(next->store, &whole->engine->key, &temp, &whole->arena, &whole->store));
    whole->whole_bytes = arena_total(&whole->arena);
    return ERR_OK;
}

static err make_whole(cedar_entities_update *update, cedar_entities **next) {
    cedar_entities *whole = api_entities_new(update->base->engine);
    err error = whole == NULL ? ERR_NOMEM : rebuild(*next, whole);
    if (error != ERR_OK) {
        cedar_entities_unref(whole);
        return error;
    }
    cedar_entities_unref(*next);
    *next = whole;
    return ERR_OK;
}

static err make_next(cedar_entities_update *update, struct diag_list *diags,
                     cedar_entities **next) {
    TRY(freeze(update, diags, *next));
    arena_clear(&update->building); /* all has been copied */
    if ((*next)->added_bytes > (*next)->whole_bytes / 2 + SLACK_BYTES) {
        TRY(make_whole(update, next));
    } else {
        (*next)->under = api_entities_ref(update->base);
    }
    api_entities_ready(*next, update->schema);
    return ERR_OK;
}

cedar_status cedar_entities_update_publish(cedar_entities_update *update,
                                           cedar_entities **ret_entities,
                                           cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (update == NULL || update->is_over || ret_entities == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    update->is_over = true;
    if (!update->has_changes && update->schema == update->base->schema) {
        *ret_entities = api_entities_ref(update->base);
        return CEDAR_OK;
    }
    cedar_entities *next = api_entities_new(update->base->engine);
    if (next == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    struct diag_list diags;
    diag_list_init(&diags, &update->temp);
    err error = make_next(update, &diags, &next);
    cedar_status status = done(update, error, &diags, ret_report);
    if (error != ERR_OK) {
        cedar_entities_unref(next);
        return status;
    }
    *ret_entities = next;
    return CEDAR_OK;
}
