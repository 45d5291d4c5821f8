/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/fragment.h"

#include "cedar/value/sort.h"

static int compare_attrs(const void *a, const void *b) {
    const struct fragment_attr *left = a;
    const struct fragment_attr *right = b;
    int order = str_compare(left->name, right->name);
    if (order != 0) {
        return order;
    }
    return left->span.start < right->span.start ? -1 : left->span.start > right->span.start;
}

size_t fragment_sort_attrs(struct fragment_attr *attrs, size_t count, struct diag_list *diags) {
    sort_items(attrs, count, sizeof *attrs, compare_attrs);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && str_equal(attrs[kept - 1].name, attrs[i].name)) {
            struct diag *diag = diag_add(diags, DIAG_WARNING, attrs[kept - 1].span,
                                         "attribute `%.*s` is declared twice in one record",
                                         STR_FMT(attrs[i].name));
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

bool fragment_sort_annotations(struct schema_annotation *items, size_t count, str *ret_name) {
    sort_items(items, count, sizeof *items, compare_annotations);
    for (size_t i = 1; i < count; i++) {
        if (str_equal(items[i - 1].name, items[i].name)) {
            *ret_name = items[i].name;
            return false;
        }
    }
    return true;
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
