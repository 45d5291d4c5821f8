/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which schema belongs to a policy file: the one in its folder, otherwise the one in the nearest
 * folder above that has one. What the editor has open counts before what is saved. Two schemas in
 * one folder are taken together.
 */
#include "cli/files.h"
#include "cli/lsp/lsp.h"

enum { FOLDERS_MAX = 8, SCHEMA_BYTES_MAX = 64 << 20 };

static const str suffixes[] = {STR_INIT(".cedarschema"), STR_INIT(".cedarschema.json")};

/* "/a/b" of "/a/b/c"; empty when nothing is left. */
static str folder_of(str path) {
    while (path.len > 0 && path.ptr[path.len - 1] != '/') {
        path.len--;
    }
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    return path;
}

static bool add(struct lsp *lsp, cedar_schema_builder *builder, str path, struct project *project) {
    const struct document *open = documents_find_path(lsp, path);
    str text;
    const char *name;
    if (arena_c_string(&lsp->arena, path, &name) != ERR_OK) {
        return false;
    }
    if (open != NULL) {
        text = open->text;
    } else if (files_read(&lsp->arena, name, SCHEMA_BYTES_MAX, &text, NULL) != ERR_OK) {
        return false;
    }
    if (str_is_absent(project->path)) {
        project->path = path;
        project->text = text;
    }
    cedar_format format =
        str_has_suffix(path, STR(".json")) ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR;
    /* A text that is wrong fails the build, too. */
    IGNORE(cedar_schema_builder_add(builder, lsp_cedar(text), format, name));
    return true;
}

/* Schemas that are open and not saved yet are found by their folder. */
static size_t add_open(struct lsp *lsp, cedar_schema_builder *builder, str folder,
                       struct project *project, const struct file_list *saved) {
    size_t count = 0;
    for (size_t i = 0; i < lsp->document_count; i++) {
        const struct document *document = lsp->documents[i];
        if (!document_is_schema(document) || !str_equal(folder_of(str_c(document->path)), folder)) {
            continue;
        }
        bool is_saved = false;
        for (size_t k = 0; k < saved->count; k++) {
            is_saved = is_saved || str_has_suffix(str_c(document->path), str_c(saved->names[k]));
        }
        count += !is_saved && add(lsp, builder, str_c(document->path), project);
    }
    return count;
}

static size_t add_folder(struct lsp *lsp, cedar_schema_builder *builder, str folder,
                         struct project *project) {
    const char *name;
    struct file_list files = {0};
    size_t count = 0;
    if (arena_c_string(&lsp->arena, folder, &name) != ERR_OK) {
        return 0;
    }
    if (files_list(&lsp->arena, name, suffixes, ARRAY_LEN(suffixes), &files, NULL) != ERR_OK) {
        files = (struct file_list){0}; /* a folder that is not there has no saved schema */
    }
    for (size_t i = 0; i < files.count; i++) {
        str path;
        if (arena_format(&lsp->arena, &path, "%s%s%s", name, folder.len == 1 ? "" : "/",
                         files.names[i]) == ERR_OK) {
            count += add(lsp, builder, path, project);
        }
    }
    return count + add_open(lsp, builder, folder, project, &files);
}

void project_open(struct lsp *lsp, const struct document *document, struct project *ret) {
    *ret = (struct project){0};
    str folder = folder_of(str_c(document->path));
    for (int i = 0; i < FOLDERS_MAX && folder.len > 0; i++) {
        cedar_schema_builder *builder;
        if (cedar_schema_builder_new(lsp->engine, &builder) != CEDAR_OK) {
            return;
        }
        size_t count = add_folder(lsp, builder, folder, ret);
        if (count > 0 && cedar_schema_builder_build(builder, &ret->schema, NULL) != CEDAR_OK) {
            ret->schema = NULL; /* its own document says what is wrong with it */
        }
        cedar_schema_builder_free(builder);
        if (count > 0 || folder.len == 1) {
            return;
        }
        folder = folder_of(folder);
    }
}

void project_close(struct project *project) {
    cedar_schema_unref(project->schema);
}
