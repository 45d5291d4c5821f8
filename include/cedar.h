/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcedar: the Cedar policy language in C.
 *
 * This header is the whole interface and its manual. C99- and C++-clean, libc only.
 *
 *     cedar_engine *engine;
 *     cedar_engine_new(NULL, &engine);                        // once per process
 *     cedar_policies_parse(engine, text, "p.cedar", &policies, &report);
 *     cedar_entities_parse_json(engine, json, NULL, &entities, &report);
 *     cedar_scratch_new(engine, 0, &scratch);                 // once per thread
 *     cedar_request request = {.principal = {…}, .action = {…}, .resource = {…}};
 *     cedar_authorize(policies, entities, &request, scratch, &response);
 *     if (response.decision == CEDAR_ALLOW) …
 *     cedar_scratch_reset(scratch);                           // response is gone now
 *
 * Ownership. Objects are opaque. Engines, policy sets, schemas and entity stores are immutable
 * and reference-counted: `_ref` shares, `_unref` gives back, and every one of them keeps alive
 * what it needs. A `cedar_str` in an answer is borrowed: it lives as long as the object (or, for
 * answers of a call, the scratch) that gave it. `ret_*` outputs are written only on success.
 *
 * Threads. Immutable objects may be used from any number of threads at once without locks. A
 * scratch belongs to one thread at a time. There is no global state and no I/O, and nothing
 * makes the library end the process: where an assumption of its own does not hold, the call fails
 * with CEDAR_ERR_INTERNAL.
 *
 * Errors. Calls that read text or JSON take a `cedar_report **`: when they fail (or have
 * warnings) it receives a list of findings with message, help and byte span; free it with
 * cedar_report_free. Pass NULL if only the status matters.
 *
 * Strings are UTF-8 with a length; they may contain NUL bytes and need no terminator.
 */
#ifndef CEDAR_H
#define CEDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CEDAR_API __attribute__((visibility("default")))
#else
#define CEDAR_API
#endif

/* ---- status, strings, versions ------------------------------------------------------------ */

typedef enum cedar_status {
    CEDAR_OK = 0,
    CEDAR_ERR_NOMEM,       /* the allocator returned NULL */
    CEDAR_ERR_LIMIT,       /* a limit of the engine or the scratch was reached */
    CEDAR_ERR_SYNTAX,      /* text or JSON that does not parse */
    CEDAR_ERR_SCHEMA,      /* data that does not conform to the schema */
    CEDAR_ERR_EVALUATION,  /* an expression failed; the report has the message */
    CEDAR_ERR_EXISTS,      /* an id is used twice */
    CEDAR_ERR_NOT_FOUND,   /* no such policy, template or entity */
    CEDAR_ERR_UNSUPPORTED, /* not available in this version */
    CEDAR_ERR_MISUSE,      /* a NULL or impossible argument */
    CEDAR_ERR_INTERNAL     /* a bug of the library; a decision is a deny */
} cedar_status;

CEDAR_API const char *cedar_status_name(cedar_status status);

typedef struct cedar_str {
    const char *ptr;
    size_t len;
} cedar_str;

/* From a C string; NULL gives {NULL, 0}. */
CEDAR_API cedar_str cedar_str_from(const char *text);

CEDAR_API const char *cedar_language_version(void); /* "4.5" */
CEDAR_API const char *cedar_library_version(void);

/* ---- engine --------------------------------------------------------------------------------- */

typedef struct cedar_engine cedar_engine;

/* resize(ctx, ptr, old, new): new 0 frees, ptr NULL allocates. Must be thread-safe. */
typedef struct cedar_allocator {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
} cedar_allocator;

/* Zero in a field means its default. */
typedef struct cedar_config {
    cedar_allocator allocator; /* malloc */
    uint64_t hash_key[2];      /* random numbers, if ids come from outside (hash flooding) */
    size_t max_text_bytes;     /* one policy text, schema or JSON document: 64 MiB; < 4 GiB */
    size_t max_object_bytes;   /* memory of one policy set, schema or entity store: 4 GiB */
    uint32_t max_depth;        /* nesting of expressions, values, JSON: 1,000; each level may
                                * take 1 KiB of the caller's stack */
} cedar_config;

/* config may be NULL. The one call that can only fail with NOMEM. */
CEDAR_API cedar_status cedar_engine_new(const cedar_config *config, cedar_engine **ret_engine);
CEDAR_API cedar_engine *cedar_engine_ref(cedar_engine *engine);
CEDAR_API void cedar_engine_unref(cedar_engine *engine); /* accepts NULL, as all _unref and _free */

/* ---- reports ----------------------------------------------------------------------------------
 */

typedef struct cedar_report cedar_report;

typedef enum cedar_severity { CEDAR_ERROR, CEDAR_WARNING, CEDAR_ADVICE } cedar_severity;

/* A place in a text. */
typedef struct cedar_place {
    size_t start, end;     /* byte offsets */
    uint32_t line, column; /* of start, from 1; the column in bytes */
} cedar_place;

typedef struct cedar_finding {
    cedar_severity severity;
    cedar_str message;   /* "unexpected token `a`" */
    cedar_str label;     /* what stands under the caret: "expected `(`"; may be empty */
    cedar_str help;      /* how to mend it; may be empty */
    cedar_str source;    /* name given to the parse call; may be empty */
    cedar_str policy_id; /* may be empty */
    cedar_str kind;      /* of a validation: stable name of what was found; otherwise empty */
    bool has_span;
    size_t start, end;     /* byte offsets into the source text */
    uint32_t line, column; /* of start, from 1; the column in bytes */
    cedar_str source_line; /* the text of that line, for rendering */
    /* A second place that belongs to it, like the first of two declarations. */
    bool has_other;
    cedar_place other;
    cedar_str other_label;  /* may be empty */
    cedar_str other_source; /* may be empty */
} cedar_finding;

CEDAR_API size_t cedar_report_count(const cedar_report *report); /* 0 for NULL */
CEDAR_API cedar_finding cedar_report_get(const cedar_report *report, size_t index);
CEDAR_API void cedar_report_free(cedar_report *report);

