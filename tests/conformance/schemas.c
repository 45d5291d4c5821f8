/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every schema of the corpus, in both forms.
 *
 *     schemas DIR       reads DIR/cases/ID.cedarschema and DIR/schemas-json/ID.cedarschema.json
 *
 * The text as JSON must be the same tree as the JSON that is there; both must resolve to equal
 * schemas, and so must each form written in the other and read again. What is written twice must
 * be the same bytes. A case without the JSON form is only checked with itself.
 *
 * Looks inside libcedar, since equality of schemas is no public function. Ends with
 * `N passed, N failed`; exit status 1 when one failed or none was there.
 */
#include "base/json.h"
#include "cedar/schema/fragment.h"

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

static const struct schema *read_schema(struct arena *a, str text, enum schema_format format,
                                        const char *name) {
    struct diag_list diags;
    const struct schema *schema;
    diag_list_init(&diags, a);
    if (schema_read(a, &key, text, format, &limits, &diags, &schema) == ERR_OK) {
        return schema;
    }
    for (size_t i = 0; i < diags.items.count; i++) {
        printf("%s: %.*s\n", name, STR_FMT(diags.items.items[i].message));
    }
    return NULL;
}

static bool write_schema(struct arena *a, const struct schema *schema, enum schema_format format,
                         str *ret) {
    struct buf out;
    buf_init_arena(&out, a, FILE_MAX);
    err result = format == SCHEMA_FORMAT_JSON
                     ? fragment_write_json(a, schema->fragment, NULL, &out)
                     : fragment_write_text(a, schema->fragment, schema->names, NULL, &out);
    return result == ERR_OK && buf_finish(&out, ret) == ERR_OK;
}

/* The same tree, whatever the order of members. */
static bool trees_equal(const struct json *a, const struct json *b) {
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    switch (a->kind) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return a->boolean == b->boolean;
    case JSON_INT:
        return a->integer == b->integer;
    case JSON_NUMBER:
    case JSON_STRING:
        return str_equal(a->text, b->text);
    case JSON_ARRAY:
        for (uint32_t i = 0; i < a->count; i++) {
            if (!trees_equal(&a->items[i], &b->items[i])) {
                return false;
            }
        }
        return true;
    case JSON_OBJECT:
        for (uint32_t i = 0; i < a->count; i++) {
            const struct json *other = json_get(b, a->members[i].name);
            if (other == NULL || !trees_equal(&a->members[i].value, other)) {
                return false;
            }
        }
        return true;
    }
    return false;
}

static bool is_same_json(struct arena *a, str left, str right) {
    const struct json_limits any = {FILE_MAX, 1000, UINT32_MAX};
    const struct json *trees[2];
    return json_parse(a, left, &any, &trees[0], NULL) == ERR_OK &&
           json_parse(a, right, &any, &trees[1], NULL) == ERR_OK && trees_equal(trees[0], trees[1]);
}

/* Writes the schema in the other form and reads that; the same again must be the same bytes. */
static const char *check_round_trip(struct arena *a, const struct schema *schema,
                                    enum schema_format format, const char *name) {
    str written;
    str again;
    if (!write_schema(a, schema, format, &written)) {
        return "cannot be written";
    }
    const struct schema *back = read_schema(a, written, format, name);
    if (back == NULL) {
        return "what was written cannot be read";
    }
    if (!schema_equal(schema, back)) {
        return "what was written is another schema";
    }
    if (!write_schema(a, back, format, &again) || !str_equal(written, again)) {
        return "written again, it is another text";
    }
    return NULL;
}

/* What is wrong, or NULL. */
static const char *check(struct arena *a, str text, const str *json, const char *name) {
    str written;
    const struct schema *from_text = read_schema(a, text, SCHEMA_FORMAT_CEDAR, name);
    if (from_text == NULL) {
        return "cannot be read";
    }
    const char *wrong = check_round_trip(a, from_text, SCHEMA_FORMAT_CEDAR, name);
    if (wrong == NULL) {
        wrong = check_round_trip(a, from_text, SCHEMA_FORMAT_JSON, name);
    }
    if (wrong != NULL || json == NULL) {
        return wrong;
    }
    const struct schema *from_json = read_schema(a, *json, SCHEMA_FORMAT_JSON, name);
    if (from_json == NULL) {
        return "the JSON form cannot be read";
    }
    if (!schema_equal(from_text, from_json)) {
        return "the two forms differ";
    }
    if (!write_schema(a, from_text, SCHEMA_FORMAT_JSON, &written) ||
        !is_same_json(a, written, *json)) {
        return "the text as JSON is not the JSON form";
    }
    return check_round_trip(a, from_json, SCHEMA_FORMAT_CEDAR, name);
}

static bool run_case(const char *dir, const char *name) {
    char path[PATH_SIZE];
    struct arena arena;
    str text;
    str json;
    arena_init(&arena, allocator_libc(), (size_t)FILE_MAX * 16);
    snprintf(path, sizeof path, "%s/cases/%s", dir, name);
    const char *wrong = "cannot be read";
    if (read_file(&arena, path, &text)) {
        snprintf(path, sizeof path, "%s/schemas-json/%s.json", dir, name);
        wrong = check(&arena, text, read_file(&arena, path, &json) ? &json : NULL, name);
    }
    if (wrong != NULL) {
        printf("%s: %s\n", name, wrong);
    }
    arena_done(&arena);
    return wrong == NULL;
}

int main(int argc, char **argv) {
    char path[PATH_SIZE];
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/cases", argv[1]);
    DIR *stream = opendir(path);
    if (stream == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 2;
    }
    size_t passed = 0;
    size_t failed = 0;
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        if (!str_has_suffix(str_c(entry->d_name), STR(".cedarschema"))) {
            continue;
        }
        if (run_case(argv[1], entry->d_name)) {
            passed++;
        } else {
            failed++;
        }
    }
    closedir(stream);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
