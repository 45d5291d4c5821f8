/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar explain`: why one request is decided as it is. */
#include "cli/explain.h"
#include "cli/load.h"
#include "cli/render.h"

enum { LIMIT_DEFAULT = 20 };

str explain_uid(struct cli *cli, cedar_uid uid) {
    cedar_str text;
    return cedar_uid_format(cli->scratch, uid, &text) == CEDAR_OK ? cli_str(text) : STR("?");
}

static cedar_explain_options options_of(const struct options *options) {
    uint64_t limit = options->numbers[OPTION_LIMIT];
    return (cedar_explain_options){
        .filter = options_has(options, OPTION_ALL) ? CEDAR_EXPLAIN_ALL : CEDAR_EXPLAIN_NEAR,
        .limit = limit == 0 ? LIMIT_DEFAULT : (size_t)limit,
        .policy_id = cedar_str_from(options->texts[OPTION_POLICY]),
    };
}

static int no_policy(struct cli *cli, const cedar_policies *policies, const char *id) {
    const char *help = NULL;
    size_t count = cedar_policies_count(policies);
    str *ids = ARENA_ARRAY(&cli->arena, str, count);
    for (size_t i = 0; ids != NULL && i < count; i++) {
        ids[i] = cli_str(cedar_policies_get(policies, i).id);
    }
    str nearest = ids == NULL ? str_c(NULL) : str_nearest(str_c(id), ids, count);
    if (nearest.ptr != NULL) {
        help = load_phrase(cli, "did you mean `%.*s`?", STR_FMT(nearest));
    }
    render_error(cli, "failed to explain the decision",
                 load_phrase(cli, "no policy or template has the id `%s`", id), help);
    return CLI_FAILURE;
}

static int explain(struct cli *cli, const cedar_policies *policies, const cedar_entities *entities,
                   const cedar_request *request, bool has_schema) {
    cedar_explain_options options = options_of(cli->options);
    const cedar_explanation *explanation;
    cedar_status status =
        cedar_explain(policies, entities, request, cli->scratch, &options, &explanation);
    if (status == CEDAR_ERR_NOT_FOUND) {
        return no_policy(cli, policies, cli->options->texts[OPTION_POLICY]);
    }
    if (status != CEDAR_OK) {
        render_error(cli, "failed to explain the decision", cedar_status_name(status), NULL);
        return CLI_FAILURE;
    }
    if (cli->has_json) {
        explain_json(cli, explanation);
    } else {
        struct explain_context context = {
            .has_schema = has_schema,
            .is_one = options.policy_id.ptr != NULL,
        };
        for (size_t i = 0; i < CEDAR_OUTCOME_COUNT; i++) {
            context.left_out += explanation->totals[i];
        }
        context.left_out -= explanation->policy_count + explanation->omitted;
        explain_text(cli, explanation, &context);
    }
    return explanation->response.decision == CEDAR_ALLOW ? CLI_OK : CLI_DENY;
}

int cmd_explain(struct cli *cli) {
    cedar_policies *policies = NULL;
    cedar_schema *schema = NULL;
    cedar_entities *entities = NULL;
    cedar_request request;
    int status = CLI_FAILURE;
    bool is_good = load_policies(cli, &policies);
    if (load_schema(cli, &schema)) {
        is_good = load_entities(cli, schema, &entities) && is_good;
        is_good = load_request(cli, schema, &request) && is_good;
        if (is_good) {
            status = explain(cli, policies, entities, &request, schema != NULL);
        }
    }
    cedar_entities_unref(entities);
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return status;
}
