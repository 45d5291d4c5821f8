/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

enum { TEXT_MAX = 64 << 20 };

cedar_schema *load_schema(struct answer *a, const struct json *schema) {
    bool is_text = schema->kind == JSON_STRING;
    str source = is_text ? schema->text : answer_source(a, schema);
    cedar_schema *made = NULL;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_schema_parse(a->engine, outer(source),
                           is_text ? CEDAR_FORMAT_CEDAR : CEDAR_FORMAT_JSON, NULL, &made, &report);
    return answer_check(a, status, report) ? made : NULL;
}

cedar_entities *load_entities(struct answer *a, const struct json *entities,
                              const cedar_schema *schema) {
    cedar_entities *made = NULL;
    cedar_report *report = NULL;
    cedar_status status = cedar_entities_parse_json(a->engine, outer(answer_source(a, entities)),
                                                    schema, NULL, &made, &report);
    return answer_check(a, status, report) ? made : NULL;
}

static bool read_uid(const struct json *value, cedar_uid *ret) {
    const struct json *escaped = json_get(value, STR("__entity"));
    const struct json *uid = escaped != NULL ? escaped : value;
    const struct json *type = json_get(uid, STR("type"));
    const struct json *id = json_get(uid, STR("id"));
    if (type == NULL || type->kind != JSON_STRING || id == NULL || id->kind != JSON_STRING) {
        return false;
    }
    *ret = (cedar_uid){outer(type->text), outer(id->text)};
    return true;
}

bool load_uid(struct answer *a, const struct json *call, str name, cedar_uid *ret) {
    const struct json *value = json_get(call, name);
    if (value == NULL || !read_uid(value, ret)) {
        answer_fail(a, "not a uid");
        return false;
    }
    return true;
}

/* ---- policies ---- */

/* A policy that the question names `p` is called `p#policy0` or `p#JSON policy` by us. */
static const str suffixes[] = {STR_INIT("#policy0"), STR_INIT("#JSON policy")};

str named_as_asked(struct answer *a, cedar_str text) {
    static const str alone = STR_INIT("JSON policy `JSON policy`");
    struct buf out;
    str rest = inner(text);
    size_t at = str_is_absent(a->member) ? SIZE_MAX : str_find(rest, alone);
    if (at != SIZE_MAX) {
        /* Out of memory leaves the name that it has alone. */
        IGNORE(arena_format(&a->arena, &rest, "%.*sJSON policy `%.*s`%.*s",
                            STR_FMT(str_slice(rest, 0, at)), STR_FMT(a->member),
                            STR_FMT(str_slice(rest, at + alone.len, rest.len))));
    }
    buf_init_arena(&out, &a->arena, TEXT_MAX);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        while ((at = str_find(rest, suffixes[i])) != SIZE_MAX) {
            buf_add(&out, str_slice(rest, 0, at));
            rest = str_slice(rest, at + suffixes[i].len, rest.len);
        }
        buf_add(&out, rest);
        rest = buf_str(&out);
        buf_init_arena(&out, &a->arena, TEXT_MAX);
    }
    return rest;
}

static bool has_template(const cedar_policies *policies) {
    bool is_there = false;
    for (size_t i = 0; i < cedar_policies_count(policies); i++) {
        is_there = is_there || cedar_policies_get(policies, i).is_template;
    }
    return is_there;
}

static bool add_member(struct answer *a, cedar_policies_builder *builder,
                       const struct json_member *member, bool is_template) {
    const struct json *value = &member->value;
    const char *prefix;
    str wanted;
    cedar_policies *alone = NULL;
    cedar_report *report = NULL;
    if (arena_format(&a->arena, &wanted, "%.*s#", STR_FMT(member->name)) != ERR_OK ||
        arena_c_string(&a->arena, wanted, &prefix) != ERR_OK) {
        answer_fail(a, "out of memory");
        return false;
    }
    bool is_text = value->kind == JSON_STRING;
    str source = is_text ? value->text : answer_source(a, value);
    a->member = member->name;
    cedar_status status =
        is_text ? cedar_policies_parse(a->engine, outer(source), NULL, &alone, &report)
                : cedar_policies_parse_json(a->engine, outer(source), NULL, &alone, &report);
    bool is_read = answer_check(a, status, report);
    a->member = str_make(NULL, 0);
    if (!is_read) {
        return false;
    }
    bool is_one = cedar_policies_count(alone) == 1;
    bool is_right = is_one && has_template(alone) == is_template;
    if (!is_right) {
        if (is_text || is_one) {
            answer_not_one(a, source, alone, is_template);
        } else {
            answer_fail(a, "missing field `effect`"); /* a set by its shape, not a policy */
        }
    }
    cedar_policies_unref(alone);
    if (!is_right) {
        return false;
    }
    status = is_text ? cedar_policies_builder_add(builder, outer(source), NULL, prefix)
                     : cedar_policies_builder_add_json(builder, outer(source), NULL, prefix);
    return answer_check(a, status, NULL);
}

