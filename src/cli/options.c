/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "cli/cli.h"
#include "cli/options_int.h"

static const struct option table[] = {
    {OPTION_POLICIES, GROUP_POLICIES | GROUP_POLICY_FILE, 'p', true, "policies", "PATH", NULL, NULL,
     "File of policies, `-` for standard input (default), or a directory: every file of policies "
     "below it; may be repeated",
     0},
    {OPTION_POLICY_FORMAT, GROUP_POLICIES, 0, false, "policy-format", "FORMAT", "auto, cedar, json",
     NULL, "Format of policies; auto looks at each file", 0},
    {OPTION_TEMPLATE_LINKED, GROUP_POLICIES, 'k', false, "template-linked", "FILE", NULL, NULL,
     "File of template links", 0},
    {OPTION_SCHEMA, GROUP_SCHEMA, 's', false, "schema", "FILE", NULL, NULL, "File of the schema",
     0},
    {OPTION_SCHEMA, GROUP_VALIDATE | GROUP_LINT, 's', true, "schema", "PATH", NULL, NULL,
     "File of the schema, or a directory: every *.cedarschema and *.cedarschema.json below it; may "
     "be repeated, then they are one schema; without it, the schema that lies beside the policies",
     0},
    {OPTION_SCHEMA, GROUP_SCHEMA_FORM, 's', false, "schema", "FILE", NULL, NULL,
     "File of the schema; without it, standard input", 0},
    {OPTION_SCHEMA_FORMAT, GROUP_SCHEMA | GROUP_VALIDATE | GROUP_LINT, 0, false, "schema-format",
     "FORMAT", "auto, cedar, json", NULL, "Format of the schema; auto looks at the file", 0},
    {OPTION_PRINCIPAL, GROUP_REQUEST, 'l', false, "principal", "EUID", NULL, NULL,
     "Principal of the request, such as User::\"alice\"", 0},
    {OPTION_ACTION, GROUP_REQUEST, 'a', false, "action", "EUID", NULL, NULL,
     "Action of the request, such as Action::\"view\"", 0},
    {OPTION_RESOURCE, GROUP_REQUEST, 'r', false, "resource", "EUID", NULL, NULL,
     "Resource of the request, such as File::\"myfile.txt\"", 0},
    {OPTION_CONTEXT, GROUP_REQUEST, 'c', false, "context", "FILE", NULL, NULL,
     "File with a JSON object, the context of the request", 0},
    {OPTION_REQUEST_JSON, GROUP_REQUEST, 0, false, "request-json", "FILE", NULL, NULL,
     "File with a JSON object of principal, action, resource and context, instead of these four "
     "options",
     0},
    {OPTION_REQUEST_VALIDATION, GROUP_REQUEST, 0, false, "request-validation", "BOOL",
     "true, false", NULL, "Whether a schema, if given, also checks the request", 0},
    {OPTION_ENTITIES, GROUP_ENTITIES, 0, false, "entities", "FILE", NULL, NULL,
     "File with a JSON array of entities", 0},
    {OPTION_EXPRESSION, GROUP_EXPRESSION, 0, false, "expression", "EXPRESSION", NULL, NULL,
     "An expression to parse", 0},
    {OPTION_LINE_WIDTH, GROUP_FORMAT, 'l', false, "line-width", "COLUMNS", NULL, NULL,
     "Columns that a line may have [default: 80]", UINT16_MAX},
    {OPTION_INDENT_WIDTH, GROUP_FORMAT, 'i', false, "indent-width", "COLUMNS", NULL, NULL,
     "Columns that a level is indented by [default: 2]", UINT16_MAX},
    {OPTION_WRITE, GROUP_FORMAT, 'w', false, "write", NULL, NULL, NULL,
     "Replace the files instead of printing the result", 0},
    {OPTION_CHECK, GROUP_FORMAT, 'c', false, "check", NULL, NULL, NULL,
     "Exit with 1 when the result differs", 0},
    {OPTION_DIRECTION, GROUP_DIRECTION, 0, false, "direction", "DIRECTION",
     "cedar-to-json, json-to-cedar", NULL, "From which form to which", 0},
    {OPTION_DIRECTION, GROUP_SCHEMA_FORM, 0, false, "direction", "DIRECTION",
     "json-to-cedar, cedar-to-json, cedar-to-json-with-resolved-types", NULL,
     "From which form to which; resolved types say of each name what it means", 0},
    {OPTION_TEMPLATE_ID, GROUP_LINK, 0, false, "template-id", "ID", NULL, NULL,
     "The template to link", 0},
    {OPTION_NEW_ID, GROUP_LINK, 'n', false, "new-id", "ID", NULL, NULL, "Id of the new policy", 0},
    {OPTION_ARGUMENTS, GROUP_LINK, 'a', false, "arguments", "JSON", NULL, NULL,
     "The template's slots, such as {\"?principal\": \"User::\\\"alice\\\"\"}", 0},
    {OPTION_VERBOSE, GROUP_DECISION, 'v', false, "verbose", NULL, NULL, NULL,
     "Also say which policies led to the decision", 0},
    {OPTION_TIMING, GROUP_DECISION, 't', false, "timing", NULL, NULL, NULL,
     "Also say how long the decision took", 0},
    {OPTION_REQUEST_FILE, GROUP_BATCH, 0, false, "request-file", "FILE", NULL, NULL,
     "File of requests, one JSON object per line as for --request-json, `-` for standard input; "
     "one line is printed for each",
     0},
    {OPTION_TESTS, GROUP_TESTS, 0, false, "tests", "FILE", NULL, NULL,
     "File with a JSON array of tests", 0},
    {OPTION_NAME, GROUP_NAME, 'n', false, "name", "DIR", NULL, NULL, "Directory to make", 0},
    {OPTION_THREADS, GROUP_BENCH, 0, false, "threads", "NUMBER", NULL, NULL,
     "Threads that decide at the same time [default: one per processor]", 1024},
    {OPTION_SECONDS, GROUP_BENCH, 0, false, "seconds", "NUMBER", NULL, NULL,
     "How long each measurement takes [default: 2]", 3600},
    {OPTION_DENY_WARNINGS, GROUP_VALIDATE | GROUP_LINT, 0, false, "deny-warnings", NULL, NULL, NULL,
     "Warnings fail the validation, too", 0},
    {OPTION_VALIDATION_MODE, GROUP_VALIDATE, 0, false, "validation-mode", "MODE",
     "strict, permissive, partial", NULL,
     "How strictly types are checked; partial is not available", 0},
    {OPTION_LEVEL, GROUP_VALIDATE, 0, false, "level", "NUMBER", NULL, NULL,
     "How many steps policies may take from the request to data", UINT32_MAX},
    {OPTION_COMPAT, GROUP_VALIDATE, 0, false, "compat", "VERSION", "current, 4.12", NULL,
     "Whose verdicts: in 4.12 a scope that no action fits is an error", 0},
    {OPTION_DISABLE, GROUP_LINT, 0, true, "disable", "RULE", NULL, NULL,
     "A rule that is not applied; may be repeated", 0},
    {OPTION_MAX_POLICY_COST, GROUP_LINT, 0, false, "max-policy-cost", "STEPS", NULL, NULL,
     "What a policy may cost in the worst case; above it is an error", UINT32_MAX},
    {OPTION_MAX_SET_COST, GROUP_LINT, 0, false, "max-set-cost", "STEPS", NULL, NULL,
     "What a request may cost in the worst case; above it is an error", UINT32_MAX},
    {OPTION_REQUIRE_SCHEMA, GROUP_VALIDATE, 0, false, "require-schema", NULL, NULL, NULL,
     "Fail when there is no schema", 0},
    {OPTION_QUIET, GROUP_VALIDATE | GROUP_LINT, 'q', false, "quiet", NULL, NULL, NULL,
     "Print nothing when all is well", 0},
    {OPTION_WATCH, GROUP_VALIDATE | GROUP_LINT, 0, false, "watch", NULL, NULL, NULL,
     "Look again whenever a file changes, until interrupted", 0},
    {OPTION_OUTPUT, GROUP_VALIDATE | GROUP_LINT, 0, false, "output", "FORMAT",
     "text, json, sarif, junit", NULL,
     "Text for people, one JSON object, or what code scanning and build servers read", 0},
    {OPTION_ALL, GROUP_EXPLAIN, 0, false, "all", NULL, NULL, NULL,
     "Also policies that are out of scope and would not have changed the decision", 0},
    {OPTION_LIMIT, GROUP_EXPLAIN, 0, false, "limit", "NUMBER", NULL, NULL,
     "How many policies are shown [default: 20]", UINT32_MAX},
    {OPTION_POLICY, GROUP_EXPLAIN, 0, false, "policy", "ID", NULL, NULL,
     "Only this policy, or the links of this template", 0},
    {OPTION_OUTPUT, GROUP_OUTPUT, 0, false, "output", "FORMAT", "text, json", NULL,
     "Text for people or one JSON object for programs", 0},
    {OPTION_ERROR_FORMAT, GROUP_GLOBAL, 'f', false, "error-format", "FORMAT", "human, plain, json",
     "CEDAR_ERROR_FORMAT", "How errors are printed", 0},
    {OPTION_HELP, GROUP_GLOBAL, 'h', false, "help", NULL, NULL, NULL, "Print help", 0},
    {OPTION_VERSION, GROUP_TOP, 'V', false, "version", NULL, NULL, NULL, "Print the version", 0},
};

