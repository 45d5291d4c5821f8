/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One clause, evaluated in pieces: each expression that is worth telling is compiled and run alone,
 * in the order in which the whole would have come to it. The order, and where && || and if go on,
 * is all that is known here; what an operator means is the evaluator's business.
 *
 * Parts (operands of && || ! if, and tests wherever they stand) are noted before what is inside of
 * them, values behind what they are made from. The function that finds an error notes it; those
 * around it only pass it on.
 */
#include "cedar/api_explain_int.h"

#include "base/assert.h"
#include "cedar/ast/equal.h"
#include "cedar/text/print.h"

enum { COST_DIVISOR = 2 }; /* bytes of text per step, for compiling */

static const size_t no_slot = SIZE_MAX;

struct walk {
    struct explainer *x;
    VEC(cedar_seen) seen;
    VEC(const struct ast_expr *) exprs; /* parallel; NULL for facts */
    size_t omitted;
};

static err part(struct walk *w, const struct ast_expr *expr, uint32_t depth, bool *ret);
static err see(struct walk *w, const struct ast_expr *expr, uint32_t depth);

/* ---- notes ---- */

static bool has_room(const struct walk *w) {
    return w->seen.count < w->x->max_seen;
}

/* Whatever the limit says: for what decides, which is one per level. */
static err add_always(struct walk *w, const struct ast_expr *expr, uint32_t depth,
                      size_t *ret_slot) {
    struct explainer *x = w->x;
    cedar_seen seen = {.kind = CEDAR_SEEN_SKIPPED, .depth = depth, .value = api_public(STR(""))};
    TRY(explain_expr_text(x, expr, x->max_text, &seen.text));
    seen.place = explain_place(x, expr->span);
    size_t slot = w->seen.count;
    if (!VEC_PUSH(x->arena, &w->seen, seen) || !VEC_PUSH(x->arena, &w->exprs, expr)) {
        return arena_error(x->arena);
    }
    *ret_slot = slot;
    return ERR_OK;
}

/* *ret_slot is no_slot when there is no room. */
static err add(struct walk *w, const struct ast_expr *expr, uint32_t depth, size_t *ret_slot) {
    if (has_room(w)) {
        return add_always(w, expr, depth, ret_slot);
    }
    w->omitted++;
    *ret_slot = no_slot;
    return ERR_OK;
}

static err fill_value(struct walk *w, size_t slot, const struct value *value) {
    if (slot == no_slot) {
        return ERR_OK;
    }
    w->seen.items[slot].kind = CEDAR_SEEN_VALUE;
    return explain_value_text(w->x, value, &w->seen.items[slot].value);
}

/* The error that the evaluator has just found, at the expression whose slot it is. */
static err fill_error(struct walk *w, const struct ast_expr *expr, uint32_t depth, size_t slot) {
    if (slot == no_slot) {
        TRY(add_always(w, expr, depth, &slot));
    }
    w->seen.items[slot].kind = CEDAR_SEEN_ERROR;
    w->seen.items[slot].is_cause = true;
    return explain_plain_text(w->x, w->x->eval.error.message, &w->seen.items[slot].value);
}

static bool is_noted(const struct walk *w, const struct ast_expr *expr) {
    for (size_t i = 0; i < w->seen.count; i++) {
        if (w->seen.items[i].kind == CEDAR_SEEN_VALUE && w->exprs.items[i] != NULL &&
            ast_expr_equal(w->exprs.items[i], expr)) {
            return true;
        }
    }
    return false;
}

/* ---- evaluation ---- */

static err run(struct walk *w, const struct ast_expr *expr, bool is_condition, struct value *ret) {
    struct explainer *x = w->x;
    struct program program;
    TRY(eval_charge(&x->eval, 1 + (expr->span.end - expr->span.start) / COST_DIVISOR));
    if (!is_condition) {
        TRY(compile_expr(&x->code, x->temp, &x->lower, expr, &program));
        TRY(eval_prepare(&x->eval, &program.code));
        return eval_expression(&x->eval, 0, ret);
    }
    bool truth = false;
    TRY(compile_condition(&x->code, x->temp, &x->lower, expr, &program));
    TRY(eval_prepare(&x->eval, &program.code));
    TRY(eval_condition(&x->eval, 0, &truth));
    *ret = value_bool(truth);
    return ERR_OK;
}

