/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/ast/diag.h"

#include <stdarg.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"

void diag_list_init(struct diag_list *list, struct arena *arena) {
    *list = (struct diag_list){.arena = arena};
}

struct arguments {
    va_list list;
};

/* One conversion behind a `%`; what stands behind it. Texts may have NUL bytes in them, which is
 * why printf is not asked. */
static const char *add_conversion(struct buf *out, const char *at, struct arguments *args) {
    if (strncmp(at, ".*s", 3) == 0) {
        int length = va_arg(args->list, int);
        const char *text = va_arg(args->list, const char *);
        buf_add(out, str_make(text, length < 0 ? 0 : (size_t)length));
        return at + 3;
    }
    if (strncmp(at, "lld", 3) == 0) {
        buf_add_i64(out, va_arg(args->list, long long));
        return at + 3;
    }
    if (strncmp(at, "zu", 2) == 0) {
        buf_add_u64(out, va_arg(args->list, size_t));
        return at + 2;
    }
    switch (*at) {
    case 's':
        buf_add_c(out, va_arg(args->list, const char *));
        return at + 1;
    case 'u':
        buf_add_u64(out, va_arg(args->list, unsigned));
        return at + 1;
    case 'd':
        buf_add_i64(out, va_arg(args->list, int));
        return at + 1;
    case '%':
        buf_add_byte(out, '%');
        return at + 1;
    default: /* one that messages have not needed yet */
        NOT_REACHED();
        buf_fail(out, ERR_INTERNAL);
        return at;
    }
}

/* An absent str when memory is out. */
static str format_text(struct diag_list *list, const char *format, va_list list_args)
    PRINTF_LIKE(2, 0);

static str format_text(struct diag_list *list, const char *format, va_list list_args) {
    struct arguments args;
    struct buf out;
    str text = {NULL, 0};
    va_copy(args.list, list_args);
    buf_init_arena(&out, list->arena, SIZE_MAX / 2);
    while (*format != '\0' && out.error == ERR_OK) {
        if (*format == '%') {
            format = add_conversion(&out, format + 1, &args);
            continue;
        }
        const char *plain = format;
        while (*format != '\0' && *format != '%') {
            format++;
        }
        buf_add(&out, str_make(plain, (size_t)(format - plain)));
    }
    va_end(args.list);
    if (buf_finish(&out, &text) != ERR_OK) {
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

void diag_other(struct diag *diag, struct ast_span span, str label) {
    if (diag != NULL && diag->source_text.ptr != NULL) {
        diag->other = (struct diag_other){.is_there = true,
                                          .span = span,
                                          .label = label,
                                          .source_name = diag->source_name,
                                          .source_text = diag->source_text};
    }
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
