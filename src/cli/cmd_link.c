/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar link`: makes a policy from a template, and adds it to the file of links if there is one.
 */
#include "base/json.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const char headline[] = "failed to link template";

/* The link as one object of the file. */
static bool describe(struct cli *cli, str *ret) {
    const struct options *options = cli->options;
    const char *given = options->texts[OPTION_ARGUMENTS];
    str arguments = given == NULL ? STR("{}") : str_c(given);
    const struct json *json;
    struct error error = {.text = "it is not a JSON object"};
    struct buf text;
    if (json_parse(&cli->arena, arguments, &json_limits_default, &json, &error) != ERR_OK ||
        json->kind != JSON_OBJECT) {
        render_error(cli, "failed to parse the arguments", error.text, NULL);
        return false;
    }
    buf_init_arena(&text, &cli->arena, SIZE_MAX / 2);
    buf_add_c(&text, "{\"template_id\":");
    json_escape(&text, str_c(options->texts[OPTION_TEMPLATE_ID]));
    buf_add_c(&text, ",\"link_id\":");
    json_escape(&text, str_c(options->texts[OPTION_NEW_ID]));
    buf_add_c(&text, ",\"args\":");
    buf_add(&text, arguments);
    buf_add_byte(&text, '}');
    return buf_finish(&text, ret) == ERR_OK;
}

static cedar_status make(struct cli *cli, const cedar_policies *policies, str link,
                         cedar_policies **ret, cedar_report **ret_report) {
    cedar_policies_builder *builder;
    str text;
    if (arena_format(&cli->arena, &text, "[%.*s]", STR_FMT(link)) != ERR_OK) {
        return CEDAR_ERR_NOMEM;
    }
    cedar_status status = cedar_policies_builder_new(cli->engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    /* The report of the set tells what is wrong. */
    IGNORE(cedar_policies_builder_add_policies(builder, policies));
    IGNORE(cedar_policies_builder_add_links_json(builder, cli_cedar_str(text), "<arguments>"));
    status = cedar_policies_builder_build(builder, ret, ret_report);
    cedar_policies_builder_free(builder);
    return status;
}

/* The file's array with one more element. It has been read as links before. */
static bool append(struct cli *cli, const char *path, str link) {
    struct error error = {.text = ""};
    struct buf out;
    str text = STR("");
    str whole;
    if (files_exists(path) && !load_file(cli, path, headline, &text)) {
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

static bool report_link(struct cli *cli, const cedar_policies *linked) {
    cedar_str id = cedar_str_from(cli->options->texts[OPTION_NEW_ID]);
    cedar_str text;
    size_t index = cedar_policies_find(linked, id);
    if (cedar_policy_to_text(cli->scratch, linked, index, &text) != CEDAR_OK) {
        render_error(cli, headline, "the policy cannot be printed", NULL);
        return false;
    }
    buf_add_c(&cli->out, "Template-linked policy added: ");
    buf_add(&cli->out, cli_str(text));
    buf_add_byte(&cli->out, '\n');
    return true;
}

int cmd_link(struct cli *cli) {
    const struct options *options = cli->options;
    const char *file = options->texts[OPTION_TEMPLATE_LINKED];
    cedar_policies *policies = NULL;
    cedar_policies *linked = NULL;
    cedar_report *report = NULL;
    str link;
    bool is_good = load_policies_as(cli, (enum text_format)options->choices[OPTION_POLICY_FORMAT],
                                    file, true, &policies);
    is_good = describe(cli, &link) && is_good;
    if (is_good) {
        cedar_status status = make(cli, policies, link, &linked, &report);
        if (status != CEDAR_OK) {
            render_report(cli, headline, report, cedar_status_name(status));
            is_good = false;
        }
    }
    is_good = is_good && (file == NULL || append(cli, file, link)) && report_link(cli, linked);
    cedar_report_free(report);
    cedar_policies_unref(linked);
    cedar_policies_unref(policies);
    return is_good ? CLI_OK : CLI_FAILURE;
}
