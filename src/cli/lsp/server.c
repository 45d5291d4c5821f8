/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the server: what the client says, one message after the other. */
#include "cli/lsp/lsp.h"

#include <stdlib.h>

enum { ANSWER_MAX = 256 << 20, ARENA_MAX = 1 << 30 };

/* Codes of JSON-RPC and LSP. */
enum {
    CODE_PARSE = -32700,
    CODE_REQUEST = -32600,
    CODE_METHOD = -32601,
    CODE_NOT_INITIALIZED = -32002,
};

static const struct json_limits limits = {
    .max_bytes = LSP_MESSAGE_MAX, .max_depth = 64, .max_values = 1000000};

/* ---- reading parameters ---- */

static str text_of(const struct json *object, str name) {
    const struct json *value = json_get(object, name);
    return value != NULL && value->kind == JSON_STRING ? value->text : (str){NULL, 0};
}

static uint32_t number_of(const struct json *object, str name) {
    const struct json *value = json_get(object, name);
    bool is_good = value != NULL && value->kind == JSON_INT && value->integer >= 0 &&
                   value->integer <= INT32_MAX;
    return is_good ? (uint32_t)value->integer : 0;
}

static struct document *document_of(const struct lsp *lsp, const struct json *params) {
    str uri = text_of(json_get(params, STR("textDocument")), STR("uri"));
    return str_is_absent(uri) ? NULL : documents_find(lsp, uri);
}

static size_t offset_of(const struct lsp *lsp, const struct document *document,
                        const struct json *params) {
    const struct json *at = json_get(params, STR("position"));
    struct position position = {number_of(at, STR("line")), number_of(at, STR("character"))};
    return position_offset(lsp, document->text, position);
}

/* ---- requests: write the result, one value ---- */

typedef void answer_fn(struct lsp *lsp, const struct json *params, struct json_writer *w);

static void choose_encoding(struct lsp *lsp, const struct json *params) {
    const struct json *general = json_get(json_get(params, STR("capabilities")), STR("general"));
    const struct json *list = json_get(general, STR("positionEncodings"));
    for (uint32_t i = 0; list != NULL && list->kind == JSON_ARRAY && i < list->count; i++) {
        if (list->items[i].kind == JSON_STRING && str_equal_c(list->items[i].text, "utf-8")) {
            lsp->has_utf8_positions = true;
        }
    }
}

static void answer_initialize(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    choose_encoding(lsp, params);
    lsp->is_initialized = true;
    json_open_object(w);
    json_key(w, STR("capabilities"));
    json_open_object(w);
    json_name_string(w, STR("positionEncoding"),
                     lsp->has_utf8_positions ? STR("utf-8") : STR("utf-16"));
    json_key(w, STR("textDocumentSync"));
    json_open_object(w);
    json_name_bool(w, STR("openClose"), true);
    json_name_int(w, STR("change"), 1); /* whole texts */
    json_close_object(w);
    json_name_bool(w, STR("hoverProvider"), true);
    json_name_bool(w, STR("definitionProvider"), true);
    json_name_bool(w, STR("documentFormattingProvider"), true);
    json_name_bool(w, STR("documentSymbolProvider"), true);
    json_key(w, STR("completionProvider"));
    json_raw(w, STR("{\"triggerCharacters\":[\".\",\":\",\"\\\"\"]}"));
    json_close_object(w);
    json_key(w, STR("serverInfo"));
    json_open_object(w);
    json_name_string(w, STR("name"), STR("cedar"));
    json_name_string(w, STR("version"), str_c(cedar_library_version()));
    json_close_object(w);
    json_close_object(w);
}

static void answer_shutdown(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    (void)params;
    lsp->is_shut_down = true;
    json_null(w);
}

static void answer_hover(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    const struct document *document = document_of(lsp, params);
    if (document == NULL) {
        json_null(w);
        return;
    }
    hover(lsp, document, offset_of(lsp, document, params), w);
}

static void answer_completion(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    const struct document *document = document_of(lsp, params);
    if (document == NULL) {
        json_null(w);
        return;
    }
    complete(lsp, document, offset_of(lsp, document, params), w);
}

