/* SPDX-License-Identifier: Apache-2.0 */
/* Building a store: drafts of entities, compared and collected. */
#include "base/assert.h"
#include "cedar/value/entities_int.h"
#include "cedar/value/sort.h"

/* ---- comparing ---- */

static bool equal_records(const struct value_record *a, const struct value_record *b) {
    struct value left = value_record(a);
    struct value right = value_record(b);
    return value_equal(&left, &right);
}

int entity_compare_hashes(const void *a, const void *b) {
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
        sort_items(copy, count, sizeof *copy, entity_compare_hashes);
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

/* ---- drafts ---- */

/* The parents of a closed entity, in an array. */
static err parents_of(struct arena *a, const struct entity *entity, const struct uid *const **ret) {
    const struct uid **parents = ARENA_ARRAY(a, const struct uid *, entity->parent_count);
    if (parents == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < entity->parent_count; i++) {
        parents[i] = entity_parent(entity, i);
    }
    *ret = parents;
    return ERR_OK;
}

/* ERR_EXISTS unless both have exactly the same parts. Parents are compared as sets. */
static err check_same(struct arena *a, const struct entity_draft *known,
                      const struct entity_draft *given) {
    if (!equal_records(known->attrs, given->attrs) || !equal_records(known->tags, given->tags)) {
        return ERR_EXISTS;
    }
    const struct uid **left = sorted_copy(a, known->parents, known->parent_count);
    const struct uid **right = sorted_copy(a, given->parents, given->parent_count);
    if (left == NULL || right == NULL) {
        return arena_error(a);
    }
    bool is_same = is_subset(left, known->parent_count, right, given->parent_count) &&
                   is_subset(right, given->parent_count, left, known->parent_count);
    return is_same ? ERR_OK : ERR_EXISTS;
}

static err check_same_below(struct arena *a, const struct entity *below,
                            const struct entity_draft *given) {
    struct entity_draft known = {
        .attrs = below->attrs,
        .tags = below->tags,
        .parent_count = below->parent_count,
    };
    TRY(parents_of(a, below, &known.parents));
    return check_same(a, &known, given);
}

/* Gives the draft more parents: interned, without duplicates. */
static err extend_parents(struct entity_builder *builder, struct entity_draft *draft,
                          const struct uid *const *parents, size_t parent_count) {
    struct entities *store = builder->store;
    if (parent_count > ENTITY_EDGES_MAX - draft->parent_count) {
        return ERR_LIMIT;
    }
    const struct uid **all =
        ARENA_ARRAY(builder->arena, const struct uid *, draft->parent_count + parent_count);
    if (all == NULL) {
        return arena_error(builder->arena);
    }
    store->stamp++;
    uint32_t count = 0;
    for (; count < draft->parent_count; count++) {
        const struct entity_node *node = entities_node(store, draft->parents[count]);
        if (!HOLDS(node != NULL)) { /* interned when it became a parent */
            return ERR_INTERNAL;
        }
        *entities_stamp(store, node) = store->stamp;
        all[count] = node->uid;
    }
    for (size_t i = 0; i < parent_count; i++) {
        struct entity_node *node = entities_intern(store, builder->arena, parents[i]);
        if (node == NULL) {
            return arena_error(builder->arena);
        }
        if (*entities_stamp(store, node) != store->stamp) {
            *entities_stamp(store, node) = store->stamp;
            all[count++] = node->uid;
        }
    }
    draft->parents = all;
    draft->parent_count = count;
    return ERR_OK;
}

static err insert(struct entity_builder *builder, const struct uid *uid,
                  const struct value_record *attrs, const struct value_record *tags,
                  struct entity_draft **ret) {
    struct entities *store = builder->store;
    struct entity_draft *draft = ARENA_NEW(builder->arena, struct entity_draft);
    struct entity_node *node = entities_intern(store, builder->arena, uid);
    if (draft == NULL || node == NULL || !VEC_PUSH(builder->arena, &store->drafts, draft)) {
        return arena_error(builder->arena);
    }
    *draft = (struct entity_draft){
        .uid = node->uid,
        .attrs = attrs,
        .tags = tags,
    };
    node->draft = draft;
    store->count++;
    *ret = draft;
    return ERR_OK;
}

/* ---- the builder ---- */

static struct entity_draft *find_draft(const struct entity_builder *builder,
                                       const struct uid *uid) {
    const struct entity_node *node = entities_node(builder->store, uid);
    return node == NULL ? NULL : node->draft;
}

static const struct entity *find_below(const struct entity_builder *builder,
                                       const struct uid *uid) {
    return builder->base == NULL ? NULL : entities_find(builder->base, uid);
}

bool entity_builder_has(const struct entity_builder *builder, const struct uid *uid) {
    const struct entity_draft *draft = find_draft(builder, uid);
    return draft != NULL ? !draft->is_deleted : find_below(builder, uid) != NULL;
}

err entity_builder_init(struct entity_builder *builder, struct arena *arena,
                        const struct hash_key *key, const struct entities *base) {
    struct entities *store = ARENA_NEW(arena, struct entities);
    if (store == NULL) {
        return arena_error(arena);
    }
    store->base = base;
    store->patch_count = base == NULL ? 0 : base->patch_count;
    *builder = (struct entity_builder){
        .arena = arena,
        .key = *key,
        .base = base,
        .store = store,
    };
    return ERR_OK;
}

err entity_builder_init_update(struct entity_builder *builder, struct arena *arena,
                               const struct hash_key *key, const struct entities *base) {
    if (!HOLDS(base->is_frozen)) {
        return ERR_INTERNAL;
    }
    TRY(entity_builder_init(builder, arena, key, base));
    builder->is_update = true;
    return ERR_OK;
}

/* The draft of an update for this uid. */
static err draft_change(struct entity_builder *builder, const struct uid *uid,
                        struct entity_draft **ret) {
    struct entity_draft *draft = find_draft(builder, uid);
    if (draft == NULL) {
        TRY(insert(builder, uid, &value_no_fields, &value_no_fields, &draft));
        draft->old = find_below(builder, uid);
    }
    draft->is_deleted = false;
    draft->parent_count = 0;
    *ret = draft;
    return ERR_OK;
}

/* Records that have not changed stay what they are, and are shared. */
static err put(struct entity_builder *builder, const struct uid *uid,
               const struct entity_draft *given) {
    struct entity_draft *draft;
    TRY(draft_change(builder, uid, &draft));
    const struct entity *old = draft->old;
    bool has_attrs = old != NULL && equal_records(old->attrs, given->attrs);
    bool has_tags = old != NULL && equal_records(old->tags, given->tags);
    draft->attrs = has_attrs ? old->attrs : given->attrs;
    draft->tags = has_tags ? old->tags : given->tags;
    return extend_parents(builder, draft, given->parents, given->parent_count);
}

err entity_builder_insert(struct entity_builder *builder, const struct uid *uid,
                          const struct value_record *attrs, const struct value_record *tags,
                          const struct uid *const *parents, size_t parent_count,
                          struct entity_draft **ret) {
    TRY(insert(builder, uid, attrs == NULL ? &value_no_fields : attrs,
               tags == NULL ? &value_no_fields : tags, ret));
    return extend_parents(builder, *ret, parents, parent_count);
}

err entity_builder_carry(struct entity_builder *builder, const struct entity *entity,
                         struct entity_draft **ret) {
    struct entity_draft *draft;
    const struct uid *const *parents;
    TRY(parents_of(builder->arena, entity, &parents));
    TRY(insert(builder, &entity->uid, entity->attrs, entity->tags, &draft));
    draft->old = entity;
    *ret = draft;
    return extend_parents(builder, draft, parents, entity->parent_count);
}

err entity_builder_delete(struct entity_builder *builder, const struct uid *uid) {
    if (!entity_builder_has(builder, uid)) {
        return ERR_OK;
    }
    struct entity_draft *draft;
    TRY(draft_change(builder, uid, &draft));
    draft->is_deleted = true;
    return ERR_OK;
}

err entity_builder_add(struct entity_builder *builder, const struct uid *uid,
                       const struct value_record *attrs, const struct value_record *tags,
                       const struct uid *const *parents, size_t parent_count) {
    struct entity_draft given = {
        .attrs = attrs == NULL ? &value_no_fields : attrs,
        .tags = tags == NULL ? &value_no_fields : tags,
        .parents = parents,
    };
    if (parent_count > ENTITY_EDGES_MAX) {
        return ERR_LIMIT;
    }
    given.parent_count = (uint32_t)parent_count;
    if (builder->is_update) {
        return put(builder, uid, &given);
    }
    struct arena_mark mark = arena_mark(builder->arena);
    const struct entity_draft *known = find_draft(builder, uid);
    const struct entity *below = known != NULL ? NULL : find_below(builder, uid);
    if (known != NULL || below != NULL) {
        err result = known != NULL ? check_same(builder->arena, known, &given)
                                   : check_same_below(builder->arena, below, &given);
        arena_reset(builder->arena, mark);
        return result;
    }
    struct entity_draft *draft;
    TRY(insert(builder, uid, given.attrs, given.tags, &draft));
    return extend_parents(builder, draft, parents, parent_count);
}

err entity_builder_add_parents(struct entity_builder *builder, const struct uid *uid,
                               const struct uid *const *parents, size_t parent_count) {
    struct entity_draft *draft = find_draft(builder, uid);
    const struct entity *below = draft != NULL ? NULL : find_below(builder, uid);
    if (below != NULL) {
        const struct uid *const *known;
        TRY(parents_of(builder->arena, below, &known));
        TRY(insert(builder, uid, below->attrs, below->tags, &draft));
        TRY(extend_parents(builder, draft, known, below->parent_count));
    } else if (draft == NULL) {
        TRY(insert(builder, uid, &value_no_fields, &value_no_fields, &draft));
    }
    return extend_parents(builder, draft, parents, parent_count);
}

err entity_builder_finish(struct entity_builder *builder, const struct entities **ret,
                          const struct uid **ret_cycle) {
    TRY(closure_compute(builder, ret_cycle));
    *ret = builder->store;
    return ERR_OK;
}
