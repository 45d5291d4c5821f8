/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: findings of the inner folders, copied so that they outlive the call. */
#include "cedar/api_int.h"

enum { SOURCE_LINE_MAX = 64 << 10 };

static err copy(struct arena *a, str text, cedar_str *ret) {
    str copied;
    TRY(arena_copy(a, text, &copied));
    *ret = api_public(copied);
    return ERR_OK;
}

/* The line that `offset` lies in, without its end; cut when it is absurdly long. */
static str line_at(str text, size_t offset) {
    size_t start = offset;
    while (start > 0 && text.ptr[start - 1] != '\n') {
        start--;
    }
    size_t end = offset;
    while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r') {
        end++;
    }
    if (end - start > SOURCE_LINE_MAX) {
        end = start + SOURCE_LINE_MAX;
    }
    return str_slice(text, start, end);
}

static err add_place(struct arena *a, const struct diag *diag, cedar_finding *finding) {
    str text = diag->source_text;
    if (!diag->has_span || text.ptr == NULL || diag->span.start > text.len) {
        return ERR_OK;
    }
    finding->has_span = true;
    finding->start = diag->span.start;
    finding->end = diag->span.end;
    json_position(text, finding->start, &finding->line, &finding->column);
    return copy(a, line_at(text, finding->start), &finding->source_line);
}

static cedar_severity severity_of(enum diag_severity severity) {
    switch (severity) {
    case DIAG_ERROR:
        return CEDAR_ERROR;
    case DIAG_WARNING:
        return CEDAR_WARNING;
    case DIAG_ADVICE:
        return CEDAR_ADVICE;
    }
    return CEDAR_ERROR;
}

static err add_finding(struct arena *a, const struct diag *diag, cedar_finding *finding) {
    finding->severity = severity_of(diag->severity);
    TRY(copy(a, diag->message, &finding->message));
    TRY(copy(a, diag->label, &finding->label));
    TRY(copy(a, diag->help, &finding->help));
    TRY(copy(a, diag->source_name, &finding->source));
    TRY(copy(a, diag->policy_id, &finding->policy_id));
    return add_place(a, diag, finding);
}

static err fill(cedar_report *report, const struct diag_list *diags) {
    struct arena *a = &report->arena;
    report->findings = ARENA_ARRAY(a, cedar_finding, diags->items.count);
    if (report->findings == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < diags->items.count; i++) {
        TRY(add_finding(a, &diags->items.items[i], &report->findings[i]));
    }
    report->count = diags->items.count;
    return ERR_OK;
}

/* NULL when there is no memory: then the status alone must do. */
static cedar_report *report_new(cedar_engine *engine, const struct diag_list *diags) {
    cedar_report *report = allocator_new(&engine->allocator, sizeof *report);
    if (report == NULL) {
        return NULL;
    }
    report->engine = cedar_engine_ref(engine);
    api_arena_init(&report->arena, engine);
    if (fill(report, diags) != ERR_OK) {
        cedar_report_free(report);
        return NULL;
    }
    return report;
}

cedar_status api_finish(cedar_engine *engine, err error, struct diag_list *diags,
                        cedar_report **ret_report) {
    if (ret_report == NULL) {
        return api_status(error);
    }
    if (error != ERR_OK && diags->items.count == 0) {
        /* No place to point at: memory, or a limit of the engine. */
        IGNORE(diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0}, "%s", err_text(error)));
        if (diags->items.count > 0) {
            diags->items.items[0].has_span = false;
        }
    }
    *ret_report = diags->items.count == 0 ? NULL : report_new(engine, diags);
    return api_status(error);
}

size_t cedar_report_count(const cedar_report *report) {
    return report == NULL ? 0 : report->count;
}

cedar_finding cedar_report_get(const cedar_report *report, size_t index) {
    if (report == NULL || index >= report->count) {
        return (cedar_finding){.severity = CEDAR_ERROR};
    }
    return report->findings[index];
}

void cedar_report_free(cedar_report *report) {
    if (report == NULL) {
        return;
    }
    cedar_engine *engine = report->engine;
    arena_done(&report->arena);
    allocator_free(&engine->allocator, report, sizeof *report);
    cedar_engine_unref(engine);
}
