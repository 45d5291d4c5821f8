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
    struct program program;
    assert_int_equal(compile_expr(&w.scratch, &w.scratch, &options, expr, &program), ERR_RANGE);
    options.max_depth = 501;
    assert_int_equal(compile_expr(&w.scratch, &w.scratch, &options, expr, &program), ERR_OK);
    world_done(&w);
}

static void steps_run_out(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct program program = world_compile(&w, repeat(&w.scratch, "", "1", " + 1", 5000));
    struct eval e;
    struct value value;
    world_eval_init(&w, &e);
    e.fuel = 0;
    e.steps_left = 10001; /* one too few: 5,001 constants, 5,000 additions and the end */
    assert_int_equal(world_run(&e, &program, &value), ERR_TIMEOUT);
    world_eval_init(&w, &e);
    e.fuel = 0;
    e.steps_left = 10002;
    assert_int_equal(world_run(&e, &program, &value), ERR_OK);
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
    struct program program = world_compile(&w, repeat(&w.scratch, "", "1", " + 1", 5000));
    struct clock clock = {.expires_at = 3};
    struct eval e;
    struct value value;
    world_eval_init(&w, &e);
    e.is_expired = clock_is_expired;
    e.expired_ctx = &clock;
    assert_int_equal(world_run(&e, &program, &value), ERR_TIMEOUT);
    assert_int_equal(clock.calls, 3);
    clock.expires_at = 1000;
    assert_int_equal(world_run(&e, &program, &value), ERR_TIMEOUT);
    world_done(&w);
}

static void a_hostile_pattern_can_be_stopped(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    /* The last star retries at each of 200,000 places, and each time goes 20,000 far. */
    struct buf b;
    buf_init_arena(&b, &w.arena, 1 << 20);
    buf_format(&b, "\"%s\" like \"*%sb\"", repeat(&w.scratch, "a", "", "", 200000),
               repeat(&w.scratch, "a", "", "", 20000));
    buf_add_byte(&b, '\0');
    struct program program = world_compile(&w, buf_str(&b).ptr);
    struct clock clock = {.expires_at = 5};
    struct eval e;
    struct value value;
    world_eval_init(&w, &e);
    e.is_expired = clock_is_expired;
    e.expired_ctx = &clock;
    assert_int_equal(world_run(&e, &program, &value), ERR_TIMEOUT);
    world_done(&w);
}

/* A list in a list is one item; comparing it looks at all that is in it. */
static void comparing_is_paid_for_by_the_size_of_what_is_compared(void **state) {
    IGNORE(state);
    static const struct {
        const char *before, *between, *behind;
    } tests[] = {
        {"", " == ", ""},           {"{n: context.n, a: ", "} == {n: context.n, a: ", "}"},
        {"", ".contains([", "])"},  {"", ".containsAll(", ")"},
        {"", ".containsAny(", ")"}, {"[", ", ", ", context.n].isEmpty()"},
    };
    enum { LONG = 3000 };
    struct world w;
    world_init(&w);
    struct buf big;
    buf_init_arena(&big, &w.arena, 1 << 20);
    buf_add_c(&big, "[[");
    for (int i = 0; i < LONG; i++) {
        buf_format(&big, "%s%d", i == 0 ? "" : ",", i);
    }
    buf_add_c(&big, "]]");
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        struct buf text;
        buf_init_arena(&text, &w.arena, 1 << 20);
        buf_add_c(&text, tests[i].before);
        buf_add(&text, buf_str(&big));
        buf_add_c(&text, tests[i].between);
        buf_add(&text, buf_str(&big));
        buf_add_c(&text, tests[i].behind);
        buf_add_byte(&text, '\0');
        struct program program = world_compile(&w, buf_str(&text).ptr);
        struct eval e;
        struct value value;
        world_eval_init(&w, &e);
        e.fuel = 0;
        e.steps_left = LONG;
        assert_int_equal(world_run(&e, &program, &value), ERR_TIMEOUT);
    }
    world_done(&w);
}

static void a_full_arena_is_a_limit(void **state) {
    IGNORE(state);
    struct world w;
    world_init(&w);
    struct arena small;
    arena_init(&small, allocator_libc(), 256);
    struct program program = world_compile(&w, "[context.n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]");
    struct eval e;
    world_eval_init(&w, &e);
    e.arena = &small;
    struct value value;
    err error = world_run(&e, &program, &value);
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
        cmocka_unit_test(steps_run_out),
        cmocka_unit_test(expiry_is_polled_and_sticks),
        cmocka_unit_test(a_hostile_pattern_can_be_stopped),
        cmocka_unit_test(comparing_is_paid_for_by_the_size_of_what_is_compared),
        cmocka_unit_test(a_full_arena_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