/* What an evaluation leaves is gone after the next call of this. */
static void forget(struct walk *w, struct arena_mark code, struct arena_mark temp) {
    arena_reset(&w->x->code, code);
    arena_reset(w->x->temp, temp);
}

/* Evaluates an expression whose operands have been seen, and notes its value in the slot, if
 * there is one, or its error. */
static err conclude(struct walk *w, const struct ast_expr *expr, uint32_t depth, size_t slot,
                    bool is_condition, bool *ret_truth) {
    struct arena_mark code = arena_mark(&w->x->code);
    struct arena_mark temp = arena_mark(w->x->temp);
    struct value value;
    err error = run(w, expr, is_condition, &value);
    if (error == ERR_OK) {
        *ret_truth = value.kind == VALUE_BOOL && value.boolean;
        error = fill_value(w, slot, &value);
    } else if (eval_is_policy_error(error)) {
        err failed = fill_error(w, expr, depth, slot);
        error = failed != ERR_OK ? failed : error;
    }
    forget(w, code, temp);
    return error;
}

/* ---- facts about an entity that did not pass a test ---- */

static err add_fact(struct walk *w, enum explain_fact fact, const struct uid *uid,
                    struct ast_span span, uint32_t depth) {
    struct explainer *x = w->x;
    cedar_seen seen = {.kind = CEDAR_SEEN_FACT, .depth = depth};
    if (!has_room(w)) {
        w->omitted++;
        return ERR_OK;
    }
    TRY(explain_fact_text(x, fact, uid, &seen.text, &seen.value));
    seen.place = explain_place(x, span);
    for (size_t i = 0; i < w->seen.count; i++) {
        if (w->seen.items[i].kind == CEDAR_SEEN_FACT &&
            str_equal(api_str_of(w->seen.items[i].text), api_str_of(seen.text))) {
            return ERR_OK;
        }
    }
    return VEC_PUSH(x->arena, &w->seen, seen) && VEC_PUSH(x->arena, &w->exprs, NULL)
               ? ERR_OK
               : arena_error(x->arena);
}

/* The expression that is asked about its hierarchy, attributes or tags; NULL: none. */
static const struct ast_expr *subject_of(const struct ast_expr *expr, enum explain_fact *ret_fact) {
    if (expr->kind == AST_HAS) {
        *ret_fact = FACT_ATTRIBUTES;
        return expr->has.object;
    }
    if (expr->kind == AST_IS) {
        *ret_fact = FACT_ANCESTORS;
        return expr->is.in == NULL ? NULL : expr->is.object;
    }
    if (expr->kind == AST_BINARY && expr->binary.op == AST_OP_HAS_TAG) {
        *ret_fact = FACT_TAGS;
        return expr->binary.left;
    }
    *ret_fact = FACT_ANCESTORS;
    return expr->kind == AST_BINARY && expr->binary.op == AST_OP_IN ? expr->binary.left : NULL;
}

/* A test was false: what would have made it true? */
static err add_facts(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    enum explain_fact fact;
    const struct ast_expr *subject = subject_of(expr, &fact);
    if (subject == NULL) {
        return ERR_OK;
    }
    struct arena_mark code = arena_mark(&w->x->code);
    struct arena_mark temp = arena_mark(w->x->temp);
    struct value value;
    err error = run(w, subject, false, &value);
    if (error == ERR_OK && value.kind == VALUE_ENTITY) {
        error = add_fact(w, fact, value.uid, expr->span, depth);
    }
    forget(w, code, temp);
    return error;
}

/* ---- logic ---- */

static bool is_logic(const struct ast_expr *expr) {
    return expr->kind == AST_CHAIN &&
           (expr->chain.ops[1] == AST_OP_AND || expr->chain.ops[1] == AST_OP_OR);
}

