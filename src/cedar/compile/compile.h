/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_COMPILE_H
#define CEDAR_COMPILE_COMPILE_H
/*
 * From trees to a program: policies are added one by one, then the program is finished.
 *
 * The program lives in `arena`, what is only needed on the way in `temp`. A policy that fails to
 * compile leaves no trace but memory; the others can still become a program. Errors: ERR_NOMEM
 * and ERR_LIMIT of the arenas; ERR_RANGE when an expression is nested too deeply.
 */
#include "cedar/compile/emit.h"
#include "cedar/compile/lower.h"
#include "cedar/compile/program.h"

struct compiler {
    struct arena *arena;
    struct arena *temp;
    struct arena tree; /* of the policy at hand */
    struct lower_options options;
    struct symbols symbols;
    struct emitter emitter;
    VEC(uint32_t) lists;
    VEC(struct program_policy) policies;
};

/* The compiler must not be moved until compiler_done. */
void compiler_init(struct compiler *c, struct arena *arena, struct arena *temp,
                   const struct lower_options *options);

/* `id` is copied. */
err compiler_add(struct compiler *c, str id, const struct ast_policy *policy) MUST_CHECK;
/* The compiler cannot be used afterwards. */
err compiler_finish(struct compiler *c, struct program *ret) MUST_CHECK;
/* Frees what is in neither arena. */
void compiler_done(struct compiler *c);

/* An expression alone: a program without policies, whose code starts at 0. */
err compile_expr(struct arena *arena, struct arena *temp, const struct lower_options *options,
                 const struct ast_expr *expr, struct program *ret) MUST_CHECK;
/* The same for a condition, which must be a bool. */
err compile_condition(struct arena *arena, struct arena *temp, const struct lower_options *options,
                      const struct ast_expr *expr, struct program *ret) MUST_CHECK;

#endif
