/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_FACTS_H
#define CEDAR_VALIDATE_FACTS_H
/*
 * What a test has shown: "this expression has this attribute", "… this tag" (capabilities in the
 * terms of Cedar; maps: corners 49 and 50).
 *
 * Expressions are compared by what they say: each one gets the number of its shape, and equal
 * shapes have the same number whatever their spelling (`a["b"]` and `a.b`, `x > y` and
 * `!(x <= y)`). A fact is a shape too. A set of facts is a list of their numbers; facts that hold
 * at the place that is being checked are counted, so asking is one look.
 *
 * One policy at a time, in the arena given; recursion is bounded by the height of the tree.
 */
#include "cedar/ast/ast.h"
#include "cedar/validate/table.h"

#include "base/hash.h"

/* Numbers of shapes, some perhaps several times; in an arena of the caller. */
struct fact_set {
    uint32_t count;
    const uint32_t *items;
};

struct shape;

struct facts {
    struct arena *arena;
    struct hash_key key;
    struct table by_hash;       /* hash -> number of the newest shape with it */
    struct table by_expr;       /* struct ast_expr -> number */
    VEC(struct shape *) shapes; /* by number - 1 */
};

void facts_init(struct facts *f, struct arena *arena, const struct hash_key *key);

/* 0 when the arena is full; otherwise at least 1. */
uint32_t facts_shape(struct facts *f, const struct ast_expr *expr);
/* The shape of `object.attr`. */
uint32_t facts_get(struct facts *f, uint32_t object, str attr);
/* The facts that the shape `object` has the attribute; that it has the tag. */
uint32_t facts_attr(struct facts *f, uint32_t object, str attr);
uint32_t facts_tag(struct facts *f, uint32_t object, uint32_t tag);

bool facts_holds(const struct facts *f, uint32_t fact);
/* The facts hold from now on; each call is undone by one of facts_leave. */
void facts_enter(struct facts *f, struct fact_set set);
void facts_leave(struct facts *f, struct fact_set set);

/* In `arena`; an empty set when it is full. */
struct fact_set facts_union(struct facts *f, struct arena *arena, struct fact_set a,
                            struct fact_set b);
struct fact_set facts_intersection(struct facts *f, struct arena *arena, struct fact_set a,
                                   struct fact_set b);
struct fact_set facts_one(struct arena *arena, uint32_t fact);

#endif
