/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_LOG_LINE_H
#define SERVER_OPS_LOG_LINE_H
/*
 * Inside the log: one line as text. Pure function over the caller's storage; any thread.
 */
#include "server/ops/log.h"

struct log_line {
    const char *service;
    int64_t wall_ms;
    enum log_level level;
    enum log_event event;
    const struct log_context *context; /* may be NULL */
    const struct log_field *fields;
    size_t field_count;
};

/* Writes the line with its newline; returns its length, at most LOG_LINE_MAX. */
size_t log_line_format(const struct log_line *line, char out[LOG_LINE_MAX]);

#endif
