/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_AUTHZ_REACH_H
#define CEDAR_AUTHZ_REACH_H
/*
 * The policies whose scope matches a request, through the index of the program.
 *
 * A struct reach lives on the stack of one decision: small lists stay in it, longer ones go to
 * the arena of the evaluation. It must not be moved while in use.
 */
#include "cedar/eval/eval.h"

enum { REACH_KEYS = 8, REACH_POLICIES = 16 };

struct reach_keys {
    VEC(uint32_t) list;
    uint32_t few[REACH_KEYS];
};

struct reach {
    const struct program *program;
    struct arena *arena;
    struct reach_keys keys[SCOPE_PARTS]; /* of the request, sorted when there are many */
    VEC(uint32_t) policies;              /* in the order of the program, each once */
    uint32_t few[REACH_POLICIES];
    size_t work;    /* steps it took, to be paid by the caller */
    bool is_broken; /* by a bug of ours: no policy may be passed over for it */
};

/* The variables of `e` are the request. ERR_NOMEM, ERR_LIMIT: the arena is full. */
err reach_find(struct reach *r, struct eval *e, const struct program *program) MUST_CHECK;

#endif
