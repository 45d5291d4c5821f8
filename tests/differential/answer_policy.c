/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

/* One policy or template, in text or JSON. */
static cedar_policies *load_one(struct answer *a, const struct json *input, bool is_template) {
    bool is_text = input->kind == JSON_STRING;
    str source = is_text ? input->text : answer_source(a, input);
    cedar_policies *made = NULL;
    cedar_report *report = NULL;
    cedar_status status =
        is_text ? cedar_policies_parse(a->engine, outer(source), NULL, &made, &report)
                : cedar_policies_parse_json(a->engine, outer(source), NULL, &made, &report);
    if (!answer_check(a, status, report)) {
        return NULL;
    }
    bool is_one = cedar_policies_count(made) == 1;
    if (!is_one || cedar_policies_get(made, 0).is_template != is_template) {
        if (is_text || is_one) {
            answer_not_one(a, source, made, is_template);
        } else {
            answer_fail(a, "missing field `effect`"); /* a set by its shape, not a policy */
        }
        cedar_policies_unref(made);
        return NULL;
    }
    return made;
}

static void answer_policy(struct answer *a, const struct json *input, bool is_template,
                          bool is_json) {
    cedar_str text;
    cedar_policies *policies = load_one(a, input, is_template);
    if (policies == NULL ||
        !answer_check(a,
                      is_json ? cedar_policy_to_json(a->scratch, policies, 0, &text)
                              : cedar_policy_to_text(a->scratch, policies, 0, &text),
                      NULL)) {
        answer_failure(a);
    } else {
        json_open_object(&a->out);
        json_name_string(&a->out, STR("type"), STR("success"));
        if (is_json) {
            json_key(&a->out, STR("json"));
            json_raw(&a->out, inner(text));
        } else {
            json_name_string(&a->out, STR("text"), inner(text));
        }
        json_close_object(&a->out);
    }
    cedar_policies_unref(policies);
}

void answer_policy_to_json(struct answer *a, const struct json *input, bool is_template) {
    answer_policy(a, input, is_template, true);
}

void answer_policy_to_text(struct answer *a, const struct json *input, bool is_template) {
    answer_policy(a, input, is_template, false);
}

void answer_format(struct answer *a, const struct json *input) {
    const struct json *text = json_get(input, STR("policyText"));
    const struct json *width = json_get(input, STR("lineWidth"));
    const struct json *indent = json_get(input, STR("indentWidth"));
    cedar_format_options options = {0};
    options.line_width = width != NULL ? (uint32_t)width->integer : 0;
    options.indent_width = indent != NULL ? (uint32_t)indent->integer : 0;
    cedar_str formatted;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_format(a->scratch, outer(text->text), NULL, &options, &formatted, &report);
    if (!answer_check(a, status, report)) {
        answer_failure(a);
        return;
    }
    json_open_object(&a->out);
    json_name_string(&a->out, STR("type"), STR("success"));
    json_name_string(&a->out, STR("formatted_policy"), inner(formatted));
    json_close_object(&a->out);
}
