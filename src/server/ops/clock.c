/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/clock.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

static uint64_t read_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int64_t system_wall_ms(void *ctx) {
    IGNORE(ctx); /* there is one system clock */
    return (int64_t)(read_ns(CLOCK_REALTIME) / 1000000);
}

static uint64_t system_monotonic_ns(void *ctx) {
    IGNORE(ctx); /* there is one system clock */
    return read_ns(CLOCK_MONOTONIC);
}

const struct clock *clock_system(void) {
    static const struct clock system_clock = {.wall_ms = system_wall_ms,
                                              .monotonic_ns = system_monotonic_ns};
    return &system_clock;
}

static int64_t manual_wall_ms(void *ctx) {
    struct clock_manual *manual = ctx;
    return atomic_load(&manual->wall_ms);
}

static uint64_t manual_monotonic_ns(void *ctx) {
    struct clock_manual *manual = ctx;
    return atomic_load(&manual->monotonic_ns);
}

void clock_manual_init(struct clock_manual *manual, int64_t wall_ms) {
    manual->clock = (struct clock){
        .wall_ms = manual_wall_ms, .monotonic_ns = manual_monotonic_ns, .ctx = manual};
    atomic_init(&manual->wall_ms, wall_ms);
    atomic_init(&manual->monotonic_ns, 1000000000);
}

void clock_manual_advance_ms(struct clock_manual *manual, int64_t ms) {
    atomic_fetch_add(&manual->wall_ms, ms);
    atomic_fetch_add(&manual->monotonic_ns, (uint64_t)ms * 1000000);
}

static void put_digits(char *out, int64_t value, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_LEN]) {
    const int64_t first = -62167219200000; /* 0000-01-01T00:00:00.000Z */
    const int64_t last = 253402300799999;  /* 9999-12-31T23:59:59.999Z */
    int64_t ms = (wall_ms < first ? first : wall_ms > last ? last : wall_ms) - first;
    int64_t day = ms / 86400000;
    int64_t in_day = ms % 86400000;
    /* Count years from 1 March, so that a leap day is the last day of its year. `day` 0 is
     * 0000-01-01; 0000-03-01 is day 60. Eras of 400 years have 146,097 days. */
    int64_t from_march = day - 60 + 146097;
    int64_t day_of_era = from_march % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153; /* 0 = March */
    int64_t day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    int64_t year = year_of_era + from_march / 146097 * 400 - 400 + (month <= 2 ? 1 : 0);
    memcpy(out, "0000-00-00T00:00:00.000Z", CLOCK_RFC3339_LEN);
    put_digits(out, year, 4);
    put_digits(out + 5, month, 2);
    put_digits(out + 8, day_of_month, 2);
    put_digits(out + 11, in_day / 3600000, 2);
    put_digits(out + 14, in_day / 60000 % 60, 2);
    put_digits(out + 17, in_day / 1000 % 60, 2);
    put_digits(out + 20, in_day % 1000, 3);
}
