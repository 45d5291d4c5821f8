/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/entities.h"

#include "base/assert.h"
#include "cedar/value/entities_int.h"
#include "cedar/value/sort.h"

static const struct value_record no_fields;

/* ---- the table of nodes ---- */

static size_t slot_of(const struct entities *store, const struct uid *uid) {
    size_t mask = store->slot_count - 1;
    size_t slot = (size_t)uid->hash & mask;
    while (store->slots[slot] != 0 &&
           !uid_equal(store->nodes.items[store->slots[slot] - 1].uid, uid)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

struct entity_node *entities_node(const struct entities *store, const struct uid *uid) {
    if (store->slot_count == 0) {
        return NULL;
    }
    uint32_t found = store->slots[slot_of(store, uid)];
    return found == 0 ? NULL : &store->nodes.items[found - 1];
}

static bool grow_slots(struct entities *store, struct arena *a) {
    size_t count = store->slot_count == 0 ? 16 : store->slot_count * 2;
    uint32_t *slots = ARENA_ARRAY(a, uint32_t, count);
    if (slots == NULL) {
        return false;
    }
    store->slots = slots;
    store->slot_count = count;
    for (size_t i = 0; i < store->nodes.count; i++) {
        slots[slot_of(store, store->nodes.items[i].uid)] = (uint32_t)i + 1;
    }
    return true;
}

struct entity_node *entities_intern(struct entities *store, struct arena *a,
                                    const struct uid *uid) {
    struct entity_node *known = entities_node(store, uid);
    if (known != NULL) {
        return known;
    }
    if ((store->nodes.count + 1) * 2 > store->slot_count && !grow_slots(store, a)) {
        return NULL;
    }
    if (!VEC_PUSH(a, &store->nodes, (struct entity_node){.uid = uid})) {
        return NULL;
    }
    store->slots[slot_of(store, uid)] = (uint32_t)store->nodes.count;
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

static bool has_ancestor(const struct entity *entity, const struct uid *ancestor) {
    size_t low = 0;
    size_t high = entity->ancestor_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entity->ancestors[middle]->hash < ancestor->hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < entity->ancestor_count && entity->ancestors[low]->hash == ancestor->hash; low++) {
        if (uid_equal(entity->ancestors[low], ancestor)) {
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

const struct uid *ancestors_next(struct ancestor_cursor *cursor) {
    while (cursor->next == cursor->from->ancestor_count) {
        const struct entity *patch = next_patch(cursor);
        if (patch == NULL) {
            return NULL;
        }
        cursor->from = patch;
        cursor->next = 0;
    }
    return cursor->from->ancestors[cursor->next++];
}

size_t entities_count(const struct entities *entities) {
    return entities->ordered.count;
}

const struct entity *entities_get(const struct entities *entities, size_t index) {
    return entities->ordered.items[index];
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
    struct entity whole = {.ancestors = all, .ancestor_count = all_count};
    for (size_t i = 0; i < some_count; i++) {
        if (!has_ancestor(&whole, some[i])) {
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
        ARENA_ARRAY(builder->arena, const struct uid *, entity->parent_count + parent_count);
    if (all == NULL) {
        return arena_error(builder->arena);
    }
    store->stamp++;
    size_t count = 0;
    for (; count < entity->parent_count; count++) {
        struct entity_node *node = entities_node(store, entity->parents[count]);
        ASSERT(node != NULL); /* interned when it became a parent */
        node->stamp = store->stamp;
        all[count] = node->uid;
    }
    for (size_t i = 0; i < parent_count; i++) {
        struct entity_node *node = entities_intern(store, builder->arena, parents[i]);
        if (node == NULL) {
            return arena_error(builder->arena);
        }
        if (node->stamp != store->stamp) {
            node->stamp = store->stamp;
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
        .attrs = attrs == NULL ? &no_fields : attrs,
        .tags = tags == NULL ? &no_fields : tags,
    };
    node->entity = entity;
    *ret = entity;
    return ERR_OK;
}

err entity_builder_add(struct entity_builder *builder, const struct uid *uid,
                       const struct value_record *attrs, const struct value_record *tags,
                       const struct uid *const *parents, size_t parent_count) {
    attrs = attrs == NULL ? &no_fields : attrs;
    tags = tags == NULL ? &no_fields : tags;
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
