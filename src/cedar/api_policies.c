/* SPDX-License-Identifier: Apache-2.0 */
/* Building policy sets: texts are parsed and compiled when they are added, policy by policy. */
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
    api_arena_init(&builder->work, engine);
    api_arena_init(&builder->tree, engine);
    blocks_init(&builder->blocks, &builder->arena, &builder->arena);
    packer_init(&builder->packer, &builder->arena);
    builder->hidden.arena = &builder->arena;
    diag_list_init(&builder->diags, &builder->arena);
    diag_list_init(&builder->rules, &builder->arena);
    *ret_builder = builder;
    return CEDAR_OK;
}

void cedar_policies_builder_free(cedar_policies_builder *builder) {
    if (builder == NULL) {
        return;
    }
    cedar_engine *engine = builder->engine;
    segment_builder_free(builder->segment);
    cedar_policies_unref(builder->base);
    blocks_done(&builder->blocks);
    arena_done(&builder->arena);
    arena_done(&builder->work);
    arena_done(&builder->tree);
    allocator_free(&engine->allocator, builder, sizeof *builder);
    cedar_engine_unref(engine);
}

err api_builder_segment(cedar_policies_builder *builder) {
    return builder->segment != NULL ? ERR_OK
                                    : segment_builder_new(builder->engine, &builder->segment);
}

/* ---- policies ---- */

struct diag *api_add_rule(cedar_policies_builder *builder, const struct policy_place *place,
                          struct ast_span span, str id, err error, const char *what) {
    struct diag_list *diags = &builder->rules;
    diags->source_name = place->name;
    diags->source_text = place->text;
    diags->origin = place->origin;
    struct buf message;
    str kept;
    buf_init_arena(&message, diags->arena, SIZE_MAX / 2);
    buf_add_c(&message, what);
    buf_add_c(&message, " `");
    escape_debug(&message, id);
    buf_add_byte(&message, '`');
    struct diag *diag = diag_add(diags, DIAG_ERROR, span, "%s", what);
    if (diag != NULL && message.error == ERR_OK && arena_copy(diags->arena, id, &kept) == ERR_OK) {
        diag->message = buf_str(&message);
        diag->policy_id = kept;
    }
    builder->rule_error = builder->rule_error == ERR_OK ? error : builder->rule_error;
    return diag;
}

void api_add_duplicate(cedar_policies_builder *builder, const struct policy_place *place,
                       struct ast_span span, str id) {
    struct diag *diag =
        api_add_rule(builder, place, span, id, ERR_EXISTS, "duplicate template or policy id");
    size_t index = cedar_policies_find(builder->base, api_public(id));
    uint32_t number =
        builder->segment == NULL ? SEGMENT_NONE : segment_builder_find(builder->segment, id);
    uint32_t line = 0;
    str source = STR("");
    if (index != SIZE_MAX) {
        cedar_policy_info info = cedar_policies_get(builder->base, index);
        source = api_str(info.source);
        line = info.line;
    } else if (number != SEGMENT_NONE) {
        source = segment_builder_place(builder->segment, number, &line);
    }
    if (source.len > 0) {
        diag_help(&builder->rules, diag, "the policy at %.*s:%u has the same id", STR_FMT(source),
                  line);
    } else if (line > 0) {
        diag_help(&builder->rules, diag, "the policy in line %u has the same id", line);
    }
}

/* @id("x") where that is asked for, otherwise prefix and generated id. */
static err id_of(cedar_policies_builder *builder, const struct text_source *source,
                 const struct ast_policy *policy, str *ret) {
    bool has_annotation_ids = builder->ids_from_annotation && !source->has_ids;
    for (size_t i = 0; has_annotation_ids && i < policy->annotation_count; i++) {
        const struct ast_annotation *annotation = &policy->annotations[i];
        if (str_equal_c(annotation->name, "id")) {
            *ret = annotation->has_value ? annotation->value : STR("");
            return ERR_OK;
        }
    }
    if (source->prefix.len == 0) {
        *ret = policy->id;
        return ERR_OK;
    }
    struct buf text;
    buf_init_arena(&text, &builder->tree, SIZE_MAX / 2);
    buf_add(&text, source->prefix);
    buf_add(&text, policy->id);
    return buf_finish(&text, ret);
}

