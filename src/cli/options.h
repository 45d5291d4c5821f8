/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
/*
 * Command line options from one table: `--name value`, `--name=value`, `-n value`, `-nvalue`,
 * flags joined as in `-vt`, `--` before operands that begin with a dash.
 *
 * Each command accepts groups of options. A mistake is explained on standard error and ends the
 * program with exit status 2. Texts borrow from argv and the environment.
 */
#include <stdio.h>

#include "base/arena.h"

struct command;

enum option_group {
    GROUP_GLOBAL = 1 << 0,
    GROUP_POLICIES = 1 << 1,
    GROUP_SCHEMA = 1 << 2,
    GROUP_REQUEST = 1 << 3,
    GROUP_ENTITIES = 1 << 4,
    GROUP_DECISION = 1 << 5,    /* verbose, timing */
    GROUP_EXPRESSION = 1 << 6,  /* --expression of check-parse */
    GROUP_POLICY_FILE = 1 << 7, /* --policies alone */
    GROUP_FORMAT = 1 << 8,
    GROUP_DIRECTION = 1 << 9,
    GROUP_LINK = 1 << 10,
    GROUP_OUTPUT = 1 << 11,
    GROUP_BATCH = 1 << 12, /* --request-file */
    GROUP_TESTS = 1 << 13,
    GROUP_NAME = 1 << 14,
    GROUP_BENCH = 1 << 16,
    GROUP_VALIDATE = 1 << 17,
    GROUP_LINT = 1 << 20,
    GROUP_EXPLAIN = 1 << 18,
    GROUP_SCHEMA_FORM = 1 << 21, /* of translate-schema */
    GROUP_TOP = 1 << 15,         /* --version, before a command */
};

enum option_id {
    OPTION_ERROR_FORMAT,
    OPTION_HELP,
    OPTION_POLICIES,
    OPTION_POLICY_FORMAT,
    OPTION_TEMPLATE_LINKED,
    OPTION_SCHEMA,
    OPTION_SCHEMA_FORMAT,
    OPTION_PRINCIPAL,
    OPTION_ACTION,
    OPTION_RESOURCE,
    OPTION_CONTEXT,
    OPTION_REQUEST_JSON,
    OPTION_REQUEST_VALIDATION,
    OPTION_ENTITIES,
    OPTION_VERBOSE,
    OPTION_TIMING,
    OPTION_EXPRESSION,
    OPTION_LINE_WIDTH,
    OPTION_INDENT_WIDTH,
    OPTION_WRITE,
    OPTION_CHECK,
    OPTION_DIRECTION,
    OPTION_TEMPLATE_ID,
    OPTION_NEW_ID,
    OPTION_ARGUMENTS,
    OPTION_OUTPUT,
    OPTION_REQUEST_FILE,
    OPTION_TESTS,
    OPTION_NAME,
    OPTION_THREADS,
    OPTION_SECONDS,
    OPTION_DENY_WARNINGS,
    OPTION_VALIDATION_MODE,
    OPTION_LEVEL,
    OPTION_COMPAT,
    OPTION_REQUIRE_SCHEMA,
    OPTION_QUIET,
    OPTION_WATCH,
    OPTION_DISABLE,
    OPTION_MAX_POLICY_COST,
    OPTION_MAX_SET_COST,
    OPTION_ALL,
    OPTION_LIMIT,
    OPTION_POLICY,
    OPTION_VERSION,
    OPTION_COUNT,
};

#define OPTION_BIT(id) ((uint64_t)1 << (id))

enum error_format { ERROR_FORMAT_HUMAN, ERROR_FORMAT_PLAIN, ERROR_FORMAT_JSON };
enum text_format { TEXT_FORMAT_AUTO, TEXT_FORMAT_CEDAR, TEXT_FORMAT_JSON };
enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_SARIF, OUTPUT_JUNIT };
enum validation_mode { MODE_STRICT, MODE_PERMISSIVE, MODE_PARTIAL };
enum compat { COMPAT_CURRENT, COMPAT_4_12 };
enum direction { DIRECTION_CEDAR_TO_JSON, DIRECTION_JSON_TO_CEDAR };
enum schema_direction { SCHEMA_JSON_TO_CEDAR, SCHEMA_CEDAR_TO_JSON, SCHEMA_CEDAR_TO_RESOLVED };
enum truth { TRUTH_TRUE, TRUTH_FALSE };

struct option_list {
    const char **items;
    size_t count;
};

struct options {
    const char *texts[OPTION_COUNT]; /* as given; NULL when absent; the last of a repeated one */
    struct option_list lists[OPTION_COUNT]; /* all values of one that may be repeated */
    int choices[OPTION_COUNT];              /* index of the value among the option's choices */
    uint64_t numbers[OPTION_COUNT];         /* of options that take a number */
    const char *operand;
};

/* Reads argv[*index…]. Before the command (command NULL) it stops at the first operand; with a
 * command it takes everything. False: standard error has the reason. */
bool options_parse(struct arena *a, const struct command *command, int argc, char **argv,
                   int *index, struct options *options) MUST_CHECK;

/* Applies defaults and the environment, checks what must and must not be given. */
bool options_finish(const struct command *command, struct options *options) MUST_CHECK;

/* The options of some groups, one per line, for --help. */
void options_print_help(FILE *stream, uint32_t groups);

/* Text in lines of 80 columns; it begins in column `indent` and goes on there. */
void options_print_wrapped(FILE *stream, const char *text, size_t indent);

/* `Usage: cedar NAME [OPTIONS] …` without a line end. */
void options_print_usage(FILE *stream, const struct command *command);

static inline bool options_has(const struct options *options, enum option_id id) {
    return options->texts[id] != NULL;
}

#endif
