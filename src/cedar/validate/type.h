/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_TYPE_H
#define CEDAR_VALIDATE_TYPE_H
/*
 * Types of expressions (maps: §1.10): the types of the schema and the few more that checking
 * needs: a bool known to be true or false, sets of entity types, records with unknown further
 * attributes, the type without values.
 *
 * Types are interned: equal types are the same pointer, so comparing is cheap, and a type that
 * shares its parts (a record named in ten places) stays small. Relations between records are
 * remembered, since two such types have exponentially many paths to compare.
 *
 * A `struct types` belongs to one validation and one thread; everything lives in its arena.
 * Functions that make types return NULL when the arena is full (arena_error says why).
 */
#include "cedar/schema/schema.h"
#include "cedar/validate/table.h"

/* In the order in which messages list types; later kinds are sorted behind earlier ones. */
enum type_kind {
    TYPE_NEVER,
    TYPE_BOOL,
    TYPE_TRUE,
    TYPE_FALSE,
    TYPE_LONG,
    TYPE_STRING,
    TYPE_ANY_ENTITY,
    TYPE_ENTITY, /* one of some entity types; strict mode knows only sets of one */
    TYPE_SET,
    TYPE_RECORD,
    TYPE_DATETIME,
    TYPE_DECIMAL,
    TYPE_DURATION,
    TYPE_IPADDR,
    TYPE_KINDS
};

struct type;

struct type_attr {
    str name;
    bool is_required;
    const struct type *type;
};

struct type_record {
    bool is_open; /* there may be other attributes */
    size_t count;
    const struct type_attr *attrs; /* sorted by name, distinct */
};

struct type_entities {
    size_t count;                                  /* at least one */
    const struct schema_entity_type *const *items; /* sorted by types_rank, distinct */
};

struct type {
    enum type_kind kind;
    uint32_t id;
    const struct type *next; /* with the same hash */
    union {
        struct type_entities entities;
        const struct type *element; /* SET: NULL for a set of anything */
        struct type_record record;
    };
};

enum type_mode { TYPE_STRICT, TYPE_PERMISSIVE };

/* Why two types have no common one. */
enum type_clash {
    TYPE_CLASH_OTHER,
    TYPE_CLASH_QUALIFIER, /* an attribute is required here, optional there */
    TYPE_CLASH_WIDTH,     /* records have different attributes */
    TYPE_CLASH_ENTITY,    /* entity types differ */
    TYPE_CLASH_ENTITY_RECORD,
};

struct types {
    struct arena *arena;
    const struct schema *schema;
    uint32_t count;
    struct type simple[TYPE_KINDS]; /* of the kinds without parts */
    const struct type *any_set;
    const struct type *any_record;
    const struct type *any_entity_set; /* Set<any entity> */
    struct table interned;             /* hash -> first type with it */
    struct table by_schema_type;       /* struct schema_type or schema_record -> type */
    const struct type **entity_types;  /* by index of the schema; made when asked for */
    uint32_t *ranks;                   /* by index: place of the name among all */
    struct table attributes;           /* id of an ENTITY type -> its attributes as a record */
    struct table subtypes[2];          /* pair of ids -> bool, by mode */
    struct table joins[2];             /* pair of ids -> type, or the clash */
};

err types_init(struct types *t, struct arena *arena, const struct schema *schema) MUST_CHECK;

static inline const struct type *types_simple(const struct types *t, enum type_kind kind) {
    return &t->simple[kind];
}
static inline const struct type *types_bool(const struct types *t, bool truth) {
    return &t->simple[truth ? TYPE_TRUE : TYPE_FALSE];
}

const struct type *types_of_schema(struct types *t, const struct schema_type *type);
const struct type *types_of_entity(struct types *t, const struct schema_entity_type *entity);
/* Of several; sorted by types_rank, distinct; copied. */
const struct type *types_of_entities(struct types *t, const struct schema_entity_type **items,
                                     size_t count);
/* The type of an extension or primitive value; entities, sets and records are NULL. */
const struct type *types_of_value_kind(const struct types *t, enum value_kind kind);
const struct type *types_set(struct types *t, const struct type *element);
/* `attrs` sorted by name, distinct; copied. */
const struct type *types_record(struct types *t, bool is_open, const struct type_attr *attrs,
                                size_t count);

/* Names are ordered by their last component first, then by what stands before it. */
uint32_t types_rank(const struct types *t, const struct schema_entity_type *entity);

static inline bool type_is_bool(const struct type *type) {
    return type->kind == TYPE_BOOL || type->kind == TYPE_TRUE || type->kind == TYPE_FALSE;
}
static inline bool type_is_entity(const struct type *type) {
    return type->kind == TYPE_ENTITY || type->kind == TYPE_ANY_ENTITY;
}
/* The entity type, when it is exactly one; otherwise NULL. */
const struct schema_entity_type *type_single_entity(const struct type *type);
bool type_has_entity(const struct type *type, const struct schema_entity_type *entity);

/* The attributes that values of the type are known to have or may have; a RECORD type, or NULL
 * when the type has none (no entity or record, any entity). */
const struct type *types_attributes(struct types *t, const struct type *type);
const struct type_attr *type_find_attr(const struct type *record, str name);
const struct type_attr *types_find_attr(struct types *t, const struct type *type, str name);
/* Could a value of the type have the attribute? */
bool type_may_have_attr(const struct type *type, str name);

/* ---- relations (relate.c) ---- */

bool types_is_subtype(struct types *t, const struct type *a, const struct type *b,
                      enum type_mode mode);
/* The least type above both; NULL when there is none, and *ret_clash says why. */
const struct type *types_join(struct types *t, const struct type *a, const struct type *b,
                              enum type_mode mode, enum type_clash *ret_clash);
/* Entity types that have none in common; false for everything else. */
bool type_is_disjoint(const struct type *a, const struct type *b);

/* ---- text (type_text.c) ---- */

void type_format(struct buf *out, const struct type *type);
/* The order in which messages list types. */
int types_compare(const struct types *t, const struct type *a, const struct type *b);

#endif
