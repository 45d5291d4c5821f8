/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LSP_PLACE_H
#define CLI_LSP_PLACE_H
/*
 * What the cursor is on in a policy text.
 */
#include "cli/lsp/resolve.h"

enum place_kind {
    PLACE_NOTHING,
    PLACE_ENTITY_TYPE, /* `index` is its place in the schema; SIZE_MAX: not declared */
    PLACE_ACTION,      /* likewise */
    PLACE_ATTRIBUTE,   /* `attribute`, of one of `owners` */
    PLACE_VARIABLE,    /* `kinds` */
    PLACE_FUNCTION,
};

struct function;

struct place {
    enum place_kind kind;
    size_t start; /* of the words it is about */
    size_t end;
    str name;
    size_t index;
    struct kinds kinds;
    struct kinds owners;
    cedar_attribute attribute;
    const struct function *function;
};

void place_find(struct lsp *lsp, const cedar_schema *schema, const struct words *words,
                size_t offset, struct place *ret);

#endif
