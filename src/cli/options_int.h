/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTIONS_INT_H
#define CLI_OPTIONS_INT_H
/*
 * The table of options, for options.c and for what describes it to other tools (describe.h).
 *
 * One option may stand in it several times, with different help or values for the groups of
 * different commands. A command has the rows whose groups it shares, each option at most once.
 */
#include "cli/options.h"

struct option {
    enum option_id id;
    uint32_t groups; /* enum option_group */
    char letter;     /* 0: none */
    bool is_repeatable;
    const char *name;
    const char *value;       /* what follows it, NULL: a flag */
    const char *choices;     /* "human, plain, json"; the first is the default; NULL: any text */
    const char *environment; /* read when the option is absent */
    const char *help;
    uint64_t max; /* of a number; 0: it takes no number */
};

struct option_table {
    const struct option *items;
    size_t count;
};

struct option_table options_table(void);

#endif
