/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of parser, validator and linter as the editor shows them. */
#include "cli/lsp/lsp.h"

enum { MESSAGE_MAX = 256 << 20, SHOWN_MAX = 1000 };

static int severity_of(cedar_severity severity) {
    return severity == CEDAR_ERROR ? 1 : severity == CEDAR_WARNING ? 2 : 3;
}

static void write_message(struct lsp *lsp, struct json_writer *w, const cedar_finding *f) {
    struct buf text;
    str message;
    buf_init_arena(&text, &lsp->arena, MESSAGE_MAX);
    buf_add(&text, lsp_str(f->message));
    if (f->label.len > 0) {
        buf_add_c(&text, ": ");
        buf_add(&text, lsp_str(f->label));
    }
    if (f->help.len > 0) {
        buf_add_c(&text, "\nhelp: ");
        buf_add(&text, lsp_str(f->help));
    }
    bool is_good = buf_finish(&text, &message) == ERR_OK;
    json_name_string(w, STR("message"), is_good ? message : lsp_str(f->message));
}

/* In the same text: documents are looked at one by one. */
static void write_other(struct lsp *lsp, struct json_writer *w, const struct document *document,
                        const cedar_finding *f) {
    json_key(w, STR("relatedInformation"));
    json_open_array(w);
    json_open_object(w);
    json_key(w, STR("location"));
    json_open_object(w);
    json_name_string(w, STR("uri"), str_c(document->uri));
    json_key(w, STR("range"));
    range_write(lsp, w, document->text, f->other.start, f->other.end);
    json_close_object(w);
    json_name_string(w, STR("message"),
                     f->other_label.len > 0 ? lsp_str(f->other_label) : STR("declared here, too"));
    json_close_object(w);
    json_close_array(w);
}

static void write_finding(struct lsp *lsp, struct json_writer *w, const struct document *document,
                          const cedar_finding *f) {
    json_open_object(w);
    json_key(w, STR("range"));
    range_write(lsp, w, document->text, f->has_span ? f->start : 0, f->has_span ? f->end : 0);
    json_name_int(w, STR("severity"), severity_of(f->severity));
    if (f->kind.len > 0) {
        json_name_string(w, STR("code"), lsp_str(f->kind));
    }
    json_name_string(w, STR("source"), STR("cedar"));
    write_message(lsp, w, f);
    if (f->has_other) {
        write_other(lsp, w, document, f);
    }
    json_close_object(w);
}

static void write_report(struct lsp *lsp, struct json_writer *w, const struct document *document,
                         const cedar_report *report) {
    for (size_t i = 0; i < cedar_report_count(report) && i < SHOWN_MAX; i++) {
        cedar_finding finding = cedar_report_get(report, i);
        write_finding(lsp, w, document, &finding);
    }
}

static void look_at_policies(struct lsp *lsp, const struct document *document,
                             struct json_writer *w) {
    cedar_policies *policies = NULL;
    cedar_report *report = NULL;
    cedar_status status = cedar_policies_parse(lsp->engine, lsp_cedar(document->text),
                                               document->path, &policies, &report);
    write_report(lsp, w, document, report);
    cedar_report_free(report);
    if (status != CEDAR_OK) {
        return;
    }
    struct project project;
    project_open(lsp, document, &project);
    report = NULL;
    /* What was found is in the reports. */
    IGNORE(cedar_validate(policies, project.schema, NULL, &report));
    write_report(lsp, w, document, report);
    cedar_report_free(report);
    cedar_lint_options options = {.schema = project.schema};
    report = NULL;
    IGNORE(cedar_lint(policies, &options, NULL, &report));
    write_report(lsp, w, document, report);
    cedar_report_free(report);
    project_close(&project);
    cedar_policies_unref(policies);
}

static void look_at_schema(struct lsp *lsp, const struct document *document,
                           struct json_writer *w) {
    cedar_schema *schema = NULL;
    cedar_report *report = NULL;
    cedar_format format =
        document->kind == DOCUMENT_SCHEMA_JSON ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR;
    IGNORE(cedar_schema_parse(lsp->engine, lsp_cedar(document->text), format, document->path,
                              &schema, &report)); /* what was found is in the report */
    write_report(lsp, w, document, report);
    cedar_report_free(report);
    cedar_schema_unref(schema);
}

static void open_message(struct json_writer *w, struct buf *buf, str uri) {
    json_writer_init(w, buf);
    json_open_object(w);
    json_name_string(w, STR("jsonrpc"), STR("2.0"));
    json_name_string(w, STR("method"), STR("textDocument/publishDiagnostics"));
    json_key(w, STR("params"));
    json_open_object(w);
    json_name_string(w, STR("uri"), uri);
}

static void send(struct json_writer *w, struct buf *buf) {
    str message;
    json_close_array(w);
    json_close_object(w);
    json_close_object(w);
    if (buf_finish(buf, &message) == ERR_OK) {
        wire_write(message);
    }
}

void diagnose(struct lsp *lsp, const struct document *document) {
    struct buf buf;
    struct json_writer w;
    buf_init_arena(&buf, &lsp->arena, MESSAGE_MAX);
    open_message(&w, &buf, str_c(document->uri));
    json_name_int(&w, STR("version"), document->version);
    json_key(&w, STR("diagnostics"));
    json_open_array(&w);
    switch (document->kind) {
    case DOCUMENT_POLICIES:
        look_at_policies(lsp, document, &w);
        break;
    case DOCUMENT_SCHEMA:
    case DOCUMENT_SCHEMA_JSON:
        look_at_schema(lsp, document, &w);
        break;
    case DOCUMENT_OTHER:
        break;
    }
    send(&w, &buf);
}

void diagnose_all(struct lsp *lsp) {
    for (size_t i = 0; i < lsp->document_count; i++) {
        if (lsp->documents[i]->kind == DOCUMENT_POLICIES) {
            diagnose(lsp, lsp->documents[i]);
        }
    }
}

void diagnose_nothing(struct lsp *lsp, str uri) {
    struct buf buf;
    struct json_writer w;
    buf_init_arena(&buf, &lsp->arena, MESSAGE_MAX);
    open_message(&w, &buf, uri);
    json_key(&w, STR("diagnostics"));
    json_open_array(&w);
    send(&w, &buf);
}
