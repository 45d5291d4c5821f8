/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum { OUT_MAX = 256 << 20, SCRATCH_MAX = 1 << 30 };
static const size_t arena_max = (size_t)4 << 30;

#define GROUPS_INPUT (GROUP_POLICIES | GROUP_SCHEMA | GROUP_ENTITIES)

/* In the order of the help. */
static const struct command commands[] = {
    {.name = "authorize",
     .summary = "Decide one authorization request",
     .groups = GROUPS_INPUT | GROUP_REQUEST | GROUP_DECISION,
     .required = 1u << OPTION_ENTITIES,
     .run = cmd_authorize},
    {.name = "evaluate",
     .summary = "Evaluate a Cedar expression",
     .positional = "EXPRESSION",
     .groups = GROUP_SCHEMA | GROUP_ENTITIES | GROUP_REQUEST,
     .run = cmd_evaluate},
    {.name = "validate", .summary = "Validate policies against a schema"},
    {.name = "check-parse",
     .summary = "Check that policies, a schema, an expression or entities parse",
     .groups = GROUPS_INPUT | GROUP_EXPRESSION,
     .run = cmd_check_parse},
    {.name = "link",
     .summary = "Link a template",
     .groups = GROUP_POLICIES | GROUP_LINK,
     .required = 1u << OPTION_TEMPLATE_ID | 1u << OPTION_NEW_ID,
     .run = cmd_link},
    {.name = "format",
     .summary = "Format policies",
     .groups = GROUP_POLICY_FILE | GROUP_FORMAT,
     .run = cmd_format},
    {.name = "translate-policy",
     .summary = "Translate policies between Cedar and JSON",
     .groups = GROUP_POLICY_FILE | GROUP_DIRECTION,
     .required = 1u << OPTION_DIRECTION,
     .run = cmd_translate_policy},
    {.name = "translate-schema", .summary = "Translate schemas between Cedar and JSON"},
    {.name = "visualize", .summary = "Draw the entity hierarchy as a Graphviz graph"},
    {.name = "new", .summary = "Create a project"},
    {.name = "run-tests", .summary = "Run a file of authorization tests"},
    {.name = "partially-authorize", .summary = "Decide a request with unknown parts"},
    {.name = "tpe", .summary = "Partially evaluate a request with the help of a schema"},
    {.name = "symcc", .summary = "Prove properties of policies"},
    {.name = "language-version",
     .summary = "Print the version of the Cedar language",
     .run = cmd_language_version},
    {.name = "license", .summary = "Print the licence"},
};

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (str_equal_c(str_c(commands[i].name), name)) {
            return &commands[i];
        }
    }
    return NULL;
}

/* ---- help ------------------------------------------------------------------------------------ */

static void print_commands(void) {
    printf("The Cedar policy language: decide, evaluate, check.\n\n");
    options_print_usage(stdout, NULL);
    printf("\n\nCommands:\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        printf("  %-20s %s%s\n", commands[i].name, commands[i].summary,
               commands[i].run == NULL ? " (in a later version)" : "");
    }
    printf("  %-20s %s\n\nOptions:\n", "help", "Print help, also of one command");
    options_print_help(GROUP_GLOBAL);
    printf("  -V, --version\n          Print the version\n");
}

static void print_command(const struct command *command) {
    printf("%s%s\n\n", command->summary, command->run == NULL ? " (in a later version)" : "");
    options_print_usage(stdout, command);
    printf("\n\nOptions:\n");
    options_print_help(command->groups | GROUP_GLOBAL);
}

static int unknown_command(const char *name) {
    str known[ARRAY_LEN(commands) + 1];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        known[count++] = str_c(commands[i].name);
    }
    known[count++] = STR("help");
    str nearest = str_nearest(str_c(name), known, count);
    fprintf(stderr, "error: unrecognized subcommand '%s'\n\n", name);
    if (nearest.ptr != NULL) {
        fprintf(stderr, "  tip: a similar subcommand exists: '%.*s'\n\n", STR_FMT(nearest));
    }
    options_print_usage(stderr, NULL);
    fprintf(stderr, "\n\nFor more information, try '--help'.\n");
    return CLI_USAGE;
}

