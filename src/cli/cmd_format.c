/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar format`: policy text laid out, printed, compared or put in the place of the files. */
#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const char headline[] = "cannot parse input policies";

static bool write_file(struct cli *cli, const char *path, str text) {
    struct error error = {.text = ""};
    if (files_replace(&cli->arena, path, text, &error) == ERR_OK) {
        return true;
    }
    error_prefix(&error, "%s", path);
    render_error(cli, "failed to write policies", error.text, NULL);
    return false;
}

static void describe(struct cli *cli, const char *name, bool is_same, str formatted) {
    struct json_writer *w = &cli->json;
    json_open_object(w);
    json_name_string(w, STR("source"), str_c(name));
    json_name_bool(w, STR("changed"), !is_same);
    if (!options_has(cli->options, OPTION_WRITE)) {
        json_name_string(w, STR("text"), formatted);
    }
    json_close_object(w);
}

static bool format_file(struct cli *cli, const char *path, const cedar_format_options *widths) {
    const struct options *options = cli->options;
    cedar_report *report = NULL;
    cedar_str formatted;
    str text;
    if (options_has(options, OPTION_WRITE) && str_equal_c(STR("-"), path)) {
        render_error(cli, "failed to write policies", "standard input cannot be replaced",
                     "without --write the result goes to standard output");
        return false;
    }
    if (!load_file(cli, path, "policy set", &text)) {
        return false;
    }
    const char *name = load_shown_name(path);
    cedar_status status =
        cedar_policies_format(cli->scratch, cli_cedar_str(text), name, widths, &formatted, &report);
    if (status != CEDAR_OK) {
        render_report(cli, headline, report, cedar_status_name(status));
        cedar_report_free(report);
        return false;
    }
    bool is_same = str_equal(text, cli_str(formatted));
    if (cli->has_json) {
        describe(cli, name, is_same, cli_str(formatted));
    }
    if (options_has(options, OPTION_WRITE)) {
        return is_same || write_file(cli, path, cli_str(formatted));
    }
    if (!cli->has_json) {
        buf_add(&cli->out, cli_str(formatted));
    }
    return is_same || !options_has(options, OPTION_CHECK);
}

/* A file, or every *.cedar file below a directory. */
static bool format_path(struct cli *cli, const char *path, const cedar_format_options *widths) {
    str suffix = STR(".cedar");
    struct file_list files;
    struct error error = {.text = "out of memory"};
    if (!files_is_directory(path)) {
        return format_file(cli, path, widths);
    }
    if (files_find(&cli->arena, path, &suffix, 1, &files, &error) != ERR_OK) {
        render_error(cli, load_phrase(cli, "failed to read policies from directory %s", path),
                     error.text, NULL);
        return false;
    }
    bool is_good = true;
    for (size_t i = 0; i < files.count; i++) {
        const char *inside;
        is_good = files_join(&cli->arena, path, files.names[i], &inside) == ERR_OK &&
                  format_file(cli, inside, widths) && is_good;
    }
    return is_good;
}

/* The library takes 0 for its default; here it means as narrow as can be. */
static uint32_t width_of(const struct options *options, enum option_id id) {
    uint64_t width = options->numbers[id];
    return !options_has(options, id) ? 0 : width == 0 ? 1 : (uint32_t)width;
}

int cmd_format(struct cli *cli) {
    const struct options *options = cli->options;
    cedar_format_options widths = {width_of(options, OPTION_LINE_WIDTH),
                                   width_of(options, OPTION_INDENT_WIDTH)};
    const struct option_list *paths = &options->lists[OPTION_POLICIES];
    bool is_good = true;
    if (cli->has_json) {
        json_key(&cli->json, STR("files"));
        json_open_array(&cli->json);
    }
    if (paths->count == 0) {
        is_good = format_file(cli, "-", &widths);
    }
    for (size_t i = 0; i < paths->count; i++) {
        is_good = format_path(cli, paths->items[i], &widths) && is_good;
    }
    if (cli->has_json) {
        json_close_array(&cli->json);
    }
    return is_good ? CLI_OK : CLI_FAILURE;
}
