/* SPDX-License-Identifier: Apache-2.0 */
/* From a use in a policy to the declaration in the schema. */
#include "cli/lsp/place.h"

static bool site_of(const cedar_schema *schema, const struct place *place, cedar_site *ret) {
    switch (place->kind) {
    case PLACE_ENTITY_TYPE:
        *ret = cedar_schema_entity_type(schema, place->index).site;
        return place->index != SIZE_MAX && ret->is_known;
    case PLACE_ACTION:
        *ret = cedar_schema_action(schema, place->index).site;
        return place->index != SIZE_MAX && ret->is_known;
    case PLACE_ATTRIBUTE:
        *ret = place->attribute.site;
        return ret->is_known;
    case PLACE_VARIABLE: /* of one type: that */
        if (place->kinds.count != 1 || place->kinds.items[0].type != NULL) {
            return false;
        }
        *ret = cedar_schema_entity_type(
                   schema,
                   cedar_schema_find_entity_type(schema, lsp_cedar(place->kinds.items[0].entity)))
                   .site;
        return ret->is_known;
    case PLACE_NOTHING:
    case PLACE_FUNCTION:
        return false;
    }
    return false;
}

/* The text that the site's offsets are about. */
static str text_of(struct lsp *lsp, const struct project *project, str path) {
    const struct document *open = documents_find_path(lsp, path);
    return open != NULL ? open->text : str_equal(path, project->path) ? project->text : STR("");
}

void define(struct lsp *lsp, const struct document *document, size_t offset,
            struct json_writer *w) {
    struct project project;
    struct words words;
    struct place place;
    cedar_site site = {0};
    bool is_found = false;
    project_open(lsp, document, &project);
    if (project.schema != NULL && document->kind == DOCUMENT_POLICIES &&
        words_cut(&lsp->arena, document->text, &words) == ERR_OK) {
        place_find(lsp, project.schema, &words, offset, &place);
        is_found = site_of(project.schema, &place, &site);
    }
    if (is_found) {
        str path = lsp_str(site.source);
        const struct document *open = documents_find_path(lsp, path);
        json_open_object(w);
        json_name_string(w, STR("uri"), open != NULL ? str_c(open->uri) : uri_of_path(lsp, path));
        json_key(w, STR("range"));
        range_write(lsp, w, text_of(lsp, &project, path), site.name_start, site.name_end);
        json_close_object(w);
    } else {
        json_null(w);
    }
    project_close(&project);
}