static void answer_definition(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    const struct document *document = document_of(lsp, params);
    if (document == NULL) {
        json_null(w);
        return;
    }
    define(lsp, document, offset_of(lsp, document, params), w);
}

static void answer_formatting(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    const struct document *document = document_of(lsp, params);
    if (document == NULL) {
        json_null(w);
        return;
    }
    uint32_t indent = number_of(json_get(params, STR("options")), STR("tabSize"));
    format_document(lsp, document, indent > 16 ? 16 : indent, w);
}

static void answer_symbols(struct lsp *lsp, const struct json *params, struct json_writer *w) {
    const struct document *document = document_of(lsp, params);
    if (document == NULL) {
        json_null(w);
        return;
    }
    outline(lsp, document, w);
}

static const struct {
    const char *method;
    answer_fn *answer;
} requests[] = {
    {"initialize", answer_initialize},
    {"shutdown", answer_shutdown},
    {"textDocument/hover", answer_hover},
    {"textDocument/completion", answer_completion},
    {"textDocument/definition", answer_definition},
    {"textDocument/formatting", answer_formatting},
    {"textDocument/documentSymbol", answer_symbols},
};

/* ---- notifications ---- */

static void refresh(struct lsp *lsp, const struct document *document) {
    diagnose(lsp, document);
    if (document_is_schema(document)) {
        diagnose_all(lsp);
    }
}

static void did_open(struct lsp *lsp, const struct json *params) {
    const struct json *item = json_get(params, STR("textDocument"));
    str uri = text_of(item, STR("uri"));
    str text = text_of(item, STR("text"));
    if (str_is_absent(uri) || str_is_absent(text)) {
        return;
    }
    const struct document *document =
        documents_open(lsp, uri, number_of(item, STR("version")), text);
    if (document != NULL) {
        refresh(lsp, document);
    }
}

/* Changes are whole texts; the last one counts. */
static void did_change(struct lsp *lsp, const struct json *params) {
    struct document *document = document_of(lsp, params);
    const struct json *changes = json_get(params, STR("contentChanges"));
    if (document == NULL || changes == NULL || changes->kind != JSON_ARRAY || changes->count == 0) {
        return;
    }
    str text = text_of(&changes->items[changes->count - 1], STR("text"));
    uint32_t version = number_of(json_get(params, STR("textDocument")), STR("version"));
    if (!str_is_absent(text) && documents_change(document, version, text)) {
        refresh(lsp, document);
    }
}

static void did_save(struct lsp *lsp, const struct json *params) {
    const struct document *document = document_of(lsp, params);
    if (document != NULL) {
        refresh(lsp, document);
    }
}

/* What is saved counts again. */
static void did_close(struct lsp *lsp, const struct json *params) {
    str uri = text_of(json_get(params, STR("textDocument")), STR("uri"));
    if (!str_is_absent(uri)) {
        const struct document *document = documents_find(lsp, uri);
        bool was_schema = document != NULL && document_is_schema(document);
        diagnose_nothing(lsp, uri);
        documents_close(lsp, uri);
        if (was_schema) {
            diagnose_all(lsp);
        }
    }
}

/* Which files is of no interest: the client watches few, and schemas are what it is told for. */
static void did_change_files(struct lsp *lsp, const struct json *params) {
    (void)params;
    diagnose_all(lsp);
}

static void will_exit(struct lsp *lsp, const struct json *params) {
    (void)params;
    lsp->is_over = true;
    lsp->exit_code = lsp->is_shut_down ? 0 : 1;
}

static const struct {
    const char *method;
    void (*take)(struct lsp *lsp, const struct json *params);
} notifications[] = {
    {"exit", will_exit},
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didSave", did_save},
    {"textDocument/didClose", did_close},
    {"workspace/didChangeWatchedFiles", did_change_files},
};

/* ---- messages ---- */

static void begin_answer(struct json_writer *w, struct buf *buf, const struct json *id) {
    json_writer_init(w, buf);
    json_open_object(w);
    json_name_string(w, STR("jsonrpc"), STR("2.0"));
    json_key(w, STR("id"));
    if (id == NULL) {
        json_null(w);
    } else {
        json_tree(w, id);
    }
}

