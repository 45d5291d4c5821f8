/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar validate`: a set of policies as a whole, against the schema that is named or found. */
#include "cli/junit.h"
#include "cli/render.h"
#include "cli/verdict.h"
#include "cli/watch.h"

static int fail(struct cli *cli, cedar_status status, cedar_report *report) {
    render_report(cli, "failed to validate", report, cedar_status_name(status));
    cedar_report_free(report);
    return CLI_FAILURE;
}

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
        return fail(cli, status, report);
    }
    struct verdict verdict = {
        .passed = "policy set validation passed",
        .failed = "policy set validation failed",
        .policies = policies,
        .files = files,
        .report = report,
        .status = verdict_status(cli, status != CEDAR_OK, report),
    };
    verdict_print(cli, &verdict);
    cedar_report_free(report);
    return verdict.status;
}

/* All rules of lint but one. */
static uint32_t other_rules(const char *wanted) {
    uint32_t others = 0;
    for (size_t i = 0; i < cedar_lint_rule_count(); i++) {
        if (!str_equal_c(cli_str(cedar_lint_rule_get(i).name), wanted)) {
            others |= (uint32_t)1 << i;
        }
    }
    return others;
}

/* What is wrong whatever the types are; when nothing is, clauses that contradict each other. */
static cedar_status look_without_schema(const cedar_policies *policies, cedar_report **ret) {
    cedar_status status = cedar_validate(policies, NULL, NULL, ret);
    if (status != CEDAR_OK || cedar_report_count(*ret) > 0) {
        return status;
    }
    cedar_lint_options options = {.disabled = other_rules("contradictory-policy")};
    cedar_report_free(*ret);
    return cedar_lint(policies, &options, NULL, ret);
}

/* Says honestly how little could be looked at. */
static int check_without_schema(struct cli *cli, const cedar_policies *policies,
                                const struct schema_files *files) {
    static const char headline[] = "policy set parsed; not validated: no schema";
    if (options_has(cli->options, OPTION_REQUIRE_SCHEMA)) {
        render_error(cli, "there is no schema to validate with", NULL,
                     "name one with --schema, or put a *.cedarschema beside the policies");
        return CLI_FAILURE;
    }
    cedar_report *report = NULL;
    cedar_status status = look_without_schema(policies, &report);
    if (status != CEDAR_OK && status != CEDAR_ERR_SCHEMA) {
        return fail(cli, status, report);
    }
    struct verdict verdict = {
        .passed = headline,
        .failed = "policy set has mistakes; not validated: no schema",
        .nothing = "name a schema with --schema to check types and names",
        .policies = policies,
        .files = files,
        .report = report,
        .status = verdict_status(cli, status != CEDAR_OK, report),
    };
    verdict_print(cli, &verdict);
    if (cli->format == OUTPUT_JUNIT) {
        junit_add_skipped(cli, "validation", headline);
    }
    cedar_report_free(report);
    return verdict.status;
}

static int judge(struct cli *cli, const cedar_policies *policies, const cedar_schema *schema,
                 const struct schema_files *files) {
    return schema == NULL ? check_without_schema(cli, policies, files)
                          : validate(cli, policies, schema, files);
}

static int run_once(struct cli *cli) {
    return verdict_run(cli, judge);
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
