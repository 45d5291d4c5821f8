/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_SUGGEST_H
#define CEDAR_VALIDATE_SUGGEST_H
/*
 * "Did you mean": the known name with the smallest edit distance, however large that is, as the
 * reference has it. Of several, the first.
 */
#include "base/arena.h"

/* Absent when there is no name, nothing to compare with, or too much. `temp` is as before
 * afterwards. */
str suggest_nearest(struct arena *temp, str name, const str *known, size_t count);

#endif
