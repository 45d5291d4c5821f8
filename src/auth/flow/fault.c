/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/fault.h"

const char *fault_code(enum fault_kind kind) {
    static const char *const codes[] = {
#define X(code, text) text,
        FAULT_TABLE(X)
#undef X
    };
    return codes[kind];
}
