/* SPDX-License-Identifier: Apache-2.0 */
/* Single expressions. */
#include "cedar/api_request_int.h"

#include "base/assert.h"
#include "cedar/ext/functions.h"
#include "cedar/text/print.h"

/* ---- where an evaluation failed ----
 *
 * Code has no places. Who wants to know evaluates the parts of what failed, one by one in the order
 * of the whole, and goes down into the first that fails by itself; when none does, the operator
 * that holds them is what failed. */

struct search {
    cedar_scratch *scratch;
    struct eval *eval;
    const struct ast_expr *at; /* it fails */
    bool is_found;
    struct ast_span span;
};

/* In the scratch's memory, which the caller gives back. */
static err run(struct search *s, const struct ast_expr *expr, bool is_condition,
               struct value *ret) {
    struct lower_options options = api_lower_options(s->scratch->engine);
    struct program program;
    bool truth = false;
    TRY(eval_charge(s->eval, 1 + (expr->span.end - expr->span.start)));
    TRY(is_condition
            ? compile_condition(&s->scratch->arena, &s->scratch->temp, &options, expr, &program)
            : compile_expr(&s->scratch->arena, &s->scratch->temp, &options, expr, &program));
    TRY(eval_prepare(s->eval, &program.code));
    if (!is_condition) {
        return eval_expression(s->eval, 0, ret);
    }
    TRY(eval_condition(s->eval, 0, &truth));
    *ret = value_bool(truth);
    return ERR_OK;
}

static err try_part(struct search *s, const struct ast_expr *expr, bool is_condition,
                    bool *ret_truth) {
    struct arena_mark arena = arena_mark(&s->scratch->arena);
    struct arena_mark temp = arena_mark(&s->scratch->temp);
    struct value value = value_bool(false);
    err error = run(s, expr, is_condition, &value);
    *ret_truth = value.kind == VALUE_BOOL && value.boolean;
    arena_reset(&s->scratch->arena, arena);
    arena_reset(&s->scratch->temp, temp);
    return error;
}

static void found(struct search *s, struct ast_span span) {
    s->span = span;
    s->is_found = true;
}

/* *ret: the search goes on in this part. */
static err look_into(struct search *s, const struct ast_expr *expr, bool *ret) {
    bool ignored;
    err error = try_part(s, expr, false, &ignored);
    *ret = eval_is_policy_error(error);
    if (*ret) {
        s->at = expr;
        return ERR_OK;
    }
    return error;
}

/* The same for what should be a bool. */
static err look_into_condition(struct search *s, const struct ast_expr *expr, bool *ret,
                               bool *ret_truth) {
    err error = try_part(s, expr, true, ret_truth);
    *ret = eval_is_policy_error(error);
    if (!*ret) {
        return error;
    }
    bool is_inside;
    TRY(look_into(s, expr, &is_inside));
    if (!is_inside) {
        found(s, expr->span); /* no bool */
    }
    return ERR_OK;
}

static err look_into_all(struct search *s, const struct ast_expr *const *parts, size_t count,
                         bool *ret) {
    *ret = false;
    for (size_t i = 0; i < count && !*ret; i++) {
        TRY(look_into(s, parts[i], ret));
    }
    return ERR_OK;
}

static err look_into_chain(struct search *s, const struct ast_expr *expr, bool *ret) {
    enum ast_op op = expr->chain.ops[1];
    const bool goes_on = op == AST_OP_AND; /* behind an operand that is this */
    bool truth = goes_on;
    if (op != AST_OP_AND && op != AST_OP_OR) {
        return look_into_all(s, expr->chain.operands, expr->chain.count, ret);
    }
    *ret = false;
    for (size_t i = 0; i < expr->chain.count && !*ret && truth == goes_on; i++) {
        TRY(look_into_condition(s, expr->chain.operands[i], ret, &truth));
    }
    return ERR_OK;
}

static err look_into_if(struct search *s, const struct ast_expr *expr, bool *ret) {
    bool truth = false;
    TRY(look_into_condition(s, expr->cond.test, ret, &truth));
    return *ret ? ERR_OK : look_into(s, truth ? expr->cond.yes : expr->cond.no, ret);
}

static err look_into_fields(struct search *s, const struct ast_expr *expr, bool *ret) {
    const struct ast_field **sorted = print_sorted_fields(&s->scratch->temp, expr);
    *ret = false;
    if (sorted == NULL) {
        return arena_error(&s->scratch->temp);
    }
    for (size_t i = 0; i < expr->record.count && !*ret; i++) {
        TRY(look_into(s, sorted[i]->value, ret));
    }
    return ERR_OK;
}

