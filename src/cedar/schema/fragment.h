/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_FRAGMENT_H
#define CEDAR_SCHEMA_FRAGMENT_H
/*
 * A schema as written: declarations by namespace, names not yet bound.
 *
 * Both readers (text, JSON) make this form, fragment_merge puts several together, resolve.c turns
 * it into a struct schema, and the writers print it in either form. Lives in the arena of the
 * reader, borrows from the text. Names of namespaces and references are normalised (`A::B`).
 */
#include "cedar/schema/schema.h"

enum fragment_type_kind {
    FRAGMENT_NAME,      /* entity or common type, the latter first */
    FRAGMENT_ENTITY,    /* JSON {"type": "Entity"} */
    FRAGMENT_COMMON,    /* JSON {"type": "T"}; in text the context of an action */
    FRAGMENT_EXTENSION, /* JSON {"type": "Extension"} */
    FRAGMENT_BUILTIN,   /* JSON {"type": "Long"}, "String", "Boolean" */
    FRAGMENT_SET,
    FRAGMENT_RECORD,
};

struct fragment_attr;

struct fragment_type {
    enum fragment_type_kind kind;
    struct ast_span span;
    union {
        str name; /* all kinds but SET and RECORD */
        const struct fragment_type *element;
        struct {
            size_t count;
            const struct fragment_attr *attrs; /* sorted by name, distinct */
            bool is_open;                      /* JSON "additionalAttributes": refused later */
        } record;
    };
};

struct fragment_attr {
    str name;
    struct schema_place place;
    bool is_required;
    const struct fragment_type *type;
    struct schema_annotations annotations;
};

struct fragment_common {
    str name;
    struct schema_place place;
    const struct fragment_type *type;
    struct schema_annotations annotations;
};

struct fragment_names {
    size_t count;
    const struct ast_name *items;
};

struct fragment_entity {
    str name;
    struct schema_place place;
    struct fragment_names parents;
    const struct fragment_type *shape; /* or NULL */
    const struct fragment_type *tags;  /* or NULL */
    bool is_enum;
    size_t id_count;
    const str *ids;
    struct schema_annotations annotations;
};

struct fragment_action_ref {
    str type; /* absent: `Action`, looked up like any other name */
    str id;
    struct ast_span span;
};

/* `has_parents` and `has_applies_to`: the JSON form has the member, be it empty. In text actions
 * always have the second. */
struct fragment_action {
    str id;
    struct schema_place place;
    bool has_attributes; /* JSON only: refused later */
    bool has_parents;
    bool has_applies_to;
    size_t parent_count;
    const struct fragment_action_ref *parents;
    struct fragment_names principals;
    struct fragment_names resources;
    const struct fragment_type *context; /* or NULL: {} */
    struct schema_annotations annotations;
};

struct fragment_namespace {
    str name; /* empty for the empty namespace */
    struct schema_place place;
    struct schema_annotations annotations;
    VEC(struct fragment_common) commons;
    VEC(struct fragment_entity) entities;
    VEC(struct fragment_action) actions;
};

struct fragment {
    VEC(struct fragment_namespace) namespaces; /* after reading: distinct */
};

/* Reads one text, `source` must live as long as the fragment. Errors as schema_read; findings are
 * about the text, `diags` says which one. */
err fragment_read(struct arena *a, const struct schema_source *source,
                  const struct schema_limits *limits, struct diag_list *diags,
                  struct fragment *ret) MUST_CHECK;
err fragment_read_text(struct arena *a, const struct schema_source *source,
                       const struct schema_limits *limits, struct diag_list *diags,
                       struct fragment *ret) MUST_CHECK;
err fragment_read_json(struct arena *a, const struct schema_source *source,
                       const struct schema_limits *limits, struct diag_list *diags,
                       struct fragment *ret) MUST_CHECK;

/* All declarations of several fragments, which are used up. A namespace that is in more than one
 * has the annotations of all; of equal names the first counts. That nothing is declared twice is
 * found out by resolving. */
err fragment_merge(struct arena *a, const struct hash_key *key, const struct fragment *fragments,
                   size_t count, struct fragment *ret) MUST_CHECK;

/* The names of one fragment or several merged ones, with the warnings about them; a name that
 * means nothing is no error yet. What the writers need. */
err fragment_declare(struct arena *a, const struct hash_key *key, const struct fragment *fragment,
                     struct diag_list *diags, const struct schema_names **ret) MUST_CHECK;

/* Declarations in the order of the reference, which sorts them by kind and name; `temp` is only
 * used while writing. A failure of the buf is returned. */

/* The JSON form. With `names` every reference says what it means: full names, and whether an
 * entity type or a common type; ERR_UNKNOWN when it means nothing. */
err fragment_write_json(struct arena *temp, const struct fragment *fragment,
                        const struct schema_names *names, struct buf *out) MUST_CHECK;

/* The text form. Not all of JSON has one: ERR_UNSUPPORTED with findings when a shape is no record
 * or a reference would mean something else. Warnings for what is left out. */
err fragment_write_text(struct arena *temp, const struct fragment *fragment,
                        const struct schema_names *names, struct diag_list *diags,
                        struct buf *out) MUST_CHECK;

err fragment_sort_namespaces(struct arena *a, const struct fragment *fragment,
                             const struct fragment_namespace *const **ret) MUST_CHECK;
err fragment_sort_commons(struct arena *a, const struct fragment_namespace *ns,
                          const struct fragment_common *const **ret) MUST_CHECK;
err fragment_sort_entities(struct arena *a, const struct fragment_namespace *ns,
                           const struct fragment_entity *const **ret) MUST_CHECK;
err fragment_sort_actions(struct arena *a, const struct fragment_namespace *ns,
                          const struct fragment_action *const **ret) MUST_CHECK;

/* Sorts by name; of equal names the last one stays, a finding says so. Changes the array. */
size_t fragment_sort_attrs(struct fragment_attr *attrs, size_t count, struct diag_list *diags);
void fragment_sort_annotations(struct schema_annotation *items, size_t count);

/* Any word, reserved ones too. */
bool fragment_is_annotation_name(str name);
/* The names a common type may not have. */
bool fragment_is_reserved_type(str name);

/* Binds names, closes hierarchies, checks; see schema.h. */
err fragment_resolve(struct arena *a, const struct hash_key *key, const struct fragment *fragment,
                     const struct schema_limits *limits, struct diag_list *diags,
                     const struct schema **ret) MUST_CHECK;

#endif
