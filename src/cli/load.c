/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/load.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/files.h"
#include "cli/render.h"

enum { FILE_MAX = 64 << 20 /* the engine's own limit of one text */ };

const struct json_limits load_json_limits = {
    .max_bytes = FILE_MAX, .max_depth = 64, .max_values = 10000000};

/* ---- files ----------------------------------------------------------------------------------- */

const char *load_shown_name(const char *path) {
    return str_equal_c(STR("-"), path) ? "<stdin>" : path;
}

const char *load_phrase(struct cli *cli, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : arena_alloc(&cli->arena, (size_t)length + 1);
    if (text == NULL) {
        return format;
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void load_remember(struct cli *cli, const char *name, str text) {
    /* Without memory reports have fewer lines. */
    IGNORE(VEC_PUSH(&cli->arena, &cli->sources, (struct cli_source){name, text}));
}

bool load_file(struct cli *cli, const char *path, const char *what, str *ret) {
    struct error error = {.text = ""};
    bool is_stdin = str_equal_c(STR("-"), path);
    if (is_stdin && cli->is_stdin_taken) {
        render_error(cli, load_phrase(cli, "failed to read %s from standard input", what),
                     "standard input can be read for one input only",
                     "give the name of a file for the others");
        return false;
    }
    cli->is_stdin_taken = cli->is_stdin_taken || is_stdin;
    if (files_read(&cli->arena, path, FILE_MAX, ret, &error) != ERR_OK) {
        render_error(cli,
                     is_stdin ? load_phrase(cli, "failed to read %s from standard input", what)
                              : load_phrase(cli, "failed to open %s file %s", what, path),
                     error.text, NULL);
        return false;
    }
    load_remember(cli, load_shown_name(path), *ret);
    return true;
}

bool load_json(struct cli *cli, const char *path, const char *what, const struct json **ret_json,
               str *ret_text) {
    struct error error = {.text = ""};
    if (!load_file(cli, path, what, ret_text)) {
        return false;
    }
    if (json_parse(&cli->arena, *ret_text, &load_json_limits, ret_json, &error) != ERR_OK) {
        const char *name = load_shown_name(path);
        struct complaint complaint = {
            .headline = load_phrase(cli, "failed to parse %s file %s", what, name)};
        render_at(cli, &complaint, error.text, name, *ret_text, error.offset);
        return false;
    }
    return true;
}

/* ---- schema, entities ------------------------------------------------------------------------ */

cedar_format load_format_of(enum text_format wanted, str text) {
    size_t at = 0;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '\n' ||
                             text.ptr[at] == '\r')) {
        at++;
    }
    bool is_json = wanted == TEXT_FORMAT_JSON ||
                   (wanted == TEXT_FORMAT_AUTO && at < text.len && text.ptr[at] == '{');
    return is_json ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR;
}

bool load_schema(struct cli *cli, cedar_schema **ret) {
    const char *path = cli->options->texts[OPTION_SCHEMA];
    *ret = NULL;
    return path == NULL || load_schema_file(cli, path, ret);
}

void load_schema_report(struct cli *cli, const char *headline, cedar_status status,
                        const cedar_report *report) {
    if (status != CEDAR_OK) {
        render_report(cli, headline, report, cedar_status_name(status));
    } else if (cedar_report_count(report) > 0) {
        struct buf *reports = cli->reports;
        cli->reports = &cli->err; /* warnings, which must not stand among the results */
        render_report(cli, NULL, report, NULL);
        cli->reports = reports;
    }
}

bool load_schema_file(struct cli *cli, const char *path, cedar_schema **ret) {
    cedar_report *report = NULL;
    str text;
    if (!load_file(cli, path, "schema", &text)) {
        return false;
    }
    const char *name = load_shown_name(path);
    enum text_format wanted = (enum text_format)cli->options->choices[OPTION_SCHEMA_FORMAT];
    cedar_status status = cedar_schema_parse(cli->engine, cli_cedar_str(text),
                                             load_format_of(wanted, text), name, ret, &report);
    load_schema_report(cli, load_phrase(cli, "failed to parse schema from file %s", name), status,
                       report);
    cedar_report_free(report);
    return status == CEDAR_OK;
}

bool load_entities(struct cli *cli, const cedar_schema *schema, cedar_entities **ret) {
    const char *path = cli->options->texts[OPTION_ENTITIES];
    cedar_report *report = NULL;
    str text;
    if (path == NULL) {
        return cedar_entities_empty(cli->engine, ret) == CEDAR_OK;
    }
    if (!load_file(cli, path, "entities", &text)) {
        return false;
    }
    const char *name = load_shown_name(path);
    cedar_status status =
        cedar_entities_parse_json(cli->engine, cli_cedar_str(text), schema, name, ret, &report);
    if (status != CEDAR_OK) {
        render_report(cli, load_phrase(cli, "failed to parse entities from file %s", name), report,
                      cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}
