/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/emit.h"

#include "base/assert.h"
#include "cedar/compile/emit_int.h"

static const uint32_t no_label = UINT32_MAX;

void emitter_init(struct emitter *m, struct blocks *blocks, struct packer *packer,
                  struct symbols *symbols, const struct hash_key *key) {
    *m = (struct emitter){
        .arena = blocks->owner, .blocks = blocks, .packer = packer, .symbols = symbols};
    map_init(&m->name_numbers, blocks->temp, key);
}

/* ---- instructions ---- */

err emit_put(struct emitter *m, enum op op, enum program_var var, uint32_t arg) {
    struct instruction instruction = {.op = (uint8_t)op, .var = (uint8_t)var, .arg = arg};
    if (m->instructions.count >= CODE_MAX) {
        return ERR_LIMIT;
    }
    return BLOCKS_PUSH(m->blocks, &m->instructions, instruction) ? ERR_OK : blocks_error(m->blocks);
}

void emit_pushed(struct emitter *m) {
    m->stack++;
    m->stack_max = m->stack > m->stack_max ? m->stack : m->stack_max;
}

static uint32_t here(const struct emitter *m) {
    return (uint32_t)m->instructions.count;
}

/* ---- labels: jumps to one place that is not known yet, chained through their arguments ---- */

struct label {
    uint32_t last; /* the latest jump, or no_label */
};

static err put_jump(struct emitter *m, enum op op, struct label *label) {
    uint32_t at = here(m);
    TRY(emit_put(m, op, VAR_PRINCIPAL, label->last));
    label->last = at;
    return ERR_OK;
}

/* The place is here. */
static void set_label(struct emitter *m, struct label *label) {
    for (uint32_t at = label->last; at != no_label;) {
        uint32_t next = m->instructions.items[at].arg;
        m->instructions.items[at].arg = here(m);
        at = next;
    }
    label->last = no_label;
}

/* ---- values ---- */

static err value_of(struct emitter *m, const struct node *node);
static err put_test(struct emitter *m, const struct node *node);
static err jump_if(struct emitter *m, const struct node *node, bool sense, struct label *label);

static err put_truth(struct emitter *m) {
    emit_pushed(m);
    return emit_put(m, OP_TRUTH, VAR_PRINCIPAL, 0);
}

/* Code of a bool with jumps in it, as a value. */
static err value_of_logic(struct emitter *m, const struct node *node) {
    static const struct value yes = {.kind = VALUE_BOOL, .boolean = true};
    static const struct value no = {.kind = VALUE_BOOL, .boolean = false};
    struct label is_false = {no_label};
    struct label end = {no_label};
    TRY(jump_if(m, node, false, &is_false));
    TRY(emit_constant(m, &yes));
    TRY(put_jump(m, OP_JUMP, &end));
    m->stack--; /* only one of the two is pushed */
    set_label(m, &is_false);
    TRY(emit_constant(m, &no));
    set_label(m, &end);
    return ERR_OK;
}

static err value_of_if(struct emitter *m, const struct node *node) {
    struct label no = {no_label};
    struct label end = {no_label};
    TRY(jump_if(m, node->cond.test, false, &no));
    TRY(value_of(m, node->cond.yes));
    TRY(put_jump(m, OP_JUMP, &end));
    m->stack--;
    set_label(m, &no);
    TRY(value_of(m, node->cond.no));
    set_label(m, &end);
    return ERR_OK;
}

static err value_of_arith(struct emitter *m, const struct node *node) {
    static const enum op ops[] = {[ARITH_ADD] = OP_ADD, [ARITH_SUB] = OP_SUB, [ARITH_MUL] = OP_MUL};
    TRY(value_of(m, node->arith.operands[0]));
    for (size_t i = 1; i < node->arith.count; i++) {
        TRY(value_of(m, node->arith.operands[i]));
        TRY(emit_put(m, ops[node->arith.ops[i]], VAR_PRINCIPAL, 0));
        m->stack--;
    }
    return ERR_OK;
}

