/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/read_text_int.h"
#include "cedar/value/sort.h"

/* A declared name and where it stands. */
struct declared {
    str name;
    struct ast_span span;
};

static int compare_declared(const void *a, const void *b) {
    const struct declared *left = a;
    const struct declared *right = b;
    int order = str_compare(left->name, right->name);
    if (order != 0) {
        return order;
    }
    return left->span.start < right->span.start ? -1 : left->span.start > right->span.start;
}

/* Each further declaration of a name; `format` has one %.*s for it. */
static bool report_repeated(struct text_reader *r, struct declared *names, size_t count,
                            bool is_namespace) {
    bool is_good = true;
    sort_items(names, count, sizeof *names, compare_declared);
    for (size_t i = 1; i < count; i++) {
        if (!str_equal(names[i - 1].name, names[i].name)) {
            continue;
        }
        struct diag *diag =
            is_namespace
                ? diag_add(r->diags, DIAG_ERROR, names[i].span,
                           TEXT_PREFIX "duplicate namespace id: `%.*s`", STR_FMT(names[i].name))
                : diag_add(r->diags, DIAG_ERROR, names[i].span,
                           TEXT_PREFIX "`%.*s` is declared twice", STR_FMT(names[i].name));
        diag_other(diag, names[i - 1].span, STR(""));
        text_help(r, r->diags, diag, NULL);
        is_good = false;
    }
    return is_good;
}

#define CHECK_LIST(r, list, member, is_good)                                               \
    do {                                                                                   \
        struct declared *names_ = ARENA_ARRAY((r)->arena, struct declared, (list)->count); \
        if (names_ == NULL) {                                                              \
            return arena_error((r)->arena);                                                \
        }                                                                                  \
        for (size_t i_ = 0; i_ < (list)->count; i_++) {                                    \
            names_[i_].name = (list)->items[i_].member;                                    \
            names_[i_].span = (list)->items[i_].place.name;                                \
        }                                                                                  \
        (is_good) = report_repeated((r), names_, (list)->count, false) && (is_good);       \
    } while (0)

static err check_namespace(struct text_reader *r, const struct fragment_namespace *ns) {
    bool is_good = true;
    if (text_is_reserved(ns->name)) {
        struct diag *diag = diag_add(r->diags, DIAG_ERROR, ns->place.name,
                                     TEXT_PREFIX "use of the reserved `__cedar` namespace");
        text_help(r, r->diags, diag, TEXT_RESERVED_HELP);
        is_good = false;
    }
    CHECK_LIST(r, &ns->entities, name, is_good);
    CHECK_LIST(r, &ns->actions, id, is_good);
    CHECK_LIST(r, &ns->commons, name, is_good);
    return is_good ? ERR_OK : ERR_SYNTAX;
}

err text_check_names(struct text_reader *r, const struct fragment *fragment) {
    size_t count = fragment->namespaces.count;
    struct declared *names = ARENA_ARRAY(r->arena, struct declared, count);
    if (names == NULL) {
        return arena_error(r->arena);
    }
    err result = ERR_OK;
    for (size_t i = 0; i < count; i++) {
        const struct fragment_namespace *ns = &fragment->namespaces.items[i];
        names[i] = (struct declared){ns->name, ns->place.name};
        err checked = check_namespace(r, ns);
        if (checked != ERR_OK && checked != ERR_SYNTAX) {
            return checked;
        }
        result = checked == ERR_OK ? result : checked;
    }
    return report_repeated(r, names, count, true) ? result : ERR_SYNTAX;
}
