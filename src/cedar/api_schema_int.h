/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_SCHEMA_INT_H
#define CEDAR_API_SCHEMA_INT_H
/*
 * What the files about schemas share: api_schema.c reads them, api_schema_write.c prints them,
 * api_schema_query.c answers questions about them.
 */
#include "cedar/api_int.h"
#include "cedar/schema/fragment.h"

struct schema_limits api_schema_limits(const cedar_engine *engine);

static inline enum schema_format api_schema_format(cedar_format format) {
    return format == CEDAR_FORMAT_JSON ? SCHEMA_FORMAT_JSON : SCHEMA_FORMAT_CEDAR;
}

static inline bool api_is_format(cedar_format format) {
    return format == CEDAR_FORMAT_CEDAR || format == CEDAR_FORMAT_JSON;
}

/* Reads one text into the arena; findings are about it. */
err api_schema_read(struct arena *a, const cedar_engine *engine, str text, cedar_format format,
                    const char *name, struct diag_list *diags, struct fragment *ret) MUST_CHECK;

/* Makes what the queries give out, once, when the schema is built. */
err api_schema_answer(cedar_schema *schema) MUST_CHECK;

#endif
