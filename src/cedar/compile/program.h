/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_PROGRAM_H
#define CEDAR_COMPILE_PROGRAM_H
/*
 * Policies in the form that is evaluated.
 *
 * Made by compile.h, run by eval/ and authz/, which know nothing of syntax. A program is
 * immutable and keeps nothing of the tree or the text; it lives in one arena and may be used
 * from any thread.
 */
#include "cedar/compile/code.h"
#include "cedar/compile/index.h"
#include "cedar/compile/symbols.h"

#define NO_CONDITION UINT32_MAX

struct program_policy {
    str id;
    bool is_forbid;
    bool is_template; /* never evaluated itself */
    struct scope scopes[SCOPE_PARTS];
    uint32_t condition; /* where its code starts, or NO_CONDITION: always true */
};

struct program {
    size_t count;
    const struct program_policy *policies;
    struct symbols symbols;
    const uint32_t *lists; /* uids of action lists */
    struct index index;
    struct code code;
};

#endif
