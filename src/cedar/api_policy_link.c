/* SPDX-License-Identifier: Apache-2.0 */
/* Policies from templates. */
#include "cedar/api_policies_int.h"

#include "cedar/text/print.h"

void api_fill_slots(struct ast_policy *policy, const struct policy_link *link) {
    if (policy->principal.slot != AST_SLOT_NONE) {
        policy->principal.slot = AST_SLOT_NONE;
        policy->principal.uid = link->principal;
    }
    if (policy->resource.slot != AST_SLOT_NONE) {
        policy->resource.slot = AST_SLOT_NONE;
        policy->resource.uid = link->resource;
    }
    policy->is_template = false;
}

struct policy_link api_link_of(const cedar_policy_info *info) {
    struct policy_link link = {
        .template_id = api_str_of(info->link->template_id),
        .new_id = api_str_of(info->id),
    };
    for (size_t i = 0; i < info->link->value_count; i++) {
        const cedar_slot_value *value = &info->link->values[i];
        bool is_principal = str_equal(api_str_of(value->slot), print_slot_text(AST_SLOT_PRINCIPAL));
        struct ast_uid *uid = is_principal ? &link.principal : &link.resource;
        uid->type.text = api_str_of(value->uid.type);
        uid->id = api_str_of(value->uid.id);
        link.has_principal = link.has_principal || is_principal;
        link.has_resource = link.has_resource || !is_principal;
    }
    return link;
}

/* ---- links that wait for their templates ---- */

err api_link_source(cedar_policies_builder *builder, str name, str text, size_t *ret) {
    struct link_source source = {name, text};
    *ret = builder->link_sources.count;
    return VEC_PUSH(&builder->arena, &builder->link_sources, source) ? ERR_OK
                                                                     : arena_error(&builder->arena);
}

/* Many links in a row have the same template and the same types: those are kept once. */
static err keep(cedar_policies_builder *builder, str text, const str *last, str *ret) {
    if (last != NULL && !str_is_absent(*last) && str_same(*last, text)) {
        *ret = *last;
        return ERR_OK;
    }
    return packer_copy(&builder->packer, text, ret);
}

err api_keep_link(cedar_policies_builder *builder, const struct policy_link *link, size_t source) {
    const struct builder_link *last =
        builder->links.count == 0 ? NULL : &builder->links.items[builder->links.count - 1];
    struct builder_link kept = {.span = link->span, .source = source};
    TRY(keep(builder, link->template_id, last == NULL ? NULL : &last->template_id,
             &kept.template_id));
    TRY(keep(builder, link->new_id, NULL, &kept.new_id));
    if (link->has_principal) {
        TRY(keep(builder, link->principal.type.text, last == NULL ? NULL : &last->types[0],
                 &kept.types[0]));
        TRY(keep(builder, link->principal.id, NULL, &kept.ids[0]));
    }
    if (link->has_resource) {
        TRY(keep(builder, link->resource.type.text, last == NULL ? NULL : &last->types[1],
                 &kept.types[1]));
        TRY(keep(builder, link->resource.id, NULL, &kept.ids[1]));
    }
    return BLOCKS_PUSH(&builder->blocks, &builder->links, kept) ? ERR_OK
                                                                : blocks_error(&builder->blocks);
}

/* ---- findings: built from pieces, because ids may contain NUL ---- */

static void refuse(cedar_policies_builder *builder, const struct builder_link *link, err error,
                   const char *before, str piece, const char *after) {
    struct diag_list *diags = &builder->rules;
    const struct link_source *source = &builder->link_sources.items[link->source];
    struct buf message;
    diags->source_name = source->name;
    diags->source_text = source->text;
    diags->origin = NULL;
    buf_init_arena(&message, diags->arena, SIZE_MAX / 2);
    buf_add_c(&message, before);
    escape_debug(&message, piece);
    buf_add_c(&message, after);
    struct diag *diag = diag_add(diags, DIAG_ERROR, link->span, "%s", before);
    if (diag != NULL && message.error == ERR_OK) {
        diag->message = buf_str(&message);
        diag->policy_id = link->new_id;
        diag->has_span = source->text.ptr != NULL;
    }
    builder->rule_error = builder->rule_error == ERR_OK ? error : builder->rule_error;
}

static str slot_list(bool has_principal, bool has_resource) {
    return has_principal && has_resource ? STR("?principal,?resource")
           : has_principal               ? STR("?principal")
                                         : STR("?resource");
}

