/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/sort.h"

#include <string.h>

enum { INSERTION_MAX = 12 };

static void copy(char *to, const char *from, size_t size) {
    memcpy(to, from, size);
}

static void insertion_sort(char *items, size_t count, size_t size, sort_compare *compare) {
    char held[SORT_ITEM_MAX];
    for (size_t i = 1; i < count; i++) {
        size_t at = i;
        if (compare(items + (at - 1) * size, items + i * size) <= 0) {
            continue;
        }
        copy(held, items + i * size, size);
        while (at > 0 && compare(items + (at - 1) * size, held) > 0) {
            copy(items + at * size, items + (at - 1) * size, size);
            at--;
        }
        copy(items + at * size, held, size);
    }
}

/* Moves `held` down from `root` to its place in the heap of the first `count` items. */
static void sift_down(char *items, size_t root, size_t count, size_t size, const char *held,
                      sort_compare *compare) {
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) {
            break;
        }
        if (child + 1 < count && compare(items + child * size, items + (child + 1) * size) < 0) {
            child++;
        }
        if (compare(held, items + child * size) >= 0) {
            break;
        }
        copy(items + root * size, items + child * size, size);
        root = child;
    }
    copy(items + root * size, held, size);
}

void sort_items(void *items, size_t count, size_t size, sort_compare *compare) {
    char *base = items;
    if (count <= INSERTION_MAX) {
        insertion_sort(base, count, size, compare);
        return;
    }
    char held[SORT_ITEM_MAX];
    for (size_t root = count / 2; root-- > 0;) {
        copy(held, base + root * size, size);
        sift_down(base, root, count, size, held, compare);
    }
    for (size_t end = count - 1; end > 0; end--) {
        copy(held, base + end * size, size);
        copy(base + end * size, base, size);
        sift_down(base, 0, end, size, held, compare);
    }
}
