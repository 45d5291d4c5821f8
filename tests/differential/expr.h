/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_EXPR_H
#define DIFFERENTIAL_EXPR_H
/*
 * Expressions of a wanted type over a world, as policy text. Now and then one of another type, an
 * attribute that may be absent, a literal that is malformed.
 */
#include "data.h"

enum { SCENE_GUARDS = 8 };

/* What the variables are, where the expression stands. */
struct scene {
    const struct world *world;
    unsigned principal; /* entity types */
    unsigned resource;
    unsigned action;
    unsigned wrong;           /* once in so many expressions something else; 0: never */
    str guards[SCENE_GUARDS]; /* optional attributes and tags known to be there */
    unsigned guard_count;
};

enum { EXPR_DEPTH = 4 };

void say_expr(struct maker *m, struct scene *s, const struct type *want, unsigned depth);
/* `Type::"id"` */
void say_uid(struct maker *m, const char *type, const char *id);
/* A string as policy text has it, the same text in one of several spellings. */
void say_string(struct maker *m, const char *text);

#endif
