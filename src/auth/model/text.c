/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/text.h"

#include "base/utf8.h"

err text_check(str text, const char *what, size_t min, size_t max, struct error *reterr) {
    if (text.len < min) {
        return error_set(reterr, ERR_MISSING, "the %s is missing or too short", what);
    }
    if (text.len > max) {
        return error_set(reterr, ERR_LIMIT, "the %s is longer than %zu bytes", what, max);
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return error_set(reterr, ERR_SYNTAX, "the %s contains a control character", what);
        }
    }
    if (!utf8_is_valid(text, NULL)) {
        return error_set(reterr, ERR_SYNTAX, "the %s is not valid UTF-8", what);
    }
    return ERR_OK;
}

err time_check(int64_t time_ms, const char *what, struct error *reterr) {
    if (time_ms <= 0) {
        return error_set(reterr, ERR_RANGE, "the %s is not set", what);
    }
    return ERR_OK;
}
