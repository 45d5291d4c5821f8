/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verdict.h"

#include "cli/junit.h"
#include "cli/load.h"
#include "cli/render.h"

static bool has_warning(const cedar_report *report) {
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        if (cedar_report_get(report, i).severity == CEDAR_WARNING) {
            return true;
        }
    }
    return false;
}

int verdict_status(const struct cli *cli, bool has_errors, const cedar_report *report) {
    bool is_refused =
        has_errors || (options_has(cli->options, OPTION_DENY_WARNINGS) && has_warning(report));
    return is_refused ? CLI_INVALID : CLI_OK;
}

static void add_json(struct cli *cli, const struct verdict *verdict) {
    struct json_writer *w = &cli->json;
    json_name_bool(w, STR("valid"), verdict->status == CLI_OK);
    json_name_bool(w, STR("validated"), verdict->files->count > 0);
    json_key(w, STR("schema"));
    json_open_array(w);
    for (size_t i = 0; i < verdict->files->count; i++) {
        json_string(w, str_c(load_shown_name(verdict->files->paths[i])));
    }
    json_close_array(w);
    json_name_int(w, STR("policies"), (int64_t)cedar_policies_count(verdict->policies));
}

void verdict_print(struct cli *cli, const struct verdict *verdict) {
    const char *headline = verdict->status == CLI_OK ? verdict->passed : verdict->failed;
    if (cli->format == OUTPUT_JUNIT) {
        junit_add_policies(cli, verdict->policies, verdict->report,
                           options_has(cli->options, OPTION_DENY_WARNINGS));
        return;
    }
    if (cli->has_json) {
        add_json(cli, verdict);
    }
    if (cedar_report_count(verdict->report) > 0) {
        render_report(cli, cli->format == OUTPUT_TEXT ? headline : NULL, verdict->report, NULL);
    } else if (cli->format == OUTPUT_TEXT && !options_has(cli->options, OPTION_QUIET)) {
        render_note(cli, headline,
                    verdict->nothing == NULL ? "no errors or warnings" : verdict->nothing);
    }
}

int verdict_run(struct cli *cli, verdict_judge *judge) {
    cedar_policies *policies = NULL;
    cedar_schema *schema = NULL;
    struct schema_files files = {0};
    int status = CLI_FAILURE;
    bool is_good = load_policies(cli, &policies);
    is_good = schemas_choose(cli, &files) && schemas_load(cli, &files, &schema) && is_good;
    if (files.is_found && !options_has(cli->options, OPTION_QUIET)) {
        buf_format(&cli->err, "note: using the schema %s\n", files.paths[0]);
    }
    if (is_good) {
        status = judge(cli, policies, schema, &files);
    }
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return status;
}