static err value_of_get(struct emitter *m, const struct node *node) {
    const struct node *object = node->member.object;
    size_t i = 0;
    uint32_t name;
    if (object->kind == NODE_VAR) {
        TRY(emit_name(m, node->member.path[i++], &name));
        emit_pushed(m);
        TRY(emit_put(m, OP_GET_VAR, object->var, name));
    } else {
        TRY(value_of(m, object));
    }
    for (; i < node->member.count; i++) {
        TRY(emit_name(m, node->member.path[i], &name));
        TRY(emit_put(m, OP_GET, VAR_PRINCIPAL, name));
    }
    return ERR_OK;
}

static err values_of(struct emitter *m, const struct node *const *nodes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        TRY(value_of(m, nodes[i]));
    }
    return ERR_OK;
}

static err value_of_set(struct emitter *m, const struct node *node) {
    if (node->list.count > CODE_MAX) {
        return ERR_LIMIT;
    }
    TRY(values_of(m, node->list.items, node->list.count));
    m->stack -= (uint32_t)node->list.count;
    emit_pushed(m);
    return emit_put(m, OP_SET, VAR_PRINCIPAL, (uint32_t)node->list.count);
}

static err value_of_record(struct emitter *m, const struct node *node) {
    uint32_t names;
    TRY(emit_field_names(m, node->record.fields, node->record.count, &names));
    for (size_t i = 0; i < node->record.count; i++) {
        TRY(value_of(m, node->record.fields[i].value));
    }
    m->stack -= (uint32_t)node->record.count;
    emit_pushed(m);
    TRY(emit_put(m, OP_RECORD, VAR_PRINCIPAL, names));
    return emit_put(m, OP_DATA, VAR_PRINCIPAL, (uint32_t)node->record.count);
}

static err value_of_call(struct emitter *m, const struct node *node) {
    uint32_t function = 0;
    while (ext_function_get(function) != node->call.function) {
        function++;
    }
    if (node->call.count > CODE_MAX) {
        return ERR_LIMIT;
    }
    TRY(values_of(m, node->call.args, node->call.count));
    m->stack -= (uint32_t)node->call.count;
    emit_pushed(m);
    TRY(emit_put(m, OP_CALL, VAR_PRINCIPAL, function));
    return emit_put(m, OP_DATA, VAR_PRINCIPAL, (uint32_t)node->call.count);
}

