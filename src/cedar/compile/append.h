/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_APPEND_H
#define CEDAR_COMPILE_APPEND_H
/*
 * Policies of a finished program into another one that is being compiled: without tree or text.
 *
 * Everything that the code points to by number is copied once and renumbered; policies that share
 * code share it again. The other program keeps nothing of the first.
 */
#include "cedar/compile/compile.h"

struct appender {
    struct compiler *compiler;
    const struct program *from;
    struct arena arena; /* of the tables: new number + 1, 0 for what has not been copied */
    uint32_t *uids;
    uint32_t *marks; /* upper halves of the hashes */
    uint32_t *types;
    uint32_t *names;
    uint32_t *constants;
    uint32_t *patterns;
    uint32_t *conditions; /* by their start */
};

/* The compiler and the program must outlive it. `is_few` goes without the tables, which are as
 * long as the program's: for one policy or two, of which nothing is shared then. */
err appender_init(struct appender *x, struct compiler *compiler, const struct program *from,
                  bool is_few) MUST_CHECK;
/* The policy gets the next number of the compiler; its id is copied. */
err appender_add(struct appender *x, size_t number, str id) MUST_CHECK;
void appender_done(struct appender *x);

#endif
