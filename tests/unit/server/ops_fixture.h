/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SERVER_OPS_FIXTURE_H
#define TESTS_UNIT_SERVER_OPS_FIXTURE_H
/*
 * What the tests of server/ops share: a scratch directory, whole files, a pipe in the place of
 * standard output, and lines parsed as JSON.
 */
#include "unit.h"

#include "base/json.h"

enum { SCRATCH_PATH_MAX = 256, SCRATCH_TEXT_MAX = 4 << 20 };

struct scratch {
    char path[SCRATCH_PATH_MAX];
    struct arena arena;
};

void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch); /* with what is in it */

/* Path of a file inside, in the scratch arena. */
const char *scratch_path(struct scratch *scratch, const char *name);
void scratch_write(struct scratch *scratch, const char *name, const char *text);
str scratch_read(struct scratch *scratch, const char *name);
/* Opens for reading and appending; the caller closes. */
int scratch_open(struct scratch *scratch, const char *name);

/* The n-th line (from 0) as a JSON object; fails the test when there is none. */
const struct json *line_json(struct arena *a, str text, size_t n);
size_t line_count(str text);
/* A member's text; fails the test when it is missing or no string. */
str member_text(const struct json *object, const char *name);

#endif
