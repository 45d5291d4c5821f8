/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H
/*
 * The two forms of `cedar explain`.
 */
#include "cli/cli.h"

/* What the text says besides the explanation. */
struct explain_context {
    bool has_schema; /* the groups of actions come from it */
    size_t left_out; /* policies out of scope that were not asked for */
    bool is_one;     /* one policy was asked for */
};

/* Appended to cli->out. */
void explain_text(struct cli *cli, const cedar_explanation *e,
                  const struct explain_context *context);

/* Members of the object in cli->json. */
void explain_json(struct cli *cli, const cedar_explanation *e);

/* `User::"bob"`; for both. */
str explain_uid(struct cli *cli, cedar_uid uid);

#endif
