/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/authz/reach.h"

#include "base/assert.h"
#include "cedar/value/sort.h"

enum { SCANNED = 24, SORTED_BY_INSERTION = 48 };

static const enum program_var var_of[SCOPE_PARTS] = {VAR_PRINCIPAL, VAR_ACTION, VAR_RESOURCE};

/* ---- what the request has ---- */

static err add_key(struct reach *r, unsigned part, uint32_t key) {
    return VEC_PUSH(r->arena, &r->keys[part].list, key) ? ERR_OK : arena_error(r->arena);
}

static int compare_numbers(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static bool is_used(const struct symbols *symbols, uint32_t uid, unsigned part, uint32_t use) {
    use <<= USE_BITS * part;
    return uid != SYMBOL_NONE &&
           (symbols->uids.items[uid].type_and_uses & use << SYMBOL_USE_SHIFT) != 0;
}

static err add_ancestors(struct reach *r, struct eval *e, unsigned part) {
    const struct program *program = r->program;
    enum program_var var = var_of[part];
    if (entities_climb(e->entities, e->vars[var].uid)) {
        e->has_self[var] = false; /* a condition of an earlier piece may have looked for it */
    }
    const struct entity *entity = eval_self(e, var);
    if (entity == NULL) {
        return ERR_OK;
    }
    struct ancestor_cursor cursor;
    ancestors_start(&cursor, e->entities, entity);
    const struct uid *ancestor;
    uint32_t mark;
    while ((ancestor = ancestors_next(&cursor, &mark)) != NULL) {
        r->work++;
        if (!symbols_has_mark(&program->symbols, mark)) {
            continue;
        }
        uint32_t number = symbols_find_uid(&program->symbols, ancestor);
        if (is_used(&program->symbols, number, part, USE_IN)) {
            TRY(add_key(r, part, index_key_in(number)));
        }
    }
    return ERR_OK;
}

static err add_keys(struct reach *r, struct eval *e, unsigned part) {
    const struct uid *uid = e->vars[var_of[part]].uid;
    const struct program *program = r->program;
    const struct index *index = &program->index;
    uint32_t self = symbols_find_uid(&program->symbols, uid);
    if (is_used(&program->symbols, self, part, USE_EQ)) {
        TRY(add_key(r, part, index_key_eq(self)));
    }
    if (is_used(&program->symbols, self, part, USE_IN)) {
        TRY(add_key(r, part, index_key_in(self)));
    }
    if (index->has_types[part]) {
        uint32_t type = symbols_find_type(&program->symbols, uid_type(uid));
        if (type != SYMBOL_NONE) {
            TRY(add_key(r, part, index_key_is(index, type)));
        }
    }
    if (index->has_ins[part]) {
        TRY(add_ancestors(r, e, part));
    }
    if (r->keys[part].list.count > SCANNED) {
        sort_items(r->keys[part].list.items, r->keys[part].list.count, sizeof(uint32_t),
                   compare_numbers);
    }
    return ERR_OK;
}

/* ---- what a policy demands ---- */

static bool has_key(const struct reach *r, unsigned part, uint32_t key) {
    const uint32_t *keys = r->keys[part].list.items;
    size_t low = 0;
    size_t high = r->keys[part].list.count;
    if (high <= SCANNED) {
        for (size_t i = 0; i < high; i++) {
            if (keys[i] == key) {
                return true;
            }
        }
        return false;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys[middle] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < r->keys[part].list.count && keys[low] == key;
}

static bool has_any(struct reach *r, unsigned part, const struct scope *scope) {
    const uint32_t *list = r->program->lists + scope->uid;
    r->work += scope->type;
    for (size_t i = 0; i < scope->type; i++) {
        if (has_key(r, part, index_key_in(list[i]))) {
            return true;
        }
    }
    return false;
}

static bool matches(struct reach *r, unsigned part, const struct scope *scope) {
    const struct index *index = &r->program->index;
    switch ((enum scope_kind)scope->kind) {
    case SCOPE_ANY:
        return true;
    case SCOPE_EQ:
        return has_key(r, part, index_key_eq(scope->uid));
    case SCOPE_IN:
        return has_key(r, part, index_key_in(scope->uid));
    case SCOPE_IS:
        return has_key(r, part, index_key_is(index, scope->type));
    case SCOPE_IS_IN:
        return has_key(r, part, index_key_is(index, scope->type)) &&
               has_key(r, part, index_key_in(scope->uid));
    case SCOPE_IN_LIST:
        return has_any(r, part, scope);
    }
    NOT_REACHED();
    r->is_broken = true;
    return false;
}

static bool is_in_scope(struct reach *r, const struct program_policy *policy) {
    return matches(r, PART_PRINCIPAL, &policy->scopes[PART_PRINCIPAL]) &&
           matches(r, PART_ACTION, &policy->scopes[PART_ACTION]) &&
           matches(r, PART_RESOURCE, &policy->scopes[PART_RESOURCE]);
}

/* ---- walking the index ---- */

static err add_member(struct reach *r, uint32_t member) {
    uint32_t policy = member & ~(INDEX_CHECK | INDEX_MEMBER);
    r->work++;
    if ((member & INDEX_CHECK) != 0 && !is_in_scope(r, &r->program->policies[policy])) {
        return ERR_OK;
    }
    return VEC_PUSH(r->arena, &r->policies, policy) ? ERR_OK : arena_error(r->arena);
}

static err add_members(struct reach *r, const struct index_node *node) {
    const uint32_t *members = r->program->index.members + node->first;
    for (size_t i = 0; i < node->count; i++) {
        TRY(add_member(r, members[i]));
    }
    return ERR_OK;
}

static uint32_t find_child(const struct index *index, const struct index_node *node, uint32_t key) {
    const struct index_slot *slots = index->slots + node->slots;
    for (size_t at = index_hash(key) & node->slot_mask; slots[at].key != 0;
         at = (at + 1) & node->slot_mask) {
        if (slots[at].key == key + 1) {
            return slots[at].node;
        }
    }
    return INDEX_NONE;
}

/* Recursion goes one deeper for each part that is divided. */
static err visit(struct reach *r, uint32_t number) {
    if ((number & INDEX_MEMBER) != 0) {
        return add_member(r, number);
    }
    const struct index *index = &r->program->index;
    const struct index_node *node = &index->nodes[number];
    TRY(add_members(r, node));
    if (node->part < SCOPE_PARTS) {
        const struct reach_keys *keys = &r->keys[node->part];
        r->work += keys->list.count;
        for (size_t i = 0; i < keys->list.count; i++) {
            uint32_t child = find_child(index, node, keys->list.items[i]);
            if (child != INDEX_NONE) {
                TRY(visit(r, child));
            }
        }
    }
    return node->rest == INDEX_NONE ? ERR_OK : visit(r, node->rest);
}

/* ---- order ---- */

static bool is_ordered(const uint32_t *numbers, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (numbers[i - 1] >= numbers[i]) {
            return false;
        }
    }
    return true;
}

static void sort_few(uint32_t *numbers, size_t count) {
    for (size_t i = 1; i < count; i++) {
        uint32_t held = numbers[i];
        size_t at = i;
        for (; at > 0 && numbers[at - 1] > held; at--) {
            numbers[at] = numbers[at - 1];
        }
        numbers[at] = held;
    }
}

static void put_in_order(struct reach *r) {
    uint32_t *numbers = r->policies.items;
    size_t count = r->policies.count;
    if (is_ordered(numbers, count)) {
        return;
    }
    if (count <= SORTED_BY_INSERTION) {
        sort_few(numbers, count);
    } else {
        sort_items(numbers, count, sizeof *numbers, compare_numbers);
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || numbers[kept - 1] != numbers[i]) {
            numbers[kept++] = numbers[i];
        }
    }
    r->policies.count = kept;
}

err reach_find(struct reach *r, struct eval *e, const struct program *program) {
    r->program = program;
    r->arena = e->arena;
    r->work = 0;
    r->is_broken = false;
    r->policies.items = r->few;
    r->policies.count = 0;
    r->policies.capacity = REACH_POLICIES;
    if (program->index.node_count == 0) {
        return ERR_OK;
    }
    for (unsigned part = 0; part < SCOPE_PARTS; part++) {
        r->keys[part].list.items = r->keys[part].few;
        r->keys[part].list.count = 0;
        r->keys[part].list.capacity = REACH_KEYS;
        TRY(add_keys(r, e, part));
    }
    TRY(visit(r, 0));
    put_in_order(r);
    return r->is_broken ? ERR_INTERNAL : ERR_OK;
}
