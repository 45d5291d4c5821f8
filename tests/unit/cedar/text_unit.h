/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_UNIT_H
#define TEXT_UNIT_H
/* Shared by the tests of cedar/text: one parse with its arena, and the tree as prefix text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "cedar/text/parse.h"

struct text_unit {
    struct arena arena;
    struct diag_list diags;
    struct buf out;
};

static inline void text_unit_init(struct text_unit *unit, str source) {
    arena_init(&unit->arena, allocator_libc(), (size_t)1 << 30);
    diag_list_init(&unit->diags, &unit->arena);
    unit->diags.source_text = source;
    buf_init_arena(&unit->out, &unit->arena, 1 << 20);
}

static inline void text_unit_done(struct text_unit *unit) {
    arena_done(&unit->arena);
}

static inline void text_show(struct buf *out, const struct ast_expr *e);

static inline void text_show_list(struct buf *out, const struct ast_expr *const *items,
                                  size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(out, ' ');
        text_show(out, items[i]);
    }
}

static inline void text_show_uid(struct buf *out, const struct ast_uid *uid) {
    buf_format(out, "%.*s::\"%.*s\"", STR_FMT(uid->type.text), STR_FMT(uid->id));
}

static inline void text_show_pattern(struct buf *out, struct ast_pattern pattern) {
    for (size_t i = 0; i < pattern.count; i++) {
        char bytes[UTF8_MAX_BYTES];
        if (pattern.items[i] == AST_WILDCARD) {
            buf_add_c(out, "<*>");
        } else {
            buf_add(out, str_make(bytes, utf8_encode(pattern.items[i], bytes)));
        }
    }
}

/* `1 + x == [2]` is shown as (== (+ 1 x) [ 2]). */
static inline void text_show(struct buf *out, const struct ast_expr *e) {
    static const char *const variables[] = {"principal", "action", "resource", "context"};
    switch (e->kind) {
    case AST_BOOL:
        buf_add_c(out, e->boolean ? "true" : "false");
        return;
    case AST_LONG:
        buf_add_i64(out, e->integer);
        return;
    case AST_STRING:
        buf_format(out, "\"%.*s\"", STR_FMT(e->string));
        return;
    case AST_ENTITY:
        text_show_uid(out, &e->uid);
        return;
    case AST_VAR:
        buf_add_c(out, variables[e->var]);
        return;
    case AST_SLOT:
        buf_add_c(out, "?");
        return;
    case AST_CHAIN:
        buf_add_c(out, "(");
        for (size_t i = 1; i < e->chain.count; i++) {
            buf_add_c(out, ast_op_text((enum ast_op)e->chain.ops[i]));
        }
        text_show_list(out, e->chain.operands, e->chain.count);
        buf_add_c(out, ")");
        return;
    case AST_BINARY:
        buf_format(out, "(%s ", ast_op_text(e->binary.op));
        text_show(out, e->binary.left);
        buf_add_c(out, " ");
        text_show(out, e->binary.right);
        buf_add_c(out, ")");
        return;
    case AST_UNARY:
        buf_format(out, "(%s ", ast_op_text(e->unary.op));
        text_show(out, e->unary.operand);
        buf_add_c(out, ")");
        return;
    case AST_GET:
        buf_add_c(out, "(. ");
        text_show(out, e->get.object);
        buf_format(out, " %.*s)", STR_FMT(e->get.attr));
        return;
    case AST_HAS:
        buf_add_c(out, "(has ");
        text_show(out, e->has.object);
        for (size_t i = 0; i < e->has.count; i++) {
            buf_format(out, " %.*s", STR_FMT(e->has.path[i]));
        }
        buf_add_c(out, ")");
        return;
    case AST_LIKE:
        buf_add_c(out, "(like ");
        text_show(out, e->like.object);
        buf_add_c(out, " ");
        text_show_pattern(out, e->like.pattern);
        buf_add_c(out, ")");
        return;
    case AST_IS:
        buf_add_c(out, "(is ");
        text_show(out, e->is.object);
        buf_format(out, " %.*s", STR_FMT(e->is.type.text));
        if (e->is.in != NULL) {
            buf_add_c(out, " ");
            text_show(out, e->is.in);
        }
        buf_add_c(out, ")");
        return;
    case AST_IF:
        buf_add_c(out, "(if ");
        text_show(out, e->cond.test);
        buf_add_c(out, " ");
        text_show(out, e->cond.yes);
        buf_add_c(out, " ");
        text_show(out, e->cond.no);
        buf_add_c(out, ")");
        return;
    case AST_SET:
        buf_add_c(out, "[");
        text_show_list(out, e->set.items, e->set.count);
        buf_add_c(out, "]");
        return;
    case AST_RECORD:
        buf_add_c(out, "{");
        for (size_t i = 0; i < e->record.count; i++) {
            buf_format(out, " %.*s=", STR_FMT(e->record.fields[i].name));
            text_show(out, e->record.fields[i].value);
        }
        buf_add_c(out, "}");
        return;
    case AST_CALL:
        buf_format(out, "(%s%.*s", e->call.is_method ? "." : "", STR_FMT(e->call.name));
        text_show_list(out, e->call.args, e->call.count);
        buf_add_c(out, ")");
        return;
    }
}

static inline void assert_text(str actual, const char *expected, const char *source) {
    if (!str_equal_c(actual, expected)) {
        print_error("source:   %s\nactual:   %.*s\nexpected: %s\n", source, STR_FMT(actual),
                    expected);
        fail();
    }
}

#endif
