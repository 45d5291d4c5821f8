/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/load.h"

#include "cli/files.h"
#include "cli/render.h"

enum { FILE_MAX = 64 << 20 }; /* the engine's own limit of one text */

/* Name of a path in reports. */
static const char *shown_name(const char *path) {
    return str_equal_c(STR("-"), path) ? "<stdin>" : path;
}

bool load_file(struct cli *cli, const char *path, const char *headline, str *ret) {
    struct error error = {.text = ""};
    bool is_stdin = str_equal_c(STR("-"), path);
    if (is_stdin && cli->is_stdin_taken) {
        render_error(cli, headline, "standard input can be read for one input only", NULL);
        return false;
    }
    cli->is_stdin_taken = cli->is_stdin_taken || is_stdin;
    if (files_read(&cli->arena, path, FILE_MAX, ret, &error) != ERR_OK) {
        error_prefix(&error, "%s", shown_name(path));
        render_error(cli, headline, error.text, NULL);
        return false;
    }
    return true;
}

/* ---- policies -------------------------------------------------------------------------------- */

static const char headline_policies[] = "failed to parse policy set";
static const char headline_policy_file[] = "failed to read policies";

static bool add_file(struct cli *cli, cedar_policies_builder *builder, enum text_format format,
                     const char *path, const char *name, bool has_prefix) {
    str text;
    str prefix = STR("");
    if (!load_file(cli, path, headline_policy_file, &text)) {
        return false;
    }
    if (has_prefix && arena_format(&cli->arena, &prefix, "%s#", name) != ERR_OK) {
        render_error(cli, headline_policies, "out of memory", NULL);
        return false;
    }
    const char *prefix_text = has_prefix ? prefix.ptr : NULL;
    if (format == TEXT_FORMAT_JSON) {
        /* What is wrong with it is in the report of the set. */
        IGNORE(cedar_policies_builder_add_json(builder, cli_cedar_str(text), shown_name(path),
                                               prefix_text));
        return true;
    }
    cedar_status status =
        cedar_policies_builder_add(builder, cli_cedar_str(text), shown_name(path), prefix_text);
    if (status != CEDAR_OK) {
        render_error(cli, headline_policies, cedar_status_name(status), NULL);
        return false;
    }
    return true;
}

static bool add_directory(struct cli *cli, cedar_policies_builder *builder, enum text_format format,
                          const char *directory) {
    bool is_json = format == TEXT_FORMAT_JSON;
    struct file_list files;
    struct error error = {.text = "out of memory"};
    if (files_find(&cli->arena, directory, is_json ? STR(".json") : STR(".cedar"), &files,
                   &error) != ERR_OK) {
        render_error(cli, headline_policy_file, error.text, NULL);
        return false;
    }
    bool is_good = true;
    for (size_t i = 0; i < files.count; i++) {
        str path;
        if (arena_format(&cli->arena, &path, "%s/%s", directory, files.names[i]) != ERR_OK) {
            render_error(cli, headline_policy_file, "out of memory", NULL);
            return false;
        }
        is_good = add_file(cli, builder, format, path.ptr, files.names[i], true) && is_good;
    }
    if (files.count == 0) {
        str cause;
        bool is_made = arena_format(&cli->arena, &cause, "%s: no *.%s file below it", directory,
                                    is_json ? "json" : "cedar") == ERR_OK;
        render_error(cli, headline_policy_file, is_made ? cause.ptr : NULL, NULL);
        return false;
    }
    return is_good;
}

/* One file keeps plain ids; where several come together, an id names its file. */
static bool add_all(struct cli *cli, cedar_policies_builder *builder, enum text_format format) {
    const struct options *options = cli->options;
    if (options->policy_count == 0) {
        return add_file(cli, builder, format, "-", "", false);
    }
    bool is_good = true;
    for (size_t i = 0; i < options->policy_count; i++) {
        const char *path = options->policies[i];
        bool is_added = files_is_directory(path)
                            ? add_directory(cli, builder, format, path)
                            : add_file(cli, builder, format, path, path, options->policy_count > 1);
        is_good = is_good && is_added;
    }
    return is_good;
}

/* A file of template links; an empty one has none. */
static bool add_links(struct cli *cli, cedar_policies_builder *builder, const char *path) {
    str text;
    if (!load_file(cli, path, "failed to read template links", &text)) {
        return false;
    }
    bool is_empty = true;
    for (size_t i = 0; i < text.len; i++) {
        is_empty = is_empty && (text.ptr[i] == ' ' || text.ptr[i] == '\t' || text.ptr[i] == '\n' ||
                                text.ptr[i] == '\r');
    }
    if (!is_empty) {
        /* What is wrong with them is in the report of the set. */
        IGNORE(
            cedar_policies_builder_add_links_json(builder, cli_cedar_str(text), shown_name(path)));
    }
    return true;
}

bool load_policies(struct cli *cli, cedar_policies **ret) {
    return load_policies_as(cli, (enum text_format)cli->options->choices[OPTION_POLICY_FORMAT],
                            cli->options->texts[OPTION_TEMPLATE_LINKED], false, ret);
}

bool load_policies_as(struct cli *cli, enum text_format format, const char *links,
                      bool links_optional, cedar_policies **ret) {
    cedar_policies_builder *builder;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_builder_new(cli->engine, CEDAR_IDS_FROM_ANNOTATION, &builder);
    if (status != CEDAR_OK) {
        render_error(cli, headline_policies, cedar_status_name(status), NULL);
        return false;
    }
    bool is_good = add_all(cli, builder, format);
    if (links != NULL && (!links_optional || files_exists(links))) {
        is_good = add_links(cli, builder, links) && is_good;
    }
    cedar_policies *policies = NULL;
    status = cedar_policies_builder_build(builder, &policies, &report);
    /* Files that could not be read have been reported; the others may be wrong as well. */
    if (status != CEDAR_OK) {
        render_report(cli, headline_policies, report, cedar_status_name(status));
        is_good = false;
    }
    cedar_report_free(report);
    cedar_policies_builder_free(builder);
    if (!is_good) {
        cedar_policies_unref(policies);
        return false;
    }
    *ret = policies;
    return true;
}

/* ---- schema, entities ------------------------------------------------------------------------ */

bool load_schema(struct cli *cli, cedar_schema **ret) {
    const char *path = cli->options->texts[OPTION_SCHEMA];
    cedar_report *report = NULL;
    str text;
    *ret = NULL;
    if (path == NULL) {
        return true;
    }
    if (!load_file(cli, path, "failed to read schema", &text)) {
        return false;
    }
    cedar_format format = cli->options->choices[OPTION_SCHEMA_FORMAT] == TEXT_FORMAT_JSON
                              ? CEDAR_FORMAT_JSON
                              : CEDAR_FORMAT_CEDAR;
    cedar_status status = cedar_schema_parse(cli->engine, cli_cedar_str(text), format,
                                             shown_name(path), ret, &report);
    if (status != CEDAR_OK) {
        render_report(cli, "failed to parse schema", report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

bool load_entities(struct cli *cli, const cedar_schema *schema, cedar_entities **ret) {
    const char *path = cli->options->texts[OPTION_ENTITIES];
    cedar_report *report = NULL;
    cedar_status status;
    str text;
    if (path == NULL) {
        status = cedar_entities_empty(cli->engine, ret);
    } else if (!load_file(cli, path, "failed to read entities", &text)) {
        return false;
    } else {
        status = cedar_entities_parse_json(cli->engine, cli_cedar_str(text), schema,
                                           shown_name(path), ret, &report);
    }
    if (status != CEDAR_OK) {
        render_report(cli, "failed to parse entities", report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}
