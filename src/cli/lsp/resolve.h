/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LSP_RESOLVE_H
#define CLI_LSP_RESOLVE_H
/*
 * What a path like `principal.team.name` may be: the request types that the scope of its policy
 * leaves (every action with its principal and resource types), followed along the attributes.
 */
#include "cli/lsp/lsp.h"
#include "cli/lsp/words.h"

enum { KINDS_MAX = 64 };

/* One of the types that something may have: an entity type, or another one. */
struct kind {
    str entity;             /* absent: `type` says */
    const cedar_type *type; /* NULL: an entity */
};

struct kinds {
    size_t count;
    struct kind items[KINDS_MAX];
};

/* The constraints of a policy's scope, as far as they can be read. */
struct scope_part {
    str is;      /* `is T`, or the type of `== T::"x"`; absent: any */
    str in_type; /* of `in T::"x"`; absent: none */
};

struct scope_words {
    struct scope_part principal;
    struct scope_part resource;
    bool has_actions;
    VEC(cedar_uid) actions; /* `==` one, or `in` one or several */
    bool is_equal;          /* `==`: groups do not count */
};

void resolve_scope(struct lsp *lsp, const struct words *words, size_t policy,
                   struct scope_words *ret);

/* The path that ends with the word before `end` (an index into words): `principal . a [ "b" ]`.
 * False when there is no path, or nothing is known of it. */
bool resolve_path(struct lsp *lsp, const cedar_schema *schema, const struct words *words,
                  size_t end, struct kinds *ret);

/* The attribute of a kind; false when it has none of that name. */
bool kind_attribute(const cedar_schema *schema, const struct kind *kind, str name,
                    cedar_attribute *ret);
/* The record of its attributes, or NULL. */
const cedar_type *kind_record(const cedar_schema *schema, const struct kind *kind);
/* "Long", "User", … in the scratch of the server. */
str kind_text(struct lsp *lsp, const struct kind *kind);

#endif
