/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar validate`: a set of policies as a whole, against the schema that is named or found. */
#include "cli/junit.h"
#include "cli/load.h"
#include "cli/render.h"
#include "cli/schemas.h"
#include "cli/watch.h"

static bool has_warning(const cedar_report *report) {
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        if (cedar_report_get(report, i).severity == CEDAR_WARNING) {
            return true;
        }
    }
    return false;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void print_json(struct cli *cli, const cedar_policies *policies,
                       const struct schema_files *files, int status) {
    struct json_writer *w = &cli->json;
    json_name_bool(w, STR("valid"), status == CLI_OK);
    json_name_bool(w, STR("validated"), files->count > 0);
    json_key(w, STR("schema"));
    json_open_array(w);
    for (size_t i = 0; i < files->count; i++) {
        json_string(w, str_c(load_shown_name(files->paths[i])));
    }
    json_close_array(w);
    json_name_int(w, STR("policies"), (int64_t)cedar_policies_count(policies));
}

static void print_result(struct cli *cli, const cedar_policies *policies,
                         const struct schema_files *files, const cedar_report *report, int status) {
    const char *headline =
        status == CLI_OK ? "policy set validation passed" : "policy set validation failed";
    if (cli->format == OUTPUT_JUNIT) {
        junit_add_policies(cli, policies, report, options_has(cli->options, OPTION_DENY_WARNINGS));
        return;
    }
    if (cli->has_json) {
        print_json(cli, policies, files, status);
    }
    if (cedar_report_count(report) > 0) {
        render_report(cli, cli->format == OUTPUT_TEXT ? headline : NULL, report, NULL);
    } else if (cli->format == OUTPUT_TEXT && !options_has(cli->options, OPTION_QUIET)) {
        render_note(cli, headline, "no errors or warnings");
    }
}

/* ---- validating ------------------------------------------------------------------------------ */

static int validate(struct cli *cli, const cedar_policies *policies, const cedar_schema *schema,
                    const struct schema_files *files) {
    const struct options *options = cli->options;
    cedar_validate_options how = {
        .mode = options->choices[OPTION_VALIDATION_MODE] == MODE_PERMISSIVE
                    ? CEDAR_VALIDATE_PERMISSIVE
                    : CEDAR_VALIDATE_STRICT,
        .compat = options->choices[OPTION_COMPAT] == COMPAT_4_12 ? CEDAR_COMPAT_4_12
                                                                 : CEDAR_COMPAT_CURRENT,
        .has_level = options_has(options, OPTION_LEVEL),
        .level = (uint32_t)options->numbers[OPTION_LEVEL]};
    cedar_report *report = NULL;
    cedar_status status = cedar_validate(policies, schema, &how, &report);
    if (status != CEDAR_OK && status != CEDAR_ERR_SCHEMA) {
        render_report(cli, "failed to validate", report, cedar_status_name(status));
        cedar_report_free(report);
        return CLI_FAILURE;
    }
    bool is_refused =
        status != CEDAR_OK || (options_has(options, OPTION_DENY_WARNINGS) && has_warning(report));
    int result = is_refused ? CLI_INVALID : CLI_OK;
    print_result(cli, policies, files, report, result);
    cedar_report_free(report);
    return result;
}

/* Says honestly how little was looked at. */
static int pass_unvalidated(struct cli *cli, const cedar_policies *policies,
                            const struct schema_files *files) {
    static const char headline[] = "policy set parsed; not validated: no schema";
    if (options_has(cli->options, OPTION_REQUIRE_SCHEMA)) {
        render_error(cli, "there is no schema to validate with", NULL,
                     "name one with --schema, or put a *.cedarschema beside the policies");
        return CLI_FAILURE;
    }
    if (cli->format == OUTPUT_JUNIT) {
        junit_add_policies(cli, policies, NULL, false);
        junit_add_skipped(cli, "validation", headline);
    } else if (cli->has_json) {
        print_json(cli, policies, files, CLI_OK);
    } else if (cli->format == OUTPUT_TEXT && !options_has(cli->options, OPTION_QUIET)) {
        render_note(cli, headline, "name a schema with --schema to check types and names");
    }
    return CLI_OK;
}

static int run_once(struct cli *cli) {
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
        status = schema == NULL ? pass_unvalidated(cli, policies, &files)
                                : validate(cli, policies, schema, &files);
    }
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return status;
}

int cmd_validate(struct cli *cli) {
    const struct options *options = cli->options;
    if (options->choices[OPTION_VALIDATION_MODE] == MODE_PARTIAL) {
        buf_add_c(&cli->err, "Error: `--validation-mode partial` is experimental, and this "
                             "executable does not have it\n");
        return CLI_FAILURE;
    }
    return options_has(options, OPTION_WATCH) ? watch_run(cli, run_once) : run_once(cli);
}
