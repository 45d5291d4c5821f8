/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/validate.h"

#include "cedar/validate/policy_int.h"

err validator_init(struct validator *v, const struct schema *schema,
                   const struct validate_options *options, const struct allocator *allocator,
                   size_t max_bytes, struct diag_list *diags) {
    *v = (struct validator){.schema = schema, .options = *options};
    arena_init(&v->arena, allocator, max_bytes);
    arena_init(&v->scratch, allocator, max_bytes);
    arena_init(&v->temp, allocator, max_bytes);
    v->findings = (struct findings){
        .diags = diags, .scratch = &v->scratch, .key = schema->key, .is_4_12 = options->is_4_12};
    v->checker = (struct checker){
        .types = &v->types,
        .schema = schema,
        .mode = options->is_permissive ? TYPE_PERMISSIVE : TYPE_STRICT,
        .has_no_schema = options->has_no_schema,
        .findings = &v->findings,
        .temp = &v->temp,
        .lost = &v->lost,
    };
    return types_init(&v->types, &v->arena, schema);
}

void validator_done(struct validator *v) {
    arena_done(&v->temp);
    arena_done(&v->scratch);
    arena_done(&v->arena);
}

static void begin(struct validator *v, const struct ast_policy *policy, uint32_t base) {
    arena_clear(&v->temp);
    arena_clear(&v->scratch);
    v->findings.policy = policy;
    v->findings.base = base;
    v->findings.has_spans = false;
    v->findings.seen = (struct table){.arena = &v->scratch};
    v->findings.spans = (struct table){.arena = &v->scratch};
}

/* Arenas remember that they were full. */
static err finish(const struct validator *v) {
    const struct arena *arenas[] = {&v->arena, &v->scratch, &v->temp, v->findings.diags->arena};
    for (size_t i = 0; i < ARRAY_LEN(arenas); i++) {
        TRY(arenas[i]->error);
    }
    return ERR_OK;
}

static void check_against_schema(struct validator *v, const struct ast_policy *policy) {
    struct scope_plan plan;
    if (scope_plan_make(v, policy, &plan)) {
        names_check(v, policy);
        scope_check_applies(v, policy, &plan);
        policy_check_types(v, policy, &plan);
    }
}

err validator_check(struct validator *v, const struct ast_policy *policy, uint32_t base) {
    begin(v, policy, base);
    if (v->options.has_no_schema) {
        policy_check_alone(v, policy);
    } else {
        check_against_schema(v, policy);
    }
    strings_check(v, policy);
    return finish(v);
}

err validator_check_link(struct validator *v, const struct ast_policy *policy, uint32_t base,
                         bool links_principal, bool links_resource) {
    begin(v, policy, base);
    if (v->options.has_no_schema) {
        return ERR_OK; /* the template has been looked at */
    }
    if (links_principal) {
        names_check_value(v, &policy->principal.uid);
    }
    if (links_resource) {
        names_check_value(v, &policy->resource.uid);
    }
    struct scope_plan plan;
    if (scope_plan_make(v, policy, &plan)) {
        scope_check_applies(v, policy, &plan);
    }
    return finish(v);
}

bool validator_has_errors(const struct validator *v) {
    return v->findings.error_count > 0;
}