struct option_table options_table(void) {
    return (struct option_table){table, ARRAY_LEN(table)};
}

/* ---- messages -------------------------------------------------------------------------------- */

/* "--policies <PATH>" */
static void print_option(FILE *stream, const struct option *option) {
    fprintf(stream, "--%s", option->name);
    if (option->value != NULL) {
        fprintf(stream, " <%s>", option->value);
    }
}

static bool is_required(const struct command *command, const struct option *option) {
    return (command->required & OPTION_BIT(option->id)) != 0 &&
           (command->groups & option->groups) != 0;
}

void options_print_usage(FILE *stream, const struct command *command) {
    fprintf(stream, "Usage: cedar %s", command == NULL ? "[OPTIONS] <COMMAND>" : command->name);
    if (command == NULL) {
        return;
    }
    fprintf(stream, " [OPTIONS]");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (is_required(command, &table[i])) {
            fprintf(stream, " ");
            print_option(stream, &table[i]);
        }
    }
    if (command->positional != NULL) {
        fprintf(stream, " <%s>", command->positional);
    }
}

void options_print_wrapped(FILE *stream, const char *text, size_t indent) {
    enum { COLUMNS = 80 };
    str rest = str_c(text);
    size_t column = indent;
    while (rest.len > 0) {
        str word;
        IGNORE(str_cut(rest, ' ', &word, &rest)); /* the last word has nothing behind it */
        if (column > indent && column + 1 + word.len > COLUMNS) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        }
        fprintf(stream, "%s%.*s", column > indent ? " " : "", STR_FMT(word));
        column += word.len + (column > indent);
    }
    fprintf(stream, "\n");
}

