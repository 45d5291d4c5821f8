/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/resolve_int.h"

#include "cedar/value/sort.h"

/* Bounds time and memory: edges looked at for all nodes together. */
enum { STEPS_MAX = 5 * 1000 * 1000 };

static int compare_indexes(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
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
        uint32_t *items = ARENA_ARRAY(a, uint32_t, found);
        if (items == NULL) {
            return arena_error(a);
        }
        memcpy(items, reached, found * sizeof *items);
        sort_items(items, found, sizeof *items, compare_indexes);
        closed[start] = (struct closure_edges){found, items};
    }
    *ret = closed;
    return ERR_OK;
}
