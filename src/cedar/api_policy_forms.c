/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as text and as JSON, read again from what they were made of. */
#include "cedar/api_policies_int.h"

#include "cedar/text/format.h"
#include "cedar/text/print.h"

static err read_text(struct arena *a, const struct parse_limits *limits, str text,
                     struct ast_policy *ret) {
    const struct ast_policy_set *set;
    TRY(parse_policy_set(a, text, limits, &set, NULL));
    if (set->count != 1) {
        return ERR_INTERNAL; /* it was cut out of a text that parsed */
    }
    *ret = set->policies[0];
    return ERR_OK;
}

static err read_json(struct arena *a, const struct parse_limits *limits, str text,
                     struct ast_policy *ret) {
    struct json_limits json_limits = policy_json_limits(limits);
    const struct json *json;
    TRY(json_parse(a, text, &json_limits, &json, NULL));
    return policy_json_read(a, json, STR(""), limits, NULL, ret);
}

err api_policy_tree(struct arena *a, const cedar_policies *policies, size_t index,
                    struct ast_policy *ret) {
    cedar_policy_info info = cedar_policies_get(policies, index);
    struct parse_limits limits = api_parse_limits(policies->engine);
    struct ast_policy policy;
    str text;
    TRY(arena_copy(a, api_str_of(info.text), &text)); /* the tree borrows from it */
    TRY(api_is_json(text) ? read_json(a, &limits, text, &policy)
                          : read_text(a, &limits, text, &policy));
    policy.id = api_str_of(info.id);
    if (info.link != NULL) {
        struct policy_link link = api_link_of(&info);
        api_fill_slots(&policy, &link);
    }
    *ret = policy;
    return ERR_OK;
}

err api_policy_place(struct arena *a, const cedar_policies *policies, size_t index,
                     struct policy_place *ret) {
    struct diag_origin *room = ARENA_NEW(a, struct diag_origin);
    if (room == NULL) {
        return arena_error(a);
    }
    uint32_t number;
    const struct segment *segment = policies_locate(policies, index, &number);
    *ret = segment_place(segment, number, room);
    return ERR_OK;
}

static void add_text(struct buf *out, struct arena *temp, const cedar_policies *policies,
                     size_t index) {
    cedar_policy_info info = cedar_policies_get(policies, index);
    struct ast_policy policy;
    if (info.link == NULL && !api_is_json(api_str_of(info.text))) {
        buf_add(out, api_str_of(info.text));
        return;
    }
    err error = api_policy_tree(temp, policies, index, &policy);
    if (error != ERR_OK) {
        buf_fail(out, error);
        return;
    }
    print_policy(out, temp, &policy);
}

static void add_json(struct buf *out, struct arena *temp, const cedar_policies *policies,
                     size_t index) {
    struct ast_policy policy;
    err error = api_policy_tree(temp, policies, index, &policy);
    if (error != ERR_OK) {
        buf_fail(out, error);
        return;
    }
    policy_json_write(out, temp, &policy);
}

/* ---- sets ---- */

static void add_all_text(struct buf *out, struct arena *temp, const cedar_policies *policies) {
    struct arena_mark mark = arena_mark(temp);
    for (size_t i = 0; i < policies->count && out->error == ERR_OK; i++) {
        if (cedar_policies_get(policies, i).link != NULL) {
            buf_fail(out, ERR_UNSUPPORTED);
            return;
        }
        buf_add_c(out, i == 0 ? "" : "\n\n");
        add_text(out, temp, policies, i);
        arena_reset(temp, mark);
    }
}

static void add_members(struct buf *out, struct arena *temp, const cedar_policies *policies,
                        bool is_template) {
    struct arena_mark mark = arena_mark(temp);
    bool is_first = true;
    for (size_t i = 0; i < policies->count && out->error == ERR_OK; i++) {
        cedar_policy_info info = cedar_policies_get(policies, i);
        if (info.link != NULL || info.is_template != is_template) {
            continue;
        }
        buf_add_c(out, is_first ? "" : ",");
        json_escape(out, api_str_of(info.id));
        buf_add_byte(out, ':');
        add_json(out, temp, policies, i);
        arena_reset(temp, mark);
        is_first = false;
    }
}

