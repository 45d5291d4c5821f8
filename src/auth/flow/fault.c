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

err fault_set(struct fault *ret_fault, enum fault_kind kind, str text) {
    *ret_fault = (struct fault){.kind = kind, .text = text};
    return ERR_DENIED;
}

err fault_field(struct fault *ret_fault, str field, str text) {
    *ret_fault = (struct fault){.kind = FAULT_FIELD, .text = text, .field = field};
    return ERR_DENIED;
}
