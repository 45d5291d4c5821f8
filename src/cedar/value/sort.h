/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_SORT_H
#define CEDAR_VALUE_SORT_H
/*
 * Sorting in place: no memory, no recursion, n log n whatever the input. (libc's qsort may call
 * malloc, which would go around the embedder's allocator.) Not stable.
 */
#include "base/compiler.h"

enum { SORT_ITEM_MAX = 96 };

typedef int sort_compare(const void *a, const void *b);

/* size <= SORT_ITEM_MAX. */
void sort_items(void *items, size_t count, size_t size, sort_compare *compare);

#endif
