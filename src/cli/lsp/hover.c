/* SPDX-License-Identifier: Apache-2.0 */
/* What stands at a place: types, declarations, functions. Markdown. */
#include "cli/lsp/functions.h"
#include "cli/lsp/place.h"

enum { HOVER_MAX = 64 << 10 };

/* The annotation @doc("…") of a declaration. */
static void add_doc(struct buf *out, const cedar_annotations *annotations) {
    for (size_t i = 0; i < cedar_annotations_count(annotations); i++) {
        cedar_annotation annotation = cedar_annotations_get(annotations, i);
        if (str_equal(lsp_str(annotation.name), STR("doc"))) {
            buf_add_c(out, "\n\n");
            buf_add(out, lsp_str(annotation.value));
        }
    }
}

static void add_kinds(struct lsp *lsp, struct buf *out, const struct kinds *kinds) {
    for (size_t i = 0; i < kinds->count; i++) {
        buf_add_c(out, i == 0 ? "" : " | ");
        buf_add(out, kind_text(lsp, &kinds->items[i]));
    }
}

static void add_names(struct buf *out, const char *before, const cedar_str *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_c(out, i == 0 ? before : ", ");
        buf_add(out, lsp_str(names[i]));
    }
}

static void add_entity_type(struct lsp *lsp, struct buf *out, cedar_entity_type type) {
    buf_add_c(out, "```cedar\nentity ");
    buf_add(out, lsp_str(type.name));
    if (type.kind == CEDAR_ENTITY_ENUM) {
        add_names(out, " enum [", type.ids, type.id_count);
        buf_add_c(out, "]");
    } else {
        add_names(out, " in [", type.parents, type.parent_count);
        buf_add_c(out, type.parent_count > 0 ? "] " : " ");
        struct kind attributes = {.type = type.attributes};
        buf_add(out, kind_text(lsp, &attributes));
    }
    if (type.tags != NULL) {
        struct kind tags = {.type = type.tags};
        buf_add_c(out, " tags ");
        buf_add(out, kind_text(lsp, &tags));
    }
    buf_add_c(out, "\n```");
    add_doc(out, type.annotations);
}

static void add_action(struct lsp *lsp, struct buf *out, cedar_action action) {
    cedar_str uid;
    buf_add_c(out, "```cedar\naction ");
    if (cedar_uid_format(lsp->scratch, action.uid, &uid) == CEDAR_OK) {
        buf_add(out, lsp_str(uid));
    }
    buf_add_c(out, "\n");
    add_names(out, "  principal: ", action.principals, action.principal_count);
    add_names(out, "\n  resource: ", action.resources, action.resource_count);
    struct kind context = {.type = action.context};
    buf_add_c(out, "\n  context: ");
    buf_add(out, action.context == NULL ? STR("{}") : kind_text(lsp, &context));
    for (size_t i = 0; i < action.ancestor_count; i++) {
        if (cedar_uid_format(lsp->scratch, action.ancestors[i], &uid) == CEDAR_OK) {
            buf_add_c(out, i == 0 ? "\n  in " : ", ");
            buf_add(out, lsp_str(uid));
        }
    }
    buf_add_c(out, "\n```");
    add_doc(out, action.annotations);
}

static void add_attribute(struct lsp *lsp, const cedar_schema *schema, struct buf *out,
                          const struct place *place) {
    for (size_t i = 0; i < place->owners.count; i++) {
        cedar_attribute attribute;
        if (!kind_attribute(schema, &place->owners.items[i], place->name, &attribute)) {
            continue;
        }
        struct kind type = {.type = attribute.type};
        bool is_entity = place->owners.items[i].type == NULL;
        buf_add_c(out, "```cedar\n");
        buf_add(out, is_entity ? place->owners.items[i].entity : STR(""));
        buf_add_c(out, is_entity ? "." : "");
        buf_add(out, place->name);
        buf_add_c(out, attribute.is_required ? ": " : "?: ");
        buf_add(out, kind_text(lsp, &type));
        buf_add_c(out, "\n```\n");
        if (!attribute.is_required) {
            buf_add_c(out, "\noptional: test it with `has` first\n");
        }
        add_doc(out, attribute.annotations);
    }
}

static void describe(struct lsp *lsp, const cedar_schema *schema, const struct place *place,
                     struct buf *out) {
    switch (place->kind) {
    case PLACE_NOTHING:
        return;
    case PLACE_ENTITY_TYPE:
        if (place->index != SIZE_MAX) {
            add_entity_type(lsp, out, cedar_schema_entity_type(schema, place->index));
        }
        return;
    case PLACE_ACTION:
        if (place->index != SIZE_MAX) {
            add_action(lsp, out, cedar_schema_action(schema, place->index));
        }
        return;
    case PLACE_ATTRIBUTE:
        add_attribute(lsp, schema, out, place);
        return;
    case PLACE_VARIABLE:
        if (place->kinds.count > 0) {
            buf_add_c(out, "```cedar\n");
            buf_add(out, place->name);
            buf_add_c(out, ": ");
            add_kinds(lsp, out, &place->kinds);
            buf_add_c(out, "\n```");
        }
        return;
    case PLACE_FUNCTION:
        buf_format(out, "```cedar\n%s\n```\n\n%s", place->function->signature,
                   place->function->about);
        return;
    }
}

void hover(struct lsp *lsp, const struct document *document, size_t offset, struct json_writer *w) {
    struct project project;
    struct words words;
    struct place place;
    struct buf text;
    str markdown = STR("");
    project_open(lsp, document, &project);
    buf_init_arena(&text, &lsp->arena, HOVER_MAX);
    if (document->kind == DOCUMENT_POLICIES &&
        words_cut(&lsp->arena, document->text, &words) == ERR_OK) {
        place_find(lsp, project.schema, &words, offset, &place);
        describe(lsp, project.schema, &place, &text);
    }
    if (buf_finish(&text, &markdown) != ERR_OK || markdown.len == 0) {
        json_null(w);
    } else {
        json_open_object(w);
        json_key(w, STR("contents"));
        json_open_object(w);
        json_name_string(w, STR("kind"), STR("markdown"));
        json_name_string(w, STR("value"), markdown);
        json_close_object(w);
        json_key(w, STR("range"));
        range_write(lsp, w, document->text, place.start, place.end);
        json_close_object(w);
    }
    project_close(&project);
}
