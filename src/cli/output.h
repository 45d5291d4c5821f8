/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H
/*
 * What a run prints, and when.
 *
 * Text is appended to cli->out. With --output json (cli->has_json) a command instead adds members
 * to the object that is open in cli->json; reports become its member "findings". Both are written
 * when the command has returned. A command with many results calls output_stream once and
 * output_flush now and then, so that memory stays bounded.
 */
#include "cli/cli.h"

/* Before the command: terminal, form of the output. */
void output_begin(struct cli *cli);

/* After it: writes everything and returns the exit status, CLI_FAILURE if writing failed. */
int output_end(struct cli *cli, int status);
/* What is still in the buffers of a run that has not begun or has ended. */
void output_done(struct cli *cli);

/* From here on there is one line per result; nothing may have been printed before. */
void output_stream(struct cli *cli);
/* Writes what has been collected. False: it could not be written, and that has been said. */
bool output_flush(struct cli *cli) MUST_CHECK;

/* Moves the reports collected so far into a member "findings" of `w`. */
void output_take_findings(struct cli *cli, struct json_writer *w);

#endif
