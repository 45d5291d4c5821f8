/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions. */
#include "cedar/text/print.h"

#include "base/assert.h"
#include "base/utf8.h"
#include "cedar/value/value.h"

/* Changes of the operator in one chain up to which each is shown by parentheses. Behind that the
 * chain is printed without: parentheses nest, and the parser limits nesting. */
enum { CHAIN_CHANGES_MAX = 16 };

static bool is_wide_has(const struct ast_expr *expr) {
    if (expr->kind != AST_HAS || expr->has.count < 2) {
        return false;
    }
    for (size_t i = 0; i < expr->has.count; i++) {
        if (!ast_is_identifier(expr->has.path[i])) {
            return true;
        }
    }
    return false;
}

/* Stands alone as an operand. */
static bool is_primary(const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG: /* a negative one brings its own parentheses */
    case AST_STRING:
    case AST_ENTITY:
    case AST_VAR:
    case AST_SLOT:
    case AST_GET:
    case AST_SET:
    case AST_RECORD:
    case AST_CALL:
        return true;
    case AST_HAS:
        return is_wide_has(expr); /* likewise */
    case AST_BINARY:
        return expr->binary.op >= AST_OP_CONTAINS;
    case AST_UNARY:
        return expr->unary.op == AST_OP_IS_EMPTY;
    case AST_CHAIN:
    case AST_LIKE:
    case AST_IS:
    case AST_IF:
        return false;
    }
    NOT_REACHED();
    return false;
}

static void print_wrapped(struct buf *out, struct arena *temp, const struct ast_expr *expr,
                          bool has_parens) {
    if (has_parens) {
        buf_add_byte(out, '(');
    }
    print_expr(out, temp, expr);
    if (has_parens) {
        buf_add_byte(out, ')');
    }
}

static void print_operand(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    print_wrapped(out, temp, expr, !is_primary(expr));
}

static void print_op(struct buf *out, enum ast_op op) {
    buf_add_byte(out, ' ');
    buf_add_c(out, ast_op_text(op));
    buf_add_byte(out, ' ');
}

/* ---- operators ---- */

/* The operator that a chain on the left of `op` ends with is the same: no parentheses. */
static bool continues(const struct ast_expr *first, uint8_t op) {
    return first->kind == AST_CHAIN && first->chain.ops[first->chain.count - 1] == op;
}

static void print_chain(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    const uint8_t *ops = expr->chain.ops;
    size_t changes = 0;
    for (size_t i = 2; i < expr->chain.count; i++) {
        changes += ops[i] != ops[i - 1];
    }
    bool is_shown = changes <= CHAIN_CHANGES_MAX;
    for (size_t i = 0; is_shown && i < changes; i++) {
        buf_add_byte(out, '(');
    }
    const struct ast_expr *first = expr->chain.operands[0];
    print_wrapped(out, temp, first, !is_primary(first) && !continues(first, ops[1]));
    for (size_t i = 1; i < expr->chain.count; i++) {
        if (is_shown && i > 1 && ops[i] != ops[i - 1]) {
            buf_add_byte(out, ')');
        }
        print_op(out, (enum ast_op)ops[i]);
        print_operand(out, temp, expr->chain.operands[i]);
    }
}

static void print_method(struct buf *out, struct arena *temp, const struct ast_expr *object,
                         const char *name, const struct ast_expr *arg) {
    print_operand(out, temp, object);
    buf_add_byte(out, '.');
    buf_add_c(out, name);
    buf_add_byte(out, '(');
    if (arg != NULL) {
        print_expr(out, temp, arg);
    }
    buf_add_byte(out, ')');
}

static void print_binary(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    if (expr->binary.op >= AST_OP_CONTAINS) {
        print_method(out, temp, expr->binary.left, ast_op_text(expr->binary.op),
                     expr->binary.right);
        return;
    }
    print_operand(out, temp, expr->binary.left);
    print_op(out, expr->binary.op);
    print_operand(out, temp, expr->binary.right);
}

static void print_unary(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    const struct ast_expr *operand = expr->unary.operand;
    if (expr->unary.op == AST_OP_IS_EMPTY) {
        print_method(out, temp, operand, ast_op_text(expr->unary.op), NULL);
        return;
    }
    bool is_neg = expr->unary.op == AST_OP_NEG;
    buf_add_byte(out, is_neg ? '-' : '!');
    print_wrapped(out, temp, operand, is_neg || !is_primary(operand));
}

static void print_is(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    print_operand(out, temp, expr->is.object);
    buf_add_c(out, " is ");
    buf_add(out, expr->is.type.text);
    if (expr->is.in != NULL) {
        buf_add_c(out, " in ");
        print_operand(out, temp, expr->is.in);
    }
}

static void print_if(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    buf_add_c(out, "if ");
    print_expr(out, temp, expr->cond.test);
    buf_add_c(out, " then ");
    print_expr(out, temp, expr->cond.yes);
    buf_add_c(out, " else ");
    print_expr(out, temp, expr->cond.no);
}

