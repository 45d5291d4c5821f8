/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_LOG_H
#define SERVER_OPS_LOG_H
/*
 * JSON lines on a file descriptor (standard output), through typed fields.
 *
 *   {"timestamp":"…Z","level":"info","service":"auth-service","event":"login_succeeded",
 *    "request_id":"…","trace_id":"…","user_id":"…"}
 *
 * The event name comes from log_events.def. Outside strings are escaped and cut at
 * LOG_STRING_MAX bytes, a line at LOG_LINE_MAX ("truncated":true).
 * SECURITY: never pass a token, code, password, cookie or key as a field.
 *
 * Any thread may write. Between log_start and log_stop a line is formatted into a slot of a
 * bounded ring without lock or system call, and one thread writes the slots out; when the ring
 * is full the line is dropped, counted (log_lost_total) and reported by a later `log_lost` line.
 * Before and after, lines are written at once. Levels below the threshold cost one load.
 */
#include "base/str.h"
#include "base/err.h"
#include "server/ops/clock.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

enum { LOG_LINE_MAX = 2048, LOG_STRING_MAX = 256 };

enum log_event {
#define EVENT(suffix, name) LOG_EVENT_##suffix,
#include "server/ops/log_events.def"
#undef EVENT
};

enum log_field_type {
    LOG_FIELD_STRING,
    LOG_FIELD_INT,
    LOG_FIELD_UINT,
    LOG_FIELD_BOOL,
    LOG_FIELD_MICROS, /* nanoseconds, shown as microseconds with one decimal */
    LOG_FIELD_RATIO,  /* four decimals */
};

struct log_field {
    const char *name; /* a literal */
    enum log_field_type type;
    union {
        str text; /* an absent one leaves the field out */
        int64_t integer;
        uint64_t natural;
        bool boolean;
        double ratio;
    };
};

#define LOG_STR(field, value) \
    ((struct log_field){.name = (field), .type = LOG_FIELD_STRING, .text = (value)})
#define LOG_C(field, value) LOG_STR(field, str_c(value))
#define LOG_INT(field, value) \
    ((struct log_field){.name = (field), .type = LOG_FIELD_INT, .integer = (value)})
#define LOG_UINT(field, value) \
    ((struct log_field){.name = (field), .type = LOG_FIELD_UINT, .natural = (value)})
#define LOG_BOOL(field, value) \
    ((struct log_field){.name = (field), .type = LOG_FIELD_BOOL, .boolean = (value)})
#define LOG_MICROS(field, value_ns) \
    ((struct log_field){.name = (field), .type = LOG_FIELD_MICROS, .natural = (value_ns)})
#define LOG_RATIO(field, value) \
    ((struct log_field){.name = (field), .type = LOG_FIELD_RATIO, .ratio = (value)})

/* What a line belongs to; absent members are left out. ops.h makes one from a request. */
struct log_context {
    str request_id;
    str trace_id;
};

struct log;

/* `service` must live as long. fd is not closed by the log. */
err log_new(const char *service, int fd, enum log_level threshold, const struct clock *clock,
            struct log **ret) MUST_CHECK;
/* Starts the writer thread. */
err log_start(struct log *log) MUST_CHECK;
/* Writes what is in the ring, ends the thread; later lines are written at once. */
void log_stop(struct log *log);
void log_free(struct log *log); /* stops it first; accepts NULL */

/* Waits until everything logged before the call is written. */
void log_flush(struct log *log);
/* The same from a handler of a fatal signal: async-signal-safe, does its best, never waits long. */
void log_flush_fatal(struct log *log);

void log_set_threshold(struct log *log, enum log_level threshold);
bool log_is_on(const struct log *log, enum log_level level);
uint64_t log_lost_total(const struct log *log);

const char *log_level_name(enum log_level level);
/* "debug", "info", "warn", "error". */
bool log_level_parse(str name, enum log_level *ret) MUST_CHECK;

/* LOG(log, LOG_LEVEL_INFO, LOG_EVENT_POLICY_RELOAD, NULL, LOG_UINT("policies", n), …) */
#define LOG(log, level, event, context, ...)                                                    \
    do {                                                                                        \
        if (log_is_on((log), (level))) {                                                        \
            const struct log_field fields_[] = {{0}, ##__VA_ARGS__};                            \
            log_write((log), (level), (event), (context), fields_ + 1, ARRAY_LEN(fields_) - 1); \
        }                                                                                       \
    } while (0)

/* What LOG calls; `context` may be NULL. */
void log_write(struct log *log, enum log_level level, enum log_event event,
               const struct log_context *context, const struct log_field *fields, size_t count);

#endif
