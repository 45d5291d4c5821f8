/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_SCHEMA_UNIT_H
#define TEST_CEDAR_SCHEMA_UNIT_H
/*
 * What the tests of schemas and entity data share: reading with a fresh arena and looking at the
 * first error. Not a test itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cedar/json/context.h"
#include "cedar/json/entities.h"
#include "cedar/schema/conform.h"

static const struct hash_key unit_key = {0x0123456789abcdef, 0xfedcba9876543210};
static const struct schema_limits unit_limits = {.max_bytes = 1 << 20, .max_depth = 100};

struct unit {
    struct arena arena;   /* of what stays */
    struct arena scratch; /* and of what does not */
    struct diag_list diags;
};

MAYBE_UNUSED static void unit_init(struct unit *u) {
    arena_init(&u->arena, allocator_libc(), 16 << 20);
    arena_init(&u->scratch, allocator_libc(), 16 << 20);
    diag_list_init(&u->diags, &u->scratch);
}

MAYBE_UNUSED static void unit_done(struct unit *u) {
    arena_done(&u->arena);
    arena_done(&u->scratch);
}

/* The first error among the findings, or an empty text. */
MAYBE_UNUSED static const struct diag *unit_error(const struct unit *u) {
    for (size_t i = 0; i < u->diags.items.count; i++) {
        if (u->diags.items.items[i].severity == DIAG_ERROR) {
            return &u->diags.items.items[i];
        }
    }
    return NULL;
}

/* Fails unless the result and the first error are as expected: NULL is success. */
MAYBE_UNUSED static void unit_expect(const struct unit *u, str source, err result,
                                     const char *expected) {
    const struct diag *error = unit_error(u);
    str message = error == NULL ? STR("") : error->message;
    if (expected == NULL) {
        if (result != ERR_OK || error != NULL) {
            fail_msg("%.*s\nwas refused (%s): %.*s", STR_FMT(source), err_name(result),
                     STR_FMT(message));
        }
    } else if (result == ERR_OK) {
        fail_msg("%.*s\nwas accepted, expected: %s", STR_FMT(source), expected);
    } else if (str_find(message, str_c(expected)) == SIZE_MAX) {
        fail_msg("%.*s\nexpected: %s\n     got: %.*s", STR_FMT(source), expected, STR_FMT(message));
    }
}

MAYBE_UNUSED static const struct schema *unit_schema(struct unit *u, const char *text) {
    const struct schema *schema = NULL;
    err result = schema_read(&u->arena, &unit_key, str_c(text), SCHEMA_FORMAT_CEDAR, &unit_limits,
                             &u->diags, &schema);
    unit_expect(u, str_c(text), result, NULL);
    return schema;
}

MAYBE_UNUSED static struct data_options unit_options(struct unit *u, const struct schema *schema) {
    return (struct data_options){
        .schema = schema,
        .scratch = &u->scratch,
        .limits = {.max_bytes = 1 << 20, .max_depth = 100, .max_values = 10000},
    };
}

#endif
