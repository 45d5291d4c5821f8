/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/fragment.h"

#include "cedar/value/sort.h"

err fragment_read(struct arena *a, const struct schema_source *source,
                  const struct schema_limits *limits, struct diag_list *diags,
                  struct fragment *ret) {
    return source->format == SCHEMA_FORMAT_JSON ? fragment_read_json(a, source, limits, diags, ret)
                                                : fragment_read_text(a, source, limits, diags, ret);
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Both are sorted. */
static err merge_annotations(struct arena *a, struct schema_annotations *into,
                             const struct schema_annotations *from) {
    if (from->count == 0) {
        return ERR_OK;
    }
    struct schema_annotation *items =
        ARENA_ARRAY(a, struct schema_annotation, into->count + from->count);
    if (items == NULL) {
        return arena_error(a);
    }
    size_t count = 0;
    size_t left = 0;
    size_t right = 0;
    while (left < into->count || right < from->count) {
        int order = left == into->count ? 1
                    : right == from->count
                        ? -1
                        : str_compare(into->items[left].name, from->items[right].name);
        items[count++] = order <= 0 ? into->items[left] : from->items[right];
        left += order <= 0;
        right += order >= 0;
    }
    *into = (struct schema_annotations){count, items};
    return ERR_OK;
}

#define PUSH_ALL(a, into, from)                              \
    do {                                                     \
        for (size_t i_ = 0; i_ < (from)->count; i_++) {      \
            if (!VEC_PUSH((a), (into), (from)->items[i_])) { \
                return arena_error(a);                       \
            }                                                \
        }                                                    \
    } while (0)

static err merge_namespace(struct arena *a, struct fragment_namespace *into,
                           const struct fragment_namespace *from) {
    TRY(merge_annotations(a, &into->annotations, &from->annotations));
    PUSH_ALL(a, &into->commons, &from->commons);
    PUSH_ALL(a, &into->entities, &from->entities);
    PUSH_ALL(a, &into->actions, &from->actions);
    return ERR_OK;
}

err fragment_merge(struct arena *a, const struct hash_key *key, const struct fragment *fragments,
                   size_t count, struct fragment *ret) {
    struct map by_name;
    struct fragment merged = {0};
    size_t most = 0;
    map_init(&by_name, a, key);
    for (size_t i = 0; i < count; i++) {
        most += fragments[i].namespaces.count;
    }
    merged.namespaces.capacity = most; /* items do not move: the map points to them */
    merged.namespaces.items = ARENA_ARRAY(a, struct fragment_namespace, most);
    if (merged.namespaces.items == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < fragments[i].namespaces.count; k++) {
            const struct fragment_namespace *from = &fragments[i].namespaces.items[k];
            void **found = map_find(&by_name, from->name);
            if (found != NULL) {
                TRY(merge_namespace(a, *found, from));
                continue;
            }
            struct fragment_namespace *into = &merged.namespaces.items[merged.namespaces.count++];
            *into = *from; /* its lists are copied when they grow */
            TRY(map_add(&by_name, from->name, into));
        }
    }
    *ret = merged;
    return ERR_OK;
}

/* ---- what both readers need ------------------------------------------------------------------ */

static int compare_attrs(const void *a, const void *b) {
    const struct fragment_attr *left = a;
    const struct fragment_attr *right = b;
    int order = str_compare(left->name, right->name);
    if (order != 0) {
        return order;
    }
    uint32_t left_at = left->place.name.start;
    uint32_t right_at = right->place.name.start;
    return left_at < right_at ? -1 : left_at > right_at;
}

size_t fragment_sort_attrs(struct fragment_attr *attrs, size_t count, struct diag_list *diags) {
    sort_items(attrs, count, sizeof *attrs, compare_attrs);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && str_equal(attrs[kept - 1].name, attrs[i].name)) {
            struct diag *diag = diag_add(diags, DIAG_WARNING, attrs[kept - 1].place.name,
                                         "attribute `%.*s` is declared twice in one record",
                                         STR_FMT(attrs[i].name));
            diag_other(diag, attrs[i].place.name, STR("this one counts"));
            diag_help(diags, diag, "the last declaration counts; remove the other one");
            attrs[kept - 1] = attrs[i];
            continue;
        }
        attrs[kept++] = attrs[i];
    }
    return kept;
}

static int compare_annotations(const void *a, const void *b) {
    const struct schema_annotation *left = a;
    const struct schema_annotation *right = b;
    return str_compare(left->name, right->name);
}

void fragment_sort_annotations(struct schema_annotation *items, size_t count) {
    sort_items(items, count, sizeof *items, compare_annotations);
}

bool fragment_is_annotation_name(str name) {
    if (name.len == 0 || byte_is_digit(name.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!byte_is_alnum(name.ptr[i]) && name.ptr[i] != '_') {
            return false;
        }
    }
    return true;
}

bool fragment_is_reserved_type(str name) {
    static const str reserved[] = {
        STR_INIT("Bool"), STR_INIT("Boolean"), STR_INIT("Entity"), STR_INIT("Extension"),
        STR_INIT("Long"), STR_INIT("Record"),  STR_INIT("Set"),    STR_INIT("String"),
    };
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        if (str_equal(name, reserved[i])) {
            return true;
        }
    }
    return false;
}