/* ---- scratch: memory for calls ------------------------------------------------------------------
 */

typedef struct cedar_scratch cedar_scratch;

/* max_bytes 0: 16 MiB. Takes memory only when used and keeps some for the next call. */
CEDAR_API cedar_status cedar_scratch_new(cedar_engine *engine, size_t max_bytes,
                                         cedar_scratch **ret_scratch);
/* Ends the life of everything that calls with this scratch have returned. */
CEDAR_API void cedar_scratch_reset(cedar_scratch *scratch);
CEDAR_API void cedar_scratch_free(cedar_scratch *scratch);

/* ---- entity ids and values
 * ------------------------------------------------------------------------ */

typedef struct cedar_uid {
    cedar_str type; /* "Ns::User" */
    cedar_str id;   /* unescaped */
} cedar_uid;

/* `Ns::User::"al\"ice"`; any valid spelling is accepted. The result lives in the scratch. */
CEDAR_API cedar_status cedar_uid_parse(cedar_scratch *scratch, cedar_str text, cedar_uid *ret_uid,
                                       cedar_report **ret_report);
CEDAR_API cedar_status cedar_uid_format(cedar_scratch *scratch, cedar_uid uid, cedar_str *ret_text);
/* A type name: identifiers joined by `::`, none of them reserved. */
CEDAR_API bool cedar_type_name_is_valid(cedar_str name);

/* An immutable value (a bool, long, string, entity, set, record, decimal, ipaddr, …). */
typedef struct cedar_value cedar_value;

/* Constructors for hosts that have data in hand; results and their parts live in the scratch. */
CEDAR_API cedar_status cedar_value_string(cedar_scratch *scratch, cedar_str text,
                                          const cedar_value **ret_value);
CEDAR_API cedar_status cedar_value_long(cedar_scratch *scratch, int64_t number,
                                        const cedar_value **ret_value);
CEDAR_API cedar_status cedar_value_bool(cedar_scratch *scratch, bool truth,
                                        const cedar_value **ret_value);
CEDAR_API cedar_status cedar_value_entity(cedar_scratch *scratch, cedar_uid uid,
                                          const cedar_value **ret_value);
CEDAR_API cedar_status cedar_value_set(cedar_scratch *scratch, const cedar_value *const *items,
                                       size_t count, const cedar_value **ret_value);
CEDAR_API cedar_status cedar_value_record(cedar_scratch *scratch, const cedar_str *names,
                                          const cedar_value *const *values, size_t count,
                                          const cedar_value **ret_value);
/* Cedar syntax: `true`, `5`, `"s"`, `User::"a"`, `[1,2]`, `{"a": 1}`, `ip("10.0.0.1")`. */
CEDAR_API cedar_status cedar_value_format(cedar_scratch *scratch, const cedar_value *value,
                                          cedar_str *ret_text);

/* ---- schemas
 * ----------------------------------------------------------------------------------------- */

typedef struct cedar_schema cedar_schema;

typedef enum cedar_format { CEDAR_FORMAT_CEDAR, CEDAR_FORMAT_JSON } cedar_format;

/* For reading entities and contexts (implicit escapes, action groups) and for validation. The
 * report has warnings on success too: names that hide others, attributes declared twice. */
CEDAR_API cedar_status cedar_schema_parse(cedar_engine *engine, cedar_str text, cedar_format format,
                                          const char *source_name, cedar_schema **ret_schema,
                                          cedar_report **ret_report);
CEDAR_API cedar_schema *cedar_schema_ref(cedar_schema *schema);
CEDAR_API void cedar_schema_unref(cedar_schema *schema);

/* Several texts of either form as one schema: each may refer to what another one declares, the
 * same namespace may be in several, but nothing may be declared twice. All or nothing: build fails
 * if any text is wrong, and its report lists every finding with its source. Build once, then
 * free. */
typedef struct cedar_schema_builder cedar_schema_builder;

CEDAR_API cedar_status cedar_schema_builder_new(cedar_engine *engine,
                                                cedar_schema_builder **ret_builder);
CEDAR_API cedar_status cedar_schema_builder_add(cedar_schema_builder *builder, cedar_str text,
                                                cedar_format format, const char *source_name);
CEDAR_API cedar_status cedar_schema_builder_build(cedar_schema_builder *builder,
                                                  cedar_schema **ret_schema,
                                                  cedar_report **ret_report);
CEDAR_API void cedar_schema_builder_free(cedar_schema_builder *builder);

/* A schema as text or JSON (compact); the result lives in the scratch. Declarations are sorted,
 * names stay as they were written, comments are lost, annotations are not. Not all that JSON can
 * say has a text: CEDAR_ERR_UNSUPPORTED with findings when an entity type's shape is the name of a
 * common type, or a reference would mean something else; a warning for what is left out of an
 * action that applies to nothing. Resolved JSON says of each reference what it means: names are
 * full, and an entity type is told from a common type. */
CEDAR_API cedar_status cedar_schema_to_text(cedar_scratch *scratch, const cedar_schema *schema,
                                            cedar_str *ret_text, cedar_report **ret_report);
CEDAR_API cedar_status cedar_schema_to_json(cedar_scratch *scratch, const cedar_schema *schema,
                                            cedar_str *ret_json);
CEDAR_API cedar_status cedar_schema_to_json_resolved(cedar_scratch *scratch,
                                                     const cedar_schema *schema,
                                                     cedar_str *ret_json);
/* One text in the form `to`, whether or not all that it refers to is declared in it. */
CEDAR_API cedar_status cedar_schema_translate(cedar_scratch *scratch, cedar_str text,
                                              cedar_format from, const char *source_name,
                                              cedar_format to, cedar_str *ret_text,
                                              cedar_report **ret_report);

/* What a schema declares, for tools. Everything is borrowed from the schema. An index out of range
 * gives an empty answer, find gives SIZE_MAX when there is no such thing. */

