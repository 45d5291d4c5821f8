/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERR_H
#define BASE_ERR_H
/*
 * The one family of errors for "something failed".
 *
 * A fallible function returns `err` (0 is success), carries MUST_CHECK and writes its outputs
 * (last, named `ret_*`) only on success. Where the caller can use detail it passes a
 * `struct error *reterr` (may be NULL): fixed size, caller-owned, no allocation. A peer that
 * breaks a protocol is a `struct problem` (server/http/problem.h), a bug of ours is an ASSERT.
 */
#include "base/compiler.h"

/* code, name in logs, text for people */
#define ERR_TABLE(X)                                                  \
    X(ERR_OK, "ok", "success")                                        \
    X(ERR_NOMEM, "nomem", "out of memory")                            \
    X(ERR_LIMIT, "limit", "a limit was exceeded")                     \
    X(ERR_SYNTAX, "syntax", "the input is malformed")                 \
    X(ERR_TYPE, "type", "a value has the wrong type")                 \
    X(ERR_RANGE, "range", "a value is out of range")                  \
    X(ERR_MISSING, "missing", "a required value is missing")          \
    X(ERR_UNKNOWN, "unknown", "a name is not known")                  \
    X(ERR_NOT_FOUND, "not_found", "there is no such object")          \
    X(ERR_EXISTS, "exists", "the object exists already")              \
    X(ERR_DENIED, "denied", "the operation is not allowed")           \
    X(ERR_REPLAY, "replay", "a one-time value was used before")       \
    X(ERR_EXPIRED, "expired", "the object has expired")               \
    X(ERR_SIGNATURE, "signature", "a signature does not verify")      \
    X(ERR_IO, "io", "input or output failed")                         \
    X(ERR_TIMEOUT, "timeout", "the operation took too long")          \
    X(ERR_BUSY, "busy", "the resource is busy")                       \
    X(ERR_CLOSED, "closed", "the resource is closed")                 \
    X(ERR_UNSUPPORTED, "unsupported", "the feature is not supported") \
    X(ERR_CORRUPT, "corrupt", "stored data is damaged")               \
    X(ERR_MISUSE, "misuse", "a function was called wrongly")          \
    X(ERR_INTERNAL, "internal", "an internal error occurred")

typedef enum err {
#define X(code, name, text) code,
    ERR_TABLE(X)
#undef X
} err;

enum { ERROR_TEXT_MAX = 240 };

/* Detail of a failure. `offset`, `line`, `column` are 0 when there is no place to point at;
 * line and column count from 1, the column in bytes. */
struct error {
    err code;
    uint32_t line;
    uint32_t column;
    size_t offset;
    char text[ERROR_TEXT_MAX]; /* always terminated; safe to show to an operator */
};

const char *err_name(err code);
const char *err_text(err code);

/* Fills *reterr (if not NULL) and returns `code`, so that `return error_set(…)` reads well. */
err error_set(struct error *reterr, err code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "prefix: " before the text of an error that is passed upwards. */
void error_prefix(struct error *reterr, const char *format, ...) PRINTF_LIKE(2, 3);

/* Early return on failure; the only macro of ours that hides control flow. */
#define TRY(expr)             \
    do {                      \
        err try_ = (expr);    \
        if (try_ != ERR_OK) { \
            return try_;      \
        }                     \
    } while (0)

#endif
