/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include <stdarg.h>
#include <stdio.h>

enum { QUOTE_MAX = 200, LIST_MAX = 600, MESSAGE_MAX = 400 };

str parse_slice(const struct parser *p, struct ast_span span) {
    return str_slice(p->text, span.start, span.end);
}

str parse_quote(const struct parser *p, struct ast_span span) {
    str slice = parse_slice(p, span);
    bool is_long = slice.len > QUOTE_MAX;
    if (!is_long && str_find_byte(slice, '\0') == SIZE_MAX) {
        return slice;
    }
    size_t len = is_long ? QUOTE_MAX : slice.len;
    while (is_long && ((unsigned char)slice.ptr[len] & 0xC0) == 0x80) {
        len--; /* not inside a character */
    }
    char *copy = p->diags == NULL ? NULL : arena_alloc(p->diags->arena, len + 3);
    if (copy == NULL) {
        return str_make("", 0);
    }
    for (size_t i = 0; i < len; i++) {
        copy[i] = slice.ptr[i] == '\0' ? ' ' : slice.ptr[i];
    }
    memcpy(copy + len, "...", 3);
    return str_make(copy, is_long ? len + 3 : len);
}

void parse_advance(struct parser *p) {
    p->last_end = p->token.span.end;
    lex_next(&p->lexer, &p->token);
}

size_t parse_diag_count(const struct parser *p) {
    return p->diags == NULL ? 0 : p->diags->items.count;
}

void parse_forget(struct parser *p, size_t diag_mark, size_t error_mark) {
    if (p->syntax_count > 0) {
        return; /* there are none */
    }
    if (p->diags != NULL) {
        p->diags->items.count = diag_mark;
    }
    p->error_count = error_mark;
}

static struct diag *note(struct parser *p, struct ast_span span, const char *format, va_list args)
    PRINTF_LIKE(3, 0);

static struct diag *note(struct parser *p, struct ast_span span, const char *format, va_list args) {
    char text[MESSAGE_MAX];
    int length = vsnprintf(text, sizeof text, format, args);
    size_t len = length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    while (len == sizeof text - 1 && len > 0 && ((unsigned char)text[len - 1] & 0x80) != 0) {
        len--; /* a cut message does not end inside a character */
    }
    return diag_add(p->diags, DIAG_ERROR, span, "%.*s", STR_FMT(str_make(text, len)));
}

struct diag *parse_broken(struct parser *p, struct ast_span span, const char *format, ...) {
    p->error_count++;
    if (p->diags == NULL || p->syntax_count > 0) {
        return NULL;
    }
    va_list args;
    va_start(args, format);
    struct diag *diag = note(p, span, format, args);
    va_end(args);
    return diag;
}

static struct diag *note_syntax(struct parser *p, struct ast_span span, const char *format, ...)
    PRINTF_LIKE(3, 4);

static struct diag *note_syntax(struct parser *p, struct ast_span span, const char *format, ...) {
    parse_forget(p, p->first_diag, 0);
    p->syntax_count++;
    p->is_over = p->syntax_count >= DIAG_MAX; /* enough of them */
    va_list args;
    va_start(args, format);
    struct diag *diag = note(p, span, format, args);
    va_end(args);
    return diag;
}

err parse_too_deep(struct parser *p, struct ast_span span) {
    struct diag *diag = parse_broken(p, span, "the expression is nested more than %u levels deep",
                                     p->limits->max_depth);
    diag_help(p->diags, diag, "split the expression over several clauses or policies");
    return ERR_LIMIT;
}

/* `a`, `b`, or `c` */
static void list_expected(struct parser *p, struct diag *diag, token_set expected) {
    expected &= ~TOKEN_BIT(TOKEN_END); /* nobody types it */
    char list[LIST_MAX];
    size_t len = 0;
    size_t total = 0;
    for (unsigned kind = 0; kind < TOKEN_KIND_COUNT; kind++) {
        total += (expected & TOKEN_BIT(kind)) != 0;
    }
    size_t seen = 0;
    for (unsigned kind = 0; kind < TOKEN_KIND_COUNT; kind++) {
        if ((expected & TOKEN_BIT(kind)) == 0) {
            continue;
        }
        const char *between = seen == 0          ? ""
                              : seen + 1 < total ? ", "
                              : total == 2       ? " or "
                                                 : ", or ";
        int size = snprintf(list + len, sizeof list - len, "%s%s", between,
                            lex_kind_text((enum token_kind)kind));
        if (size > 0 && (size_t)size < sizeof list - len) {
            len += (size_t)size;
        }
        seen++;
    }
    if (total > 0) {
        diag_label(p->diags, diag, "expected %.*s", STR_FMT(str_make(list, len)));
    }
}

