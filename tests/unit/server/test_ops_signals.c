/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "server/ops/signals.h"

enum { PATIENCE_S = 10 };

struct seen {
    sem_t event;
    atomic_int stops;
    atomic_int last_stop;
    atomic_int reloads;
    atomic_int ticks;
};

static void on_stop(void *ctx, int number) {
    struct seen *seen = ctx;
    seen->stops++;
    seen->last_stop = number;
    sem_post(&seen->event);
}

static void on_reload(void *ctx) {
    struct seen *seen = ctx;
    seen->reloads++;
    sem_post(&seen->event);
}

static void on_tick(void *ctx) {
    struct seen *seen = ctx;
    seen->ticks++;
    sem_post(&seen->event);
}

static void await(struct seen *seen) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    assert_int_equal(sem_timedwait(&seen->event, &until), 0);
}

static void signals_become_calls(void **state) {
    IGNORE(state);
    struct seen seen = {0};
    struct signals *signals = NULL;
    sem_init(&seen.event, 0, 0);
    const struct signals_config config = {.on_stop = on_stop, .on_reload = on_reload, .ctx = &seen};
    assert_ok(signals_start(&config, &signals));
    kill(getpid(), SIGHUP);
    await(&seen);
    assert_int_equal(seen.reloads, 1);
    assert_int_equal(seen.stops, 0);
    kill(getpid(), SIGTERM);
    await(&seen);
    assert_int_equal(seen.last_stop, SIGTERM);
    kill(getpid(), SIGINT);
    await(&seen);
    assert_int_equal(seen.last_stop, SIGINT);
    assert_int_equal(seen.stops, 2);
    signals_stop(signals);
    sem_destroy(&seen.event);
}

static void ticks_come_without_signals(void **state) {
    IGNORE(state);
    struct seen seen = {0};
    struct signals *signals = NULL;
    sem_init(&seen.event, 0, 0);
    const struct signals_config config = {
        .on_stop = on_stop, .on_tick = on_tick, .tick_ms = 1, .ctx = &seen};
    assert_ok(signals_start(&config, &signals));
    await(&seen);
    await(&seen);
    kill(getpid(), SIGHUP); /* no callback for it: ignored */
    await(&seen);
    signals_stop(signals);
    assert_true(seen.ticks >= 3);
    assert_int_equal(seen.stops, 0);
    signals_stop(NULL);
    sem_destroy(&seen.event);
}

static void a_closed_pipe_is_an_error_not_a_signal(void **state) {
    IGNORE(state);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    close(fds[0]);
    assert_int_equal(write(fds[1], "x", 1), -1);
    close(fds[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_become_calls),
        cmocka_unit_test(ticks_come_without_signals),
        cmocka_unit_test(a_closed_pipe_is_an_error_not_a_signal),
    };
    if (signals_block() != ERR_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
