/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts and decisions. */
#include "cedar/api_request_int.h"

#include "base/utf8.h"
#include "cedar/api_segment.h"
#include "cedar/json/context.h"

/* ---- context ---- */

static err read_context(cedar_scratch *scratch, str json, const cedar_schema *schema,
                        const cedar_uid *action, struct diag_list *diags, const cedar_value **ret) {
    struct data_options options = {
        .schema = schema == NULL ? NULL : schema->schema,
        .scratch = &scratch->temp,
        .limits = api_json_limits(scratch->engine),
    };
    const struct uid *uid = NULL;
    if (action != NULL) {
        TRY(api_uid_copy(&scratch->temp, scratch->engine, *action, &uid));
    }
    struct value context;
    TRY(context_json_read(&scratch->arena, &scratch->engine->key, json, &options, uid, diags,
                          &context));
    return api_value_wrap(scratch, &context, ret);
}

cedar_status cedar_context_parse_json(cedar_scratch *scratch, cedar_str json,
                                      const cedar_schema *schema, const cedar_uid *action,
                                      const cedar_value **ret_context, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || ret_context == NULL || api_is_bad(json) ||
        (schema != NULL && (action == NULL || !api_same_key(schema->engine, scratch->engine)))) {
        return CEDAR_ERR_MISUSE;
    }
    if (action != NULL) {
        cedar_status status = api_uid_check(*action);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    struct diag_list diags;
    diag_list_init(&diags, &scratch->temp);
    diags.source_text = api_str(json);
    err error = read_context(scratch, api_str(json), schema, action, &diags, ret_context);
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_clear(&scratch->temp);
    return status;
}

/* ---- requests ---- */

