/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_ENTITIES_H
#define CEDAR_VALUE_ENTITIES_H
/*
 * The entity store: uid -> attributes, tags, parents and the closed set of ancestors.
 *
 * Built once with entity_builder (add…, then finish, which computes the transitive closure and
 * refuses cycles), immutable afterwards, readable from any thread. A store can lie on top of a
 * base store: entities of one request over the store of the service. Look-ups try the top first;
 * an entity that is in both must be equal (policy map, failure 16: never last-wins).
 *
 * A finished store without base is frozen for long use: a compact copy in an arena of its own.
 *
 * Parents need not be present in the store; an absent entity has no ancestors of its own.
 */
#include "cedar/value/uid_table.h"

struct entity {
    struct uid uid;
    const struct value_record *attrs; /* never NULL */
    const struct value_record *tags;  /* never NULL */
    uint32_t ancestor_count;
    uint32_t parent_count;
    /* Closed, sorted by hash; absent entities are among them. Behind them stand their marks, and
     * behind those the places of the parents among them, in order, unless all are parents. */
    const struct uid *ancestors[];
};

/* The upper half of the hash of each ancestor. */
static inline const uint32_t *entity_marks(const struct entity *entity) {
    return (const uint32_t *)(const void *)(entity->ancestors + entity->ancestor_count);
}

/* The place of a parent among the ancestors. Parents are distinct and in the order of places. */
static inline size_t entity_parent_place(const struct entity *entity, size_t index) {
    return entity->parent_count == entity->ancestor_count
               ? index
               : entity_marks(entity)[entity->ancestor_count + index];
}

static inline const struct uid *entity_parent(const struct entity *entity, size_t index) {
    return entity->ancestors[entity_parent_place(entity, index)];
}

struct entities;

const struct entity *entities_find(const struct entities *entities, const struct uid *uid);
/* These will be looked for soon, in a frozen store that is larger than the caches. */
void entities_prefetch(const struct entities *store, const struct uid *uids, size_t count);
/* True when `ancestor` is `uid` itself or among its ancestors; absent entities have none. */
bool entities_is_in(const struct entities *entities, const struct uid *uid,
                    const struct uid *ancestor);
/* How many entities of stores on top change what those below are under: each entities_is_in looks
 * at them. */
size_t entities_patch_count(const struct entities *entities);
/* All ancestors of an entity of the store, one after the other; perhaps some of them twice. */
struct ancestor_cursor {
    const struct entities *store;
    const struct entity *entity;
    const struct entity *from; /* whose ancestors are being told */
    size_t next;
    size_t patch;
};

void ancestors_start(struct ancestor_cursor *cursor, const struct entities *entities,
                     const struct entity *entity);
/* NULL when there are no more. The mark is the upper half of its hash; looking only at that spares
 * a look at the uid. */
const struct uid *ancestors_next(struct ancestor_cursor *cursor, uint32_t *ret_mark);

/* Without the base. */
size_t entities_count(const struct entities *entities);
/* Of a store that is not frozen, in the order in which they were added. NULL: removed by this
 * update. */
const struct entity *entities_get(const struct entities *entities, size_t index);

struct entity_builder {
    struct arena *arena; /* everything lives here, the finished store too */
    struct hash_key key;
    const struct entities *base; /* or NULL */
    bool is_update;
    struct entities *store;
};

err entity_builder_init(struct entity_builder *builder, struct arena *arena,
                        const struct hash_key *key, const struct entities *base) MUST_CHECK;

/* Adds an entity whose parts live in the arena (or longer). Identical twice is accepted;
 * ERR_EXISTS when another entity with this uid is there, in the store or its base. */
err entity_builder_add(struct entity_builder *builder, const struct uid *uid,
                       const struct value_record *attrs, const struct value_record *tags,
                       const struct uid *const *parents, size_t parent_count) MUST_CHECK;

/* Adds parents to an entity, wherever it is: in this store, in the base (the store then holds a
 * copy with the additional parents), or nowhere yet (a new entity without attributes). */