static err value_of(struct emitter *m, const struct node *node) {
    switch (node->kind) {
    case NODE_CONST:
        return emit_constant(m, &node->constant);
    case NODE_VAR:
        emit_pushed(m);
        return emit_put(m, OP_VAR, node->var, 0);
    case NODE_NEG:
        TRY(value_of(m, node->operand));
        return emit_put(m, OP_NEG, VAR_PRINCIPAL, 0);
    case NODE_ARITH:
        return value_of_arith(m, node);
    case NODE_GET_TAG:
        TRY(value_of(m, node->binary.left));
        TRY(value_of(m, node->binary.right));
        m->stack--;
        return emit_put(m, OP_GET_TAG, VAR_PRINCIPAL, 0);
    case NODE_GET:
        return value_of_get(m, node);
    case NODE_IF:
        return value_of_if(m, node);
    case NODE_SET:
        return value_of_set(m, node);
    case NODE_RECORD:
        return value_of_record(m, node);
    case NODE_CALL:
        return value_of_call(m, node);
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT:
    case NODE_IS:
    case NODE_HAS:
        return value_of_logic(m, node);
    case NODE_EQ:
    case NODE_LESS:
    case NODE_LESS_EQ:
    case NODE_IN:
    case NODE_CONTAINS:
    case NODE_CONTAINS_ALL:
    case NODE_CONTAINS_ANY:
    case NODE_IS_EMPTY:
    case NODE_HAS_TAG:
    case NODE_LIKE:
        TRY(put_test(m, node));
        return put_truth(m);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

/* ---- tests and jumps ---- */

static enum op test_of(enum node_kind kind) {
    switch (kind) {
    case NODE_EQ:
        return OP_EQ;
    case NODE_LESS:
        return OP_LESS;
    case NODE_LESS_EQ:
        return OP_LESS_EQ;
    case NODE_IN:
        return OP_IN;
    case NODE_CONTAINS:
        return OP_CONTAINS;
    case NODE_CONTAINS_ALL:
        return OP_CONTAINS_ALL;
    case NODE_CONTAINS_ANY:
        return OP_CONTAINS_ANY;
    case NODE_HAS_TAG:
        return OP_HAS_TAG;
    case NODE_CONST:
    case NODE_VAR:
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT:
    case NODE_NEG:
    case NODE_ARITH:
    case NODE_IS_EMPTY:
    case NODE_GET_TAG:
    case NODE_GET:
    case NODE_HAS:
    case NODE_LIKE:
    case NODE_IS:
    case NODE_IF:
    case NODE_SET:
    case NODE_RECORD:
    case NODE_CALL:
        break;
    }
    NOT_REACHED();
    return OP_DATA;
}

/* A test of one operand, which it takes. */
static err put_unary_test(struct emitter *m, enum op op, const struct node *operand, uint32_t arg) {
    TRY(value_of(m, operand));
    m->stack--;
    return emit_put(m, op, VAR_PRINCIPAL, arg);
}

static err put_has(struct emitter *m, const struct node *node) {
    const struct node *object = node->member.object;
    uint32_t name;
    if (node->member.count > 1) {
        TRY(emit_path_names(m, node->member.path, node->member.count, &name));
        TRY(put_unary_test(m, OP_HAS_PATH, object, name));
        return emit_put(m, OP_DATA, VAR_PRINCIPAL, (uint32_t)node->member.count);
    }
    TRY(emit_name(m, node->member.path[0], &name));
    if (object->kind == NODE_VAR) {
        return emit_put(m, OP_HAS_VAR, object->var, name);
    }
    return put_unary_test(m, OP_HAS, object, name);
}

static err put_like(struct emitter *m, const struct node *node) {
    uint32_t pattern;
    TRY(emit_pattern(m, &node->like.pattern, &pattern));
    return put_unary_test(m, OP_LIKE, node->like.object, pattern);
}

/* Operands and test, without what becomes of it: any value, or a test. Not for logic. */
static err put_test(struct emitter *m, const struct node *node) {
    switch (node->kind) {
    case NODE_EQ:
    case NODE_LESS:
    case NODE_LESS_EQ:
    case NODE_IN:
    case NODE_CONTAINS:
    case NODE_CONTAINS_ALL:
    case NODE_CONTAINS_ANY:
    case NODE_HAS_TAG:
        TRY(value_of(m, node->binary.left));
        TRY(value_of(m, node->binary.right));
        m->stack -= 2;
        return emit_put(m, test_of(node->kind), VAR_PRINCIPAL, 0);
    case NODE_IS_EMPTY:
        return put_unary_test(m, OP_IS_EMPTY, node->operand, 0);
    case NODE_HAS:
        return put_has(m, node);
    case NODE_LIKE:
        return put_like(m, node);
    case NODE_CONST:
    case NODE_VAR:
    case NODE_NEG:
    case NODE_ARITH:
    case NODE_GET_TAG:
    case NODE_GET:
    case NODE_SET:
    case NODE_RECORD:
    case NODE_CALL:
        return put_unary_test(m, OP_TEST, node, 0);
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT:
    case NODE_IS:
    case NODE_IF:
        break;
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

static err put_branch(struct emitter *m, bool sense, struct label *label) {
    return put_jump(m, sense ? OP_WHEN : OP_UNLESS, label);
}

/* && stops at the first false, || at the first true. */
static err jump_if_logic(struct emitter *m, const struct node *node, bool sense,
                         struct label *label) {
    bool stop = node->kind == NODE_OR;
    struct label end = {no_label};
    size_t last = node->list.count - 1;
    for (size_t i = 0; i < last; i++) {
        TRY(jump_if(m, node->list.items[i], stop, sense == stop ? label : &end));
    }
    TRY(jump_if(m, node->list.items[last], sense, label));
    set_label(m, &end);
    return ERR_OK;
}

static err jump_if_if(struct emitter *m, const struct node *node, bool sense, struct label *label) {
    struct label no = {no_label};
    struct label end = {no_label};
    TRY(jump_if(m, node->cond.test, false, &no));
    TRY(jump_if(m, node->cond.yes, sense, label));
    TRY(put_jump(m, OP_JUMP, &end));
    set_label(m, &no);
    TRY(jump_if(m, node->cond.no, sense, label));
    set_label(m, &end);
    return ERR_OK;
}

/* e is T in f: the value of e stays on the stack until it is clear whether f is asked for. */
static err jump_if_is_in(struct emitter *m, const struct node *node, uint32_t type, bool sense,
                         struct label *label) {
    struct label other = {no_label};
    struct label end = {no_label};
    TRY(value_of(m, node->is.object));
    emit_pushed(m);
    TRY(emit_put(m, OP_COPY, VAR_PRINCIPAL, 0));
    TRY(emit_put(m, OP_IS, VAR_PRINCIPAL, type));
    m->stack--;
    TRY(put_branch(m, false, &other));
    TRY(value_of(m, node->is.in));
    TRY(emit_put(m, OP_IN, VAR_PRINCIPAL, 0));
    m->stack -= 2;
    TRY(put_branch(m, sense, label));
    TRY(put_jump(m, OP_JUMP, &end));
    set_label(m, &other);
    TRY(emit_put(m, OP_DROP, VAR_PRINCIPAL, 0));
    if (!sense) {
        TRY(put_jump(m, OP_JUMP, label));
    }
    set_label(m, &end);
    return ERR_OK;
}

static err jump_if_is(struct emitter *m, const struct node *node, bool sense, struct label *label) {
    uint32_t type;
    TRY(symbols_add_type(m->symbols, m->blocks, m->packer, node->is.type, &type));
    if (node->is.in != NULL) {
        return jump_if_is_in(m, node, type, sense, label);
    }
    TRY(put_unary_test(m, OP_IS, node->is.object, type));
    return put_branch(m, sense, label);
}

/* Goes to the label when the node, which should be a bool, is `sense`; otherwise goes on. */
static err jump_if(struct emitter *m, const struct node *node, bool sense, struct label *label) {
    if (node->kind == NODE_AND || node->kind == NODE_OR) {
        return jump_if_logic(m, node, sense, label);
    }
    if (node->kind == NODE_NOT) {
        return jump_if(m, node->operand, !sense, label);
    }
    if (node->kind == NODE_IF) {
        return jump_if_if(m, node, sense, label);
    }
    if (node->kind == NODE_IS) {
        return jump_if_is(m, node, sense, label);
    }
    if (node->kind == NODE_CONST && node->constant.kind == VALUE_BOOL) {
        return node->constant.boolean == sense ? put_jump(m, OP_JUMP, label) : ERR_OK;
    }
    TRY(put_test(m, node));
    return put_branch(m, sense, label);
}

/* ---- whole pieces ---- */

err emit_condition(struct emitter *m, const struct node *node, uint32_t *ret_start) {
    struct label no = {no_label};
    uint32_t start = here(m);
    m->stack = 0;
    TRY(jump_if(m, node, false, &no));
    TRY(emit_put(m, OP_YES, VAR_PRINCIPAL, 0));
    set_label(m, &no);
    TRY(emit_put(m, OP_NO, VAR_PRINCIPAL, 0));
    *ret_start = start;
    return ERR_OK;
}

err emit_expression(struct emitter *m, const struct node *node, uint32_t *ret_start) {
    uint32_t start = here(m);
    m->stack = 0;
    TRY(value_of(m, node));
    TRY(emit_put(m, OP_END, VAR_PRINCIPAL, 0));
    *ret_start = start;
    return ERR_OK;
}
