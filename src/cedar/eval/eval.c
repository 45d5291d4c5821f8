/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/eval/eval.h"

#include "base/assert.h"
#include "cedar/eval/eval_int.h"
#include "cedar/eval/like.h"

static const struct value yes = {.kind = VALUE_BOOL, .boolean = true};
static const struct value no = {.kind = VALUE_BOOL, .boolean = false};

/* ---- budget ---- */

void eval_init(struct eval *e, struct arena *arena, const struct entities *entities) {
    *e = (struct eval){
        .arena = arena,
        .entities = entities,
        .steps_left = EVAL_STEPS_DEFAULT,
        .fuel = EVAL_POLL_STEPS, /* a short evaluation never asks the clock */
    };
}

err eval_prepare(struct eval *e, const struct code *code) {
    size_t depth = code->stack_max;
    if (depth > SIZE_MAX / (sizeof *e->made + sizeof *e->stack)) {
        return ERR_LIMIT;
    }
    struct value *made = arena_alloc(e->arena, depth * (sizeof *e->made + sizeof *e->stack));
    if (made == NULL) {
        return arena_error(e->arena);
    }
    e->code = code;
    e->made = made;
    e->stack = (const struct value **)(void *)(made + depth);
    return ERR_OK;
}

static err refuel(struct eval *e, size_t steps) {
    uint64_t needed = (uint64_t)steps - e->fuel;
    if (needed > e->steps_left) {
        return ERR_TIMEOUT;
    }
    if (e->is_expired != NULL && e->is_expired(e->expired_ctx)) {
        e->steps_left = 0; /* it stays so, whatever the clock says next */
        e->fuel = 0;
        return ERR_TIMEOUT;
    }
    e->steps_left -= needed;
    size_t next = e->steps_left < EVAL_POLL_STEPS ? (size_t)e->steps_left : EVAL_POLL_STEPS;
    e->steps_left -= next;
    e->fuel = next;
    return ERR_OK;
}

err eval_charge(struct eval *e, size_t steps) {
    if (LIKELY(steps <= e->fuel)) {
        e->fuel -= steps;
        return ERR_OK;
    }
    return refuel(e, steps);
}

/* ---- operators that are no more than a few lines ---- */

const struct entity *eval_self(struct eval *e, enum program_var var) {
    if (!e->has_self[var]) {
        e->self[var] = entities_find(e->entities, e->vars[var].uid);
        e->has_self[var] = true;
    }
    return e->self[var];
}

static err test_bool(struct eval *e, const struct value *value, bool *ret) {
    if (value->kind != VALUE_BOOL) {
        return fail_type(e, VALUE_BOOL, value);
    }
    *ret = value->boolean;
    return ERR_OK;
}

static err is_empty(struct eval *e, const struct value *value, bool *ret) {
    if (value->kind != VALUE_SET) {
        return fail_type(e, VALUE_SET, value);
    }
    *ret = value->set->count == 0;
    return ERR_OK;
}

static err is_type(struct eval *e, const struct value *value, str type, bool *ret) {
    if (value->kind != VALUE_ENTITY) {
        return fail_type(e, VALUE_ENTITY, value);
    }
    *ret = str_same(uid_type(value->uid), type);
    return ERR_OK;
}

/* The attribute of a variable, or NULL. */
static const struct value *find_var(struct eval *e, enum program_var var, str attr) {
    if (var == VAR_CONTEXT) {
        return value_record_find(e->vars[VAR_CONTEXT].record, attr);
    }
    const struct entity *entity = eval_self(e, var);
    return entity == NULL ? NULL : value_record_find(entity->attrs, attr);
}

static err get_var(struct eval *e, enum program_var var, str attr, const struct value **ret) {
    TRY(eval_charge(e, 1));
    *ret = find_var(e, var, attr);
    return *ret != NULL ? ERR_OK : eval_get(e, &e->vars[var], attr, ret);
}

static err has_path(struct eval *e, const struct value *object, const str *names, uint32_t count,
                    bool *ret) {
    const struct value *found = object;
    for (uint32_t i = 0; i < count && found != NULL; i++) {
        TRY(eval_charge(e, 1));
        TRY(eval_has(e, found, names[i], &found));
    }
    *ret = found != NULL;
    return ERR_OK;
}

