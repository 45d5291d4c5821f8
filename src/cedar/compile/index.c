/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/compile/index.h"

#include "base/assert.h"
#include "cedar/compile/program.h"

enum {
    POLICIES_MAX = (1 << 30) - 1, /* INDEX_NONE is no member */
    LEAF_MAX = 4,                 /* so few need no table */
    LIST_KEYS_MAX = 16,           /* longer lists of actions count as no demand */
};

/* Policies below a node, and the parts that the way to them has divided already. */
struct group {
    const uint32_t *policies;
    size_t count;
    unsigned parts;
};

struct indexing {
    struct arena work; /* of the groups that are being divided */
    struct blocks *blocks;
    const struct program_policy *policies;
    const uint32_t *lists;
    struct symbols *symbols;
    struct index *index;
    uint32_t *counts; /* by key; all 0 between uses */
    VEC(struct index_node) nodes;
    VEC(struct index_slot) slots;
    VEC(uint32_t) members;
};

/* ---- what a policy demands ---- */

struct keys {
    size_t count; /* 0: nothing that a table could be by */
    uint32_t items[LIST_KEYS_MAX];
};

static void demanded(const struct indexing *x, uint32_t policy, unsigned part, struct keys *ret) {
    const struct scope *scope = &x->policies[policy].scopes[part];
    ret->count = 1;
    switch ((enum scope_kind)scope->kind) {
    case SCOPE_ANY:
        ret->count = 0;
        return;
    case SCOPE_EQ:
        ret->items[0] = index_key_eq(scope->uid);
        return;
    case SCOPE_IN:
    case SCOPE_IS_IN:
        ret->items[0] = index_key_in(scope->uid);
        return;
    case SCOPE_IS:
        ret->items[0] = index_key_is(x->index, scope->type);
        return;
    case SCOPE_IN_LIST:
        ret->count = scope->type > LIST_KEYS_MAX ? 0 : scope->type;
        for (size_t i = 0; i < ret->count; i++) {
            ret->items[i] = index_key_in(x->lists[scope->uid + i]);
        }
        return;
    }
    NOT_REACHED();
    ret->count = 0;
}

static bool never_matches(const struct program_policy *policy) {
    const struct scope *action = &policy->scopes[PART_ACTION];
    return policy->is_template || (action->kind == SCOPE_IN_LIST && action->type == 0);
}

/* True when having come this way does not mean that the whole scope matches. */
static bool needs_check(const struct program_policy *policy, unsigned parts) {
    for (unsigned part = 0; part < SCOPE_PARTS; part++) {
        const struct scope *scope = &policy->scopes[part];
        bool is_divided = (parts & (1u << part)) != 0;
        if (scope->kind == SCOPE_IS_IN || (scope->kind != SCOPE_ANY && !is_divided) ||
            (scope->kind == SCOPE_IN_LIST && scope->type > LIST_KEYS_MAX)) {
            return true;
        }
    }
    return false;
}

/* ---- choosing the part to divide by ---- */

/* How many policies a request meets in a table by this part, if it asks for the key of one of
 * them: those without a demand and the average of those with the same. */
static double expected(struct indexing *x, const struct group *group, unsigned part) {
    struct keys keys;
    double rest = 0;
    double placed = 0;
    double squares = 0;
    for (size_t i = 0; i < group->count; i++) {
        demanded(x, group->policies[i], part, &keys);
        rest += keys.count == 0 ? 1 : 0;
        for (size_t k = 0; k < keys.count; k++) {
            placed += 1;
            squares += 2.0 * x->counts[keys.items[k]]++ + 1; /* (n + 1)² - n² */
        }
    }
    for (size_t i = 0; i < group->count; i++) {
        demanded(x, group->policies[i], part, &keys);
        for (size_t k = 0; k < keys.count; k++) {
            x->counts[keys.items[k]] = 0;
        }
    }
    return placed > 0 ? rest + squares / placed : (double)group->count;
}

/* SCOPE_PARTS: none is worth a table. */
static unsigned choose(struct indexing *x, const struct group *group) {
    unsigned best = SCOPE_PARTS;
    double least = 0.75 * (double)group->count;
    for (unsigned part = 0; part < SCOPE_PARTS && group->count > LEAF_MAX; part++) {
        if ((group->parts & (1u << part)) == 0) {
            double cost = expected(x, group, part);
            if (cost < least) {
                least = cost;
                best = part;
            }
        }
    }
    return best;
}

/* ---- dividing ---- */

/* The policies of a group by key: bucket i is sorted[starts[i] … starts[i + 1]). */
struct division {
    size_t bucket_count;
    uint32_t *keys;
    uint32_t *starts;
    uint32_t *sorted;
    uint32_t *rest;
    size_t rest_count;
};

/* Finds the keys in use and counts what has them; x->counts then says where the next policy of a
 * key goes. */