/* ---- attributes ---- */

static void print_get(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    print_operand(out, temp, expr->get.object);
    if (ast_is_identifier(expr->get.attr)) {
        buf_add_byte(out, '.');
        buf_add(out, expr->get.attr);
    } else {
        buf_add_byte(out, '[');
        print_quoted(out, expr->get.attr);
        buf_add_byte(out, ']');
    }
}

/* The first `count` names of a path as attribute accesses. */
static void print_path(struct buf *out, struct arena *temp, const struct ast_expr *expr,
                       size_t count) {
    print_operand(out, temp, expr->has.object);
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(out, '[');
        print_quoted(out, expr->has.path[i]);
        buf_add_byte(out, ']');
    }
}

/* (e has "a b" && e["a b"] has "c"): text has no path with such names. */
static void print_wide_has(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    buf_add_byte(out, '(');
    for (size_t i = 0; i < expr->has.count; i++) {
        buf_add_c(out, i == 0 ? "" : " && ");
        print_path(out, temp, expr, i);
        buf_add_c(out, " has ");
        print_quoted(out, expr->has.path[i]);
    }
    buf_add_byte(out, ')');
}

static void print_has(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    if (is_wide_has(expr)) {
        print_wide_has(out, temp, expr);
        return;
    }
    print_operand(out, temp, expr->has.object);
    buf_add_c(out, " has ");
    for (size_t i = 0; i < expr->has.count; i++) {
        buf_add_c(out, i == 0 ? "" : ".");
        print_name(out, expr->has.path[i]);
    }
}

static void print_like(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    print_operand(out, temp, expr->like.object);
    buf_add_c(out, " like \"");
    for (size_t i = 0; i < expr->like.pattern.count; i++) {
        uint32_t item = expr->like.pattern.items[i];
        char bytes[UTF8_MAX_BYTES];
        if (item == AST_WILDCARD) {
            buf_add_byte(out, '*');
        } else if (item == '*') {
            buf_add_c(out, "\\*");
        } else {
            escape_debug(out, str_make(bytes, utf8_encode(item, bytes)));
        }
    }
    buf_add_byte(out, '"');
}

/* ---- literals, lists, calls ---- */

static void print_list(struct buf *out, struct arena *temp, const struct ast_expr *const *items,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        print_expr(out, temp, items[i]);
    }
}

static void print_record(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    struct arena_mark mark = arena_mark(temp);
    const struct ast_field **sorted = print_sorted_fields(temp, expr);
    if (sorted == NULL) {
        buf_fail(out, arena_error(temp));
        return;
    }
    buf_add_byte(out, '{');
    for (size_t i = 0; i < expr->record.count; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        if (expr->record.is_value) {
            print_quoted(out, sorted[i]->name);
        } else {
            print_name(out, sorted[i]->name);
        }
        buf_add_c(out, ": ");
        print_expr(out, temp, sorted[i]->value);
    }
    buf_add_byte(out, '}');
    arena_reset(temp, mark);
}

static void print_call(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    size_t first = 0;
    if (expr->call.is_method && expr->call.count > 0) {
        print_operand(out, temp, expr->call.args[0]);
        buf_add_byte(out, '.');
        first = 1;
    }
    buf_add(out, expr->call.name);
    buf_add_byte(out, '(');
    print_list(out, temp, expr->call.args + first, expr->call.count - first);
    buf_add_byte(out, ')');
}

static void print_long(struct buf *out, int64_t number) {
    buf_add_c(out, number < 0 ? "(" : "");
    buf_add_i64(out, number);
    buf_add_c(out, number < 0 ? ")" : "");
}

void print_expr(struct buf *out, struct arena *temp, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
        buf_add_c(out, expr->boolean ? "true" : "false");
        return;
    case AST_LONG:
        print_long(out, expr->integer);
        return;
    case AST_STRING:
        print_quoted(out, expr->string);
        return;
    case AST_ENTITY:
        print_uid(out, &expr->uid);
        return;
    case AST_VAR:
        buf_add(out, print_var_text(expr->var));
        return;
    case AST_SLOT:
        buf_add(out, print_slot_text(expr->slot));
        return;
    case AST_CHAIN:
        print_chain(out, temp, expr);
        return;
    case AST_BINARY:
        print_binary(out, temp, expr);
        return;
    case AST_UNARY:
        print_unary(out, temp, expr);
        return;
    case AST_GET:
        print_get(out, temp, expr);
        return;
    case AST_HAS:
        print_has(out, temp, expr);
        return;
    case AST_LIKE:
        print_like(out, temp, expr);
        return;
    case AST_IS:
        print_is(out, temp, expr);
        return;
    case AST_IF:
        print_if(out, temp, expr);
        return;
    case AST_SET:
        buf_add_byte(out, '[');
        print_list(out, temp, expr->set.items, expr->set.count);
        buf_add_byte(out, ']');
        return;
    case AST_RECORD:
        print_record(out, temp, expr);
        return;
    case AST_CALL:
        print_call(out, temp, expr);
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}
