/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
} err_table[] = {
#define X(code, name, text) [code] = {name, text},
    ERR_TABLE(X)
#undef X
};

const char *err_name(err code) {
    return (size_t)code < ARRAY_LEN(err_table) ? err_table[code].name : "invalid";
}

const char *err_text(err code) {
    return (size_t)code < ARRAY_LEN(err_table) ? err_table[code].text : "invalid error code";
}

err error_set(struct error *reterr, err code, const char *format, ...) {
    if (reterr == NULL) {
        return code;
    }
    struct error made = {.code = code}; /* an argument may point into *reterr */
    va_list args;
    va_start(args, format);
    vsnprintf(made.text, sizeof made.text, format, args);
    va_end(args);
    *reterr = made;
    return code;
}

void error_prefix(struct error *reterr, const char *format, ...) {
    if (reterr == NULL) {
        return;
    }
    char old[ERROR_TEXT_MAX];
    memcpy(old, reterr->text, sizeof old);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(reterr->text, sizeof reterr->text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof reterr->text) {
        int room = (int)sizeof reterr->text - n;
        IGNORE(snprintf(reterr->text + n, (size_t)room, ": %.*s", room, old)); /* it may be cut */
    }
}
