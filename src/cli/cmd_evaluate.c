/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar evaluate EXPRESSION`: its value, in Cedar syntax. */
#include "cli/load.h"
#include "cli/render.h"

static int evaluate(struct cli *cli, const cedar_entities *entities, const cedar_request *request) {
    cedar_report *report = NULL;
    const cedar_value *value;
    cedar_str text;
    cedar_status status = cedar_evaluate(cli->scratch, cedar_str_from(cli->options->operand),
                                         entities, request, &value, &report);
    if (status == CEDAR_OK) {
        status = cedar_value_format(cli->scratch, value, &text);
    }
    if (status != CEDAR_OK) {
        struct complaint complaint = {.headline = status == CEDAR_ERR_EVALUATION
                                                      ? "failed to evaluate the expression"
                                                      : "failed to parse the expression",
                                      .source = "expression"};
        render_complaint(cli, &complaint, report, cedar_status_name(status));
        cedar_report_free(report);
        return CLI_FAILURE;
    }
    cedar_report_free(report);
    if (cli->has_json) {
        json_name_string(&cli->json, STR("value"), cli_str(text));
    } else {
        buf_add(&cli->out, cli_str(text));
        buf_add_byte(&cli->out, '\n');
    }
    return CLI_OK;
}

int cmd_evaluate(struct cli *cli) {
    cedar_schema *schema = NULL;
    cedar_entities *entities = NULL;
    cedar_request request;
    int status = CLI_FAILURE;
    if (!cli->has_json) {
        buf_add_byte(&cli->out, '\n');
    }
    load_remember(cli, "", str_c(cli->options->operand));
    if (load_schema(cli, &schema)) {
        bool is_good = load_entities(cli, schema, &entities);
        is_good = load_request(cli, schema, &request) && is_good;
        if (is_good) {
            status = evaluate(cli, entities, &request);
        }
    }
    cedar_entities_unref(entities);
    cedar_schema_unref(schema);
    return status;
}
