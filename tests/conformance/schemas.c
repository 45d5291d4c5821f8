/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both forms of every schema of the corpus must resolve to equal schemas.
 *
 *     schemas DIR       reads DIR/schemas-json/ID.cedarschema.json and DIR/cases/ID.cedarschema
 *
 * Looks inside libcedar, since equality of schemas is no public function. Ends with
 * `N passed, N failed`; exit status 1 when one failed or none was there.
 */
#include "base/json.h"
#include "cedar/schema/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 64 << 20, PATH_SIZE = 4096 };

static const struct hash_key key = {1, 2};
static const struct schema_limits limits = {.max_bytes = FILE_MAX, .max_depth = 1000};

static bool read_file(struct arena *a, const char *path, str *ret) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    struct buf content;
    buf_init_arena(&content, a, FILE_MAX);
    size_t got = 1;
    while (got > 0) {
        char *room = buf_reserve(&content, 1 << 16);
        got = room == NULL ? 0 : fread(room, 1, 1 << 16, file);
        buf_advance(&content, got);
    }
    fclose(file);
    return buf_finish(&content, ret) == ERR_OK;
}

static const struct schema *read_schema(struct arena *a, const char *path,
                                        enum schema_format format) {
    struct diag_list diags;
    str text;
    const struct schema *schema;
    diag_list_init(&diags, a);
    if (!read_file(a, path, &text)) {
        printf("%s: cannot be read\n", path);
        return NULL;
    }
    if (schema_read(a, &key, text, format, &limits, &diags, &schema) == ERR_OK) {
        return schema;
    }
    for (size_t i = 0; i < diags.items.count; i++) {
        printf("%s: %.*s\n", path, STR_FMT(diags.items.items[i].message));
    }
    return NULL;
}

/* `name` is that of the JSON form. */
static bool compare(const char *dir, const char *name) {
    char path[PATH_SIZE];
    struct arena arena;
    arena_init(&arena, allocator_libc(), (size_t)FILE_MAX * 8);
    snprintf(path, sizeof path, "%s/schemas-json/%s", dir, name);
    const struct schema *from_json = read_schema(&arena, path, SCHEMA_FORMAT_JSON);
    size_t id_len = strlen(name) - strlen(".json");
    snprintf(path, sizeof path, "%s/cases/%.*s", dir, (int)id_len, name);
    const struct schema *from_text = read_schema(&arena, path, SCHEMA_FORMAT_CEDAR);
    bool is_equal = from_json != NULL && from_text != NULL && schema_equal(from_json, from_text);
    if (from_json != NULL && from_text != NULL && !is_equal) {
        printf("%s: the two forms differ\n", name);
    }
    arena_done(&arena);
    return is_equal;
}

int main(int argc, char **argv) {
    char path[PATH_SIZE];
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/schemas-json", argv[1]);
    DIR *stream = opendir(path);
    if (stream == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 2;
    }
    size_t passed = 0;
    size_t failed = 0;
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        if (!str_has_suffix(str_c(entry->d_name), STR(".cedarschema.json"))) {
            continue;
        }
        if (compare(argv[1], entry->d_name)) {
            passed++;
        } else {
            failed++;
        }
    }
    closedir(stream);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
