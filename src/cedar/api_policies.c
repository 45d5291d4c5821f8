/* SPDX-License-Identifier: Apache-2.0 */
/* Policy sets: texts are parsed when they are added, compiled when the set is built. */
#include "cedar/api_policies_int.h"

/* ---- builder ---- */

cedar_status cedar_policies_builder_new(cedar_engine *engine, unsigned flags,
                                        cedar_policies_builder **ret_builder) {
    if (engine == NULL || ret_builder == NULL || (flags & ~(unsigned)CEDAR_IDS_FROM_ANNOTATION)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_policies_builder *builder = allocator_new(&engine->allocator, sizeof *builder);
    if (builder == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    builder->engine = cedar_engine_ref(engine);
    builder->ids_from_annotation = (flags & CEDAR_IDS_FROM_ANNOTATION) != 0;
    api_arena_init(&builder->arena, engine);
    diag_list_init(&builder->diags, &builder->arena);
    *ret_builder = builder;
    return CEDAR_OK;
}

void cedar_policies_builder_free(cedar_policies_builder *builder) {
    if (builder == NULL) {
        return;
    }
    cedar_engine *engine = builder->engine;
    arena_done(&builder->arena);
    allocator_free(&engine->allocator, builder, sizeof *builder);
    cedar_engine_unref(engine);
}

static err add_source(cedar_policies_builder *builder, str text, const char *name,
                      const char *prefix) {
    struct arena *a = &builder->arena;
    struct source source = {.origin = {0, 1, 1}};
    TRY(arena_copy(a, text, &source.text));
    TRY(arena_copy(a, name == NULL ? STR("") : str_c(name), &source.name));
    TRY(arena_copy(a, prefix == NULL ? STR("") : str_c(prefix), &source.prefix));
    builder->diags.source_name = source.name;
    builder->diags.source_text = source.text;
    struct parse_limits limits = api_parse_limits(builder->engine);
    size_t findings = builder->diags.items.count;
    err error = parse_policy_set(a, source.text, &limits, &source.set, &builder->diags);
    if (error != ERR_OK && builder->diags.items.count == findings) {
        return error; /* memory; with a finding it is the text that is wrong */
    }
    if (error != ERR_OK) {
        builder->error = builder->error == ERR_OK ? error : builder->error;
        source.set = NULL;
    } else {
        builder->policy_count += source.set->count;
    }
    return VEC_PUSH(a, &builder->sources, source) ? ERR_OK : arena_error(a);
}

cedar_status cedar_policies_builder_add(cedar_policies_builder *builder, cedar_str text,
                                        const char *source_name, const char *id_prefix) {
    if (builder == NULL || api_is_bad(text)) {
        return CEDAR_ERR_MISUSE;
    }
    err error = add_source(builder, api_str(text), source_name, id_prefix);
    if (error != ERR_OK && builder->error == ERR_OK) {
        builder->error = error; /* a set without this text must not come to be */
    }
    return api_status(error);
}

/* ---- building ---- */

static struct diag *add_finding(struct build *b, const struct source *source,
                                const struct ast_policy *policy, str id, err error,
                                const char *what) {
    struct diag_list *diags = &b->builder->diags;
    diags->source_name = source->name;
    diags->source_text = source->text;
    struct buf message;
    buf_init_arena(&message, diags->arena, SIZE_MAX / 2);
    buf_add_c(&message, what);
    buf_add_c(&message, " `");
    escape_debug(&message, id);
    buf_add_byte(&message, '`');
    struct diag *diag = diag_add(diags, DIAG_ERROR, policy->span, "%s", what);
    if (diag != NULL && message.error == ERR_OK) {
        diag->message = buf_str(&message);
        diag->policy_id = id;
    }
    b->error = b->error == ERR_OK ? error : b->error;
    return diag;
}

/* The id is in use: says by which policy, which may stand in another text. */
static void add_duplicate(struct build *b, const struct source *source,
                          const struct ast_policy *policy, str id) {
    struct diag *diag =
        add_finding(b, source, policy, id, ERR_EXISTS, "duplicate template or policy id");
    void **found = map_find(&b->policies->by_id, id);
    const cedar_policy_info *first = found == NULL ? NULL : *found;
    if (diag == NULL || first == NULL || first->line == 0) {
        return;
    }
    if (first->source.len > 0) {
        diag_help(&b->builder->diags, diag, "the policy at %.*s:%u has the same id",
                  STR_FMT(api_str(first->source)), first->line);
    } else {
        diag_help(&b->builder->diags, diag, "the policy in line %u has the same id", first->line);
    }
}

/* @id("x") where that is asked for, otherwise prefix and generated id. */
static err make_id(struct build *b, const struct source *source, const struct ast_policy *policy,
                   str *ret) {
    struct arena *a = &b->policies->arena;
    bool has_annotation_ids = b->builder->ids_from_annotation && !source->has_ids;
    for (size_t i = 0; has_annotation_ids && i < policy->annotation_count; i++) {
        const struct ast_annotation *annotation = &policy->annotations[i];
        if (str_equal_c(annotation->name, "id")) {
            return arena_copy(a, annotation->has_value ? annotation->value : STR(""), ret);
        }
    }
    struct buf text;
    buf_init_arena(&text, a, SIZE_MAX / 2);
    buf_add(&text, source->prefix);
    buf_add(&text, policy->id);
    return buf_finish(&text, ret);
}

/* Counts lines on to the offset. */
static void move_to(struct build *b, size_t offset) {
    const char *text = b->source_text.ptr;
    size_t end = offset < b->source_text.len ? offset : b->source_text.len;
    while (b->counted < end) {
        const char *newline = memchr(text + b->counted, '\n', end - b->counted);
        b->counted = newline == NULL ? end : (size_t)(newline - text) + 1;
        if (newline != NULL) {
            b->line++;
            b->line_start = b->counted;
            b->column = 1;
        }
    }
}

static err copy_annotations(struct arena *a, const struct ast_policy *policy,
                            cedar_policy_info *info) {
    cedar_annotation *annotations = ARENA_ARRAY(a, cedar_annotation, policy->annotation_count);
    if (annotations == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < policy->annotation_count; i++) {
        str name;
        str value = STR("");
        TRY(arena_copy(a, policy->annotations[i].name, &name));
        if (policy->annotations[i].has_value) {
            TRY(arena_copy(a, policy->annotations[i].value, &value));
        }
        annotations[i] = (cedar_annotation){api_public(name), api_public(value)};
    }
    info->annotations = annotations;
    info->annotation_count = policy->annotation_count;
    return ERR_OK;
}

static err fill_info(struct build *b, const struct ast_policy *policy,
                     const struct program_policy *program, cedar_policy_info *info) {
    size_t end = policy->span.end <= b->source_text.len ? policy->span.end : b->source_text.len;
    move_to(b, policy->span.start);
    *info = (cedar_policy_info){
        .id = api_public(program->id),
        .effect = program->is_forbid ? CEDAR_FORBID : CEDAR_PERMIT,
        .is_template = program->is_template,
        .source = api_public(b->source_name),
        .line = b->line,
        .column = b->column + (uint32_t)(policy->span.start - b->line_start),
        .text = api_public(str_slice(b->source_text, policy->span.start, end)),
        .depth = program->depth,
        .nodes = program->nodes,
    };
    b->policies->places[info - b->policies->infos] =
        (struct policy_place){b->source_text, policy->span.start, b->origin};
    return copy_annotations(&b->policies->arena, policy, info);
}

static err build_policy(struct build *b, const struct source *source,
                        const struct ast_policy *policy) {
    cedar_policies *policies = b->policies;
    size_t count = b->compiler.policies.count;
    cedar_policy_info *info = &policies->infos[count];
    str id;
    TRY(make_id(b, source, policy, &id));
    err error = map_add(&policies->by_id, id, info);
    if (error == ERR_EXISTS) {
        add_duplicate(b, source, policy, id);
        return ERR_OK;
    }
    TRY(error);
    error = compiler_add(&b->compiler, id, policy);
    if (error == ERR_RANGE) {
        add_finding(b, source, policy, id, ERR_LIMIT,
                    "expressions are nested too deeply in policy");
        return ERR_OK;
    }
    TRY(error);
    b->trees[count] = policy;
    return fill_info(b, policy, &b->compiler.policies.items[count], info);
}

static err build_source(struct build *b, const struct source *source) {
    struct arena *a = &b->policies->arena;
    TRY(arena_copy(a, source->name, &b->source_name));
    TRY(arena_copy(a, source->text, &b->source_text));
    b->origin = NULL;
    if (source->origin.offset > 0) {
        struct diag_origin *origin = ARENA_NEW(a, struct diag_origin);
        if (origin == NULL) {
            return arena_error(a);
        }
        *origin = source->origin;
        b->origin = origin;
    }
    b->counted = 0;
    b->line = source->origin.line;
    b->line_start = 0;
    b->column = source->origin.column;
    for (size_t i = 0; i < source->set->count; i++) {
        TRY(build_policy(b, source, &source->set->policies[i]));
    }
    return ERR_OK;
}

/* ERR_OK with findings (b->error) means: not built. */
static err build_all(struct build *b) {
    cedar_policies *policies = b->policies;
    cedar_policies_builder *builder = b->builder;
    struct lower_options options = api_lower_options(builder->engine);
    compiler_init(&b->compiler, &policies->arena, &b->temp, &options);
    size_t count = builder->policy_count + builder->links.count;
    policies->infos = ARENA_ARRAY(&policies->arena, cedar_policy_info, count);
    policies->places = ARENA_ARRAY(&policies->arena, struct policy_place, count);
    if (policies->infos == NULL || policies->places == NULL) {
        return arena_error(&policies->arena);
    }
    b->trees = ARENA_ARRAY(&b->temp, const struct ast_policy *, count);
    if (b->trees == NULL) {
        return arena_error(&b->temp);
    }
    map_init(&policies->by_id, &policies->arena, &builder->engine->key);
    for (size_t i = 0; i < builder->sources.count; i++) {
        if (builder->sources.items[i].set != NULL) {
            TRY(build_source(b, &builder->sources.items[i]));
        }
    }
    TRY(api_build_links(b));
    return compiler_finish(&b->compiler, &policies->program);
}

static cedar_policies *policies_new(cedar_engine *engine) {
    cedar_policies *policies = allocator_new(&engine->allocator, sizeof *policies);
    if (policies != NULL) {
        atomic_init(&policies->refs, 1);
        policies->engine = cedar_engine_ref(engine);
        api_arena_init(&policies->arena, engine);
    }
    return policies;
}

cedar_status cedar_policies_builder_build(cedar_policies_builder *builder,
                                          cedar_policies **ret_policies,
                                          cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (builder == NULL || ret_policies == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_policies *policies = policies_new(builder->engine);
    if (policies == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    struct build b = {.builder = builder, .policies = policies};
    api_arena_init(&b.temp, builder->engine);
    size_t findings = builder->diags.items.count;
    err error = build_all(&b);
    compiler_done(&b.compiler);
    arena_done(&b.temp);
    if (error == ERR_OK) {
        error = builder->error != ERR_OK ? builder->error : b.error;
    }
    cedar_status status = api_finish(builder->engine, error, &builder->diags, ret_report);
    builder->diags.items.count = findings; /* so that building again finds the same */
    if (error != ERR_OK) {
        cedar_policies_unref(policies);
        return status;
    }
    *ret_policies = policies;
    return CEDAR_OK;
}

cedar_status cedar_policies_parse(cedar_engine *engine, cedar_str text, const char *source_name,
                                  cedar_policies **ret_policies, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (engine == NULL || ret_policies == NULL || api_is_bad(text)) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_policies_builder *builder;
    cedar_status status = cedar_policies_builder_new(engine, 0, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    status = cedar_policies_builder_add(builder, text, source_name, NULL);
    if (status == CEDAR_OK) {
        status = cedar_policies_builder_build(builder, ret_policies, ret_report);
    }
    cedar_policies_builder_free(builder);
    return status;
}

/* ---- sets ---- */

cedar_policies *cedar_policies_ref(cedar_policies *policies) {
    if (policies != NULL) {
        atomic_fetch_add_explicit(&policies->refs, 1, memory_order_relaxed);
    }
    return policies;
}

void cedar_policies_unref(cedar_policies *policies) {
    if (policies == NULL ||
        atomic_fetch_sub_explicit(&policies->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cedar_engine *engine = policies->engine;
    arena_done(&policies->arena);
    allocator_free(&engine->allocator, policies, sizeof *policies);
    cedar_engine_unref(engine);
}

size_t cedar_policies_count(const cedar_policies *policies) {
    return policies == NULL ? 0 : policies->program.count;
}

cedar_policy_info cedar_policies_get(const cedar_policies *policies, size_t index) {
    if (policies == NULL || index >= policies->program.count) {
        return (cedar_policy_info){.effect = CEDAR_PERMIT};
    }
    return policies->infos[index];
}

size_t cedar_policies_find(const cedar_policies *policies, cedar_str id) {
    if (policies == NULL || api_is_bad(id)) {
        return SIZE_MAX;
    }
    void **found = map_find(&policies->by_id, api_str(id));
    if (found == NULL) {
        return SIZE_MAX;
    }
    const cedar_policy_info *info = *found;
    return (size_t)(info - policies->infos);
}
