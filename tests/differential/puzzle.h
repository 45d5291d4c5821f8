/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_PUZZLE_H
#define DIFFERENTIAL_PUZZLE_H
/*
 * A made-up schema whose names collide: words of the language, names of builtins, the same name in
 * several namespaces, for a common type and an entity type. Nothing else is made to fit it; what it
 * asks is which declaration a name means, and what is refused and warned of.
 *
 * Most are right, so that what they mean is compared too; a wild one has names anywhere. Lives in
 * the maker's arena.
 */
#include "maker.h"

enum {
    PUZZLE_SPACES = 3,
    PUZZLE_COMMONS = 3,
    PUZZLE_ENTITIES = 4,
    PUZZLE_ACTIONS = 3,
    PUZZLE_ITEMS = 3 /* attributes, parents, ids, … of one thing */
};

struct puzzle_list {
    unsigned count;
    const char *items[PUZZLE_ITEMS];
};

struct puzzle_notes {
    unsigned count;
    const char *names[PUZZLE_ITEMS];  /* distinct */
    const char *values[PUZZLE_ITEMS]; /* NULL: none */
};

enum puzzle_kind {
    PUZZLE_NAME,
    PUZZLE_BUILTIN,
    PUZZLE_ENTITY, /* a name that means an entity type; in text like the next one and PUZZLE_NAME */
    PUZZLE_COMMON,
    PUZZLE_SET,
    PUZZLE_RECORD,
};

struct puzzle_type {
    enum puzzle_kind kind;
    const char *name;
    const struct puzzle_type *element;
    unsigned count;
    struct puzzle_attr *attrs; /* distinct names */
};

struct puzzle_attr {
    const char *name;
    bool is_optional;
    struct puzzle_type type;
    struct puzzle_notes notes;
};

struct puzzle_common {
    const char *name;
    struct puzzle_type type;
    struct puzzle_notes notes;
};

struct puzzle_entity {
    const char *name;
    struct puzzle_list ids; /* some: an enumeration */
    struct puzzle_list parents;
    bool has_shape;
    bool has_tags;
    struct puzzle_type shape;
    struct puzzle_type tags;
    struct puzzle_notes notes;
};

struct puzzle_action {
    const char *name;
    struct puzzle_list parents;
    struct puzzle_list parent_types; /* NULL: none is said */
    bool has_applies_to;
    bool has_context;
    struct puzzle_list principals;
    struct puzzle_list resources;
    struct puzzle_type context;
    struct puzzle_notes notes;
};

/* Names of one kind are distinct. */
struct puzzle_space {
    const char *name;
    struct puzzle_notes notes;
    unsigned common_count;
    unsigned entity_count;
    unsigned action_count;
    struct puzzle_common commons[PUZZLE_COMMONS];
    struct puzzle_entity entities[PUZZLE_ENTITIES];
    struct puzzle_action actions[PUZZLE_ACTIONS];
};

struct puzzle {
    unsigned space_count;
    struct puzzle_space spaces[PUZZLE_SPACES]; /* distinct */
    bool is_wild;
};

void puzzle_make(struct maker *m, struct puzzle *ret);
/* Some declarations are there twice, in text. */
void say_puzzle(struct maker *m, const struct puzzle *p);
void say_puzzle_json(struct maker *m, const struct puzzle *p);

#endif
