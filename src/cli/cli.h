/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H
/*
 * The `cedar` tool: one run of one command.
 *
 * main.c finds the command in its table and reads the options; the command's file (cmd_<name>.c)
 * does the work through load.h and cedar.h. Options, output and exit codes are those of the
 * reference tool where it has them. Everything a run makes lives in its arena; what it prints to
 * standard output is collected in `out` and written at the end, so that a failing write is seen.
 */
#include <cedar.h>

#include "base/buf.h"
#include "cli/options.h"

enum {
    CLI_OK = 0, /* and ALLOW */
    CLI_FAILURE = 1,
    CLI_DENY = 2,
    CLI_USAGE = 2, /* as the reference has it, although it is also a denial */
};

struct cli {
    struct arena arena;
    struct buf out;
    const struct options *options;
    cedar_engine *engine;
    cedar_scratch *scratch;
    bool has_colour;     /* standard output is a terminal that wants it */
    bool is_stdin_taken; /* only one input can be `-` */
};

struct command {
    const char *name;
    const char *summary;
    const char *positional;      /* "EXPRESSION", or NULL: it takes none */
    uint32_t groups;             /* of options, enum option_group */
    uint32_t required;           /* options that must be given, enum option_id bits */
    int (*run)(struct cli *cli); /* NULL: comes with a later version */
};

int cli_main(int argc, char **argv);

int cmd_authorize(struct cli *cli);
int cmd_check_parse(struct cli *cli);
int cmd_evaluate(struct cli *cli);
int cmd_format(struct cli *cli);
int cmd_language_version(struct cli *cli);
int cmd_link(struct cli *cli);
int cmd_translate_policy(struct cli *cli);

static inline str cli_str(cedar_str text) {
    return str_make(text.ptr, text.len);
}
static inline cedar_str cli_cedar_str(str text) {
    return (cedar_str){text.ptr, text.len};
}

#endif
