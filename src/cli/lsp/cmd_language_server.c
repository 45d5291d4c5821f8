/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar language-server`: diagnostics, hover, completion and more for editors. */
#include "cli/cli.h"
#include "cli/lsp/lsp.h"

int cmd_language_server(struct cli *cli) {
    return lsp_serve(cli->engine, cli->scratch);
}
