/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LSP_FUNCTIONS_H
#define CLI_LSP_FUNCTIONS_H
/*
 * Functions, methods and keywords with a line about each, for hover and completion.
 */
#include "base/str.h"

enum receiver {
    RECEIVER_NONE, /* a function */
    RECEIVER_SET,
    RECEIVER_ENTITY,
    RECEIVER_DECIMAL,
    RECEIVER_IPADDR,
    RECEIVER_DATETIME,
    RECEIVER_DURATION,
    RECEIVER_KEYWORD, /* no call at all */
};

struct function {
    const char *name;
    enum receiver receiver;
    const char *signature;
    const char *about;
};

extern const struct function functions[];
extern const size_t function_count;

/* NULL: none of that name. */
const struct function *function_find(str name);

#endif
