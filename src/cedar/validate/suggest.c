/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/suggest.h"

#include "base/utf8.h"

/* Longer names are no typing errors, and comparing takes time with the square of the length. */
enum { NAME_MAX = 512 };

struct scalars {
    size_t count;
    uint32_t items[NAME_MAX];
};

static bool decode(str text, struct scalars *ret) {
    size_t at = 0;
    ret->count = 0;
    while (at < text.len) {
        if (ret->count == NAME_MAX || !utf8_next(text, &at, &ret->items[ret->count])) {
            return false;
        }
        ret->count++;
    }
    return true;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t gap(const struct scalars *a, const struct scalars *b) {
    return a->count > b->count ? a->count - b->count : b->count - a->count;
}

/* The distance if it is below `limit`, otherwise something else from there on. Only the cells
 * near the diagonal can be part of it. */
static size_t distance(const struct scalars *a, const struct scalars *b, size_t *row, size_t limit,
                       uint64_t *spent) {
    for (size_t j = 0; j <= b->count; j++) {
        row[j] = least(j, limit);
    }
    for (size_t i = 1; i <= a->count; i++) {
        size_t from = i < limit ? 1 : i - limit + 1;
        size_t to = least(b->count, i + limit - 1);
        size_t diagonal = row[from - 1];
        size_t lowest = row[from - 1] = i < limit ? i : limit;
        for (size_t j = from; j <= to; j++) {
            size_t above = row[j];
            row[j] = a->items[i - 1] == b->items[j - 1]
                         ? diagonal
                         : 1 + least(least(row[j - 1], above), diagonal);
            diagonal = above;
            lowest = least(lowest, row[j]);
        }
        *spent += to < from ? 1 : to - from + 1;
        if (lowest >= limit) {
            return limit;
        }
    }
    return row[b->count];
}

struct workspace {
    struct scalars name;
    struct scalars known;
    size_t row[NAME_MAX + 1];
};

str suggest_nearest(struct arena *temp, str name, const str *known, size_t count, uint64_t *spent) {
    str best = {NULL, 0};
    struct arena_mark mark = arena_mark(temp);
    struct workspace *w = name.len == 0 ? NULL : ARENA_NEW(temp, struct workspace);
    bool has_name = w != NULL && decode(name, &w->name);
    size_t limit = NAME_MAX + 1;
    for (size_t i = 0; has_name && i < count && *spent <= SUGGEST_MAX; i++) {
        *spent += least(known[i].len, NAME_MAX);
        if (!decode(known[i], &w->known)) {
            continue;
        }
        size_t d = gap(&w->name, &w->known) < limit
                       ? distance(&w->name, &w->known, w->row, limit, spent)
                       : limit;
        if (d < limit) {
            limit = d;
            best = known[i];
        }
    }
    arena_reset(temp, mark);
    return *spent <= SUGGEST_MAX ? best : (str){NULL, 0};
}
