/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/compile.h"

#include "base/assert.h"

void compiler_init(struct compiler *c, struct arena *arena, struct arena *temp,
                   const struct lower_options *options) {
    *c = (struct compiler){.arena = arena, .temp = temp, .options = *options};
    arena_init(&c->tree, temp->allocator, temp->max);
    symbols_init(&c->symbols, options->key);
    emitter_init(&c->emitter, arena, temp, &c->symbols, options->key);
}

void compiler_done(struct compiler *c) {
    arena_done(&c->tree);
}

static err add_uid(struct compiler *c, const struct uid *uid, uint32_t *ret) {
    return symbols_add_uid(&c->symbols, c->arena, c->temp, uid, ret);
}

static err add_list(struct compiler *c, const struct tree_scope *tree, struct scope *ret) {
    if (c->lists.count > UINT32_MAX - tree->list_count) {
        return ERR_LIMIT;
    }
    ret->uid = (uint32_t)c->lists.count;
    ret->type = (uint32_t)tree->list_count;
    for (size_t i = 0; i < tree->list_count; i++) {
        uint32_t uid;
        TRY(add_uid(c, tree->list[i], &uid));
        if (!VEC_PUSH(c->temp, &c->lists, uid)) {
            return arena_error(c->temp);
        }
    }
    return ERR_OK;
}

static err add_scope(struct compiler *c, const struct tree_scope *tree, struct scope *ret) {
    struct scope scope = {
        .kind = (uint8_t)tree->kind,
        .has_slot = tree->has_slot,
        .uid = SYMBOL_NONE,
        .type = SYMBOL_NONE,
    };
    if (tree->kind == SCOPE_IN_LIST) {
        TRY(add_list(c, tree, &scope));
    }
    if (tree->uid != NULL) {
        TRY(add_uid(c, tree->uid, &scope.uid));
    }
    if (tree->kind == SCOPE_IS || tree->kind == SCOPE_IS_IN) {
        TRY(symbols_add_type(&c->symbols, c->arena, c->temp, tree->type, &scope.type));
    }
    *ret = scope;
    return ERR_OK;
}

static err add_tree(struct compiler *c, str id, const struct policy_tree *tree) {
    struct program_policy made = {
        .is_forbid = tree->is_forbid,
        .is_template = tree->is_template,
        .condition = NO_CONDITION,
        .depth = tree->depth,
        .nodes = tree->nodes,
    };
    TRY(arena_copy(c->arena, id, &made.id));
    TRY(add_scope(c, &tree->principal, &made.scopes[PART_PRINCIPAL]));
    TRY(add_scope(c, &tree->action, &made.scopes[PART_ACTION]));
    TRY(add_scope(c, &tree->resource, &made.scopes[PART_RESOURCE]));
    if (tree->condition != NULL) {
        TRY(emit_condition(&c->emitter, tree->condition, &made.condition));
    }
    return VEC_PUSH(c->temp, &c->policies, made) ? ERR_OK : arena_error(c->temp);
}

err compiler_add(struct compiler *c, str id, const struct ast_policy *policy) {
    struct policy_tree tree;
    err error = lower_policy(&c->tree, &c->options, policy, &tree);
    if (error == ERR_OK) {
        error = add_tree(c, id, &tree);
    }
    arena_clear(&c->tree);
    return error;
}

err compiler_finish(struct compiler *c, struct program *ret) {
    struct program program = {.count = c->policies.count};
    struct program_policy *policies =
        ARENA_ARRAY(c->arena, struct program_policy, c->policies.count);
    uint32_t *lists = ARENA_ARRAY(c->arena, uint32_t, c->lists.count);
    if (policies == NULL || lists == NULL) {
        return arena_error(c->arena);
    }
    for (size_t i = 0; i < c->policies.count; i++) {
        policies[i] = c->policies.items[i];
    }
    for (size_t i = 0; i < c->lists.count; i++) {
        lists[i] = c->lists.items[i];
    }
    program.policies = policies;
    program.lists = lists;
    TRY(symbols_freeze(&c->symbols, c->arena, &program.symbols));
    TRY(emitter_finish(&c->emitter, &program.code));
    program.code.types = program.symbols.types.items;
    TRY(index_build(c->arena, c->temp, policies, program.count, lists, program.symbols.uids.count,
                    program.symbols.types.count, &program.index));
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
