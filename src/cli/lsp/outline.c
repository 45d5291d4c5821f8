/* SPDX-License-Identifier: Apache-2.0 */
/* The policies of a text by their ids, and its formatted form. */
#include "cli/lsp/lsp.h"

enum { SYMBOL_CLASS = 5 };

/* The offset of a line and column from 1, the column in bytes. Lines only grow: *at and *known are
 * the start of a line before it. */
static size_t offset_of(str text, uint32_t line, uint32_t column, size_t *at, uint32_t *known) {
    for (; *known < line && *at < text.len; (*at)++) {
        *known += text.ptr[*at] == '\n';
    }
    size_t offset = *at + column - 1;
    return offset < text.len ? offset : text.len;
}

void outline(struct lsp *lsp, const struct document *document, struct json_writer *w) {
    cedar_policies_builder *builder = NULL;
    cedar_policies *policies = NULL;
    size_t line_start = 0;
    uint32_t line = 1;
    json_open_array(w);
    if (document->kind == DOCUMENT_POLICIES &&
        cedar_policies_builder_new(lsp->engine, CEDAR_IDS_FROM_ANNOTATION, &builder) == CEDAR_OK) {
        /* A text that does not parse has no outline. */
        IGNORE(cedar_policies_builder_add(builder, lsp_cedar(document->text), NULL, NULL));
        IGNORE(cedar_policies_builder_build(builder, &policies, NULL));
    }
    for (size_t i = 0; policies != NULL && i < cedar_policies_count(policies); i++) {
        cedar_policy_info info = cedar_policies_get(policies, i);
        size_t start = offset_of(document->text, info.line, info.column, &line_start, &line);
        json_open_object(w);
        json_name_string(w, STR("name"), lsp_str(info.id));
        json_name_string(w, STR("detail"),
                         info.effect == CEDAR_FORBID ? STR("forbid") : STR("permit"));
        json_name_int(w, STR("kind"), SYMBOL_CLASS);
        json_key(w, STR("range"));
        range_write(lsp, w, document->text, start, start + info.text.len);
        json_key(w, STR("selectionRange"));
        range_write(lsp, w, document->text, start, start);
        json_close_object(w);
    }
    json_close_array(w);
    cedar_policies_unref(policies);
    cedar_policies_builder_free(builder);
}

void format_document(struct lsp *lsp, const struct document *document, uint32_t indent,
                     struct json_writer *w) {
    cedar_format_options options = {.indent_width = indent};
    cedar_str formatted;
    if (document->kind != DOCUMENT_POLICIES ||
        cedar_policies_format(lsp->scratch, lsp_cedar(document->text), NULL, &options, &formatted,
                              NULL) != CEDAR_OK) {
        json_null(w);
        return;
    }
    json_open_array(w);
    if (!str_equal(lsp_str(formatted), document->text)) {
        json_open_object(w);
        json_key(w, STR("range"));
        range_write(lsp, w, document->text, 0, document->text.len);
        json_name_string(w, STR("newText"), lsp_str(formatted));
        json_close_object(w);
    }
    json_close_array(w);
}
