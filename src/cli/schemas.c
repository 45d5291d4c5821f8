/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/schemas.h"

#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const str suffixes[] = {STR_INIT(".cedarschema"), STR_INIT(".cedarschema.json")};

typedef VEC(const char *) path_vec;

/* ---- choosing -------------------------------------------------------------------------------- */

static bool fail_memory(struct cli *cli) {
    render_error(cli, "failed to find the schema", "out of memory", NULL);
    return false;
}

/* Adds the schemas in a directory; below it, too, if `is_deep`. */
static bool add_directory(struct cli *cli, const char *directory, bool is_deep, path_vec *paths) {
    struct file_list files;
    struct error error = {.text = "out of memory"};
    err status =
        is_deep ? files_find(&cli->arena, directory, suffixes, ARRAY_LEN(suffixes), &files, &error)
                : files_list(&cli->arena, directory, suffixes, ARRAY_LEN(suffixes), &files, &error);
    if (status != ERR_OK) {
        render_error(cli,
                     load_phrase(cli, "failed to look for a schema in directory %s", directory),
                     error.text, NULL);
        return false;
    }
    for (size_t i = 0; i < files.count; i++) {
        const char *path = files.names[i];
        if (!str_equal_c(STR("."), directory)) {
            const char *slash = str_has_suffix(str_c(directory), STR("/")) ? "" : "/";
            path = load_phrase(cli, "%s%s%s", directory, slash, path);
        }
        if (!VEC_PUSH(&cli->arena, paths, path)) {
            return fail_memory(cli);
        }
    }
    return true;
}

static bool add_named(struct cli *cli, const char *path, path_vec *paths) {
    size_t before = paths->count;
    if (!files_is_directory(path)) {
        return VEC_PUSH(&cli->arena, paths, path) || fail_memory(cli);
    }
    if (!add_directory(cli, path, true, paths)) {
        return false;
    }
    if (paths->count == before) {
        render_error(cli, load_phrase(cli, "failed to read a schema from directory %s", path),
                     "there is no *.cedarschema or *.cedarschema.json below it", NULL);
        return false;
    }
    return true;
}

const char *schemas_folder_of(struct cli *cli, const char *path) {
    str name = str_c(path);
    while (name.len > 1 && name.ptr[name.len - 1] == '/') {
        name.len--;
    }
    while (name.len > 0 && name.ptr[name.len - 1] != '/') {
        name.len--;
    }
    return name.len == 0   ? "."
           : name.len == 1 ? "/"
                           : load_phrase(cli, "%.*s", (int)name.len - 1, name.ptr);
}

static bool find_beside(struct cli *cli, path_vec *paths) {
    const struct option_list *policies = &cli->options->lists[OPTION_POLICIES];
    for (size_t i = 0; i < policies->count; i++) {
        const char *path = policies->items[i];
        if (files_is_directory(path) && !add_directory(cli, path, true, paths)) {
            return false;
        }
    }
    for (size_t i = 0; i < policies->count && paths->count == 0; i++) {
        const char *path = policies->items[i];
        /* What cannot be read is reported where the policies are read. */
        if (!str_equal_c(STR("-"), path) && files_exists(path) &&
            !add_directory(cli, schemas_folder_of(cli, path), false, paths)) {
            return false;
        }
    }
    return true;
}

static bool refuse_several(struct cli *cli, const path_vec *paths) {
    const char *names = "";
    for (size_t i = 0; i < paths->count && i < 4; i++) {
        names = load_phrase(cli, "%s%s%s", names, i > 0 ? ", " : "", paths->items[i]);
    }
    render_error(
        cli, "several schemas lie beside the policies",
        load_phrase(cli, "%s%s", names, paths->count > 4 ? ", ..." : ""),
        "choose with --schema; given several times, they are taken as parts of one schema");
    return false;
}

bool schemas_choose(struct cli *cli, struct schema_files *ret) {
    const struct option_list *named = &cli->options->lists[OPTION_SCHEMA];
    path_vec paths = {0};
    for (size_t i = 0; i < named->count; i++) {
        if (!add_named(cli, named->items[i], &paths)) {
            return false;
        }
    }
    bool is_found = named->count == 0;
    if (is_found && !find_beside(cli, &paths)) {
        return false;
    }
    if (is_found && paths.count > 1) {
        return refuse_several(cli, &paths);
    }
    *ret = (struct schema_files){paths.items, paths.count, is_found && paths.count > 0};
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Several files as one schema. */
static bool load_parts(struct cli *cli, const struct schema_files *files, cedar_schema **ret) {
    cedar_schema_builder *builder;
    cedar_report *report = NULL;
    enum text_format wanted = (enum text_format)cli->options->choices[OPTION_SCHEMA_FORMAT];
    cedar_status status = cedar_schema_builder_new(cli->engine, &builder);
    if (status != CEDAR_OK) {
        return fail_memory(cli);
    }
    bool is_good = true;
    for (size_t i = 0; i < files->count; i++) {
        str text;
        if (!load_file(cli, files->paths[i], "schema", &text)) {
            is_good = false;
            continue;
        }
        IGNORE(cedar_schema_builder_add(builder, cli_cedar_str(text), load_format_of(wanted, text),
                                        load_shown_name(files->paths[i]))); /* build tells */
    }
    status = cedar_schema_builder_build(builder, ret, &report);
    cedar_schema_builder_free(builder);
    load_schema_report(cli, "failed to parse schema", status, report);
    cedar_report_free(report);
    if (status == CEDAR_OK && !is_good) {
        cedar_schema_unref(*ret);
        *ret = NULL;
    }
    return status == CEDAR_OK && is_good;
}

bool schemas_load(struct cli *cli, const struct schema_files *files, cedar_schema **ret) {
    *ret = NULL;
    if (files->count == 0) {
        return true;
    }
    return files->count == 1 ? load_schema_file(cli, files->paths[0], ret)
                             : load_parts(cli, files, ret);
}
