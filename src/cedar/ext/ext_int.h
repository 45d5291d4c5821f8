/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_EXT_EXT_INT_H
#define CEDAR_EXT_EXT_INT_H
/*
 * Inside of ext/: the functions behind the table, and how they report errors.
 *
 * All have the type of ext_function.call: the arguments have been checked already.
 */
#include "cedar/ext/functions.h"

#define EXT_CALL(name) \
    err name(struct arena *a, const struct value *args, struct value *ret, struct ext_error *reterr)

EXT_CALL(decimal_from_string);
EXT_CALL(decimal_less_than);
EXT_CALL(decimal_less_than_or_equal);
EXT_CALL(decimal_greater_than);
EXT_CALL(decimal_greater_than_or_equal);

EXT_CALL(ip_from_string);
EXT_CALL(ip_is_ipv4);
EXT_CALL(ip_is_ipv6);
EXT_CALL(ip_is_loopback);
EXT_CALL(ip_is_multicast);
EXT_CALL(ip_is_in_range);

EXT_CALL(datetime_from_string);
EXT_CALL(datetime_offset);
EXT_CALL(datetime_duration_since);
EXT_CALL(datetime_to_date);
EXT_CALL(datetime_to_time);

EXT_CALL(duration_from_string);
EXT_CALL(duration_to_milliseconds);
EXT_CALL(duration_to_seconds);
EXT_CALL(duration_to_minutes);
EXT_CALL(duration_to_hours);
EXT_CALL(duration_to_days);

/*
 * Fills *reterr with "error while evaluating `extension` extension function: before text after"
 * and returns `code`, or the arena's error when there is no memory for it. `help` may be NULL.
 */
err ext_fail(struct arena *a, struct ext_error *reterr, err code, const char *extension,
             const char *help, const char *before, str text, const char *after);

#endif