err entity_builder_add_parents(struct entity_builder *builder, const struct uid *uid,
                               const struct uid *const *parents, size_t parent_count) MUST_CHECK;

/* In what is being built or its base. */
bool entity_builder_has(const struct entity_builder *builder, const struct uid *uid);

/* Computes ancestors; nothing can be added afterwards. ERR_LIMIT for too many edges in the
 * closure; ERR_SYNTAX for a cycle, with *ret_cycle (may be NULL) a uid that lies on it. */
err entity_builder_finish(struct entity_builder *builder, const struct entities **ret,
                          const struct uid **ret_cycle) MUST_CHECK;

/* For a changed copy of a frozen store: adding an entity puts it in the place of the one that is
 * there, later ones in the place of earlier ones. Finishing closes what has changed and what lies
 * below it, if that lies elsewhere now; freezing makes the copy. */
err entity_builder_init_update(struct entity_builder *builder, struct arena *arena,
                               const struct hash_key *key, const struct entities *base) MUST_CHECK;
/* Nothing happens when it is not there. Entities that have it as a parent keep it as one. */
err entity_builder_delete(struct entity_builder *builder, const struct uid *uid) MUST_CHECK;

/* A copy of a finished store without base, in another arena: what belongs to an entity lies close
 * together, each uid and name is there once, nothing is left of the building. Uids in values are
 * added to the old store on the way; its arena is used for that. */
err entities_freeze(struct entity_builder *builder, struct arena *a,
                    const struct entities **ret) MUST_CHECK;

/* The same, of a finished update: a new store that shares with the base what has not changed, so
 * that the memory of the base must live as long. It costs what has changed. */
err entities_freeze_update(struct entity_builder *builder, struct arena *a,
                           const struct entities **ret) MUST_CHECK;

/* A copy of a frozen store that shares nothing with it: what updates have left behind is gone. */
err entities_rebuild(const struct entities *from, const struct hash_key *key, struct arena *temp,
                     struct arena *a, const struct entities **ret) MUST_CHECK;

/* ---- entities that are found on demand ---- */

/* A store on top of another whose entities a function of the host finds, for one request: each uid
 * is asked for once at most, when an entity is looked for that the store below does not have. Who
 * asks about the hierarchy makes it ask for all that lies above, which is closed then: an absent
 * ancestor of an entity below may be found, and have parents.
 *
 * What goes wrong (the function's error, a cycle: ERR_SYNTAX, more than `max_asked` uids or steps:
 * ERR_LIMIT, ERR_NOMEM) is kept; from then on nothing more is found, and the caller must throw away
 * what it has worked out. */
struct entity_parts {
    const struct value_record *attrs; /* NULL: none */
    const struct value_record *tags;  /* NULL: none */
    const struct uid *const *parents;
    size_t parent_count;
};

/* What it gives must live as long as the loader, as must all uids that are looked for. Not called
 * again after an error. */
typedef err entity_find_function(void *ctx, const struct uid *uid, struct entity_parts *ret_parts,
                                 bool *ret_is_there);

struct entity_loader;

err entity_loader_new(struct arena *a, const struct hash_key *key, const struct entities *base,
                      entity_find_function *find, void *ctx, size_t max_asked,
                      struct entity_loader **ret) MUST_CHECK;
const struct entities *entity_loader_store(const struct entity_loader *loader);
err entity_loader_error(const struct entity_loader *loader);

/* To be called before ancestors_start; with a store that finds nothing on demand it does nothing.
 * True: an entity that was found before does not know its ancestors; look for it again. */
bool entities_climb(const struct entities *entities, const struct uid *uid);

/* ---- all of them ---- */

/* All entities of a frozen store, in no order that means anything. */
struct entities_cursor {
    struct uid_table_cursor items;
};
void entities_each(struct entities_cursor *cursor, const struct entities *store);
const struct entity *entities_next(struct entities_cursor *cursor);

#endif
