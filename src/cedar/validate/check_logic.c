/* SPDX-License-Identifier: Apache-2.0 */
/* && || ! and if: what is known of an operand decides what is looked at, and what holds there. */
#include "cedar/validate/check_int.h"

/* The operands so far of a chain, as one. The facts grow at the end, so that a long chain is not
 * copied for each operand. */
struct so_far {
    const struct type *type;
    bool is_right;
    VEC(uint32_t) facts;
    size_t entered; /* of them hold at the moment */
};

static struct fact_set facts_of(const struct so_far *s, size_t from) {
    if (from == s->facts.count) {
        return (struct fact_set){0, NULL};
    }
    return (struct fact_set){(uint32_t)(s->facts.count - from), s->facts.items + from};
}

static void add_facts(struct checker *c, struct so_far *s, struct fact_set facts) {
    for (uint32_t i = 0; i < facts.count; i++) {
        if (!VEC_PUSH(c->temp, &s->facts, facts.items[i])) {
            return; /* the arena remembers */
        }
    }
}

static void leave_all(struct checker *c, struct so_far *s) {
    facts_leave(&c->facts, (struct fact_set){(uint32_t)s->entered, s->facts.items});
    s->entered = 0;
}

static void replace_facts(struct checker *c, struct so_far *s, struct fact_set facts) {
    leave_all(c, s);
    s->facts.count = 0;
    add_facts(c, s, facts);
}

static void drop_facts_if_wrong(struct checker *c, struct so_far *s) {
    if (!s->is_right) {
        replace_facts(c, s, (struct fact_set){0, NULL});
    }
}

static bool is_kind(const struct type *type, enum type_kind kind) {
    return type != NULL && type->kind == kind;
}

/* ---- && ---- */

const struct type *check_and_type(const struct checker *c, const struct type *left,
                                  const struct type *right) {
    if (left == NULL || right == NULL) {
        return types_simple(c->types, TYPE_BOOL);
    }
    if (left->kind == TYPE_FALSE || right->kind == TYPE_FALSE) {
        return types_simple(c->types, TYPE_FALSE);
    }
    if (right->kind == TYPE_TRUE) {
        return left;
    }
    return left->kind == TYPE_TRUE ? right : types_simple(c->types, TYPE_BOOL);
}

static void and_with(struct checker *c, struct so_far *s, struct answer right) {
    const struct type *left = s->type;
    const struct type *type = answer_type(right);
    if (left == NULL || type == NULL) {
        s->is_right = false;
    } else if (type->kind == TYPE_FALSE) {
        replace_facts(c, s, (struct fact_set){0, NULL});
    } else if (left->kind == TYPE_TRUE && type->kind != TYPE_TRUE) {
        replace_facts(c, s, right.facts); /* as the reference does */
    } else {
        add_facts(c, s, right.facts);
    }
    s->type = check_and_type(c, left, type);
    s->is_right = s->is_right && right.is_right;
    drop_facts_if_wrong(c, s);
}

/* ---- || ---- */

static void or_with(struct checker *c, struct so_far *s, struct answer right) {
    const struct type *left = s->type;
    const struct type *type = answer_type(right);
    if (left == NULL || type == NULL) {
        s->is_right = false;
        s->type = types_simple(c->types, TYPE_BOOL);
    } else if (type->kind == TYPE_TRUE) {
        replace_facts(c, s, right.facts);
        s->type = type;
    } else if (type->kind == TYPE_FALSE) {
        s->type = left;
    } else if (left->kind == TYPE_FALSE) {
        replace_facts(c, s, right.facts);
        s->type = type;
    } else {
        struct fact_set both = facts_intersection(&c->facts, c->temp, right.facts, facts_of(s, 0));
        replace_facts(c, s, both);
        s->type = types_simple(c->types, TYPE_BOOL);
    }
    s->is_right = s->is_right && right.is_right;
    drop_facts_if_wrong(c, s);
}

/* ---- chains ---- */

static void combine(struct checker *c, struct so_far *s, bool is_and,
                    const struct ast_expr *operand, const struct want *want, struct typed *typed) {
    if (is_and) { /* what the operands before have shown holds for this one */
        facts_enter(&c->facts, facts_of(s, s->entered));
        s->entered = s->facts.count;
    }
    struct answer right = check_expect(c, operand, want);
    typed->parts[typed->count++] = right.typed;
    if (is_and) {
        and_with(c, s, right);
    } else {
        or_with(c, s, right);
    }
}