/* Of all operands, only the one that was evaluated last is the cause. */
static void blame_last(struct walk *w, size_t first, uint32_t depth) {
    size_t last = no_slot;
    for (size_t i = first; i < w->seen.count; i++) {
        cedar_seen *seen = &w->seen.items[i];
        if (seen->depth == depth && seen->is_cause) {
            if (last != no_slot) {
                w->seen.items[last].is_cause = false;
            }
            last = i;
        }
    }
}

/* An operand there is no room for; noted all the same when it decides. */
static err quiet_operand(struct walk *w, const struct ast_expr *operand, bool decisive,
                         uint32_t depth, bool *ret) {
    TRY(conclude(w, operand, depth, no_slot, true, ret));
    w->omitted++;
    if (*ret != decisive) {
        return ERR_OK;
    }
    size_t slot;
    struct value value = value_bool(*ret);
    w->omitted--;
    TRY(add_always(w, operand, depth, &slot));
    w->seen.items[slot].is_cause = true;
    return fill_value(w, slot, &value);
}

static err walk_chain(struct walk *w, const struct ast_expr *expr, uint32_t depth, bool *ret) {
    bool decisive = expr->chain.ops[1] == AST_OP_OR;
    size_t first = w->seen.count;
    size_t i = 0;
    bool truth = !decisive;
    err error = ERR_OK;
    for (; i < expr->chain.count && error == ERR_OK && truth != decisive; i++) {
        const struct ast_expr *operand = expr->chain.operands[i];
        error = has_room(w) ? part(w, operand, depth, &truth)
                            : quiet_operand(w, operand, decisive, depth, &truth);
    }
    if (error != ERR_OK || truth == decisive) {
        blame_last(w, first, depth);
    }
    if (error == ERR_OK || eval_is_policy_error(error)) {
        for (; i < expr->chain.count; i++) {
            size_t slot;
            if (!has_room(w)) {
                w->omitted += expr->chain.count - i;
                break;
            }
            TRY(add(w, expr->chain.operands[i], depth, &slot));
        }
    }
    *ret = truth;
    return error;
}

/* The branch that was taken. */
static err walk_test(struct walk *w, const struct ast_expr *expr, uint32_t depth,
                     const struct ast_expr **ret) {
    bool truth = false;
    TRY(part(w, expr->cond.test, depth, &truth));
    *ret = truth ? expr->cond.yes : expr->cond.no;
    return ERR_OK;
}

/* ---- operands ---- */

/* An error in the middle: + - * from left to right stop at the first overflow. Finds how many
 * operands were evaluated; nothing is noted. */
static err count_evaluated(struct walk *w, const struct ast_expr *expr, size_t *ret) {
    size_t good = 1; /* so many do not fail; perhaps fewer */
    size_t bad = expr->chain.count;
    while (bad - good > 1) {
        struct ast_expr prefix = *expr;
        struct arena_mark code = arena_mark(&w->x->code);
        struct arena_mark temp = arena_mark(w->x->temp);
        struct value value;
        prefix.chain.count = good + (bad - good) / 2;
        err error = run(w, &prefix, false, &value);
        forget(w, code, temp);
        if (error == ERR_OK) {
            good = prefix.chain.count;
        } else if (eval_is_policy_error(error)) {
            bad = prefix.chain.count;
        } else {
            return error;
        }
    }
    *ret = bad;
    return ERR_OK;
}

static err see_sum(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    struct arena_mark code = arena_mark(&w->x->code);
    struct arena_mark temp = arena_mark(w->x->temp);
    struct value value;
    size_t count = expr->chain.count;
    err error = run(w, expr, false, &value);
    forget(w, code, temp);
    if (eval_is_policy_error(error)) {
        TRY(count_evaluated(w, expr, &count));
    } else {
        TRY(error);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(see(w, expr->chain.operands[i], depth));
    }
    return ERR_OK;
}

static err see_all(struct walk *w, const struct ast_expr *const *items, size_t count,
                   uint32_t depth) {
    for (size_t i = 0; i < count; i++) {
        TRY(see(w, items[i], depth));
    }
    return ERR_OK;
}

