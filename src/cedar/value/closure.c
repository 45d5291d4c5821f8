/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ancestors of entities: from each entity a walk over parents, breadth first, without recursion.
 *
 * The graph is the one a reader of the finished store sees: a uid means the entity of the
 * topmost store that has it. An entity of this store that was closed earlier contributes its
 * ancestors at once, and these lead nowhere that it did not lead to; entities of the base are
 * walked through their parents, because entities of this store may lie above them.
 */
#include "cedar/value/entities_int.h"
#include "cedar/value/sort.h"

struct walk {
    struct entity_builder *builder;
    struct entities *store;
    const struct uid *start;
    VEC(uint32_t) met;   /* node indices: ancestors of `start` so far */
    VEC(uint32_t) queue; /* those of them that may lead on */
    size_t edges;
    size_t max_edges;
    bool is_cycle;
};

static err meet(struct walk *w, const struct uid *uid, bool leads_on) {
    if (++w->edges > w->max_edges) {
        return ERR_LIMIT;
    }
    if (uid_equal(uid, w->start)) {
        w->is_cycle = true;
        return ERR_OK;
    }
    struct entity_node *node = entities_intern(w->store, w->builder->arena, uid);
    if (node == NULL) {
        return arena_error(w->builder->arena);
    }
    struct entity_walk *walk = entities_walk(w->store, node);
    if (walk->stamp == w->store->stamp) {
        return ERR_OK;
    }
    walk->stamp = w->store->stamp;
    uint32_t index = (uint32_t)(node - w->store->nodes.items);
    bool is_noted = VEC_PUSH(w->builder->arena, &w->met, index) &&
                    (!leads_on || VEC_PUSH(w->builder->arena, &w->queue, index));
    return is_noted ? ERR_OK : arena_error(w->builder->arena);
}

static err meet_all(struct walk *w, const struct uid *const *uids, size_t count, bool leads_on) {
    for (size_t i = 0; i < count && !w->is_cycle; i++) {
        TRY(meet(w, uids[i], leads_on));
    }
    return ERR_OK;
}

/* Looks at one ancestor that was met: meets what lies above it. */
static err climb(struct walk *w, uint32_t index) {
    const struct entity_node *node = &w->store->nodes.items[index];
    const struct entity *entity = node->entity;
    if (entity == NULL && w->store->base != NULL) {
        entity = entities_find(w->store->base, node->uid);
    }
    if (entity == NULL) {
        return ERR_OK;
    }
    if (entities_walk(w->store, node)->is_closed) {
        return meet_all(w, entity->ancestors, entity->ancestor_count, false);
    }
    return meet_all(w, entity->parents, entity->parent_count, true);
}

static int compare_hashes(const void *a, const void *b) {
    const struct uid *const *left = a;
    const struct uid *const *right = b;
    return ((*left)->hash > (*right)->hash) - ((*left)->hash < (*right)->hash);
}

static err store_ancestors(struct walk *w, struct entity *entity) {
    size_t count = w->met.count;
    const struct uid **ancestors = ARENA_ARRAY(w->builder->arena, const struct uid *, count);
    uint32_t *marks = ARENA_ARRAY(w->builder->arena, uint32_t, count);
    if (ancestors == NULL || marks == NULL) {
        return arena_error(w->builder->arena);
    }
    for (size_t i = 0; i < count; i++) {
        ancestors[i] = w->store->nodes.items[w->met.items[i]].uid;
    }
    sort_items(ancestors, count, sizeof *ancestors, compare_hashes);
    for (size_t i = 0; i < count; i++) {
        marks[i] = (uint32_t)(ancestors[i]->hash >> 32);
    }
    entity->ancestors = ancestors;
    entity->marks = marks;
    entity->ancestor_count = (uint32_t)count; /* below ENTITY_EDGES_MAX */
    entities_walk(w->store, entities_node(w->store, entity->uid))->is_closed = true;
    return ERR_OK;
}

static err close_entity(struct walk *w, struct entity *entity) {
    w->start = entity->uid;
    w->met.count = 0;
    w->queue.count = 0;
    w->store->stamp++;
    TRY(meet_all(w, entity->parents, entity->parent_count, true));
    for (size_t i = 0; i < w->queue.count && !w->is_cycle; i++) {
        TRY(climb(w, w->queue.items[i]));
    }
    return w->is_cycle ? ERR_SYNTAX : store_ancestors(w, entity);
}

/* Both are sorted by hash, and made of the same interned or equal uids. */
static bool has_same_ancestors(const struct entity *a, const struct entity *b) {
    if (a->ancestor_count != b->ancestor_count) {
        return false;
    }
    for (size_t i = 0; i < a->ancestor_count; i++) {
        if (!uid_equal(a->ancestors[i], b->ancestors[i])) {
            return false; /* or equal hashes in another order: a needless patch does no harm */
        }
    }
    return true;
}

static err note_patches(struct entity_builder *builder) {
    struct entities *store = builder->store;
    for (size_t i = 0; i < store->ordered.count; i++) {
        const struct entity *entity = store->ordered.items[i];
        for (const struct entities *base = store->base; base != NULL; base = base->base) {
            const struct entity_node *below = entities_node(base, entity->uid);
            if (below == NULL || entity->ancestor_count == 0 ||
                (below->entity != NULL && has_same_ancestors(below->entity, entity))) {
                continue;
            }
            if (!VEC_PUSH(builder->arena, &store->patches, entity)) {
                return arena_error(builder->arena);
            }
            break;
        }
    }
    return ERR_OK;
}

err closure_compute(struct entity_builder *builder, const struct uid **ret_cycle) {
    struct entities *store = builder->store;
    struct walk walk = {
        .builder = builder,
        .store = store,
        .max_edges = store->base == NULL ? ENTITY_EDGES_MAX : ENTITY_EDGES_REQUEST_MAX,
    };
    for (size_t i = 0; i < store->ordered.count; i++) {
        err error = close_entity(&walk, store->ordered.items[i]);
        if (error == ERR_SYNTAX && ret_cycle != NULL) {
            *ret_cycle = walk.start;
        }
        TRY(error);
    }
    return note_patches(builder);
}