/* Where something is declared: byte offsets of its name and of the whole declaration (without
 * annotations) in a source; line and column of the name, from 1. Without a source: nowhere. */
typedef struct cedar_site {
    bool is_known;
    cedar_str source;
    size_t name_start, name_end;
    size_t start, end;
    uint32_t line, column;
} cedar_site;

typedef struct cedar_annotation {
    cedar_str name;
    cedar_str value;
} cedar_annotation;

/* Of a declaration, sorted by name. NULL has none. */
typedef struct cedar_annotations cedar_annotations;

CEDAR_API size_t cedar_annotations_count(const cedar_annotations *annotations);
CEDAR_API cedar_annotation cedar_annotations_get(const cedar_annotations *annotations,
                                                 size_t index);

/* The type of an attribute, of tags, of a context. Common types are what they stand for. */
typedef struct cedar_type cedar_type;

typedef enum cedar_type_kind {
    CEDAR_TYPE_BOOL,
    CEDAR_TYPE_LONG,
    CEDAR_TYPE_STRING,
    CEDAR_TYPE_DECIMAL,
    CEDAR_TYPE_IPADDR,
    CEDAR_TYPE_DATETIME,
    CEDAR_TYPE_DURATION,
    CEDAR_TYPE_ENTITY,
    CEDAR_TYPE_SET,
    CEDAR_TYPE_RECORD
} cedar_type_kind;

typedef struct cedar_type_info {
    cedar_type_kind kind;
    cedar_str entity_type;     /* ENTITY: "Ns::User" */
    const cedar_type *element; /* SET */
    size_t attribute_count;    /* RECORD */
} cedar_type_info;

typedef struct cedar_attribute {
    cedar_str name;
    bool is_required;
    const cedar_type *type;
    const cedar_annotations *annotations;
    cedar_site site;
} cedar_attribute;

CEDAR_API cedar_type_info cedar_type_get(const cedar_type *type);
/* Of a record; sorted by name. */
CEDAR_API cedar_attribute cedar_type_attribute(const cedar_type *type, size_t index);
CEDAR_API size_t cedar_type_find_attribute(const cedar_type *type, cedar_str name);
/* As in a schema: `Set<Long>`, `{name: String, boss?: Ns::User}`. Lives in the scratch. */
CEDAR_API cedar_status cedar_type_format(cedar_scratch *scratch, const cedar_type *type,
                                         cedar_str *ret_text);

typedef enum cedar_entity_kind {
    CEDAR_ENTITY_PLAIN,
    CEDAR_ENTITY_ENUM,  /* only the listed ids; no attributes, tags, parents */
    CEDAR_ENTITY_ACTION /* `Ns::Action`, there because of the actions of Ns */
} cedar_entity_kind;

typedef struct cedar_entity_type {
    cedar_str name;
    cedar_entity_kind kind;
    bool is_principal, is_resource; /* of some action */
    const cedar_type *attributes;   /* a record */
    const cedar_type *tags;         /* NULL: no tags */
    size_t parent_count;
    const cedar_str *parents; /* as declared */
    size_t ancestor_count;
    const cedar_str *ancestors; /* all types that entities of this type can be below */
    size_t id_count;
    const cedar_str *ids; /* ENUM */
    const cedar_annotations *annotations;
    cedar_site site;
} cedar_entity_type;

/* Sorted by name. */
CEDAR_API size_t cedar_schema_entity_type_count(const cedar_schema *schema);
CEDAR_API cedar_entity_type cedar_schema_entity_type(const cedar_schema *schema, size_t index);
CEDAR_API size_t cedar_schema_find_entity_type(const cedar_schema *schema, cedar_str name);

typedef struct cedar_action {
    cedar_uid uid;
    bool is_group; /* another action is a member */
    size_t parent_count;
    const cedar_uid *parents; /* as declared */
    size_t ancestor_count;
    const cedar_uid *ancestors; /* all groups that it is in */
    size_t principal_count;
    const cedar_str *principals; /* types it applies to; of none if either list is empty */
    size_t resource_count;
    const cedar_str *resources;
    const cedar_type *context; /* a record */
    const cedar_annotations *annotations;
    cedar_site site;
} cedar_action;

/* Sorted by type, then id. */
CEDAR_API size_t cedar_schema_action_count(const cedar_schema *schema);
CEDAR_API cedar_action cedar_schema_action(const cedar_schema *schema, size_t index);
CEDAR_API size_t cedar_schema_find_action(const cedar_schema *schema, cedar_uid uid);

typedef struct cedar_common_type {
    cedar_str name;
    const cedar_type *type;
    const cedar_annotations *annotations;
    cedar_site site;
} cedar_common_type;

/* Sorted by name. */
CEDAR_API size_t cedar_schema_common_type_count(const cedar_schema *schema);
CEDAR_API cedar_common_type cedar_schema_common_type(const cedar_schema *schema, size_t index);

typedef struct cedar_namespace {
    cedar_str name; /* empty: the one without a name */
    const cedar_annotations *annotations;
    cedar_site site; /* of its first part, when it is in several texts */
} cedar_namespace;

CEDAR_API size_t cedar_schema_namespace_count(const cedar_schema *schema);
CEDAR_API cedar_namespace cedar_schema_namespace(const cedar_schema *schema, size_t index);

/* What a request can be made of: every action with each pair of types that it applies to. */
typedef struct cedar_environment {
    cedar_str principal_type;
    cedar_uid action;
    cedar_str resource_type;
    const cedar_type *context;
} cedar_environment;

CEDAR_API size_t cedar_schema_environment_count(const cedar_schema *schema);
CEDAR_API cedar_environment cedar_schema_environment(const cedar_schema *schema, size_t index);

/* ---- policy sets
 * --------------------------------------------------------------------------------------- */

typedef struct cedar_policies cedar_policies;
typedef struct cedar_policies_builder cedar_policies_builder;

typedef enum cedar_effect { CEDAR_PERMIT, CEDAR_FORBID } cedar_effect;