static err see_fields(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    const struct ast_field **sorted = print_sorted_fields(w->x->temp, expr);
    if (sorted == NULL) {
        return arena_error(w->x->temp);
    }
    for (size_t i = 0; i < expr->record.count; i++) {
        TRY(see(w, sorted[i]->value, depth));
    }
    return ERR_OK;
}

/* `e is T in f` does not come to f when e is no T. */
static err see_is(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    TRY(see(w, expr->is.object, depth));
    if (expr->is.in == NULL) {
        return ERR_OK;
    }
    struct arena_mark code = arena_mark(&w->x->code);
    struct arena_mark temp = arena_mark(w->x->temp);
    struct ast_expr type_only = *expr;
    struct value is_type = value_bool(false);
    type_only.is.in = NULL;
    err error = run(w, &type_only, true, &is_type);
    forget(w, code, temp);
    if (eval_is_policy_error(error)) {
        return ERR_OK; /* the whole will fail too */
    }
    TRY(error);
    return is_type.boolean ? see(w, expr->is.in, depth) : ERR_OK;
}

/* The longest piece of a.b.c that does evaluate, when the whole does not. */
static err see_object(struct walk *w, const struct ast_expr *object, uint32_t depth) {
    struct arena_mark code = arena_mark(&w->x->code);
    struct arena_mark temp = arena_mark(w->x->temp);
    struct value value;
    while (object->kind == AST_GET && eval_is_policy_error(run(w, object, false, &value))) {
        forget(w, code, temp);
        object = object->get.object;
    }
    forget(w, code, temp);
    return see(w, object, depth);
}

/* a.b.c is told as a whole; its pieces only when it fails. */
static err see_get(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    const struct ast_expr *root = expr;
    while (root->kind == AST_GET) {
        root = root->get.object;
    }
    if (root->kind != AST_VAR) {
        TRY(see(w, root, depth));
    }
    struct arena_mark code = arena_mark(&w->x->code);
    struct arena_mark temp = arena_mark(w->x->temp);
    struct value value;
    err error = run(w, expr, false, &value);
    forget(w, code, temp);
    return eval_is_policy_error(error) ? see_object(w, expr->get.object, depth) : error;
}

/* What an expression that is no && || ! or if is made from. */
static err see_operands(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
    case AST_VAR:
    case AST_SLOT:
        return ERR_OK;
    case AST_CHAIN:
        return see_sum(w, expr, depth);
    case AST_BINARY:
        TRY(see(w, expr->binary.left, depth));
        return see(w, expr->binary.right, depth);
    case AST_UNARY:
        return see(w, expr->unary.operand, depth);
    case AST_GET:
        return see_get(w, expr, depth);
    case AST_HAS:
        return see(w, expr->has.object, depth);
    case AST_LIKE:
        return see(w, expr->like.object, depth);
    case AST_IS:
        return see_is(w, expr, depth);
    case AST_IF: {
        const struct ast_expr *branch;
        TRY(walk_test(w, expr, depth, &branch));
        return see(w, branch, depth);
    }
    case AST_SET:
        return see_all(w, expr->set.items, expr->set.count, depth);
    case AST_RECORD:
        return see_fields(w, expr, depth);
    case AST_CALL:
        return see_all(w, expr->call.args, expr->call.count, depth);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

/* Literals are not told: they stand there. One with a call in it, such as `ip("x")`, may fail. */
static bool is_literal(const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
        return true;
    case AST_SET:
        for (size_t i = 0; i < expr->set.count; i++) {
            if (!is_literal(expr->set.items[i])) {
                return false;
            }
        }
        return true;
    case AST_RECORD:
        for (size_t i = 0; i < expr->record.count; i++) {
            if (!is_literal(expr->record.fields[i].value)) {
                return false;
            }
        }
        return true;
    case AST_CALL:
        for (size_t i = 0; i < expr->call.count; i++) {
            if (!is_literal(expr->call.args[i])) {
                return false;
            }
        }
        return true;
    case AST_VAR:
    case AST_SLOT:
    case AST_CHAIN:
    case AST_BINARY:
    case AST_UNARY:
    case AST_GET:
    case AST_HAS:
    case AST_LIKE:
    case AST_IS:
    case AST_IF:
        return false;
    }
    NOT_REACHED();
    return false;
}

