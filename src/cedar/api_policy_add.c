/* SPDX-License-Identifier: Apache-2.0 */
/* What a builder takes besides texts: JSON, policies of another set, links. */
#include "cedar/api_policies_int.h"

#include "cedar/text/print.h"

static err parse_json(cedar_policies_builder *builder, str text, const struct json **ret) {
    struct parse_limits limits = api_parse_limits(builder->engine);
    struct json_limits json_limits = policy_json_limits(&limits);
    struct error detail = {0};
    err error = json_parse(&builder->work, text, &json_limits, ret, &detail);
    if (error == ERR_SYNTAX || (error == ERR_LIMIT && !arena_has_failed(&builder->work))) {
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

/* ---- JSON ---- */

/* What has been read goes away; after a failure it stays, because findings may point to it. */
static cedar_status end_json(cedar_policies_builder *builder, err error) {
    if (error == ERR_OK) {
        arena_clear(&builder->work);
    }
    return added(builder, error);
}

static err add_json(cedar_policies_builder *builder, str text, const char *name,
                    const char *prefix) {
    struct parse_limits limits = api_parse_limits(builder->engine);
    struct policy_set_json set;
    struct text_source source;
    const struct json *json;
    size_t link_source;
    TRY(api_begin_source(builder, text, name, prefix, &source));
    source.has_ids = true;
    TRY(parse_json(builder, source.text, &json));
    TRY(policy_set_json_read(&builder->work, json, &limits, &builder->diags, &set));
    if (!set.is_single) { /* the ids were given by somebody, and links call templates by them */
        source.prefix = STR("");
    }
    for (size_t i = 0; i < set.count; i++) {
        TRY(api_add_policy(builder, &source, &set.policies[i]));
        arena_clear(&builder->tree);
    }
    if (set.link_count > 0) {
        TRY(api_link_source(builder, source.name, source.text, &link_source));
    }
    for (size_t i = 0; i < set.link_count; i++) {
        TRY(api_keep_link(builder, &set.links[i], link_source));
    }
    return ERR_OK;
}

cedar_status cedar_policies_builder_add_json(cedar_policies_builder *builder, cedar_str json,
                                             const char *source_name, const char *id_prefix) {
    if (builder == NULL || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    return end_json(builder, add_json(builder, api_str(json), source_name, id_prefix));
}

static err add_links_json(cedar_policies_builder *builder, str text, const char *name) {
    struct parse_limits limits = api_parse_limits(builder->engine);
    struct diag_list *diags = &builder->diags;
    const struct policy_link *links;
    const struct json *json;
    size_t source;
    size_t count;
    TRY(arena_copy(&builder->arena, text, &diags->source_text));
    TRY(packer_copy(&builder->packer, name == NULL ? STR("") : str_c(name), &diags->source_name));
    TRY(parse_json(builder, diags->source_text, &json));
    TRY(policy_links_json_read(&builder->work, json, &limits, diags, &links, &count));
    TRY(api_link_source(builder, diags->source_name, diags->source_text, &source));
    for (size_t i = 0; i < count; i++) {
        TRY(api_keep_link(builder, &links[i], source));
    }
    return ERR_OK;
}

cedar_status cedar_policies_builder_add_links_json(cedar_policies_builder *builder, cedar_str json,
                                                   const char *source_name) {
    if (builder == NULL || api_is_bad(json)) {
        return CEDAR_ERR_MISUSE;
    }
    return end_json(builder, add_links_json(builder, api_str(json), source_name));
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

static cedar_status read_slot_value(const cedar_slot_value *value, struct policy_link *link) {
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
    uid->type.text = api_str(value->uid.type);
    uid->id = api_str(value->uid.id);
    return CEDAR_OK;
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
        cedar_status status = read_slot_value(&values[i], &link);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    link.template_id = api_str(template_id);
    link.new_id = api_str(new_id);
    size_t source = 0;
    err error = ERR_OK;
    if (builder->link_sources.count == 0 ||
        !str_is_absent(builder->link_sources.items[builder->link_sources.count - 1].text)) {
        error = api_link_source(builder, STR(""), (str){NULL, 0}, &source);
    } else {
        source = builder->link_sources.count - 1;
    }
    return added(builder, error != ERR_OK ? error : api_keep_link(builder, &link, source));
}

/* ---- policies of another set ---- */

/* The findings live longer than the set. */
err api_add_rule_of(cedar_policies_builder *builder, const struct segment *segment,
                    uint32_t number) {
    cedar_policy_info info = segment_info(segment, number);
    if (info.link != NULL) {
        struct builder_link link = {0};
        TRY(packer_copy(&builder->packer, api_str(info.id), &link.new_id));
        TRY(api_link_source(builder, STR(""), (str){NULL, 0}, &link.source));
        api_refuse_link(builder, &link);
        return ERR_OK;
    }
    struct diag_origin *room = ARENA_NEW(&builder->arena, struct diag_origin);
    if (room == NULL) {
        return arena_error(&builder->arena);
    }
    struct policy_place place = segment_place(segment, number, room);
    if (place.origin == NULL) { /* the whole source is not kept */
        *room = (struct diag_origin){place.start, info.line, info.column};
        place.origin = room;
    }
    TRY(packer_copy(&builder->packer, place.name, &place.name));
    TRY(arena_copy(&builder->arena, api_str(info.text), &place.text));
    api_add_duplicate(builder, &place, (struct ast_span){0, (uint32_t)place.text.len},
                      api_str(info.id));
    return ERR_OK;
}

/* Ids that are in use are told, and left out: nothing will be built then. */
static err check_ids(cedar_policies_builder *builder, const cedar_policies *policies, size_t index,
                     struct number_list *ret_hidden) {
    struct arena *a = ret_hidden->arena;
    const struct policy_part *part = &policies->parts[index];
    const struct decide_piece *piece = &policies->pieces[index];
    size_t at = 0;
    for (uint32_t i = 0; i < piece->program->count; i++) {
        str id = piece->program->policies[i].id;
        bool is_hidden = at < piece->hidden_count && piece->hidden[at] == i;
        at += is_hidden;
        bool is_used = !is_hidden && (api_is_in_base(builder, id) ||
                                      (builder->segment != NULL &&
                                       segment_builder_find(builder->segment, id) != SEGMENT_NONE));
        if (is_used) {
            TRY(api_add_rule_of(builder, part->segment, i));
        }
        if ((is_hidden || is_used) && !VEC_PUSH(a, &ret_hidden->numbers, i)) {
            return arena_error(a);
        }
    }
    return ERR_OK;
}

static err append_part(cedar_policies_builder *builder, const cedar_policies *policies,
                       size_t index) {
    struct number_list hidden = {.arena = &builder->work};
    TRY(check_ids(builder, policies, index, &hidden));
    struct segment_piece piece = {
        .segment = policies->parts[index].segment,
        .hidden = hidden.numbers.items,
        .hidden_count = hidden.numbers.count,
    };
    return segment_append(builder->segment, &piece, &builder->hidden);
}

/* Behind the base, as it is; nothing else has been added yet. */
static err extend_base(cedar_policies_builder *builder, const cedar_policies *policies) {
    struct number_list hidden = {.arena = &builder->work};
    size_t rules = builder->rules.items.count;
    if (builder->base != NULL && policies_share_ids(builder->base, policies)) {
        for (size_t i = 0; i < policies->part_count; i++) {
            TRY(check_ids(builder, policies, i, &hidden));
        }
    }
    if (builder->rules.items.count > rules) {
        return ERR_OK; /* nothing will be built */
    }
    size_t first = builder->base == NULL ? 0 : builder->base->part_count;
    size_t count = first + policies->part_count;
    struct policies_piece *pieces = ARENA_ARRAY(&builder->work, struct policies_piece, count);
    if (pieces == NULL) {
        return arena_error(&builder->work);
    }
    if (builder->base != NULL) {
        policies_pieces(builder->base, pieces);
    }
    policies_pieces(policies, pieces + first);
    cedar_policies *base;
    TRY(policies_new(builder->engine, pieces, count, &base));
    cedar_policies_unref(builder->base);
    builder->base = base;
    return ERR_OK;
}

static err add_policies(cedar_policies_builder *builder, const cedar_policies *policies) {
    if (builder->segment == NULL) {
        return extend_base(builder, policies);
    }
    for (size_t i = 0; i < policies->part_count; i++) {
        TRY(append_part(builder, policies, i));
    }
    return ERR_OK;
}

cedar_status cedar_policies_builder_add_policies(cedar_policies_builder *builder,
                                                 const cedar_policies *policies) {
    if (builder == NULL || policies == NULL || !api_same_key(builder->engine, policies->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    err error = add_policies(builder, policies);
    arena_clear(&builder->work);
    return added(builder, error);
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
    IGNORE(cedar_policies_builder_add_policies(builder, policies)); /* build tells */
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