/* One text; ids are policy0, policy1, … in order. */
CEDAR_API cedar_status cedar_policies_parse(cedar_engine *engine, cedar_str text,
                                            const char *source_name, cedar_policies **ret_policies,
                                            cedar_report **ret_report);

/* Several texts into one set. `id_prefix` is put before the generated ids ("docs.cedar#").
 * CEDAR_IDS_FROM_ANNOTATION: a policy with @id("x") is called x. All or nothing: build fails if
 * any text did not parse or two policies share an id; the report then lists every finding, and the
 * builder keeps what it has. After it has built a set it is empty again. */
enum { CEDAR_IDS_FROM_ANNOTATION = 1 };
CEDAR_API cedar_status cedar_policies_builder_new(cedar_engine *engine, unsigned flags,
                                                  cedar_policies_builder **ret_builder);
CEDAR_API cedar_status cedar_policies_builder_add(cedar_policies_builder *builder, cedar_str text,
                                                  const char *source_name, const char *id_prefix);
CEDAR_API cedar_status cedar_policies_builder_build(cedar_policies_builder *builder,
                                                    cedar_policies **ret_policies,
                                                    cedar_report **ret_report);
CEDAR_API void cedar_policies_builder_free(cedar_policies_builder *builder);

/* The value of a slot: "?principal" or "?resource". */
typedef struct cedar_slot_value {
    cedar_str slot;
    cedar_uid uid;
} cedar_slot_value;

/* What a template-linked policy was made of. */
typedef struct cedar_link {
    cedar_str template_id;
    size_t value_count;
    const cedar_slot_value *values;
} cedar_link;

/* A policy set as JSON, {"staticPolicies", "templates", "templateLinks"}, or one policy, which is
 * called "JSON policy", behind `id_prefix`. Annotations rename nothing here. */
CEDAR_API cedar_status cedar_policies_parse_json(cedar_engine *engine, cedar_str json,
                                                 const char *source_name,
                                                 cedar_policies **ret_policies,
                                                 cedar_report **ret_report);
CEDAR_API cedar_status cedar_policies_builder_add_json(cedar_policies_builder *builder,
                                                       cedar_str json, const char *source_name,
                                                       const char *id_prefix);
/* Everything in a set, with its ids. The engines must have the same hash key. As long as nothing
 * but sets has been added they are not copied, so that a builder can put a little behind a large
 * set: texts, and links of its templates. */
CEDAR_API cedar_status cedar_policies_builder_add_policies(cedar_policies_builder *builder,
                                                           const cedar_policies *policies);
/* A policy from a template, which may be added later; ids, template and slots are checked when
 * the set is built. The template's slots must be given, and no others. Linking many at once
 * costs much less than one set per link. */
CEDAR_API cedar_status cedar_policies_builder_link(cedar_policies_builder *builder,
                                                   cedar_str template_id, cedar_str new_id,
                                                   const cedar_slot_value *values, size_t count);
/* Links as JSON: [{"template_id", "link_id", "args": {"?principal": "User::\"a\""}}]. */
CEDAR_API cedar_status cedar_policies_builder_add_links_json(cedar_policies_builder *builder,
                                                             cedar_str json,
                                                             const char *source_name);

/* A set is never changed; these make another one and leave theirs as it is. They share what they
 * have in common: what a call costs goes by what it adds, not by the size of the set; only now and
 * then, the more rarely the larger it is, are parts of it put together anew. A link that does not
 * fit gives CEDAR_ERR_NOT_FOUND (no such template), CEDAR_ERR_EXISTS (the new id is in use) or
 * CEDAR_ERR_SYNTAX (no template; slots missing or unknown). Merging two sets that share an id is
 * CEDAR_ERR_EXISTS. A template that has links cannot be removed (CEDAR_ERR_EXISTS). */
CEDAR_API cedar_status cedar_policies_link(const cedar_policies *policies, cedar_str template_id,
                                           cedar_str new_id, const cedar_slot_value *values,
                                           size_t count, cedar_policies **ret_policies,
                                           cedar_report **ret_report);
CEDAR_API cedar_status cedar_policies_merge(const cedar_policies *a, const cedar_policies *b,
                                            cedar_policies **ret_policies,
                                            cedar_report **ret_report);
/* The same as merging, but a policy of `b` whose id is in use in `a` gets another one, "policy0",
 * "policy1", … whichever is free in both; its links go with it. Where both have the same policy
 * under the same id it is there once, and keeps it. The list lives in the scratch, in the order of
 * `b`: policies and templates, then links. */
typedef struct cedar_renaming {
    cedar_str old_id;
    cedar_str new_id;
} cedar_renaming;
CEDAR_API cedar_status cedar_policies_merge_renaming(
    cedar_scratch *scratch, const cedar_policies *a, const cedar_policies *b,
    cedar_policies **ret_policies, const cedar_renaming **ret_renamings, size_t *ret_count);
CEDAR_API cedar_status cedar_policies_remove(const cedar_policies *policies, cedar_str id,
                                             cedar_policies **ret_policies,
                                             cedar_report **ret_report);

CEDAR_API cedar_policies *cedar_policies_ref(cedar_policies *policies);
CEDAR_API void cedar_policies_unref(cedar_policies *policies);

typedef struct cedar_policy_info {
    cedar_str id;
    cedar_effect effect;
    bool is_template;
    cedar_str source; /* name given to the parse call */
    uint32_t line;    /* in the source, from 1 */
    uint32_t column;  /* from 1, in bytes */
    cedar_str text;   /* the policy as written, in text or JSON; of a link: its template */
    size_t annotation_count;
    const cedar_annotation *annotations;
    uint32_t depth;         /* nesting of its conditions */
    uint32_t nodes;         /* expressions in them: the static cost */
    uint32_t clauses;       /* `when` and `unless`; 0: the scope alone decides */
    const cedar_link *link; /* NULL: not linked from a template */
} cedar_policy_info;

CEDAR_API size_t cedar_policies_count(const cedar_policies *policies); /* with templates */
CEDAR_API cedar_policy_info cedar_policies_get(const cedar_policies *policies, size_t index);
/* Index of the policy with that id, or SIZE_MAX. */
CEDAR_API size_t cedar_policies_find(const cedar_policies *policies, cedar_str id);

