/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/append.h"

#include "base/assert.h"
#include "cedar/compile/emit_int.h"

static uint32_t *table(struct appender *x, size_t count) {
    return ARENA_ARRAY(&x->arena, uint32_t, count);
}

static err make_tables(struct appender *x) {
    const struct symbols *symbols = &x->from->symbols;
    const struct code *code = &x->from->code;
    x->uids = table(x, symbols->uids.count);
    x->marks = table(x, symbols->uids.count);
    x->types = table(x, symbols->types.count);
    x->names = table(x, code->name_count);
    x->constants = table(x, code->constant_count);
    x->patterns = table(x, code->pattern_count);
    x->conditions = table(x, code->instruction_count);
    if (arena_has_failed(&x->arena)) {
        return arena_error(&x->arena);
    }
    for (size_t i = 0; i < symbols->uid_slot_count; i++) {
        uint64_t slot = symbols->uid_slots[i];
        if (slot != 0) {
            x->marks[(uint32_t)slot - 1] = (uint32_t)(slot >> 32);
        }
    }
    return ERR_OK;
}

err appender_init(struct appender *x, struct compiler *compiler, const struct program *from,
                  bool is_few) {
    *x = (struct appender){.compiler = compiler, .from = from};
    arena_init(&x->arena, compiler->temp->allocator, compiler->temp->max);
    return is_few ? ERR_OK : make_tables(x);
}

void appender_done(struct appender *x) {
    arena_done(&x->arena);
}

/* The new number if it is known. */
static bool is_known(const uint32_t *table, uint32_t old, uint32_t *ret) {
    if (table == NULL || table[old] == 0) {
        return false;
    }
    *ret = table[old] - 1;
    return true;
}

static void remember(uint32_t *table, uint32_t old, uint32_t number) {
    if (table != NULL) {
        table[old] = number + 1;
    }
}

/* ---- names ---- */

static err map_type(struct appender *x, uint32_t old, uint32_t *ret) {
    struct compiler *c = x->compiler;
    if (is_known(x->types, old, ret)) {
        return ERR_OK;
    }
    TRY(symbols_add_type(&c->symbols, &c->blocks, &c->names, x->from->symbols.types.items[old],
                         ret));
    remember(x->types, old, *ret);
    return ERR_OK;
}

static err map_uid(struct appender *x, uint32_t old, uint32_t *ret) {
    struct compiler *c = x->compiler;
    const struct symbol *symbol = &x->from->symbols.uids.items[old];
    if (is_known(x->uids, old, ret)) {
        return ERR_OK;
    }
    if (x->marks == NULL) {
        return symbols_add_uid(&c->symbols, &c->blocks, &c->names,
                               x->from->symbols.types.items[symbol_type(symbol)], symbol_id(symbol),
                               ret);
    }
    uint32_t type;
    TRY(map_type(x, symbol_type(symbol), &type));
    TRY(symbols_add_marked(&c->symbols, &c->blocks, &c->names, x->marks[old], type,
                           symbol_id(symbol), ret));
    remember(x->uids, old, *ret);
    return ERR_OK;
}

/* ---- code ---- */

static err map_name(struct appender *x, uint32_t old, uint32_t *ret) {
    if (!is_known(x->names, old, ret)) {
        TRY(emit_name(&x->compiler->emitter, x->from->code.names[old], ret));
        remember(x->names, old, *ret);
    }
    return ERR_OK;
}

static err map_constant(struct appender *x, uint32_t old, uint32_t *ret) {
    if (!is_known(x->constants, old, ret)) {
        TRY(emit_add_constant(&x->compiler->emitter, &x->from->code.constants[old], ret));
        remember(x->constants, old, *ret);
    }
    return ERR_OK;
}

static err map_pattern(struct appender *x, uint32_t old, uint32_t *ret) {
    if (!is_known(x->patterns, old, ret)) {
        TRY(emit_pattern(&x->compiler->emitter, &x->from->code.patterns[old], ret));
        remember(x->patterns, old, *ret);
    }
    return ERR_OK;
}

