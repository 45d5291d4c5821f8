/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_JSON_VALUES_H
#define CEDAR_JSON_VALUES_H
/*
 * One value in the JSON encoding of entity data -> struct value (maps: §1.8).
 *
 *     true 5 "s" [..] {..}                 bool, long, string, set, record
 *     {"__entity": {"type", "id"}}         entity        also {"type","id"} where the type says so
 *     {"__extn": {"fn", "arg" | "args"}}   extension     also "1.1.1.1", {"fn","arg"} likewise
 *
 * An escape counts only when its object has that one key and the inner object the needed fields;
 * otherwise it is an ordinary record (corner 41). `{"__expr": "…"}` and null are always errors.
 * Extension functions are evaluated while reading.
 *
 * With an expected type reading is directed by it: implicit escapes, records must have exactly
 * the declared attributes, sets must be arrays. Whether what was read has the type is for
 * schema/conform to say.
 *
 * Values are copied into the reader's arena and keep nothing of the text. Recursion is bounded
 * by the depth of the JSON, which its reader limits.
 */
#include "base/json.h"
#include "base/map.h"
#include "cedar/schema/schema.h"

/* What a value belongs to, for messages: "in attribute `a` on `User::"x"`, …". */
enum values_where {
    VALUES_UID,     /* the `uid` of an entity */
    VALUES_PARENTS, /* the `parents` of an entity */
    VALUES_ATTR,
    VALUES_TAG,
    VALUES_CONTEXT,
    VALUES_POLICY, /* a literal of a JSON policy */
};

struct values_reader {
    struct arena *arena; /* of the values */
    struct hash_key key; /* of uids */
    str text;            /* the JSON text */
    struct diag_list *diags;
    struct map names; /* type and attribute names already copied */
    enum values_where where;
    const struct uid *uid; /* VALUES_PARENTS, ATTR, TAG: the entity */
    str name;              /* VALUES_ATTR, TAG */
};

/* Names are remembered in `scratch` so that each is copied once. */
void values_reader_init(struct values_reader *r, struct arena *a, struct arena *scratch,
                        const struct hash_key *key, str text, struct diag_list *diags);

/* `type` may be NULL: nothing is expected. */
err values_read(struct values_reader *r, const struct json *json, const struct schema_type *type,
                struct value *ret) MUST_CHECK;

/* {type,id} or {"__entity": {type,id}}. */
err values_read_uid(struct values_reader *r, const struct json *json,
                    const struct uid **ret) MUST_CHECK;

/* A copy of a name in the arena; equal names share it. */
err values_copy_name(struct values_reader *r, str name, str *ret) MUST_CHECK;

/* Parses a document, with a finding when that fails; `what` begins its message. */
err values_parse(struct arena *scratch, str text, const struct json_limits *limits,
                 const char *what, struct diag_list *diags, const struct json **ret) MUST_CHECK;

static inline struct ast_span values_span(const struct json *json) {
    return (struct ast_span){json->offset, json->end};
}

#endif
