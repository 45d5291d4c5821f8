/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: annotations, scope, clauses. */
#include "cedar/text/print.h"

#include "base/assert.h"
#include "cedar/value/sort.h"
#include "cedar/value/value.h"

str print_var_text(enum ast_var var) {
    switch (var) {
    case AST_PRINCIPAL:
        return STR("principal");
    case AST_ACTION:
        return STR("action");
    case AST_RESOURCE:
        return STR("resource");
    case AST_CONTEXT:
        return STR("context");
    }
    NOT_REACHED();
    return STR("");
}

str print_slot_text(enum ast_slot slot) {
    switch (slot) {
    case AST_SLOT_NONE:
        return STR("");
    case AST_SLOT_PRINCIPAL:
        return STR("?principal");
    case AST_SLOT_RESOURCE:
        return STR("?resource");
    }
    NOT_REACHED();
    return STR("");
}

void print_quoted(struct buf *out, str text) {
    buf_add_byte(out, '"');
    escape_debug(out, text);
    buf_add_byte(out, '"');
}

void print_name(struct buf *out, str name) {
    if (ast_is_identifier(name)) {
        buf_add(out, name);
    } else {
        print_quoted(out, name);
    }
}

void print_uid(struct buf *out, const struct ast_uid *uid) {
    buf_add(out, uid->type.text);
    buf_add_c(out, "::");
    print_quoted(out, uid->id);
}

/* ---- sorting ---- */

static int compare_fields(const void *a, const void *b) {
    const struct ast_field *const *x = a;
    const struct ast_field *const *y = b;
    return str_compare((*x)->name, (*y)->name);
}

static int compare_annotations(const void *a, const void *b) {
    const struct ast_annotation *const *x = a;
    const struct ast_annotation *const *y = b;
    return str_compare((*x)->name, (*y)->name);
}

const struct ast_field **print_sorted_fields(struct arena *temp, const struct ast_expr *record) {
    size_t count = record->record.count;
    const struct ast_field **sorted = ARENA_ARRAY(temp, const struct ast_field *, count);
    if (sorted != NULL) {
        for (size_t i = 0; i < count; i++) {
            sorted[i] = &record->record.fields[i];
        }
        sort_items(sorted, count, sizeof sorted[0], compare_fields);
    }
    return sorted;
}

const struct ast_annotation **print_sorted_annotations(struct arena *temp,
                                                       const struct ast_policy *policy) {
    size_t count = policy->annotation_count;
    const struct ast_annotation **sorted = ARENA_ARRAY(temp, const struct ast_annotation *, count);
    if (sorted != NULL) {
        for (size_t i = 0; i < count; i++) {
            sorted[i] = &policy->annotations[i];
        }
        sort_items(sorted, count, sizeof sorted[0], compare_annotations);
    }
    return sorted;
}

/* ---- policies ---- */

static void print_annotations(struct buf *out, struct arena *temp,
                              const struct ast_policy *policy) {
    struct arena_mark mark = arena_mark(temp);
    const struct ast_annotation **sorted = print_sorted_annotations(temp, policy);
    if (sorted == NULL) {
        buf_fail(out, arena_error(temp));
        return;
    }
    for (size_t i = 0; i < policy->annotation_count; i++) {
        buf_add_byte(out, '@');
        buf_add(out, sorted[i]->name);
        if (sorted[i]->has_value) {
            buf_add_byte(out, '(');
            print_quoted(out, sorted[i]->value);
            buf_add_byte(out, ')');
        }
        buf_add_byte(out, '\n');
    }
    arena_reset(temp, mark);
}

static void print_target(struct buf *out, const struct ast_scope *scope) {
    if (scope->is_list) {
        buf_add_byte(out, '[');
        for (size_t i = 0; i < scope->list_count; i++) {
            buf_add_c(out, i == 0 ? "" : ", ");
            print_uid(out, &scope->list[i]);
        }
        buf_add_byte(out, ']');
    } else if (scope->slot != AST_SLOT_NONE) {
        buf_add(out, print_slot_text(scope->slot));
    } else {
        print_uid(out, &scope->uid);
    }
}

void print_scope(struct buf *out, enum ast_var var, const struct ast_scope *scope) {
    buf_add(out, print_var_text(var));
    switch (scope->kind) {
    case AST_SCOPE_ANY:
        return;
    case AST_SCOPE_EQ:
        buf_add_c(out, " == ");
        print_target(out, scope);
        return;
    case AST_SCOPE_IN:
        buf_add_c(out, " in ");
        print_target(out, scope);
        return;
    case AST_SCOPE_IS:
    case AST_SCOPE_IS_IN:
        buf_add_c(out, " is ");
        buf_add(out, scope->type.text);
        if (scope->kind == AST_SCOPE_IS_IN) {
            buf_add_c(out, " in ");
            print_target(out, scope);
        }
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}

void print_policy(struct buf *out, struct arena *temp, const struct ast_policy *policy) {
    print_annotations(out, temp, policy);
    buf_add_c(out, policy->is_forbid ? "forbid(" : "permit(");
    print_scope(out, AST_PRINCIPAL, &policy->principal);
    buf_add_c(out, ", ");
    print_scope(out, AST_ACTION, &policy->action);
    buf_add_c(out, ", ");
    print_scope(out, AST_RESOURCE, &policy->resource);
    buf_add_byte(out, ')');
    for (size_t i = 0; i < policy->clause_count; i++) {
        buf_add_c(out, policy->clauses[i].is_unless ? " unless { " : " when { ");
        print_expr(out, temp, policy->clauses[i].body);
        buf_add_c(out, " }");
    }
    buf_add_byte(out, ';');
}
