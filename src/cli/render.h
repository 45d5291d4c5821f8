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
 * They are appended to *cli->reports; with --output they become findings in the form of the output
 * (output.h), and in a stream of results one line of text. Control characters of sources and
 * messages never reach the terminal as such.
 */
#include "cli/cli.h"

/* What a report is about. All but the headline may be absent. */
struct complaint {
    const char *headline; /* "failed to parse request" */
    const char *detail;   /* what of it: "failed to parse principal User as entity Uid" */
    const char *source;   /* name of what was read, for findings that have none */
    const char *help;     /* for findings that have none */
};

/* Every finding under one headline ("failed to parse policy set"). An empty report still prints
 * the headline, with `fallback` as the cause. */
void render_complaint(struct cli *cli, const struct complaint *complaint,
                      const cedar_report *report, const char *fallback);
void render_report(struct cli *cli, const char *headline, const cedar_report *report,
                   const char *fallback);

/* A headline and its cause, without a place. `cause` and `help` may be NULL. */
void render_error(struct cli *cli, const char *headline, const char *cause, const char *help);

/* The same for what is no mistake. */
void render_note(struct cli *cli, const char *headline, const char *cause);

/* A mistake at a byte of a text that was read here, `name` is its file. */
void render_at(struct cli *cli, const struct complaint *complaint, const char *message,
               const char *name, str text, size_t offset);

#endif
