/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_EVAL_EVAL_H
#define CEDAR_EVAL_EVAL_H
/*
 * The evaluator: runs the code of a program -> one value, or one error in Cedar's words.
 *
 * Order of evaluation and messages are those of maps §1.4 and §4.1. Values and texts it makes
 * live in the arena, everything else is shared with the program, the entities and the request. A
 * struct eval belongs to one thread; it may run many conditions one after the other, which share
 * its budget.
 *
 * Bounds: no recursion; the stack of values is as deep as the compiler found; every instruction
 * costs one unit of `steps_left`, work on data more; `is_expired` is asked every EVAL_POLL_STEPS
 * units.
 */
#include "cedar/compile/program.h"
#include "cedar/value/entities.h"

enum { EVAL_POLL_STEPS = 1024 };

#define EVAL_STEPS_DEFAULT UINT64_C(200000000)

struct eval {
    struct arena *arena;
    const struct entities *entities;
    struct value vars[4]; /* by enum program_var; the first three are entities */
    const struct entity *self[3];
    bool has_self[3];              /* self is known; it may be NULL: no such entity */
    uint64_t steps_left;           /* not counting `fuel` */
    bool (*is_expired)(void *ctx); /* or NULL */
    void *expired_ctx;
    size_t fuel; /* steps until the next poll */
    const struct code *code;
    const struct value **stack; /* what it points to is elsewhere, or at the same place in: */
    struct value *made;
    struct ext_error error;     /* of the last evaluation error */
    const struct value *blamed; /* by it, when it is an operand; for finding its place */
};

/* The variables, callback and steps_left may be set afterwards. */
void eval_init(struct eval *e, struct arena *arena, const struct entities *entities);

/* Makes ready for the code of one program; the stack lives in the arena. */
err eval_prepare(struct eval *e, const struct code *code) MUST_CHECK;

/*
 * Runs the expression that starts there. ERR_NOMEM, ERR_LIMIT: the arena is full. ERR_TIMEOUT:
 * expired or out of steps. Any other error is an evaluation error, described in e->error:
 *
 *     ERR_TYPE       type error
 *     ERR_NOT_FOUND  entity, attribute or tag missing
 *     ERR_RANGE      integer overflow, extension value out of range
 *     ERR_SYNTAX     malformed extension value
 *     ERR_MISSING    wrong number of arguments
 */
err eval_expression(struct eval *e, uint32_t start, struct value *ret) MUST_CHECK;

/* The same for a condition: anything but a bool is a type error. */
err eval_condition(struct eval *e, uint32_t start, bool *ret) MUST_CHECK;

/* The entity of principal, action or resource; NULL when the store does not have it. */
const struct entity *eval_self(struct eval *e, enum program_var var);

/* Pays for work outside of code. ERR_OK or ERR_TIMEOUT. */
err eval_charge(struct eval *e, size_t steps) MUST_CHECK;

/* True for the errors that concern one policy and not the whole call. */
bool eval_is_policy_error(err error);

#endif
