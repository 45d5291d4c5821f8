/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_ENTITIES_INT_H
#define CEDAR_VALUE_ENTITIES_INT_H
/*
 * Inside of the entity store, shared by entities.c and closure.c only.
 *
 * Every uid the store has met (its entities, their parents, and what closing the hierarchy came
 * by) is a node; the nodes form an open-addressing hash table.
 *
 *     slots   [ 0 | 3 | 0 | 1 | 2 ]      node index + 1
 *     nodes   [ A , B , C ]              A: an entity of this store; B, C: only mentioned
 */
#include "cedar/value/entities.h"

enum {
    ENTITY_EDGES_MAX = 1 << 26, /* steps from entity to ancestor while closing one store */
};

struct entity_node {
    const struct uid *uid;
    struct entity *entity; /* NULL when this store only mentions the uid */
    uint32_t stamp;        /* the walk that met the node last */
    bool is_closed;        /* closure.c: entity->ancestors is complete */
};

struct entities {
    const struct entities *base;
    VEC(struct entity_node) nodes;
    uint32_t *slots;
    size_t slot_count;            /* a power of two, or 0 */
    uint32_t stamp;               /* number of the latest walk */
    VEC(struct entity *) ordered; /* in the order they were added */
    /* Entities of this store that change what entities of the base are below: the base mentions
     * them, but does not have them or has them with other ancestors. Usually none. */
    VEC(const struct entity *) patches;
};

/* The node of a uid in this store alone, or NULL. */
struct entity_node *entities_node(const struct entities *store, const struct uid *uid);
/* The same; makes one when there is none. NULL: no memory. */
struct entity_node *entities_intern(struct entities *store, struct arena *a, const struct uid *uid);

/* Fills the ancestors of every entity of the builder's store, and its patches. */
err closure_compute(struct entity_builder *builder, const struct uid **ret_cycle) MUST_CHECK;

#endif
