/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <stdio.h>
#include <sys/random.h>

#include "cli/describe.h"

enum { SCRATCH_MAX = 1 << 30 };
static const size_t arena_max = (size_t)4 << 30;

#define GROUPS_INPUT (GROUP_POLICIES | GROUP_SCHEMA | GROUP_ENTITIES)

/* In the order of the help. */
static const struct command commands[] = {
    {.name = "authorize",
     .summary = "Decide one authorization request, or a file of them",
     .notes = "Exits with 0 for ALLOW, 2 for DENY, 1 when an input is bad. With --request-file: 1 "
              "when any line is bad, otherwise 2 when any is denied, otherwise 0.",
     .groups = GROUPS_INPUT | GROUP_REQUEST | GROUP_BATCH | GROUP_DECISION | GROUP_OUTPUT,
     .required = OPTION_BIT(OPTION_ENTITIES),
     .run = cmd_authorize},
    {.name = "explain",
     .summary = "Say why a request is allowed or denied",
     .notes =
         "Shows the policies that are in scope, and those that would have changed the decision "
         "but for one constraint: what did not hold, and the values that were seen. Exits as "
         "authorize does.",
     .groups = GROUPS_INPUT | GROUP_REQUEST | GROUP_EXPLAIN | GROUP_OUTPUT,
     .required = OPTION_BIT(OPTION_ENTITIES),
     .run = cmd_explain},
    {.name = "evaluate",
     .summary = "Evaluate a Cedar expression",
     .positional = "EXPRESSION",
     .groups = GROUP_SCHEMA | GROUP_ENTITIES | GROUP_REQUEST | GROUP_OUTPUT,
     .run = cmd_evaluate},
    {.name = "validate",
     .summary = "Validate policies against a schema",
     .notes = "Exits with 0 when there are no errors, 3 when there are (or warnings, with "
              "--deny-warnings), 1 when an input is bad.",
     .groups = GROUP_POLICIES | GROUP_VALIDATE,
     .run = cmd_validate},
    {.name = "lint",
     .summary = "Find policies that are right and still not what was wanted",
     .notes =
         "Rules: duplicate-policy, shadowed-policy, overridden-permit, contradictory-policy, "
         "forbid-may-fail, unscoped-policy, policy-cost, set-cost; docs/lint.md explains them. "
         "Exits with 0 when there are no errors, 3 when a budget is not kept (or there are "
         "warnings, with --deny-warnings), 1 when an input is bad.",
     .groups = GROUP_POLICIES | GROUP_LINT,
     .run = cmd_lint},
    {.name = "check-parse",
     .summary = "Check that policies, a schema, an expression or entities parse",
     .notes = "Prints nothing when all is well. Without arguments, policies are read from standard "
              "input.",
     .groups = GROUPS_INPUT | GROUP_EXPRESSION | GROUP_OUTPUT,
     .run = cmd_check_parse},
    {.name = "link",
     .summary = "Link a template",
     .notes = "The link is added to the file of --template-linked, which is made when it is not "
              "there.",
     .groups = GROUP_POLICIES | GROUP_LINK | GROUP_OUTPUT,
     .required =
         OPTION_BIT(OPTION_TEMPLATE_ID) | OPTION_BIT(OPTION_NEW_ID) | OPTION_BIT(OPTION_ARGUMENTS),
     .run = cmd_link},
    {.name = "format",
     .summary = "Format policies",
     .groups = GROUP_POLICY_FILE | GROUP_FORMAT | GROUP_OUTPUT,
     .run = cmd_format},
    {.name = "translate-policy",
     .summary = "Translate policies between Cedar and JSON",
     .groups = GROUP_POLICY_FILE | GROUP_DIRECTION,
     .required = OPTION_BIT(OPTION_DIRECTION),
     .run = cmd_translate_policy},
    {.name = "translate-schema",
     .summary = "Translate schemas between Cedar and JSON",
     .groups = GROUP_SCHEMA_FORM,
     .required = OPTION_BIT(OPTION_DIRECTION),
     .run = cmd_translate_schema},
    {.name = "visualize",
     .summary = "Draw the entity hierarchy as a Graphviz graph",
     .groups = GROUP_ENTITIES | GROUP_OUTPUT,
     .required = OPTION_BIT(OPTION_ENTITIES),
     .run = cmd_visualize},
    {.name = "new",
     .summary = "Make a directory with a schema, a policy and entities to start from",
     .groups = GROUP_NAME,
     .required = OPTION_BIT(OPTION_NAME),
     .run = cmd_new},
    {.name = "run-tests",
     .summary = "Run a file of authorization tests",
     .notes = "A test is {\"name\": ..., \"request\": as for --request-json, \"entities\": [...], "
              "\"decision\": \"allow\" or \"deny\", \"reason\": [ids of policies that must be "
              "among the reasons], \"num_errors\": number of policies that fail}.",
     .groups = GROUP_POLICIES | GROUP_SCHEMA | GROUP_TESTS | GROUP_OUTPUT,
     .required = OPTION_BIT(OPTION_TESTS),
     .run = cmd_run_tests},
    {.name = "bench",
     .summary = "Measure how fast policies are loaded and requests decided",
     .notes =
         "The requests are one (--principal, --action, --resource, or --request-json) or a file "
         "of them (--request-file); they are decided again and again.",
     .groups = GROUPS_INPUT | GROUP_REQUEST | GROUP_BATCH | GROUP_BENCH | GROUP_OUTPUT,
     .run = cmd_bench},
    {.name = "partially-authorize",
     .summary = "Experimental in the reference tool, not available here",
     .run = cmd_experimental},
    {.name = "tpe",
     .summary = "Experimental in the reference tool, not available here",
     .run = cmd_experimental},
    {.name = "symcc",
     .summary = "Experimental in the reference tool, not available here",
     .run = cmd_experimental},
    {.name = "language-server",
     .summary = "Serve an editor over standard input and output (LSP)",
     .notes = "Diagnostics, hover, completion, go to definition, outline and formatting for "
              "*.cedar files, with the schema that lies beside them; docs/editors.md says how to "
              "set up editors.",
     .run = cmd_language_server},
    {.name = "language-version",
     .summary = "Print the version of the Cedar language",
     .run = cmd_language_version},
    {.name = "license", .summary = "Print the licence", .run = cmd_license},
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

static void print_commands(FILE *stream) {
    fprintf(stream, "The Cedar policy language: decide, evaluate, check.\n\n");
    options_print_usage(stream, NULL);
    fprintf(stream, "\n\nCommands:\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        fprintf(stream, "  %-20s %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(stream, "  %-20s %s\n\nOptions:\n", "help", "Print help, also of one command");
    options_print_help(stream, GROUP_GLOBAL | GROUP_TOP);
}

static void print_command(const struct command *command) {
    printf("%s\n\n", command->summary);
    options_print_usage(stdout, command);
    printf("\n\nOptions:\n");
    options_print_help(stdout, command->groups | GROUP_GLOBAL);
    if (command->notes != NULL) {
        printf("\n");
        options_print_wrapped(stdout, command->notes, 0);
    }
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

/* `help --man` and the like: for packages, so that the tables are the only source. */
static int help_for_tools(int argc, char **argv, int index) {
    const struct command_list all = {commands, ARRAY_LEN(commands)};
    const char *operand = index + 1 < argc ? argv[index + 1] : "";
    if (str_equal_c(STR("--list"), argv[index])) {
        for (size_t i = 0; i < all.count; i++) {
            printf("%s\n", commands[i].name);
        }
    } else if (str_equal_c(STR("--man"), argv[index])) {
        const struct command *command = find_command(operand);
        if (command == NULL && operand[0] != '\0') {
            return unknown_command(operand);
        }
        manual_print(stdout, &all, command);
    } else if (str_equal_c(STR("--completion"), argv[index]) && str_equal_c(STR("bash"), operand)) {
        completion_print_bash(stdout, &all);
    } else if (str_equal_c(STR("--completion"), argv[index]) && str_equal_c(STR("zsh"), operand)) {
        completion_print_zsh(stdout, &all);
    } else {
        fprintf(stderr,
                "error: unexpected argument '%s' found\n\n"
                "Usage: cedar help [COMMAND]\n"
                "       cedar help --list\n"
                "       cedar help --man [COMMAND]\n"
                "       cedar help --completion bash|zsh\n",
                argv[index]);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int help(int argc, char **argv, int index) {
    if (index >= argc) {
        print_commands(stdout);
        return CLI_OK;
    }
    if (argv[index][0] == '-') {
        return help_for_tools(argc, argv, index);
    }
    const struct command *command = find_command(argv[index]);
    if (command == NULL) {
        return unknown_command(argv[index]);
    }
    print_command(command);
    return CLI_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

bool cli_open_engine(struct cli *cli, const cedar_allocator *allocator) {
    cedar_config config = {.allocator = *allocator};
    cedar_engine *engine;
    cedar_scratch *scratch;
    /* Ids come from files that somebody else may have written: no fixed hash key. */
    if (getrandom(config.hash_key, sizeof config.hash_key, 0) != sizeof config.hash_key ||
        cedar_engine_new(&config, &engine) != CEDAR_OK) {
        return false;
    }
    if (cedar_scratch_new(engine, SCRATCH_MAX, &scratch) != CEDAR_OK) {
        cedar_engine_unref(engine);
        return false;
    }
    cedar_scratch_free(cli->scratch);
    cedar_engine_unref(cli->engine);
    cli->scratch = scratch;
    cli->engine = engine;
    return true;
}

static int run(struct cli *cli) {
    int status = CLI_FAILURE;
    output_begin(cli);
    if (cli_open_engine(cli, &(cedar_allocator){0})) {
        status = output_end(cli, cli->command->run(cli));
    } else {
        fprintf(stderr, "error: cannot start the Cedar engine\n");
    }
    cedar_scratch_free(cli->scratch);
    cedar_engine_unref(cli->engine);
    output_done(cli);
    return status;
}

static int command_main(struct cli *cli, const struct command *command, int argc, char **argv,
                        int index, struct options *options) {
    const struct options before = *options;
    *options = (struct options){0};
    if (!options_parse(&cli->arena, command, argc, argv, &index, options)) {
        return CLI_USAGE;
    }
    /* A form that stands behind the command counts more than one before it. */
    if (!options_has(options, OPTION_ERROR_FORMAT)) {
        options->texts[OPTION_ERROR_FORMAT] = before.texts[OPTION_ERROR_FORMAT];
        options->choices[OPTION_ERROR_FORMAT] = before.choices[OPTION_ERROR_FORMAT];
    }
    if (options_has(options, OPTION_HELP)) {
        print_command(command);
        return CLI_OK;
    }
    if (!options_finish(command, options)) {
        return CLI_USAGE;
    }
    cli->options = options;
    cli->command = command;
    return run(cli);
}

static int tool_main(struct cli *cli, int argc, char **argv) {
    struct options options = {0};
    int index = 1;
    if (!options_parse(&cli->arena, NULL, argc, argv, &index, &options)) {
        return CLI_USAGE;
    }
    if (options_has(&options, OPTION_HELP)) {
        print_commands(stdout);
        return CLI_OK;
    }
    if (options_has(&options, OPTION_VERSION)) {
        printf("cedar %s\n", cedar_library_version());
        return CLI_OK;
    }
    if (index >= argc) {
        print_commands(stderr);
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
    /* Help and the like are printed without looking; output.c has said what failed there. */
    if (status == CLI_OK && (fflush(stdout) != 0 || ferror(stdout) != 0)) {
        perror("error: cannot write to standard output");
        status = CLI_FAILURE;
    }
    return status;
}
