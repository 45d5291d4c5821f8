/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_TEXT_H
#define AUTH_MODEL_TEXT_H
/*
 * The checks that the fields of all records share. Messages name the field, never its value.
 */
#include "base/err.h"
#include "base/str.h"

/* UTF-8 without control bytes (C0, DEL), between min and max bytes. ERR_MISSING when absent or
 * shorter, ERR_LIMIT when longer, ERR_SYNTAX. An absent one passes when min is 0. */
err text_check(str text, const char *what, size_t min, size_t max, struct error *reterr) MUST_CHECK;

/* A Unix time in ms: positive. `what` as above. ERR_RANGE. */
err time_check(int64_t time_ms, const char *what, struct error *reterr) MUST_CHECK;

#endif
