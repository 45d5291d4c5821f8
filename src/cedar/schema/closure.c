/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/resolve_int.h"

#include "cedar/value/sort.h"

/* For all nodes together, edges looked at and nodes reached: the first bounds time, the second
 * memory. */
enum { STEPS_MAX = 200 * 1000 * 1000, REACHED_MAX = 16 * 1000 * 1000 };

static int compare_indexes(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* The nodes that `mark` stands for, in order. Where many are, walking over all is faster than
 * sorting those that were found. */
static void put_in_order(uint32_t *items, size_t found, const uint32_t *seen_by, size_t count,
                         uint32_t mark) {
    if (found < count / 16) {
        sort_items(items, found, sizeof *items, compare_indexes);
        return;
    }
    size_t next = 0;
    for (size_t i = 0; i < count && next < found; i++) {
        if (seen_by[i] == mark) {
            items[next++] = (uint32_t)i;
        }
    }
}

err schema_closure(struct arena *a, const struct closure_edges *edges, size_t count,
                   const struct closure_edges **ret) {
    struct closure_edges *closed = ARENA_ARRAY(a, struct closure_edges, count);
    uint32_t *seen_by = ARENA_ARRAY(a, uint32_t, count); /* node + 1 that reached it last */
    uint32_t *reached = ARENA_ARRAY(a, uint32_t, count);
    if (closed == NULL || seen_by == NULL || reached == NULL) {
        return arena_error(a);
    }
    size_t steps = 0;
    size_t total = 0;
    for (size_t start = 0; start < count; start++) {
        size_t found = 0;
        size_t next = 0;
        const struct closure_edges *from = &edges[start];
        for (;;) {
            steps += from->count;
            if (steps > STEPS_MAX) {
                return ERR_LIMIT;
            }
            for (size_t i = 0; i < from->count; i++) {
                uint32_t to = from->items[i];
                if (seen_by[to] != start + 1) {
                    seen_by[to] = (uint32_t)start + 1;
                    reached[found++] = to;
                }
            }
            if (next == found) {
                break;
            }
            from = &edges[reached[next++]];
        }
        total += found;
        if (total > REACHED_MAX) {
            return ERR_LIMIT;
        }
        uint32_t *items = ARENA_ARRAY(a, uint32_t, found);
        if (items == NULL) {
            return arena_error(a);
        }
        memcpy(items, reached, found * sizeof *items);
        put_in_order(items, found, seen_by, count, (uint32_t)start + 1);
        closed[start] = (struct closure_edges){found, items};
    }
    *ret = closed;
    return ERR_OK;
}