void options_print_help(FILE *stream, uint32_t groups) {
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct option *option = &table[i];
        if ((option->groups & groups) == 0) {
            continue;
        }
        fprintf(stream, option->letter == 0 ? "      " : "  -%c, ", option->letter);
        print_option(stream, option);
        fprintf(stream, "\n          ");
        options_print_wrapped(stream, option->help, 10);
        if (option->choices != NULL) {
            fprintf(stream, "          [possible values: %s; the first is the default]\n",
                    option->choices);
        }
        if (option->environment != NULL) {
            fprintf(stream, "          [environment: %s]\n", option->environment);
        }
    }
}

static bool fail(const struct command *command) {
    fprintf(stderr, "\n");
    options_print_usage(stderr, command);
    fprintf(stderr, "\n\nFor more information, try '--help'.\n");
    return false;
}

static bool fail_unknown(const struct command *command, uint32_t groups, const char *argument) {
    str known[ARRAY_LEN(table)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if ((table[i].groups & groups) != 0) {
            known[count++] = str_c(table[i].name);
        }
    }
    fprintf(stderr, "error: unexpected argument '%s' found\n", argument);
    str name = str_c(argument);
    if (str_has_prefix(name, STR("--"))) {
        str head;
        str tail;
        IGNORE(str_cut(str_slice(name, 2, name.len), '=', &head, &tail)); /* with or without */
        str nearest = str_nearest(head, known, count);
        if (nearest.ptr != NULL) {
            fprintf(stderr, "\n  tip: a similar argument exists: '--%.*s'\n", STR_FMT(nearest));
            return fail(command);
        }
    }
    if (argument[0] == '-' && command != NULL && command->positional != NULL) {
        fprintf(stderr, "\n  tip: to pass '%s' as a value, use '-- %s'\n", argument, argument);
    }
    return fail(command);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Position of the value among the choices, or -1. */
static int choice_of(const struct option *option, const char *value) {
    str rest = str_c(option->choices);
    for (int i = 0; rest.ptr != NULL; i++) {
        str head;
        bool is_cut = str_cut(rest, ',', &head, &rest);
        if (str_equal_c(str_trim(head), value)) {
            return i;
        }
        if (!is_cut) {
            break;
        }
    }
    return -1;
}

static bool set_value(const struct command *command, const struct option *option, const char *value,
                      struct options *options) {
    if (option->choices != NULL) {
        int choice = choice_of(option, value);
        if (choice < 0) {
            fprintf(stderr, "error: invalid value '%s' for '", value);
            print_option(stderr, option);
            fprintf(stderr, "'\n  [possible values: %s]\n", option->choices);
            return fail(command);
        }
        options->choices[option->id] = choice;
    }
    if (option->max > 0 && (!str_to_u64(str_c(value), &options->numbers[option->id]) ||
                            options->numbers[option->id] > option->max)) {
        fprintf(stderr, "error: invalid value '%s' for '", value);
        print_option(stderr, option);
        fprintf(stderr, "': not a number from 0 to %llu\n", (unsigned long long)option->max);
        return fail(command);
    }
    options->texts[option->id] = value;
    return true;
}

static bool add_value(struct arena *a, const struct command *command, const struct option *option,
                      const char *value, struct options *options) {
    if (option->is_repeatable) {
        struct option_list *list = &options->lists[option->id];
        const char **longer = ARENA_ARRAY(a, const char *, list->count + 1);
        if (longer == NULL) {
            fprintf(stderr, "error: out of memory\n");
            return false;
        }
        for (size_t i = 0; i < list->count; i++) {
            longer[i] = list->items[i];
        }
        longer[list->count] = value;
        *list = (struct option_list){longer, list->count + 1};
    } else if (options_has(options, option->id)) {
        fprintf(stderr, "error: the argument '");
        print_option(stderr, option);
        fprintf(stderr, "' cannot be used multiple times\n");
        return fail(command);
    }
    return set_value(command, option, value, options);
}

/* ---- arguments ------------------------------------------------------------------------------- */

struct reader {
    struct arena *arena;
    const struct command *command;
    uint32_t groups;
    int argc;
    char **argv;
    int index;
    struct options *options;
};

static bool read_value(struct reader *r, const struct option *option, const char *attached) {
    const char *value = attached;
    if (option->value == NULL) {
        if (attached != NULL) {
            fprintf(stderr,
                    "error: unexpected value '%s' for '--%s' found; no more were expected\n",
                    attached, option->name);
            return fail(r->command);
        }
        value = "";
    } else if (value == NULL && r->index < r->argc &&
               (r->argv[r->index][0] != '-' || r->argv[r->index][1] == '\0')) {
        value = r->argv[r->index++];
    }
    if (value == NULL) {
        fprintf(stderr, "error: a value is required for '");
        print_option(stderr, option);
        fprintf(stderr, "' but none was supplied\n");
        return fail(r->command);
    }
    return add_value(r->arena, r->command, option, value, r->options);
}

static const struct option *find_long(const struct reader *r, str name) {
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if ((table[i].groups & r->groups) != 0 && str_equal_c(name, table[i].name)) {
            return &table[i];
        }
    }
    return NULL;
}