static size_t lay_out(struct indexing *x, const struct group *group, unsigned part,
                      struct division *d) {
    struct keys keys;
    for (size_t i = 0; i < group->count; i++) {
        demanded(x, group->policies[i], part, &keys);
        for (size_t k = 0; k < keys.count; k++) {
            if (x->counts[keys.items[k]]++ == 0) {
                d->keys[d->bucket_count++] = keys.items[k];
            }
        }
    }
    uint32_t at = 0;
    for (size_t i = 0; i < d->bucket_count; i++) {
        uint32_t count = x->counts[d->keys[i]];
        d->starts[i] = at;
        x->counts[d->keys[i]] = at;
        at += count;
    }
    d->starts[d->bucket_count] = at;
    return at;
}

static err divide(struct indexing *x, const struct group *group, unsigned part,
                  struct division *d) {
    struct keys keys;
    size_t placed = 0;
    for (size_t i = 0; i < group->count; i++) {
        demanded(x, group->policies[i], part, &keys);
        placed += keys.count;
    }
    if (placed > POLICIES_MAX) {
        return ERR_LIMIT;
    }
    *d = (struct division){
        .keys = ARENA_ARRAY(&x->work, uint32_t, placed),
        .starts = ARENA_ARRAY(&x->work, uint32_t, placed + 1),
        .sorted = ARENA_ARRAY(&x->work, uint32_t, placed),
        .rest = ARENA_ARRAY(&x->work, uint32_t, group->count),
    };
    if (d->keys == NULL || d->starts == NULL || d->sorted == NULL || d->rest == NULL) {
        return arena_error(&x->work);
    }
    lay_out(x, group, part, d);
    for (size_t i = 0; i < group->count; i++) {
        demanded(x, group->policies[i], part, &keys);
        for (size_t k = 0; k < keys.count; k++) {
            d->sorted[x->counts[keys.items[k]]++] = group->policies[i];
        }
        if (keys.count == 0) {
            d->rest[d->rest_count++] = group->policies[i];
        }
    }
    for (size_t i = 0; i < d->bucket_count; i++) {
        x->counts[d->keys[i]] = 0;
    }
    return ERR_OK;
}

/* ---- nodes ---- */

static err build_node(struct indexing *x, const struct group *group, uint32_t *ret);

static err add_node(struct indexing *x, uint32_t *ret) {
    struct index_node node = {.part = SCOPE_PARTS, .rest = INDEX_NONE};
    if (x->nodes.count >= POLICIES_MAX) {
        return ERR_LIMIT;
    }
    if (!BLOCKS_PUSH(x->blocks, &x->nodes, node)) {
        return blocks_error(x->blocks);
    }
    *ret = (uint32_t)(x->nodes.count - 1);
    return ERR_OK;
}

static uint32_t member_of(const struct indexing *x, uint32_t policy, unsigned parts) {
    return policy | (needs_check(&x->policies[policy], parts) ? INDEX_CHECK : 0);
}

static err add_members(struct indexing *x, const struct group *group, uint32_t node) {
    if (x->members.count + group->count > POLICIES_MAX) {
        return ERR_LIMIT;
    }
    x->nodes.items[node].first = (uint32_t)x->members.count;
    x->nodes.items[node].count = (uint32_t)group->count;
    for (size_t i = 0; i < group->count; i++) {
        uint32_t member = member_of(x, group->policies[i], group->parts);
        if (!BLOCKS_PUSH(x->blocks, &x->members, member)) {
            return blocks_error(x->blocks);
        }
    }
    return ERR_OK;
}

static err add_slots(struct indexing *x, size_t bucket_count, uint32_t node) {
    size_t size = 4;
    while (size < bucket_count + bucket_count / 2) {
        size *= 2;
    }
    if (x->slots.count + size > UINT32_MAX) {
        return ERR_LIMIT;
    }
    if (!BLOCKS_RESERVE(x->blocks, &x->slots, size)) {
        return blocks_error(x->blocks);
    }
    x->nodes.items[node].slots = (uint32_t)x->slots.count;
    x->nodes.items[node].slot_mask = (uint32_t)(size - 1);
    memset(x->slots.items + x->slots.count, 0, size * sizeof *x->slots.items);
    x->slots.count += size;
    return ERR_OK;
}

static void put_child(struct indexing *x, uint32_t node, uint32_t key, uint32_t child) {
    struct index_slot *slots = x->slots.items + x->nodes.items[node].slots;
    size_t mask = x->nodes.items[node].slot_mask;
    size_t at = index_hash(key) & mask;
    while (slots[at].key != 0) {
        at = (at + 1) & mask;
    }
    slots[at] = (struct index_slot){key + 1, child};
}

/* One policy needs no node of its own. */
static err build_below(struct indexing *x, const struct group *group, uint32_t *ret) {
    if (group->count != 1) {
        return build_node(x, group, ret);
    }
    *ret = member_of(x, group->policies[0], group->parts) | INDEX_MEMBER;
    return ERR_OK;
}

