/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RENDER_INT_H
#define CLI_RENDER_INT_H
/*
 * The forms of one finding, for render.c.
 */
#include "cli/render.h"
#include "cli/snippet.h"

/* A finding with the causes that lead to it, outermost first; the last is its message. */
struct rendering {
    const cedar_finding *finding;
    str causes[3];
    size_t cause_count;
    str source; /* its name */
    str help;
    str text; /* of the source, when we have read it */
};

void render_human(struct cli *cli, const struct rendering *r);
void render_plain(struct cli *cli, const struct rendering *r);
/* The members of an error in the form of the reference's JSON reports. */
void render_json_members(struct json_writer *w, const struct rendering *r);
/* A finding of --output json. */
void render_finding(struct json_writer *w, const struct rendering *r);

#endif
