/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that may deceive a reader: characters that change the direction of writing, scripts that
 * are mixed, names with characters that no identifier should have (UTS #39). */
#include "base/utf8.h"
#include "cedar/validate/policy_int.h"
#include "cedar/validate/scripts_tables.h"
#include "cedar/validate/walk.h"

/* ---- characters ---- */

enum { RUN_SHIFT = 10, RUN_MASK = (1 << RUN_SHIFT) - 1 };

/* The first run begins at 0. */
static const struct script_set *scripts_of(uint32_t scalar) {
    size_t low = 0;
    size_t high = ARRAY_LEN(script_runs);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (script_runs[middle] >> RUN_SHIFT <= scalar) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &script_sets[script_runs[low] & RUN_MASK];
}

static bool is_allowed(uint32_t scalar) {
    size_t low = 0;
    size_t high = ARRAY_LEN(allowed_ranges);
    if (scalar < 0x7f) {
        return scalar >= 0x20; /* printable */
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (allowed_ranges[middle][1] < scalar) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ARRAY_LEN(allowed_ranges) && allowed_ranges[low][0] <= scalar;
}

static bool is_bidi_control(uint32_t scalar) {
    return (scalar >= 0x202a && scalar <= 0x202e) || (scalar >= 0x2066 && scalar <= 0x2069);
}

/* ---- texts ---- */

struct text_facts {
    bool has_bidi_control;
    bool is_mixed;            /* no script, and no system of scripts, has all characters */
    uint32_t first_forbidden; /* in a name; 0 may be one */
    bool has_forbidden;
};

static bool intersect(struct script_set *set, const struct script_set *other) {
    bool is_empty = true;
    for (size_t i = 0; i < SCRIPT_WORDS; i++) {
        set->words[i] &= other->words[i];
        is_empty = is_empty && set->words[i] == 0;
    }
    return !is_empty;
}

static struct text_facts look_at(str text) {
    struct text_facts facts = {0};
    struct script_set set;
    memset(&set, 0xff, sizeof set);
    size_t at = 0;
    uint32_t scalar;
    while (utf8_next(text, &at, &scalar)) {
        facts.has_bidi_control = facts.has_bidi_control || is_bidi_control(scalar);
        if (!facts.has_forbidden && !is_allowed(scalar)) {
            facts.has_forbidden = true;
            facts.first_forbidden = scalar;
        }
        facts.is_mixed = !intersect(&set, scripts_of(scalar)) || facts.is_mixed;
    }
    return facts;
}

/* ---- findings ---- */

static void file(struct validator *v, enum validate_kind kind, struct ast_span span,
                 const char *before, str text, const char *after) {
    struct draft d;
    draft_init(&d, &v->findings, kind, span);
    buf_add_c(&d.message, before);
    buf_add(&d.message, text);
    buf_add_c(&d.message, after);
    draft_file(&d);
}

static void check_string(struct validator *v, str text, struct ast_span span) {
    struct text_facts facts = look_at(text);
    if (facts.has_bidi_control) {
        file(v, VALIDATE_BIDI_STRING, span, "string `\"", text,
             "\"` contains BIDI control characters");
    } else if (facts.is_mixed) {
        file(v, VALIDATE_MIXED_STRING, span, "string `\"", text, "\"` contains mixed scripts");
    }
}

static void file_confusable(struct validator *v, str text, uint32_t scalar, struct ast_span span) {
    char bytes[UTF8_MAX_BYTES];
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_CONFUSABLE_NAME, span);
    buf_add_c(&d.message, "identifier `");
    escape_debug(&d.message, text);
    buf_add_c(&d.message, "` contains the character `");
    escape_debug(&d.message, str_make(bytes, utf8_encode(scalar, bytes)));
    buf_add_c(&d.message, "` which is not a printable ASCII character and falls outside of the "
                          "General Security Profile for Identifiers");
    draft_file(&d);
}

static void check_name(struct validator *v, str text, struct ast_span span) {
    struct text_facts facts = look_at(text);
    if (facts.has_bidi_control) {
        file(v, VALIDATE_BIDI_NAME, span, "identifier `", text,
             "` contains BIDI control characters");
    } else if (facts.has_forbidden) {
        file_confusable(v, text, facts.first_forbidden, span);
    } else if (facts.is_mixed) {
        file(v, VALIDATE_MIXED_NAME, span, "identifier `", text, "` contains mixed scripts");
    }
}

/* ---- the places of texts ---- */

/* As the pattern is written: a star that stands for itself has a backslash. */
static void check_pattern(struct validator *v, const struct ast_expr *expr) {
    const struct ast_pattern *pattern = &expr->like.pattern;
    struct arena_mark mark = arena_mark(&v->temp);
    struct buf text;
    buf_init_arena(&text, &v->temp, SIZE_MAX / 2);
    for (size_t i = 0; i < pattern->count; i++) {
        char bytes[UTF8_MAX_BYTES];
        if (pattern->items[i] == AST_WILDCARD) {
            buf_add_byte(&text, '*');
        } else if (pattern->items[i] == '*') {
            buf_add_c(&text, "\\*");
        } else {
            escape_debug(&text, str_make(bytes, utf8_encode(pattern->items[i], bytes)));
        }
    }
    check_string(v, buf_str(&text), expr->span);
    arena_reset(&v->temp, mark);
}

/* Types and functions have names of ASCII letters: only ids can deceive. */
static void check_uid(struct validator *v, const struct ast_uid *uid) {
    check_name(v, uid->id, uid->span);
}

static void visit(void *ctx, const struct ast_expr *expr) {
    struct validator *v = ctx;
    switch (expr->kind) {
    case AST_STRING:
        check_string(v, expr->string, expr->span);
        return;
    case AST_ENTITY:
        check_uid(v, &expr->uid);
        return;
    case AST_GET:
        check_name(v, expr->get.attr, expr->span);
        return;
    case AST_HAS:
        for (size_t i = 0; i < expr->has.count; i++) {
            check_name(v, expr->has.path[i], expr->span);
        }
        return;
    case AST_LIKE:
        check_pattern(v, expr);
        return;
    case AST_RECORD:
        for (size_t i = 0; i < expr->record.count; i++) {
            check_name(v, expr->record.fields[i].name, expr->span);
        }
        return;
    case AST_BOOL:
    case AST_LONG:
    case AST_VAR:
    case AST_SLOT:
    case AST_CHAIN:
    case AST_BINARY:
    case AST_UNARY:
    case AST_IS:
    case AST_IF:
    case AST_SET:
    case AST_CALL:
        return;
    }
}

static void check_scope(struct validator *v, const struct ast_scope *scope) {
    for (size_t i = 0; scope->is_list && i < scope->list_count; i++) {
        check_uid(v, &scope->list[i]);
    }
    bool has_uid = scope->kind != AST_SCOPE_ANY && scope->kind != AST_SCOPE_IS;
    if (has_uid && !scope->is_list && scope->slot == AST_SLOT_NONE) {
        check_uid(v, &scope->uid);
    }
}

void strings_check(struct validator *v, const struct ast_policy *policy) {
    check_scope(v, &policy->principal);
    check_scope(v, &policy->action);
    check_scope(v, &policy->resource);
    walk_clauses(policy, visit, v);
}
