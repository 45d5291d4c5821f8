/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entities that a host finds while a request is answered.
 *
 * They live in a scratch of their own, beside that of the request: what one condition leaves in
 * the scratch of the request is forgotten before the next.
 */
#include "cedar/api_int.h"
#include "cedar/api_request_int.h"

enum { ENTITIES_DEFAULT = 1000 };

static cedar_status check(const struct asked *asked, const struct uid *uid,
                          const cedar_entity *entity) {
    cedar_status status = api_entity_check(asked->found->engine, entity);
    if (status != CEDAR_OK) {
        return status;
    }
    return str_same(api_str(entity->uid.type), uid_type(uid)) &&
                   str_same(api_str(entity->uid.id), uid_id(uid))
               ? CEDAR_OK
               : CEDAR_ERR_MISUSE;
}

static err take(struct asked *asked, const struct uid *uid, const cedar_entity *entity,
                struct entity_parts *ret) {
    struct conform_entity parts = {
        .uid = uid,
        .attrs = entity->attrs == NULL ? NULL : entity->attrs->value.record,
        .tags = entity->tags == NULL ? NULL : entity->tags->value.record,
        .parent_count = entity->parent_count,
    };
    TRY(api_uids_copy(&asked->found->arena, asked->found->engine, entity->parents,
                      entity->parent_count, &parts.parents));
    TRY(api_entity_conform(NULL, &parts, NULL));
    *ret = (struct entity_parts){parts.attrs, parts.tags, parts.parents, parts.parent_count};
    return ERR_OK;
}

/* The evaluation ends as soon as it is noticed. */
static err stop(struct asked *asked, cedar_status status, err error) {
    asked->status = status;
    asked->eval->steps_left = 0;
    asked->eval->fuel = 0;
    return error;
}

static bool is_expired(const cedar_request *request) {
    return request->is_expired != NULL && request->is_expired(request->expired_ctx);
}

static cedar_status ask(struct asked *asked, const struct uid *uid, const cedar_entity **ret) {
    const cedar_entity_source *source = asked->request->source;
    const cedar_uid name = {api_public(uid_type(uid)), api_public(uid_id(uid))};
    *ret = NULL;
    asked->found->is_lent = true;
    cedar_status status = source->find(source->ctx, &name, asked->found, ret);
    asked->found->is_lent = false;
    return status != CEDAR_OK || *ret == NULL ? status : check(asked, uid, *ret);
}

static err find(void *ctx, const struct uid *uid, struct entity_parts *ret_parts,
                bool *ret_is_there) {
    struct asked *asked = ctx;
    const cedar_entity *entity;
    cedar_status status = ask(asked, uid, &entity);
    if (status == CEDAR_OK && entity != NULL) {
        status = api_status(take(asked, uid, entity, ret_parts));
    }
    if (status != CEDAR_OK) {
        return stop(asked, status, ERR_CLOSED);
    }
    if (is_expired(asked->request)) {
        return stop(asked, CEDAR_OK, ERR_TIMEOUT);
    }
    *ret_is_there = entity != NULL;
    return ERR_OK;
}

cedar_status api_source_start(cedar_scratch *scratch, const cedar_request *request,
                              struct asked *ret) {
    if (scratch->found == NULL) {
        cedar_status status =
            cedar_scratch_new(scratch->engine, scratch->arena.max, &scratch->found);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    ret->request = request;
    ret->found = scratch->found;
    ret->status = CEDAR_OK;
    size_t max = request->source->max_entities;
    err error = entity_loader_new(&scratch->found->arena, &scratch->engine->key, ret->store, find,
                                  ret, max == 0 ? ENTITIES_DEFAULT : max, &ret->loader);
    if (error == ERR_OK) {
        ret->store = entity_loader_store(ret->loader);
    }
    return api_status(error);
}
