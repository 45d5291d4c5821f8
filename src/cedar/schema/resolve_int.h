/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_RESOLVE_INT_H
#define CEDAR_SCHEMA_RESOLVE_INT_H
/*
 * What the steps of resolving share: the tables of declared names and the schema being built.
 *
 * A name is looked up in tables of its namespace by its last part. So looking up costs what the
 * name as written has, however long the name of the namespace around it is.
 *
 * declare.c fills the tables and checks the names; resolve_type.c binds references;
 * resolve.c builds entity types and actions; closure.c closes a hierarchy. One resolver serves
 * one schema on one thread.
 */
#include "cedar/schema/fragment.h"

enum resolve_state { RESOLVE_NEW, RESOLVE_ACTIVE, RESOLVE_DONE, RESOLVE_FAILED };

struct resolve_common {
    struct schema_common made; /* what the schema points to; `type` when DONE */
    const struct fragment_common *decl;
    const struct schema_space *space;
    enum resolve_state state;
};

struct resolve_entity {
    struct schema_entity_type type;     /* what the schema points to */
    const struct fragment_entity *decl; /* NULL for an action type */
    const struct schema_space *space;
};

struct resolve_action {
    struct schema_action action; /* what the schema points to */
    const struct fragment_action *decl;
    const struct schema_space *space;
    struct resolve_action *const *parents; /* as in `action` */
};

/* What one namespace declares, by the names that stand in its declarations. */
struct schema_space {
    str name;
    struct map commons;                 /* to struct resolve_common */
    struct map entities;                /* to struct resolve_entity */
    struct map actions;                 /* by id, to struct resolve_action */
    struct resolve_entity *action_type; /* NULL without actions */
    uint64_t action_type_hash;          /* of its name */
};

struct schema_names {
    struct map spaces;            /* by name, to struct schema_space */
    struct schema_space *unnamed; /* the empty namespace, there even when nothing is in it */
};

struct resolver {
    struct arena *arena;
    struct diag_list *diags;
    const struct hash_key *key;
    const struct fragment *fragment;
    const struct schema_source *source; /* that findings are about */
    uint32_t depth;                     /* of common types being followed */
    uint32_t max_depth;
    struct schema_names *names;
    size_t name_bytes; /* of all full names */
    VEC(struct resolve_common *) commons;
    VEC(struct resolve_entity *) entities; /* after declaring: sorted by name */
    VEC(struct resolve_action *) actions;  /* after declaring: sorted by type and id */
};

/* Where a name is used decides what it may mean. */
enum resolve_use {
    RESOLVE_TYPE = 1,   /* a common type */
    RESOLVE_ENTITY = 2, /* a declared entity type */
    RESOLVE_ACTION = 4, /* `Ns::Action` */
};

struct resolve_target {
    struct resolve_common *common; /* one of the three is set */
    const struct schema_entity_type *entity;
    const struct schema_type *builtin;
};

/* Keeps an error that concerns one declaration only, so that the next ones are looked at too and
 * get their own findings; anything else ends it all. */
static inline err resolve_keep(err result, err *first) {
    if (result == ERR_SYNTAX) {
        *first = ERR_SYNTAX;
        return ERR_OK;
    }
    return result;
}

/* Fills the tables; ERR_SYNTAX when something is declared twice. */
err resolve_declare(struct resolver *r) MUST_CHECK;
/* Warns of names that hide others. */
void resolve_warn(struct resolver *r);
/* The other rules for declared names, and the order that indexes follow. */
err resolve_check(struct resolver *r) MUST_CHECK;

/* The findings that follow are about the text that something was declared in; gives back the
 * text before. */
const struct schema_source *resolve_enter(struct resolver *r, const struct schema_source *source);

/* NULL when there is no such namespace. */
const struct schema_space *names_space(const struct schema_names *names, str name);
/* Binds a reference made inside `space`. False when it means nothing. */
bool names_find(const struct schema_names *names, const struct schema_space *space, str name,
                unsigned uses, struct resolve_target *ret);
/* The action meant by a reference, or NULL. */
struct resolve_action *names_find_action(const struct schema_names *names,
                                         const struct schema_space *space,
                                         const struct fragment_action_ref *ref);
/* The same as names_find with a finding. */
err resolve_name(struct resolver *r, const struct schema_space *space, str name,
                 struct ast_span span, unsigned uses, struct resolve_target *ret) MUST_CHECK;
err resolve_type(struct resolver *r, const struct schema_space *space,
                 const struct fragment_type *type, const struct schema_type **ret) MUST_CHECK;
err resolve_common_type(struct resolver *r, struct resolve_common *common,
                        const struct schema_type **ret) MUST_CHECK;

/* The builtin of that name (`Long`, `ipaddr`, without `__cedar::`), or NULL. */
const struct schema_type *resolve_builtin(str name);
const struct schema_type *resolve_empty_record(void);

/* A graph by index: the edges of node i are edges[i].items[0..count). */
struct closure_edges {
    size_t count;
    const uint32_t *items;
};

/* *ret[i] is everything reachable from node i, sorted; i itself only when it lies on a cycle.
 * ERR_LIMIT when that is too much. */
err schema_closure(struct arena *a, const struct closure_edges *edges, size_t count,
                   const struct closure_edges **ret) MUST_CHECK;

#endif
