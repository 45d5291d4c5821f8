/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy text. What is accepted is a well-formed tree: every span lies in the text and inside its
 * parent's, names and attributes obey their rules, the height is within the limit and the same as
 * the policy says. What is refused has a finding, and every finding lies in the text. The verdict
 * does not depend on whether findings are collected.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "cedar/text/parse.h"

enum { ARENA_MAX = 256 << 20, DEPTH_MAX = 200 };

static const struct parse_limits limits = {.max_bytes = 1 << 20, .max_depth = DEPTH_MAX};

static void check_span(struct ast_span span, struct ast_span outer) {
    FUZZ_CHECK(span.start <= span.end);
    FUZZ_CHECK(span.start >= outer.start && span.end <= outer.end);
}

static void check_uid(const struct ast_uid *uid, struct ast_span outer) {
    check_span(uid->span, outer);
    check_span(uid->type.span, uid->span);
    FUZZ_CHECK(ast_is_name(uid->type.text));
    FUZZ_CHECK(uid->id.ptr != NULL && utf8_is_valid(uid->id, NULL));
}

static uint32_t height_of(const struct ast_expr *expr, struct ast_span outer);

static uint32_t max_of(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t height_of_list(const struct ast_expr *const *items, size_t count,
                               struct ast_span outer) {
    uint32_t height = 0;
    for (size_t i = 0; i < count; i++) {
        height = max_of(height, height_of(items[i], outer));
    }
    return height;
}

static uint32_t height_of_record(const struct ast_expr *expr) {
    uint32_t height = 0;
    for (size_t i = 0; i < expr->record.count; i++) {
        const struct ast_field *field = &expr->record.fields[i];
        FUZZ_CHECK(field->name.ptr != NULL);
        height = max_of(height, height_of(field->value, expr->span));
    }
    return height;
}

static uint32_t height_of_children(const struct ast_expr *expr) {
    struct ast_span span = expr->span;
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_VAR:
        return 0;
    case AST_STRING:
        FUZZ_CHECK(expr->string.ptr != NULL && utf8_is_valid(expr->string, NULL));
        return 0;
    case AST_ENTITY:
        check_uid(&expr->uid, span);
        return 0;
    case AST_SLOT:
        FUZZ_CHECK(false); /* slots stand in scopes only */
        return 0;
    case AST_CHAIN:
        FUZZ_CHECK(expr->chain.count >= 2);
        return height_of_list(expr->chain.operands, expr->chain.count, span);
    case AST_BINARY:
        return max_of(height_of(expr->binary.left, span), height_of(expr->binary.right, span));
    case AST_UNARY:
        return height_of(expr->unary.operand, span);
    case AST_GET:
        FUZZ_CHECK(expr->get.attr.ptr != NULL);
        return height_of(expr->get.object, span);
    case AST_HAS:
        FUZZ_CHECK(expr->has.count >= 1);
        return height_of(expr->has.object, span);
    case AST_LIKE:
        return height_of(expr->like.object, span);
    case AST_IS:
        FUZZ_CHECK(ast_is_name(expr->is.type.text));
        return max_of(height_of(expr->is.object, span),
                      expr->is.in == NULL ? 0 : height_of(expr->is.in, span));
    case AST_IF:
        return max_of(height_of(expr->cond.test, span),
                      max_of(height_of(expr->cond.yes, span), height_of(expr->cond.no, span)));
    case AST_SET:
        return height_of_list(expr->set.items, expr->set.count, span);
    case AST_RECORD:
        return height_of_record(expr);
    case AST_CALL:
        FUZZ_CHECK(ast_is_identifier(expr->call.name));
        return height_of_list(expr->call.args, expr->call.count, span);
    }
    FUZZ_CHECK(false);
    return 0;
}

static uint32_t height_of(const struct ast_expr *expr, struct ast_span outer) {
    FUZZ_CHECK(expr != NULL);
    check_span(expr->span, outer);
    return 1 + height_of_children(expr);
}

static void check_scope(const struct ast_scope *scope, const struct ast_policy *policy) {
    check_span(scope->span, policy->span);
    if (scope->kind == AST_SCOPE_IS || scope->kind == AST_SCOPE_IS_IN) {
        FUZZ_CHECK(ast_is_name(scope->type.text));
    }
    if (scope->kind == AST_SCOPE_ANY || scope->kind == AST_SCOPE_IS) {
        return;
    }
    if (scope->is_list) {
        for (size_t i = 0; i < scope->list_count; i++) {
            check_uid(&scope->list[i], scope->span);
        }
    } else if (scope->slot == AST_SLOT_NONE) {
        check_uid(&scope->uid, scope->span);
    }
}

static void check_set(const struct ast_policy_set *set) {
    struct ast_span text = {0, (uint32_t)set->source.len};
    for (size_t i = 0; i < set->count; i++) {
        const struct ast_policy *policy = &set->policies[i];
        uint32_t depth = 0;
        check_span(policy->span, text);
        text.start = policy->span.end; /* policies follow each other */
        check_scope(&policy->principal, policy);
        check_scope(&policy->action, policy);
        check_scope(&policy->resource, policy);
        for (size_t k = 0; k < policy->clause_count; k++) {
            check_span(policy->clauses[k].span, policy->span);
            depth = max_of(depth, height_of(policy->clauses[k].body, policy->clauses[k].span));
        }
        FUZZ_CHECK(depth <= DEPTH_MAX && depth == policy->depth);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str text = fuzz_input(data, size);
    struct arena arena;
    struct arena plain;
    struct diag_list diags;
    const struct ast_policy_set *set = NULL;
    const struct ast_policy_set *again = NULL;
    arena_init(&arena, allocator_libc(), ARENA_MAX);
    arena_init(&plain, allocator_libc(), ARENA_MAX);
    diag_list_init(&diags, &arena);
    diags.source_text = text;
    err error = parse_policy_set(&arena, text, &limits, &set, &diags);
    FUZZ_CHECK(parse_policy_set(&plain, text, &limits, &again, NULL) == error);
    if (error == ERR_OK) {
        FUZZ_CHECK(diags.items.count == 0);
        check_set(set);
    } else {
        FUZZ_CHECK(error == ERR_SYNTAX || error == ERR_LIMIT);
        FUZZ_CHECK(set == NULL && diags.items.count > 0);
    }
    for (size_t i = 0; i < diags.items.count; i++) {
        const struct diag *diag = &diags.items.items[i];
        FUZZ_CHECK(diag->span.start <= diag->span.end && diag->span.end <= text.len);
        FUZZ_CHECK(diag->message.len > 0);
    }
    arena_done(&arena);
    arena_done(&plain);
    return 0;
}