typedef enum cedar_constraint_kind {
    CEDAR_CONSTRAINT_ANY,
    CEDAR_CONSTRAINT_EQ,
    CEDAR_CONSTRAINT_IN,
    CEDAR_CONSTRAINT_IS,
    CEDAR_CONSTRAINT_IS_IN,
    CEDAR_CONSTRAINT_IN_LIST /* action in […] */
} cedar_constraint_kind;

typedef struct cedar_constraint {
    cedar_constraint_kind kind;
    bool has_slot;    /* of a template: the uid comes with the link */
    cedar_str type;   /* IS, IS_IN; otherwise empty */
    size_t uid_count; /* EQ, IN, IS_IN without a slot: 1; IN_LIST: any; otherwise 0 */
    const cedar_uid *uids;
} cedar_constraint;

/* What the head of a policy demands. */
typedef struct cedar_scope {
    cedar_constraint principal, action, resource;
} cedar_scope;

/* The lists of uids live in the scratch, their names in the policies. A template has the slots
 * whose constraints have one; a link has their values in their place. */
CEDAR_API cedar_status cedar_policy_scope(cedar_scratch *scratch, const cedar_policies *policies,
                                          size_t index, cedar_scope *ret_scope);

/* The other form of a policy, or of all; the result lives in the scratch. Text is as written where
 * there is text; a policy from JSON or from a template is printed on one line. JSON of a set keeps
 * ids and links. A set with links has no text (CEDAR_ERR_UNSUPPORTED), nor has, strictly, a
 * policy from JSON that calls a method without a receiver. Index out of range: NOT_FOUND. */
CEDAR_API cedar_status cedar_policy_to_text(cedar_scratch *scratch, const cedar_policies *policies,
                                            size_t index, cedar_str *ret_text);
CEDAR_API cedar_status cedar_policy_to_json(cedar_scratch *scratch, const cedar_policies *policies,
                                            size_t index, cedar_str *ret_json);
CEDAR_API cedar_status cedar_policies_to_text(cedar_scratch *scratch,
                                              const cedar_policies *policies, cedar_str *ret_text);
CEDAR_API cedar_status cedar_policies_to_json(cedar_scratch *scratch,
                                              const cedar_policies *policies, cedar_str *ret_json);

/* Zero in a field means its default. */
typedef struct cedar_format_options {
    uint32_t line_width;   /* 80 */
    uint32_t indent_width; /* 2 */
} cedar_format_options;

/* Policy text laid out for people; comments stay, and so does what it says. `options` may be
 * NULL. */
CEDAR_API cedar_status cedar_policies_format(cedar_scratch *scratch, cedar_str text,
                                             const char *source_name,
                                             const cedar_format_options *options,
                                             cedar_str *ret_text, cedar_report **ret_report);

/* ---- entities
 * ---------------------------------------------------------------------------------------------- */

typedef struct cedar_entities cedar_entities;

CEDAR_API cedar_status cedar_entities_empty(cedar_engine *engine, cedar_entities **ret_entities);
/* The JSON array of {uid, attrs, parents, tags}. With a schema: implicit escapes, conformance,
 * and the schema's action entities are part of the store. Cycles are refused. */
CEDAR_API cedar_status cedar_entities_parse_json(cedar_engine *engine, cedar_str json,
                                                 const cedar_schema *schema,
                                                 const char *source_name,
                                                 cedar_entities **ret_entities,
                                                 cedar_report **ret_report);
CEDAR_API cedar_entities *cedar_entities_ref(cedar_entities *entities);
CEDAR_API void cedar_entities_unref(cedar_entities *entities);
CEDAR_API size_t cedar_entities_count(const cedar_entities *entities);

typedef struct cedar_entity {
    cedar_uid uid;
    const cedar_uid *parents;
    size_t parent_count;
    const cedar_value *attrs; /* a record, or NULL for none */
    const cedar_value *tags;  /* a record, or NULL for none */
} cedar_entity;

/* Reading a store. What these give lives in the scratch and borrows from the store, which must
 * live as long. Parents are the direct ones, ancestors all, in no order that means anything; some
 * of them need not be in the store. NOT_FOUND: no such entity. */
CEDAR_API cedar_status cedar_entities_get(cedar_scratch *scratch, const cedar_entities *entities,
                                          cedar_uid uid, cedar_entity *ret_entity);
CEDAR_API cedar_status cedar_entities_ancestors(cedar_scratch *scratch,
                                                const cedar_entities *entities, cedar_uid uid,
                                                const cedar_uid **ret_ancestors, size_t *ret_count);
/* What `uid in ancestor` is in a policy: true also for an entity and itself, there or not. */
CEDAR_API cedar_status cedar_entities_is_in(const cedar_entities *entities, cedar_uid uid,
                                            cedar_uid ancestor, bool *ret_is_in);
/* One after the other; NOT_FOUND behind the last. The order is the same each time for one store.
 * The scratch may be reset in between. */
typedef struct cedar_entities_cursor {
    uint32_t state[4]; /* zero to begin with */
} cedar_entities_cursor;
CEDAR_API cedar_status cedar_entities_next(cedar_scratch *scratch, const cedar_entities *entities,
                                           cedar_entities_cursor *cursor, cedar_entity *ret_entity);
/* The JSON that cedar_entities_parse_json reads, sorted by uid; `parents` are the direct ones.
 * CEDAR_ERR_UNSUPPORTED, with a finding: a record has a key that JSON keeps for its escapes. */
CEDAR_API cedar_status cedar_entities_to_json(cedar_scratch *scratch,
                                              const cedar_entities *entities, cedar_str *ret_json,
                                              cedar_report **ret_report);

