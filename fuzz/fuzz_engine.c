/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against the referee (tests/oracle): policies, entities and requests are made from
 * the bytes of the input, and from a sequence that they start when they have run out.
 *
 * Decision, reasons, and errors with message and help are the same, in the same order; so are the
 * values of single expressions. Entities lie in one store or in two, one on top of the other; the
 * store may have been updated; some may be found on demand, while the referee has them in a store.
 */
#include "fuzz.h"
#include "oracle.h"
#include "wild.h"

#include "cedar/authz/decide.h"
#include "cedar/compile/compile.h"
#include "cedar/json/context.h"
#include "cedar/json/entities.h"
#include "cedar/text/parse.h"

enum { REQUESTS = 6, UIDS = WILD_UIDS, ACTIONS = WILD_ACTIONS, MEMORY_MAX = 64 << 20 };

static const struct hash_key key = {0x0123456789abcdef, 0xfedcba9876543210};

static struct uid uid_of(unsigned number) {
    struct wild_name name = wild_name(number);
    return uid_make(&key, str_c(name.type), str_c(name.id));
}

/* ---- comparing ---- */

struct world {
    struct maker maker;
    struct arena arena; /* policies and entities */
    struct arena temp;
    struct arena engine; /* of one evaluation */
    struct arena oracle;
    struct arena found;              /* of one evaluation: what was found on demand */
    const struct entities *entities; /* all of them */
    const struct entities *below;    /* what the engine is given */
    const struct entities *hidden;   /* what it can find beside, or NULL */
    struct lower_options options;
};

static str made(struct world *w) {
    str copy = STR("");
    FUZZ_CHECK(w->maker.out.error == ERR_OK);
    FUZZ_CHECK(arena_copy(&w->arena, buf_str(&w->maker.out), &copy) == ERR_OK);
    buf_clear(&w->maker.out);
    return copy;
}

static bool same_error(const struct ext_error *a, const struct ext_error *b) {
    return str_equal(a->message, b->message) && str_equal(a->help, b->help);
}

static void check_decision(const struct decision *engine, const struct oracle_decision *oracle) {
    FUZZ_CHECK(engine->is_allow == oracle->is_allow);
    FUZZ_CHECK(!engine->is_timeout && !oracle->is_timeout);
    FUZZ_CHECK(engine->reason_count == oracle->reason_count);
    for (size_t i = 0; i < engine->reason_count; i++) {
        FUZZ_CHECK(str_equal(engine->reasons[i]->id, oracle->reasons[i]->id));
    }
    FUZZ_CHECK(engine->error_count == oracle->error_count);
    for (size_t i = 0; i < engine->error_count; i++) {
        FUZZ_CHECK(str_equal(engine->errors[i].policy->id, oracle->errors[i].policy->id));
        FUZZ_CHECK(same_error(&engine->errors[i].error, &oracle->errors[i].error));
    }
}

struct request {
    struct uid uids[3];
    struct value context;
};

static err find_hidden(void *ctx, const struct uid *uid, struct entity_parts *ret,
                       bool *ret_is_there) {
    struct world *w = ctx;
    const struct entity *entity = entities_find(w->hidden, uid);
    if (entity != NULL) {
        const struct uid **parents =
            ARENA_ARRAY(&w->found, const struct uid *, entity->parent_count);
        FUZZ_CHECK(parents != NULL);
        for (size_t i = 0; i < entity->parent_count; i++) {
            parents[i] = entity_parent(entity, i);
        }
        *ret = (struct entity_parts){entity->attrs, entity->tags, parents, entity->parent_count};
        *ret_is_there = true;
    }
    return ERR_OK;
}

/* What the engine looks for its entities in. */
static const struct entities *given(struct world *w) {
    struct entity_loader *loader;
    if (w->hidden == NULL) {
        return w->below;
    }
    FUZZ_CHECK(entity_loader_new(&w->found, &key, w->below, find_hidden, w, UIDS + ACTIONS,
                                 &loader) == ERR_OK);
    return entity_loader_store(loader);
}

static void start(struct eval *e, struct arena *a, const struct entities *entities,
                  const struct request *request) {
    eval_init(e, a, entities);
    for (size_t i = 0; i < ARRAY_LEN(request->uids); i++) {
        e->vars[i] = value_entity(&request->uids[i]);
    }
    e->vars[VAR_CONTEXT] = request->context;
}

