/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_READ_JSON_INT_H
#define CEDAR_SCHEMA_READ_JSON_INT_H
/*
 * Reading schema JSON: what the parts share. read_json.c has the declarations, read_json_type.c
 * types, read_json_field.c single values, names and what is wrong with them.
 *
 * The members of an object are looked at in the order of the text, each with all that is in it,
 * and the first mistake ends the reading; a member that is missing is noticed at the end of its
 * object. That is the order in which the reference finds mistakes, and the words are its own.
 */
#include "base/json.h"
#include "cedar/schema/fragment.h"

struct json_reader {
    struct arena *arena;
    struct diag_list *diags;
    const struct schema_source *source;
};

#define JSON_FAIL(r, at, ...) \
    (diag_add((r)->diags, DIAG_ERROR, field_span(at), __VA_ARGS__), ERR_SYNTAX)

struct ast_span field_span(const struct json *json);
/* The declaration that is a member of an object. */
struct schema_place field_place(const struct json_reader *r, const struct json_member *member);

/* ERR_SYNTAX when it is of another kind; `expected` is the reference's word for what it should
 * be. */
err field_expect(struct json_reader *r, const struct json *json, enum json_kind kind,
                 const char *expected) MUST_CHECK;
err field_string(struct json_reader *r, const struct json *json, str *ret) MUST_CHECK;
err field_bool(struct json_reader *r, const struct json *json, bool *ret) MUST_CHECK;

/* Position of a member among the names it may have. */
err field_find(struct json_reader *r, const struct json_member *member, const char *const *names,
               size_t count, size_t *ret) MUST_CHECK;
/* A member that a type of this kind cannot have. */
err field_unknown(struct json_reader *r, const struct json *at, const char *name,
                  const char *const *names, size_t count) MUST_CHECK;
err field_missing(struct json_reader *r, const struct json *object, const char *name) MUST_CHECK;

enum field_name {
    FIELD_NAME_ID,        /* of a declaration */
    FIELD_NAME_ANY_ID,    /* of an annotation: reserved words too */
    FIELD_NAME_EXTENSION, /* of an extension type */
    FIELD_NAME_REFERENCE, /* `A::B`, `__cedar::Long` */
    FIELD_NAME_SPACE,     /* of a namespace */
};

/* `what` names it in the finding: "invalid WHAT `…`: …". */
err field_check_name(struct json_reader *r, const struct json *at, str name, enum field_name kind,
                     const char *what) MUST_CHECK;

err field_annotations(struct json_reader *r, const struct json *json,
                      struct schema_annotations *ret) MUST_CHECK;

err json_type(struct json_reader *r, const struct json *json,
              const struct fragment_type **ret) MUST_CHECK;
err json_common(struct json_reader *r, const struct json_member *member,
                struct fragment_common *ret) MUST_CHECK;

#endif
