/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/entities.h"

#include "base/assert.h"
#include "cedar/value/entities_int.h"
#include "cedar/value/sort.h"

/* ---- the table of nodes ---- */

enum { SLOTS_MAX = INT32_MAX };

static uint32_t mark_of(const struct uid *uid) {
    return (uint32_t)(uid->hash >> 32);
}

static size_t node_of(uint64_t slot) {
    return (uint32_t)slot - 1;
}

/* The slot of the uid, or the free one where it belongs; there are slots. */
static size_t slot_of(const struct entities *store, const struct uid *uid) {
    size_t at = (size_t)(((uint64_t)(uint32_t)uid->hash * store->slot_count) >> 32);
    for (;;) {
        uint64_t slot = store->slots[at];
        if (slot == 0 || ((slot >> 32) == mark_of(uid) &&
                          uid_equal(store->nodes.items[node_of(slot)].uid, uid))) {
            return at;
        }
        at = at + 1 == store->slot_count ? 0 : at + 1;
    }
}

static void fill_slot(struct entities *store, size_t node) {
    const struct uid *uid = store->nodes.items[node].uid;
    store->slots[slot_of(store, uid)] = (uint64_t)mark_of(uid) << 32 | (uint32_t)(node + 1);
}

struct entity_node *entities_node(const struct entities *store, const struct uid *uid) {
    if (store->slot_count == 0) {
        return NULL;
    }
    uint64_t found = store->slots[slot_of(store, uid)];
    return found == 0 ? NULL : &store->nodes.items[node_of(found)];
}

bool entities_make_slots(struct entities *store, struct arena *a, size_t count) {
    uint64_t *slots = count > SLOTS_MAX ? NULL : ARENA_ARRAY(a, uint64_t, count);
    if (slots == NULL) {
        return false;
    }
    store->slots = slots;
    store->slot_count = count;
    for (size_t i = 0; i < store->nodes.count; i++) {
        fill_slot(store, i);
    }
    return true;
}

struct entity_node *entities_intern(struct entities *store, struct arena *a,
                                    const struct uid *uid) {
    struct entity_node *known = entities_node(store, uid);
    if (known != NULL) {
        return known;
    }
    if ((store->nodes.count + 1) * 3 > store->slot_count * 2 &&
        !entities_make_slots(store, a, store->slot_count == 0 ? 16 : store->slot_count * 2)) {
        return NULL;
    }
    if (!VEC_PUSH(a, &store->nodes, (struct entity_node){.uid = uid}) ||
        !VEC_PUSH(a, &store->walks, (struct entity_walk){0})) {
        return NULL;
    }
    fill_slot(store, store->nodes.count - 1);
    return &store->nodes.items[store->nodes.count - 1];
}

/* ---- reading ---- */

const struct entity *entities_find(const struct entities *entities, const struct uid *uid) {
    for (const struct entities *store = entities; store != NULL; store = store->base) {
        const struct entity_node *node = entities_node(store, uid);
        if (node != NULL && node->entity != NULL) {
            return node->entity;
        }
    }
    return NULL;
}

enum { SCANNED = 16 }; /* so few ancestors are looked through */

