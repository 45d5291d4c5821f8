/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/walk.h"

static void walk_all(const struct ast_expr *const *items, size_t count, walk_visit *visit,
                     void *ctx) {
    for (size_t i = 0; i < count; i++) {
        walk_expr(items[i], visit, ctx);
    }
}

static void walk_parts(const struct ast_expr *expr, walk_visit *visit, void *ctx) {
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
    case AST_VAR:
    case AST_SLOT:
        return;
    case AST_CHAIN:
        walk_all(expr->chain.operands, expr->chain.count, visit, ctx);
        return;
    case AST_BINARY:
        walk_expr(expr->binary.left, visit, ctx);
        walk_expr(expr->binary.right, visit, ctx);
        return;
    case AST_UNARY:
        walk_expr(expr->unary.operand, visit, ctx);
        return;
    case AST_GET:
        walk_expr(expr->get.object, visit, ctx);
        return;
    case AST_HAS:
        walk_expr(expr->has.object, visit, ctx);
        return;
    case AST_LIKE:
        walk_expr(expr->like.object, visit, ctx);
        return;
    case AST_IS:
        walk_expr(expr->is.object, visit, ctx);
        if (expr->is.in != NULL) {
            walk_expr(expr->is.in, visit, ctx);
        }
        return;
    case AST_IF:
        walk_expr(expr->cond.test, visit, ctx);
        walk_expr(expr->cond.yes, visit, ctx);
        walk_expr(expr->cond.no, visit, ctx);
        return;
    case AST_SET:
        walk_all(expr->set.items, expr->set.count, visit, ctx);
        return;
    case AST_RECORD:
        for (size_t i = 0; i < expr->record.count; i++) {
            walk_expr(expr->record.fields[i].value, visit, ctx);
        }
        return;
    case AST_CALL:
        walk_all(expr->call.args, expr->call.count, visit, ctx);
        return;
    }
}

void walk_expr(const struct ast_expr *expr, walk_visit *visit, void *ctx) {
    visit(ctx, expr);
    walk_parts(expr, visit, ctx);
}

void walk_clauses(const struct ast_policy *policy, walk_visit *visit, void *ctx) {
    for (size_t i = 0; i < policy->clause_count; i++) {
        walk_expr(policy->clauses[i].body, visit, ctx);
    }
}
