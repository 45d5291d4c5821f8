/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "base/assert.h"
#include "cedar/text/unescape.h"

/* ---- operands ------------------------------------------------------------------------ */

void build_bad(struct parser *p, struct ast_span span, const char *what) {
    p->operand = (struct operand){
        .kind = OPERAND_BAD, .level = LEVEL_MEMBER, .height = 1, .span = span, .what = what};
}

err build_node(struct parser *p, const struct ast_expr *node, uint32_t children_height,
               enum level level, const char *what) {
    if (children_height >= p->limits->max_depth) {
        return parse_too_deep(p, node->span);
    }
    struct ast_expr *copy = ARENA_NEW(p->arena, struct ast_expr);
    if (copy == NULL) {
        return arena_error(p->arena);
    }
    *copy = *node;
    p->operand = (struct operand){.kind = OPERAND_EXPR,
                                  .level = level,
                                  .height = children_height + 1,
                                  .span = node->span,
                                  .what = what,
                                  .expr = copy};
    return ERR_OK;
}

static err new_leaf(struct parser *p, struct ast_expr node, const struct ast_expr **ret) {
    struct ast_expr *copy = ARENA_NEW(p->arena, struct ast_expr);
    if (copy == NULL) {
        return arena_error(p->arena);
    }
    *copy = node;
    *ret = copy;
    return ERR_OK;
}

static void report_variable(struct parser *p, const struct operand *operand) {
    str name = operand->name.text.len > 100 ? parse_quote(p, operand->span) : operand->name.text;
    struct diag *diag = parse_broken(p, operand->span, "invalid variable: %.*s", STR_FMT(name));
    diag_help(p->diags, diag,
              "the valid Cedar variables are `principal`, `action`, `resource`, and `context`; did "
              "you mean to enclose `%.*s` in quotes to make a string?",
              STR_FMT(name));
}

static err resolve_name(struct parser *p, const struct operand *operand,
                        const struct ast_expr **ret) {
    static const str variables[] = {
        [AST_PRINCIPAL] = STR_INIT("principal"),
        [AST_ACTION] = STR_INIT("action"),
        [AST_RESOURCE] = STR_INIT("resource"),
        [AST_CONTEXT] = STR_INIT("context"),
    };
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        if (str_equal(operand->name.text, variables[i])) {
            return new_leaf(
                p,
                (struct ast_expr){.kind = AST_VAR, .span = operand->span, .var = (enum ast_var)i},
                ret);
        }
    }
    if (p->is_scope_value) { /* whatever it is, it is a name there */
        return new_leaf(p, (struct ast_expr){.kind = AST_VAR, .span = operand->name.span}, ret);
    }
    report_variable(p, operand);
    *ret = NULL;
    return ERR_OK;
}

void build_report_large(struct parser *p, struct ast_span span, uint64_t number) {
    struct diag *diag =
        parse_broken(p, span, "integer literal `%llu` is too large", (unsigned long long)number);
    diag_help(p->diags, diag, "maximum allowed integer literal is `%lld`", (long long)INT64_MAX);
}

static err resolve_number(struct parser *p, const struct operand *operand,
                          const struct ast_expr **ret) {
    *ret = NULL;
    if (operand->number > INT64_MAX) {
        build_report_large(p, operand->span, operand->number);
        return ERR_OK;
    }
    return new_leaf(p,
                    (struct ast_expr){.kind = AST_LONG,
                                      .span = operand->span,
                                      .integer = (int64_t)operand->number},
                    ret);
}

