/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages, section 1. */
#include "cli/describe.h"

#include "cli/options_int.h"

enum { LINE = 72 };

/* ---- roff ------------------------------------------------------------------------------------ */

static void put_byte(FILE *stream, char byte) {
    if (byte == '\\') {
        fputs("\\e", stream);
    } else if (byte == '-') {
        fputs("\\-", stream);
    } else {
        fputc(byte, stream);
    }
}

static void put_str(FILE *stream, str text) {
    for (size_t i = 0; i < text.len; i++) {
        put_byte(stream, text.ptr[i]);
    }
}

/* Running text: lines of moderate length, none of which can be taken for a request. */
static void put_text(FILE *stream, const char *text) {
    str rest = str_c(text);
    size_t column = 0;
    while (rest.len > 0) {
        str word;
        IGNORE(str_cut(rest, ' ', &word, &rest)); /* the last word has nothing behind it */
        if (column > 0 && column + word.len > LINE) {
            fputc('\n', stream);
            column = 0;
        }
        if (column > 0) {
            fputc(' ', stream);
        } else if (word.len > 0 && (word.ptr[0] == '.' || word.ptr[0] == '\'')) {
            fputs("\\&", stream);
        }
        put_str(stream, word);
        column += word.len + 1;
    }
    fputc('\n', stream);
}

static void put_bold(FILE *stream, const char *before, const char *text) {
    fputs("\\fB", stream);
    put_str(stream, str_c(before));
    put_str(stream, str_c(text));
    fputs("\\fR", stream);
}

static void put_head(FILE *stream, const char *command) {
    char name[64];
    snprintf(name, sizeof name, "CEDAR%s%s", command == NULL ? "" : "-",
             command == NULL ? "" : command);
    fputs(".\\\" SPDX-License-Identifier: Apache-2.0\n.TH \"", stream);
    for (const char *at = name; *at != '\0'; at++) {
        put_byte(stream, *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at);
    }
    fprintf(stream, "\" \"1\" \"\" \"cedar %s\" \"Ironwood\"\n", cedar_library_version());
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void put_option_name(FILE *stream, const struct option *option) {
    put_bold(stream, "--", option->name);
    if (option->value != NULL) {
        fputs(" \\fI", stream);
        put_str(stream, str_c(option->value));
        fputs("\\fR", stream);
    }
}

static void put_choices(FILE *stream, const char *choices, bool has_default) {
    str rest = str_c(choices);
    const char *before = "Possible values: ";
    const char *behind = has_default ? " (the default)" : "";
    for (bool is_cut = true; is_cut;) {
        str choice;
        is_cut = str_cut(rest, ',', &choice, &rest);
        fprintf(stream, "%s\\fB", before);
        put_str(stream, str_trim(choice));
        fprintf(stream, "\\fR%s", behind);
        before = ",\n"; /* lines of the source are short, and joined when shown */
        behind = "";
    }
    fputs(".\n", stream);
}

static void put_options(FILE *stream, uint32_t groups, uint64_t required) {
    struct option_table table = options_table();
    for (size_t i = 0; i < table.count; i++) {
        const struct option *option = &table.items[i];
        if ((option->groups & groups) == 0) {
            continue;
        }
        fputs(".TP\n", stream);
        if (option->letter != 0) {
            put_bold(stream, "-", (const char[]){option->letter, '\0'});
            fputs(", ", stream);
        }
        put_option_name(stream, option);
        fputc('\n', stream);
        put_text(stream, option->help);
        if (option->choices != NULL) {
            fputs(".br\n", stream);
            put_choices(stream, option->choices, (required & OPTION_BIT(option->id)) == 0);
        }
        if (option->environment != NULL) {
            fputs(".br\nWithout it, the environment variable ", stream);
            put_bold(stream, "", option->environment);
            fputs(" says so.\n", stream);
        }
    }
}

static void put_synopsis(FILE *stream, const struct command *command) {
    struct option_table table = options_table();
    fputs(".SH SYNOPSIS\n", stream);
    put_bold(stream, "cedar ", command->name);
    fputs(" [\\fIOPTIONS\\fR]", stream);
    for (size_t i = 0; i < table.count; i++) {
        if ((command->required & OPTION_BIT(table.items[i].id)) != 0 &&
            (table.items[i].groups & command->groups) != 0) {
            fputc(' ', stream);
            put_option_name(stream, &table.items[i]);
        }
    }
    if (command->positional != NULL) {
        fprintf(stream, " \\fI%s\\fR", command->positional);
    }
    fputc('\n', stream);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void put_command_page(FILE *stream, const struct command *command) {
    put_head(stream, command->name);
    fputs(".SH NAME\ncedar\\-", stream);
    put_str(stream, str_c(command->name));
    fputs(" \\-\n", stream);
    put_text(stream, command->summary);
    put_synopsis(stream, command);
    fputs(".SH DESCRIPTION\n", stream);
    put_text(stream, command->summary);
    if (command->notes != NULL) {
        fputs(".PP\n", stream);
        put_text(stream, command->notes);
    }
    fputs(".SH OPTIONS\n", stream);
    put_options(stream, command->groups | GROUP_GLOBAL, command->required);
    fputs(".SH SEE ALSO\n.BR cedar (1)\n", stream);
}

static void put_row(FILE *stream, const char *head, const char *text) {
    fputs(".TP\n", stream);
    put_bold(stream, "", head);
    fputc('\n', stream);
    put_text(stream, text);
}

static void put_exit_status(FILE *stream) {
    fputs(".SH EXIT STATUS\n", stream);
    put_row(stream, "0", "Success; of authorize and explain: ALLOW.");
    put_row(stream, "1", "An input is bad, a test failed, a file is not formatted.");
    put_row(stream, "2",
            "Of authorize and explain: DENY; of every command: wrong usage, and "
            "standard output is empty.");
    put_row(stream, "3",
            "Of validate: the policies have errors; of lint: a budget is not kept; of both, "
            "with --deny-warnings: there are warnings.");
}

static void put_tool_page(FILE *stream, const struct command_list *all) {
    put_head(stream, NULL);
    fputs(".SH NAME\ncedar \\- the Cedar policy language: decide, evaluate, check\n"
          ".SH SYNOPSIS\n\\fBcedar\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR\n.SH DESCRIPTION\n",
          stream);
    put_text(stream, "Options may be written --name value, --name=value, -n value or -nvalue; "
                     "flags may be joined (-vt); -- ends the options. - is standard input wherever "
                     "a file is read, for one input of a run.");
    fputs(".SH COMMANDS\n", stream);
    for (size_t i = 0; i < all->count; i++) {
        fputs(".TP\n.BR cedar\\-", stream);
        put_str(stream, str_c(all->items[i].name));
        fputs(" (1)\n", stream);
        put_text(stream, all->items[i].summary);
    }
    put_row(stream, "help [COMMAND]", "Print help, also of one command.");
    put_row(stream, "help --list", "Print the names of the commands.");
    put_row(stream, "help --man [COMMAND]", "Print a manual page, such as this one.");
    put_row(stream, "help --completion bash|zsh", "Print what the shell needs to complete.");
    fputs(".SH OPTIONS\n", stream);
    put_options(stream, GROUP_GLOBAL | GROUP_TOP, 0);
    put_exit_status(stream);
    fputs(".SH SEE ALSO\n.BR libcedar (3)\n", stream);
}

void manual_print(FILE *stream, const struct command_list *all, const struct command *command) {
    if (command == NULL) {
        put_tool_page(stream, all);
    } else {
        put_command_page(stream, command);
    }
}
