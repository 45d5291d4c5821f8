/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds: depth, steps, expiry, memory; and chains that nest nothing. */
#include "eval_unit.h"

static char *repeat(struct arena *a, const char *before, const char *middle, const char *after,
                    size_t count) {
    struct buf b;
    buf_init_arena(&b, a, 16 << 20);
    for (size_t i = 0; i < count; i++) {
        buf_add_c(&b, before);
    }
    buf_add_c(&b, middle);
    for (size_t i = 0; i < count; i++) {
        buf_add_c(&b, after);
    }
    buf_add_byte(&b, '\0');
    str text;
    assert_int_equal(buf_finish(&b, &text), ERR_OK);
    char *copy = arena_alloc(a, text.len);
    memcpy(copy, text.ptr, text.len);
    return copy;
}

static void chains_of_any_length_nest_nothing(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    enum { LONG = 50000 };
    assert_true(
        str_equal_c(world_eval(&w, repeat(&w.scratch, "", "true", " && true", LONG)), "true"));
    assert_true(
        str_equal_c(world_eval(&w, repeat(&w.scratch, "", "false", " || false", LONG)), "false"));
    assert_true(str_equal_c(world_eval(&w, repeat(&w.scratch, "", "1", " + 1", LONG)), "50001"));
    world_done(&w);
}

static void nesting_of_a_thousand_is_evaluated(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    assert_true(str_equal_c(world_eval(&w, repeat(&w.scratch, "!(", "true", ")", 900)), "true"));
    assert_true(str_equal_c(world_eval(&w, repeat(&w.scratch, "1 + (", "0", ")", 900)), "900"));
    world_done(&w);
}

static void nesting_above_the_limit_does_not_compile(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    const struct ast_expr *expr;
    const char *text = repeat(&w.scratch, "!(", "true", ")", 500);
    assert_int_equal(parse_expr(&w.scratch, str_c(text), &parse_limits_default, &expr, NULL),
                     ERR_OK);
    struct lower_options options = {.key = &world_key, .max_depth = 400};
    const struct node *node;
    assert_int_equal(lower_expr(&w.scratch, &options, expr, &node), ERR_RANGE);
    options.max_depth = 501;
    assert_int_equal(lower_expr(&w.scratch, &options, expr, &node), ERR_OK);
    world_done(&w);
}

static void a_program_deeper_than_the_evaluator_allows_is_an_error(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct eval e;
    world_eval_init(&w, &e);
    struct node constant = {.kind = NODE_CONST, .constant = value_bool(true)};
    const struct node *top = &constant;
    for (int i = 0; i < EVAL_DEPTH_MAX; i++) {
        struct node *outer = ARENA_NEW(&w.scratch, struct node);
        *outer = (struct node){.kind = NODE_NOT, .operand = top};
        top = outer;
    }
    e.depth = EVAL_DEPTH_MAX - 10; /* as if that much stack were in use already */
    struct value value;
    assert_int_equal(eval_node(&e, top, &value), ERR_RANGE);
    assert_true(str_equal_c(e.error.message, "recursion limit reached"));
    assert_int_equal(e.depth, EVAL_DEPTH_MAX - 10);
    world_done(&w);
}

static void steps_run_out(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    const struct node *node = world_compile(&w, repeat(&w.scratch, "", "1", " + 1", 5000));
    struct eval e;
    struct value value;
    world_eval_init(&w, &e);
    e.fuel = 0;
    e.steps_left = 5001; /* two steps too few: the chain and its 5,001 operands need one each */
    assert_int_equal(eval_node(&e, node, &value), ERR_TIMEOUT);
    world_eval_init(&w, &e);
    e.fuel = 0;
    e.steps_left = 5002;
    assert_int_equal(eval_node(&e, node, &value), ERR_OK);
    assert_int_equal(value.integer, 5001);
    world_done(&w);
}

struct clock {
    int calls;
    int expires_at;
};

static bool clock_is_expired(void *ctx) {
    struct clock *clock = ctx;
    return ++clock->calls >= clock->expires_at;
}

static void expiry_is_polled_and_sticks(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    const struct node *node = world_compile(&w, repeat(&w.scratch, "", "1", " + 1", 5000));
    struct clock clock = {.expires_at = 3};
    struct eval e;
    struct value value;
    world_eval_init(&w, &e);
    e.is_expired = clock_is_expired;
    e.expired_ctx = &clock;
    assert_int_equal(eval_node(&e, node, &value), ERR_TIMEOUT);
    assert_int_equal(clock.calls, 3);
    clock.expires_at = 1000;
    assert_int_equal(eval_node(&e, node, &value), ERR_TIMEOUT);
    world_done(&w);
}

static void a_hostile_pattern_can_be_stopped(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    /* The last star retries at each of 200,000 places, and each time goes 20,000 far. */
    char *text = repeat(&w.scratch, "a", "", "", 200000);
    struct pattern pattern = {.count = 20002};
    uint32_t *items = ARENA_ARRAY(&w.scratch, uint32_t, pattern.count);
    for (size_t i = 1; i < pattern.count; i++) {
        items[i] = 'a';
    }
    items[0] = PATTERN_WILDCARD;
    items[pattern.count - 1] = 'b';
    pattern.items = items;
    struct node object = {.kind = NODE_CONST, .constant = value_string(str_c(text))};
    struct node like = {.kind = NODE_LIKE, .like = {&object, pattern}};
    struct clock clock = {.expires_at = 5};
    struct eval e;
    struct value value;
    world_eval_init(&w, &e);
    e.is_expired = clock_is_expired;
    e.expired_ctx = &clock;
    assert_int_equal(eval_node(&e, &like, &value), ERR_TIMEOUT);
    world_done(&w);
}

static void a_full_arena_is_a_limit(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct arena small;
    arena_init(&small, allocator_libc(), 256);
    const struct node *node = world_compile(&w, "[context.n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]");
    struct eval e;
    world_eval_init(&w, &e);
    e.arena = &small;
    struct value value;
    err error = eval_node(&e, node, &value);
    assert_int_equal(error, ERR_LIMIT);
    assert_false(eval_is_policy_error(error));
    arena_done(&small);
    world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_of_any_length_nest_nothing),
        cmocka_unit_test(nesting_of_a_thousand_is_evaluated),
        cmocka_unit_test(nesting_above_the_limit_does_not_compile),
        cmocka_unit_test(a_program_deeper_than_the_evaluator_allows_is_an_error),
        cmocka_unit_test(steps_run_out),
        cmocka_unit_test(expiry_is_polled_and_sticks),
        cmocka_unit_test(a_hostile_pattern_can_be_stopped),
        cmocka_unit_test(a_full_arena_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
