/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H
/*
 * Reports for people and programs, in the form that --error-format asks for:
 *
 *     human   a frame with the source line and what stands under it (colours on a terminal)
 *     plain   the same in sentences, for screen readers and logs
 *     json    one object per line, byte offsets
 *
 * They are appended to cli->out. Control characters of sources and messages never reach the
 * terminal as such.
 */
#include "cli/cli.h"

/* Every finding under one headline ("failed to parse policy set"). An empty report still prints
 * the headline, with `fallback` as the cause. */
void render_report(struct cli *cli, const char *headline, const cedar_report *report,
                   const char *fallback);

/* A headline and its cause, without a place. `cause` and `help` may be NULL. */
void render_error(struct cli *cli, const char *headline, const char *cause, const char *help);

#endif
