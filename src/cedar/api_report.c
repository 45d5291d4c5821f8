/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: findings of the inner folders, copied so that they outlive the call. */
#include "cedar/api_int.h"

#include "base/utf8.h"

enum { SOURCE_LINE_MAX = 64 << 10, TEXT_HEAD_MAX = 6 << 10, TEXT_TAIL_MAX = 2 << 10 };

static err copy(struct arena *a, str text, cedar_str *ret) {
    str copied;
    TRY(arena_copy(a, text, &copied));
    *ret = api_public(copied);
    return ERR_OK;
}

/* What a finding says may quote the input, however long that is: then its middle is left out. */
static err copy_said(struct arena *a, str text, cedar_str *ret) {
    if (text.len <= TEXT_HEAD_MAX + TEXT_TAIL_MAX) {
        return copy(a, text, ret);
    }
    size_t tail = utf8_cut(text, text.len - TEXT_TAIL_MAX).len;
    str parts[] = {utf8_cut(text, TEXT_HEAD_MAX), STR("…"), str_slice(text, tail, text.len)};
    size_t len = 0;
    char *joined = arena_alloc(a, parts[0].len + parts[1].len + parts[2].len);
    if (joined == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        memcpy(joined + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    *ret = (cedar_str){joined, len};
    return ERR_OK;
}

/* A place in a text. Findings mostly come in the order of their places, so the way to one goes on
 * from the one before: a long text is gone through once, not once for each finding. */
struct place {
    str text;
    size_t offset;
    size_t line_start;
    uint32_t line;
};

static void place_move(struct place *place, str text, size_t offset) {
    if (place->text.ptr != text.ptr || offset < place->offset) {
        *place = (struct place){.text = text, .line = 1};
    }
    for (; place->offset < offset; place->offset++) {
        if (text.ptr[place->offset] == '\n') {
            place->line++;
            place->line_start = place->offset + 1;
        }
    }
}

/* The line of the place, without its end; cut when it is absurdly long. */
static str line_at(const struct place *place) {
    str text = place->text;
    size_t start = place->line_start;
    size_t most = text.len - start > SOURCE_LINE_MAX ? start + SOURCE_LINE_MAX : text.len;
    size_t end = place->offset < most ? place->offset : most;
    while (end < most && text.ptr[end] != '\n' && text.ptr[end] != '\r') {
        end++;
    }
    return utf8_cut(str_slice(text, start, text.len), end - start);
}

static err add_place(struct arena *a, const struct diag *diag, struct place *place,
                     cedar_finding *finding) {
    str text = diag->source_text;
    if (!diag->has_span || text.ptr == NULL || diag->span.start > text.len) {
        return ERR_OK;
    }
    static const struct diag_origin beginning = {0, 1, 1};
    const struct diag_origin *origin = diag->origin == NULL ? &beginning : diag->origin;
    finding->has_span = true;
    finding->start = origin->offset + diag->span.start;
    finding->end = origin->offset + diag->span.end;
    place_move(place, text, diag->span.start);
    finding->line = origin->line + place->line - 1;
    finding->column = (uint32_t)(place->offset - place->line_start) + 1;
    finding->column += place->line == 1 ? origin->column - 1 : 0;
    return copy(a, line_at(place), &finding->source_line);
}

static err add_other(struct arena *a, const struct diag_other *other, cedar_finding *finding) {
    struct place place = {0};
    if (!other->is_there || other->span.start > other->source_text.len) {
        return ERR_OK;
    }
    place_move(&place, other->source_text, other->span.start);
    finding->has_other = true;
    finding->other.start = other->span.start;
    finding->other.end = other->span.end;
    finding->other.line = place.line;
    finding->other.column = (uint32_t)(place.offset - place.line_start) + 1;
    TRY(copy(a, other->label, &finding->other_label));
    return copy(a, other->source_name, &finding->other_source);
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

static err add_finding(struct arena *a, const struct diag *diag, struct place *place,
                       cedar_finding *finding) {
    finding->severity = severity_of(diag->severity);
    TRY(copy_said(a, diag->message, &finding->message));
    TRY(copy_said(a, diag->label, &finding->label));
    TRY(copy_said(a, diag->help, &finding->help));
    TRY(copy(a, diag->source_name, &finding->source));
    TRY(copy(a, diag->policy_id, &finding->policy_id));
    TRY(copy(a, diag->kind, &finding->kind));
    TRY(add_other(a, &diag->other, finding));
    return add_place(a, diag, place, finding);
}

static err fill(cedar_report *report, const struct diag_list *diags) {
    struct arena *a = &report->arena;
    report->findings = ARENA_ARRAY(a, cedar_finding, diags->items.count);
    if (report->findings == NULL) {
        return arena_error(a);
    }
    struct place place = {0};
    for (size_t i = 0; i < diags->items.count; i++) {
        TRY(add_finding(a, &diags->items.items[i], &place, &report->findings[i]));
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
