/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar license`, and the commands that only experimental builds of the reference have. */
#include "cli/cli.h"

int cmd_license(struct cli *cli) {
    buf_add_c(&cli->out, "Ironwood's cedar is licensed under the Apache License, Version 2.0.\n"
                         "See https://www.apache.org/licenses/LICENSE-2.0 for the full text.\n"
                         "\n"
                         "It contains no code of third parties.\n");
    return CLI_OK;
}

int cmd_experimental(struct cli *cli) {
    buf_format(&cli->err,
               "Error: subcommand `%s` is experimental, and this executable does not have it\n",
               cli->command->name);
    return CLI_FAILURE;
}
