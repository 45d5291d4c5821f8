/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar check-parse`: silent when everything that was named is well-formed. */
#include "cli/load.h"
#include "cli/render.h"

static bool check_expression(struct cli *cli) {
    cedar_report *report = NULL;
    const char *text = cli->options->texts[OPTION_EXPRESSION];
    if (text == NULL) {
        return true;
    }
    cedar_status status = cedar_expression_check(cli->scratch, cedar_str_from(text), &report);
    if (status != CEDAR_OK) {
        struct complaint complaint = {.headline = "failed to parse the expression",
                                      .source = "expression"};
        load_remember(cli, "", str_c(text));
        render_complaint(cli, &complaint, report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

int cmd_check_parse(struct cli *cli) {
    const struct options *options = cli->options;
    cedar_policies *policies = NULL;
    cedar_schema *schema = NULL;
    cedar_entities *entities = NULL;
    bool has_policies = options_has(options, OPTION_POLICIES);
    bool has_other = options_has(options, OPTION_SCHEMA) || options_has(options, OPTION_ENTITIES) ||
                     options_has(options, OPTION_EXPRESSION);
    bool is_good = true;
    if (has_policies || !has_other) {
        is_good = load_policies(cli, &policies);
    }
    is_good = check_expression(cli) && is_good;
    if (!load_schema(cli, &schema)) {
        is_good = false;
    } else if (options_has(options, OPTION_ENTITIES)) {
        is_good = load_entities(cli, schema, &entities) && is_good;
    }
    cedar_entities_unref(entities);
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return is_good ? CLI_OK : CLI_FAILURE;
}
