/* SPDX-License-Identifier: Apache-2.0 */
/* Policies from files, directories, standard input and files of template links, as one set. */
#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const char headline[] = "failed to parse policy set";

/* Policies on their way into a set. */
struct intake {
    struct cli *cli;
    cedar_policies_builder *builder;
    enum text_format format;
    size_t count; /* of files that were taken */
};

static bool fail_memory(struct cli *cli) {
    render_error(cli, headline, "out of memory", NULL);
    return false;
}

/* {}: neither a policy nor a set of them, but some other file by mistake. */
static bool is_empty_object(str text) {
    size_t count = 0; /* of bytes that are no space */
    for (size_t i = 0; i < text.len && count <= 2; i++) {
        char byte = text.ptr[i];
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            if (count >= 2 || byte != "{}"[count]) {
                return false;
            }
            count++;
        }
    }
    return count == 2;
}

/* `label` NULL: ids stay as they are; otherwise those that are made begin with it and `#`. */
static bool add_text(struct intake *in, str text, const char *path, const char *label) {
    struct cli *cli = in->cli;
    str prefix = STR("");
    if (label != NULL && arena_format(&cli->arena, &prefix, "%s#", label) != ERR_OK) {
        return fail_memory(cli);
    }
    const char *name = load_shown_name(path);
    const char *id_prefix = label == NULL ? NULL : prefix.ptr;
    cedar_status status;
    if (load_format_of(in->format, text) == CEDAR_FORMAT_JSON) {
        if (is_empty_object(text)) {
            render_error(cli, headline,
                         load_phrase(cli, "%s has no policies: it is empty JSON", name),
                         "an empty set is written as {\"staticPolicies\": {}}");
            return false;
        }
        status = cedar_policies_builder_add_json(in->builder, cli_cedar_str(text), name, id_prefix);
    } else {
        status = cedar_policies_builder_add(in->builder, cli_cedar_str(text), name, id_prefix);
    }
    in->count++;
    cli->policy_bytes += text.len;
    /* What is wrong with the text is in the report of the set. */
    return status != CEDAR_ERR_NOMEM || fail_memory(cli);
}

static bool add_file(struct intake *in, const char *path, const char *label) {
    str text;
    return load_file(in->cli, path, "policy set", &text) && add_text(in, text, path, label);
}

/* ---- directories ----------------------------------------------------------------------------- */

/* Whether a file of JSON in a directory is one of policies. Others may lie there, such as entities;
 * but what is no JSON at all is looked at, since it may have been meant to be policies. */
static bool has_policies(struct cli *cli, str text) {
    static const char *const names[] = {"staticPolicies", "templates", "templateLinks", "effect"};
    struct error error;
    const struct json *json;
    bool is_found = false;
    struct arena_mark mark = arena_mark(&cli->arena);
    if (json_parse(&cli->arena, text, &load_json_limits, &json, &error) != ERR_OK) {
        is_found = true;
    } else {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            is_found = is_found || json_get(json, str_c(names[i])) != NULL;
        }
    }
    arena_reset(&cli->arena, mark);
    return is_found;
}

static bool add_found(struct intake *in, const char *directory, const char *name) {
    struct cli *cli = in->cli;
    const char *path;
    str text;
    if (files_join(&cli->arena, directory, name, &path) != ERR_OK) {
        return fail_memory(cli);
    }
    str suffix = str_c(name);
    bool is_json = str_has_suffix(suffix, STR(".json"));
    if (is_json && in->format == TEXT_FORMAT_AUTO &&
        str_has_suffix(suffix, STR(".cedarschema.json"))) {
        return true;
    }
    if (!load_file(cli, path, "policy set", &text)) {
        return false;
    }
    if (is_json && in->format == TEXT_FORMAT_AUTO && !str_has_suffix(suffix, STR(".cedar.json")) &&
        !has_policies(cli, text)) {
        return true;
    }
    struct intake one = *in;
    one.format = is_json ? TEXT_FORMAT_JSON : TEXT_FORMAT_CEDAR;
    bool is_added = add_text(&one, text, path, name);
    in->count = one.count;
    return is_added;
}

