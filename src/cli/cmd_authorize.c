/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar authorize`: one request, one decision. */
#include <time.h>

#include "cli/load.h"
#include "cli/render.h"

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

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
        buf_add(out, cli_str(response->reasons[i]));
        buf_add_byte(out, '\n');
    }
    buf_add_byte(out, '\n');
}

static void print_errors(struct cli *cli, const cedar_response *response) {
    struct buf *out = &cli->out;
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < response->error_count; i++) {
        const cedar_policy_error *error = &response->errors[i];
        buf_add_c(out, "error while evaluating policy `");
        buf_add(out, cli_str(error->policy_id));
        buf_add_c(out, "`: ");
        buf_add(out, cli_str(error->message));
        buf_add_byte(out, '\n');
    }
}

static int decide(struct cli *cli, const cedar_policies *policies, const cedar_entities *entities,
                  const cedar_request *request) {
    const struct options *options = cli->options;
    struct buf *out = &cli->out;
    cedar_response response;
    int64_t start_us = now_us();
    cedar_status status = cedar_authorize(policies, entities, request, cli->scratch, &response);
    int64_t taken_us = now_us() - start_us;
    if (status != CEDAR_OK) {
        render_error(cli, "failed to authorize the request", cedar_status_name(status), NULL);
        return CLI_FAILURE;
    }
    buf_add_byte(out, '\n');
    if (options_has(options, OPTION_TIMING)) {
        buf_add_c(out, "Authorization Time (micro seconds) : ");
        buf_add_i64(out, taken_us);
        buf_add_byte(out, '\n');
    }
    buf_add_c(out, response.decision == CEDAR_ALLOW ? "ALLOW\n" : "DENY\n");
    if (response.error_count > 0) {
        print_errors(cli, &response);
    }
    if (options_has(options, OPTION_VERBOSE)) {
        print_reasons(cli, &response);
    }
    return response.decision == CEDAR_ALLOW ? CLI_OK : CLI_DENY;
}

int cmd_authorize(struct cli *cli) {
    cedar_policies *policies = NULL;
    cedar_schema *schema = NULL;
    cedar_entities *entities = NULL;
    cedar_request request;
    int status = CLI_FAILURE;
    bool is_good = load_policies(cli, &policies);
    /* Entities and context mean something else without the schema: no use looking at them. */
    if (load_schema(cli, &schema)) {
        is_good = load_entities(cli, schema, &entities) && is_good;
        is_good = load_request(cli, schema, &request) && is_good;
        if (is_good) {
            status = decide(cli, policies, entities, &request);
        }
    }
    cedar_entities_unref(entities);
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return status;
}