static const struct option *find_letter(const struct reader *r, char letter) {
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if ((table[i].groups & r->groups) != 0 && table[i].letter == letter) {
            return &table[i];
        }
    }
    return NULL;
}

static bool read_long(struct reader *r, const char *argument) {
    str name = str_make(argument + 2, strlen(argument + 2));
    const char *attached = NULL;
    size_t equals = str_find_byte(name, '=');
    if (equals != SIZE_MAX) {
        attached = name.ptr + equals + 1;
        name.len = equals;
    }
    const struct option *option = find_long(r, name);
    return option == NULL ? fail_unknown(r->command, r->groups, argument)
                          : read_value(r, option, attached);
}

static bool read_letters(struct reader *r, const char *argument) {
    for (const char *at = argument + 1; *at != '\0'; at++) {
        const struct option *option = find_letter(r, *at);
        if (option == NULL) {
            return fail_unknown(r->command, r->groups, argument);
        }
        if (option->value != NULL) {
            const char *attached = at[1] == '\0' ? NULL : at[1] == '=' ? at + 2 : at + 1;
            return read_value(r, option, attached);
        }
        if (!read_value(r, option, NULL)) {
            return false;
        }
    }
    return true;
}

static bool read_operand(struct reader *r, const char *argument) {
    if (r->command->positional == NULL || r->options->operand != NULL) {
        return fail_unknown(r->command, 0, argument);
    }
    r->options->operand = argument;
    return true;
}

