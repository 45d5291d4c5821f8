/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/ast/equal.h"

#include "base/assert.h"

bool ast_is_same_chain(enum ast_op a, enum ast_op b) {
    bool is_sum = a == AST_OP_ADD || a == AST_OP_SUB;
    return a == b || (is_sum && (b == AST_OP_ADD || b == AST_OP_SUB));
}

static bool uid_equal_ast(const struct ast_uid *a, const struct ast_uid *b) {
    return str_equal(a->type.text, b->type.text) && str_equal(a->id, b->id);
}

static bool list_equal(const struct ast_expr *const *a, const struct ast_expr *const *b,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!ast_expr_equal(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

/* ---- chains: read from the right, because the left operand may be a chain that goes on ---- */

struct chain_end {
    const struct ast_expr *expr;
    size_t at; /* the operand at hand */
};

/* Moves into chains that begin the chain at hand. */
static void chain_enter(struct chain_end *end) {
    while (end->at == 0) {
        const struct ast_expr *first = end->expr->chain.operands[0];
        if (first->kind != AST_CHAIN || !ast_is_same_chain((enum ast_op)first->chain.ops[1],
                                                           (enum ast_op)end->expr->chain.ops[1])) {
            return;
        }
        *end = (struct chain_end){first, first->chain.count - 1};
    }
}

static bool chain_equal(const struct ast_expr *a, const struct ast_expr *b) {
    struct chain_end x = {a, a->chain.count - 1};
    struct chain_end y = {b, b->chain.count - 1};
    while (x.at > 0 && y.at > 0) {
        if (x.expr->chain.ops[x.at] != y.expr->chain.ops[y.at] ||
            !ast_expr_equal(x.expr->chain.operands[x.at], y.expr->chain.operands[y.at])) {
            return false;
        }
        x.at--;
        y.at--;
        chain_enter(&x);
        chain_enter(&y);
    }
    return x.at == 0 && y.at == 0 &&
           ast_expr_equal(x.expr->chain.operands[0], y.expr->chain.operands[0]);
}

/* ---- records ---- */

static const struct ast_field *field_find(const struct ast_expr *record, str name, size_t hint) {
    for (size_t i = 0; i < record->record.count; i++) {
        const struct ast_field *field = &record->record.fields[(i + hint) % record->record.count];
        if (str_equal(field->name, name)) {
            return field;
        }
    }
    return NULL;
}

static bool record_equal(const struct ast_expr *a, const struct ast_expr *b) {
    if (a->record.count != b->record.count) {
        return false;
    }
    for (size_t i = 0; i < a->record.count; i++) {
        const struct ast_field *other = field_find(b, a->record.fields[i].name, i);
        if (other == NULL || !ast_expr_equal(a->record.fields[i].value, other->value)) {
            return false;
        }
    }
    return true;
}

static bool has_equal(const struct ast_expr *a, const struct ast_expr *b) {
    if (a->has.count != b->has.count || !ast_expr_equal(a->has.object, b->has.object)) {
        return false;
    }
    for (size_t i = 0; i < a->has.count; i++) {
        if (!str_equal(a->has.path[i], b->has.path[i])) {
            return false;
        }
    }
    return true;
}

static bool like_equal(const struct ast_expr *a, const struct ast_expr *b) {
    struct ast_pattern x = a->like.pattern;
    struct ast_pattern y = b->like.pattern;
    return x.count == y.count &&
           (x.count == 0 || memcmp(x.items, y.items, x.count * sizeof x.items[0]) == 0) &&
           ast_expr_equal(a->like.object, b->like.object);
}

static bool is_equal(const struct ast_expr *a, const struct ast_expr *b) {
    return str_equal(a->is.type.text, b->is.type.text) &&
           (a->is.in == NULL) == (b->is.in == NULL) && ast_expr_equal(a->is.object, b->is.object) &&
           (a->is.in == NULL || ast_expr_equal(a->is.in, b->is.in));
}

bool ast_expr_equal(const struct ast_expr *a, const struct ast_expr *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case AST_BOOL:
        return a->boolean == b->boolean;
    case AST_LONG:
        return a->integer == b->integer;
    case AST_STRING:
        return str_equal(a->string, b->string);
    case AST_ENTITY:
        return uid_equal_ast(&a->uid, &b->uid);
    case AST_VAR:
        return a->var == b->var;
    case AST_SLOT:
        return a->slot == b->slot;
    case AST_CHAIN:
        return chain_equal(a, b);
    case AST_BINARY:
        return a->binary.op == b->binary.op && ast_expr_equal(a->binary.left, b->binary.left) &&
               ast_expr_equal(a->binary.right, b->binary.right);
    case AST_UNARY:
        return a->unary.op == b->unary.op && ast_expr_equal(a->unary.operand, b->unary.operand);
    case AST_GET:
        return str_equal(a->get.attr, b->get.attr) && ast_expr_equal(a->get.object, b->get.object);
    case AST_HAS:
        return has_equal(a, b);
    case AST_LIKE:
        return like_equal(a, b);
    case AST_IS:
        return is_equal(a, b);
    case AST_IF:
        return ast_expr_equal(a->cond.test, b->cond.test) &&
               ast_expr_equal(a->cond.yes, b->cond.yes) && ast_expr_equal(a->cond.no, b->cond.no);
    case AST_SET:
        return a->set.count == b->set.count && list_equal(a->set.items, b->set.items, a->set.count);
    case AST_RECORD:
        return record_equal(a, b);
    case AST_CALL:
        return a->call.count == b->call.count && str_equal(a->call.name, b->call.name) &&
               list_equal(a->call.args, b->call.args, a->call.count);
    }
    NOT_REACHED();
    return false;
}

/* ---- policies ---- */

/* A list of one and the entity alone are different: JSON tells them apart, and so does text. */
static bool scope_equal(const struct ast_scope *a, const struct ast_scope *b) {
    if (a->kind != b->kind || a->slot != b->slot || a->is_list != b->is_list ||
        a->list_count != b->list_count || !str_equal(a->type.text, b->type.text)) {
        return false;
    }
    for (size_t i = 0; i < a->list_count; i++) {
        if (!uid_equal_ast(&a->list[i], &b->list[i])) {
            return false;
        }
    }
    return uid_equal_ast(&a->uid, &b->uid);
}

static bool annotations_equal(const struct ast_policy *a, const struct ast_policy *b) {
    if (a->annotation_count != b->annotation_count) {
        return false;
    }
    for (size_t i = 0; i < a->annotation_count; i++) {
        const struct ast_annotation *one = &a->annotations[i];
        size_t k = 0;
        while (k < b->annotation_count && !str_equal(one->name, b->annotations[k].name)) {
            k++;
        }
        if (k == b->annotation_count || one->has_value != b->annotations[k].has_value ||
            !str_equal(one->value, b->annotations[k].value)) {
            return false;
        }
    }
    return true;
}

bool ast_policy_equal(const struct ast_policy *a, const struct ast_policy *b) {
    if (a->is_forbid != b->is_forbid || a->is_template != b->is_template ||
        a->clause_count != b->clause_count || !scope_equal(&a->principal, &b->principal) ||
        !scope_equal(&a->action, &b->action) || !scope_equal(&a->resource, &b->resource) ||
        !annotations_equal(a, b)) {
        return false;
    }
    for (size_t i = 0; i < a->clause_count; i++) {
        if (a->clauses[i].is_unless != b->clauses[i].is_unless ||
            !ast_expr_equal(a->clauses[i].body, b->clauses[i].body)) {
            return false;
        }
    }
    return true;
}

bool ast_policy_set_equal(const struct ast_policy_set *a, const struct ast_policy_set *b) {
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!ast_policy_equal(&a->policies[i], &b->policies[i])) {
            return false;
        }
    }
    return true;
}
