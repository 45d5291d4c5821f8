/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_JUNIT_H
#define CLI_JUNIT_H
/*
 * JUnit's XML, which build servers show as test results: every policy is a test, what was found in
 * it its failure. An input that cannot be read is a test of its own that has an error.
 */
#include "cli/cli.h"

struct rendering;

/* A test with an error, for a finding about an input. */
void junit_add_error(struct cli *cli, const struct rendering *r);

/* A test for each policy; warnings fail theirs if `deny_warnings`. */
void junit_add_policies(struct cli *cli, const cedar_policies *policies, const cedar_report *report,
                        bool deny_warnings);

/* A test that was not run, and why. */
void junit_add_skipped(struct cli *cli, const char *name, const char *reason);

/* The document, at the end of cli->out. */
void junit_finish(struct cli *cli);

#endif