/* Counts lines on to the offset. */
static void move_to(struct text_source *source, size_t offset) {
    const char *text = source->text.ptr;
    size_t end = offset < source->text.len ? offset : source->text.len;
    while (source->counted < end) {
        const char *newline = memchr(text + source->counted, '\n', end - source->counted);
        source->counted = newline == NULL ? end : (size_t)(newline - text) + 1;
        if (newline != NULL) {
            source->line++;
            source->line_start = source->counted;
        }
    }
}

bool api_is_in_base(const cedar_policies_builder *builder, str id) {
    return builder->base != NULL && cedar_policies_find(builder->base, api_public(id)) != SIZE_MAX;
}

static err add_tree(cedar_policies_builder *builder, const struct text_source *source, str id,
                    const struct ast_policy *policy) {
    uint32_t column = (uint32_t)(policy->span.start - source->line_start) + 1;
    return api_is_in_base(builder, id)
               ? ERR_EXISTS
               : segment_add(builder->segment, id, policy, source->line, column);
}

err api_add_policy(cedar_policies_builder *builder, struct text_source *source,
                   const struct ast_policy *policy) {
    struct policy_place place = {.name = source->name, .text = source->text};
    str id;
    move_to(source, policy->span.start);
    TRY(id_of(builder, source, policy, &id));
    err error = add_tree(builder, source, id, policy);
    if (error == ERR_EXISTS) {
        api_add_duplicate(builder, &place, policy->span, id);
        return ERR_OK;
    }
    if (error == ERR_RANGE) {
        IGNORE(api_add_rule(builder, &place, policy->span, id, ERR_LIMIT,
                            "expressions are nested too deeply in policy"));
        struct ast_policy bare = *policy; /* its id is taken all the same */
        bare.clause_count = 0;
        error = add_tree(builder, source, id, &bare);
    }
    return error;
}

/* ---- texts ---- */

err api_begin_source(cedar_policies_builder *builder, str text, const char *name,
                     const char *prefix, struct text_source *ret) {
    struct text_source source = {.line = 1};
    TRY(api_builder_segment(builder));
    TRY(packer_copy(&builder->packer, name == NULL ? STR("") : str_c(name), &source.name));
    TRY(packer_copy(&builder->packer, prefix == NULL ? STR("") : str_c(prefix), &source.prefix));
    TRY(segment_add_source(builder->segment, source.name, text, &source.text));
    builder->diags.source_name = source.name;
    builder->diags.source_text = source.text;
    *ret = source;
    return ERR_OK;
}

/* Each policy is compiled before the next one is read, so that its tree is still at hand. */
static err add_policies(cedar_policies_builder *builder, struct text_source *source) {
    struct parse_limits limits = api_parse_limits(builder->engine);
    struct policy_stream *stream;
    const struct ast_policy *policy;
    TRY(policy_stream_open(&builder->work, source->text, &limits, &builder->diags, &stream));
    for (;;) {
        arena_clear(&builder->tree);
        TRY(policy_stream_next(stream, &builder->tree, &policy));
        if (policy == NULL) {
            return ERR_OK;
        }
        TRY(api_add_policy(builder, source, policy));
    }
}

