/* SPDX-License-Identifier: Apache-2.0 */
/* Reading entity stores. */
#include "cedar/api_int.h"

static cedar_uid public_uid(const struct uid *uid) {
    return (cedar_uid){api_public(uid_type(uid)), api_public(uid_id(uid))};
}

static err list_parents(struct arena *a, const struct entity *entity, const cedar_uid **ret) {
    cedar_uid *list = ARENA_ARRAY(a, cedar_uid, entity->parent_count);
    if (list == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < entity->parent_count; i++) {
        list[i] = public_uid(entity_parent(entity, i));
    }
    *ret = list;
    return ERR_OK;
}

static err wrap_record(cedar_scratch *scratch, const struct value_record *record,
                       const cedar_value **ret) {
    struct value value = value_record(record);
    return api_value_wrap(scratch, &value, ret);
}

static err show(cedar_scratch *scratch, const struct entity *entity, cedar_entity *ret) {
    cedar_entity shown = {
        .uid = public_uid(&entity->uid),
        .parent_count = entity->parent_count,
    };
    TRY(list_parents(&scratch->arena, entity, &shown.parents));
    TRY(wrap_record(scratch, entity->attrs, &shown.attrs));
    TRY(wrap_record(scratch, entity->tags, &shown.tags));
    *ret = shown;
    return ERR_OK;
}

static cedar_status find(const cedar_entities *entities, cedar_uid uid, const struct entity **ret) {
    cedar_status status = api_uid_check(uid);
    if (status != CEDAR_OK) {
        return status;
    }
    struct uid known = uid_make(&entities->engine->key, api_str(uid.type), api_str(uid.id));
    *ret = entities_find(entities->store, &known);
    return *ret == NULL ? CEDAR_ERR_NOT_FOUND : CEDAR_OK;
}

cedar_status cedar_entities_get(cedar_scratch *scratch, const cedar_entities *entities,
                                cedar_uid uid, cedar_entity *ret_entity) {
    if (scratch == NULL || entities == NULL || ret_entity == NULL ||
        !api_same_key(entities->engine, scratch->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    const struct entity *entity;
    cedar_status status = find(entities, uid, &entity);
    return status != CEDAR_OK ? status : api_status(show(scratch, entity, ret_entity));
}

cedar_status cedar_entities_ancestors(cedar_scratch *scratch, const cedar_entities *entities,
                                      cedar_uid uid, const cedar_uid **ret_ancestors,
                                      size_t *ret_count) {
    if (scratch == NULL || entities == NULL || ret_ancestors == NULL || ret_count == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    const struct entity *entity;
    cedar_status status = find(entities, uid, &entity);
    if (status != CEDAR_OK) {
        return status;
    }
    cedar_uid *list = ARENA_ARRAY(&scratch->arena, cedar_uid, entity->ancestor_count);
    if (list == NULL) {
        return api_status(arena_error(&scratch->arena));
    }
    for (size_t i = 0; i < entity->ancestor_count; i++) {
        list[i] = public_uid(entity->ancestors[i]);
    }
    *ret_ancestors = list;
    *ret_count = entity->ancestor_count;
    return CEDAR_OK;
}

cedar_status cedar_entities_is_in(const cedar_entities *entities, cedar_uid uid, cedar_uid ancestor,
                                  bool *ret_is_in) {
    if (entities == NULL || ret_is_in == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    const cedar_uid uids[] = {uid, ancestor};
    cedar_status status = api_uids_check(uids, ARRAY_LEN(uids));
    if (status != CEDAR_OK) {
        return status;
    }
    const struct hash_key *key = &entities->engine->key;
    struct uid left = uid_make(key, api_str(uid.type), api_str(uid.id));
    struct uid right = uid_make(key, api_str(ancestor.type), api_str(ancestor.id));
    *ret_is_in = entities_is_in(entities->store, &left, &right);
    return CEDAR_OK;
}

cedar_status cedar_entities_next(cedar_scratch *scratch, const cedar_entities *entities,
                                 cedar_entities_cursor *cursor, cedar_entity *ret_entity) {
    if (scratch == NULL || entities == NULL || cursor == NULL || ret_entity == NULL ||
        !api_same_key(entities->engine, scratch->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    struct entities_cursor at;
    entities_each(&at, entities->store);
    at.items.page_at = cursor->state[0];
    at.items.at = cursor->state[1];
    const struct entity *entity = entities_next(&at);
    if (entity == NULL) {
        return CEDAR_ERR_NOT_FOUND;
    }
    err error = show(scratch, entity, ret_entity);
    if (error == ERR_OK) {
        cursor->state[0] = at.items.page_at;
        cursor->state[1] = at.items.at;
    }
    return api_status(error);
}

static err write_json(cedar_scratch *scratch, const cedar_entities *entities,
                      struct diag_list *diags, str *ret) {
    struct buf out;
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    TRY(entities_json_write(&out, entities->store, &scratch->temp, diags));
    return buf_finish(&out, ret);
}

cedar_status cedar_entities_to_json(cedar_scratch *scratch, const cedar_entities *entities,
                                    cedar_str *ret_json, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || entities == NULL || ret_json == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    struct diag_list diags;
    diag_list_init(&diags, &scratch->temp);
    str json;
    err error = write_json(scratch, entities, &diags, &json);
    if (error == ERR_OK) {
        *ret_json = api_public(json);
    }
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_clear(&scratch->temp);
    return status;
}
