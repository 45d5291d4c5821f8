/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_SIGNALS_H
#define SERVER_OPS_SIGNALS_H
/*
 * Signals as ordinary calls: one thread waits for them and calls back, so a callback may lock,
 * log and allocate. The same thread ticks, for periodic work (configuration changes, statistics).
 *
 * signals_block must run in main before any thread is made: threads inherit the mask.
 */
#include "base/err.h"

struct log;

struct signals_config {
    void (*on_stop)(void *ctx, int signal_number); /* SIGTERM, SIGINT; may be called again */
    void (*on_reload)(void *ctx);                  /* SIGHUP; may be NULL */
    void (*on_tick)(void *ctx);                    /* may be NULL */
    unsigned tick_ms;
    void *ctx;
};

struct signals;

/* Blocks SIGTERM, SIGINT and SIGHUP for the calling thread and those it makes; ignores SIGPIPE. */
err signals_block(void) MUST_CHECK;
/* Makes SIGABRT, SIGSEGV, SIGBUS, SIGFPE and SIGILL write out the log before the process dies. */
err signals_flush_on_fatal(struct log *log) MUST_CHECK;

/* Before that log is freed; does nothing when another one, or none, is set. */
void signals_forget_log(struct log *log);

err signals_start(const struct signals_config *config, struct signals **ret) MUST_CHECK;
/* Ends the thread (after a running callback); not from a callback. Accepts NULL. */
void signals_stop(struct signals *signals);

#endif