void parse_end_with(struct parser *p) {
    p->is_over = true;
    if (p->diags == NULL || p->diags->items.count <= p->first_diag) {
        return;
    }
    struct diag *first = &p->diags->items.items[p->first_diag];
    size_t count = p->diags->items.count - p->first_diag;
    struct diag last = first[count - 1];
    memmove(first + 1, first, (count - 1) * sizeof *first);
    *first = last;
}

static void note_invalid(struct parser *p) {
    uint32_t at = p->token.span.start;
    struct diag *diag = note_syntax(p, parse_span(at, at), "invalid token");
    if (p->text.ptr[at] == '"') {
        diag_help(p->diags, diag, "try checking that all strings are closed properly");
    } else if (p->text.ptr[at] == '\'') {
        diag_help(p->diags, diag, "strings must use double quotes, not single quotes");
    }
    parse_end_with(p);
}

void parse_replace_invalid(struct parser *p) {
    if (p->diags != NULL && p->diags->items.count > p->first_diag) {
        p->diags->items.count--;
    }
    note_invalid(p);
}

err parse_number_too_large(struct parser *p, struct ast_span span) {
    note_syntax(p, span, "integer parse error: number too large to fit in target type");
    parse_end_with(p);
    return ERR_SYNTAX;
}

err parse_unexpected(struct parser *p, token_set expected) {
    struct ast_span span = p->token.span;
    if (p->token.kind == TOKEN_INVALID) {
        note_invalid(p);
    } else if (p->token.kind == TOKEN_END) {
        /* Behind the last token, not behind the blank space after it. */
        span = parse_span(p->last_end, p->last_end);
        list_expected(p, note_syntax(p, span, "unexpected end of input"), expected);
    } else {
        str token = parse_quote(p, span);
        list_expected(p, note_syntax(p, span, "unexpected token `%.*s`", STR_FMT(token)), expected);
    }
    return ERR_SYNTAX;
}

err parse_expect(struct parser *p, enum token_kind kind, token_set expected) {
    if (p->token.kind != kind) {
        return parse_unexpected(p, expected);
    }
    parse_advance(p);
    return ERR_OK;
}

/* ---- repeated names ------------------------------------------------------------------ */

/* Order by name, then by position. */
static bool is_before(const str *names, size_t a, size_t b) {
    int order = str_compare(names[a], names[b]);
    return order != 0 ? order < 0 : a < b;
}

static void sift_down(const str *names, size_t *heap, size_t root, size_t count) {
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && is_before(names, heap[child], heap[child + 1])) {
            child++;
        }
        if (!is_before(names, heap[root], heap[child])) {
            return;
        }
        size_t swapped = heap[root];
        heap[root] = heap[child];
        heap[child] = swapped;
        root = child;
    }
}

/* Heap sort: the names come from outside, so nothing may be quadratic in their number. */
err parse_first_repeat(struct parser *p, const str *names, size_t count, size_t *ret_index) {
    size_t repeat = SIZE_MAX;
    if (count >= 2) {
        struct arena_mark mark = arena_mark(p->arena);
        size_t *heap = ARENA_ARRAY(p->arena, size_t, count);
        if (heap == NULL) {
            return arena_error(p->arena);
        }
        for (size_t i = 0; i < count; i++) {
            heap[i] = i;
        }
        for (size_t i = count / 2; i-- > 0;) {
            sift_down(names, heap, i, count);
        }
        for (size_t end = count - 1; end > 0; end--) {
            size_t largest = heap[0];
            heap[0] = heap[end];
            heap[end] = largest;
            sift_down(names, heap, 0, end);
        }
        for (size_t i = 1; i < count; i++) {
            if (heap[i] < repeat && str_equal(names[heap[i]], names[heap[i - 1]])) {
                repeat = heap[i];
            }
        }
        arena_reset(p->arena, mark);
    }
    *ret_index = repeat;
    return ERR_OK;
}
