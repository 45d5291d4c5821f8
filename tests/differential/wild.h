/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_WILD_H
#define DIFFERENTIAL_WILD_H
/*
 * Policies, expressions and data without types: anything is asked of anything, over few names, so
 * that things meet. All of it parses. The names are numbered: those below WILD_UIDS are of entities
 * that have parents with higher numbers, the others of actions.
 */
#include "maker.h"

enum { WILD_UIDS = 20, WILD_ACTIONS = 5 };

struct wild_name {
    const char *type;
    const char *id;
};

struct wild_name wild_name(unsigned number);
/* A record as JSON. */
void say_wild_fields(struct maker *m, unsigned depth);
/* An array of the entities that are not taken yet, one in `of` left out; they are taken then. */
void say_wild_entities(struct maker *m, bool *taken, unsigned of);
void say_wild_expr(struct maker *m, unsigned depth);
/* A few of them are templates, if they may be. */
void say_wild_policies(struct maker *m, bool may_be_templates);
/* wild_schema.c: of nearly all names, with types that fit here and there. */
void say_wild_schema(struct maker *m);

#endif
