/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar authorize`: one request and one decision, or a file of them. */
#include "cli/decision.h"
#include "cli/load.h"
#include "cli/render.h"

static void print_reasons(struct cli *cli, const cedar_response *response) {
    struct buf *out = &cli->out;
    buf_add_byte(out, '\n');
    if (response->reason_count == 0) {
        buf_add_c(out, "note: no policies applied to this request\n");
        return;
    }
    buf_add_c(out, "note: this decision was due to the following policies:\n");
    for (size_t i = 0; i < response->reason_count; i++) {
        buf_add_c(out, "  ");
        decision_add_id(cli, out, cli_str(response->reasons[i]));
        buf_add_byte(out, '\n');
    }
    buf_add_byte(out, '\n');
}

static void print_text(struct cli *cli, const cedar_response *response, int64_t taken_ns) {
    struct buf *out = &cli->out;
    if (options_has(cli->options, OPTION_TIMING)) {
        buf_add_c(out, "Authorization Time (micro seconds) : ");
        buf_add_i64(out, taken_ns / 1000);
        buf_add_byte(out, '\n');
    }
    buf_add_c(out, decision_name(response->decision));
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < response->error_count; i++) {
        buf_add_c(out, i == 0 ? "\n" : "");
        decision_add_error(cli, out, &response->errors[i]);
        buf_add_byte(out, '\n');
    }
    if (options_has(cli->options, OPTION_VERBOSE)) {
        print_reasons(cli, response);
    }
}

static int decide(struct cli *cli, const cedar_policies *policies, const cedar_entities *entities,
                  const cedar_request *request) {
    cedar_response response;
    int64_t start_ns = decision_now_ns();
    cedar_status status = cedar_authorize(policies, entities, request, cli->scratch, &response);
    int64_t taken_ns = decision_now_ns() - start_ns;
    if (status != CEDAR_OK) {
        render_error(cli, "failed to authorize the request", cedar_status_name(status), NULL);
        return CLI_FAILURE;
    }
    if (cli->has_json) {
        decision_json(&cli->json, &response);
        if (options_has(cli->options, OPTION_TIMING)) {
            json_name_int(&cli->json, STR("time_ns"), taken_ns);
        }
    } else {
        print_text(cli, &response, taken_ns);
    }
    return response.decision == CEDAR_ALLOW ? CLI_OK : CLI_DENY;
}

int cmd_authorize(struct cli *cli) {
    const char *batch = cli->options->texts[OPTION_REQUEST_FILE];
    cedar_policies *policies = NULL;
    cedar_schema *schema = NULL;
    cedar_entities *entities = NULL;
    cedar_request request;
    int status = CLI_FAILURE;
    if (!cli->has_json && batch == NULL) {
        buf_add_byte(&cli->out, '\n');
    }
    bool is_good = load_policies(cli, &policies);
    /* Entities and context mean something else without the schema: no use looking at them. */
    if (load_schema(cli, &schema)) {
        is_good = load_entities(cli, schema, &entities) && is_good;
        is_good = (batch != NULL || load_request(cli, schema, &request)) && is_good;
        if (is_good) {
            status = batch != NULL ? batch_run(cli, batch, policies, entities, schema)
                                   : decide(cli, policies, entities, &request);
        }
    }
    cedar_entities_unref(entities);
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return status;
}
