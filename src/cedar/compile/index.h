/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_INDEX_H
#define CEDAR_COMPILE_INDEX_H
/*
 * Which policies can a request reach? An index over the scopes of a program.
 *
 * Each of the three constraints of a head demands one key, none, or (action in […]) one of some:
 *
 *     == uid     2 * uid             the request's own uid
 *     in uid     2 * uid + 1         its own uid and those of its ancestors
 *     is type    2 * uids + type     its type
 *
 * A request has the keys of its principal, action and resource; it can reach a policy when it has
 * what the policy demands. The index is a tree that divides the policies by one part at a time,
 * always the part that divides them best:
 *
 *     node: by principal ── key 8  ── node: by resource ── key 3 ── policies 17
 *                        ├─ key 12 ── policies 2, 5
 *                        └─ rest   ── node: by action …         (no demand on the principal)
 *
 * so a request asks each node for its own keys and for the rest. A policy with a list of actions
 * stands below each of them; it may be reached twice.
 */
#include "base/vec.h"

enum scope_part { PART_PRINCIPAL, PART_ACTION, PART_RESOURCE, SCOPE_PARTS };

/* One constraint; names are numbers of struct symbols. */
struct scope {
    uint8_t kind;  /* enum scope_kind */
    bool has_slot; /* a template: `uid` is SYMBOL_NONE */
    uint32_t uid;  /* EQ, IN, IS_IN; for IN_LIST where it starts in the program's lists */
    uint32_t type; /* IS, IS_IN; for IN_LIST its length */
};

/* How the policies use a uid, one bit for each part and kind of demand (struct symbol). */
enum { USE_EQ = 1, USE_IN = 2, USE_BITS = 2 };

#define INDEX_NONE UINT32_MAX
/* A member whose place in the tree does not say that all of its scope matches. */
#define INDEX_CHECK 0x80000000u
/* In the place of a node: one policy is all there is below; the rest is that member. */
#define INDEX_MEMBER 0x40000000u

struct index_slot {
    uint32_t key; /* + 1; 0: free */
    uint32_t node;
};

struct index_node {
    uint32_t first; /* members, in order: numbers of policies, perhaps with INDEX_CHECK */
    uint32_t count;
    uint32_t slots;     /* where the table starts */
    uint32_t slot_mask; /* its size - 1 */
    uint32_t rest;      /* node or INDEX_NONE */
    uint8_t part;       /* what the table is by; SCOPE_PARTS: no table */
};

struct index {
    const struct index_node *nodes; /* the first is the root; none: no policies */
    size_t node_count;
    const struct index_slot *slots;
    const uint32_t *members;
    uint32_t uid_count;          /* to make keys */
    bool has_ins[SCOPE_PARTS];   /* any `in` */
    bool has_types[SCOPE_PARTS]; /* any `is` */
};

static inline uint32_t index_key_eq(uint32_t uid) {
    return 2 * uid;
}
static inline uint32_t index_key_in(uint32_t uid) {
    return 2 * uid + 1;
}
static inline uint32_t index_key_is(const struct index *index, uint32_t type) {
    return 2 * index->uid_count + type;
}
static inline size_t index_hash(uint32_t key) {
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

struct blocks;
struct program_policy;
struct symbols;

/* The tables grow in blocks; the symbols learn how they are used. ERR_LIMIT for 2^30 policies or
 * more. */
err index_build(struct blocks *b, const struct program_policy *policies, size_t count,
                const uint32_t *lists, struct symbols *symbols, struct index *ret) MUST_CHECK;

#endif
