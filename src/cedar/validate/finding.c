/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/finding.h"

#include "cedar/validate/spans.h"

/* Types of records can make a message very long; what does not fit is left out. So is the rest of
 * messages once there have been too many of that kind: each environment may have another one. */
enum { MESSAGE_MAX = 256 << 10, SHORT_MESSAGE_MAX = 1 << 10, DRAFTED_MAX = 32 << 20 };

str validate_kind_name(enum validate_kind kind) {
    static const str names[] = {
#define X(code, name, severity) STR_INIT(name),
        VALIDATE_KIND_TABLE(X)
#undef X
    };
    return names[kind];
}

static enum diag_severity severity_of(const struct draft *d) {
    static const enum diag_severity severities[] = {
#define X(code, name, severity) severity,
        VALIDATE_KIND_TABLE(X)
#undef X
    };
    bool was_error = d->kind == VALIDATE_NO_ACTION && d->findings->is_4_12;
    return was_error ? DIAG_ERROR : severities[d->kind];
}

void draft_init_bare(struct draft *d, struct findings *findings, enum validate_kind kind,
                     struct ast_span span) {
    *d = (struct draft){.findings = findings, .kind = kind, .span = span};
    size_t max = findings->drafted > DRAFTED_MAX ? SHORT_MESSAGE_MAX : MESSAGE_MAX;
    buf_init_arena(&d->message, findings->scratch, max);
    buf_init_arena(&d->help, findings->scratch, max);
}

void draft_init(struct draft *d, struct findings *findings, enum validate_kind kind,
                struct ast_span span) {
    draft_init_bare(d, findings, kind, span);
    buf_add_c(&d->message, "for policy `");
    escape_debug(&d->message, findings->policy->id);
    buf_add_c(&d->message, "`, ");
}

static uint64_t hash_of(const struct draft *d) {
    uint64_t hash = hash_pair(&d->findings->key, buf_str(&d->message), buf_str(&d->help));
    uint64_t place = (uint64_t)d->span.start << 32 | d->span.end;
    return (hash ^ place) * 0x9e3779b97f4a7c15u + d->kind;
}

static bool is_seen(const struct draft *d, const struct diag *other) {
    uint32_t start = d->span.start + d->findings->base;
    return other->span.start == start && str_equal(other->kind, validate_kind_name(d->kind)) &&
           str_equal(other->message, buf_str(&d->message)) &&
           str_equal(other->help, buf_str(&d->help));
}

/* A span of nothing is none: the policy came from JSON. */
static err file(struct draft *d, enum diag_severity severity) {
    struct findings *f = d->findings;
    struct diag diag = {
        .severity = severity,
        .kind = validate_kind_name(d->kind),
        .has_span = d->span.end > 0,
        .span = {d->span.start + f->base, d->span.end + f->base},
        .policy_id = f->policy->id,
    };
    TRY(arena_copy(f->diags->arena, buf_str(&d->message), &diag.message));
    TRY(arena_copy(f->diags->arena, buf_str(&d->help), &diag.help));
    return diag_take(f->diags, &diag) ? ERR_OK : ERR_LIMIT;
}

void draft_file(struct draft *d) {
    struct findings *f = d->findings;
    f->filed_count++;
    f->drafted += d->message.len + d->help.len;
    if (!f->has_spans) {
        spans_note(&f->spans, f->policy, f->diags->source_text, f->base);
        f->has_spans = true;
    }
    d->span = spans_find(&f->spans, d->span);
    uint64_t hash = hash_of(d);
    const uint64_t *known = table_find(&f->seen, hash);
    if (known != NULL && is_seen(d, &f->diags->items.items[*known - 1])) {
        return;
    }
    enum diag_severity severity = severity_of(d);
    f->error_count += severity == DIAG_ERROR;
    if (file(d, severity) == ERR_OK) {
        IGNORE(table_put(&f->seen, hash, f->diags->items.count)); /* at worst it comes twice */
    }
}
