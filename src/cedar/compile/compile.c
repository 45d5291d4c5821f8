/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/compile.h"

void compiler_init(struct compiler *c, struct arena *arena, struct arena *temp,
                   const struct lower_options *options) {
    *c = (struct compiler){.arena = arena, .temp = temp, .options = *options};
    arena_init(&c->tree, temp->allocator, temp->max);
    blocks_init(&c->blocks, arena, temp);
    packer_init(&c->names, arena);
    symbols_init(&c->symbols, options->key);
    emitter_init(&c->emitter, &c->blocks, &c->names, &c->symbols, options->key);
}

void compiler_done(struct compiler *c) {
    arena_done(&c->tree);
    if (c->arena != NULL) {
        blocks_done(&c->blocks);
    }
}

/* ---- scopes ---- */

static err add_uid(struct compiler *c, const struct ast_uid *uid, uint32_t *ret) {
    return symbols_add_uid(&c->symbols, &c->blocks, &c->names, uid->type.text, uid->id, ret);
}

void compiler_share_list(struct compiler *c, struct scope *scope) {
    const uint32_t *lists = c->lists.items;
    bool is_same =
        scope->type > 0 && scope->type == c->list_count &&
        memcmp(lists + c->list_start, lists + scope->uid, scope->type * sizeof *lists) == 0;
    if (is_same) {
        c->lists.count = scope->uid;
        scope->uid = c->list_start;
    }
    c->list_start = scope->uid;
    c->list_count = scope->type;
}

static err add_list(struct compiler *c, const struct ast_scope *ast, struct scope *ret) {
    if (ast->list_count > UINT32_MAX - c->lists.count) {
        return ERR_LIMIT;
    }
    if (!BLOCKS_RESERVE(&c->blocks, &c->lists, ast->list_count)) {
        return blocks_error(&c->blocks);
    }
    struct scope scope = {
        .kind = SCOPE_IN_LIST,
        .uid = (uint32_t)c->lists.count,
        .type = (uint32_t)ast->list_count,
    };
    for (size_t i = 0; i < ast->list_count; i++) {
        TRY(add_uid(c, &ast->list[i], &c->lists.items[scope.uid + i]));
    }
    c->lists.count += ast->list_count;
    compiler_share_list(c, &scope);
    *ret = scope;
    return ERR_OK;
}

static err add_scope(struct compiler *c, const struct ast_scope *ast, struct scope *ret) {
    if (ast->is_list) {
        return add_list(c, ast, ret);
    }
    struct scope scope = {
        .kind = (uint8_t)lower_scope_kind(ast->kind),
        .has_slot = ast->slot != AST_SLOT_NONE,
        .uid = SYMBOL_NONE,
        .type = SYMBOL_NONE,
    };
    if (scope.kind == SCOPE_IN_LIST) {
        return ERR_INTERNAL; /* only a list is one */
    }
    bool has_uid = scope.kind == SCOPE_EQ || scope.kind == SCOPE_IN || scope.kind == SCOPE_IS_IN;
    if (has_uid && !scope.has_slot) {
        TRY(add_uid(c, &ast->uid, &scope.uid));
    }
    if (scope.kind == SCOPE_IS || scope.kind == SCOPE_IS_IN) {
        TRY(symbols_add_type(&c->symbols, &c->blocks, &c->names, ast->type.text, &scope.type));
    }
    *ret = scope;
    return ERR_OK;
}

/* ---- policies ---- */

err compiler_put(struct compiler *c, str id, struct program_policy *policy) {
    TRY(packer_copy(&c->names, id, &policy->id));
    return BLOCKS_PUSH(&c->blocks, &c->policies, *policy) ? ERR_OK : blocks_error(&c->blocks);
}

static err add_condition(struct compiler *c, const struct ast_policy *policy, uint32_t *ret) {
    const struct node *node = NULL;
    err error = lower_conditions(&c->tree, &c->options, policy, &node, &c->nodes);
    if (error == ERR_OK && node != NULL) {
        error = emit_condition(&c->emitter, node, ret);
    }
    arena_clear(&c->tree);
    return error;
}

err compiler_add(struct compiler *c, str id, const struct ast_policy *policy) {
    struct program_policy made = {
        .is_forbid = policy->is_forbid,
        .is_template = policy->is_template,
        .condition = NO_CONDITION,
    };
    c->nodes = 0;
    TRY(add_scope(c, &policy->principal, &made.scopes[PART_PRINCIPAL]));
    TRY(add_scope(c, &policy->action, &made.scopes[PART_ACTION]));
    TRY(add_scope(c, &policy->resource, &made.scopes[PART_RESOURCE]));
    if (policy->clause_count > 0) {
        TRY(add_condition(c, policy, &made.condition));
    }
    return compiler_put(c, id, &made);
}

static err fill_slot(struct compiler *c, const struct ast_uid *uid, struct scope *scope) {
    if (!scope->has_slot) {
        return ERR_OK;
    }
    scope->has_slot = false;
    return add_uid(c, uid, &scope->uid);
}

err compiler_link(struct compiler *c, str id, uint32_t template_number,
                  const struct ast_uid *principal, const struct ast_uid *resource) {
    struct program_policy made = c->policies.items[template_number];
    made.is_template = false;
    TRY(fill_slot(c, principal, &made.scopes[PART_PRINCIPAL]));
    TRY(fill_slot(c, resource, &made.scopes[PART_RESOURCE]));
    return compiler_put(c, id, &made);
}

void compiler_forget(struct compiler *c, size_t count) {
    c->policies.count = count < c->policies.count ? count : c->policies.count;
}

/* ---- finishing ---- */

err compiler_finish(struct compiler *c, struct program *ret) {
    struct blocks *b = &c->blocks;
    struct program program = {.count = c->policies.count};
    TRY(index_build(b, c->policies.items, c->policies.count, c->lists.items, &c->symbols,
                    &program.index));
    TRY(BLOCKS_SETTLE(b, &c->policies));
    TRY(BLOCKS_SETTLE(b, &c->lists));
    TRY(symbols_settle(&c->symbols, b));
    TRY(emitter_finish(&c->emitter, &program.code));
    program.policies = c->policies.items;
    program.lists = c->lists.items;
    program.symbols = c->symbols;
    program.code.types = program.symbols.types.items;
    TRY(blocks_hand_over(b));
    *ret = program;
    return ERR_OK;
}

static err compile_node(struct compiler *c, const struct ast_expr *expr, bool is_condition,
                        struct program *ret) {
    const struct node *node;
    uint32_t start;
    TRY(lower_expr(&c->tree, &c->options, expr, &node));
    TRY(is_condition ? emit_condition(&c->emitter, node, &start)
                     : emit_expression(&c->emitter, node, &start));
    return compiler_finish(c, ret);
}

err compile_expr(struct arena *arena, struct arena *temp, const struct lower_options *options,
                 const struct ast_expr *expr, struct program *ret) {
    AUTO(compiler_done) struct compiler c;
    compiler_init(&c, arena, temp, options);
    return compile_node(&c, expr, false, ret);
}

err compile_condition(struct arena *arena, struct arena *temp, const struct lower_options *options,
                      const struct ast_expr *expr, struct program *ret) {
    AUTO(compiler_done) struct compiler c;
    compiler_init(&c, arena, temp, options);
    return compile_node(&c, expr, true, ret);
}
