/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/fragment.h"
#include "cedar/value/sort.h"

/* Takes the first part off a path. */
static str take_part(str *path) {
    size_t at = str_find(*path, STR("::"));
    str part = at == SIZE_MAX ? *path : str_slice(*path, 0, at);
    *path = at == SIZE_MAX ? STR("") : str_slice(*path, at + 2, path->len);
    return part;
}

/* Takes the last part off. */
static str take_last(str *path) {
    size_t at = path->len;
    while (at > 0 && path->ptr[at - 1] != ':') {
        at--;
    }
    str last = str_slice(*path, at, path->len);
    *path = str_slice(*path, 0, at < 2 ? 0 : at - 2);
    return last;
}

/* By the last part of the name, then by the parts before it; so the empty namespace is first. */
static int compare_namespaces(const void *a, const void *b) {
    str left = (*(const struct fragment_namespace *const *)a)->name;
    str right = (*(const struct fragment_namespace *const *)b)->name;
    int order = str_compare(take_last(&left), take_last(&right));
    while (order == 0 && left.len > 0 && right.len > 0) {
        order = str_compare(take_part(&left), take_part(&right));
    }
    return order != 0 ? order : (left.len > 0) - (right.len > 0);
}

static int compare_commons(const void *a, const void *b) {
    return str_compare((*(const struct fragment_common *const *)a)->name,
                       (*(const struct fragment_common *const *)b)->name);
}

static int compare_entities(const void *a, const void *b) {
    return str_compare((*(const struct fragment_entity *const *)a)->name,
                       (*(const struct fragment_entity *const *)b)->name);
}

static int compare_actions(const void *a, const void *b) {
    return str_compare((*(const struct fragment_action *const *)a)->id,
                       (*(const struct fragment_action *const *)b)->id);
}

#define SORTED(a, type, list, compare, ret)                           \
    do {                                                              \
        size_t count_ = (list)->count;                                \
        const type **items_ = ARENA_ARRAY((a), const type *, count_); \
        if (items_ == NULL) {                                         \
            return arena_error(a);                                    \
        }                                                             \
        for (size_t i_ = 0; i_ < count_; i_++) {                      \
            items_[i_] = &(list)->items[i_];                          \
        }                                                             \
        sort_items(items_, count_, sizeof *items_, (compare));        \
        *(ret) = items_;                                              \
    } while (0)

err fragment_sort_namespaces(struct arena *a, const struct fragment *fragment,
                             const struct fragment_namespace *const **ret) {
    SORTED(a, struct fragment_namespace, &fragment->namespaces, compare_namespaces, ret);
    return ERR_OK;
}

err fragment_sort_commons(struct arena *a, const struct fragment_namespace *ns,
                          const struct fragment_common *const **ret) {
    SORTED(a, struct fragment_common, &ns->commons, compare_commons, ret);
    return ERR_OK;
}

err fragment_sort_entities(struct arena *a, const struct fragment_namespace *ns,
                           const struct fragment_entity *const **ret) {
    SORTED(a, struct fragment_entity, &ns->entities, compare_entities, ret);
    return ERR_OK;
}

err fragment_sort_actions(struct arena *a, const struct fragment_namespace *ns,
                          const struct fragment_action *const **ret) {
    SORTED(a, struct fragment_action, &ns->actions, compare_actions, ret);
    return ERR_OK;
}