/* What stands behind `in` is only evaluated for an entity of that type. */
static err look_into_is(struct search *s, const struct ast_expr *expr, bool *ret) {
    struct ast_expr test = *expr;
    bool truth;
    TRY(look_into(s, expr->is.object, ret));
    if (*ret || expr->is.in == NULL) {
        return ERR_OK;
    }
    test.is.in = NULL;
    err error = try_part(s, &test, true, &truth);
    if (eval_is_policy_error(error)) {
        return ERR_OK;
    }
    TRY(error);
    return truth ? look_into(s, expr->is.in, ret) : ERR_OK;
}

static err look_into_unary(struct search *s, const struct ast_expr *expr, bool *ret) {
    bool ignored;
    return expr->unary.op == AST_OP_NOT ? look_into_condition(s, expr->unary.operand, ret, &ignored)
                                        : look_into(s, expr->unary.operand, ret);
}

/* *ret: it is a part that fails. */
static err look_inside(struct search *s, const struct ast_expr *expr, bool *ret) {
    *ret = false;
    switch (expr->kind) {
    case AST_CHAIN:
        return look_into_chain(s, expr, ret);
    case AST_BINARY: {
        const struct ast_expr *operands[] = {expr->binary.left, expr->binary.right};
        return look_into_all(s, operands, ARRAY_LEN(operands), ret);
    }
    case AST_UNARY:
        return look_into_unary(s, expr, ret);
    case AST_GET:
        return look_into(s, expr->get.object, ret);
    case AST_HAS:
        return look_into(s, expr->has.object, ret);
    case AST_LIKE:
        return look_into(s, expr->like.object, ret);
    case AST_IS:
        return look_into_is(s, expr, ret);
    case AST_IF:
        return look_into_if(s, expr, ret);
    case AST_SET:
        return look_into_all(s, expr->set.items, expr->set.count, ret);
    case AST_RECORD:
        return look_into_fields(s, expr, ret);
    case AST_CALL:
        return look_into_all(s, expr->call.args, expr->call.count, ret);
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
    case AST_VAR:
    case AST_SLOT:
        return ERR_OK;
    }
    NOT_REACHED();
    return ERR_OK;
}

static err blame_term(struct search *s, const struct ast_expr *sum) {
    for (size_t i = 0; i < sum->chain.count && !s->is_found; i++) {
        struct value value;
        TRY(run(s, sum->chain.operands[i], false, &value));
        if (value.kind != VALUE_LONG) {
            found(s, sum->chain.operands[i]->span);
        }
    }
    return ERR_OK;
}

static void blame_argument(struct search *s, const struct ast_expr *call) {
    const struct ext_function *function = ext_function_find(call->call.name);
    for (size_t i = 0; i < call->call.count && function != NULL && !s->is_found; i++) {
        if (i < function->arity && s->eval->stack[i]->kind != function->args[i]) {
            found(s, call->call.args[i]->span);
        }
    }
}

/* The first operand, unless it is the second one that is blamed, or an item of it. */
static void blame_one_of(struct search *s, err error, const struct ast_expr *left,
                         const struct ast_expr *right) {
    bool is_left = error == ERR_NOT_FOUND || s->eval->blamed == s->eval->stack[0];
    found(s, is_left ? left->span : right->span);
}

/* What failed is an operator: an operand of the wrong type is to blame, or one that names an entity
 * that is not there. The values of operands are still where they were, at the bottom. */
static err blame_operand(struct search *s) {
    const struct ast_expr *expr = s->at;
    struct value ignored;
    err error = run(s, expr, false, &ignored);
    if (error != ERR_TYPE && (error != ERR_NOT_FOUND || s->eval->blamed == NULL)) {
        return eval_is_policy_error(error) ? ERR_OK : error;
    }
    if (expr->kind == AST_CHAIN) {
        return blame_term(s, expr);
    }
    if (expr->kind == AST_CALL) {
        blame_argument(s, expr);
    } else if (expr->kind == AST_BINARY) {
        blame_one_of(s, error, expr->binary.left, expr->binary.right);
    } else if (expr->kind == AST_IS && expr->is.in != NULL) {
        blame_one_of(s, error, expr->is.object, expr->is.in);
    } else if (expr->kind == AST_GET) {
        found(s, expr->get.object->span);
    } else if (expr->kind == AST_HAS) {
        found(s, expr->has.object->span);
    } else if (expr->kind == AST_LIKE) {
        found(s, expr->like.object->span);
    } else if (expr->kind == AST_IS) {
        found(s, expr->is.object->span);
    } else if (expr->kind == AST_UNARY) {
        found(s, expr->unary.operand->span);
    }
    return ERR_OK;
}

