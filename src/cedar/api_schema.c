/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas: reading one text, or several as one. */
#include "cedar/api_schema_int.h"

struct cedar_schema_builder {
    cedar_engine *engine;
    cedar_schema *schema; /* becomes the result: everything lives in its arena; NULL when built */
    struct arena temp;    /* of the findings */
    struct diag_list diags;
    VEC(struct fragment) fragments;
    err error; /* the first */
};

struct schema_limits api_schema_limits(const cedar_engine *engine) {
    return (struct schema_limits){
        .max_bytes = engine->max_text_bytes,
        .max_depth = engine->max_depth,
    };
}

err api_schema_read(struct arena *a, const cedar_engine *engine, str text, cedar_format format,
                    const char *name, struct diag_list *diags, struct fragment *ret) {
    const struct schema_limits limits = api_schema_limits(engine);
    const struct schema_source *source = NULL;
    TRY(schema_source_make(a, name == NULL ? STR("") : str_c(name), text, api_schema_format(format),
                           &limits, &source));
    diags->source_name = source->name;
    diags->source_text = source->text;
    return fragment_read(a, source, &limits, diags, ret);
}

static cedar_schema *schema_new(cedar_engine *engine) {
    cedar_schema *schema = allocator_new(&engine->allocator, sizeof *schema);
    if (schema != NULL) {
        atomic_init(&schema->refs, 1);
        schema->engine = cedar_engine_ref(engine);
        api_arena_init(&schema->arena, engine);
    }
    return schema;
}

cedar_status cedar_schema_builder_new(cedar_engine *engine, cedar_schema_builder **ret_builder) {
    if (engine == NULL || ret_builder == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_schema *schema = schema_new(engine);
    cedar_schema_builder *builder = allocator_new(&engine->allocator, sizeof *builder);
    if (schema == NULL || builder == NULL) {
        cedar_schema_unref(schema);
        allocator_free(&engine->allocator, builder, sizeof *builder);
        return CEDAR_ERR_NOMEM;
    }
    builder->engine = cedar_engine_ref(engine);
    builder->schema = schema;
    api_arena_init(&builder->temp, engine);
    diag_list_init(&builder->diags, &builder->temp);
    *ret_builder = builder;
    return CEDAR_OK;
}

void cedar_schema_builder_free(cedar_schema_builder *builder) {
    if (builder == NULL) {
        return;
    }
    cedar_engine *engine = builder->engine;
    cedar_schema_unref(builder->schema);
    arena_done(&builder->temp);
    allocator_free(&engine->allocator, builder, sizeof *builder);
    cedar_engine_unref(engine);
}

static err add_text(cedar_schema_builder *builder, str text, cedar_format format,
                    const char *name) {
    struct arena *a = &builder->schema->arena;
    struct fragment fragment = {0};
    TRY(api_schema_read(a, builder->engine, text, format, name, &builder->diags, &fragment));
    return VEC_PUSH(&builder->temp, &builder->fragments, fragment) ? ERR_OK
                                                                   : arena_error(&builder->temp);
}

cedar_status cedar_schema_builder_add(cedar_schema_builder *builder, cedar_str text,
                                      cedar_format format, const char *source_name) {
    if (builder == NULL || builder->schema == NULL || api_is_bad(text) || !api_is_format(format)) {
        return CEDAR_ERR_MISUSE;
    }
    err error = add_text(builder, api_str(text), format, source_name);
    builder->error = builder->error == ERR_OK ? error : builder->error;
    return api_status(error);
}

static err build(cedar_schema_builder *builder) {
    cedar_schema *schema = builder->schema;
    const cedar_engine *engine = builder->engine;
    const struct schema_limits limits = api_schema_limits(engine);
    TRY(builder->error);
    struct fragment *fragment = ARENA_NEW(&schema->arena, struct fragment);
    if (fragment == NULL) {
        return arena_error(&schema->arena);
    }
    TRY(fragment_merge(&schema->arena, &engine->key, builder->fragments.items,
                       builder->fragments.count, fragment));
    TRY(fragment_resolve(&schema->arena, &engine->key, fragment, &limits, &builder->diags,
                         &schema->schema));
    return api_schema_answer(schema);
}

cedar_status cedar_schema_builder_build(cedar_schema_builder *builder, cedar_schema **ret_schema,
                                        cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (builder == NULL || builder->schema == NULL || ret_schema == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    err error = build(builder);
    cedar_status status = api_finish(builder->engine, error, &builder->diags, ret_report);
    if (error == ERR_OK) {
        *ret_schema = builder->schema;
    } else {
        cedar_schema_unref(builder->schema);
    }
    builder->schema = NULL;
    return status;
}

cedar_status cedar_schema_parse(cedar_engine *engine, cedar_str text, cedar_format format,
                                const char *source_name, cedar_schema **ret_schema,
                                cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (engine == NULL || ret_schema == NULL || api_is_bad(text) || !api_is_format(format)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_schema_builder *builder;
    cedar_status status = cedar_schema_builder_new(engine, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    IGNORE(cedar_schema_builder_add(builder, text, format, source_name)); /* build says it too */
    status = cedar_schema_builder_build(builder, ret_schema, ret_report);
    cedar_schema_builder_free(builder);
    return status;
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
