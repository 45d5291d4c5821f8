/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_EVAL_EVAL_H
#define CEDAR_EVAL_EVAL_H
/*
 * The evaluator: one node of a program -> one value, or one error in Cedar's words.
 *
 * A plain walk over the tree, with the order of evaluation and the messages of maps §1.4 and
 * §4.1. Values and texts it makes live in the arena, everything else is shared with the program,
 * the entities and the request. A struct eval belongs to one thread; it may be used for many
 * nodes one after the other, which share its budget.
 *
 * Bounds: recursion follows the nesting of the program, limited when it was lowered and again
 * here; every step costs one unit of `steps_left`, work on data more; `is_expired` is asked every
 * EVAL_POLL_STEPS units.
 */
#include "cedar/compile/program.h"
#include "cedar/value/entities.h"

enum {
    EVAL_POLL_STEPS = 1024,
    EVAL_DEPTH_MAX = 20000,
};

#define EVAL_STEPS_DEFAULT UINT64_C(200000000)

struct eval {
    struct arena *arena;
    const struct entities *entities;
    struct value vars[4];          /* by enum program_var */
    uint64_t steps_left;           /* not counting `fuel` */
    bool (*is_expired)(void *ctx); /* or NULL */
    void *expired_ctx;
    size_t fuel; /* steps until the next poll */
    uint32_t depth;
    struct ext_error error; /* of the last evaluation error */
};

/* The variables, callback and steps_left may be set afterwards. */
void eval_init(struct eval *e, struct arena *arena, const struct entities *entities);

/*
 * ERR_NOMEM, ERR_LIMIT: the arena is full. ERR_TIMEOUT: expired or out of steps. Any other error
 * is an evaluation error, described in e->error:
 *
 *     ERR_TYPE       type error
 *     ERR_NOT_FOUND  entity, attribute or tag missing
 *     ERR_RANGE      integer overflow, extension value out of range, recursion limit
 *     ERR_SYNTAX     malformed extension value
 *     ERR_MISSING    wrong number of arguments
 */
err eval_node(struct eval *e, const struct node *node, struct value *ret) MUST_CHECK;

/* The same for a condition: anything but a bool is a type error. */
err eval_condition(struct eval *e, const struct node *node, bool *ret) MUST_CHECK;

/* Pays for work outside nodes. ERR_OK or ERR_TIMEOUT. */
err eval_charge(struct eval *e, size_t steps) MUST_CHECK;

/* True for the errors that concern one policy and not the whole call. */
bool eval_is_policy_error(err error);

#endif