/* The template's slots and the values must be the same ones. */
static bool check_slots(cedar_policies_builder *builder, const struct builder_link *link,
                        const struct program_policy *template) {
    bool wants_principal = template->scopes[PART_PRINCIPAL].has_slot;
    bool wants_resource = template->scopes[PART_RESOURCE].has_slot;
    bool has_principal = !str_is_absent(link->types[0]);
    bool has_resource = !str_is_absent(link->types[1]);
    bool lacks_principal = wants_principal && !has_principal;
    bool lacks_resource = wants_resource && !has_resource;
    bool extra_principal = !wants_principal && has_principal;
    bool extra_resource = !wants_resource && has_resource;
    bool is_lacking = lacks_principal || lacks_resource;
    bool is_extra = extra_principal || extra_resource;
    if (!is_lacking && !is_extra) {
        return true;
    }
    char text[ERROR_TEXT_MAX];
    struct buf message;
    buf_init_fixed(&message, text, sizeof text);
    if (is_lacking) {
        buf_add_c(&message, "the following slots were not provided as arguments: ");
        buf_add(&message, slot_list(lacks_principal, lacks_resource));
    }
    if (is_extra) {
        buf_add_c(&message, is_lacking ? ". The" : "the");
        buf_add_c(&message, " following slots were provided as arguments, but did not exist in "
                            "the template: ");
        buf_add(&message, slot_list(extra_principal, extra_resource));
    }
    refuse(builder, link, ERR_SYNTAX, "unable to link template: ", buf_str(&message), "");
    return false;
}

/* Its number in the segment; a template of the base comes along hidden, when a link needs it.
 * SEGMENT_NONE after a finding. */
static err find_template(cedar_policies_builder *builder, const struct builder_link *link,
                         uint32_t *ret) {
    const cedar_policies *base = builder->base;
    uint32_t number = segment_builder_find(builder->segment, link->template_id);
    *ret = SEGMENT_NONE;
    bool is_template =
        number != SEGMENT_NONE && builder->segment->compiler.policies.items[number].is_template;
    if (number == SEGMENT_NONE) {
        size_t index = cedar_policies_find(base, api_public(link->template_id));
        if (index == SIZE_MAX) {
            refuse(builder, link, ERR_NOT_FOUND,
                   "unable to link template: failed to find a template with id `",
                   link->template_id, "`");
            return ERR_OK;
        }
        const struct segment *segment = policies_locate(base, index, &number);
        is_template = segment->program.policies[number].is_template;
        if (is_template) {
            TRY(segment_append_template(builder->segment, segment, number));
            number = (uint32_t)segment_builder_count(builder->segment) - 1;
            if (!VEC_PUSH(builder->hidden.arena, &builder->hidden.numbers, number)) {
                return arena_error(builder->hidden.arena);
            }
        }
    }
    if (!is_template) {
        refuse(builder, link, ERR_SYNTAX, "expected a template, but a static policy was provided",
               STR(""), "");
        return ERR_OK;
    }
    *ret = number;
    return ERR_OK;
}

/* ---- building ---- */

void api_refuse_link(cedar_policies_builder *builder, const struct builder_link *link) {
    refuse(builder, link, ERR_EXISTS, "unable to link template: template-linked policy id `",
           link->new_id, "` conflicts with an existing policy id");
}

static err build_link(cedar_policies_builder *builder, const struct builder_link *link) {
    uint32_t number;
    TRY(find_template(builder, link, &number));
    if (number == SEGMENT_NONE ||
        !check_slots(builder, link, &builder->segment->compiler.policies.items[number])) {
        return ERR_OK;
    }
    struct ast_uid uids[2] = {
        {.type.text = link->types[0], .id = link->ids[0]},
        {.type.text = link->types[1], .id = link->ids[1]},
    };
    err error = api_is_in_base(builder, link->new_id)
                    ? ERR_EXISTS
                    : segment_add_link(builder->segment, link->new_id, number, &uids[0], &uids[1]);
    if (error == ERR_EXISTS) {
        api_refuse_link(builder, link);
        return ERR_OK;
    }
    return error;
}

err api_build_links(cedar_policies_builder *builder) {
    for (size_t i = 0; i < builder->links.count; i++) {
        TRY(build_link(builder, &builder->links.items[i]));
    }
    return ERR_OK;
}
