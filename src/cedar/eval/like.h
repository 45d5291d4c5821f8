/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_EVAL_LIKE_H
#define CEDAR_EVAL_LIKE_H
/*
 * Matching text against a `like` pattern, in slices, so that the caller can stop a long match.
 *
 * Two cursors and one place to fall back to: when the text differs, the latest wildcard swallows
 * one more scalar value. No memory, no recursion; at worst length of text times length of
 * pattern.
 */
#include "cedar/compile/node.h"

enum like_result { LIKE_NO, LIKE_YES, LIKE_MORE };

struct like {
    const struct pattern *pattern;
    str text;
    size_t item;    /* next in the pattern */
    size_t at;      /* next in the text */
    size_t star;    /* item behind the latest wildcard, SIZE_MAX: none yet */
    size_t star_at; /* where that wildcard's part of the text ends */
};

void like_init(struct like *like, const struct pattern *pattern, str text);
/* At most `steps` steps; LIKE_MORE when there is more to do. */
enum like_result like_run(struct like *like, size_t steps);

#endif