static size_t first_with(const struct entity *entity, uint32_t mark) {
    size_t low = 0;
    size_t high = entity->ancestor_count;
    if (high <= SCANNED) {
        while (low < high && entity->marks[low] < mark) {
            low++;
        }
        return low;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entity->marks[middle] < mark) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool has_ancestor(const struct entity *entity, const struct uid *ancestor) {
    uint32_t mark = mark_of(ancestor);
    for (size_t i = first_with(entity, mark);
         i < entity->ancestor_count && entity->marks[i] == mark; i++) {
        if (uid_equal(entity->ancestors[i], ancestor)) {
            return true;
        }
    }
    return false;
}

bool entities_is_in(const struct entities *entities, const struct uid *uid,
                    const struct uid *ancestor) {
    if (uid_equal(uid, ancestor)) {
        return true;
    }
    const struct entity *entity = entities_find(entities, uid);
    if (entity == NULL) {
        return false;
    }
    if (has_ancestor(entity, ancestor)) {
        return true;
    }
    /* An entity of a lower store does not know what the stores above it added. */
    for (const struct entities *store = entities; store != NULL; store = store->base) {
        for (size_t i = 0; i < store->patches.count; i++) {
            const struct entity *patch = store->patches.items[i];
            if (has_ancestor(entity, patch->uid) && has_ancestor(patch, ancestor)) {
                return true;
            }
        }
    }
    return false;
}

void ancestors_start(struct ancestor_cursor *cursor, const struct entities *entities,
                     const struct entity *entity) {
    *cursor = (struct ancestor_cursor){.store = entities, .entity = entity, .from = entity};
}

/* The next patch that lies above the entity, or NULL. */
static const struct entity *next_patch(struct ancestor_cursor *cursor) {
    for (; cursor->store != NULL; cursor->store = cursor->store->base, cursor->patch = 0) {
        while (cursor->patch < cursor->store->patches.count) {
            const struct entity *patch = cursor->store->patches.items[cursor->patch++];
            if (has_ancestor(cursor->entity, patch->uid)) {
                return patch;
            }
        }
    }
    return NULL;
}

const struct uid *ancestors_next(struct ancestor_cursor *cursor, uint32_t *ret_mark) {
    while (cursor->next == cursor->from->ancestor_count) {
        const struct entity *patch = next_patch(cursor);
        if (patch == NULL) {
            return NULL;
        }
        cursor->from = patch;
        cursor->next = 0;
    }
    *ret_mark = cursor->from->marks[cursor->next];
    return cursor->from->ancestors[cursor->next++];
}

size_t entities_count(const struct entities *entities) {
    return entities->count;
}

const struct entity *entities_get(const struct entities *entities, size_t index) {
    return entities->frozen != NULL ? &entities->frozen[index] : entities->ordered.items[index];
}

/* ---- building ---- */

err entity_builder_init(struct entity_builder *builder, struct arena *arena,
                        const struct hash_key *key, const struct entities *base) {
    struct entities *store = ARENA_NEW(arena, struct entities);
    if (store == NULL) {
        return arena_error(arena);
    }
    store->base = base;
    *builder = (struct entity_builder){
        .arena = arena,
        .key = *key,
        .base = base,
        .store = store,
    };
    return ERR_OK;
}

static bool equal_records(const struct value_record *a, const struct value_record *b) {
    struct value left = {.kind = VALUE_RECORD, .record = a};
    struct value right = {.kind = VALUE_RECORD, .record = b};
    return value_equal(&left, &right);
}

static int compare_hashes(const void *a, const void *b) {
    const struct uid *const *left = a;
    const struct uid *const *right = b;
    return ((*left)->hash > (*right)->hash) - ((*left)->hash < (*right)->hash);
}

static const struct uid **sorted_copy(struct arena *a, const struct uid *const *uids,
                                      size_t count) {
    const struct uid **copy = ARENA_ARRAY(a, const struct uid *, count);
    if (copy != NULL) {
        for (size_t i = 0; i < count; i++) {
            copy[i] = uids[i];
        }
        sort_items(copy, count, sizeof *copy, compare_hashes);
    }
    return copy;
}

/* True when every one of `some` is among `all`; both are sorted by hash. */
static bool is_subset(const struct uid *const *some, size_t some_count,
                      const struct uid *const *all, size_t all_count) {
    size_t at = 0;
    for (size_t i = 0; i < some_count; i++) {
        while (at < all_count && all[at]->hash < some[i]->hash) {
            at++;
        }
        size_t same = at; /* equal hashes stand in any order */
        while (same < all_count && all[same]->hash == some[i]->hash &&
               !uid_equal(all[same], some[i])) {
            same++;
        }
        if (same == all_count || all[same]->hash != some[i]->hash) {
            return false;
        }
    }
    return true;
}

/* ERR_EXISTS unless the entity has exactly these parts. Parents are compared as sets. */
static err check_same(struct arena *a, const struct entity *entity,
                      const struct value_record *attrs, const struct value_record *tags,
                      const struct uid *const *parents, size_t parent_count) {
    if (!equal_records(entity->attrs, attrs) || !equal_records(entity->tags, tags)) {
        return ERR_EXISTS;
    }
    struct arena_mark mark = arena_mark(a);
    const struct uid **given = sorted_copy(a, parents, parent_count);
    const struct uid **own = sorted_copy(a, entity->parents, entity->parent_count);
    if (given == NULL || own == NULL) {
        return arena_error(a);
    }
    bool is_same = is_subset(given, parent_count, own, entity->parent_count) &&
                   is_subset(own, entity->parent_count, given, parent_count);
    arena_reset(a, mark);
    return is_same ? ERR_OK : ERR_EXISTS;
}

/* Gives the entity more parents: interned, without duplicates. */
static err extend_parents(struct entity_builder *builder, struct entity *entity,
                          const struct uid *const *parents, size_t parent_count) {
    struct entities *store = builder->store;
    const struct uid **all =
        parent_count > ENTITY_EDGES_MAX
            ? NULL
            : ARENA_ARRAY(builder->arena, const struct uid *, entity->parent_count + parent_count);
    if (all == NULL && parent_count > ENTITY_EDGES_MAX) {
        return ERR_LIMIT;
    }
    if (all == NULL) {
        return arena_error(builder->arena);
    }
    store->stamp++;
    uint32_t count = 0;
    for (; count < entity->parent_count; count++) {
        const struct entity_node *node = entities_node(store, entity->parents[count]);
        if (!HOLDS(node != NULL)) {
            return ERR_INTERNAL;
        } /* interned when it became a parent */
        entities_walk(store, node)->stamp = store->stamp;
        all[count] = node->uid;
    }
    for (size_t i = 0; i < parent_count; i++) {
        struct entity_node *node = entities_intern(store, builder->arena, parents[i]);
        if (node == NULL) {
            return arena_error(builder->arena);
        }
        if (entities_walk(store, node)->stamp != store->stamp) {
            entities_walk(store, node)->stamp = store->stamp;
            all[count++] = node->uid;
        }
    }
    entity->parents = all;
    entity->parent_count = count;
    return ERR_OK;
}

static err insert(struct entity_builder *builder, const struct uid *uid,
                  const struct value_record *attrs, const struct value_record *tags,
                  struct entity **ret) {
    struct entities *store = builder->store;
    struct entity *entity = ARENA_NEW(builder->arena, struct entity);
    struct entity_node *node = entities_intern(store, builder->arena, uid);
    if (entity == NULL || node == NULL || !VEC_PUSH(builder->arena, &store->ordered, entity)) {
        return arena_error(builder->arena);
    }
    *entity = (struct entity){
        .uid = node->uid,
        .attrs = attrs == NULL ? &value_no_fields : attrs,
        .tags = tags == NULL ? &value_no_fields : tags,
    };
    node->entity = entity;
    store->count++;
    *ret = entity;
    return ERR_OK;
}

err entity_builder_add(struct entity_builder *builder, const struct uid *uid,
                       const struct value_record *attrs, const struct value_record *tags,
                       const struct uid *const *parents, size_t parent_count) {
    attrs = attrs == NULL ? &value_no_fields : attrs;
    tags = tags == NULL ? &value_no_fields : tags;
    const struct entity *known = entities_find(builder->store, uid);
    if (known != NULL) {
        return check_same(builder->arena, known, attrs, tags, parents, parent_count);
    }
    struct entity *entity;
    TRY(insert(builder, uid, attrs, tags, &entity));
    return extend_parents(builder, entity, parents, parent_count);
}

err entity_builder_add_parents(struct entity_builder *builder, const struct uid *uid,
                               const struct uid *const *parents, size_t parent_count) {
    const struct entity_node *own = entities_node(builder->store, uid);
    struct entity *entity = own == NULL ? NULL : own->entity;
    if (entity == NULL) {
        const struct entity *below =
            builder->base == NULL ? NULL : entities_find(builder->base, uid);
        TRY(insert(builder, uid, below == NULL ? NULL : below->attrs,
                   below == NULL ? NULL : below->tags, &entity));
        if (below != NULL) {
            TRY(extend_parents(builder, entity, below->parents, below->parent_count));
        }
    }
    return extend_parents(builder, entity, parents, parent_count);
}

err entity_builder_finish(struct entity_builder *builder, const struct entities **ret,
                          const struct uid **ret_cycle) {
    TRY(closure_compute(builder, ret_cycle));
    *ret = builder->store;
    return ERR_OK;
}