static bool add_members(struct answer *a, cedar_policies_builder *builder,
                        const struct json *members, bool is_template) {
    bool is_added = true;
    for (uint32_t i = 0; members != NULL && members->kind == JSON_OBJECT && i < members->count;
         i++) {
        is_added = add_member(a, builder, &members->members[i], is_template) && is_added;
    }
    return is_added;
}

/* The id that a policy or template of this name has got, or the name. */
static str id_of(struct answer *a, const struct json *policies, str name) {
    const struct json *templates = json_get(policies, STR("templates"));
    const struct json *value = templates == NULL ? NULL : json_get(templates, name);
    if (value == NULL) {
        templates = json_get(policies, STR("staticPolicies"));
        value = templates == NULL ? NULL : json_get(templates, name);
    }
    str id = name;
    if (value != NULL) {
        /* Out of memory leaves the name, which is not found then. */
        IGNORE(arena_format(&a->arena, &id, "%.*s%.*s", STR_FMT(name),
                            STR_FMT(suffixes[value->kind == JSON_STRING ? 0 : 1])));
    }
    return id;
}

static bool add_link(struct answer *a, cedar_policies_builder *builder, const struct json *policies,
                     const struct json *link) {
    const struct json *template_name = json_get(link, STR("templateId"));
    const struct json *name = json_get(link, STR("newId"));
    const struct json *values = json_get(link, STR("values"));
    cedar_slot_value slots[4];
    uint32_t count = 0;
    for (; count < values->count && count < ARRAY_LEN(slots); count++) {
        slots[count].slot = outer(values->members[count].name);
        if (!read_uid(&values->members[count].value, &slots[count].uid)) {
            answer_fail(a, "not a uid");
            return false;
        }
    }
    cedar_str template_id = outer(id_of(a, policies, template_name->text));
    cedar_str id = outer(id_of(a, policies, name->text)); /* of another policy, perhaps */
    return answer_check(a, cedar_policies_builder_link(builder, template_id, id, slots, count),
                        NULL);
}

static bool add_links(struct answer *a, cedar_policies_builder *builder,
                      const struct json *policies) {
    const struct json *links = json_get(policies, STR("templateLinks"));
    bool is_added = true;
    for (uint32_t i = 0; links != NULL && i < links->count; i++) {
        is_added = add_link(a, builder, policies, &links->items[i]) && is_added;
    }
    return is_added;
}

static cedar_policies *load_named(struct answer *a, const struct json *policies) {
    cedar_policies_builder *builder = NULL;
    cedar_policies *made = NULL;
    cedar_report *report = NULL;
    if (!answer_check(a, cedar_policies_builder_new(a->engine, 0, &builder), NULL)) {
        return NULL;
    }
    bool is_added = add_members(a, builder, json_get(policies, STR("staticPolicies")), false);
    is_added = add_members(a, builder, json_get(policies, STR("templates")), true) && is_added;
    if (is_added && add_links(a, builder, policies)) {
        cedar_status status = cedar_policies_builder_build(builder, &made, &report);
        made = answer_check(a, status, report) ? made : NULL;
    }
    cedar_policies_builder_free(builder);
    return made;
}

cedar_policies *load_policies(struct answer *a, const struct json *policies) {
    const struct json *text = json_get(policies, STR("staticPolicies"));
    if (text == NULL || text->kind != JSON_STRING) {
        return load_named(a, policies);
    }
    cedar_policies *made = NULL;
    cedar_report *report = NULL;
    cedar_status status = cedar_policies_parse(a->engine, outer(text->text), NULL, &made, &report);
    if (!answer_check(a, status, report)) {
        return NULL;
    }
    if (has_template(made)) {
        answer_fail(a, "static policy set includes a template");
        cedar_policies_unref(made);
        return NULL;
    }
    return made;
}
