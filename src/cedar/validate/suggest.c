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

static size_t distance(const struct scalars *a, const struct scalars *b, size_t *row) {
    for (size_t j = 0; j <= b->count; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a->count; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b->count; j++) {
            size_t above = row[j];
            row[j] = a->items[i - 1] == b->items[j - 1]
                         ? diagonal
                         : 1 + least(least(row[j - 1], above), diagonal);
            diagonal = above;
        }
    }
    return row[b->count];
}

struct workspace {
    struct scalars name;
    struct scalars known;
    size_t row[NAME_MAX + 1];
};

str suggest_nearest(struct arena *temp, str name, const str *known, size_t count) {
    str best = {NULL, 0};
    size_t best_distance = SIZE_MAX;
    struct arena_mark mark = arena_mark(temp);
    struct workspace *w = name.len == 0 ? NULL : ARENA_NEW(temp, struct workspace);
    bool has_name = w != NULL && decode(name, &w->name);
    for (size_t i = 0; has_name && i < count; i++) {
        if (!decode(known[i], &w->known)) {
            continue;
        }
        size_t d = distance(&w->name, &w->known, w->row);
        if (d < best_distance) {
            best_distance = d;
            best = known[i];
        }
    }
    arena_reset(temp, mark);
    return best;
}
