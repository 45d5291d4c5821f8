/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar format`: policy text laid out, printed, compared or put in the place of the files. */
#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const char headline[] = "failed to format policies";

static bool read_width(struct cli *cli, enum option_id id, uint32_t *ret) {
    const char *text = cli->options->texts[id];
    uint64_t number;
    if (text == NULL) {
        return true;
    }
    if (!str_to_u64(str_c(text), &number) || number == 0 || number > UINT16_MAX) {
        render_error(cli, headline, "a width is a number from 1 to 65535", NULL);
        return false;
    }
    *ret = (uint32_t)number;
    return true;
}

static bool write_file(struct cli *cli, const char *path, str text) {
    struct error error = {.text = ""};
    if (files_replace(&cli->arena, path, text, &error) == ERR_OK) {
        return true;
    }
    error_prefix(&error, "%s", path);
    render_error(cli, "failed to write policies", error.text, NULL);
    return false;
}

static bool format_file(struct cli *cli, const char *path, const cedar_format_options *widths) {
    const struct options *options = cli->options;
    cedar_report *report = NULL;
    cedar_str formatted;
    str text;
    if (!load_file(cli, path, "failed to read policies", &text)) {
        return false;
    }
    cedar_status status =
        cedar_policies_format(cli->scratch, cli_cedar_str(text), path, widths, &formatted, &report);
    if (status != CEDAR_OK) {
        render_report(cli, headline, report, cedar_status_name(status));
        cedar_report_free(report);
        return false;
    }
    bool is_same = str_equal(text, cli_str(formatted));
    if (options_has(options, OPTION_WRITE)) {
        return is_same || write_file(cli, path, cli_str(formatted));
    }
    buf_add(&cli->out, cli_str(formatted));
    return is_same || !options_has(options, OPTION_CHECK);
}

int cmd_format(struct cli *cli) {
    const struct options *options = cli->options;
    cedar_format_options widths = {0};
    if (!read_width(cli, OPTION_LINE_WIDTH, &widths.line_width) ||
        !read_width(cli, OPTION_INDENT_WIDTH, &widths.indent_width)) {
        return CLI_FAILURE;
    }
    if (options->policy_count == 0) {
        return format_file(cli, "-", &widths) ? CLI_OK : CLI_FAILURE;
    }
    bool is_good = true;
    for (size_t i = 0; i < options->policy_count; i++) {
        is_good = format_file(cli, options->policies[i], &widths) && is_good;
    }
    return is_good ? CLI_OK : CLI_FAILURE;
}
