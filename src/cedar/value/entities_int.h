/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_ENTITIES_INT_H
#define CEDAR_VALUE_ENTITIES_INT_H
/*
 * Inside of the entity store, shared by entities.c, closure.c and freeze.c only.
 *
 * Every uid the store has met (its entities, their parents, and what closing the hierarchy came
 * by) is a node; the nodes form an open-addressing hash table.
 *
 *     slots   [ 0 | hash 3 | 0 | hash 1 | hash 2 ]   upper half: of the hash; lower: node + 1
 *     nodes   [ A , B , C ]                          A: an entity of this store; B, C: mentioned
 */
#include "cedar/value/entities.h"

enum {
    ENTITY_EDGES_MAX = 1 << 26, /* steps from entity to ancestor while closing one store */
    /* The same for a store on top of another: it comes with a request, which must not take long. */
    ENTITY_EDGES_REQUEST_MAX = 1 << 22,
};

struct entity_node {
    const struct uid *uid;
    struct entity *entity; /* NULL when this store only mentions the uid */
};

/* What the building has to remember about a node. */
struct entity_walk {
    uint32_t stamp; /* the walk that met the node last */
    bool is_closed; /* closure.c: entity->ancestors is complete */
};

struct entities {
    const struct entities *base;
    VEC(struct entity_node) nodes;
    VEC(struct entity_walk) walks; /* parallel to nodes; none when frozen */
    uint64_t *slots;
    size_t slot_count;            /* below 2^32; more than there are nodes, or 0 */
    uint32_t stamp;               /* number of the latest walk */
    VEC(struct entity *) ordered; /* in the order they were added; or, when frozen: */
    const struct entity *frozen;  /* all of them, one after the other */
    size_t count;
    /* Entities of this store that change what entities of the base are below: the base mentions
     * them, but does not have them or has them with other ancestors. Usually none. */
    VEC(const struct entity *) patches;
};

/* The node of a uid in this store alone, or NULL. */
struct entity_node *entities_node(const struct entities *store, const struct uid *uid);
/* The same; makes one when there is none. NULL: no memory. */
struct entity_node *entities_intern(struct entities *store, struct arena *a, const struct uid *uid);

/* Slots for the nodes that there are and will be, at least `count`, in the arena. */
bool entities_make_slots(struct entities *store, struct arena *a, size_t count);

static inline struct entity_walk *entities_walk(struct entities *store,
                                                const struct entity_node *node) {
    return &store->walks.items[node - store->nodes.items];
}

/* Fills the ancestors of every entity of the builder's store, and its patches. */
err closure_compute(struct entity_builder *builder, const struct uid **ret_cycle) MUST_CHECK;

#endif
