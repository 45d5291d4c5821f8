/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H
/*
 * --watch: runs a command again whenever one of its files changes, until the process is ended.
 *
 * Files are looked at twice a second (names, sizes, times of change) rather than waited for, which
 * works the same for every file system, for folders that appear later and for editors that replace
 * files.
 */
#include "cli/cli.h"

/* Returns only when standard output cannot be written. */
int watch_run(struct cli *cli, int (*run)(struct cli *cli));

#endif
