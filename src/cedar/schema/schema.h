/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_SCHEMA_H
#define CEDAR_SCHEMA_SCHEMA_H
/*
 * A resolved schema: entity types, actions and their types, every name bound, immutable.
 *
 * Read from Cedar schema syntax or its JSON form (maps: §1.9) in two steps: a fragment
 * (fragment.h) says what was written, resolving binds names (own namespace before the empty one,
 * common types before entity types), closes the hierarchies and refuses what the language
 * forbids. Both forms of one schema resolve to equal schemas (schema_equal).
 *
 * Everything lives in the arena given to schema_read, the texts are copied. Types are shared
 * by pointer: a record that is named in ten places exists once. After reading a schema may be
 * used from any thread.
 */
#include "base/map.h"
#include "cedar/ast/diag.h"
#include "cedar/value/value.h"

enum schema_format { SCHEMA_FORMAT_CEDAR, SCHEMA_FORMAT_JSON };

/* One text that was read, in the arena of the schema. */
struct schema_source {
    str name;
    str text;
    enum schema_format format;
    size_t line_count;
    const uint32_t *line_starts;
};

/* Where something is declared: its name, and the whole declaration without its annotations. */
struct schema_place {
    const struct schema_source *source; /* NULL: nowhere (types of actions) */
    struct ast_span name;
    struct ast_span whole;
};

enum schema_type_kind {
    SCHEMA_BOOL,
    SCHEMA_LONG,
    SCHEMA_STRING,
    SCHEMA_DECIMAL,
    SCHEMA_IPADDR,
    SCHEMA_DATETIME,
    SCHEMA_DURATION,
    SCHEMA_ENTITY,
    SCHEMA_SET,
    SCHEMA_RECORD,
};

struct schema_entity_type;
struct schema_record;

struct schema_type {
    enum schema_type_kind kind;
    uint32_t depth; /* nesting: 1 for a type without inner types */
    union {
        const struct schema_entity_type *entity;
        const struct schema_type *element;
        const struct schema_record *record;
    };
};

struct schema_annotation {
    str name;
    bool has_value;
    str value;
};

struct schema_annotations {
    size_t count;
    const struct schema_annotation *items; /* sorted by name */
};

struct schema_attr {
    str name;
    bool is_required;
    const struct schema_type *type;
    struct schema_annotations annotations;
    struct schema_place place;
};

/* Closed: no other attributes than these. */
struct schema_record {
    size_t count;
    const struct schema_attr *attrs; /* sorted by name, distinct */
};

enum schema_entity_kind {
    SCHEMA_ENTITY_PLAIN,
    SCHEMA_ENTITY_ENUM,   /* only the listed ids; no attributes, tags or parents */
    SCHEMA_ENTITY_ACTION, /* `Ns::Action`, there because an action of Ns is declared */
};

struct schema_entity_type {
    str name; /* "Ns::User" */
    enum schema_entity_kind kind;
    uint32_t index; /* in schema.entity_types */
    struct schema_place place;
    const struct schema_record *attrs; /* never NULL */
    const struct schema_type *tags;    /* NULL: no tags */
    size_t parent_count;
    const struct schema_entity_type *const *parents; /* as declared */
    size_t ancestor_count;
    const struct schema_entity_type *const *ancestors; /* closed, sorted by index */
    size_t id_count;
    const str *ids; /* ENUM: in source order */
    struct schema_annotations annotations;
};

struct schema_action {
    const struct uid *uid;
    const struct schema_entity_type *type; /* of kind SCHEMA_ENTITY_ACTION */
    uint32_t index;                        /* in schema.actions */
    struct schema_place place;
    size_t parent_count;
    const struct uid *const *parents; /* as declared */
    size_t ancestor_count;
    const struct uid *const *ancestors; /* closed, sorted by text */
    /* appliesTo; both lists empty: applies to nothing. */
    size_t principal_count;
    const struct schema_entity_type *const *principals; /* sorted by index */
    size_t resource_count;
    const struct schema_entity_type *const *resources; /* sorted by index */
    const struct schema_type *context;                 /* a SCHEMA_RECORD */
    struct schema_annotations annotations;
};

/* `type N = …;` What refers to it has the type itself; this is for those who ask for names. */
struct schema_common {
    str name; /* "Ns::T" */
    const struct schema_type *type;
    struct schema_annotations annotations;
    struct schema_place place;
};

struct fragment;
struct schema_names;

struct schema {
    struct hash_key key; /* of the uids in it */
    size_t entity_type_count;
    const struct schema_entity_type *const *entity_types; /* sorted by name */
    size_t action_count;
    const struct schema_action *const *actions; /* sorted by type, then id */
    struct map entity_types_by_name;
    struct map actions_by_type; /* name of the action type -> struct map: id -> action */
    size_t common_count;
    const struct schema_common *const *commons; /* sorted by name */
    const struct fragment *fragment;            /* as written */
    const struct schema_names *names;           /* what the names in it mean */
};

struct schema_limits {
    size_t max_bytes;
    uint32_t max_depth; /* nesting of types, named types followed */
};

/* Reads one schema. `key` makes the hashes of action uids, so it is the key of the entity stores
 * the schema is used with. ERR_SYNTAX with findings when the text is not a schema; warnings (for
 * example shadowed builtins) may be added on success too. */
err schema_read(struct arena *a, const struct hash_key *key, str text, enum schema_format format,
                const struct schema_limits *limits, struct diag_list *diags,
                const struct schema **ret) MUST_CHECK;

/* Copies a text and its name, and finds its lines. ERR_LIMIT when it is too long. */
err schema_source_make(struct arena *a, str name, str text, enum schema_format format,
                       const struct schema_limits *limits,
                       const struct schema_source **ret) MUST_CHECK;
/* Line and column, from 1, the latter in bytes. */
void schema_source_position(const struct schema_source *source, uint32_t offset, uint32_t *ret_line,
                            uint32_t *ret_column);

/* NULL when not declared. */
const struct schema_entity_type *schema_find_entity_type(const struct schema *schema, str name);
const struct schema_action *schema_find_action(const struct schema *schema, const struct uid *uid);
const struct schema_attr *schema_find_attr(const struct schema_record *record, str name);

/* True when an entity of type `type` may have one of type `ancestor` above it. */
bool schema_type_is_below(const struct schema_entity_type *type,
                          const struct schema_entity_type *ancestor);
bool schema_enum_has_id(const struct schema_entity_type *type, str id);

/* The one type of a kind without inner types; NULL for ENTITY, SET, RECORD. */
const struct schema_type *schema_builtin(enum schema_type_kind kind);

/* `Long`, `ipaddr`, …; absent for the other kinds. */
str schema_builtin_name(enum schema_type_kind kind);

/* True for a type whose last component is `Action`. */
bool schema_name_is_action(str type_name);

/* As schemas write types, on one line. */
void schema_type_write(struct buf *out, const struct schema_type *type);

/* As messages about data print types: `string`, `[ipaddr]`, `{ "x" => (optional) long }`. */
void schema_type_format(struct buf *out, const struct schema_type *type);

/* Same declarations, whatever the spelling, order or format they came from. */
bool schema_equal(const struct schema *a, const struct schema *b);

#endif
