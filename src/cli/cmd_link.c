/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar link`: makes a policy from a template, and adds it to the file of links if there is one.
 */
#include "base/json.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const char headline[] = "unable to link template";

enum { SLOTS_MAX = 2 };

struct arguments {
    cedar_slot_value values[SLOTS_MAX];
    size_t count;
};

/* ---- --arguments ----------------------------------------------------------------------------- */

/* A wrong value of an option is an error of usage, as it is for the reference. */
static bool refuse(struct cli *cli, const char *text, const char *reason) {
    buf_format(&cli->err,
               "error: invalid value '%s' for '--arguments <JSON>': %s\n\n"
               "For more information, try '--help'.\n",
               text, reason);
    return false;
}

static bool read_text(struct cli *cli, const struct json **ret) {
    const char *text = cli->options->texts[OPTION_ARGUMENTS];
    const struct json *json;
    struct error error = {.text = ""};
    if (json_parse(&cli->arena, str_c(text), &json_limits_default, &json, &error) != ERR_OK) {
        return refuse(cli, text, error.text);
    }
    if (json->kind != JSON_OBJECT) {
        return refuse(cli, text, "it is not a JSON object");
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        if (!str_equal_c(member->name, "?principal") && !str_equal_c(member->name, "?resource")) {
            return refuse(cli, text,
                          load_phrase(cli,
                                      "Invalid SlotId! Expected ?principal|?resource, got: %.*s",
                                      STR_FMT(member->name)));
        }
        if (member->value.kind != JSON_STRING) {
            return refuse(cli, text, "the value of a slot is a string");
        }
    }
    *ret = json;
    return true;
}

/* Names are unique in the object, so there are no more than two. */
static bool parse_values(struct cli *cli, const struct json *json, struct arguments *ret) {
    bool is_good = true;
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        cedar_slot_value *value = &ret->values[ret->count++];
        cedar_report *report = NULL;
        value->slot = cli_cedar_str(member->name);
        cedar_status status =
            cedar_uid_parse(cli->scratch, cli_cedar_str(member->value.text), &value->uid, &report);
        if (status != CEDAR_OK) {
            const char *detail =
                load_phrase(cli, "failed to parse %.*s as entity Uid", STR_FMT(member->value.text));
            struct complaint complaint = {.headline = headline,
                                          .detail = detail,
                                          .source = "arguments",
                                          .help =
                                              "such as {\"?principal\": \"User::\\\"alice\\\"\"}"};
            render_complaint(cli, &complaint, report, cedar_status_name(status));
            is_good = false;
        }
        cedar_report_free(report);
    }
    return is_good;
}

/* ---- the file of links ----------------------------------------------------------------------- */

/* The link as one object of the file. */
static bool describe(struct cli *cli, str *ret) {
    const struct options *options = cli->options;
    struct buf text;
    buf_init_arena(&text, &cli->arena, SIZE_MAX / 2);
    buf_add_c(&text, "{\"template_id\":");
    json_escape(&text, str_c(options->texts[OPTION_TEMPLATE_ID]));
    buf_add_c(&text, ",\"link_id\":");
    json_escape(&text, str_c(options->texts[OPTION_NEW_ID]));
    buf_add_c(&text, ",\"args\":");
    buf_add_c(&text, options->texts[OPTION_ARGUMENTS]);
    buf_add_byte(&text, '}');
    return buf_finish(&text, ret) == ERR_OK;
}

/* The array with one more element. It has been read as links before. */
static bool append(struct cli *cli, const char *path) {
    struct error error = {.text = ""};
    struct buf out;
    str text = STR("");
    str whole;
    str link;
    if (!describe(cli, &link) || (files_exists(path) && !load_file(cli, path, "links", &text))) {
        return false;
    }
    size_t start = str_find_byte(text, '[');
    size_t end = text.len;
    while (end > 0 && text.ptr[end - 1] != ']') {
        end--;
    }
    buf_init_arena(&out, &cli->arena, SIZE_MAX / 2);
    buf_add_byte(&out, '[');
    if (start != SIZE_MAX && end > start + 1) {
        str items = str_slice(text, start + 1, end - 1);
        buf_add(&out, items);
        buf_add_c(&out, str_find_byte(items, '{') == SIZE_MAX ? "" : ",");
    }
    buf_add(&out, link);
    buf_add_c(&out, "]\n");
    if (buf_finish(&out, &whole) == ERR_OK &&
        files_replace(&cli->arena, path, whole, &error) == ERR_OK) {
        return true;
    }
    error_prefix(&error, "%s", path);
    render_error(cli, "failed to write template links", error.text, NULL);
    return false;
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool print_link(struct cli *cli, const cedar_policies *linked) {
    const struct options *options = cli->options;
    cedar_str text;
    cedar_str json;
    size_t index = cedar_policies_find(linked, cedar_str_from(options->texts[OPTION_NEW_ID]));
    if (cedar_policy_to_text(cli->scratch, linked, index, &text) != CEDAR_OK ||
        cedar_policy_to_json(cli->scratch, linked, index, &json) != CEDAR_OK) {
        render_error(cli, headline, "the policy cannot be printed", NULL);
        return false;
    }
    if (cli->has_json) {
        json_name_string(&cli->json, STR("id"), str_c(options->texts[OPTION_NEW_ID]));
        json_name_string(&cli->json, STR("template_id"), str_c(options->texts[OPTION_TEMPLATE_ID]));
        json_name_string(&cli->json, STR("text"), cli_str(text));
        json_key(&cli->json, STR("policy"));
        json_raw(&cli->json, cli_str(json));
        return true;
    }
    buf_add_c(&cli->out, "Template-linked policy added: ");
    buf_add(&cli->out, cli_str(text));
    buf_add_byte(&cli->out, '\n');
    return true;
}

static bool link_with(struct cli *cli, const cedar_policies *policies,
                      const struct arguments *arguments) {
    const struct options *options = cli->options;
    const char *file = options->texts[OPTION_TEMPLATE_LINKED];
    cedar_policies *linked = NULL;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_link(policies, cedar_str_from(options->texts[OPTION_TEMPLATE_ID]),
                            cedar_str_from(options->texts[OPTION_NEW_ID]), arguments->values,
                            arguments->count, &linked, &report);
    if (status != CEDAR_OK) {
        bool is_said =
            cedar_report_count(report) > 0 &&
            str_has_prefix(cli_str(cedar_report_get(report, 0).message), str_c(headline));
        render_report(cli, is_said ? headline : NULL, report, cedar_status_name(status));
    }
    bool is_good =
        status == CEDAR_OK && (file == NULL || append(cli, file)) && print_link(cli, linked);
    cedar_report_free(report);
    cedar_policies_unref(linked);
    return is_good;
}

int cmd_link(struct cli *cli) {
    const struct options *options = cli->options;
    const struct json *json;
    struct arguments arguments = {.count = 0};
    cedar_policies *policies = NULL;
    if (!read_text(cli, &json)) {
        return CLI_USAGE;
    }
    bool is_good = load_policies_as(cli, (enum text_format)options->choices[OPTION_POLICY_FORMAT],
                                    options->texts[OPTION_TEMPLATE_LINKED], true, &policies);
    is_good = parse_values(cli, json, &arguments) && is_good;
    is_good = is_good && link_with(cli, policies, &arguments);
    cedar_policies_unref(policies);
    return is_good ? CLI_OK : CLI_FAILURE;
}
