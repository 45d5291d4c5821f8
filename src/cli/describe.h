/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H
/*
 * The command line in the forms of other tools, from the tables of main.c and options.c, so that
 * none of them can say something else: `cedar help --man [COMMAND]` writes a manual page (roff,
 * the man macros), `cedar help --completion bash|zsh` what the shell needs to complete.
 *
 * They write to a stream and keep nothing.
 */
#include "cli/cli.h"

struct command_list {
    const struct command *items;
    size_t count;
};

/* cedar(1), or cedar-COMMAND(1). */
void manual_print(FILE *stream, const struct command_list *all, const struct command *command);

void completion_print_bash(FILE *stream, const struct command_list *all);
void completion_print_zsh(FILE *stream, const struct command_list *all);

#endif
