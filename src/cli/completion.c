/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for bash and zsh. Nothing of it asks the program: it is made once and installed. */
#include "cli/describe.h"

#include "cli/options_int.h"

/* What can follow an option, by the word its help has for it. */
static bool takes_file(const struct option *option) {
    str value = str_c(option->value == NULL ? "" : option->value);
    return str_equal(value, STR("FILE")) || str_equal(value, STR("PATH"));
}

static bool takes_directory(const struct option *option) {
    return option->value != NULL && str_equal_c(STR("DIR"), option->value);
}

/* "a, b" as "a b". */
static void put_words(FILE *stream, const char *choices) {
    for (const char *at = choices; *at != '\0'; at++) {
        if (*at != ',') {
            fputc(*at, stream);
        }
    }
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void put_bash_value(FILE *stream, const struct option *option) {
    fprintf(stream, "                --%s", option->name);
    if (option->letter != 0) {
        fprintf(stream, " | -%c", option->letter);
    }
    fputs(") ", stream);
    if (option->choices != NULL) {
        fputs("kind=words words='", stream);
        put_words(stream, option->choices);
        fputs("' ;;\n", stream);
    } else {
        fprintf(stream, "kind=%s ;;\n",
                takes_file(option)        ? "file"
                : takes_directory(option) ? "directory"
                                          : "none");
    }
}

static void put_bash_options(FILE *stream, const char *name, uint32_t groups) {
    struct option_table table = options_table();
    fprintf(stream, "        %s)\n            options='", name);
    const char *before = "";
    for (size_t i = 0; i < table.count; i++) {
        if ((table.items[i].groups & groups) != 0) {
            fprintf(stream, "%s--%s", before, table.items[i].name);
            before = " ";
        }
    }
    fputs("'\n            case $option in\n", stream);
    for (size_t i = 0; i < table.count; i++) {
        if ((table.items[i].groups & groups) != 0 && table.items[i].value != NULL) {
            put_bash_value(stream, &table.items[i]);
        }
    }
    fputs("            esac\n            ;;\n", stream);
}

static void put_names(FILE *stream, const struct command_list *all) {
    for (size_t i = 0; i < all->count; i++) {
        fprintf(stream, "%s ", all->items[i].name);
    }
}

/* The script, around what the tables say. */
static const char bash_head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Completion of cedar(1) for bash, made by `cedar help --completion bash`.\n"
    "_cedar() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command='' options='' kind='' words='' i\n"
    "    # --name=value is three words to bash\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word=''\n"
    "    elif [[ $option == '=' ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "            -f | --error-format) ((i++)); [[ ${COMP_WORDS[i]} != '=' ]] || ((i++)) ;;\n"
    "            -*) ;;\n"
    "            *) command=${COMP_WORDS[i]}; break ;;\n"
    "        esac\n"
    "    done\n"
    "    case $command in\n";

static const char bash_help[] = "        help)\n            options='--list --man --completion'\n"
                                "            case $option in\n"
                                "                --completion) kind=words words='bash zsh' ;;\n"
                                "                help | --man) kind=commands ;;\n"
                                "            esac\n            ;;\n";

static const char bash_offer[] = "    esac\n"
                                 "    if [[ $word == -* ]]; then\n"
                                 "        kind=words words=$options\n"
                                 "    elif [[ -z $kind && -z $command ]]; then\n"
                                 "        kind=commands\n"
                                 "    fi\n"
                                 "    case $kind in\n"
                                 "        words) ;;\n"
                                 "        commands) words='";

static const char bash_tail[] = "help' ;;\n"
                                "        file)\n"
                                "            compopt -o filenames 2>/dev/null\n"
                                "            mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                                "            return\n"
                                "            ;;\n"
                                "        directory)\n"
                                "            compopt -o filenames 2>/dev/null\n"
                                "            mapfile -t COMPREPLY < <(compgen -d -- \"$word\")\n"
                                "            return\n"
                                "            ;;\n"
                                "    esac\n"
                                "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                                "}\n"
                                "complete -F _cedar cedar\n";

void completion_print_bash(FILE *stream, const struct command_list *all) {
    fputs(bash_head, stream);
    put_bash_options(stream, "''", GROUP_GLOBAL | GROUP_TOP);
    fputs(bash_help, stream);
    for (size_t i = 0; i < all->count; i++) {
        put_bash_options(stream, all->items[i].name, all->items[i].groups | GROUP_GLOBAL);
    }
    fputs(bash_offer, stream);
    put_names(stream, all);
    fputs(bash_tail, stream);
}