/* A new version of a store: changes are collected, then published all at once or not at all. The
 * store itself stays as it is, for all who use it; both share what has not changed, so that a
 * version costs about what has changed, in time and memory. The new store is what reading the
 * resulting set of entities afresh would give: ancestors are computed anew where they change.
 *
 * Memory: an entity that no version in use has any more is given back, at the latest when the
 * store is copied whole. Publishing does so when what was added since the last time exceeds half of
 * what the store took then (and 64 KiB): such a publish takes as long as the store is large, on
 * average two bytes are copied for each that was added.
 *
 * An update belongs to one thread; it keeps its base alive. Several may have the same base. */
typedef struct cedar_entities_update cedar_entities_update;

/* With a schema (the one that the base was read with) what is added is checked as by
 * cedar_entities_parse_json, and the schema's actions are part of the new store. */
CEDAR_API cedar_status cedar_entities_update_new(const cedar_entities *base,
                                                 const cedar_schema *schema,
                                                 cedar_entities_update **ret_update);
/* Adds an entity, in the place of the one with its uid if there is one: attributes, tags and
 * parents are all replaced. Of several changes to one entity the last one counts. Everything is
 * copied. A change that is refused leaves nothing to do but cedar_entities_update_free. */
CEDAR_API cedar_status cedar_entities_update_upsert(cedar_entities_update *update,
                                                    const cedar_entity *entity,
                                                    cedar_report **ret_report);
/* The same for each entity of a JSON array. */
CEDAR_API cedar_status cedar_entities_update_upsert_json(cedar_entities_update *update,
                                                         cedar_str json, const char *source_name,
                                                         cedar_report **ret_report);
/* Removes an entity; one that is not there is no error. Entities that name it as a parent still
 * do. (The schema's actions cannot be removed: they are part of every store read with it.) */
CEDAR_API cedar_status cedar_entities_update_delete(cedar_entities_update *update, cedar_uid uid);
/* Cycles are refused. The update is used up, whatever comes of it. Without any changes
 * *ret_entities is the base (with a reference more). */
CEDAR_API cedar_status cedar_entities_update_publish(cedar_entities_update *update,
                                                     cedar_entities **ret_entities,
                                                     cedar_report **ret_report);
CEDAR_API void cedar_entities_update_free(cedar_entities_update *update);

/* Entities for one request on top of a store. An entity that is in the store already must be
 * equal to it, otherwise the call fails with CEDAR_ERR_EXISTS. Lives in the scratch; `base` must
 * outlive it. */
typedef struct cedar_overlay cedar_overlay;

CEDAR_API cedar_status cedar_overlay_new(cedar_scratch *scratch, const cedar_entities *base,
                                         const cedar_schema *schema, cedar_overlay **ret_overlay);
CEDAR_API cedar_status cedar_overlay_add(cedar_overlay *overlay, const cedar_entity *entity,
                                         cedar_report **ret_report);
/* Adds parents to an entity, wherever it is defined: in this overlay, in the store below (the
 * overlay then holds a copy with the additional parents), or nowhere yet (a new entity without
 * attributes). For facts that the host knows about the principal, such as groups in a token. */
CEDAR_API cedar_status cedar_overlay_add_parents(cedar_overlay *overlay, cedar_uid uid,
                                                 const cedar_uid *parents, size_t count,
                                                 cedar_report **ret_report);
CEDAR_API cedar_status cedar_overlay_add_json(cedar_overlay *overlay, cedar_str json,
                                              cedar_report **ret_report);
/* Computes ancestors, refuses cycles; after it the overlay can be used in a request. */
CEDAR_API cedar_status cedar_overlay_finish(cedar_overlay *overlay, cedar_report **ret_report);

/* ---- validation -----------------------------------------------------------------------------
 */

typedef enum cedar_validation_mode {
    CEDAR_VALIDATE_STRICT,
    CEDAR_VALIDATE_PERMISSIVE /* also sets and branches of several types, computed literals */
} cedar_validation_mode;

/* Whose verdicts: in 4.12 a scope that no action fits was an error, since 4.13 it is a warning. */
typedef enum cedar_compat { CEDAR_COMPAT_CURRENT, CEDAR_COMPAT_4_12 } cedar_compat;

/* All zero: strict, current, no level. */
typedef struct cedar_validate_options {
    cedar_validation_mode mode;
    cedar_compat compat;
    bool has_level;
    uint32_t level; /* how many steps from the request to data policies may take (RFC 76) */
} cedar_validate_options;

/* Can a policy fail, or never apply? Checks every policy, template and link against the schema;
 * options may be NULL. CEDAR_OK: no errors, though the report may have warnings;
 * CEDAR_ERR_SCHEMA: the report has at least one error. Each finding names its policy and its
 * kind; errors come first. Of the findings of one call 100,000 are kept.
 *
 * Without a schema (NULL): what is wrong whatever the types of entities are, such as literals of
 * extension types that do not parse, numbers of arguments, operators on literals of other types,
 * texts that may deceive a reader. Mode and level do not matter then. */
CEDAR_API cedar_status cedar_validate(const cedar_policies *policies, const cedar_schema *schema,
                                      const cedar_validate_options *options,
                                      cedar_report **ret_report);

/* ---- requests
 * ------------------------------------------------------------------------------------------------
 */

/* The context of a request. With a schema, `action` chooses the context type. */
CEDAR_API cedar_status cedar_context_parse_json(cedar_scratch *scratch, cedar_str json,
                                                const cedar_schema *schema, const cedar_uid *action,
                                                const cedar_value **ret_context,
                                                cedar_report **ret_report);

/* For hosts that hold their entities elsewhere: a function that finds one, asked while a request is
 * answered. It is asked for what neither the overlay nor the store of the request has (the store
 * may be empty), when it is needed, and once for each uid at most: for entities whose attributes
 * or tags a policy looks at, and, where a policy or its scope has `in`, for all that lies above the
 * entity on the left. The answers are as if the store had held all that it found; its ancestors
 * are computed, so an entity names its parents only.
 *
 * `uid` is borrowed for the time of the call. With `scratch` (which is not that of the request)
 * the function can make values; they live as long as the answer. *ret_entity must live as long,
 * and have that uid; NULL (as it is before the call): there is no such entity. Only that it is
 * well-formed is checked, no schema.
 *
 * Any status but CEDAR_OK ends the request with that status and a deny; an error is never taken for
 * "no such entity". So do a cycle of parents (CEDAR_ERR_SYNTAX), a malformed entity or one with
 * another uid (CEDAR_ERR_MISUSE, SYNTAX), and more than `max_entities` questions (CEDAR_ERR_LIMIT).
 * is_expired of the request is looked at after each question. A source that several threads use
 * must be ready for that. */
