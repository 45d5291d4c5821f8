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

/* ---- findings: built from pieces, because ids may contain NUL ---- */

static void refuse(struct build *b, const struct builder_link *entry, err error, const char *before,
                   str piece, const char *after) {
    struct diag_list *diags = &b->builder->diags;
    struct buf message;
    diags->source_name = entry->source_name;
    diags->source_text = entry->source_text;
    buf_init_arena(&message, diags->arena, SIZE_MAX / 2);
    buf_add_c(&message, before);
    escape_debug(&message, piece);
    buf_add_c(&message, after);
    struct diag *diag = diag_add(diags, DIAG_ERROR, entry->link.span, "%s", before);
    if (diag != NULL && message.error == ERR_OK) {
        diag->message = buf_str(&message);
        diag->policy_id = entry->link.new_id;
        diag->has_span = entry->source_text.ptr != NULL;
    }
    b->error = b->error == ERR_OK ? error : b->error;
}

static str slot_list(bool has_principal, bool has_resource) {
    return has_principal && has_resource ? STR("?principal,?resource")
           : has_principal               ? STR("?principal")
                                         : STR("?resource");
}

/* The template's slots and the values must be the same ones. */
static bool check_slots(struct build *b, const struct builder_link *entry,
                        const struct ast_policy *tree) {
    const struct policy_link *link = &entry->link;
    bool wants_principal = tree->principal.slot != AST_SLOT_NONE;
    bool wants_resource = tree->resource.slot != AST_SLOT_NONE;
    bool lacks_principal = wants_principal && !link->has_principal;
    bool lacks_resource = wants_resource && !link->has_resource;
    bool extra_principal = !wants_principal && link->has_principal;
    bool extra_resource = !wants_resource && link->has_resource;
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
    refuse(b, entry, ERR_SYNTAX, "unable to link template: ", buf_str(&message), "");
    return false;
}

/* NULL after a finding. */
static const cedar_policy_info *find_template(struct build *b, const struct builder_link *entry) {
    void **found = map_find(&b->policies->by_id, entry->link.template_id);
    if (found == NULL) {
        refuse(b, entry, ERR_NOT_FOUND,
               "unable to link template: failed to find a template with "
               "id `",
               entry->link.template_id, "`");
        return NULL;
    }
    const cedar_policy_info *info = *found;
    if (!info->is_template) {
        refuse(b, entry, ERR_SYNTAX, "expected a template, but a static policy was provided",
               STR(""), "");
        return NULL;
    }
    return info;
}

/* ---- building ---- */

static err add_value(struct arena *a, enum ast_slot slot, const struct ast_uid *uid,
                     cedar_slot_value *values, cedar_link *link) {
    str type;
    str id;
    TRY(arena_copy(a, uid->type.text, &type));
    TRY(arena_copy(a, uid->id, &id));
    values[link->value_count++] = (cedar_slot_value){
        .slot = api_public(print_slot_text(slot)),
        .uid = {api_public(type), api_public(id)},
    };
    return ERR_OK;
}

static err copy_link(struct arena *a, const struct policy_link *link,
                     const cedar_policy_info *template, const cedar_link **ret) {
    size_t count = (size_t)link->has_principal + (size_t)link->has_resource;
    cedar_slot_value *values = ARENA_ARRAY(a, cedar_slot_value, count);
    cedar_link *copy = ARENA_NEW(a, cedar_link);
    if (values == NULL || copy == NULL) {
        return arena_error(a);
    }
    copy->template_id = template->id;
    copy->values = values;
    if (link->has_principal) {
        TRY(add_value(a, AST_SLOT_PRINCIPAL, &link->principal, values, copy));
    }
    if (link->has_resource) {
        TRY(add_value(a, AST_SLOT_RESOURCE, &link->resource, values, copy));
    }
    *ret = copy;
    return ERR_OK;
}

static err build_link(struct build *b, const struct builder_link *entry) {
    cedar_policies *policies = b->policies;
    size_t count = b->compiler.policies.count;
    cedar_policy_info *info = &policies->infos[count];
    const cedar_policy_info *template = find_template(b, entry);
    if (template == NULL) {
        return ERR_OK;
    }
    struct ast_policy tree = *b->trees[template - policies->infos];
    str id;
    TRY(arena_copy(&policies->arena, entry->link.new_id, &id));
    if (!check_slots(b, entry, &tree)) {
        return ERR_OK;
    }
    err error = map_add(&policies->by_id, id, info);
    if (error == ERR_EXISTS) {
        refuse(b, entry, ERR_EXISTS, "unable to link template: template-linked policy id `", id,
               "` conflicts with an existing policy id");
        return ERR_OK;
    }
    TRY(error);
    api_fill_slots(&tree, &entry->link);
    TRY(compiler_add(&b->compiler, id, &tree));
    *info = *template;
    policies->places[count] = policies->places[template - policies->infos];
    info->id = api_public(id);
    info->is_template = false;
    return copy_link(&policies->arena, &entry->link, template, &info->link);
}

err api_build_links(struct build *b) {
    for (size_t i = 0; i < b->builder->links.count; i++) {
        TRY(build_link(b, &b->builder->links.items[i]));
    }
    return ERR_OK;
}
