/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_COMPILE_H
#define CEDAR_COMPILE_COMPILE_H
/*
 * From trees to a program: policies are added one by one, then the program is finished.
 *
 * The program lives in `arena`, what is only needed on the way in `temp` and in blocks of the
 * compiler. A policy that fails to compile leaves no trace but memory; the others can still become
 * a program. Errors: ERR_NOMEM and ERR_LIMIT of the arenas; ERR_RANGE when an expression is nested
 * too deeply.
 */
#include "cedar/compile/emit.h"
#include "cedar/compile/lower.h"
#include "cedar/compile/program.h"

struct compiler {
    struct arena *arena;
    struct arena *temp;
    struct arena tree; /* of the policy at hand */
    struct lower_options options;
    struct blocks blocks;
    struct packer names;
    struct symbols symbols;
    struct emitter emitter;
    VEC(uint32_t) lists;
    VEC(struct program_policy) policies;
    uint32_t nodes;      /* expressions in the policy that was added last: its static cost */
    uint32_t list_start; /* the last list of actions: often the next one is the same */
    uint32_t list_count;
};

/* The compiler must not be moved until compiler_done. */
void compiler_init(struct compiler *c, struct arena *arena, struct arena *temp,
                   const struct lower_options *options);

/* The policy gets the next number, its id is copied. */
err compiler_add(struct compiler *c, str id, const struct ast_policy *policy) MUST_CHECK;
/* A policy from a template, which shares its code; uids of slots that it does not have are not
 * looked at. */
err compiler_link(struct compiler *c, str id, uint32_t template_number,
                  const struct ast_uid *principal, const struct ast_uid *resource) MUST_CHECK;
/* A policy that is complete but for its id. */
err compiler_put(struct compiler *c, str id, struct program_policy *policy) MUST_CHECK;
/* The list that was added last and stands in `scope` is dropped again when it is the same as the
 * one before. */
void compiler_share_list(struct compiler *c, struct scope *scope);
/* Only the first `count` policies remain. */
void compiler_forget(struct compiler *c, size_t count);
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