static err is_like(struct eval *e, const struct value *value, const struct pattern *pattern,
                   bool *ret) {
    enum { SLICE = 16 * EVAL_POLL_STEPS, SLICE_COST = EVAL_POLL_STEPS };
    if (value->kind != VALUE_STRING) {
        return fail_type(e, VALUE_STRING, value);
    }
    struct like like;
    like_init(&like, pattern, value_text(value));
    enum like_result result;
    while ((result = like_run(&like, SLICE)) == LIKE_MORE) {
        TRY(eval_charge(e, SLICE_COST));
    }
    *ret = result == LIKE_YES;
    return ERR_OK;
}

/* ---- construction and calls ---- */

static err make_set(struct eval *e, const struct value *const *from, size_t count,
                    struct value *ret) {
    struct value *items = ARENA_ARRAY(e->arena, struct value, count);
    if (items == NULL) {
        return arena_error(e->arena);
    }
    size_t rounds = 1; /* how often sorting compares an item, about */
    for (size_t left = count; left > 1; left /= 2) {
        rounds++;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(eval_charge_value(e, from[i], rounds));
        items[i] = *from[i];
    }
    return value_set_adopt(e->arena, items, count, ret);
}

static err make_record(struct eval *e, const struct value *const *from, const str *names,
                       size_t count, struct value *ret) {
    struct value_shape *shape = ARENA_NEW(e->arena, struct value_shape);
    if (shape == NULL) {
        return arena_error(e->arena);
    }
    *shape = (struct value_shape){count, names}; /* the compiler has sorted the names */
    struct value_record *record = value_record_new(e->arena, shape);
    if (record == NULL) {
        return arena_error(e->arena);
    }
    for (size_t i = 0; i < count; i++) {
        record->values[i] = *from[i];
    }
    *ret = value_record(record);
    return ERR_OK;
}

static err call(struct eval *e, uint32_t function, const struct value *const *from, size_t count,
                struct value *ret) {
    struct value args[EXT_ARITY_MAX];
    for (size_t i = 0; i < count && i < EXT_ARITY_MAX; i++) {
        args[i] = *from[i];
    }
    e->error = (struct ext_error){0};
    return ext_call(ext_function_get(function), e->arena, args, count, ret, &e->error);
}

/* ---- the loop ---- */

/* Instructions that push a value; `*top` is the first free place. */
static err run_value(struct eval *e, const struct instruction **at, const struct value ***top) {
    const struct code *code = e->code;
    const struct instruction *i = *at;
    const struct value **stack = *top;
    struct value *made = e->made + (stack - e->stack); /* beside the first free place */
    size_t taken = 0;
    size_t length = 1;
    switch ((enum op)i->op) {
    case OP_GET:
        TRY(eval_charge(e, 1));
        TRY(eval_get(e, stack[-1], code->names[i->arg], &stack[-1]));
        *at = i + 1;
        return ERR_OK;
    case OP_GET_TAG:
        TRY(eval_get_tag(e, stack[-2], stack[-1], &stack[-2]));
        *at = i + 1;
        *top = stack - 1;
        return ERR_OK;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
        taken = 2;
        TRY(eval_arith(e, (enum op)i->op, stack[-2], stack[-1], made - 2));
        break;
    case OP_NEG:
        taken = 1;
        TRY(eval_negate(e, stack[-1], made - 1));
        break;
    case OP_SET:
        taken = i->arg;
        TRY(make_set(e, stack - taken, taken, made - taken));
        break;
    case OP_RECORD:
        taken = i[1].arg;
        length = 2;
        TRY(make_record(e, stack - taken, code->names + i->arg, taken, made - taken));
        break;
    case OP_CALL:
        taken = i[1].arg;
        length = 2;
        TRY(call(e, i->arg, stack - taken, taken, made - taken));
        break;
    case OP_CONST:
    case OP_VAR:
    case OP_GET_VAR:
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
    case OP_HAS:
    case OP_HAS_VAR:
    case OP_HAS_PATH:
    case OP_LIKE:
    case OP_IS:
    case OP_WHEN:
    case OP_UNLESS:
    case OP_TRUTH:
    case OP_DATA:
    case OP_JUMP:
    case OP_DROP:
    case OP_COPY:
    case OP_YES:
    case OP_NO:
    case OP_END:
        NOT_REACHED();
        return ERR_INTERNAL;
    }
    stack[-(ptrdiff_t)taken] = made - taken;
    *at = i + length;
    *top = stack - taken + 1;
    return ERR_OK;
}

/* Runs until the code ends; *ret_last is its last instruction, the result of an expression is at
 * the bottom of the stack. One pass of the loop is one instruction; those that break are tests,
 * and what they found out decides how it goes on. */
