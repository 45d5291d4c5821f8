/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_WORLD_H
#define DIFFERENTIAL_WORLD_H
/*
 * A made-up schema: few types, few names, so that things meet. Everything else (policies,
 * entities, requests) is made to fit it, mostly.
 *
 * Lives in the maker's arena and is not changed once it is made.
 */
#include "maker.h"

enum type_kind {
    TYPE_BOOL,
    TYPE_LONG,
    TYPE_STRING,
    TYPE_ENTITY,
    TYPE_SET,
    TYPE_RECORD,
    TYPE_DECIMAL,
    TYPE_IP,
    TYPE_DATETIME,
    TYPE_DURATION,
};

struct attr;

struct type {
    enum type_kind kind;
    unsigned entity;            /* TYPE_ENTITY: index into the world's */
    const struct type *element; /* TYPE_SET */
    const struct attr *attrs;   /* TYPE_RECORD */
    unsigned count;
    const char *common; /* declared under this name, or NULL */
    const char *space;  /* of that name */
};

struct attr {
    const char *name;
    const struct type *type;
    bool is_optional;
};

struct entity_type {
    const char *space; /* "", "N", "N::M" */
    const char *base;
    const char *name; /* both */
    unsigned parents; /* a bit for each entity type */
    unsigned above;   /* the same closed, with itself */
    struct type shape;
    const struct type *tags; /* or NULL */
    const char *const *ids;
    unsigned id_count;
    bool is_enum;
    bool is_twin; /* declared together with the type before it, and the same */
};

struct action {
    const char *space;
    const char *id;
    const char *type; /* "N::Action" */
    unsigned groups;  /* a bit for each action after this one */
    unsigned principals;
    unsigned resources; /* 0: applies to nothing */
    struct type context;
};

enum { WORLD_TYPES = 6, WORLD_ACTIONS = 5, WORLD_COMMONS = 3, WORLD_POOL = 24 };

struct world {
    struct entity_type types[WORLD_TYPES];
    unsigned type_count;
    struct action actions[WORLD_ACTIONS];
    unsigned action_count;
    const struct type *commons[WORLD_COMMONS];
    unsigned common_count;
    bool is_tricky; /* a common type hides something that others mean: data may not fit */
    const struct type *pool[WORLD_POOL]; /* of types to make something of */
    unsigned pool_count;
};

extern const struct type type_bool, type_long, type_string, type_decimal, type_ip, type_datetime,
    type_duration;

void world_make(struct maker *m, struct world *ret);

/* A type of the pool. */
const struct type *world_type(struct maker *m, const struct world *w);
bool type_equal(const struct type *a, const struct type *b);
/* One of the bits that are set, at least one. */
unsigned pick_bit(struct maker *m, unsigned bits);

/* The schema as text, or in JSON. */
void say_schema(struct maker *m, const struct world *w);
void say_schema_json(struct maker *m, const struct world *w);

/* A string literal with its quotes, the text not escaped yet. */
void say_quoted(struct maker *m, const char *text);
/* An attribute name where one is declared or a key: quoted if it must be, or by chance. */
void say_key(struct maker *m, const char *name);
bool is_plain_name(const char *name);

#endif
