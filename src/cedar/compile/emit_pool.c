/* SPDX-License-Identifier: Apache-2.0 */
/* What instructions point to: names, patterns, constants. */
#include "base/assert.h"
#include "cedar/compile/emit_int.h"

/* ---- names and patterns ---- */

static err append_name(struct emitter *m, str name) {
    str copy;
    TRY(packer_copy(m->packer, name, &copy));
    return BLOCKS_PUSH(m->blocks, &m->names, copy) ? ERR_OK : blocks_error(m->blocks);
}

err emit_name(struct emitter *m, str name, uint32_t *ret) {
    void **known = map_find(&m->name_numbers, name);
    if (known != NULL) {
        *ret = (uint32_t)((uintptr_t)*known - 1);
        return ERR_OK;
    }
    if (m->names.count >= CODE_MAX) {
        return ERR_LIMIT;
    }
    TRY(append_name(m, name));
    *ret = (uint32_t)(m->names.count - 1);
    return map_add(&m->name_numbers, m->names.items[*ret], (void *)(uintptr_t)m->names.count);
}

/* The names of a record, one after the other. */
err emit_field_names(struct emitter *m, const struct node_field *fields, size_t count,
                     uint32_t *ret) {
    if (count > CODE_MAX - m->names.count) {
        return ERR_LIMIT;
    }
    *ret = (uint32_t)m->names.count;
    for (size_t i = 0; i < count; i++) {
        TRY(append_name(m, fields[i].name));
    }
    return ERR_OK;
}

err emit_pattern(struct emitter *m, const struct pattern *pattern, uint32_t *ret) {
    uint32_t *items = ARENA_ARRAY(m->arena, uint32_t, pattern->count);
    if (items == NULL) {
        return arena_error(m->arena);
    }
    for (size_t i = 0; i < pattern->count; i++) {
        items[i] = pattern->items[i];
    }
    if (m->patterns.count >= CODE_MAX) {
        return ERR_LIMIT;
    }
    struct pattern copy = {items, pattern->count};
    *ret = (uint32_t)m->patterns.count;
    return BLOCKS_PUSH(m->blocks, &m->patterns, copy) ? ERR_OK : blocks_error(m->blocks);
}

err emit_path_names(struct emitter *m, const str *path, size_t count, uint32_t *ret) {
    if (count > CODE_MAX - m->names.count) {
        return ERR_LIMIT;
    }
    *ret = (uint32_t)m->names.count;
    for (size_t i = 0; i < count; i++) {
        TRY(append_name(m, path[i]));
    }
    return ERR_OK;
}

/* ---- constants ---- */

static err copy_value(struct emitter *m, const struct value *value, struct value *ret);

static err copy_set(struct emitter *m, const struct value_set *set, struct value *ret) {
    struct value *items = ARENA_ARRAY(m->arena, struct value, set->count);
    struct value_set *copy = ARENA_NEW(m->arena, struct value_set);
    if (items == NULL || copy == NULL) {
        return arena_error(m->arena);
    }
    for (size_t i = 0; i < set->count; i++) {
        TRY(copy_value(m, &set->items[i], &items[i]));
    }
    *copy = (struct value_set){set->count, items};
    *ret = (struct value){.kind = VALUE_SET, .set = copy};
    return ERR_OK;
}

static err copy_record(struct emitter *m, const struct value_record *record, struct value *ret) {
    size_t count = value_record_count(record);
    str *names;
    struct value_record *copy = value_record_shaped(m->arena, count, &names);
    if (copy == NULL) {
        return arena_error(m->arena);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(arena_copy(m->arena, value_record_name(record, i), &names[i]));
        TRY(copy_value(m, &record->values[i], &copy->values[i]));
    }
    *ret = value_record(copy);
    return ERR_OK;
}

/* Each entity that constants mention is there once. */
static err share_uid(struct emitter *m, const struct uid *uid, const struct uid **ret) {
    uint32_t number = 0; /* as below */
    TRY(symbols_add_uid(m->symbols, m->blocks, m->packer, uid_type(uid), uid_id(uid), &number));
    while (m->uids.count <= number) {
        if (!BLOCKS_PUSH(m->blocks, &m->uids, NULL)) {
            return blocks_error(m->blocks);
        }
    }
    if (m->uids.items[number] == NULL) {
        struct uid *shared = ARENA_NEW(m->arena, struct uid);
        if (shared == NULL) {
            return arena_error(m->arena);
        }
        const struct symbol *symbol = &m->symbols->uids.items[number];
        *shared = uid_unhashed(m->symbols->types.items[symbol_type(symbol)], symbol_id(symbol));
        shared->hash = uid->hash;
        m->uids.items[number] = shared;
    }
    *ret = m->uids.items[number];
    return ERR_OK;
}

/* Deep. */
static err copy_value(struct emitter *m, const struct value *value, struct value *ret) {
    switch (value->kind) {
    case VALUE_ENTITY: {
        const struct uid *uid = NULL; /* for compilers that do not follow TRY */
        TRY(share_uid(m, value->uid, &uid));
        *ret = value_entity(uid);
        return ERR_OK;
    }
    case VALUE_SET:
        return copy_set(m, value->set, ret);
    case VALUE_RECORD:
        return copy_record(m, value->record, ret);
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_STRING:
    case VALUE_DECIMAL:
    case VALUE_IPADDR:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return value_copy(m->arena, value, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err emit_add_constant(struct emitter *m, const struct value *value, uint32_t *ret) {
    if (m->constants.count >= CODE_MAX) {
        return ERR_LIMIT;
    }
    struct value copy;
    TRY(copy_value(m, value, &copy));
    *ret = (uint32_t)m->constants.count;
    return BLOCKS_PUSH(m->blocks, &m->constants, copy) ? ERR_OK : blocks_error(m->blocks);
}

err emit_constant(struct emitter *m, const struct value *value) {
    uint32_t number;
    TRY(emit_add_constant(m, value, &number));
    emit_pushed(m);
    return emit_put(m, OP_CONST, VAR_PRINCIPAL, number);
}

/* ---- finishing ---- */

err emitter_finish(struct emitter *m, struct code *ret) {
    struct blocks *b = m->blocks;
    blocks_drop_table(b, m->uids.items, m->uids.capacity, sizeof *m->uids.items);
    TRY(BLOCKS_SETTLE(b, &m->instructions));
    TRY(BLOCKS_SETTLE(b, &m->constants));
    TRY(BLOCKS_SETTLE(b, &m->names));
    TRY(BLOCKS_SETTLE(b, &m->patterns));
    *ret = (struct code){
        .instructions = m->instructions.items,
        .constants = m->constants.items,
        .names = m->names.items,
        .patterns = m->patterns.items,
        .instruction_count = m->instructions.count,
        .constant_count = m->constants.count,
        .name_count = m->names.count,
        .pattern_count = m->patterns.count,
        .stack_max = m->stack_max,
    };
    return ERR_OK;
}