/* ---- zsh ------------------------------------------------------------------------------------- */

/* Inside '…' and inside […] or before a colon of _arguments and _describe. */
static void put_zsh_text(FILE *stream, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'') {
            fputs("'\\''", stream);
        } else if (*at == ':' || *at == '[' || *at == ']' || *at == '\\') {
            fprintf(stream, "\\%c", *at);
        } else {
            fputc(*at, stream);
        }
    }
}

/* '(-p --policies)'{-p+,--policies=}'[help]:PATH:_files' */
static void put_zsh_option(FILE *stream, const struct option *option) {
    const char *attached = option->value == NULL ? "" : "=";
    fputs(" \\\n                ", stream);
    if (option->is_repeatable) {
        fputs("'*'", stream);
    } else if (option->letter != 0) {
        fprintf(stream, "'(-%c --%s)'", option->letter, option->name);
    }
    if (option->letter != 0) {
        fprintf(stream, "{-%c%s,--%s%s}", option->letter, option->value == NULL ? "" : "+",
                option->name, attached);
    } else {
        fprintf(stream, "--%s%s", option->name, attached);
    }
    fputs("'[", stream);
    put_zsh_text(stream, option->help);
    fputc(']', stream);
    if (option->value != NULL) {
        fprintf(stream, ":%s:", option->value);
        if (option->choices != NULL) {
            fputc('(', stream);
            put_words(stream, option->choices);
            fputc(')', stream);
        } else {
            fputs(takes_file(option)        ? "_files"
                  : takes_directory(option) ? "_files -/"
                                            : " ",
                  stream);
        }
    }
    fputc('\'', stream);
}

static void put_zsh_options(FILE *stream, uint32_t groups) {
    struct option_table table = options_table();
    for (size_t i = 0; i < table.count; i++) {
        if ((table.items[i].groups & groups) != 0) {
            put_zsh_option(stream, &table.items[i]);
        }
    }
}

static void put_zsh_commands(FILE *stream, const struct command_list *all) {
    fputs("    local -a commands=(\n", stream);
    for (size_t i = 0; i < all->count; i++) {
        fprintf(stream, "        '%s:", all->items[i].name);
        put_zsh_text(stream, all->items[i].summary);
        fputs("'\n", stream);
    }
    fputs("        'help:Print help, also of one command'\n    )\n", stream);
}

void completion_print_zsh(FILE *stream, const struct command_list *all) {
    fputs("#compdef cedar\n"
          "# SPDX-License-Identifier: Apache-2.0\n"
          "# Completion of cedar(1) for zsh, made by `cedar help --completion zsh`.\n"
          "_cedar() {\n"
          "    local curcontext=$curcontext state line\n"
          "    typeset -A opt_args\n",
          stream);
    put_zsh_commands(stream, all);
    fputs("    _arguments -C", stream);
    put_zsh_options(stream, GROUP_GLOBAL | GROUP_TOP);
    fputs(" \\\n                '1: :->command' '*:: :->argument' && return\n"
          "    case $state in\n"
          "        command) _describe -t commands command commands; return ;;\n"
          "    esac\n"
          "    curcontext=\"${curcontext%:*:*}:cedar-$words[1]:\"\n"
          "    case $words[1] in\n"
          "        help)\n"
          "            _arguments '--list[Print the names of the commands]' \\\n"
          "                '--man[Print a manual page]' \\\n"
          "                '--completion=[Print completion]:shell:(bash zsh)' \\\n"
          "                '1:command:->command' && return\n"
          "            [[ $state != command ]] || _describe -t commands command commands\n"
          "            ;;\n",
          stream);
    for (size_t i = 0; i < all->count; i++) {
        const struct command *command = &all->items[i];
        fprintf(stream, "        %s)\n            _arguments -s -S", command->name);
        put_zsh_options(stream, command->groups | GROUP_GLOBAL);
        if (command->positional != NULL) {
            fprintf(stream, " \\\n                ':%s: '", command->positional);
        }
        fputs("\n            ;;\n", stream);
    }
    fputs("    esac\n}\n_cedar \"$@\"\n", stream);
}