static cedar_status check_request(const cedar_scratch *scratch, const cedar_entities *entities,
                                  const cedar_request *request) {
    if (!api_same_key(entities->engine, scratch->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    const cedar_value *context = request->context;
    if (context != NULL &&
        (context->value.kind != VALUE_RECORD || !api_same_key(context->engine, scratch->engine))) {
        return CEDAR_ERR_MISUSE;
    }
    if (request->source != NULL && request->source->find == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    const cedar_overlay *overlay = request->overlay;
    if (overlay != NULL && (overlay->finished == NULL || overlay->base != entities)) {
        return CEDAR_ERR_MISUSE;
    }
    return CEDAR_OK;
}

static bool is_known(const struct known_type *known, str type) {
    return known->len > 0 && str_same(str_make(known->name, known->len), type);
}

static void remember(struct known_type *known, str type, uint64_t hash) {
    if (type.len <= sizeof known->name) {
        memcpy(known->name, type.ptr, type.len);
        known->len = type.len;
        known->hash = hash;
    }
}

static cedar_status resolve_uid(const cedar_engine *engine, struct known_type *known, cedar_uid uid,
                                struct uid *ret) {
    str type = api_str(uid.type);
    str id = api_str(uid.id);
    if (api_is_bad(uid.type) || api_is_bad(uid.id)) {
        return CEDAR_ERR_MISUSE;
    }
    if (!api_uid_fits(uid)) {
        return CEDAR_ERR_LIMIT;
    }
    if (is_known(known, type)) {
        *ret = uid_make_hashed(&engine->key, type, known->hash, id);
    } else if (ast_is_name(type)) {
        uint64_t hash = hash_bytes(&engine->key, type);
        *ret = uid_make_hashed(&engine->key, type, hash, id);
        remember(known, type, hash);
    } else {
        return CEDAR_ERR_SYNTAX;
    }
    return utf8_is_valid(id, NULL) ? CEDAR_OK : CEDAR_ERR_SYNTAX;
}

cedar_status api_request_resolve(cedar_scratch *scratch, const cedar_entities *entities,
                                 const cedar_request *request, struct asked *ret) {
    const cedar_engine *engine = scratch->engine;
    struct known_type *types = scratch->types;
    cedar_status status = check_request(scratch, entities, request);
    if (status == CEDAR_OK) {
        status = resolve_uid(engine, &types[0], request->principal, &ret->uids[0]);
    }
    if (status == CEDAR_OK) {
        status = resolve_uid(engine, &types[1], request->action, &ret->uids[1]);
    }
    if (status == CEDAR_OK) {
        status = resolve_uid(engine, &types[2], request->resource, &ret->uids[2]);
    }
    ret->store = request->overlay != NULL ? request->overlay->finished : entities->store;
    ret->loader = NULL;
    if (entities->is_large && status == CEDAR_OK) {
        entities_prefetch(entities->store, ret->uids, ARRAY_LEN(ret->uids));
    }
    return status == CEDAR_OK && request->source != NULL ? api_source_start(scratch, request, ret)
                                                         : status;
}

cedar_status api_request_status(const struct asked *asked) {
    if (asked->loader == NULL) {
        return CEDAR_OK;
    }
    err error = entity_loader_error(asked->loader);
    if (asked->status != CEDAR_OK || error == ERR_TIMEOUT) {
        return asked->status; /* an answer of its own tells of a timeout */
    }
    return api_status(error);
}

bool api_request_is_expired(const struct asked *asked) {
    return asked->loader != NULL && entity_loader_error(asked->loader) == ERR_TIMEOUT;
}

void api_request_start(struct eval *e, struct arena *a, const cedar_request *request,
                       struct asked *asked) {
    eval_init(e, a, asked->store);
    asked->eval = e;
    for (size_t i = 0; i < ARRAY_LEN(asked->uids); i++) {
        e->vars[i] = value_entity(&asked->uids[i]);
    }
    e->vars[VAR_CONTEXT] = value_record(&value_no_fields);
    if (request->context != NULL) {
        e->vars[VAR_CONTEXT] = request->context->value;
    }
    e->is_expired = request->is_expired;
    e->expired_ctx = request->expired_ctx;
}

/* Also of nothing: callers get arrays that are not NULL. */
static const cedar_str no_reasons[1];
static const cedar_policy_error no_errors[1];

static err publish_errors(struct arena *a, const struct decision *decision,
                          const cedar_policy_error **ret) {
    cedar_policy_error *errors = ARENA_ARRAY(a, cedar_policy_error, decision->error_count);
    if (errors == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < decision->error_count; i++) {
        const struct decide_error *error = &decision->errors[i];
        errors[i] = (cedar_policy_error){
            .policy_id = api_public(error->policy->id),
            .effect = error->policy->is_forbid ? CEDAR_FORBID : CEDAR_PERMIT,
            .message = api_public(error->error.message),
            .help = api_public(error->error.help),
        };
    }
    *ret = errors;
    return ERR_OK;
}

err api_response_make(struct arena *a, const struct decision *decision, const struct asked *asked,
                      cedar_response *ret) {
    bool is_timeout = decision->is_timeout || api_request_is_expired(asked);
    cedar_response response = {
        .decision = decision->is_allow && !is_timeout ? CEDAR_ALLOW : CEDAR_DENY,
        /* permits that a timeout has overtaken decide nothing */
        .reason_count = decision->is_allow && is_timeout ? 0 : decision->reason_count,
        .reasons = no_reasons,
        .error_count = decision->error_count,
        .errors = no_errors,
        .is_timeout = is_timeout,
    };
    if (decision->reason_count > 0) {
        cedar_str *reasons = ARENA_ARRAY(a, cedar_str, decision->reason_count);
        if (reasons == NULL) {
            return arena_error(a);
        }
        for (size_t i = 0; i < decision->reason_count; i++) {
            reasons[i] = api_public(decision->reasons[i]->id);
        }
        response.reasons = reasons;
    }
    if (decision->error_count > 0) {
        TRY(publish_errors(a, decision, &response.errors));
    }
    *ret = response;
    return ERR_OK;
}

static err authorize(const cedar_policies *policies, const cedar_request *request,
                     struct asked *asked, cedar_scratch *scratch, cedar_response *ret) {
    struct eval e;
    struct decision decision;
    api_request_start(&e, &scratch->arena, request, asked);
    TRY(decide_pieces(&e, policies->pieces, policies->part_count, &decision));
    return api_response_make(&scratch->arena, &decision, asked, ret);
}

cedar_status cedar_authorize(const cedar_policies *policies, const cedar_entities *entities,
                             const cedar_request *request, cedar_scratch *scratch,
                             cedar_response *ret_response) {
    if (ret_response == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    *ret_response = (cedar_response){.decision = CEDAR_DENY};
    if (policies == NULL || entities == NULL || request == NULL || scratch == NULL ||
        !api_same_key(policies->engine, scratch->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    struct asked asked;
    cedar_status status = api_request_resolve(scratch, entities, request, &asked);
    if (status != CEDAR_OK) {
        return status;
    }
    err error = authorize(policies, request, &asked, scratch, ret_response);
    status = api_request_status(&asked);
    if (status != CEDAR_OK) {
        *ret_response = (cedar_response){.decision = CEDAR_DENY};
        return status;
    }
    return api_status(error);
}

cedar_status cedar_authorize_batch(const cedar_policies *policies, const cedar_entities *entities,
                                   const cedar_request *requests, size_t count,
                                   cedar_scratch *scratch, cedar_response *ret_responses,
                                   cedar_status *ret_statuses) {
    if (policies == NULL || entities == NULL || scratch == NULL ||
        (count > 0 && (requests == NULL || ret_responses == NULL || ret_statuses == NULL))) {
        return CEDAR_ERR_MISUSE;
    }
    for (size_t i = 0; i < count; i++) {
        ret_statuses[i] =
            cedar_authorize(policies, entities, &requests[i], scratch, &ret_responses[i]);
    }
    return CEDAR_OK;
}
