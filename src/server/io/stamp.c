/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/stamp.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "base/assert.h"

str stamp_date(struct stamp *stamp) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0);
    if (now.tv_sec != stamp->date_s || stamp->date[0] == '\0') {
        stamp->date_s = now.tv_sec;
        http_date_format(now.tv_sec, stamp->date);
    }
    return str_make(stamp->date, HTTP_DATE_LEN);
}

static void refill(struct stamp *stamp) {
    size_t have = 0;
    while (have < sizeof stamp->random) {
        ssize_t got = getrandom(stamp->random + have, sizeof stamp->random - have, 0);
        /* Without randomness ids would repeat and mislead whoever reads the logs. */
        ASSERT(got > 0 || errno == EINTR);
        have += got > 0 ? (size_t)got : 0;
    }
    stamp->random_left = sizeof stamp->random;
}

void stamp_request_id(struct stamp *stamp, char out[REQUEST_ID_LEN]) {
    static const char digits[] = "0123456789abcdef";
    if (stamp->random_left < REQUEST_ID_LEN / 2) {
        refill(stamp);
    }
    for (size_t i = 0; i < REQUEST_ID_LEN / 2; i++) {
        unsigned char byte = stamp->random[--stamp->random_left];
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
}

uint64_t clock_monotonic_ns(void) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_coarse_ms(void) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}
