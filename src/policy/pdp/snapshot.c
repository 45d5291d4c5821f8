/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/snapshot.h"

#include <stdlib.h>

#include "policy/model/limits.h"

static str from_cedar(cedar_str s) {
    return str_make(s.ptr, s.len);
}

static cedar_str to_cedar(str s) {
    return (cedar_str){s.ptr, s.len};
}

/* The first error in a report; an empty finding when there is none. */
static cedar_finding first_error(const cedar_report *report, size_t *ret_more) {
    cedar_finding first = {0};
    size_t errors = 0;
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        if (finding.severity == CEDAR_ERROR && errors++ == 0) {
            first = finding;
        }
    }
    *ret_more = errors > 1 ? errors - 1 : 0;
    return first;
}

void report_format(struct buf *out, const cedar_report *report) {
    size_t more;
    finding_format(out, first_error(report, &more));
    if (more > 0) {
        buf_format(out, " (and %zu more)", more);
    }
}

void finding_format(struct buf *out, cedar_finding finding) {
    if (finding.source.len > 0) {
        buf_add(out, from_cedar(finding.source));
        buf_add_byte(out, ':');
    }
    if (finding.has_span) {
        buf_format(out, "%u:%u:", finding.line, finding.column);
    }
    if (out->len > 0) {
        buf_add_byte(out, ' ');
    }
    buf_add(out, from_cedar(finding.message));
    if (finding.label.len > 0) {
        buf_add(out, STR("; "));
        buf_add(out, from_cedar(finding.label));
    }
    if (finding.help.len > 0) {
        buf_add(out, STR(" (help: "));
        buf_add(out, from_cedar(finding.help));
        buf_add(out, STR(")"));
    }
}

/* The err and text for a failed libcedar call; frees the report. */
static err fail_report(cedar_status status, cedar_report *report, struct error *reterr) {
    char text[ERROR_TEXT_MAX * 4];
    AUTO(buf_done) struct buf out;
    buf_init(&out, allocator_libc(), sizeof text);
    report_format(&out, report);
    str words = out.len > 0 ? buf_str(&out) : str_c(cedar_status_name(status));
    err code = status == CEDAR_ERR_NOMEM   ? ERR_NOMEM
               : status == CEDAR_ERR_LIMIT ? ERR_LIMIT
                                           : ERR_SYNTAX;
    size_t more;
    cedar_finding finding = first_error(report, &more);
    error_set(reterr, code, "%.*s", STR_FMT(words));
    if (reterr != NULL && finding.has_span) {
        reterr->line = finding.line;
        reterr->column = finding.column;
    }
    cedar_report_free(report);
    return code;
}

static err build_policies(cedar_engine *engine, struct arena *a, const struct source *source,
                          struct snapshot *snapshot, struct error *reterr) {
    cedar_policies_builder *builder;
    cedar_status status = cedar_policies_builder_new(engine, CEDAR_IDS_FROM_ANNOTATION, &builder);
    if (status != CEDAR_OK) {
        return fail_report(status, NULL, reterr);
    }
    for (size_t i = 0; i < source->policy_count && status == CEDAR_OK; i++) {
        const struct source_file *file = &source->policies[i];
        const char *name;
        str prefix_text;
        const char *prefix;
        if (arena_c_string(a, file->path, &name) != ERR_OK ||
            arena_format(a, &prefix_text, "%s#", name) != ERR_OK ||
            arena_c_string(a, prefix_text, &prefix) != ERR_OK) {
            status = CEDAR_ERR_NOMEM;
            break;
        }
        status = cedar_policies_builder_add(builder, to_cedar(file->text), name, prefix);
    }
    cedar_report *report = NULL;
    /* A text that does not parse is remembered by the builder and reported by build. */
    if (status == CEDAR_OK || status == CEDAR_ERR_SYNTAX) {
        status = cedar_policies_builder_build(builder, &snapshot->policies, &report);
    }
    cedar_policies_builder_free(builder);
    if (status != CEDAR_OK) {
        return fail_report(status, report, reterr);
    }
    cedar_report_free(report);
    snapshot->policy_count = cedar_policies_count(snapshot->policies);
    snapshot->counters = calloc(snapshot->policy_count + 1, sizeof *snapshot->counters);
    return snapshot->counters == NULL ? ERR_NOMEM : ERR_OK;
}

static err build_data(cedar_engine *engine, struct arena *a, const struct source *source,
                      struct snapshot *snapshot, struct error *reterr) {
    cedar_report *report = NULL;
    cedar_status status = CEDAR_OK;
    const char *name;
    if (!str_is_absent(source->schema.text)) {
        TRY(arena_c_string(a, source->schema.path, &name));
        status = cedar_schema_parse(engine, to_cedar(source->schema.text),
                                    source->schema_is_json ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR,
                                    name, &snapshot->schema, &report);
        if (status != CEDAR_OK) {
            return fail_report(status, report, reterr);
        }
        cedar_report_free(TAKE(report));
    }
    bool has_entities = !str_is_absent(source->entities.text);
    str json = has_entities ? source->entities.text : STR("[]");
    status = cedar_entities_parse_json(engine, to_cedar(json), snapshot->schema,
                                       has_entities ? "entities.json" : NULL, &snapshot->entities,
                                       &report);
    if (status != CEDAR_OK) {
        return fail_report(status, report, reterr);
    }
    cedar_report_free(report);
    return ERR_OK;
}

/* Policies against their schema, as a whole: a set that parses and cannot work must not become
 * live. Warnings stay with the snapshot. */
static err validate(struct snapshot *snapshot, struct error *reterr) {
    if (snapshot->schema == NULL) {
        return ERR_OK;
    }
    cedar_report *report = NULL;
    cedar_status status = cedar_validate(snapshot->policies, snapshot->schema, NULL, &report);
    if (status != CEDAR_OK) {
        return fail_report(status, report, reterr);
    }
    snapshot->warnings = report;
    return ERR_OK;
}

err snapshot_build(cedar_engine *engine, const char *directory, struct snapshot **ret,
                   struct error *reterr) {
    AUTO(arena_done) struct arena a;
    arena_init(&a, allocator_libc(), 2ul * LIMIT_POLICY_TOTAL);
    struct source source;
    uint64_t identity;
    TRY(source_read(&a, directory, &source, &identity, reterr));
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL) {
        return ERR_NOMEM;
    }
    snapshot->references = 1;
    snapshot->identity = identity;
    err code = build_policies(engine, &a, &source, snapshot, reterr);
    if (code == ERR_OK) {
        code = build_data(engine, &a, &source, snapshot, reterr);
    }
    if (code == ERR_OK) {
        code = validate(snapshot, reterr);
    }
    if (code != ERR_OK) {
        snapshot_unref(snapshot);
        return code;
    }
    *ret = snapshot;
    return ERR_OK;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_unref(struct snapshot *snapshot) {
    if (snapshot == NULL ||
        atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cedar_policies_unref(snapshot->policies);
    cedar_entities_unref(snapshot->entities);
    cedar_schema_unref(snapshot->schema);
    cedar_report_free(snapshot->warnings);
    free(snapshot->counters);
    free(snapshot);
}
