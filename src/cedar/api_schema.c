/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas. */
#include "cedar/api_int.h"

static err read_schema(cedar_schema *schema, str text, cedar_format format, const char *name,
                       struct diag_list *diags) {
    const cedar_engine *engine = schema->engine;
    struct schema_limits limits = {
        .max_bytes = engine->max_text_bytes,
        .max_depth = engine->max_depth,
    };
    diags->source_name = name == NULL ? STR("") : str_c(name);
    diags->source_text = text;
    return schema_read(&schema->arena, &engine->key, text,
                       format == CEDAR_FORMAT_JSON ? SCHEMA_FORMAT_JSON : SCHEMA_FORMAT_CEDAR,
                       &limits, diags, &schema->schema);
}

cedar_status cedar_schema_parse(cedar_engine *engine, cedar_str text, cedar_format format,
                                const char *source_name, cedar_schema **ret_schema,
                                cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (engine == NULL || ret_schema == NULL || api_is_bad(text) ||
        (format != CEDAR_FORMAT_CEDAR && format != CEDAR_FORMAT_JSON)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_schema *schema = allocator_new(&engine->allocator, sizeof *schema);
    if (schema == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    atomic_init(&schema->refs, 1);
    schema->engine = cedar_engine_ref(engine);
    api_arena_init(&schema->arena, engine);
    AUTO(arena_done) struct arena temp;
    api_arena_init(&temp, engine);
    struct diag_list diags;
    diag_list_init(&diags, &temp);
    err error = read_schema(schema, api_str(text), format, source_name, &diags);
    cedar_status status = api_finish(engine, error, &diags, ret_report);
    if (error != ERR_OK) {
        cedar_schema_unref(schema);
        return status;
    }
    *ret_schema = schema;
    return CEDAR_OK;
}

cedar_schema *cedar_schema_ref(cedar_schema *schema) {
    if (schema != NULL) {
        atomic_fetch_add_explicit(&schema->refs, 1, memory_order_relaxed);
    }
    return schema;
}

void cedar_schema_unref(cedar_schema *schema) {
    if (schema == NULL || atomic_fetch_sub_explicit(&schema->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cedar_engine *engine = schema->engine;
    arena_done(&schema->arena);
    allocator_free(&engine->allocator, schema, sizeof *schema);
    cedar_engine_unref(engine);
}
