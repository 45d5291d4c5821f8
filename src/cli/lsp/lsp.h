/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LSP_LSP_H
#define CLI_LSP_LSP_H
/*
 * The language server of `cedar language-server`: LSP 3.17 over standard input and output.
 *
 *     wire.c       messages: Content-Length, then JSON
 *     server.c     what the client asks and what it is answered; the life of the server
 *     documents.c  texts that the editor has open, places in them
 *     project.c    the schema that belongs to a policy file
 *     diagnose.c   what is wrong, sent whenever a text changes
 *     words.c      a text cut into words, good or bad, around the place of the cursor
 *     resolve.c    what a path like `principal.team.name` may be, by the schema
 *     hover.c complete.c define.c outline.c    answers
 *
 * One thread, one message at a time. What a message needs lives in an arena that is cleared
 * behind it; only documents stay. Texts of the editor may be wrong at any place and at any time,
 * so answers about a place never depend on parsing the whole of it.
 */
#include <cedar.h>

#include "base/json.h"
#include "base/vec.h"

enum { LSP_MESSAGE_MAX = 64 << 20, LSP_DOCUMENTS_MAX = 4096 };

enum document_kind { DOCUMENT_POLICIES, DOCUMENT_SCHEMA, DOCUMENT_SCHEMA_JSON, DOCUMENT_OTHER };

struct document {
    char *uri;  /* as the editor calls it */
    char *path; /* of a file: URI, decoded; otherwise the URI */
    int64_t version;
    enum document_kind kind;
    str text; /* malloc'ed */
};

/* A place in a text, both from 0; the column in the client's units. */
struct position {
    uint32_t line;
    uint32_t character;
};

/* Where an offset is in a text, kept from one range to the next. */
struct text_mark {
    const char *text;
    size_t offset;
    struct position position;
};

struct lsp {
    cedar_engine *engine;
    cedar_scratch *scratch; /* reset with the arena */
    struct arena arena;
    struct text_mark mark;   /* forgotten with the arena: texts come and go */
    bool has_utf8_positions; /* columns are bytes; otherwise UTF-16 units */
    bool is_initialized;
    bool is_shut_down;
    bool is_over;
    int exit_code;
    struct document **documents; /* sorted in the order they were opened */
    size_t document_count;
};

/* Serves until the client says `exit` or closes the input. The exit code of the process. */
int lsp_serve(cedar_engine *engine, cedar_scratch *scratch);

/* ---- wire.c ---- */

/* ERR_CLOSED at the end of the input, ERR_SYNTAX for a header that is none. */
err wire_read(struct arena *a, str *ret) MUST_CHECK;
void wire_write(str message);

/* ---- documents.c ---- */

/* Takes the place of one with the same URI. NULL: no memory, or too many. */
struct document *documents_open(struct lsp *lsp, str uri, int64_t version, str text);
bool documents_change(struct document *document, int64_t version, str text) MUST_CHECK;
bool document_is_schema(const struct document *document);
void documents_close(struct lsp *lsp, str uri);
void documents_close_all(struct lsp *lsp);
struct document *documents_find(const struct lsp *lsp, str uri);
/* By the path of its file. */
struct document *documents_find_path(const struct lsp *lsp, str path);

/* Moves the mark to the offset, from where it stands if that is before it. */
struct position position_of(const struct lsp *lsp, struct text_mark *mark, str text, size_t offset);
/* A place behind the end of a line is its end. */
size_t position_offset(const struct lsp *lsp, str text, struct position position);
void position_write(struct json_writer *w, struct position position);
/* From one range to the next one behind it only what lies between them is looked at. */
void range_write(struct lsp *lsp, struct json_writer *w, str text, size_t start, size_t end);

/* file:// URI of a path, in the arena. */
str uri_of_path(struct lsp *lsp, str path);

/* ---- project.c ---- */

struct project {
    cedar_schema *schema; /* NULL: none found, or it is wrong */
    str path;             /* of the schema; absent: none found */
    str text;
};

/* The schema of a policy document: the open or saved one beside it, or in a folder above. */
void project_open(struct lsp *lsp, const struct document *document, struct project *ret);
void project_close(struct project *project);

/* ---- diagnose.c ---- */

void diagnose(struct lsp *lsp, const struct document *document);
/* Those that depend on a schema that changed, too. */
void diagnose_all(struct lsp *lsp);
/* What was said about a document is no longer true. */
void diagnose_nothing(struct lsp *lsp, str uri);

/* ---- answers: the result of a request, written as one value ---- */

void hover(struct lsp *lsp, const struct document *document, size_t offset, struct json_writer *w);
void complete(struct lsp *lsp, const struct document *document, size_t offset,
              struct json_writer *w);
void define(struct lsp *lsp, const struct document *document, size_t offset, struct json_writer *w);
void outline(struct lsp *lsp, const struct document *document, struct json_writer *w);
void format_document(struct lsp *lsp, const struct document *document, uint32_t indent,
                     struct json_writer *w);

static inline cedar_str lsp_cedar(str s) {
    return (cedar_str){s.ptr, s.len};
}
static inline str lsp_str(cedar_str s) {
    return (str){s.ptr, s.len};
}

#endif
