/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar translate-policy`: text to JSON and back. */
#include "cli/load.h"
#include "cli/render.h"

/* A policy on one line is no pleasure to read. What cannot be laid out stays as it is. */
static void lay_out(struct cli *cli, cedar_str *text) {
    cedar_str formatted;
    if (cedar_policies_format(cli->scratch, *text, NULL, NULL, &formatted, NULL) == CEDAR_OK) {
        *text = formatted;
    }
}

int cmd_translate_policy(struct cli *cli) {
    bool to_json = cli->options->choices[OPTION_DIRECTION] == DIRECTION_CEDAR_TO_JSON;
    cedar_policies *policies = NULL;
    cedar_str text;
    cli->reports = &cli->err; /* standard output may go into a file */
    if (!load_policies_as(cli, to_json ? TEXT_FORMAT_CEDAR : TEXT_FORMAT_JSON, NULL, false,
                          &policies)) {
        return CLI_FAILURE;
    }
    cedar_status status = to_json ? cedar_policies_to_json(cli->scratch, policies, &text)
                                  : cedar_policies_to_text(cli->scratch, policies, &text);
    if (status == CEDAR_OK && !to_json) {
        lay_out(cli, &text);
    }
    if (status == CEDAR_OK) {
        buf_add(&cli->out, cli_str(text));
        buf_add_c(&cli->out, str_has_suffix(cli_str(text), STR("\n")) ? "" : "\n");
    } else {
        render_error(cli, "failed to translate policies",
                     status == CEDAR_ERR_UNSUPPORTED
                         ? "Cedar text has no form for policies linked from templates"
                         : cedar_status_name(status),
                     NULL);
    }
    cedar_policies_unref(policies);
    return status == CEDAR_OK ? CLI_OK : CLI_FAILURE;
}
