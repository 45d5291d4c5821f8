/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FILES_H
#define CLI_FILES_H
/*
 * Files and folders named on the command line. Contents and names live in the arena; a reason for
 * failure is the system's, in words.
 */
#include "base/arena.h"

/* ERR_IO with the system's words for errno `code`. */
err files_fail(struct error *reterr, int code) MUST_CHECK;

/* A whole file; `-` is standard input. ERR_LIMIT above max_bytes. */
err files_read(struct arena *a, const char *path, size_t max_bytes, str *ret,
               struct error *reterr) MUST_CHECK;

/* Puts `text` in the place of a file, or makes it: whole or not at all. Symbolic links, permissions
 * and, for root, the owner stay. Devices, pipes and files that may not be written are refused. */
err files_replace(struct arena *a, const char *path, str text, struct error *reterr) MUST_CHECK;

/* The path of what is in a folder, with one slash between them; an empty folder adds nothing. */
err files_join(struct arena *a, const char *folder, const char *name, const char **ret) MUST_CHECK;

bool files_exists(const char *path);
bool files_is_directory(const char *path);

struct file_list {
    const char **names; /* relative to the directory, in byte order */
    size_t count;
};

/* Every regular file below `directory` whose name ends in one of `suffixes`. Hidden files and
 * folders are left out; symbolic links to files are followed, to folders not. ERR_LIMIT for too
 * many files or levels. */
err files_find(struct arena *a, const char *directory, const str *suffixes, size_t suffix_count,
               struct file_list *ret, struct error *reterr) MUST_CHECK;
/* The same without the folders in it. */
err files_list(struct arena *a, const char *directory, const str *suffixes, size_t suffix_count,
               struct file_list *ret, struct error *reterr) MUST_CHECK;

#endif
