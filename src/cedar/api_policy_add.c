/* SPDX-License-Identifier: Apache-2.0 */
/* What a builder takes besides texts: JSON, policies of another set, links. */
#include "cedar/api_policies_int.h"

#include "cedar/text/print.h"

static err parse_json(cedar_policies_builder *builder, str text, const struct json **ret) {
    struct parse_limits limits = api_parse_limits(builder->engine);
    struct json_limits json_limits = policy_json_limits(&limits);
    struct error detail = {0};
    err error = json_parse(&builder->arena, text, &json_limits, ret, &detail);
    if (error == ERR_SYNTAX || (error == ERR_LIMIT && !arena_has_failed(&builder->arena))) {
        struct ast_span at = {(uint32_t)detail.offset, (uint32_t)detail.offset};
        diag_add(&builder->diags, DIAG_ERROR, at, "%s", detail.text);
    }
    return error;
}

/* Remembers the first error; a set without this input must not come to be. */
static cedar_status added(cedar_policies_builder *builder, err error) {
    if (error != ERR_OK && builder->error == ERR_OK) {
        builder->error = error;
    }
    return api_status(error);
}

static err add_link(cedar_policies_builder *builder, const struct policy_link *link, str name,
                    str text) {
    struct builder_link entry = {*link, name, text};
    return VEC_PUSH(&builder->arena, &builder->links, entry) ? ERR_OK
                                                             : arena_error(&builder->arena);
}

/* ---- JSON ---- */

static err begin_source(cedar_policies_builder *builder, str text, const char *name,
                        struct source *source) {
    struct arena *a = &builder->arena;
    *source = (struct source){.has_ids = true, .origin = {0, 1, 1}};
    TRY(arena_copy(a, text, &source->text));
    TRY(arena_copy(a, name == NULL ? STR("") : str_c(name), &source->name));
    builder->diags.source_name = source->name;
    builder->diags.source_text = source->text;
    return ERR_OK;
}

static err add_json(cedar_policies_builder *builder, str text, const char *name,
                    const char *prefix) {
    struct arena *a = &builder->arena;
    struct parse_limits limits = api_parse_limits(builder->engine);
    struct policy_set_json json_set;
    struct source source;
    const struct json *json;
    TRY(begin_source(builder, text, name, &source));
    TRY(parse_json(builder, source.text, &json));
    TRY(policy_set_json_read(a, json, &limits, &builder->diags, &json_set));
    /* The ids of a set were given by somebody, and links in it call templates by them. */
    source.prefix = STR("");
    if (json_set.is_single && prefix != NULL) {
        TRY(arena_copy(a, str_c(prefix), &source.prefix));
    }
    struct ast_policy_set *set = ARENA_NEW(a, struct ast_policy_set);
    if (set == NULL) {
        return arena_error(a);
    }
    *set = (struct ast_policy_set){source.text, json_set.count, json_set.policies};
    source.set = set;
    builder->policy_count += set->count;
    if (!VEC_PUSH(a, &builder->sources, source)) {
        return arena_error(a);
    }
    for (size_t i = 0; i < json_set.link_count; i++) {
        TRY(add_link(builder, &json_set.links[i], source.name, source.text));
    }
    return ERR_OK;
}

