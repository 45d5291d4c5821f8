/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_CIVIL_H
#define CEDAR_VALUE_CIVIL_H
/*
 * Days since 1970-01-01 against year, month and day of the proleptic Gregorian calendar. Pure
 * functions; years beyond four digits are fine.
 */
#include "base/compiler.h"

struct civil_date {
    int64_t year;
    uint32_t month; /* 1 to 12 */
    uint32_t day;   /* 1 to 31 */
};

bool civil_is_valid(struct civil_date date);
int64_t civil_to_days(struct civil_date date);
/* |days| below 2^58. */
struct civil_date civil_from_days(int64_t days);

enum { CIVIL_DAY_MS = 24 * 60 * 60 * 1000 };

/* Division that rounds towards minus infinity; divisor > 0. */
int64_t civil_floor_div(int64_t a, int64_t divisor);

#endif
