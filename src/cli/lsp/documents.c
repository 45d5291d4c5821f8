/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp/lsp.h"

#include <stdlib.h>

#include "base/utf8.h"

/* ---- the texts that are open ---- */

static char *copy(str s) {
    char *made = malloc(s.len + 1);
    if (made != NULL) {
        memcpy(made, s.ptr == NULL ? "" : s.ptr, s.len);
        made[s.len] = '\0';
    }
    return made;
}

/* Of file:///home/x%20y; anything else stays as it is. */
static char *path_of_uri(str uri) {
    if (!str_has_prefix(uri, STR("file://"))) {
        return copy(uri);
    }
    str rest = str_slice(uri, 7, uri.len);
    char *path = malloc(rest.len + 1);
    size_t len = 0;
    for (size_t i = 0; path != NULL && i < rest.len; i++) {
        bool is_escape = rest.ptr[i] == '%' && i + 2 < rest.len && byte_hex(rest.ptr[i + 1]) >= 0 &&
                         byte_hex(rest.ptr[i + 2]) >= 0;
        path[len++] = is_escape ? (char)(byte_hex(rest.ptr[i + 1]) * 16 + byte_hex(rest.ptr[i + 2]))
                                : rest.ptr[i];
        i += is_escape ? 2 : 0;
    }
    if (path != NULL) {
        path[len] = '\0';
    }
    return path;
}

str uri_of_path(struct lsp *lsp, str path) {
    static const char hex[] = "0123456789ABCDEF";
    struct buf out;
    str uri;
    buf_init_arena(&out, &lsp->arena, 1 << 16);
    buf_add_c(&out, "file://");
    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = (unsigned char)path.ptr[i];
        if (byte_is_alnum(path.ptr[i]) || strchr("/-._~", path.ptr[i]) != NULL) {
            buf_add_byte(&out, path.ptr[i]);
        } else {
            buf_add_byte(&out, '%');
            buf_add_byte(&out, hex[byte >> 4]);
            buf_add_byte(&out, hex[byte & 15]);
        }
    }
    return buf_finish(&out, &uri) == ERR_OK ? uri : STR("");
}

static enum document_kind kind_of(str path) {
    return str_has_suffix(path, STR(".cedarschema"))        ? DOCUMENT_SCHEMA
           : str_has_suffix(path, STR(".cedarschema.json")) ? DOCUMENT_SCHEMA_JSON
           : str_has_suffix(path, STR(".cedar"))            ? DOCUMENT_POLICIES
                                                            : DOCUMENT_OTHER;
}

bool document_is_schema(const struct document *document) {
    return document->kind == DOCUMENT_SCHEMA || document->kind == DOCUMENT_SCHEMA_JSON;
}

static void document_free(struct document *document) {
    if (document == NULL) {
        return;
    }
    free(document->uri);
    free(document->path);
    free((char *)(uintptr_t)document->text.ptr);
    free(document);
}

bool documents_change(struct document *document, int64_t version, str text) {
    char *copied = copy(text);
    if (copied == NULL) {
        return false;
    }
    free((char *)(uintptr_t)document->text.ptr);
    document->text = str_make(copied, text.len);
    document->version = version;
    return true;
}

struct document *documents_open(struct lsp *lsp, str uri, int64_t version, str text) {
    documents_close(lsp, uri);
    if (lsp->document_count >= LSP_DOCUMENTS_MAX) {
        return NULL;
    }
    struct document **grown =
        realloc(lsp->documents, (lsp->document_count + 1) * sizeof(struct document *));
    if (grown == NULL) {
        return NULL;
    }
    lsp->documents = grown;
    struct document *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->uri = copy(uri);
    made->path = path_of_uri(uri);
    if (made->uri == NULL || made->path == NULL || !documents_change(made, version, text)) {
        document_free(made);
        return NULL;
    }
    made->kind = kind_of(str_c(made->path));
    lsp->documents[lsp->document_count++] = made;
    return made;
}

void documents_close(struct lsp *lsp, str uri) {
    for (size_t i = 0; i < lsp->document_count; i++) {
        if (str_equal_c(uri, lsp->documents[i]->uri)) {
            document_free(lsp->documents[i]);
            memmove(&lsp->documents[i], &lsp->documents[i + 1],
                    (lsp->document_count - i - 1) * sizeof(struct document *));
            lsp->document_count--;
            return;
        }
    }
}

void documents_close_all(struct lsp *lsp) {
    for (size_t i = 0; i < lsp->document_count; i++) {
        document_free(lsp->documents[i]);
    }
    free(lsp->documents);
}

struct document *documents_find(const struct lsp *lsp, str uri) {
    for (size_t i = 0; i < lsp->document_count; i++) {
        if (str_equal_c(uri, lsp->documents[i]->uri)) {
            return lsp->documents[i];
        }
    }
    return NULL;
}

struct document *documents_find_path(const struct lsp *lsp, str path) {
    for (size_t i = 0; i < lsp->document_count; i++) {
        if (str_equal_c(path, lsp->documents[i]->path)) {
            return lsp->documents[i];
        }
    }
    return NULL;
}

/* ---- places ---- */

/* UTF-16 units of the character at *at, which is moved past it; a bad byte is one unit. */
static uint32_t units_at(str text, size_t *at) {
    uint32_t scalar;
    size_t start = *at;
    if (!utf8_next(text, at, &scalar)) {
        *at = start + 1;
        return 1;
    }
    return scalar >= 0x10000 ? 2 : 1;
}

struct position position_of(const struct lsp *lsp, struct text_mark *mark, str text,
                            size_t offset) {
    if (mark->text != text.ptr || mark->offset > offset) {
        *mark = (struct text_mark){.text = text.ptr};
    }
    while (mark->offset < offset && mark->offset < text.len) {
        if (text.ptr[mark->offset] == '\n') {
            mark->position = (struct position){mark->position.line + 1, 0};
            mark->offset++;
            continue;
        }
        size_t before = mark->offset;
        uint32_t units = units_at(text, &mark->offset);
        mark->position.character +=
            lsp->has_utf8_positions ? (uint32_t)(mark->offset - before) : units;
    }
    return mark->position;
}

size_t position_offset(const struct lsp *lsp, str text, struct position position) {
    size_t at = 0;
    for (uint32_t line = 0; line < position.line; line++) {
        size_t end = str_find_byte(str_slice(text, at, text.len), '\n');
        if (end == SIZE_MAX) {
            return text.len;
        }
        at += end + 1;
    }
    for (uint32_t units = 0; units < position.character && at < text.len && text.ptr[at] != '\n';) {
        size_t before = at;
        uint32_t width = units_at(text, &at);
        units += lsp->has_utf8_positions ? (uint32_t)(at - before) : width;
    }
    return at;
}

void position_write(struct json_writer *w, struct position position) {
    json_open_object(w);
    json_name_int(w, STR("line"), position.line);
    json_name_int(w, STR("character"), position.character);
    json_close_object(w);
}

void range_write(struct lsp *lsp, struct json_writer *w, str text, size_t start, size_t end) {
    json_open_object(w);
    json_key(w, STR("start"));
    position_write(w, position_of(lsp, &lsp->mark, text, start));
    struct text_mark mark = lsp->mark;
    json_key(w, STR("end"));
    position_write(w, position_of(lsp, &mark, text, end));
    json_close_object(w);
}
