/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SARIF_H
#define CLI_SARIF_H
/*
 * SARIF 2.1.0 (OASIS), the format of code scanning: findings as results of one run.
 *
 * The kind of a finding is its rule; what does not parse is of the rule "bad-input". Lines and
 * columns count from 1, columns in code points.
 */
#include "cli/cli.h"

struct rendering;

/* A result, written as one value to `w`. */
void sarif_add_result(struct cli *cli, struct json_writer *w, const struct rendering *r);

/* The log, with the results collected in cli->findings, at the end of cli->out. */
void sarif_finish(struct cli *cli);

#endif
