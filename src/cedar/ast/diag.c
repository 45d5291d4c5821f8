/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/ast/diag.h"

#include <stdarg.h>
#include <stdio.h>

void diag_list_init(struct diag_list *list, struct arena *arena) {
    *list = (struct diag_list){.arena = arena};
}

/* An absent str when memory is out. */
static str format_text(struct diag_list *list, const char *format, va_list args) PRINTF_LIKE(2, 0);

static str format_text(struct diag_list *list, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    str text = {NULL, 0};
    if (length >= 0) {
        char *room = arena_alloc(list->arena, (size_t)length + 1);
        if (room != NULL) {
            vsnprintf(room, (size_t)length + 1, format, args);
            text = str_make(room, (size_t)length);
        }
    }
    if (text.ptr == NULL) {
        list->is_cut = true;
    }
    return text;
}

static bool is_full(const struct diag_list *list) {
    return list->items.count >= (list->max == 0 ? DIAG_MAX : list->max);
}

bool diag_take(struct diag_list *list, const struct diag *diag) {
    struct diag added = *diag;
    added.has_span = diag->has_span && list->source_text.ptr != NULL;
    added.source_name = list->source_name;
    added.source_text = list->source_text;
    added.origin = list->origin;
    if (is_full(list) || !VEC_PUSH(list->arena, &list->items, added)) {
        list->is_cut = true;
        return false;
    }
    return true;
}

static struct diag *keep(struct diag_list *list, enum diag_severity severity, struct ast_span span,
                         str message) {
    struct diag diag = {
        .severity = severity,
        .has_span = list->source_text.ptr != NULL,
        .span = span,
        .message = message,
        .source_name = list->source_name,
        .source_text = list->source_text,
        .origin = list->origin,
    };
    if (diag.message.ptr == NULL || !VEC_PUSH(list->arena, &list->items, diag)) {
        list->is_cut = true;
        return NULL;
    }
    return &list->items.items[list->items.count - 1];
}

struct diag *diag_add(struct diag_list *list, enum diag_severity severity, struct ast_span span,
                      const char *format, ...) {
    if (list == NULL) {
        return NULL;
    }
    if (is_full(list)) {
        list->is_cut = true;
        return NULL;
    }
    va_list args;
    va_start(args, format);
    str message = format_text(list, format, args);
    va_end(args);
    return keep(list, severity, span, message);
}

struct diag *diag_add_text(struct diag_list *list, enum diag_severity severity,
                           struct ast_span span, str text) {
    if (list == NULL) {
        return NULL;
    }
    str message = {NULL, 0};
    if (is_full(list) || arena_copy(list->arena, text, &message) != ERR_OK) {
        list->is_cut = true;
        return NULL;
    }
    return keep(list, severity, span, message);
}

void diag_label(struct diag_list *list, struct diag *diag, const char *format, ...) {
    if (list != NULL && diag != NULL) {
        va_list args;
        va_start(args, format);
        diag->label = format_text(list, format, args);
        va_end(args);
    }
}

void diag_help(struct diag_list *list, struct diag *diag, const char *format, ...) {
    if (list != NULL && diag != NULL) {
        va_list args;
        va_start(args, format);
        diag->help = format_text(list, format, args);
        va_end(args);
    }
}