static err build_table(struct indexing *x, const struct group *group, unsigned part,
                       uint32_t node) {
    struct arena_mark mark = arena_mark(&x->work);
    struct division d;
    TRY(divide(x, group, part, &d));
    TRY(add_slots(x, d.bucket_count, node));
    unsigned parts = group->parts | (1u << part);
    for (size_t i = 0; i < d.bucket_count; i++) {
        struct group bucket = {d.sorted + d.starts[i], d.starts[i + 1] - d.starts[i], parts};
        uint32_t child;
        TRY(build_below(x, &bucket, &child));
        put_child(x, node, d.keys[i], child);
    }
    x->nodes.items[node].part = (uint8_t)part;
    if (d.rest_count > 0) {
        struct group rest = {d.rest, d.rest_count, parts};
        uint32_t child;
        TRY(build_below(x, &rest, &child));
        x->nodes.items[node].rest = child;
    }
    arena_reset(&x->work, mark);
    return ERR_OK;
}

/* Recursion ends when all three parts have been divided. */
static err build_node(struct indexing *x, const struct group *group, uint32_t *ret) {
    uint32_t node = 0;
    TRY(add_node(x, &node));
    unsigned part = choose(x, group);
    if (part == SCOPE_PARTS) {
        TRY(add_members(x, group, node));
    } else {
        TRY(build_table(x, group, part, node));
    }
    *ret = node;
    return ERR_OK;
}

/* ---- the whole ---- */

static void note_use(struct indexing *x, unsigned part, uint32_t uid, uint32_t use) {
    use <<= USE_BITS * part;
    x->symbols->uids.items[uid].type_and_uses |= use << SYMBOL_USE_SHIFT;
}

static void note_scope(struct indexing *x, unsigned part, const struct scope *scope) {
    switch ((enum scope_kind)scope->kind) {
    case SCOPE_ANY:
        return;
    case SCOPE_EQ:
        note_use(x, part, scope->uid, USE_EQ);
        return;
    case SCOPE_IS_IN:
        x->index->has_types[part] = true;
        FALLTHROUGH;
    case SCOPE_IN:
        x->index->has_ins[part] = true;
        note_use(x, part, scope->uid, USE_IN);
        return;
    case SCOPE_IS:
        x->index->has_types[part] = true;
        return;
    case SCOPE_IN_LIST:
        x->index->has_ins[part] = x->index->has_ins[part] || scope->type > 0;
        for (size_t i = 0; i < scope->type; i++) {
            note_use(x, part, x->lists[scope->uid + i], USE_IN);
        }
        return;
    }
    NOT_REACHED();
}

/* The policies that can apply at all. */
static err note_policies(struct indexing *x, size_t count, struct group *ret) {
    uint32_t *list = ARENA_ARRAY(&x->work, uint32_t, count);
    if (list == NULL) {
        return arena_error(&x->work);
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (never_matches(&x->policies[i])) {
            continue;
        }
        list[kept++] = (uint32_t)i;
        for (unsigned part = 0; part < SCOPE_PARTS; part++) {
            note_scope(x, part, &x->policies[i].scopes[part]);
        }
    }
    *ret = (struct group){.policies = list, .count = kept};
    return ERR_OK;
}

static err build(struct indexing *x, size_t count, size_t key_count) {
    struct group all;
    TRY(note_policies(x, count, &all));
    x->counts = ARENA_ARRAY(&x->work, uint32_t, key_count);
    if (x->counts == NULL) {
        return arena_error(&x->work);
    }
    uint32_t root;
    if (all.count > 0) {
        TRY(build_node(x, &all, &root));
    }
    TRY(BLOCKS_SETTLE(x->blocks, &x->nodes));
    TRY(BLOCKS_SETTLE(x->blocks, &x->slots));
    TRY(BLOCKS_SETTLE(x->blocks, &x->members));
    x->index->nodes = x->nodes.items;
    x->index->node_count = x->nodes.count;
    x->index->slots = x->slots.items;
    x->index->members = x->members.items;
    return ERR_OK;
}

err index_build(struct blocks *b, const struct program_policy *policies, size_t count,
                const uint32_t *lists, struct symbols *symbols, struct index *ret) {
    size_t uid_count = symbols->uids.count;
    size_t type_count = symbols->types.count;
    if (count > POLICIES_MAX) {
        return ERR_LIMIT;
    }
    struct index index = {.uid_count = (uint32_t)uid_count};
    struct indexing x = {
        .blocks = b, .policies = policies, .lists = lists, .symbols = symbols, .index = &index};
    arena_init(&x.work, b->temp->allocator, b->temp->max);
    err error = build(&x, count, 2 * uid_count + type_count);
    arena_done(&x.work);
    TRY(error);
    *ret = index;
    return ERR_OK;
}
