/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar language-version` */
#include "cli/cli.h"

int cmd_language_version(struct cli *cli) {
    buf_add_c(&cli->out, "Cedar language version: ");
    buf_add_c(&cli->out, cedar_language_version());
    buf_add_byte(&cli->out, '\n');
    return CLI_OK;
}