/* The argument of one instruction in the other program; `moved` is how far jumps have to go. */
static err map_argument(struct appender *x, const struct instruction *old, uint32_t moved,
                        uint32_t *ret) {
    struct emitter *m = &x->compiler->emitter;
    const str *names = x->from->code.names;
    switch ((enum op)old->op) {
    case OP_CONST:
        return map_constant(x, old->arg, ret);
    case OP_GET_VAR:
    case OP_GET:
    case OP_HAS:
    case OP_HAS_VAR:
        return map_name(x, old->arg, ret);
    case OP_RECORD:
    case OP_HAS_PATH: /* DATA behind it says how many */
        return emit_path_names(m, names + old->arg, old[1].arg, ret);
    case OP_LIKE:
        return map_pattern(x, old->arg, ret);
    case OP_IS:
        return map_type(x, old->arg, ret);
    case OP_WHEN:
    case OP_UNLESS:
    case OP_JUMP:
        *ret = old->arg + moved; /* modulo 2^32: it may be less */
        return ERR_OK;
    case OP_VAR:
    case OP_GET_TAG:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_NEG:
    case OP_SET:
    case OP_CALL:
    case OP_TEST:
    case OP_EQ:
    case OP_LESS:
    case OP_LESS_EQ:
    case OP_IN:
    case OP_CONTAINS:
    case OP_CONTAINS_ALL:
    case OP_CONTAINS_ANY:
    case OP_IS_EMPTY:
    case OP_HAS_TAG:
    case OP_TRUTH:
    case OP_DATA:
    case OP_DROP:
    case OP_COPY:
    case OP_YES:
    case OP_NO:
    case OP_END:
        *ret = old->arg;
        return ERR_OK;
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

/* Its NO, the only one, ends a condition. */
static err map_condition(struct appender *x, uint32_t start, uint32_t *ret) {
    struct emitter *m = &x->compiler->emitter;
    const struct instruction *old = x->from->code.instructions;
    if (is_known(x->conditions, start, ret)) {
        return ERR_OK;
    }
    uint32_t new_start = (uint32_t)m->instructions.count;
    size_t at = start;
    do {
        uint32_t arg;
        TRY(map_argument(x, &old[at], new_start - start, &arg));
        TRY(emit_put(m, (enum op)old[at].op, (enum program_var)old[at].var, arg));
    } while (old[at++].op != OP_NO);
    remember(x->conditions, start, new_start);
    *ret = new_start;
    return ERR_OK;
}

/* ---- policies ---- */

static err map_list(struct appender *x, struct scope *scope) {
    struct compiler *c = x->compiler;
    const uint32_t *old = x->from->lists + scope->uid;
    if (scope->type > UINT32_MAX - c->lists.count) {
        return ERR_LIMIT;
    }
    if (!BLOCKS_RESERVE(&c->blocks, &c->lists, scope->type)) {
        return blocks_error(&c->blocks);
    }
    scope->uid = (uint32_t)c->lists.count;
    for (size_t i = 0; i < scope->type; i++) {
        TRY(map_uid(x, old[i], &c->lists.items[scope->uid + i]));
    }
    c->lists.count += scope->type;
    compiler_share_list(c, scope);
    return ERR_OK;
}

static err map_scope(struct appender *x, struct scope *scope) {
    if (scope->kind == SCOPE_IN_LIST) {
        return map_list(x, scope);
    }
    if (scope->uid != SYMBOL_NONE) {
        TRY(map_uid(x, scope->uid, &scope->uid));
    }
    return scope->type == SYMBOL_NONE ? ERR_OK : map_type(x, scope->type, &scope->type);
}

err appender_add(struct appender *x, size_t number, str id) {
    struct program_policy policy = x->from->policies[number];
    struct emitter *m = &x->compiler->emitter;
    uint32_t stack = x->from->code.stack_max;
    for (unsigned part = 0; part < SCOPE_PARTS; part++) {
        TRY(map_scope(x, &policy.scopes[part]));
    }
    if (policy.condition != NO_CONDITION) {
        TRY(map_condition(x, policy.condition, &policy.condition));
        m->stack_max = stack > m->stack_max ? stack : m->stack_max;
    }
    return compiler_put(x->compiler, id, &policy);
}
