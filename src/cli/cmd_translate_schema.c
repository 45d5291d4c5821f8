/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar translate-schema`: text to JSON and back. */
#include "cli/load.h"
#include "cli/render.h"

static void new_line(struct buf *out, size_t depth) {
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < depth; i++) {
        buf_add(out, STR("  "));
    }
}

/* Compact JSON laid out for people. */
static void add_pretty(struct buf *out, str json) {
    size_t depth = 0;
    bool is_string = false;
    for (size_t i = 0; i < json.len && out->error == ERR_OK; i++) {
        char c = json.ptr[i];
        bool is_open = !is_string && (c == '{' || c == '[');
        if (!is_string && (c == '}' || c == ']')) {
            depth--;
            new_line(out, depth);
        }
        buf_add_byte(out, c);
        if (is_string && c == '\\') {
            buf_add_byte(out, json.ptr[++i]);
        } else if (c == '"') {
            is_string = !is_string;
        } else if (is_open && (json.ptr[i + 1] == '}' || json.ptr[i + 1] == ']')) {
            buf_add_byte(out, json.ptr[++i]);
        } else if (is_open) {
            new_line(out, ++depth);
        } else if (!is_string && c == ',') {
            new_line(out, depth);
        } else if (!is_string && c == ':') {
            buf_add_byte(out, ' ');
        }
    }
}

/* Types can only be resolved in a whole schema. */
static cedar_status resolve(struct cli *cli, cedar_str text, const char *name, cedar_str *ret,
                            cedar_report **ret_report) {
    cedar_schema *schema = NULL;
    cedar_status status =
        cedar_schema_parse(cli->engine, text, CEDAR_FORMAT_CEDAR, name, &schema, ret_report);
    if (status == CEDAR_OK) {
        status = cedar_schema_to_json_resolved(cli->scratch, schema, ret);
        cedar_schema_unref(schema);
    }
    return status;
}

int cmd_translate_schema(struct cli *cli) {
    const char *path = cli->options->texts[OPTION_SCHEMA];
    int direction = cli->options->choices[OPTION_DIRECTION];
    cedar_report *report = NULL;
    cedar_str translated;
    cedar_status status;
    str text;
    cli->reports = &cli->err; /* standard output may go into a file */
    path = path == NULL ? "-" : path;
    if (!load_file(cli, path, "schema", &text)) {
        return CLI_FAILURE;
    }
    const char *name = load_shown_name(path);
    bool to_text = direction == SCHEMA_JSON_TO_CEDAR;
    if (direction == SCHEMA_CEDAR_TO_RESOLVED) {
        status = resolve(cli, cli_cedar_str(text), name, &translated, &report);
    } else {
        status = cedar_schema_translate(
            cli->scratch, cli_cedar_str(text), to_text ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR,
            name, to_text ? CEDAR_FORMAT_CEDAR : CEDAR_FORMAT_JSON, &translated, &report);
    }
    load_schema_report(cli, NULL, status, report);
    cedar_report_free(report);
    if (status != CEDAR_OK) {
        return CLI_FAILURE;
    }
    if (direction == SCHEMA_CEDAR_TO_RESOLVED) {
        add_pretty(&cli->out, cli_str(translated));
    } else {
        buf_add(&cli->out, cli_str(translated));
    }
    buf_add_byte(&cli->out, '\n');
    return CLI_OK;
}
