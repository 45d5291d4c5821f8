/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and policies against a schema. */
#include "cedar/api_policies_int.h"

#include "cedar/schema/conform.h"
#include "cedar/validate/validate.h"

static err validate_request(cedar_scratch *scratch, const struct schema *schema,
                            const cedar_request *request, struct diag_list *diags) {
    const struct uid *principal;
    const struct uid *action;
    const struct uid *resource;
    struct arena *temp = &scratch->temp;
    TRY(api_uid_copy(temp, scratch->engine, request->principal, &principal));
    TRY(api_uid_copy(temp, scratch->engine, request->action, &action));
    TRY(api_uid_copy(temp, scratch->engine, request->resource, &resource));
    struct value context = value_record(&value_no_fields);
    if (request->context != NULL) {
        context = request->context->value;
    }
    return conform_request(schema, principal, action, resource, &context, diags);
}

cedar_status cedar_request_validate(cedar_scratch *scratch, const cedar_schema *schema,
                                    const cedar_request *request, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || schema == NULL || request == NULL ||
        !api_same_key(schema->engine, scratch->engine) ||
        (request->context != NULL && !api_same_key(request->context->engine, scratch->engine))) {
        return CEDAR_ERR_MISUSE;
    }
    const cedar_uid uids[] = {request->principal, request->action, request->resource};
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        cedar_status status = api_uid_check(uids[i]);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    struct diag_list diags;
    diag_list_init(&diags, &scratch->temp);
    err error = validate_request(scratch, schema->schema, request, &diags);
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_clear(&scratch->temp);
    return status;
}

/* ---- policies ---- */

enum { FINDINGS_MAX = 100000 };

static err check_policy(struct validator *v, struct arena *trees, const cedar_policies *policies,
                        size_t index) {
    cedar_policy_info info = cedar_policies_get(policies, index);
    struct diag_list *diags = v->findings.diags;
    struct policy_place place;
    struct ast_policy policy;
    TRY(api_policy_place(diags->arena, policies, index, &place));
    arena_clear(trees);
    TRY(api_policy_tree(trees, policies, index, &policy));
    diags->source_name = place.name;
    diags->source_text = place.text;
    diags->origin = place.origin;
    if (info.link == NULL) {
        return validator_check(v, &policy, place.start);
    }
    struct policy_link link = api_link_of(&info);
    return validator_check_link(v, &policy, place.start, link.has_principal, link.has_resource);
}

/* Errors first; within both, the order of the policies. */
static err sort_findings(struct arena *temp, struct diag_list *diags) {
    struct diag *sorted = ARENA_ARRAY(temp, struct diag, diags->items.count);
    size_t count = 0;
    if (sorted == NULL) {
        return arena_error(temp);
    }
    for (int wants_errors = 1; wants_errors >= 0; wants_errors--) {
        for (size_t i = 0; i < diags->items.count; i++) {
            if ((diags->items.items[i].severity == DIAG_ERROR) == (wants_errors == 1)) {
                sorted[count++] = diags->items.items[i];
            }
        }
    }
    diags->items.items = sorted;
    return ERR_OK;
}

static err check_policies(struct validator *v, struct arena *trees,
                          const cedar_policies *policies) {
    for (size_t i = 0; i < policies->count; i++) {
        if (cedar_policies_get(policies, i).link == NULL) {
            TRY(check_policy(v, trees, policies, i));
        }
    }
    for (size_t i = 0; i < policies->count; i++) {
        if (cedar_policies_get(policies, i).link != NULL) {
            TRY(check_policy(v, trees, policies, i));
        }
    }
    arena_clear(trees);
    TRY(sort_findings(trees, v->findings.diags));
    return validator_has_errors(v) ? ERR_TYPE : ERR_OK;
}

static struct validate_options options_of(const cedar_validate_options *options) {
    if (options == NULL) {
        return (struct validate_options){0};
    }
    return (struct validate_options){
        .is_permissive = options->mode == CEDAR_VALIDATE_PERMISSIVE,
        .is_4_12 = options->compat == CEDAR_COMPAT_4_12,
        .has_level = options->has_level,
        .level = options->level,
    };
}

/* Without a schema an empty one stands in its place. */
static err choose_schema(struct arena *a, const cedar_engine *engine, const cedar_schema *schema,
                         struct validate_options *options, const struct schema **ret) {
    if (schema != NULL) {
        *ret = schema->schema;
        return ERR_OK;
    }
    struct schema_limits limits = {.max_bytes = 1, .max_depth = 1};
    options->has_no_schema = true;
    options->is_permissive = true; /* it is mistakes that are looked for, not style */
    options->has_level = false;
    return schema_read(a, &engine->key, STR(""), SCHEMA_FORMAT_CEDAR, &limits, NULL, ret);
}

cedar_status cedar_validate(const cedar_policies *policies, const cedar_schema *schema,
                            const cedar_validate_options *options, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (policies == NULL ||
        (options != NULL && ((unsigned)options->mode > CEDAR_VALIDATE_PERMISSIVE ||
                             (unsigned)options->compat > CEDAR_COMPAT_4_12))) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_engine *engine = policies->engine;
    struct validate_options chosen = options_of(options);
    AUTO(arena_done) struct arena found;
    AUTO(arena_done) struct arena trees;
    AUTO(validator_done) struct validator v;
    api_arena_init(&found, engine);
    api_arena_init(&trees, engine);
    struct diag_list diags;
    diag_list_init(&diags, &found);
    diags.max = FINDINGS_MAX;
    const struct schema *types = NULL;
    v = (struct validator){0};
    err error = choose_schema(&found, engine, schema, &chosen, &types);
    if (error == ERR_OK) {
        error = validator_init(&v, types, &chosen, &engine->allocator, engine->max_object_bytes,
                               &diags);
    }
    if (error == ERR_OK) {
        error = check_policies(&v, &trees, policies);
    }
    return api_finish(engine, error, &diags, ret_report);
}