bool options_parse(struct arena *a, const struct command *command, int argc, char **argv,
                   int *index, struct options *options) {
    struct reader r = {.arena = a,
                       .command = command,
                       .groups = GROUP_GLOBAL | (command == NULL ? GROUP_TOP : command->groups),
                       .argc = argc,
                       .argv = argv,
                       .index = *index,
                       .options = options};
    bool is_operand_only = false;
    bool is_good = true;
    while (is_good && r.index < argc) {
        const char *argument = argv[r.index];
        bool is_operand = is_operand_only || argument[0] != '-' || argument[1] == '\0';
        if (is_operand && command == NULL) {
            break;
        }
        r.index++;
        if (is_operand) {
            is_good = read_operand(&r, argument);
        } else if (str_equal_c(STR("--"), argument)) {
            is_operand_only = true;
        } else {
            is_good = argument[1] == '-' ? read_long(&r, argument) : read_letters(&r, argument);
        }
    }
    *index = r.index;
    return is_good;
}

/* ---- at the end ------------------------------------------------------------------------------ */

/* What cannot stand together, and what needs another. */
static const struct rule {
    enum option_id first;
    enum option_id second;
    bool is_conflict;
} rules[] = {
    {OPTION_WRITE, OPTION_CHECK, true},
    {OPTION_WRITE, OPTION_POLICIES, false},
    {OPTION_REQUEST_JSON, OPTION_PRINCIPAL, true},
    {OPTION_REQUEST_JSON, OPTION_ACTION, true},
    {OPTION_REQUEST_JSON, OPTION_RESOURCE, true},
    {OPTION_REQUEST_JSON, OPTION_CONTEXT, true},
    {OPTION_REQUEST_FILE, OPTION_PRINCIPAL, true},
    {OPTION_REQUEST_FILE, OPTION_ACTION, true},
    {OPTION_REQUEST_FILE, OPTION_RESOURCE, true},
    {OPTION_REQUEST_FILE, OPTION_CONTEXT, true},
    {OPTION_REQUEST_FILE, OPTION_REQUEST_JSON, true},
    {OPTION_WATCH, OPTION_OUTPUT, true},
};

static const struct option *find_option(enum option_id id) {
    size_t at = 0;
    while (table[at].id != id) {
        at++;
    }
    return &table[at];
}

static bool check_rules(const struct command *command, const struct options *options) {
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        const struct rule *rule = &rules[i];
        if (!options_has(options, rule->first) ||
            options_has(options, rule->second) != rule->is_conflict) {
            continue;
        }
        fprintf(stderr, rule->is_conflict
                            ? "error: the argument '"
                            : "error: the following required arguments were not provided:\n  ");
        print_option(stderr, find_option(rule->is_conflict ? rule->first : rule->second));
        if (rule->is_conflict) {
            fprintf(stderr, "' cannot be used with '");
            print_option(stderr, find_option(rule->second));
            fprintf(stderr, "'");
        }
        fprintf(stderr, "\n");
        return fail(command);
    }
    return true;
}

static bool check_required(const struct command *command, const struct options *options) {
    bool is_complete = command->positional == NULL || options->operand != NULL;
    for (int id = 0; id < OPTION_COUNT; id++) {
        is_complete = is_complete && ((command->required & OPTION_BIT(id)) == 0 ||
                                      options_has(options, (enum option_id)id));
    }
    if (is_complete) {
        return true;
    }
    fprintf(stderr, "error: the following required arguments were not provided:\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (is_required(command, &table[i]) && !options_has(options, table[i].id)) {
            fprintf(stderr, "  ");
            print_option(stderr, &table[i]);
            fprintf(stderr, "\n");
        }
    }
    if (command->positional != NULL && options->operand == NULL) {
        fprintf(stderr, "  <%s>\n", command->positional);
    }
    return fail(command);
}

bool options_finish(const struct command *command, struct options *options) {
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *value = table[i].environment == NULL ? NULL : getenv(table[i].environment);
        if (value != NULL && !options_has(options, table[i].id) &&
            !set_value(command, &table[i], value, options)) {
            return false;
        }
    }
    return check_rules(command, options) && check_required(command, options);
}
