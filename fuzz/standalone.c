/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays inputs through a fuzz target without a fuzzer:
 *
 *     replay_json json fuzz/seeds/json crash-1234
 *
 * First the name for the report, then files and directories (their regular files, sorted).
 * Each input lies in a heap block of exactly its size, so that sanitizers and valgrind see a
 * read beyond its end. No input at all is a failure: a test that ran nothing proves nothing.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_MAX = 16 << 20 };

static bool read_all(int file, uint8_t *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(file, data + done, size - done);
        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

static bool replay_file(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (file < 0 || fstat(file, &info) != 0 || info.st_size > INPUT_MAX) {
        fprintf(stderr, "%s: cannot be read: %s\n", path, strerrordesc_np(errno));
        if (file >= 0) {
            close(file);
        }
        return false;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size == 0 ? 1 : size);
    bool is_read = data != NULL && read_all(file, data, size);
    close(file);
    if (is_read) {
        LLVMFuzzerTestOneInput(data, size);
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    free(data);
    return is_read;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static bool replay_directory(const char *path, size_t *count) {
    struct dirent **entries;
    int found = scandir(path, &entries, is_visible, alphasort);
    if (found < 0) {
        fprintf(stderr, "%s: %s\n", path, strerrordesc_np(errno));
        return false;
    }
    bool is_good = true;
    for (int i = 0; i < found; i++) {
        char file[PATH_MAX];
        int n = snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (n > 0 && (size_t)n < sizeof file && replay_file(file)) {
            (*count)++;
        } else {
            is_good = false;
        }
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

int main(int argc, char **argv) {
    size_t count = 0;
    bool is_good = argc >= 3;
    for (int i = 2; i < argc; i++) {
        struct stat info;
        if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode)) {
            is_good = replay_directory(argv[i], &count) && is_good;
        } else if (replay_file(argv[i])) {
            count++;
        } else {
            is_good = false;
        }
    }
    LLVMFuzzerTestOneInput(NULL, 0); /* the empty input belongs to every target */
    printf("%s: %zu inputs replayed\n", argc > 1 ? argv[1] : "usage: NAME FILE-OR-DIRECTORY...",
           count);
    return is_good && count > 0 ? 0 : 1;
}
