/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/entities.h"

#include "cedar/value/entities_int.h"

/* ---- the table of nodes ---- */

enum { SLOTS_MAX = INT32_MAX };

static size_t node_of(uint64_t slot) {
    return (uint32_t)slot - 1;
}

/* The slot of the uid, or the free one where it belongs; there are slots. */
static size_t slot_of(const struct entities *store, const struct uid *uid) {
    size_t at = (size_t)(((uint64_t)(uint32_t)uid->hash * store->slot_count) >> 32);
    for (;;) {
        uint64_t slot = store->slots[at];
        if (slot == 0 || ((slot >> 32) == entity_mark(uid) &&
                          uid_equal(store->nodes.items[node_of(slot)].uid, uid))) {
            return at;
        }
        at = at + 1 == store->slot_count ? 0 : at + 1;
    }
}

static void fill_slot(struct entities *store, size_t node) {
    const struct uid *uid = store->nodes.items[node].uid;
    store->slots[slot_of(store, uid)] = (uint64_t)entity_mark(uid) << 32 | (uint32_t)(node + 1);
}

struct entity_node *entities_node(const struct entities *store, const struct uid *uid) {
    if (store->slot_count == 0) {
        return NULL;
    }
    uint64_t found = store->slots[slot_of(store, uid)];
    return found == 0 ? NULL : &store->nodes.items[node_of(found)];
}

static bool make_slots(struct entities *store, struct arena *a, size_t count) {
    /* an arena is never that large: ERR_LIMIT */
    uint64_t *slots = ARENA_ARRAY(a, uint64_t, count > SLOTS_MAX ? SIZE_MAX : count);
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

bool entities_reserve(struct entities *store, struct arena *a, size_t count) {
    return make_slots(store, a, count + count / 2 + 1);
}

struct entity_node *entities_intern(struct entities *store, struct arena *a,
                                    const struct uid *uid) {
    struct entity_node *known = entities_node(store, uid);
    if (known != NULL) {
        return known;
    }
    if ((store->nodes.count + 1) * 3 > store->slot_count * 2 &&
        !make_slots(store, a, store->slot_count == 0 ? 16 : store->slot_count * 2)) {
        return NULL;
    }
    if (!VEC_PUSH(a, &store->nodes, (struct entity_node){.uid = uid}) ||
        !VEC_PUSH(a, &store->stamps, 0)) {
        return NULL;
    }
    fill_slot(store, store->nodes.count - 1);
    return &store->nodes.items[store->nodes.count - 1];
}

/* ---- reading ---- */

const struct entity *entities_own(const struct entities *store, const struct uid *uid) {
    if (store->is_frozen) {
        return (const void *)uid_table_find(&store->entities, uid); /* it begins with its uid */
    }
    const struct entity_node *node = entities_node(store, uid);
    if (node == NULL || node->draft == NULL) {
        return NULL;
    }
    return node->draft->closed != NULL ? node->draft->closed : node->draft->open;
}

bool entities_mention(const struct entities *store, const struct uid *uid) {
    return store->is_frozen ? uid_table_find(&store->mentions, uid) != NULL
                            : entities_node(store, uid) != NULL;
}

const struct entity *entities_find(const struct entities *entities, const struct uid *uid) {
    for (const struct entities *store = entities; store != NULL; store = store->base) {
        const struct entity *entity = entities_own(store, uid);
        if (entity != NULL) {
            return entity;
        }
    }
    return entities->loader == NULL ? NULL : loader_find(entities->loader, uid);
}

enum { PREFETCH_BYTES = 192 };

void entities_prefetch(const struct entities *store, const struct uid *uids, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uid_table_prefetch_way(&store->entities, &uids[i]);
    }
    for (size_t i = 0; i < count; i++) {
        uid_table_prefetch_item(&store->entities, &uids[i], PREFETCH_BYTES);
    }
}

enum { SCANNED = 16 }; /* so few ancestors are looked through */

static size_t first_with(const struct entity *entity, const uint32_t *marks, uint32_t mark) {
    size_t low = 0;
    size_t high = entity->ancestor_count;
    if (high <= SCANNED) {
        while (low < high && marks[low] < mark) {
            low++;
        }
        return low;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marks[middle] < mark) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The place of an ancestor, or ancestor_count. */
static size_t place_of(const struct entity *entity, const struct uid *ancestor) {
    uint32_t mark = entity_mark(ancestor);
    const uint32_t *marks = entity_marks(entity);
    for (size_t i = first_with(entity, marks, mark); i < entity->ancestor_count && marks[i] == mark;
         i++) {
        if (uid_equal(entity->ancestors[i], ancestor)) {
            return i;
        }
    }
    return entity->ancestor_count;
}

static bool has_ancestor(const struct entity *entity, const struct uid *ancestor) {
    return place_of(entity, ancestor) < entity->ancestor_count;
}

bool entity_has_parent(const struct entity *entity, const struct uid *parent) {
    size_t place = place_of(entity, parent);
    size_t low = 0;
    size_t high = entity->parent_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entity_parent_place(entity, middle) < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < entity->parent_count && entity_parent_place(entity, low) == place;
}

static bool is_in(const struct entities *entities, const struct uid *uid,
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
            if (has_ancestor(entity, &patch->uid) && has_ancestor(patch, ancestor)) {
                return true;
            }
        }
    }
    return false;
}

size_t entities_patch_count(const struct entities *entities) {
    return entities->patch_count;
}

bool entities_is_in(const struct entities *entities, const struct uid *uid,
                    const struct uid *ancestor) {
    return is_in(entities, uid, ancestor) ||
           (entities->loader != NULL && loader_climb(entities->loader, uid) &&
            is_in(entities, uid, ancestor));
}

bool entities_climb(const struct entities *entities, const struct uid *uid) {
    if (entities->loader != NULL) {
        IGNORE(loader_climb(entities->loader, uid)); /* what went wrong is kept */
    }
    return entities->loader != NULL;
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
            if (has_ancestor(cursor->entity, &patch->uid)) {
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
    *ret_mark = entity_marks(cursor->from)[cursor->next];
    return cursor->from->ancestors[cursor->next++];
}

void entities_each(struct entities_cursor *cursor, const struct entities *store) {
    uid_table_each(&cursor->items, &store->entities);
}

const struct entity *entities_next(struct entities_cursor *cursor) {
    return (const void *)uid_table_next(&cursor->items); /* it begins with its uid */
}

size_t entities_count(const struct entities *entities) {
    return entities->count;
}

const struct entity *entities_get(const struct entities *entities, size_t index) {
    return entities->drafts.items[index]->closed;
}