static err run(struct eval *e, uint32_t start, enum op *ret_last) {
    const struct code *code = e->code;
    const struct instruction *at = code->instructions + start;
    const struct value **top = e->stack; /* the first free place */
    bool truth = false;
    for (;; at++) {
        TRY(eval_charge(e, 1));
        switch ((enum op)at->op) {
        case OP_CONST:
            *top++ = &code->constants[at->arg];
            continue;
        case OP_VAR:
            *top++ = &e->vars[at->var];
            continue;
        case OP_GET_VAR:
            TRY(get_var(e, (enum program_var)at->var, code->names[at->arg], top));
            top++;
            continue;
        case OP_GET:
        case OP_GET_TAG:
        case OP_ADD:
        case OP_SUB:
        case OP_MUL:
        case OP_NEG:
        case OP_SET:
        case OP_RECORD:
        case OP_CALL:
            TRY(run_value(e, &at, &top));
            at--;
            continue;
        case OP_TEST:
            top--;
            TRY(test_bool(e, top[0], &truth));
            break;
        case OP_EQ:
            top -= 2;
            TRY(eval_equal(e, top[0], top[1], &truth));
            break;
        case OP_LESS:
        case OP_LESS_EQ:
            top -= 2;
            TRY(eval_less(e, top[0], top[1], at->op == OP_LESS_EQ, &truth));
            break;
        case OP_IN:
            top -= 2;
            TRY(eval_in(e, top[0], top[1], &truth));
            break;
        case OP_CONTAINS:
            top -= 2;
            TRY(eval_contains(e, top[0], top[1], &truth));
            break;
        case OP_CONTAINS_ALL:
            top -= 2;
            TRY(eval_contains_all(e, top[0], top[1], &truth));
            break;
        case OP_CONTAINS_ANY:
            top -= 2;
            TRY(eval_contains_any(e, top[0], top[1], &truth));
            break;
        case OP_IS_EMPTY:
            top--;
            TRY(is_empty(e, top[0], &truth));
            break;
        case OP_HAS_TAG:
            top -= 2;
            TRY(eval_has_tag(e, top[0], top[1], &truth));
            break;
        case OP_HAS:
            top--;
            TRY(has_path(e, top[0], &code->names[at->arg], 1, &truth));
            break;
        case OP_HAS_VAR:
            TRY(eval_charge(e, 1));
            truth = find_var(e, (enum program_var)at->var, code->names[at->arg]) != NULL;
            break;
        case OP_HAS_PATH:
            top--;
            TRY(has_path(e, top[0], &code->names[at->arg], at[1].arg, &truth));
            at++;
            break;
        case OP_LIKE:
            top--;
            TRY(is_like(e, top[0], &code->patterns[at->arg], &truth));
            break;
        case OP_IS:
            top--;
            TRY(is_type(e, top[0], code->types[at->arg], &truth));
            break;
        case OP_JUMP:
            at = code->instructions + at->arg - 1;
            continue;
        case OP_DROP:
            top--;
            continue;
        case OP_COPY:
            *top = top[-1];
            top++;
            continue;
        case OP_YES:
        case OP_NO:
        case OP_END:
            *ret_last = (enum op)at->op;
            return ERR_OK;
        case OP_WHEN:
        case OP_UNLESS:
        case OP_TRUTH:
        case OP_DATA:
            NOT_REACHED(); /* they belong to the instruction before */
            return ERR_INTERNAL;
        }
        at++;
        if (at->op == OP_TRUTH) {
            *top++ = truth ? &yes : &no;
        } else if (truth == (at->op == OP_WHEN)) {
            at = code->instructions + at->arg - 1;
        }
    }
}

err eval_expression(struct eval *e, uint32_t start, struct value *ret) {
    enum op last;
    TRY(run(e, start, &last));
    if (!HOLDS(last == OP_END)) {
        return ERR_INTERNAL;
    }
    *ret = *e->stack[0];
    return ERR_OK;
}

err eval_condition(struct eval *e, uint32_t start, bool *ret) {
    enum op last;
    TRY(run(e, start, &last));
    *ret = last == OP_YES;
    return ERR_OK;
}

bool eval_is_policy_error(err error) {
    return error == ERR_TYPE || error == ERR_NOT_FOUND || error == ERR_RANGE ||
           error == ERR_SYNTAX || error == ERR_MISSING;
}
