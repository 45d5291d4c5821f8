/* SPDX-License-Identifier: Apache-2.0 */
/* Policy sets and template links. */
#include "base/assert.h"
#include "cedar/json/policy_int.h"
#include "cedar/text/print.h"

typedef VEC(struct ast_policy) policy_vec;

static err wrong_kind(struct policy_reader *r, const struct json *json,
                      const struct ast_policy *policy) {
    struct diag *diag;
    if (policy->is_template) {
        enum ast_slot slot =
            policy->principal.slot != AST_SLOT_NONE ? AST_SLOT_PRINCIPAL : AST_SLOT_RESOURCE;
        diag = diag_add(r->diags, DIAG_ERROR, policy_span(json),
                        "expected a static policy, got a template containing the slot %.*s",
                        STR_FMT(print_slot_text(slot)));
        diag_help(r->diags, diag, "try removing the template slot(s) from this policy");
    } else {
        diag = diag_add(r->diags, DIAG_ERROR, policy_span(json),
                        "expected a template, got a static policy");
        diag_help(r->diags, diag, "a template should include slot(s) `?principal` or `?resource`");
    }
    if (diag != NULL) {
        diag->policy_id = policy->id;
    }
    return ERR_SYNTAX;
}

static err read_policies(struct policy_reader *r, const struct json *json, bool is_template,
                         policy_vec *policies) {
    if (json == NULL) {
        return ERR_OK;
    }
    if (json->kind != JSON_OBJECT) {
        return policy_wrong_type(r, json, "a map");
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        struct ast_policy policy;
        str id;
        TRY(arena_copy(r->arena, member->name, &id));
        size_t findings = r->diags == NULL ? 0 : r->diags->items.count;
        err error = policy_json_read(r->arena, &member->value, id, r->limits, r->diags, &policy);
        if (r->diags != NULL && r->diags->items.count > findings) {
            r->diags->items.items[findings].policy_id = id;
        }
        TRY(error);
        if (policy.is_template != is_template) {
            return wrong_kind(r, &member->value, &policy);
        }
        if (!VEC_PUSH(r->arena, policies, policy)) {
            return arena_error(r->arena);
        }
    }
    return ERR_OK;
}

/* ---- links ---- */

/* How the two formats of links call things. */
struct link_names {
    str template_id;
    str new_id;
    str values;
    bool has_text_uids; /* "Type::\"id\"" */
};

static err read_text_uid(struct policy_reader *r, const struct json *json, struct ast_uid *ret) {
    if (json->kind != JSON_STRING) {
        return policy_wrong_type(r, json, "a string");
    }
    str text;
    struct diag_list found;
    diag_list_init(&found, r->diags == NULL ? r->arena : r->diags->arena);
    TRY(arena_copy(r->arena, json->text, &text));
    err error = parse_uid(r->arena, text, r->limits, ret, &found);
    if (error == ERR_SYNTAX && found.items.count > 0) {
        return POLICY_FAIL(r, json, "failed to parse entity uid: %.*s",
                           STR_FMT(found.items.items[0].message));
    }
    return error;
}

static err read_values(struct policy_reader *r, const struct json *json, bool has_text_uids,
                       struct policy_link *link) {
    if (json->kind != JSON_OBJECT) {
        return policy_wrong_type(r, json, "a map");
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        bool is_principal = str_equal(member->name, print_slot_text(AST_SLOT_PRINCIPAL));
        if (!is_principal && !str_equal(member->name, print_slot_text(AST_SLOT_RESOURCE))) {
            return policy_unknown_variant(r, &member->value, member->name,
                                          "`?principal` or `?resource`");
        }
        struct ast_uid *uid = is_principal ? &link->principal : &link->resource;
        TRY(has_text_uids ? read_text_uid(r, &member->value, uid)
                          : policy_read_entity(r, &member->value, uid));
        link->has_principal = link->has_principal || is_principal;
        link->has_resource = link->has_resource || !is_principal;
    }
    return ERR_OK;
}

static err read_link(struct policy_reader *r, const struct json *json,
                     const struct link_names *names, struct policy_link *ret) {
    struct policy_field fields[] = {
        {names->template_id, true, NULL},
        {names->new_id, true, NULL},
        {names->values, true, NULL},
    };
    struct policy_link link = {.span = policy_span(json)};
    TRY(policy_read_fields(r, json, "struct TemplateLink", true, fields, ARRAY_LEN(fields)));
    TRY(policy_read_string(r, fields[0].value, &link.template_id));
    TRY(policy_read_string(r, fields[1].value, &link.new_id));
    TRY(read_values(r, fields[2].value, names->has_text_uids, &link));
    *ret = link;
    return ERR_OK;
}

static err read_links(struct policy_reader *r, const struct json *json,
                      const struct link_names *names, const struct policy_link **ret,
                      size_t *ret_count) {
    if (json->kind != JSON_ARRAY) {
        return policy_wrong_type(r, json, "a sequence");
    }
    struct policy_link *links = ARENA_ARRAY(r->arena, struct policy_link, json->count);
    if (links == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_link(r, &json->items[i], names, &links[i]));
    }
    *ret = links;
    *ret_count = json->count;
    return ERR_OK;
}

err policy_links_json_read(struct arena *a, const struct json *json,
                           const struct parse_limits *limits, struct diag_list *diags,
                           const struct policy_link **ret, size_t *ret_count) {
    static const struct link_names names = {STR_INIT("template_id"), STR_INIT("link_id"),
                                            STR_INIT("args"), true};
    struct policy_reader r = {.arena = a, .diags = diags, .limits = limits};
    return read_links(&r, json, &names, ret, ret_count);
}

/* ---- sets ---- */

static bool is_policy(const struct json *json) {
    static const str fields[] = {STR_INIT("effect"), STR_INIT("principal"), STR_INIT("action"),
                                 STR_INIT("resource"), STR_INIT("conditions")};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (json_get(json, fields[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static err read_single(struct policy_reader *r, const struct json *json,
                       struct policy_set_json *ret) {
    struct ast_policy *policy = ARENA_NEW(r->arena, struct ast_policy);
    if (policy == NULL) {
        return arena_error(r->arena);
    }
    TRY(policy_json_read(r->arena, json, STR("JSON policy"), r->limits, r->diags, policy));
    *ret = (struct policy_set_json){.is_single = true, .count = 1, .policies = policy};
    return ERR_OK;
}

err policy_set_json_read(struct arena *a, const struct json *json,
                         const struct parse_limits *limits, struct diag_list *diags,
                         struct policy_set_json *ret) {
    static const struct link_names names = {STR_INIT("templateId"), STR_INIT("newId"),
                                            STR_INIT("values"), false};
    struct policy_reader r = {.arena = a, .diags = diags, .limits = limits};
    if (is_policy(json)) {
        return read_single(&r, json, ret);
    }
    struct policy_field fields[] = {
        {STR("staticPolicies"), false, NULL},
        {STR("templates"), false, NULL},
        {STR("templateLinks"), false, NULL},
    };
    struct policy_set_json set = {0};
    policy_vec policies = {0};
    TRY(policy_read_fields(&r, json, "struct PolicySet", true, fields, ARRAY_LEN(fields)));
    TRY(read_policies(&r, fields[0].value, false, &policies));
    TRY(read_policies(&r, fields[1].value, true, &policies));
    if (fields[2].value != NULL) {
        TRY(read_links(&r, fields[2].value, &names, &set.links, &set.link_count));
    }
    set.policies = policies.items;
    set.count = policies.count;
    *ret = set;
    return ERR_OK;
}
