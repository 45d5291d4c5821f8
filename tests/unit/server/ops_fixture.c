/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void scratch_make(struct scratch *scratch) {
    const char *base = getenv("TMPDIR");
    snprintf(scratch->path, sizeof scratch->path, "%s/ops-test-XXXXXX",
             base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(scratch->path));
    arena_init(&scratch->arena, allocator_libc(), (size_t)SCRATCH_TEXT_MAX * 4);
}

static void remove_tree(const char *path) {
    DIR *dir = opendir(path);
    if (dir == NULL) {
        unlink(path);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char child[SCRATCH_PATH_MAX * 2];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
            remove_tree(child);
        }
    }
    closedir(dir);
    rmdir(path);
}

void scratch_remove(struct scratch *scratch) {
    remove_tree(scratch->path);
    arena_done(&scratch->arena);
}

const char *scratch_path(struct scratch *scratch, const char *name) {
    str path;
    assert_ok(arena_format(&scratch->arena, &path, "%s/%s", scratch->path, name));
    return path.ptr;
}

void scratch_write(struct scratch *scratch, const char *name, const char *text) {
    FILE *file = fopen(scratch_path(scratch, name), "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

int scratch_open(struct scratch *scratch, const char *name) {
    int file = open(scratch_path(scratch, name), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    return file;
}

str scratch_read(struct scratch *scratch, const char *name) {
    char *text = arena_alloc(&scratch->arena, SCRATCH_TEXT_MAX);
    assert_non_null(text);
    FILE *file = fopen(scratch_path(scratch, name), "re");
    assert_non_null(file);
    size_t len = fread(text, 1, SCRATCH_TEXT_MAX, file);
    assert_true(len < SCRATCH_TEXT_MAX);
    fclose(file);
    return str_make(text, len);
}

size_t line_count(str text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '\n';
    }
    return count;
}

const struct json *line_json(struct arena *a, str text, size_t n) {
    str line = {NULL, 0};
    for (size_t i = 0; i <= n; i++) {
        assert_true(text.len > 0);
        str_cut(text, '\n', &line, &text);
    }
    const struct json *value = NULL;
    struct error error = {0};
    if (json_parse(a, line, &json_limits_default, &value, &error) != ERR_OK) {
        fail_msg("no JSON: %s: %.*s", error.text, STR_FMT(line));
    }
    assert_int_equal(value->kind, JSON_OBJECT);
    return value;
}

str member_text(const struct json *object, const char *name) {
    const struct json *value = json_get(object, str_c(name));
    if (value == NULL || value->kind != JSON_STRING) {
        fail_msg("no text member \"%s\"", name);
    }
    return value->text;
}