err build_resolve(struct parser *p, const struct operand *operand, const struct ast_expr **ret) {
    switch (operand->kind) {
    case OPERAND_BAD:
        *ret = NULL;
        return ERR_OK;
    case OPERAND_EXPR:
        *ret = operand->expr;
        return ERR_OK;
    case OPERAND_NAME:
        return resolve_name(p, operand, ret);
    case OPERAND_NUMBER:
        return resolve_number(p, operand, ret);
    case OPERAND_STRING: {
        str value;
        TRY(build_string(p, operand->span, operand->span, &value));
        if (value.ptr == NULL) {
            *ret = NULL;
            return ERR_OK;
        }
        return new_leaf(
            p, (struct ast_expr){.kind = AST_STRING, .span = operand->span, .string = value}, ret);
    }
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err build_push_item(struct parser *p, enum token_kind op) {
    const struct ast_expr *expr;
    TRY(build_resolve(p, &p->operand, &expr));
    struct frame *frame = expr_top(p);
    frame->height = frame->height > p->operand.height ? frame->height : p->operand.height;
    return VEC_PUSH(p->stacks, &p->items, (struct item){expr, op}) ? ERR_OK
                                                                   : arena_error(p->stacks);
}

err build_take_items(struct parser *p, size_t base, const struct ast_expr *const **ret,
                     size_t *ret_count) {
    size_t count = p->items.count - base;
    const struct ast_expr **list = ARENA_ARRAY(p->arena, const struct ast_expr *, count);
    if (list == NULL) {
        return arena_error(p->arena);
    }
    bool is_bad = false;
    for (size_t i = 0; i < count; i++) {
        list[i] = p->items.items[base + i].expr;
        is_bad = is_bad || list[i] == NULL;
    }
    p->items.count = base;
    *ret = is_bad ? NULL : list;
    *ret_count = count;
    return ERR_OK;
}

/* ---- strings ------------------------------------------------------------------------- */

str build_string_body(const struct parser *p, struct ast_span literal) {
    return str_slice(p->text, literal.start + 1, literal.end - 1);
}

void build_report_escapes(struct parser *p, str body, enum unescape_mode mode,
                          struct ast_span where) {
    size_t offset = 0;
    struct unescaped one;
    while (unescape_next(body, &offset, mode, &one)) {
        if (one.is_bad) {
            uint32_t start = (uint32_t)(one.source.ptr - p->text.ptr);
            struct ast_span piece = parse_span(start, start + (uint32_t)one.source.len);
            parse_broken(p, where, "the input `%.*s` is not a valid escape",
                         STR_FMT(parse_quote(p, piece)));
        }
    }
}

err build_string(struct parser *p, struct ast_span literal, struct ast_span where, str *ret) {
    str body = build_string_body(p, literal);
    err error = unescape_string(p->arena, body, ret);
    if (error == ERR_SYNTAX) {
        build_report_escapes(p, body, UNESCAPE_STRING, where);
        *ret = str_make(NULL, 0);
        error = ERR_OK;
    }
    return error;
}

/* ---- sets and records ---------------------------------------------------------------- */

err build_set(struct parser *p, const struct frame *frame) {
    struct ast_expr node = {.kind = AST_SET, .span = parse_span(frame->start, p->last_end)};
    TRY(build_take_items(p, frame->base, &node.set.items, &node.set.count));
    if (node.set.items == NULL) {
        build_bad(p, node.span, NULL);
        return ERR_OK;
    }
    return build_node(p, &node, frame->height, LEVEL_MEMBER, NULL);
}

static err check_keys(struct parser *p, const struct ast_field *fields, size_t count,
                      struct ast_span span, bool *ret_is_bad) {
    struct arena_mark mark = arena_mark(p->arena);
    str *names = ARENA_ARRAY(p->arena, str, count);
    if (names == NULL) {
        return arena_error(p->arena);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = fields[i].name;
    }
    size_t repeat;
    TRY(parse_first_repeat(p, names, count, &repeat));
    arena_reset(p->arena, mark);
    if (repeat != SIZE_MAX) {
        str name = fields[repeat].name;
        parse_broken(p, span, "duplicate key `%.*s` in record literal",
                     STR_FMT(str_slice(name, 0, name.len < 100 ? name.len : 100)));
        *ret_is_bad = true;
    }
    return ERR_OK;
}

err build_record(struct parser *p, const struct frame *frame) {
    struct ast_span span = parse_span(frame->start, p->last_end);
    size_t count = p->fields.count - frame->base;
    struct ast_field *fields = ARENA_ARRAY(p->arena, struct ast_field, count);
    if (fields == NULL) {
        return arena_error(p->arena);
    }
    bool is_bad = false;
    for (size_t i = 0; i < count; i++) {
        fields[i] = p->fields.items[frame->base + i];
        is_bad = is_bad || fields[i].value == NULL || fields[i].name.ptr == NULL;
    }
    p->fields.count = frame->base;
    if (!is_bad) {
        TRY(check_keys(p, fields, count, span, &is_bad));
    }
    if (is_bad) {
        build_bad(p, span, "record initializer");
        return ERR_OK;
    }
    struct ast_expr node = {
        .kind = AST_RECORD, .span = span, .record = {.count = count, .fields = fields}};
    return build_node(p, &node, frame->height, LEVEL_MEMBER, "record initializer");
}