static void make_request(struct world *w, struct request *ret) {
    ret->uids[VAR_PRINCIPAL] = uid_of(pick(&w->maker, UIDS));
    ret->uids[VAR_ACTION] = uid_of(UIDS + pick(&w->maker, ACTIONS));
    ret->uids[VAR_RESOURCE] = uid_of(pick(&w->maker, UIDS));
    say_wild_fields(&w->maker, 0);
    struct data_options options = {.scratch = &w->temp, .limits = json_limits_default};
    FUZZ_CHECK(context_json_read(&w->arena, &key, made(w), &options, NULL, NULL, &ret->context) ==
               ERR_OK);
}

static void check_policies(struct world *w) {
    say_wild_policies(&w->maker, true);
    const struct ast_policy_set *set;
    FUZZ_CHECK(parse_policy_set(&w->arena, made(w), &parse_limits_default, &set, NULL) == ERR_OK);
    struct policy_tree *trees = ARENA_ARRAY(&w->arena, struct policy_tree, set->count);
    FUZZ_CHECK(trees != NULL);
    AUTO(compiler_done) struct compiler compiler;
    compiler_init(&compiler, &w->arena, &w->temp, &w->options);
    for (size_t i = 0; i < set->count; i++) {
        const struct ast_policy *policy = &set->policies[i];
        FUZZ_CHECK(lower_policy(&w->arena, &w->options, policy, &trees[i]) == ERR_OK);
        FUZZ_CHECK(compiler_add(&compiler, policy->id, policy) == ERR_OK);
    }
    struct program program;
    FUZZ_CHECK(compiler_finish(&compiler, &program) == ERR_OK);
    for (unsigned i = 0; i < REQUESTS; i++) {
        struct request request;
        struct eval engine;
        struct eval oracle;
        struct decision decided;
        struct oracle_decision expected;
        make_request(w, &request);
        start(&engine, &w->engine, given(w), &request);
        start(&oracle, &w->oracle, w->entities, &request);
        FUZZ_CHECK(decide(&engine, &program, &decided) == ERR_OK);
        FUZZ_CHECK(oracle_decide(&oracle, trees, set->count, &expected) == ERR_OK);
        check_decision(&decided, &expected);
        arena_clear(&w->engine);
        arena_clear(&w->oracle);
        arena_clear(&w->found);
    }
}

static str printed(struct arena *a, const struct value *value) {
    struct buf b;
    buf_init_arena(&b, a, MEMORY_MAX);
    value_format(&b, value);
    return buf_str(&b);
}

static void check_expression(struct world *w) {
    say_wild_expr(&w->maker, 0);
    const struct ast_expr *expr;
    const struct node *node;
    struct program program;
    struct request request;
    struct eval engine;
    struct eval oracle;
    struct value value;
    struct value expected;
    FUZZ_CHECK(parse_expr(&w->arena, made(w), &parse_limits_default, &expr, NULL) == ERR_OK);
    FUZZ_CHECK(lower_expr(&w->arena, &w->options, expr, &node) == ERR_OK);
    FUZZ_CHECK(compile_expr(&w->arena, &w->temp, &w->options, expr, &program) == ERR_OK);
    make_request(w, &request);
    start(&engine, &w->engine, given(w), &request);
    start(&oracle, &w->oracle, w->entities, &request);
    FUZZ_CHECK(eval_prepare(&engine, &program.code) == ERR_OK);
    err error = eval_expression(&engine, 0, &value);
    FUZZ_CHECK(error == oracle_node(&oracle, node, &expected));
    if (error == ERR_OK) {
        FUZZ_CHECK(str_equal(printed(&w->engine, &value), printed(&w->oracle, &expected)));
    } else {
        FUZZ_CHECK(same_error(&engine.error, &oracle.error));
    }
    arena_clear(&w->engine);
    arena_clear(&w->oracle);
    arena_clear(&w->found);
}

/* ---- entities ---- */

static void read_entities(struct world *w, struct entity_builder *builder, bool *taken,
                          unsigned of) {
    struct data_options options = {.scratch = &w->temp, .limits = json_limits_default};
    say_wild_entities(&w->maker, taken, of);
    FUZZ_CHECK(entities_json_read(builder, made(w), &options, NULL) == ERR_OK);
}

