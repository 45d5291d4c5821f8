/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/civil.h"

/*
 * Years are counted from March, so that the leap day is the last of its year; an era is 400
 * years, after which the calendar repeats.
 */
enum {
    DAYS_PER_ERA = 146097,
    YEARS_PER_ERA = 400,
    DAYS_TO_EPOCH = 719468, /* from 0000-03-01 to 1970-01-01 */
};

int64_t civil_floor_div(int64_t a, int64_t divisor) {
    int64_t quotient = a / divisor;
    return a % divisor < 0 ? quotient - 1 : quotient;
}

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool civil_is_valid(struct civil_date date) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.month < 1 || date.month > 12 || date.day < 1) {
        return false;
    }
    uint32_t length = lengths[date.month - 1];
    if (date.month == 2 && is_leap(date.year)) {
        length++;
    }
    return date.day <= length;
}

/* Days from 1 March to the first of the month that is `index` months later. */
static int64_t days_before_month(int64_t index) {
    return (153 * index + 2) / 5;
}

int64_t civil_to_days(struct civil_date date) {
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t month_index = date.month <= 2 ? date.month + 9 : date.month - 3;
    int64_t era = civil_floor_div(year, YEARS_PER_ERA);
    int64_t year_of_era = year - era * YEARS_PER_ERA;
    int64_t day_of_year = days_before_month(month_index) + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
}

struct civil_date civil_from_days(int64_t days) {
    int64_t shifted = days + DAYS_TO_EPOCH;
    int64_t era = civil_floor_div(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    /* Days of the era without its leap days give the year. */
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - days_before_month(month_index) + 1;
    int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
    int64_t year = era * YEARS_PER_ERA + year_of_era + (month <= 2 ? 1 : 0);
    return (struct civil_date){year, (uint32_t)month, (uint32_t)day};
}