static struct answer check_logic(struct checker *c, const struct ast_expr *expr, bool is_and) {
    struct want want = want_one(types_simple(c->types, TYPE_BOOL), NULL);
    struct typed *typed = typed_new(c, TYPED_LOGIC, expr, NULL, expr->chain.count);
    typed->count = 0;
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    struct answer first = check_expect(c, expr->chain.operands[0], &want);
    typed->parts[typed->count++] = first.typed;
    struct so_far s = {.type = answer_type(first), .is_right = first.is_right};
    add_facts(c, &s, first.facts);
    enum type_kind end = is_and ? TYPE_FALSE : TYPE_TRUE;
    for (size_t i = 1; i < expr->chain.count && !is_kind(s.type, end); i++) {
        combine(c, &s, is_and, expr->chain.operands[i], &want, typed);
    }
    leave_all(c, &s);
    typed->type = s.type;
    bool has_facts = !is_and || !is_kind(s.type, TYPE_FALSE);
    return answer_make(typed, s.is_right, has_facts ? facts_of(&s, 0) : (struct fact_set){0, NULL});
}

struct answer check_chain(struct checker *c, const struct ast_expr *expr) {
    enum ast_op op = (enum ast_op)expr->chain.ops[1];
    if (op == AST_OP_AND || op == AST_OP_OR) {
        return check_logic(c, expr, op == AST_OP_AND);
    }
    return check_arithmetic(c, expr);
}

/* ---- ! ---- */

struct answer check_not(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_one(types_simple(c->types, TYPE_BOOL), NULL);
    struct answer operand = check_expect(c, expr->unary.operand, &want);
    const struct type *type = answer_type(operand);
    struct typed *typed = typed_new(c, TYPED_OPERATOR, expr, types_simple(c->types, TYPE_BOOL), 1);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = operand.typed;
    if (is_kind(type, TYPE_TRUE) || is_kind(type, TYPE_FALSE)) {
        typed->type = types_bool(c->types, type->kind == TYPE_FALSE);
    }
    return answer_plain(typed, operand.is_right);
}

/* ---- if ---- */

static struct answer check_within(struct checker *c, const struct ast_expr *expr,
                                  struct fact_set facts) {
    facts_enter(&c->facts, facts);
    struct answer answer = check_expr(c, expr);
    facts_leave(&c->facts, facts);
    return answer;
}

static struct answer check_taken(struct checker *c, struct typed *typed, struct answer test,
                                 bool is_yes) {
    const struct ast_expr *expr = typed->expr;
    struct answer branch =
        is_yes ? check_within(c, expr->cond.yes, test.facts) : check_expr(c, expr->cond.no);
    typed->parts[1] = branch.typed;
    typed->parts[2] = branch.typed;
    typed->type = answer_type(branch);
    struct fact_set facts = branch.facts;
    if (is_yes) {
        facts = facts_union(&c->facts, c->temp, branch.facts, test.facts);
    }
    return answer_make(typed, test.is_right && branch.is_right, facts);
}

static struct answer check_both(struct checker *c, struct typed *typed, struct answer test) {
    const struct ast_expr *expr = typed->expr;
    struct answer yes = check_within(c, expr->cond.yes, test.facts);
    struct answer no = check_expr(c, expr->cond.no);
    typed->parts[1] = yes.typed;
    typed->parts[2] = no.typed;
    const struct type *types[] = {answer_type(yes), answer_type(no)};
    typed->type = check_join(c, expr->span, types, 2, JOIN_BRANCHES);
    struct fact_set with_test = {0, NULL};
    if (yes.is_right) {
        with_test = facts_union(&c->facts, c->temp, yes.facts, test.facts);
    }
    struct fact_set facts = facts_intersection(&c->facts, c->temp, no.facts, with_test);
    bool is_right = test.is_right && yes.is_right && no.is_right && typed->type != NULL;
    return answer_make(typed, is_right, facts);
}

struct answer check_if(struct checker *c, const struct ast_expr *expr) {
    struct want want = want_one(types_simple(c->types, TYPE_BOOL), NULL);
    struct answer test = check_expect(c, expr->cond.test, &want);
    struct typed *typed = typed_new(c, TYPED_IF, expr, NULL, 3);
    if (typed == c->lost) {
        return answer_plain(typed, false);
    }
    typed->parts[0] = test.typed;
    const struct type *type = answer_type(test);
    if (is_kind(type, TYPE_TRUE) || is_kind(type, TYPE_FALSE)) {
        return check_taken(c, typed, test, type->kind == TYPE_TRUE);
    }
    return check_both(c, typed, test);
}
