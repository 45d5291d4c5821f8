/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ancestors of entities: from each entity a walk over parents, breadth first, without recursion.
 *
 * The graph is the one a reader of the finished store sees: a uid means the entity of the
 * topmost store that has it. An entity of this store that was closed earlier contributes its
 * ancestors at once, and these lead nowhere that it did not lead to; entities of the base are
 * walked through their parents, because entities of this store may lie above them. In an update
 * this is not so: what lies above an entity without a draft is as it was.
 */
#include "base/assert.h"
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
    uint32_t *stamp = entities_stamp(w->store, node);
    if (*stamp == w->store->stamp) {
        return ERR_OK;
    }
    *stamp = w->store->stamp;
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

static err climb_below(struct walk *w, const struct uid *uid) {
    const struct entity *entity =
        w->store->base == NULL ? NULL : entities_find(w->store->base, uid);
    if (entity != NULL && w->builder->is_update) {
        return meet_all(w, entity->ancestors, entity->ancestor_count, false);
    }
    for (size_t i = 0; entity != NULL && i < entity->parent_count && !w->is_cycle; i++) {
        TRY(meet(w, entity_parent(entity, i), true));
    }
    return ERR_OK;
}

/* Looks at one ancestor that was met: meets what lies above it. */
static err climb(struct walk *w, uint32_t index) {
    const struct entity_node *node = &w->store->nodes.items[index];
    const struct entity_draft *draft = node->draft;
    if (draft == NULL) {
        return climb_below(w, node->uid);
    }
    if (draft->closed != NULL) {
        return meet_all(w, draft->closed->ancestors, draft->closed->ancestor_count, false);
    }
    return meet_all(w, draft->parents, draft->parent_count, true);
}

/* Where it is among the ancestors. */
static err place_of(const struct entity *entity, const struct uid *parent, uint32_t *ret) {
    uint32_t low = 0;
    uint32_t high = entity->ancestor_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (entity->ancestors[middle]->hash < parent->hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low < entity->ancestor_count && !uid_equal(entity->ancestors[low], parent)) {
        low++;
    }
    if (!HOLDS(low < entity->ancestor_count)) { /* every parent was met */
        return ERR_INTERNAL;
    }
    *ret = low;
    return ERR_OK;
}

static int compare_places(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static err make_entity(struct walk *w, struct entity_draft *draft) {
    size_t count = w->met.count; /* below ENTITY_EDGES_MAX */
    struct entity *entity = arena_alloc(w->builder->arena, entity_size(count, draft->parent_count));
    if (entity == NULL) {
        return arena_error(w->builder->arena);
    }
    *entity = (struct entity){
        .uid = *draft->uid,
        .attrs = draft->attrs,
        .tags = draft->tags,
        .ancestor_count = (uint32_t)count,
        .parent_count = draft->parent_count,
    };
    for (size_t i = 0; i < count; i++) {
        entity->ancestors[i] = w->store->nodes.items[w->met.items[i]].uid;
    }
    sort_items(entity->ancestors, count, sizeof entity->ancestors[0], entity_compare_hashes);
    uint32_t *behind = (uint32_t *)(void *)(entity->ancestors + count);
    for (size_t i = 0; i < count; i++) {
        *behind++ = entity_mark(entity->ancestors[i]);
    }
    if (count != draft->parent_count) {
        for (uint32_t i = 0; i < draft->parent_count; i++) {
            TRY(place_of(entity, draft->parents[i], &behind[i]));
        }
        sort_items(behind, draft->parent_count, sizeof *behind, compare_places);
    }
    draft->closed = entity;
    return ERR_OK;
}

static err close_draft(struct walk *w, struct entity_draft *draft) {
    w->start = draft->uid;
    w->met.count = 0;
    w->queue.count = 0;
    w->store->stamp++;
    TRY(meet_all(w, draft->parents, draft->parent_count, true));
    for (size_t i = 0; i < w->queue.count && !w->is_cycle; i++) {
        TRY(climb(w, w->queue.items[i]));
    }
    return w->is_cycle ? ERR_SYNTAX : make_entity(w, draft);
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

static bool changes_base(const struct entities *store, const struct entity *entity) {
    if (entity->ancestor_count == 0) {
        return false;
    }
    for (const struct entities *base = store->base; base != NULL; base = base->base) {
        if (entities_mention(base, &entity->uid)) {
            const struct entity *below = entities_own(base, &entity->uid);
            if (below == NULL || !has_same_ancestors(below, entity)) {
                return true;
            }
        }
    }
    return false;
}

static err note_patches(struct entity_builder *builder) {
    struct entities *store = builder->store;
    for (size_t i = 0; i < store->drafts.count; i++) {
        const struct entity *entity = store->drafts.items[i]->closed;
        if (changes_base(store, entity) && !VEC_PUSH(builder->arena, &store->patches, entity)) {
            return arena_error(builder->arena);
        }
    }
    store->patch_count += store->patches.count;
    return ERR_OK;
}

err closure_close(struct entity_builder *builder, struct entity_draft *draft, size_t *edges) {
    struct walk walk = {
        .builder = builder,
        .store = builder->store,
        .edges = *edges,
        .max_edges = ENTITY_EDGES_REQUEST_MAX,
    };
    TRY(close_draft(&walk, draft));
    *edges = walk.edges;
    return ERR_OK;
}

/* The ancestors of an entity that has only other attributes or tags. */
static err keep_ancestors(struct entity_builder *builder, struct entity_draft *draft) {
    const struct entity *old = draft->old;
    size_t size = old == NULL ? sizeof *old : entity_size(old->ancestor_count, old->parent_count);
    struct entity *entity = arena_alloc(builder->arena, size);
    if (entity == NULL) {
        return arena_error(builder->arena);
    }
    if (old != NULL) {
        memcpy(entity, old, size);
    }
    entity->uid = *draft->uid;
    entity->attrs = draft->attrs;
    entity->tags = draft->tags;
    draft->closed = entity;
    return ERR_OK;
}

/* First those that stay where they are: they have all their ancestors already. */
static err close_update(struct walk *w) {
    TRY(update_spread(w->builder));
    for (size_t i = 0; i < w->store->drafts.count; i++) {
        struct entity_draft *draft = w->store->drafts.items[i];
        if (!draft->is_deleted && !draft->is_moved) {
            TRY(keep_ancestors(w->builder, draft));
        }
    }
    for (size_t i = 0; i < w->store->drafts.count; i++) {
        struct entity_draft *draft = w->store->drafts.items[i];
        if (!draft->is_deleted && draft->is_moved) {
            TRY(close_draft(w, draft));
        }
    }
    return ERR_OK;
}

static err close_all(struct walk *w) {
    for (size_t i = 0; i < w->store->drafts.count; i++) {
        TRY(close_draft(w, w->store->drafts.items[i]));
    }
    return note_patches(w->builder);
}

err closure_compute(struct entity_builder *builder, const struct uid **ret_cycle) {
    struct entities *store = builder->store;
    bool is_overlay = store->base != NULL && !builder->is_update;
    struct walk walk = {
        .builder = builder,
        .store = store,
        .max_edges = is_overlay ? ENTITY_EDGES_REQUEST_MAX : ENTITY_EDGES_MAX,
    };
    err error = builder->is_update ? close_update(&walk) : close_all(&walk);
    if (error == ERR_SYNTAX && ret_cycle != NULL) {
        *ret_cycle = walk.start;
    }
    return error;
}