static err add_text(cedar_policies_builder *builder, str text, const char *name,
                    const char *prefix) {
    struct text_source source;
    TRY(api_begin_source(builder, text, name, prefix, &source));
    size_t findings = builder->diags.items.count;
    size_t rules = builder->rules.items.count;
    size_t policies = segment_builder_count(builder->segment);
    err rule_error = builder->rule_error;
    err error = add_policies(builder, &source);
    arena_clear(&builder->work);
    if (error == ERR_OK || builder->diags.items.count == findings) {
        return error; /* memory; with a finding it is the text that is wrong */
    }
    /* Of a text that does not parse nothing else is told. */
    segment_forget(builder->segment, policies);
    builder->rules.items.count = rules;
    builder->rule_error = rule_error;
    builder->error = builder->error == ERR_OK ? error : builder->error;
    return ERR_OK;
}

cedar_status cedar_policies_builder_add(cedar_policies_builder *builder, cedar_str text,
                                        const char *source_name, const char *id_prefix) {
    if (builder == NULL || api_is_bad(text)) {
        return CEDAR_ERR_MISUSE;
    }
    err error = add_text(builder, api_str(text), source_name, id_prefix);
    if (error != ERR_OK && builder->error == ERR_OK) {
        builder->error = error; /* a set without this text must not come to be */
    }
    return api_status(error);
}

/* ---- building ---- */

/* Findings of reading, then those about what was read. */
static void join_findings(cedar_policies_builder *builder) {
    struct diag_list *diags = &builder->diags;
    for (size_t i = 0; i < builder->rules.items.count && diags->items.count < DIAG_MAX; i++) {
        if (!VEC_PUSH(diags->arena, &diags->items, builder->rules.items.items[i])) {
            diags->is_cut = true;
            return;
        }
    }
}

/* The set of the base and the segment behind it. */
static err join(cedar_policies_builder *builder, struct segment *take_segment,
                cedar_policies **ret) {
    size_t count = builder->base == NULL ? 0 : builder->base->part_count;
    struct policies_piece *pieces = ARENA_ARRAY(&builder->arena, struct policies_piece, count + 1);
    if (pieces == NULL) {
        segment_unref(take_segment);
        return arena_error(&builder->arena);
    }
    if (count > 0) {
        policies_pieces(builder->base, pieces);
    }
    take_segment->copy_count = builder->hidden.numbers.count;
    pieces[count] = (struct policies_piece){
        .take_segment = take_segment,
        .hidden = builder->hidden.numbers.items,
        .hidden_count = builder->hidden.numbers.count,
    };
    return policies_new(builder->engine, pieces, count + 1, ret);
}

/* The builder is empty afterwards. */
static err finish(cedar_policies_builder *builder, cedar_policies **ret) {
    struct segment *segment;
    err error = segment_finish(builder->segment, &segment);
    segment_builder_free(builder->segment);
    builder->segment = NULL;
    builder->links.count = 0;
    if (error == ERR_OK) {
        error = join(builder, segment, ret);
    }
    builder->hidden.numbers.count = 0;
    cedar_policies_unref(TAKE(builder->base));
    if (error != ERR_OK) {
        builder->error = error; /* what had been added is gone */
    }
    return error;
}

static err build(cedar_policies_builder *builder, cedar_policies **ret) {
    TRY(api_builder_segment(builder));
    size_t policies = segment_builder_count(builder->segment);
    size_t hidden = builder->hidden.numbers.count;
    TRY(api_build_links(builder));
    if (builder->error == ERR_OK && builder->rule_error == ERR_OK) {
        return finish(builder, ret);
    }
    segment_forget(builder->segment, policies); /* they are linked again next time */
    builder->hidden.numbers.count = hidden;
    return builder->error != ERR_OK ? builder->error : builder->rule_error;
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
    size_t findings = builder->diags.items.count;
    size_t rules = builder->rules.items.count;
    err rule_error = builder->rule_error;
    err error = build(builder, ret_policies);
    join_findings(builder);
    cedar_status status = api_finish(builder->engine, error, &builder->diags, ret_report);
    builder->diags.items.count = findings; /* so that building again finds the same */
    builder->rules.items.count = rules;
    builder->rule_error = rule_error;
    return status;
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
