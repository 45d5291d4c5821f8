/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *end) {
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool may_be_case(const char *path, char *const *words) {
    if (!ends_with(path, ".json") || ends_with(path, ".entities.json") ||
        ends_with(path, ".cedarschema.json") || ends_with(path, ".validation.json")) {
        return false;
    }
    bool is_chosen = words[0] == NULL;
    for (size_t i = 0; words[i] != NULL && !is_chosen; i++) {
        is_chosen = strstr(path, words[i]) != NULL;
    }
    return is_chosen;
}

static void add_case(struct corpus_cases *cases, char *take_path) {
    if (cases->count == cases->capacity) {
        cases->capacity = cases->capacity == 0 ? 256 : cases->capacity * 2;
        cases->paths = realloc(cases->paths, cases->capacity * sizeof *cases->paths);
        if (cases->paths == NULL) {
            abort();
        }
    }
    cases->paths[cases->count++] = take_path;
}

static char *join(const char *dir, const char *name) {
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = malloc(size);
    if (path == NULL) {
        abort();
    }
    snprintf(path, size, "%s/%s", dir, name);
    return path;
}

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool collect(const char *dir, char *const *words, struct corpus_cases *cases) {
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        return false;
    }
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char *path = join(dir, entry->d_name);
        if (may_be_case(path, words)) {
            add_case(cases, path);
            continue;
        }
        if (!ends_with(path, ".cedar") && is_directory(path)) {
            IGNORE(collect(path, words, cases)); /* an unreadable folder has no cases */
        }
        free(path);
    }
    closedir(stream);
    return true;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool corpus_find_cases(const char *dir, char *const *words, struct corpus_cases *ret) {
    char *inner = join(dir, "cases");
    bool is_read = collect(is_directory(inner) ? inner : dir, words, ret);
    free(inner);
    if (ret->count > 0) {
        qsort(ret->paths, ret->count, sizeof *ret->paths, compare_paths);
    }
    return is_read;
}

void corpus_free_cases(struct corpus_cases *cases) {
    for (size_t i = 0; i < cases->count; i++) {
        free(cases->paths[i]);
    }
    free(cases->paths);
    *cases = (struct corpus_cases){0};
}
