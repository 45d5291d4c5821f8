/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H
/*
 * The `cedar` tool: one run of one command.
 *
 * main.c finds the command in its table and reads the options; the command's file (cmd_<name>.c)
 * does the work through load.h and cedar.h. Options, output and exit codes are those of the
 * reference tool where it has them; docs/cli.md lists what differs. Everything a run makes lives
 * in its arena; what it prints is collected in `out` (output.h) and written at the end, so that a
 * failing write is seen.
 */
#include <cedar.h>

#include "base/json.h"
#include "base/vec.h"
#include "cli/options.h"

enum {
    CLI_OK = 0, /* and ALLOW */
    CLI_FAILURE = 1,
    CLI_DENY = 2,
    CLI_USAGE = 2,   /* as the reference has it, although it is also a denial */
    CLI_INVALID = 3, /* validation found errors */
};

/* A text that was read, for the lines around a place in it. */
struct cli_source {
    const char *name;
    str text;
};

struct cli {
    struct arena arena;
    struct buf out;      /* for standard output */
    struct buf err;      /* for standard error */
    struct buf *reports; /* where reports for people go: `out`, or `err` for translations */
    enum output_format format;
    struct json_writer json; /* with --output json: an open object in `out` */
    struct buf findings;     /* reports, when they are not text: in the form of the output */
    VEC(str) rules;          /* kinds of findings seen, with --output sarif */
    uint32_t test_count;     /* with --output junit: what is in `out` */
    uint32_t failure_count;
    uint32_t error_count;
    VEC(struct cli_source) sources;
    size_t policy_bytes; /* of the texts of policies */
    const struct command *command;
    const struct options *options;
    cedar_engine *engine;
    cedar_scratch *scratch;
    bool has_json;       /* format is OUTPUT_JSON */
    bool is_streaming;   /* one line per result, and not that object */
    bool has_colour;     /* standard output is a terminal that wants it */
    bool err_has_colour; /* and so is standard error */
    bool has_ascii_only; /* it is one that does not show Unicode */
    size_t columns;      /* of source lines in reports */
    size_t wrap;         /* columns of the terminal, 0: messages are not wrapped */
    bool is_stdin_taken; /* only one input can be `-` */
};

struct command {
    const char *name;
    const char *summary;
    const char *notes;      /* more about it, for its help; or NULL */
    const char *positional; /* "EXPRESSION", or NULL: it takes none */
    uint32_t groups;        /* of options, enum option_group */
    uint64_t required;      /* options that must be given, OPTION_BIT */
    int (*run)(struct cli *cli);
};

int cli_main(int argc, char **argv);

/* Makes the engine and the scratch of a run, in the place of those there are; nothing may have been
 * made with them yet. An allocator of zeroes is malloc. */
bool cli_open_engine(struct cli *cli, const cedar_allocator *allocator) MUST_CHECK;

int cmd_authorize(struct cli *cli);
int cmd_bench(struct cli *cli);
int cmd_check_parse(struct cli *cli);
int cmd_evaluate(struct cli *cli);
int cmd_experimental(struct cli *cli);
int cmd_explain(struct cli *cli);
int cmd_format(struct cli *cli);
int cmd_language_server(struct cli *cli);
int cmd_language_version(struct cli *cli);
int cmd_license(struct cli *cli);
int cmd_link(struct cli *cli);
int cmd_lint(struct cli *cli);
int cmd_new(struct cli *cli);
int cmd_run_tests(struct cli *cli);
int cmd_translate_policy(struct cli *cli);
int cmd_translate_schema(struct cli *cli);
int cmd_validate(struct cli *cli);
int cmd_visualize(struct cli *cli);

static inline str cli_str(cedar_str text) {
    return str_make(text.ptr, text.len);
}
static inline cedar_str cli_cedar_str(str text) {
    return (cedar_str){text.ptr, text.len};
}

#endif
