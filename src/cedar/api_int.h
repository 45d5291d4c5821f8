/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_INT_H
#define CEDAR_API_INT_H
/*
 * What stands behind the opaque types of cedar.h, and what the api_*.c files share.
 *
 * The public functions check their arguments, translate between public and inner types, own the
 * memory and turn findings into reports; all rules of the language live in the folders below.
 *
 * Every shared object holds a reference to its engine, whose allocator and hash key it uses.
 * Objects whose engines have different hash keys do not fit together (MISUSE).
 */
#include "cedar.h"

#include <stdatomic.h>

#include "cedar/ast/diag.h"
#include "cedar/authz/decide.h"
#include "cedar/compile/compile.h"
#include "cedar/json/entities.h"
#include "cedar/schema/conform.h"
#include "cedar/schema/schema.h"
#include "cedar/text/parse.h"

struct cedar_engine {
    atomic_size_t refs;
    struct allocator allocator;
    struct hash_key key;
    size_t max_text_bytes;
    size_t max_object_bytes;
    uint32_t max_depth;
};

struct cedar_report {
    cedar_engine *engine;
    struct arena arena; /* of the findings and their texts */
    size_t count;
    cedar_finding *findings;
};

/* A type name that has been checked and hashed. */
struct known_type {
    size_t len; /* 0: none */
    uint64_t hash;
    char name[48];
};

struct cedar_scratch {
    cedar_engine *engine;
    struct arena arena; /* what calls return */
    struct arena temp;  /* empty between calls */
    /* Of the principal, action and resource that were asked about last: mostly they have the
     * same types again. */
    struct known_type types[3];
    cedar_scratch *found; /* for the values of a cedar_entity_source, or NULL until there is one */
    bool is_lent;         /* to a source: it must not be reset now */
};

struct cedar_value {
    struct value value;
    uint32_t depth; /* nesting of sets and records */
    const cedar_engine *engine;
};

struct cedar_schema {
    atomic_size_t refs;
    cedar_engine *engine;
    struct arena arena;
    const struct schema *schema;
    const struct schema_answers *answers; /* api_schema_query.c */
};

struct cedar_entities {
    atomic_size_t refs;
    cedar_engine *engine;
    struct arena arena;
    const struct entities *store;
    cedar_schema *schema;  /* it was read with, or NULL */
    cedar_entities *under; /* the version it shares memory with, or NULL */
    size_t whole_bytes;    /* of the version at the bottom, which shares with none */
    size_t added_bytes;    /* of the versions above it, this one included */
    bool is_large;         /* more than the caches hold */
};

/* What else is known when there is a store. */
void api_entities_ready(cedar_entities *entities, const cedar_schema *schema);

struct cedar_entities_update {
    cedar_entities *base;
    cedar_schema *schema;  /* or NULL */
    struct arena building; /* what is to become of the base */
    struct arena temp;     /* of one call */
    struct entity_builder builder;
    bool has_changes;
    bool has_deletes;
    bool is_over; /* published or failed */
};

struct cedar_overlay {
    cedar_scratch *scratch;
    const cedar_entities *base;
    const cedar_schema *schema; /* or NULL */
    struct entity_builder builder;
    const struct entities *finished; /* NULL until cedar_overlay_finish */
    bool is_failed;
};

/* An absent cedar_str is an empty str. */
static inline str api_str(cedar_str s) {
    return s.ptr == NULL ? STR("") : (str){s.ptr, s.len};
}

static inline cedar_str api_public(str s) {
    return (cedar_str){s.ptr == NULL ? "" : s.ptr, s.len};
}

/* Length without bytes. */
static inline bool api_is_bad(cedar_str s) {
    return s.ptr == NULL && s.len > 0;
}

/* A struct uid has room for its lengths. */
static inline bool api_uid_fits(cedar_uid uid) {
    return uid.type.len <= VALUE_TEXT_MAX && uid.id.len <= VALUE_TEXT_MAX;
}

bool api_same_key(const cedar_engine *a, const cedar_engine *b);

cedar_status api_status(err error);

/* Limits of the engine in the terms of the readers. */
struct parse_limits api_parse_limits(const cedar_engine *engine);
struct lower_options api_lower_options(const cedar_engine *engine);
struct json_limits api_json_limits(const cedar_engine *engine);

/* An arena for the time of one call; ends with arena_done (AUTO). */
void api_arena_init(struct arena *a, const cedar_engine *engine);

/* Makes a report of the findings, if the caller wants one and there is something to say, and
 * returns the status of `error`. A failure without a finding gets one. */
cedar_status api_finish(cedar_engine *engine, err error, struct diag_list *diags,
                        cedar_report **ret_report);

/* Checks and copies a uid; CEDAR_ERR_SYNTAX when its type is no name or its id not UTF-8. */
cedar_status api_uid_check(cedar_uid uid);
err api_uid_copy(struct arena *a, const cedar_engine *engine, cedar_uid uid,
                 const struct uid **ret) MUST_CHECK;

/* The same for many; MISUSE: no array. */
cedar_status api_uids_check(const cedar_uid *uids, size_t count);
err api_uids_copy(struct arena *a, const cedar_engine *engine, const cedar_uid *uids, size_t count,
                  const struct uid *const **ret) MUST_CHECK;

/* Counting references changes nothing that a reader sees. */
static inline cedar_schema *api_schema_ref(const cedar_schema *schema) {
    return cedar_schema_ref((cedar_schema *)(uintptr_t)schema);
}
static inline cedar_entities *api_entities_ref(const cedar_entities *entities) {
    return cedar_entities_ref((cedar_entities *)(uintptr_t)entities);
}

/* Without a store. NULL: no memory. */
cedar_entities *api_entities_new(cedar_engine *engine);

/* Checks an entity that a host has made: what the schema (NULL: none) and the hierarchy of actions
 * allow. */
cedar_status api_entity_check(const cedar_engine *engine, const cedar_entity *entity);
err api_entity_conform(const cedar_schema *schema, const struct conform_entity *entity,
                       struct diag_list *diags) MUST_CHECK;

/* Wraps a value that lives in the scratch. */
err api_value_wrap(cedar_scratch *scratch, const struct value *value,
                   const cedar_value **ret) MUST_CHECK;

#endif
