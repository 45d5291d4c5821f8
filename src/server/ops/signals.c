/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/signals.h"

#include "base/assert.h"
#include "server/ops/clock.h"
#include "server/ops/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    struct signals_config config;
    int signal_fd;
    int stop_fd;
    pthread_t thread;
};

/* A fatal signal's handler has no argument of ours. */
static _Atomic(struct log *) fatal_log;

static void waited_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

err signals_block(void) {
    sigset_t set;
    waited_signals(&set);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0) {
        return ERR_INTERNAL;
    }
    return ERR_OK;
}

static void on_fatal(int number) {
    struct log *log = atomic_exchange(&fatal_log, NULL); /* once, even if this one faults */
    if (log != NULL) {
        log_flush_fatal(log);
    }
    raise(number); /* SA_RESETHAND: now the default action */
}

err signals_flush_on_fatal(struct log *log) {
    static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    atomic_store(&fatal_log, log);
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
        if (sigaction(fatal[i], &action, NULL) != 0) {
            return ERR_INTERNAL;
        }
    }
    return ERR_OK;
}

void signals_forget_log(struct log *log) {
    atomic_compare_exchange_strong(&fatal_log, &log, NULL);
}

static void dispatch(const struct signals_config *config, int number) {
    if (number == SIGHUP) {
        if (config->on_reload != NULL) {
            config->on_reload(config->ctx);
        }
    } else {
        config->on_stop(config->ctx, number);
    }
}

static uint64_t now_ms(void) {
    return clock_monotonic_ns(clock_system()) / 1000000;
}

/* Milliseconds to wait in poll for the next tick; -1 for ever. */
static int wait_ms(const struct signals_config *config, uint64_t next_tick_ms) {
    if (config->on_tick == NULL) {
        return -1;
    }
    uint64_t now = now_ms();
    return next_tick_ms <= now ? 0 : (int)(next_tick_ms - now);
}

static void *signals_run(void *ptr) {
    struct signals *signals = ptr;
    const struct signals_config *config = &signals->config;
    uint64_t next_tick_ms = now_ms() + config->tick_ms;
    for (;;) {
        struct pollfd ready[] = {{.fd = signals->signal_fd, .events = POLLIN},
                                 {.fd = signals->stop_fd, .events = POLLIN}};
        if (poll(ready, 2, wait_ms(config, next_tick_ms)) < 0 && errno != EINTR) {
            return NULL;
        }
        if (ready[1].revents != 0) {
            return NULL;
        }
        struct signalfd_siginfo info;
        if (ready[0].revents != 0 &&
            read(signals->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
            dispatch(config, (int)info.ssi_signo);
        }
        if (config->on_tick != NULL && now_ms() >= next_tick_ms) {
            config->on_tick(config->ctx);
            next_tick_ms = now_ms() + config->tick_ms;
        }
    }
}

static void close_fd(int fd) {
    if (fd >= 0) {
        close(fd);
    }
}

err signals_start(const struct signals_config *config, struct signals **ret) {
    ASSERT(config->on_stop != NULL && (config->on_tick == NULL || config->tick_ms > 0));
    struct signals *signals = calloc(1, sizeof *signals);
    if (signals == NULL) {
        return ERR_NOMEM;
    }
    sigset_t set;
    waited_signals(&set);
    signals->config = *config;
    signals->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    signals->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (signals->signal_fd < 0 || signals->stop_fd < 0 ||
        pthread_create(&signals->thread, NULL, signals_run, signals) != 0) {
        close_fd(signals->signal_fd);
        close_fd(signals->stop_fd);
        free(signals);
        return ERR_INTERNAL;
    }
    *ret = signals;
    return ERR_OK;
}

void signals_stop(struct signals *signals) {
    if (signals == NULL) {
        return;
    }
    const uint64_t one = 1;
    ssize_t n = write(signals->stop_fd, &one, sizeof one);
    ASSERT(n == (ssize_t)sizeof one);
    pthread_join(signals->thread, NULL);
    close(signals->signal_fd);
    close(signals->stop_fd);
    free(signals);
}