typedef struct cedar_entity_source {
    cedar_status (*find)(void *ctx, const cedar_uid *uid, cedar_scratch *scratch,
                         const cedar_entity **ret_entity);
    void *ctx;
    uint32_t max_entities; /* of one request; zero: 1,000 */
} cedar_entity_source;

typedef struct cedar_request {
    cedar_uid principal;
    cedar_uid action;
    cedar_uid resource;
    const cedar_value *context;        /* a record, or NULL for {} */
    const cedar_overlay *overlay;      /* or NULL */
    const cedar_entity_source *source; /* or NULL */
    /* Called now and then during long evaluations; true stops with a deny and the error
     * "timeout" for the policy being evaluated and all that remain. May be NULL. */
    bool (*is_expired)(void *ctx);
    void *expired_ctx;
} cedar_request;

/* Does the request fit the schema? The action is declared and applies to the types of principal
 * and resource, ids of enumerated types are among the listed ones, the context has the type that
 * the action declares. CEDAR_ERR_SCHEMA with a finding when not. */
CEDAR_API cedar_status cedar_request_validate(cedar_scratch *scratch, const cedar_schema *schema,
                                              const cedar_request *request,
                                              cedar_report **ret_report);

typedef enum cedar_decision { CEDAR_DENY = 0, CEDAR_ALLOW = 1 } cedar_decision;

typedef struct cedar_policy_error {
    cedar_str policy_id;
    cedar_effect effect; /* of the policy that was skipped */
    cedar_str message;
    cedar_str help; /* may be empty */
} cedar_policy_error;

typedef struct cedar_response {
    cedar_decision decision;
    /* Determining policies: satisfied permits of an allow, satisfied forbids of a deny. */
    size_t reason_count;
    const cedar_str *reasons;
    /* Policies that failed and were therefore skipped. */
    size_t error_count;
    const cedar_policy_error *errors;
    bool is_timeout;
} cedar_response;

/* Evaluates every policy in reach: forbid overrides permit, no satisfied permit is a deny, an
 * error skips its policy. On any status but CEDAR_OK *ret_response is a deny without reasons. */
CEDAR_API cedar_status cedar_authorize(const cedar_policies *policies,
                                       const cedar_entities *entities, const cedar_request *request,
                                       cedar_scratch *scratch, cedar_response *ret_response);

/* Many requests against one set and store, as cedar_authorize answers each of them: the answers
 * and what each request came to, in the order of the requests. All live in the scratch until it is
 * reset. One request that cannot be answered (its status says why, its response is a deny) does
 * not stop the others. CEDAR_ERR_MISUSE for the call itself; otherwise CEDAR_OK. */
CEDAR_API cedar_status cedar_authorize_batch(const cedar_policies *policies,
                                             const cedar_entities *entities,
                                             const cedar_request *requests, size_t count,
                                             cedar_scratch *scratch, cedar_response *ret_responses,
                                             cedar_status *ret_statuses);

/* One expression, as `cedar evaluate` does. */
CEDAR_API cedar_status cedar_evaluate(cedar_scratch *scratch, cedar_str expression,
                                      const cedar_entities *entities, const cedar_request *request,
                                      const cedar_value **ret_value, cedar_report **ret_report);
/* Parses an expression and forgets it; for check-parse. */
CEDAR_API cedar_status cedar_expression_check(cedar_scratch *scratch, cedar_str expression,
                                              cedar_report **ret_report);

/* ---- explanations
 * ------------------------------------------------------------------------------------------------
 *
 * Why a request is decided as it is: for people and logs, not for every request. Decision, reasons
 * and errors are those of cedar_authorize; in addition it says what became of each policy, which
 * constraints and clauses did not hold, and with which values.
 */

typedef enum cedar_cause {
    CEDAR_CAUSE_PERMITTED,     /* allow: a permit is satisfied, and no forbid */
    CEDAR_CAUSE_FORBIDDEN,     /* deny: a forbid is satisfied */
    CEDAR_CAUSE_NOT_PERMITTED, /* deny: no permit is satisfied */
    CEDAR_CAUSE_PERMIT_FAILED, /* the same, but a permit failed with an error: that may be why */
    CEDAR_CAUSE_TIMEOUT        /* deny: the evaluation did not come to its end */
} cedar_cause;

/* What became of a policy. */
typedef enum cedar_outcome {
    CEDAR_OUTCOME_SATISFIED,
    CEDAR_OUTCOME_ERROR,  /* a clause failed with an error: the policy was skipped */
    CEDAR_OUTCOME_CLAUSE, /* a when or unless clause does not hold */
    CEDAR_OUTCOME_SCOPE   /* principal, action or resource do not match */
} cedar_outcome;
enum { CEDAR_OUTCOME_COUNT = 4 };

/* Places are byte offsets into cedar_policy_info.text, their lines and columns those of the source.
 * Of a policy in JSON they are places in the JSON.
 *
 * Texts are as written, with spaces instead of line ends and comments; those of policies in JSON
 * are printed. What is longer than `max_text` is cut and ends with U+2026. */

typedef enum cedar_seen_kind {
    CEDAR_SEEN_VALUE,   /* `text` is an expression, `value` what it evaluated to */
    CEDAR_SEEN_ERROR,   /* … and failed to evaluate; `value` is the message */
    CEDAR_SEEN_SKIPPED, /* … which was not evaluated; `value` is empty */
    CEDAR_SEEN_FACT     /* about an entity: "ancestors of User::\"a\"", "[Group::\"g\"]" */
} cedar_seen_kind;

