/* SPDX-License-Identifier: Apache-2.0 */
/* What instructions point to: names, patterns, constants. */
#include "base/assert.h"
#include "cedar/compile/emit_int.h"

/* ---- names and patterns ---- */

static err append_name(struct emitter *m, str name) {
    str copy;
    TRY(arena_copy(m->arena, name, &copy));
    return VEC_PUSH(m->temp, &m->names, copy) ? ERR_OK : arena_error(m->temp);
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
    return VEC_PUSH(m->temp, &m->patterns, copy) ? ERR_OK : arena_error(m->temp);
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

/* Deep; uids become those of the symbols. */
static err copy_value(struct emitter *m, const struct value *value, struct value *ret) {
    switch (value->kind) {
    case VALUE_ENTITY: {
        uint32_t number;
        TRY(symbols_add_uid(m->symbols, m->arena, m->temp, value->uid, &number));
        *ret = value_entity(m->symbols->uids.items[number]);
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

err emit_constant(struct emitter *m, const struct value *value) {
    if (m->constants.count >= CODE_MAX) {
        return ERR_LIMIT;
    }
    struct value copy;
    TRY(copy_value(m, value, &copy));
    uint32_t number = (uint32_t)m->constants.count;
    if (!VEC_PUSH(m->temp, &m->constants, copy)) {
        return arena_error(m->temp);
    }
    emit_pushed(m);
    return emit_put(m, OP_CONST, VAR_PRINCIPAL, number);
}

/* ---- finishing ---- */

static err copy_array(struct arena *a, const void *items, size_t count, size_t size, void **ret) {
    void *copy = arena_alloc_array(a, count, size);
    if (copy == NULL) {
        return arena_error(a);
    }
    if (count > 0) {
        memcpy(copy, items, count * size);
    }
    *ret = copy;
    return ERR_OK;
}

err emitter_finish(const struct emitter *m, struct code *ret) {
    struct arena *a = m->arena;
    void *instructions;
    void *constants;
    void *names;
    void *patterns;
    TRY(copy_array(a, m->instructions.items, m->instructions.count, sizeof *m->instructions.items,
                   &instructions));
    TRY(copy_array(a, m->constants.items, m->constants.count, sizeof *m->constants.items,
                   &constants));
    TRY(copy_array(a, m->names.items, m->names.count, sizeof *m->names.items, &names));
    TRY(copy_array(a, m->patterns.items, m->patterns.count, sizeof *m->patterns.items, &patterns));
    *ret = (struct code){
        .instructions = instructions,
        .constants = constants,
        .names = names,
        .patterns = patterns,
        .stack_max = m->stack_max,
    };
    return ERR_OK;
}
