/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_ENTITIES_INT_H
#define CEDAR_VALUE_ENTITIES_INT_H
/*
 * Inside of the entity store, shared by the files that read, build, close and freeze it only.
 *
 * A store that is being built, or lies on another one, knows its entities as drafts. Every uid it
 * has met (its entities, their parents, and what closing the hierarchy came by) is a node; the
 * nodes form an open-addressing hash table.
 *
 *     slots   [ 0 | hash 3 | 0 | hash 1 | hash 2 ]   upper half: of the hash; lower: node + 1
 *     nodes   [ A , B , C ]                          A: an entity of this store; B, C: mentioned
 *
 * A frozen store has two tables instead: of its entities, and of the uids that are parents of any
 * ("mentions"), by which the entities below are found.
 */
#include "cedar/value/entities.h"
#include "cedar/value/uid_table.h"

enum {
    ENTITY_EDGES_MAX = 1 << 26, /* steps from entity to ancestor while closing one store */
    /* The same for a store on top of another: it comes with a request, which must not take long. */
    ENTITY_EDGES_REQUEST_MAX = 1 << 22,
};

/* An entity before its ancestors are known. */
struct entity_draft {
    const struct uid *uid;
    const struct value_record *attrs;
    const struct value_record *tags;
    const struct uid *const *parents; /* as given, without duplicates */
    uint32_t parent_count;
    struct entity *closed; /* NULL until the hierarchy is closed */
    struct entity *open;   /* of a loader: without ancestors, until then */
    /* of an update: */
    const struct entity *old; /* what it replaces, or NULL */
    bool is_deleted;          /* in this case there are no parents, and closed stays NULL */
    bool is_moved;            /* it, or something above it, has other parents than before */
};

struct entity_node {
    const struct uid *uid;
    struct entity_draft *draft; /* NULL when this store only mentions the uid */
    /* of a loader: */
    bool is_asked;    /* without a draft: there is no such entity */
    bool is_climbed;  /* all that lies above it has been asked for */
    bool is_complete; /* and its entity in this store knows it */
};

struct mention_link {
    const struct mention_link *next;
    uint32_t mark;
};

/* A uid and the entities that have it as a parent, by the upper half of their hashes: look for
 * them with uid_table_each_marked and see whether it is (still) their parent. */
struct entity_mention {
    struct uid uid;
    const uint32_t *marks;
    uint32_t mark_count;
    const struct mention_link *added; /* by updates since the marks were collected */
};

struct entities {
    const struct entities *base;
    bool is_frozen;
    size_t count;
    /* when frozen */
    struct uid_table entities;
    struct uid_table mentions;
    /* otherwise */
    VEC(struct entity_node) nodes;
    VEC(uint32_t) stamps; /* parallel to nodes: the walk that met the node last */
    uint32_t stamp;       /* number of the latest walk */
    uint64_t *slots;
    size_t slot_count;                 /* below 2^32; more than there are nodes, or 0 */
    VEC(struct entity_draft *) drafts; /* in the order they were added */
    /* Entities of this store that change what entities of the base are below: the base mentions
     * them, but does not have them or has them with other ancestors. Usually none. */
    VEC(const struct entity *) patches;
    size_t patch_count;           /* with those of the stores below */
    struct entity_loader *loader; /* or NULL; asked when an entity is not found */
};

static inline uint32_t entity_mark(const struct uid *uid) {
    return (uint32_t)(uid->hash >> 32);
}

/* Bytes of a struct entity with what stands behind it. */
static inline size_t entity_size(size_t ancestor_count, size_t parent_count) {
    size_t size =
        sizeof(struct entity) + ancestor_count * (sizeof(struct uid *) + sizeof(uint32_t));
    return parent_count == ancestor_count ? size : size + parent_count * sizeof(uint32_t);
}

bool entity_has_parent(const struct entity *entity, const struct uid *parent);

/* The entity of this store alone, or NULL. */
const struct entity *entities_own(const struct entities *store, const struct uid *uid);
/* False: nothing in this store alone has it as an ancestor. */
bool entities_mention(const struct entities *store, const struct uid *uid);

/* Room for so many nodes. NULL: no memory. */
bool entities_reserve(struct entities *store, struct arena *a, size_t count);
/* The node of a uid in this store alone, or NULL. */
struct entity_node *entities_node(const struct entities *store, const struct uid *uid);
/* The same; makes one when there is none. NULL: no memory. */
struct entity_node *entities_intern(struct entities *store, struct arena *a, const struct uid *uid);

static inline uint32_t *entities_stamp(struct entities *store, const struct entity_node *node) {
    return &store->stamps.items[node - store->nodes.items];
}

/* Found by the loader of a store, or NULL. */
const struct entity *loader_find(struct entity_loader *loader, const struct uid *uid);
/* True when something may lie above the uid that was not known before. */
bool loader_climb(struct entity_loader *loader, const struct uid *uid);

/* Closes one draft. *edges counts on to the limit. */
err closure_close(struct entity_builder *builder, struct entity_draft *draft,
                  size_t *edges) MUST_CHECK;

/* What is known about the hierarchy while an update is closed: drafts for all entities whose
 * ancestors change; `is_moved` says which. ERR_LIMIT: too many of them. */
err update_spread(struct entity_builder *builder) MUST_CHECK;

/* A draft for a uid that has none and that the base does not have. */
err entity_builder_insert(struct entity_builder *builder, const struct uid *uid,
                          const struct value_record *attrs, const struct value_record *tags,
                          const struct uid *const *parents, size_t parent_count,
                          struct entity_draft **ret) MUST_CHECK;

/* A draft for an entity of the base, as it is there. */
err entity_builder_carry(struct entity_builder *builder, const struct entity *entity,
                         struct entity_draft **ret) MUST_CHECK;

/* Closes every entity of the builder's store, and finds its patches. */
err closure_compute(struct entity_builder *builder, const struct uid **ret_cycle) MUST_CHECK;

/* By hash, through pointers to pointers. */
int entity_compare_hashes(const void *a, const void *b);

#endif
