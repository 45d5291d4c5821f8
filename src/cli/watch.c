/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/render.h"
#include "cli/schemas.h"

enum { LOOK_MS = 500 };

static const struct hash_key key = {0}; /* only equality matters, and only to ourselves */

/* ---- has anything changed? ------------------------------------------------------------------- */

/* What one path looks like, as a number. */
static uint64_t look_at_file(const char *path) {
    struct stat status;
    struct {
        uint64_t device, inode, size;
        int64_t seconds, nanoseconds;
    } seen = {0};
    if (stat(path, &status) == 0) {
        seen.device = status.st_dev;
        seen.inode = status.st_ino;
        seen.size = (uint64_t)status.st_size;
        seen.seconds = status.st_mtim.tv_sec;
        seen.nanoseconds = status.st_mtim.tv_nsec;
    }
    return hash_pair(&key, str_c(path), str_make((const char *)&seen, sizeof seen));
}

static const str suffixes[] = {STR_INIT(".cedarschema"), STR_INIT(".cedarschema.json"),
                               STR_INIT(".cedar"), STR_INIT(".json")};
enum { SCHEMA_SUFFIXES = 2 };

/* Order matters little: names are part of each number. */
static uint64_t look_at_files(struct cli *cli, const char *folder, const struct file_list *files) {
    uint64_t sum = 0;
    for (size_t i = 0; i < files->count; i++) {
        sum += look_at_file(load_phrase(cli, "%s/%s", folder, files->names[i]));
    }
    return sum;
}

static uint64_t look_at(struct cli *cli, const char *path) {
    struct file_list files;
    struct error error;
    uint64_t sum = look_at_file(path);
    if (!files_is_directory(path) ||
        files_find(&cli->arena, path, suffixes, ARRAY_LEN(suffixes), &files, &error) != ERR_OK) {
        return sum;
    }
    return sum + look_at_files(cli, path, &files);
}

/* A schema may appear where none was. */
static uint64_t look_beside(struct cli *cli, const char *path) {
    struct file_list files;
    struct error error;
    const char *folder = schemas_folder_of(cli, path);
    if (files_list(&cli->arena, folder, suffixes, SCHEMA_SUFFIXES, &files, &error) != ERR_OK) {
        return 0;
    }
    return look_at_files(cli, folder, &files);
}

static uint64_t look_at_all(struct cli *cli) {
    static const enum option_id ids[] = {OPTION_POLICIES, OPTION_SCHEMA};
    uint64_t sum = 0;
    struct arena_mark mark = arena_mark(&cli->arena);
    for (size_t k = 0; k < ARRAY_LEN(ids); k++) {
        const struct option_list *paths = &cli->options->lists[ids[k]];
        for (size_t i = 0; i < paths->count; i++) {
            sum += look_at(cli, paths->items[i]);
        }
    }
    const struct option_list *policies = &cli->options->lists[OPTION_POLICIES];
    for (size_t i = 0; i < policies->count && !options_has(cli->options, OPTION_SCHEMA); i++) {
        sum += look_beside(cli, policies->items[i]);
    }
    const char *links = cli->options->texts[OPTION_TEMPLATE_LINKED];
    sum += links == NULL ? 0 : look_at_file(links);
    arena_reset(&cli->arena, mark);
    return sum;
}

/* Every file that was read, also those that no option names. */
static uint64_t look_at_sources(const struct cli *cli) {
    uint64_t sum = 0;
    for (size_t i = 0; i < cli->sources.count; i++) {
        sum += look_at_file(cli->sources.items[i].name);
    }
    return sum;
}

static void wait_for_change(struct cli *cli, uint64_t before) {
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000};
    uint64_t sources = look_at_sources(cli);
    do {
        IGNORE(nanosleep(&pause, NULL)); /* looking earlier does no harm */
    } while (look_at_all(cli) == before && look_at_sources(cli) == sources);
}

/* Nothing of a run stays. */
static void forget(struct cli *cli, struct arena_mark mark) {
    cli->sources.items = NULL;
    cli->sources.count = cli->sources.capacity = 0;
    cli->is_stdin_taken = false;
    cedar_scratch_reset(cli->scratch);
    arena_reset(&cli->arena, mark);
}

/* ---- running --------------------------------------------------------------------------------- */

int watch_run(struct cli *cli, int (*run)(struct cli *cli)) {
    if (!options_has(cli->options, OPTION_POLICIES)) {
        render_error(cli, "nothing to watch", "the policies come from standard input",
                     "name them with --policies");
        return CLI_FAILURE;
    }
    struct arena_mark mark = arena_mark(&cli->arena);
    for (;;) {
        /* Before the run: a change during it is seen after it. */
        uint64_t before = look_at_all(cli);
        IGNORE(run(cli)); /* what it found has been said */
        buf_add_c(&cli->err, "watching; end with Ctrl-C\n");
        if (!output_flush(cli)) {
            return CLI_FAILURE;
        }
        wait_for_change(cli, before);
        forget(cli, mark);
    }
}
