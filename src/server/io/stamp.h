/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_STAMP_H
#define SERVER_IO_STAMP_H
/*
 * What every answer is stamped with, made cheap: the Date, formatted once per second, and
 * request ids from random bytes fetched in batches. One per loop, used by its thread only.
 */
#include "base/str.h"
#include "server/http/http1_response.h"

enum { REQUEST_ID_LEN = 32, STAMP_RANDOM = 1024 };

struct stamp {
    int64_t date_s;
    char date[HTTP_DATE_LEN + 1];
    size_t random_left;
    unsigned char random[STAMP_RANDOM];
};

/* Borrowed until the next call. */
str stamp_date(struct stamp *stamp);
/* 128 random bits in hexadecimal; not a secret. */
void stamp_request_id(struct stamp *stamp, char out[REQUEST_ID_LEN]);

/* The monotonic clock. */
uint64_t clock_monotonic_ns(void);
/* As above, at the precision of the kernel's tick. */
uint64_t clock_coarse_ms(void);

#endif