cedar_status cedar_policies_builder_add_json(cedar_policies_builder *builder, cedar_str json,
                                             const char *source_name, const char *id_prefix) {
    if (builder == NULL || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    return added(builder, add_json(builder, api_str(json), source_name, id_prefix));
}

static err add_links_json(cedar_policies_builder *builder, str text, const char *name) {
    struct parse_limits limits = api_parse_limits(builder->engine);
    const struct policy_link *links;
    struct source source;
    const struct json *json;
    size_t count;
    TRY(begin_source(builder, text, name, &source));
    TRY(parse_json(builder, source.text, &json));
    TRY(policy_links_json_read(&builder->arena, json, &limits, &builder->diags, &links, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(add_link(builder, &links[i], source.name, source.text));
    }
    return ERR_OK;
}

cedar_status cedar_policies_builder_add_links_json(cedar_policies_builder *builder, cedar_str json,
                                                   const char *source_name) {
    if (builder == NULL || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    return added(builder, add_links_json(builder, api_str(json), source_name));
}

cedar_status cedar_policies_parse_json(cedar_engine *engine, cedar_str json,
                                       const char *source_name, cedar_policies **ret_policies,
                                       cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (engine == NULL || ret_policies == NULL || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_policies_builder *builder;
    cedar_status status = cedar_policies_builder_new(engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    IGNORE(cedar_policies_builder_add_json(builder, json, source_name, NULL)); /* build tells */
    status = cedar_policies_builder_build(builder, ret_policies, ret_report);
    cedar_policies_builder_free(builder);
    return status;
}

/* ---- links ---- */

static cedar_status read_slot_value(cedar_policies_builder *builder, const cedar_slot_value *value,
                                    struct policy_link *link) {
    bool is_principal = str_equal(api_str(value->slot), print_slot_text(AST_SLOT_PRINCIPAL));
    bool is_resource = str_equal(api_str(value->slot), print_slot_text(AST_SLOT_RESOURCE));
    if ((!is_principal && !is_resource) || (is_principal && link->has_principal) ||
        (is_resource && link->has_resource)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = api_uid_check(value->uid);
    if (status != CEDAR_OK) {
        return status;
    }
    struct ast_uid *uid = is_principal ? &link->principal : &link->resource;
    link->has_principal = link->has_principal || is_principal;
    link->has_resource = link->has_resource || is_resource;
    err error = arena_copy(&builder->arena, api_str(value->uid.type), &uid->type.text);
    if (error == ERR_OK) {
        error = arena_copy(&builder->arena, api_str(value->uid.id), &uid->id);
    }
    return api_status(error);
}

cedar_status cedar_policies_builder_link(cedar_policies_builder *builder, cedar_str template_id,
                                         cedar_str new_id, const cedar_slot_value *values,
                                         size_t count) {
    struct policy_link link = {0};
    if (builder == NULL || api_is_bad(template_id) || api_is_bad(new_id) ||
        (values == NULL && count > 0)) {
        return CEDAR_ERR_MISUSE;
    }
    for (size_t i = 0; i < count; i++) {
        cedar_status status = read_slot_value(builder, &values[i], &link);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    err error = arena_copy(&builder->arena, api_str(template_id), &link.template_id);
    if (error == ERR_OK) {
        error = arena_copy(&builder->arena, api_str(new_id), &link.new_id);
    }
    if (error == ERR_OK) {
        error = add_link(builder, &link, STR(""), (str){NULL, 0});
    }
    return added(builder, error);
}

/* ---- policies of another set ---- */

/* A policy that was a piece of its source already stands at the piece's beginning. */
static struct diag_origin origin_of(const cedar_policies *policies, size_t index) {
    const struct policy_place *place = &policies->places[index];
    if (place->origin != NULL) {
        return *place->origin;
    }
    const cedar_policy_info *info = &policies->infos[index];
    struct diag_origin origin = {place->start, info->line, info->column};
    return origin;
}

/* The policy's own text, as a source of one policy. */
static err add_policy(cedar_policies_builder *builder, const cedar_policies *policies,
                      size_t index) {
    struct arena *a = &builder->arena;
    const cedar_policy_info *info = &policies->infos[index];
    struct source source = {
        .has_ids = true, .origin = origin_of(policies, index), .prefix = STR("")};
    struct ast_policy *policy = ARENA_NEW(a, struct ast_policy);
    struct ast_policy_set *set = ARENA_NEW(a, struct ast_policy_set);
    if (policy == NULL || set == NULL) {
        return arena_error(a);
    }
    TRY(arena_copy(a, api_str_of(info->text), &source.text));
    TRY(arena_copy(a, api_str_of(info->source), &source.name));
    TRY(api_policy_tree(a, policies, index, policy));
    TRY(arena_copy(a, api_str_of(info->id), &policy->id));
    *set = (struct ast_policy_set){source.text, 1, policy};
    source.set = set;
    builder->policy_count++;
    return VEC_PUSH(a, &builder->sources, source) ? ERR_OK : arena_error(a);
}

static err copy_link(struct arena *a, const cedar_policy_info *info, struct policy_link *ret) {
    struct policy_link link = api_link_of(info);
    TRY(arena_copy(a, link.template_id, &link.template_id));
    TRY(arena_copy(a, link.new_id, &link.new_id));
    TRY(arena_copy(a, link.principal.type.text, &link.principal.type.text));
    TRY(arena_copy(a, link.principal.id, &link.principal.id));
    TRY(arena_copy(a, link.resource.type.text, &link.resource.type.text));
    TRY(arena_copy(a, link.resource.id, &link.resource.id));
    *ret = link;
    return ERR_OK;
}

static err add_policies(cedar_policies_builder *builder, const cedar_policies *policies,
                        size_t except) {
    for (size_t i = 0; i < policies->program.count; i++) {
        if (i == except) {
            continue;
        }
        if (policies->infos[i].link == NULL) {
            TRY(add_policy(builder, policies, i));
        } else {
            struct policy_link link;
            TRY(copy_link(&builder->arena, &policies->infos[i], &link));
            TRY(add_link(builder, &link, STR(""), (str){NULL, 0}));
        }
    }
    return ERR_OK;
}

cedar_status cedar_policies_builder_add_policies(cedar_policies_builder *builder,
                                                 const cedar_policies *policies) {
    if (builder == NULL || policies == NULL || !api_same_key(builder->engine, policies->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    return added(builder, add_policies(builder, policies, SIZE_MAX));
}

/* ---- sets from sets ---- */

static cedar_status finish(cedar_policies_builder *builder, cedar_policies **ret_policies,
                           cedar_report **ret_report) {
    cedar_status status = cedar_policies_builder_build(builder, ret_policies, ret_report);
    cedar_policies_builder_free(builder);
    return status;
}

cedar_status cedar_policies_link(const cedar_policies *policies, cedar_str template_id,
                                 cedar_str new_id, const cedar_slot_value *values, size_t count,
                                 cedar_policies **ret_policies, cedar_report **ret_report) {
    cedar_policies_builder *builder;
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (policies == NULL || ret_policies == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = cedar_policies_builder_new(policies->engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    status = cedar_policies_builder_link(builder, template_id, new_id, values, count);
    if (status != CEDAR_OK) {
        cedar_policies_builder_free(builder);
        return status;
    }
    struct builder_link last = builder->links.items[0]; /* links of the set come before it */
    builder->links.count = 0;
    IGNORE(cedar_policies_builder_add_policies(builder, policies)); /* build tells */
    IGNORE(added(builder, add_link(builder, &last.link, STR(""), (str){NULL, 0})));
    return finish(builder, ret_policies, ret_report);
}

cedar_status cedar_policies_merge(const cedar_policies *a, const cedar_policies *b,
                                  cedar_policies **ret_policies, cedar_report **ret_report) {
    cedar_policies_builder *builder;
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (a == NULL || b == NULL || ret_policies == NULL || !api_same_key(a->engine, b->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_status status = cedar_policies_builder_new(a->engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    IGNORE(cedar_policies_builder_add_policies(builder, a)); /* build tells */
    IGNORE(cedar_policies_builder_add_policies(builder, b));
    return finish(builder, ret_policies, ret_report);
}

static bool has_links(const cedar_policies *policies, str template_id) {
    for (size_t i = 0; i < policies->program.count; i++) {
        const cedar_link *link = policies->infos[i].link;
        if (link != NULL && str_equal(api_str_of(link->template_id), template_id)) {
            return true;
        }
    }
    return false;
}

cedar_status cedar_policies_remove(const cedar_policies *policies, cedar_str id,
                                   cedar_policies **ret_policies, cedar_report **ret_report) {
    cedar_policies_builder *builder;
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (policies == NULL || ret_policies == NULL || api_is_bad(id)) {
        return CEDAR_ERR_MISUSE;
    }
    size_t index = cedar_policies_find(policies, id);
    if (index == SIZE_MAX) {
        return CEDAR_ERR_NOT_FOUND;
    }
    if (policies->infos[index].is_template && has_links(policies, api_str(id))) {
        return CEDAR_ERR_EXISTS;
    }
    cedar_status status = cedar_policies_builder_new(policies->engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    IGNORE(added(builder, add_policies(builder, policies, index))); /* build tells */
    return finish(builder, ret_policies, ret_report);
}