static bool add_directory(struct intake *in, const char *directory) {
    struct cli *cli = in->cli;
    str suffixes[] = {STR(".cedar"), STR(".json")};
    size_t first = in->format == TEXT_FORMAT_JSON ? 1 : 0;
    size_t last = in->format == TEXT_FORMAT_CEDAR ? 1 : 2;
    struct file_list files;
    struct error error = {.text = "out of memory"};
    const char *unread = load_phrase(cli, "failed to read policies from directory %s", directory);
    if (files_find(&cli->arena, directory, suffixes + first, last - first, &files, &error) !=
        ERR_OK) {
        render_error(cli, unread, error.text, NULL);
        return false;
    }
    bool is_good = true;
    size_t before = in->count;
    for (size_t i = 0; i < files.count; i++) {
        is_good = add_found(in, directory, files.names[i]) && is_good;
    }
    if (is_good && in->count == before) {
        render_error(
            cli, unread, "there is no file of policies below it",
            "policies are in files whose names end in .cedar, or .json in their JSON form; "
            "hidden files are skipped");
        return false;
    }
    return is_good;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* One file keeps plain ids; where several come together, an id names its file. */
static bool add_all(struct intake *in) {
    const struct option_list *paths = &in->cli->options->lists[OPTION_POLICIES];
    if (paths->count == 0) {
        return add_file(in, "-", NULL);
    }
    bool is_good = true;
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i];
        bool is_added = files_is_directory(path)
                            ? add_directory(in, path)
                            : add_file(in, path, paths->count > 1 ? load_shown_name(path) : NULL);
        is_good = is_good && is_added;
    }
    return is_good;
}

/* A file of template links; an empty one has none. */
static bool add_links(struct intake *in, const char *path) {
    struct cli *cli = in->cli;
    str text;
    if (!load_file(cli, path, "links", &text)) {
        return false;
    }
    bool is_empty = true;
    for (size_t i = 0; i < text.len; i++) {
        is_empty = is_empty && (text.ptr[i] == ' ' || text.ptr[i] == '\t' || text.ptr[i] == '\n' ||
                                text.ptr[i] == '\r');
    }
    if (!is_empty) {
        /* What is wrong with them is in the report of the set. */
        IGNORE(cedar_policies_builder_add_links_json(in->builder, cli_cedar_str(text),
                                                     load_shown_name(path)));
    }
    return true;
}

bool load_policies(struct cli *cli, cedar_policies **ret) {
    return load_policies_as(cli, (enum text_format)cli->options->choices[OPTION_POLICY_FORMAT],
                            cli->options->texts[OPTION_TEMPLATE_LINKED], false, ret);
}

bool load_policies_as(struct cli *cli, enum text_format format, const char *links,
                      bool links_optional, cedar_policies **ret) {
    struct intake in = {.cli = cli, .format = format};
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_builder_new(cli->engine, CEDAR_IDS_FROM_ANNOTATION, &in.builder);
    if (status != CEDAR_OK) {
        render_error(cli, headline, cedar_status_name(status), NULL);
        return false;
    }
    bool is_good = add_all(&in);
    if (links != NULL && (!links_optional || files_exists(links))) {
        is_good = add_links(&in, links) && is_good;
    }
    cedar_policies *policies = NULL;
    status = cedar_policies_builder_build(in.builder, &policies, &report);
    /* Files that could not be read have been reported; the others may be wrong as well. */
    if (status != CEDAR_OK) {
        render_report(cli, headline, report, cedar_status_name(status));
        is_good = false;
    }
    cedar_report_free(report);
    cedar_policies_builder_free(in.builder);
    if (!is_good) {
        cedar_policies_unref(policies);
        return false;
    }
    *ret = policies;
    return true;
}
