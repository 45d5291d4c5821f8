/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_SUGGEST_H
#define CEDAR_VALIDATE_SUGGEST_H
/*
 * "Did you mean": the known name with the smallest edit distance, however large that is, as the
 * reference has it. Of several, the first.
 */
#include "base/arena.h"

/* Characters that may be compared for one validation; names beyond that get no suggestion. */
enum { SUGGEST_MAX = 1 << 28 };

/* Absent when there is no name, nothing to compare with, or too much. `temp` is as before
 * afterwards; `spent` grows by what was compared. */
str suggest_nearest(struct arena *temp, str name, const str *known, size_t count, uint64_t *spent);

#endif