/* Something that was looked at while a clause was evaluated. They form a tree, told from the top:
 * the parts of `&&`, `||`, `!` and `if`, and below a comparison or another test its operands. */
typedef struct cedar_seen {
    cedar_seen_kind kind;
    bool is_cause; /* it made the clause what it is: the first false part of an `&&`, … */
    uint32_t depth;
    cedar_str text;
    cedar_str value;   /* in Cedar syntax */
    cedar_place place; /* of a fact: of the test that it belongs to */
} cedar_seen;

typedef enum cedar_clause_state {
    CEDAR_CLAUSE_HOLDS, /* `when` with a true, `unless` with a false condition */
    CEDAR_CLAUSE_FAILS,
    CEDAR_CLAUSE_ERROR,
    CEDAR_CLAUSE_SKIPPED /* the policy was decided before it */
} cedar_clause_state;

typedef struct cedar_explained_clause {
    bool is_unless;
    cedar_clause_state state;
    cedar_str text; /* of the condition, without braces */
    cedar_place place;
    size_t seen_count;
    const cedar_seen *seen; /* in the order of evaluation, each value once */
    size_t seen_omitted;    /* that did not fit into max_seen */
} cedar_explained_clause;

/* One of the three constraints of a policy's head. */
typedef struct cedar_explained_scope {
    bool is_matched;
    cedar_str text; /* `principal in Group::"admins"`; of a link: with the slot's value */
    cedar_place place;
} cedar_explained_scope;

typedef struct cedar_explained_policy {
    size_t index; /* for cedar_policies_get */
    cedar_policy_info info;
    cedar_outcome outcome;
    bool is_reason;                  /* one of the determining policies */
    cedar_explained_scope scopes[3]; /* principal, action, resource */
    size_t clause_count;
    const cedar_explained_clause *clauses;
    cedar_str message; /* of an error */
    cedar_str help;    /* may be empty */
} cedar_explained_policy;

/* Principal, action or resource of the request. */
typedef struct cedar_explained_entity {
    cedar_str text; /* `User::"bob"` */
    bool is_known;  /* among the entities */
    size_t ancestor_count;
    size_t shown_count; /* at most max_seen */
    const cedar_str *ancestors;
} cedar_explained_entity;

typedef struct cedar_explanation {
    cedar_response response;
    cedar_cause cause;
    cedar_explained_entity entities[3]; /* principal, action, resource */
    size_t totals[CEDAR_OUTCOME_COUNT]; /* of all policies, by cedar_outcome; templates have none */
    size_t permit_errors, forbid_errors; /* of totals[CEDAR_OUTCOME_ERROR] */
    size_t policy_count;
    /* Determining policies first, then other satisfied ones, errors, those with a clause that does
     * not hold, and last those out of scope, the nearest first. Of each kind those come first that
     * would have changed the decision: permits when nothing permits, forbids when it is allowed. */
    const cedar_explained_policy *policies;
    size_t omitted; /* that were asked for as well, but for the limit */
    /* Time or steps ended while values were looked for: clauses may be CEDAR_CLAUSE_SKIPPED, and
     * values be missing. All else is complete. */
    bool is_cut;
} cedar_explanation;

typedef enum cedar_explain_filter {
    CEDAR_EXPLAIN_NEAR, /* scope matches; or but for one of its three constraints, and then it would
                           have changed the decision */
    CEDAR_EXPLAIN_REACHED, /* scope matches */
    CEDAR_EXPLAIN_ALL
} cedar_explain_filter;

/* Zero in a field means its default. */
typedef struct cedar_explain_options {
    cedar_explain_filter filter;
    size_t limit;        /* policies that are told about: 100 */
    cedar_str policy_id; /* only this policy, or the links of this template; no filter */
    size_t max_seen;     /* entries of one clause, ancestors of one entity: 50 */
    size_t max_text;     /* bytes of a text or value: 200; of a clause's text four times that */
} cedar_explain_options;

/* The explanation lives in the scratch and borrows from the policies. `options` may be NULL.
 * CEDAR_ERR_NOT_FOUND: no policy or template has that id. */
CEDAR_API cedar_status cedar_explain(const cedar_policies *policies, const cedar_entities *entities,
                                     const cedar_request *request, cedar_scratch *scratch,
                                     const cedar_explain_options *options,
                                     const cedar_explanation **ret_explanation);

/* ---- lint -------------------------------------------------------------------------------------
 */

/* What to look for besides mistakes: policies that are right and still not what was wanted. The
 * rules are described in docs/lint.md; a rule's place in the list is its bit. */
typedef struct cedar_lint_rule {
    cedar_str name;    /* "shadowed-policy"; the kind of its findings */
    cedar_str summary; /* half a sentence: what a policy does that it finds */
} cedar_lint_rule;

CEDAR_API size_t cedar_lint_rule_count(void);
CEDAR_API cedar_lint_rule cedar_lint_rule_get(size_t index);

/* All zero: every rule, no schema, no budgets. */
typedef struct cedar_lint_options {
    const cedar_schema *schema; /* or NULL: some answers are then less sure */
    uint32_t disabled;          /* bit i: rule i is not applied */
    uint64_t max_policy_cost;   /* budgets in steps; 0: none */
    uint64_t max_set_cost;
} cedar_lint_options;

/* Costs are steps of the evaluator in the worst case; data of unknown size counts as 100. */
typedef struct cedar_lint_cost {
    uint64_t request; /* the dearest request: all policies that one request can reach */
    uint64_t policy;  /* the dearest policy */
    size_t index;     /* which one it is */
} cedar_lint_cost;

/* Options may be NULL, and so may ret_cost. CEDAR_OK: no errors, though the report may have
 * warnings; CEDAR_ERR_LIMIT with errors in the report: a budget is not kept. */
CEDAR_API cedar_status cedar_lint(const cedar_policies *policies, const cedar_lint_options *options,
                                  cedar_lint_cost *ret_cost, cedar_report **ret_report);

#ifdef __cplusplus
}
#endif
#endif
