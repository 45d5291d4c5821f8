/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_COPYING_H
#define CEDAR_VALUE_COPYING_H
/*
 * Copying closed entities into an arena, so that they take little memory and few cache lines.
 *
 *     block   entity A | its records | its texts | entity B | its records | …
 *     pack    other uids, shapes, names, and what the caller puts there
 *
 * Two passes. The first measures every entity and notes, in the order of the walk, the node of each
 * uid it comes by. Then the place of every entity is known, and the second can point there.
 *
 * Over a base (a frozen store whose changed copy is made) the copies share what has not changed:
 * records, and the uids that the base has.
 */
#include "base/map.h"
#include "cedar/value/entities_int.h"

struct copying_item {
    const struct entity *from;
    const struct entity *old; /* of the base, or NULL: equal pointers to records are shared */
    struct entity *to;
    size_t words; /* measured: its struct and its records */
    size_t texts; /* and its id and strings */
    size_t first; /* in the numbers: the node of its uid, then those of its ancestors */
};

struct copying {
    struct arena *temp;
    const struct entities *base; /* or NULL */
    struct entities *index;      /* nodes for all uids */
    struct copying_item *items;
    size_t count;
    VEC(uint32_t) numbers;     /* of nodes, in the order of the walk */
    uint32_t *children;        /* by node: how many of the items have it as a parent */
    const struct uid **copies; /* by node */
    struct pack pack;
    struct map names;  /* of types and fields: the copies */
    struct map shapes; /* by the pointers and lengths of their names, as they came */
    VEC(str) fields;   /* names of the shape at hand */
    size_t number;     /* second pass: the next of the numbers */
    char *words;       /* second pass: where the item at hand goes on */
    char *texts;
};

/* Room for `count` items, whose `from` and `old` the caller fills in. */
err copying_init(struct copying *c, struct arena *temp, const struct hash_key *key, size_t count,
                 struct entities *index, const struct entities *base) MUST_CHECK;

/* First pass. */
err copying_measure(struct copying *c) MUST_CHECK;
/* Bytes of the block. */
size_t copying_size(const struct copying *c);

/* Between the passes, in the pack, which the caller has initialised: gives the items their places
 * and so their copies. The caller may then fill in more copies. */
err copying_place(struct copying *c) MUST_CHECK;

/* A uid whose texts are copied. */
err copying_uid(struct copying *c, const struct uid *uid, struct uid *ret) MUST_CHECK;

/* Second pass. */
err copying_run(struct copying *c) MUST_CHECK;

#endif
