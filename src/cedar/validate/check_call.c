/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of extension functions. The literals that constructors are given are read here, so that a
 * bad one is found before it fails a request. */
#include "cedar/validate/check_int.h"

#include "cedar/ext/functions.h"

static void file_count(struct checker *c, const struct ast_expr *expr, size_t expected) {
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_ARGUMENT_COUNT, expr->span);
    buf_add_c(&d.message, "wrong number of arguments in extension function application. Expected ");
    buf_add_u64(&d.message, expected);
    buf_add_c(&d.message, ", got ");
    buf_add_u64(&d.message, expr->call.count);
    draft_file(&d);
}

static const char *literal_noun(enum value_kind kind) {
    return kind == VALUE_IPADDR     ? "IP address: `\""
           : kind == VALUE_DECIMAL  ? "a decimal value: `\""
           : kind == VALUE_DATETIME ? "a datetime value: `\""
                                    : "a duration value: `\"";
}

static void file_literal(struct checker *c, const struct ast_expr *expr, str text,
                         enum value_kind kind, str help) {
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_LITERAL, expr->span);
    buf_add_c(&d.message,
              "error during extension function argument validation: failed to parse as ");
    buf_add_c(&d.message, literal_noun(kind));
    escape_debug(&d.message, text);
    buf_add_c(&d.message, "\"`");
    buf_add(&d.help, help);
    draft_file(&d);
}

/* Reads the literal of a constructor; true when there is none to read. */
static bool has_good_literal(struct checker *c, const struct ast_expr *expr,
                             const struct ext_function *function) {
    const struct ast_expr *literal =
        expr->call.count == 1 ? check_literal(c, expr->call.args[0]) : NULL;
    if (literal == NULL || literal->kind != AST_STRING) {
        return true;
    }
    struct value argument = value_string(literal->string);
    struct value result;
    struct ext_error error = {0};
    if (ext_call(function, c->temp, &argument, 1, &result, &error) == ERR_OK) {
        return true;
    }
    file_literal(c, expr, literal->string, function->result, error.help);
    return false;
}

static bool has_only_literals(struct checker *c, const struct ast_expr *expr) {
    for (size_t i = 0; i < expr->call.count; i++) {
        if (check_literal(c, expr->call.args[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool check_form(struct checker *c, const struct ast_expr *expr,
                       const struct ext_function *function) {
    bool is_right = true;
    if (expr->call.count != function->arity) {
        file_count(c, expr, function->arity);
        is_right = false;
    }
    if (!ext_function_is_constructor(function)) {
        return is_right;
    }
    is_right = has_good_literal(c, expr, function) && is_right;
    if (c->mode == TYPE_STRICT && !has_only_literals(c, expr)) {
        file_plain(c, VALIDATE_NON_LITERAL, expr->span,
                   "extension constructors may not be called with non-literal expressions",
                   "consider applying extension constructors inside attribute values when "
                   "constructing entity or context data");
        is_right = false;
    }
    return is_right;
}

static bool check_arguments(struct checker *c, struct typed *typed,
                            const struct ext_function *function) {
    const struct ast_expr *expr = typed->expr;
    bool is_right = true;
    for (size_t i = 0; i < expr->call.count; i++) {
        struct want want = want_one(types_of_value_kind(c->types, function->args[i]), NULL);
        struct answer argument = check_expect(c, expr->call.args[i], &want);
        typed->parts[i] = argument.typed;
        is_right = is_right && argument.is_right;
    }
    return is_right;
}

/* Something is wrong already: only what is inside the arguments is of interest. */
static void look_into_arguments(struct checker *c, struct typed *typed) {
    const struct ast_expr *expr = typed->expr;
    for (size_t i = 0; i < expr->call.count; i++) {
        typed->parts[i] = check_expr(c, expr->call.args[i]).typed;
    }
}

struct answer check_call(struct checker *c, const struct ast_expr *expr) {
    const struct ext_function *function = ext_function_find(expr->call.name);
    struct typed *typed = typed_new(c, TYPED_CALL, expr, NULL, expr->call.count);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    if (function == NULL) { /* the parser knows the same functions; trees may be made by hand */
        struct draft d;
        draft_init(&d, c->findings, VALIDATE_NO_FUNCTION, expr->span);
        buf_add_c(&d.message, "undefined extension function: ");
        buf_add(&d.message, expr->call.name);
        draft_file(&d);
        look_into_arguments(c, typed);
        return answer_plain(typed, false);
    }
    typed->type = types_of_value_kind(c->types, function->result);
    if (!check_form(c, expr, function)) {
        look_into_arguments(c, typed);
        return answer_plain(typed, false);
    }
    return answer_plain(typed, check_arguments(c, typed, function));
}