/* Each round goes one level down. False: not to be found with the time and memory there is. */
static bool find_place(struct search *s, struct ast_span *ret) {
    bool goes_on = true;
    while (goes_on && !s->is_found) {
        if (look_inside(s, s->at, &goes_on) != ERR_OK) {
            return false;
        }
    }
    if (!s->is_found && blame_operand(s) != ERR_OK) {
        return false;
    }
    *ret = s->is_found ? s->span : s->at->span;
    return true;
}

/* ---- the calls ---- */

static void start_findings(struct diag_list *diags, cedar_scratch *scratch, str expression) {
    diag_list_init(diags, &scratch->temp);
    diags->source_text = expression;
}

static err compile(cedar_scratch *scratch, str expression, struct diag_list *diags,
                   const struct ast_expr **ret_expr, struct program *ret) {
    struct parse_limits limits = api_parse_limits(scratch->engine);
    TRY(parse_expr(&scratch->temp, expression, &limits, ret_expr, diags));
    struct lower_options options = api_lower_options(scratch->engine);
    /* Constants may be part of the answer, so the program lives as long as that. */
    return compile_expr(&scratch->arena, &scratch->temp, &options, *ret_expr, ret);
}

/* Turns an evaluation error into a finding; `search` finds its place, unless it is NULL. */
static void add_failure(struct diag_list *diags, const struct ext_error *error,
                        struct search *search) {
    struct ast_span span = {0, 0};
    bool has_span = search != NULL && find_place(search, &span);
    struct diag *diag = diag_add(diags, DIAG_ERROR, span, "evaluation failed");
    if (diag != NULL) {
        diag->has_span = has_span;
        diag->message = error->message;
        diag->help = error->help;
    }
}

/* *ret_failed tells an evaluation error from all others. */
static err evaluate(cedar_scratch *scratch, str expression, const cedar_request *request,
                    struct asked *asked, struct diag_list *diags, const cedar_value **ret_value,
                    bool *ret_failed) {
    const struct ast_expr *expr;
    struct program program;
    struct eval e;
    struct value value;
    TRY(compile(scratch, expression, diags, &expr, &program));
    api_request_start(&e, &scratch->arena, request, asked);
    TRY(eval_prepare(&e, &program.code));
    err error = eval_expression(&e, 0, &value);
    if (api_request_is_expired(asked)) {
        error = ERR_TIMEOUT;
    }
    if (error == ERR_TIMEOUT || eval_is_policy_error(error)) {
        struct ext_error told = e.error; /* searching for its place makes others */
        struct search search = {.scratch = scratch, .eval = &e, .at = expr};
        if (error == ERR_TIMEOUT) {
            told = (struct ext_error){.message = STR("timeout")};
        }
        add_failure(diags, &told, error == ERR_TIMEOUT ? NULL : &search);
        *ret_failed = true;
        return error;
    }
    TRY(error);
    TRY(value_copy(&scratch->arena, &value, &value)); /* parts may be the request's */
    return api_value_wrap(scratch, &value, ret_value);
}

cedar_status cedar_evaluate(cedar_scratch *scratch, cedar_str expression,
                            const cedar_entities *entities, const cedar_request *request,
                            const cedar_value **ret_value, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || entities == NULL || request == NULL || ret_value == NULL ||
        api_is_bad(expression)) {
        return CEDAR_ERR_MISUSE;
    }
    struct asked asked;
    cedar_status status = api_request_resolve(scratch, entities, request, &asked);
    if (status != CEDAR_OK) {
        return status;
    }
    struct diag_list diags;
    start_findings(&diags, scratch, api_str(expression));
    bool has_failed = false;
    const cedar_value *value = NULL;
    err error =
        evaluate(scratch, api_str(expression), request, &asked, &diags, &value, &has_failed);
    cedar_status of_source = api_request_status(&asked);
    if (of_source != CEDAR_OK) {
        arena_clear(&scratch->temp);
        return of_source; /* what the expression came to means nothing */
    }
    if (error == ERR_OK) {
        *ret_value = value;
    }
    status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_clear(&scratch->temp);
    return has_failed ? CEDAR_ERR_EVALUATION : status;
}

cedar_status cedar_expression_check(cedar_scratch *scratch, cedar_str expression,
                                    cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || api_is_bad(expression)) {
        return CEDAR_ERR_MISUSE;
    }
    struct diag_list diags;
    start_findings(&diags, scratch, api_str(expression));
    struct arena_mark mark = arena_mark(&scratch->arena);
    const struct ast_expr *expr;
    struct program program;
    err error = compile(scratch, api_str(expression), &diags, &expr, &program);
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_reset(&scratch->arena, mark);
    arena_clear(&scratch->temp);
    return status;
}