static bool is_part(const struct ast_expr *expr) {
    return is_logic(expr) || expr->kind == AST_HAS || expr->kind == AST_LIKE ||
           expr->kind == AST_IS || (expr->kind == AST_UNARY && expr->unary.op != AST_OP_NEG) ||
           (expr->kind == AST_BINARY && expr->binary.op != AST_OP_GET_TAG);
}

/* An expression in the place of a value. */
static err see(struct walk *w, const struct ast_expr *expr, uint32_t depth) {
    bool ignored;
    if (is_literal(expr)) {
        bool may_fail = expr->kind == AST_CALL || expr->kind == AST_SET || expr->kind == AST_RECORD;
        return may_fail ? conclude(w, expr, depth, no_slot, false, &ignored) : ERR_OK;
    }
    if (is_part(expr)) {
        return part(w, expr, depth, &ignored);
    }
    if (is_noted(w, expr)) {
        return ERR_OK;
    }
    if (has_room(w)) {
        TRY(see_operands(w, expr, depth));
    }
    size_t slot;
    TRY(add(w, expr, depth, &slot));
    return conclude(w, expr, depth, slot, false, &ignored);
}

/* ---- parts ---- */

/* What is inside of a condition, and its truth. `slot` is its own, or no_slot. */
static err inside(struct walk *w, const struct ast_expr *expr, uint32_t depth, size_t slot,
                  bool *ret) {
    bool is_not = expr->kind == AST_UNARY && expr->unary.op == AST_OP_NOT;
    if (is_logic(expr)) {
        TRY(walk_chain(w, expr, depth, ret));
    } else if (is_not) {
        TRY(part(w, expr->unary.operand, depth, ret));
        *ret = !*ret;
    } else if (expr->kind == AST_IF) {
        const struct ast_expr *branch;
        TRY(walk_test(w, expr, depth, &branch));
        TRY(part(w, branch, depth, ret));
    } else {
        TRY(see_operands(w, expr, depth));
        TRY(conclude(w, expr, depth, slot, true, ret));
        return *ret ? ERR_OK : add_facts(w, expr, depth);
    }
    struct value value = value_bool(*ret);
    return fill_value(w, slot, &value);
}

static err part(struct walk *w, const struct ast_expr *expr, uint32_t depth, bool *ret) {
    size_t slot;
    TRY(add(w, expr, depth, &slot));
    if (slot == no_slot) {
        return conclude(w, expr, depth, no_slot, true, ret);
    }
    w->seen.items[slot].is_cause = true; /* unless walk_chain knows better */
    err error = inside(w, expr, depth + 1, slot, ret);
    if (eval_is_policy_error(error)) {
        w->seen.items[slot].kind = CEDAR_SEEN_ERROR;
    }
    return error;
}

/* ---- clauses ---- */

/* What is below something that is no cause is none either. */
static void settle_causes(struct walk *w) {
    uint32_t limit = UINT32_MAX; /* deeper than this there are no causes */
    for (size_t i = 0; i < w->seen.count; i++) {
        cedar_seen *seen = &w->seen.items[i];
        if (seen->depth > limit) {
            seen->is_cause = false;
        } else {
            limit = seen->is_cause ? UINT32_MAX : seen->depth;
        }
    }
}

err explain_walk(struct explainer *x, const struct ast_clause *tree,
                 cedar_explained_clause *clause) {
    struct walk w = {.x = x};
    bool truth = false;
    err error = inside(&w, tree->body, 0, no_slot, &truth);
    if (error == ERR_TIMEOUT) {
        x->is_cut = true;
    } else if (eval_is_policy_error(error)) {
        clause->state = CEDAR_CLAUSE_ERROR;
    } else {
        TRY(error);
        clause->state = truth != clause->is_unless ? CEDAR_CLAUSE_HOLDS : CEDAR_CLAUSE_FAILS;
    }
    settle_causes(&w);
    clause->seen_count = w.seen.count;
    clause->seen = w.seen.items;
    clause->seen_omitted = w.omitted;
    return ERR_OK;
}