static void add_all_json(struct buf *out, struct arena *temp, const cedar_policies *policies) {
    bool is_first = true;
    buf_add_c(out, "{\"templates\":{");
    add_members(out, temp, policies, true);
    buf_add_c(out, "},\"staticPolicies\":{");
    add_members(out, temp, policies, false);
    buf_add_c(out, "},\"templateLinks\":[");
    for (size_t i = 0; i < policies->count; i++) {
        cedar_policy_info info = cedar_policies_get(policies, i);
        if (info.link != NULL) {
            struct policy_link link = api_link_of(&info);
            buf_add_c(out, is_first ? "" : ",");
            policy_json_write_link(out, &link);
            is_first = false;
        }
    }
    buf_add_c(out, "]}");
}

/* ---- calls ---- */

static cedar_status finish(cedar_scratch *scratch, const struct buf *out, cedar_str *ret) {
    str text;
    err error = buf_finish(out, &text);
    arena_clear(&scratch->temp);
    if (error == ERR_OK) {
        *ret = api_public(text);
    }
    return api_status(error);
}

static cedar_status write_one(cedar_scratch *scratch, const cedar_policies *policies, size_t index,
                              void (*add)(struct buf *out, struct arena *temp,
                                          const cedar_policies *policies, size_t index),
                              cedar_str *ret) {
    struct buf out;
    if (scratch == NULL || policies == NULL || ret == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    if (index >= policies->count) {
        return CEDAR_ERR_NOT_FOUND;
    }
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    add(&out, &scratch->temp, policies, index);
    return finish(scratch, &out, ret);
}

static cedar_status write_all(cedar_scratch *scratch, const cedar_policies *policies,
                              void (*add)(struct buf *out, struct arena *temp,
                                          const cedar_policies *policies),
                              cedar_str *ret) {
    struct buf out;
    if (scratch == NULL || policies == NULL || ret == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    add(&out, &scratch->temp, policies);
    return finish(scratch, &out, ret);
}

cedar_status cedar_policy_to_text(cedar_scratch *scratch, const cedar_policies *policies,
                                  size_t index, cedar_str *ret_text) {
    return write_one(scratch, policies, index, add_text, ret_text);
}

cedar_status cedar_policy_to_json(cedar_scratch *scratch, const cedar_policies *policies,
                                  size_t index, cedar_str *ret_json) {
    return write_one(scratch, policies, index, add_json, ret_json);
}

cedar_status cedar_policies_to_text(cedar_scratch *scratch, const cedar_policies *policies,
                                    cedar_str *ret_text) {
    return write_all(scratch, policies, add_all_text, ret_text);
}

cedar_status cedar_policies_to_json(cedar_scratch *scratch, const cedar_policies *policies,
                                    cedar_str *ret_json) {
    return write_all(scratch, policies, add_all_json, ret_json);
}

/* ---- layout ---- */

cedar_status cedar_policies_format(cedar_scratch *scratch, cedar_str text, const char *source_name,
                                   const cedar_format_options *options, cedar_str *ret_text,
                                   cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || ret_text == NULL || api_is_bad(text)) {
        return CEDAR_ERR_MISUSE;
    }
    struct format_options chosen = format_options_default;
    if (options != NULL && options->line_width != 0) {
        chosen.line_width = options->line_width;
    }
    if (options != NULL && options->indent_width != 0) {
        chosen.indent_width = options->indent_width;
    }
    struct parse_limits limits = api_parse_limits(scratch->engine);
    struct diag_list diags;
    str formatted;
    diag_list_init(&diags, &scratch->temp);
    diags.source_name = str_c(source_name);
    diags.source_text = api_str(text);
    err error =
        format_policies(&scratch->temp, api_str(text), &chosen, &limits, &formatted, &diags);
    if (error == ERR_OK) {
        error = arena_copy(&scratch->arena, formatted, &formatted);
    }
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    if (error == ERR_OK) {
        *ret_text = api_public(formatted);
    }
    arena_clear(&scratch->temp);
    return status;
}