static int help(int argc, char **argv, int index) {
    if (index >= argc) {
        print_commands();
        return CLI_OK;
    }
    const struct command *command = find_command(argv[index]);
    if (command == NULL) {
        return unknown_command(argv[index]);
    }
    print_command(command);
    return CLI_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

/* Whether standard output is a terminal that takes colours (https://no-color.org). */
static bool wants_colour(void) {
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0') && term != NULL &&
           !str_equal_c(STR("dumb"), term);
}

static bool open_engine(struct cli *cli) {
    cedar_config config = {0};
    /* Ids come from files that somebody else may have written: no fixed hash key. */
    if (getrandom(config.hash_key, sizeof config.hash_key, 0) != sizeof config.hash_key) {
        return false;
    }
    return cedar_engine_new(&config, &cli->engine) == CEDAR_OK &&
           cedar_scratch_new(cli->engine, SCRATCH_MAX, &cli->scratch) == CEDAR_OK;
}

/* Standard output in one go; a full disk or closed pipe is a failure like any other. */
static int write_out(const struct cli *cli, int status) {
    str text;
    if (buf_finish(&cli->out, &text) != ERR_OK) {
        fprintf(stderr, "error: the output is too long\n");
        return CLI_FAILURE;
    }
    if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0) {
        perror("error: cannot write to standard output");
        return CLI_FAILURE;
    }
    return status;
}

static int run(struct cli *cli, const struct command *command) {
    int status = CLI_FAILURE;
    cli->has_colour = wants_colour();
    buf_init(&cli->out, allocator_libc(), OUT_MAX);
    if (open_engine(cli)) {
        status = write_out(cli, command->run(cli));
    } else {
        fprintf(stderr, "error: cannot start the Cedar engine\n");
    }
    cedar_scratch_free(cli->scratch);
    cedar_engine_unref(cli->engine);
    buf_done(&cli->out);
    return status;
}

static int command_main(struct cli *cli, const struct command *command, int argc, char **argv,
                        int index, struct options *options) {
    if (command->run == NULL) {
        fprintf(stderr, "error: `cedar %s` comes with a later version\n", command->name);
        return CLI_FAILURE;
    }
    if (!options_parse(&cli->arena, command, argc, argv, &index, options)) {
        return CLI_USAGE;
    }
    if (options_has(options, OPTION_HELP)) {
        print_command(command);
        return CLI_OK;
    }
    if (!options_finish(command, options)) {
        return CLI_USAGE;
    }
    cli->options = options;
    return run(cli, command);
}

static bool is_version(const char *argument) {
    return str_equal_c(STR("--version"), argument) || str_equal_c(STR("-V"), argument);
}

static int tool_main(struct cli *cli, int argc, char **argv) {
    struct options options = {0};
    int index = 1;
    if (argc > 1 && is_version(argv[1])) {
        printf("cedar %s\n", cedar_library_version());
        return CLI_OK;
    }
    if (!options_parse(&cli->arena, NULL, argc, argv, &index, &options)) {
        return CLI_USAGE;
    }
    if (options_has(&options, OPTION_HELP)) {
        print_commands();
        return CLI_OK;
    }
    if (index >= argc) {
        options_print_usage(stderr, NULL);
        fprintf(stderr, "\n\nFor more information, try '--help'.\n");
        return CLI_USAGE;
    }
    const char *name = argv[index++];
    if (str_equal_c(STR("help"), name)) {
        return help(argc, argv, index);
    }
    const struct command *command = find_command(name);
    return command == NULL ? unknown_command(name)
                           : command_main(cli, command, argc, argv, index, &options);
}

int cli_main(int argc, char **argv) {
    struct cli cli = {0};
    arena_init(&cli.arena, allocator_libc(), arena_max);
    int status = tool_main(&cli, argc, argv);
    arena_done(&cli.arena);
    if (fflush(stdout) != 0 && status == CLI_OK) {
        status = CLI_FAILURE;
    }
    return status;
}
