/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_EXT_FUNCTIONS_H
#define CEDAR_EXT_FUNCTIONS_H
/*
 * The extension functions of Cedar, as one table: decimal, ipaddr, datetime and duration.
 *
 * The parser asks it for names and styles (a function may not be written as a method and the
 * other way round), the entity reader and the evaluator call through it. The table is constant;
 * results that need memory (addresses, error texts) live in the arena given to the call.
 */
#include "cedar/value/value.h"

enum ext_style { EXT_FUNCTION, EXT_METHOD };

enum { EXT_ARITY_MAX = 2 };

/* What went wrong, in Cedar's words; texts live in the arena of the call. */
struct ext_error {
    str message;
    str help; /* absent when there is none */
};

struct ext_function {
    str name; /* as written in policies: "ip", "isInRange" */
    enum ext_style style;
    uint8_t arity; /* with the receiver of a method */
    enum value_kind args[EXT_ARITY_MAX];
    enum value_kind result;
    /* Arguments have been checked. Errors as for ext_call. */
    err (*call)(struct arena *a, const struct value *args, struct value *ret,
                struct ext_error *reterr);
};

/* NULL when there is no such function. */
const struct ext_function *ext_function_find(str name);
size_t ext_function_count(void);
const struct ext_function *ext_function_get(size_t index); /* index < count, sorted by name */

/* True for the functions that make an extension value from a string: decimal, ip, datetime,
 * duration. */
bool ext_function_is_constructor(const struct ext_function *function);
/* The constructor of an extension kind, NULL for any other kind. */
const struct ext_function *ext_constructor_of(enum value_kind kind);

/* Checks number and kinds of the arguments, then calls. ERR_NOMEM and ERR_LIMIT: no memory in
 * the arena. Any other error is an evaluation error and *reterr (never NULL) says which. */
err ext_call(const struct ext_function *function, struct arena *a, const struct value *args,
             size_t count, struct value *ret, struct ext_error *reterr) MUST_CHECK;

#endif