/* More parents for some, wherever they are. */
static void extend(struct world *w, struct entity_builder *builder) {
    for (unsigned count = pick(&w->maker, 4); count > 0; count--) {
        struct uid *uids = ARENA_ARRAY(&w->arena, struct uid, 2);
        FUZZ_CHECK(uids != NULL);
        unsigned low = pick(&w->maker, UIDS - 1);
        uids[0] = uid_of(low);
        uids[1] = uid_of(low + 1 + pick(&w->maker, UIDS - 1 - low));
        const struct uid *parent = &uids[1];
        FUZZ_CHECK(entity_builder_add_parents(builder, &uids[0], &parent, 1) == ERR_OK);
    }
}

static void update(struct world *w, bool *taken) {
    const struct entities *finished;
    struct entity_builder builder;
    FUZZ_CHECK(entity_builder_init_update(&builder, &w->arena, &key, w->entities) == ERR_OK);
    read_entities(w, &builder, taken, 3);
    FUZZ_CHECK(entity_builder_finish(&builder, &finished, NULL) == ERR_OK);
    FUZZ_CHECK(entities_freeze_update(&builder, &w->arena, &w->entities) == ERR_OK);
}

/* Some more entities, in a store of their own, and on top of all others. */
static void hide_some(struct world *w, bool *taken) {
    struct data_options options = {.scratch = &w->temp, .limits = json_limits_default};
    say_wild_entities(&w->maker, taken, 2);
    str text = made(w);
    struct entity_builder builder;
    FUZZ_CHECK(entity_builder_init(&builder, &w->arena, &key, NULL) == ERR_OK);
    FUZZ_CHECK(entities_json_read(&builder, text, &options, NULL) == ERR_OK);
    FUZZ_CHECK(entity_builder_finish(&builder, &w->hidden, NULL) == ERR_OK);
    FUZZ_CHECK(entity_builder_init(&builder, &w->arena, &key, w->entities) == ERR_OK);
    FUZZ_CHECK(entities_json_read(&builder, text, &options, NULL) == ERR_OK);
    FUZZ_CHECK(entity_builder_finish(&builder, &w->entities, NULL) == ERR_OK);
}

static void make_entities(struct world *w) {
    bool taken[UIDS + ACTIONS] = {false};
    bool has_overlay = chance(&w->maker, 2);
    struct entity_builder builder;
    FUZZ_CHECK(entity_builder_init(&builder, &w->arena, &key, NULL) == ERR_OK);
    read_entities(w, &builder, taken, has_overlay ? 2 : 4);
    FUZZ_CHECK(entity_builder_finish(&builder, &w->entities, NULL) == ERR_OK);
    if (!chance(&w->maker, 4)) { /* as stores are, but not what lies on top of them */
        FUZZ_CHECK(entities_freeze(&builder, &w->arena, &w->entities) == ERR_OK);
        if (chance(&w->maker, 2)) {
            update(w, taken);
        }
    }
    bool has_hidden = chance(&w->maker, 3);
    if (has_overlay) {
        FUZZ_CHECK(entity_builder_init(&builder, &w->arena, &key, w->entities) == ERR_OK);
        read_entities(w, &builder, taken, 2);
        if (!has_hidden) { /* or it might make what is hidden */
            extend(w, &builder);
        }
        FUZZ_CHECK(entity_builder_finish(&builder, &w->entities, NULL) == ERR_OK);
    }
    w->below = w->entities;
    if (has_hidden) {
        hide_some(w, taken);
    }
}

static uint64_t seed_of(const uint8_t *data, size_t size) {
    return hash_bytes(&key, fuzz_input(data, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world w = {
        .maker = {.data = data, .size = size, .state = seed_of(data, size)},
        .options = {.key = &key, .max_depth = 1000},
    };
    arena_init(&w.arena, allocator_libc(), MEMORY_MAX);
    arena_init(&w.temp, allocator_libc(), MEMORY_MAX);
    arena_init(&w.engine, allocator_libc(), MEMORY_MAX);
    arena_init(&w.oracle, allocator_libc(), MEMORY_MAX);
    arena_init(&w.found, allocator_libc(), MEMORY_MAX);
    buf_init(&w.maker.out, allocator_libc(), MEMORY_MAX);
    make_entities(&w);
    check_policies(&w);
    for (unsigned i = 0; i < REQUESTS; i++) {
        check_expression(&w);
    }
    buf_done(&w.maker.out);
    arena_done(&w.oracle);
    arena_done(&w.found);
    arena_done(&w.engine);
    arena_done(&w.temp);
    arena_done(&w.arena);
    return 0;
}