static void send_answer(struct json_writer *w, const struct buf *buf) {
    str message;
    json_close_object(w);
    if (buf_finish(buf, &message) == ERR_OK) {
        wire_write(message);
    }
}

static void refuse(struct lsp *lsp, const struct json *id, int code, const char *message) {
    struct buf buf;
    struct json_writer w;
    buf_init_arena(&buf, &lsp->arena, ANSWER_MAX);
    begin_answer(&w, &buf, id);
    json_key(&w, STR("error"));
    json_open_object(&w);
    json_name_int(&w, STR("code"), code);
    json_name_string(&w, STR("message"), str_c(message));
    json_close_object(&w);
    send_answer(&w, &buf);
}

static void take_request(struct lsp *lsp, str method, const struct json *id,
                         const struct json *params) {
    if (!lsp->is_initialized && !str_equal_c(method, "initialize")) {
        refuse(lsp, id, CODE_NOT_INITIALIZED, "the server is not initialized");
        return;
    }
    if (lsp->is_shut_down) {
        refuse(lsp, id, CODE_REQUEST, "the server is shut down");
        return;
    }
    if (lsp->is_initialized && str_equal_c(method, "initialize")) {
        refuse(lsp, id, CODE_REQUEST, "the server is initialized");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        if (str_equal_c(method, requests[i].method)) {
            struct buf buf;
            struct json_writer w;
            buf_init_arena(&buf, &lsp->arena, ANSWER_MAX);
            begin_answer(&w, &buf, id);
            json_key(&w, STR("result"));
            requests[i].answer(lsp, params, &w);
            send_answer(&w, &buf);
            return;
        }
    }
    refuse(lsp, id, CODE_METHOD, "there is no such method");
}

/* Others are for other servers, or of no interest. */
static void take_notification(struct lsp *lsp, str method, const struct json *params) {
    for (size_t i = 0; i < ARRAY_LEN(notifications); i++) {
        bool is_exit = notifications[i].take == will_exit;
        if (str_equal_c(method, notifications[i].method) && (lsp->is_initialized || is_exit)) {
            notifications[i].take(lsp, params);
        }
    }
}

static void take_message(struct lsp *lsp, str text) {
    const struct json *message;
    if (json_parse(&lsp->arena, text, &limits, &message, NULL) != ERR_OK) {
        refuse(lsp, NULL, CODE_PARSE, "the message is not JSON");
        return;
    }
    const struct json *id = json_get(message, STR("id"));
    str method = text_of(message, STR("method"));
    if (str_is_absent(method)) {
        if (json_get(message, STR("result")) == NULL && json_get(message, STR("error")) == NULL) {
            refuse(lsp, id, CODE_REQUEST, "the message has no method");
        }
        return; /* an answer; nothing was asked */
    }
    const struct json *params = json_get(message, STR("params"));
    if (id == NULL) {
        take_notification(lsp, method, params);
    } else {
        take_request(lsp, method, id, params);
    }
}

int lsp_serve(cedar_engine *engine, cedar_scratch *scratch) {
    struct lsp lsp = {.engine = engine, .scratch = scratch, .exit_code = 1};
    arena_init(&lsp.arena, allocator_libc(), ARENA_MAX);
    while (!lsp.is_over) {
        str text;
        err error = wire_read(&lsp.arena, &text);
        if (error == ERR_OK) {
            take_message(&lsp, text);
        } else if (error == ERR_SYNTAX) {
            refuse(&lsp, NULL, CODE_PARSE, "the message has no Content-Length");
        } else {
            break; /* the client is gone, or says what cannot be taken */
        }
        cedar_scratch_reset(scratch);
        lsp.mark = (struct text_mark){0};
        arena_done(&lsp.arena);
        arena_init(&lsp.arena, allocator_libc(), ARENA_MAX);
    }
    documents_close_all(&lsp);
    arena_done(&lsp.arena);
    return lsp.exit_code;
}
