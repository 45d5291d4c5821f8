/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_EVAL_UNIT_H
#define TEST_CEDAR_EVAL_UNIT_H
/*
 * What the tests of values and evaluation share: a small world of entities, and an expression
 * text turned into the text of its result. Not a test itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cedar/compile/compile.h"
#include "cedar/eval/eval.h"
#include "cedar/json/context.h"
#include "cedar/json/entities.h"
#include "cedar/text/parse.h"

static const struct hash_key world_key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static const char world_entities[] =
    "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},"
    "  \"attrs\":{\"age\":3,\"name\":\"al\",\"t2\":\"x\",\"r\":{\"x\":1,\"y\":{\"z\":1}}},"
    "  \"tags\":{\"t1\":\"v\",\"t2\":5},\"parents\":[{\"type\":\"G\",\"id\":\"g\"}]},"
    " {\"uid\":{\"type\":\"User\",\"id\":\"six\"},"
    "  \"attrs\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1},"
    "  \"tags\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1},\"parents\":[]},"
    " {\"uid\":{\"type\":\"User\",\"id\":\"tagonly\"},\"attrs\":{},\"tags\":{\"q\":1},"
    "  \"parents\":[]},"
    " {\"uid\":{\"type\":\"G\",\"id\":\"g\"},\"attrs\":{},"
    "  \"parents\":[{\"type\":\"G\",\"id\":\"top\"}]},"
    " {\"uid\":{\"type\":\"Photo\",\"id\":\"p\"},"
    "  \"attrs\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7},\"parents\":[]}]";

struct world {
    struct arena arena;
    struct arena scratch;
    const struct entities *entities;
    struct uid principal, action, resource;
    struct value context;
};

MAYBE_UNUSED static void world_init(struct world *w) {
    arena_init(&w->arena, allocator_libc(), 64 << 20);
    arena_init(&w->scratch, allocator_libc(), 64 << 20);
    struct data_options options = {.scratch = &w->scratch, .limits = json_limits_default};
    struct entity_builder builder;
    assert_int_equal(entity_builder_init(&builder, &w->arena, &world_key, NULL), ERR_OK);
    assert_int_equal(entities_json_read(&builder, str_c(world_entities), &options, NULL), ERR_OK);
    assert_int_equal(entities_json_finish(&builder, &options, NULL, &w->entities), ERR_OK);
    assert_int_equal(context_json_read(&w->arena, &world_key, STR("{\"n\":1,\"s\":\"text\"}"),
                                       &options, NULL, NULL, &w->context),
                     ERR_OK);
    w->principal = uid_make(&world_key, STR("User"), STR("alice"));
    w->action = uid_make(&world_key, STR("Action"), STR("view"));
    w->resource = uid_make(&world_key, STR("Photo"), STR("p"));
}

MAYBE_UNUSED static void world_done(struct world *w) {
    arena_done(&w->arena);
    arena_done(&w->scratch);
}

MAYBE_UNUSED static void world_eval_init(struct world *w, struct eval *e) {
    eval_init(e, &w->scratch, w->entities);
    e->vars[VAR_PRINCIPAL] = value_entity(&w->principal);
    e->vars[VAR_ACTION] = value_entity(&w->action);
    e->vars[VAR_RESOURCE] = value_entity(&w->resource);
    e->vars[VAR_CONTEXT] = w->context;
}

/* The program of an expression, in the scratch arena; the test fails when it does not parse. */
MAYBE_UNUSED static struct program world_compile(struct world *w, const char *expression) {
    const struct ast_expr *expr;
    if (parse_expr(&w->scratch, str_c(expression), &parse_limits_default, &expr, NULL) != ERR_OK) {
        fail_msg("does not parse: %s", expression);
    }
    struct lower_options options = {.key = &world_key, .max_depth = 2000};
    struct program program;
    if (compile_expr(&w->scratch, &w->scratch, &options, expr, &program) != ERR_OK) {
        fail_msg("does not compile: %s", expression);
    }
    return program;
}

MAYBE_UNUSED static err world_run(struct eval *e, const struct program *program,
                                  struct value *ret) {
    err error = eval_prepare(e, &program->code);
    return error != ERR_OK ? error : eval_expression(e, 0, ret);
}

/* "value" in Cedar syntax, or "error: message" with " | help" behind it where there is one. */
MAYBE_UNUSED static str world_eval(struct world *w, const char *expression) {
    struct eval e;
    world_eval_init(w, &e);
    struct value value;
    struct program program = world_compile(w, expression);
    err error = world_run(&e, &program, &value);
    struct buf b;
    buf_init_arena(&b, &w->scratch, 1 << 20);
    if (error == ERR_OK) {
        value_format(&b, &value);
    } else if (eval_is_policy_error(error)) {
        buf_add_c(&b, "error: ");
        buf_add(&b, e.error.message);
        if (e.error.help.ptr != NULL) {
            buf_add_c(&b, " | ");
            buf_add(&b, e.error.help);
        }
    } else {
        buf_format(&b, "failure: %s", err_name(error));
    }
    return buf_str(&b);
}

struct world_case {
    const char *expression;
    const char *expected;
};

MAYBE_UNUSED static void world_check(const struct world_case *cases, size_t count) {
    struct world w;
    world_init(&w);
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        arena_clear(&w.scratch);
        str result = world_eval(&w, cases[i].expression);
        if (!str_equal_c(result, cases[i].expected)) {
            print_error("%s\n  gives    %.*s\n  expected %s\n", cases[i].expression,
                        STR_FMT(result), cases[i].expected);
            failures++;
        }
    }
    world_done(&w);
    assert_int_equal(failures, 0);
}

#endif
