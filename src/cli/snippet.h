/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SNIPPET_H
#define CLI_SNIPPET_H
/*
 * The lines of a source that a report shows: those of the place, and one before and behind it.
 *
 * A place of many lines is shortened in its middle. A line that is longer than `columns` is cut
 * around the place; then its neighbours are left out (a line of 10,000 characters was written by a
 * program, and so were they). Everything borrows from the text. Pure functions.
 */
#include <cedar.h>

#include "base/str.h"

enum { SNIPPET_LINES = 6 };

struct snippet_line {
    uint32_t number;
    bool is_in_place;
    bool is_gap; /* lines are left out here; nothing else is set */
    bool is_cut_left;
    bool is_cut_right;
    str before;
    str marked; /* empty outside the place */
    str after;
};

struct snippet {
    struct snippet_line lines[SNIPPET_LINES];
    size_t count;
    size_t first_in_place;
    size_t last_in_place;
    uint32_t end_line; /* where the place ends, and in which column */
    uint32_t end_column;
};

/* `text` is the whole source, or absent: then the finding's own line is all there is. */
void snippet_make(const cedar_finding *finding, str text, size_t columns, struct snippet *ret);

/* Safe text for terminals: controls become visible, a tab four spaces. */
struct buf;
/* Appends it and returns its width in columns. */
size_t snippet_add_safe(struct buf *out, str text);
/* The same with line ends between words, so that no line has more than `wrap` columns (0: as many
 * as there are) if words allow it. The text begins in column `indent` and goes on there. */
void snippet_add_wrapped(struct buf *out, str text, size_t indent, size_t wrap);

#endif
