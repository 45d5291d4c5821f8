/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/names.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"

err names_check(struct names names, const char *what, size_t max_count, size_t max_item,
                struct error *reterr) {
    if (names.count > max_count) {
        return error_set(reterr, ERR_LIMIT, "more than %zu items in the list of %ss", max_count,
                         what);
    }
    for (size_t i = 0; i < names.count; i++) {
        TRY(text_check(names.items[i], what, 1, max_item, reterr));
        for (size_t j = 0; j < i; j++) {
            if (str_equal(names.items[i], names.items[j])) {
                return error_set(reterr, ERR_EXISTS, "a %s is listed twice", what);
            }
        }
    }
    return ERR_OK;
}

bool names_has(struct names names, str name) {
    for (size_t i = 0; i < names.count; i++) {
        if (str_equal(names.items[i], name)) {
            return true;
        }
    }
    return false;
}

err names_join(struct arena *a, struct names names, str *ret) {
    size_t size = 0;
    for (size_t i = 0; i < names.count; i++) {
        size += names.items[i].len + 1;
    }
    struct buf text;
    if (size == 0) {
        *ret = STR("");
        return ERR_OK;
    }
    buf_init_arena(&text, a, size);
    IGNORE(buf_reserve(&text, size)); /* at once; a failure is sticky and comes out at the end */
    for (size_t i = 0; i < names.count; i++) {
        if (i > 0) {
            buf_add_byte(&text, '\n');
        }
        buf_add(&text, names.items[i]);
    }
    return buf_finish(&text, ret);
}

err names_split(struct arena *a, str text, struct names *ret) {
    if (text.len == 0) {
        *ret = (struct names){0};
        return ERR_OK;
    }
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '\n';
    }
    str *items = ARENA_ARRAY(a, str, count);
    if (items == NULL) {
        return arena_error(a);
    }
    str rest = text;
    for (size_t i = 0; i < count; i++) {
        str item;
        IGNORE(str_cut(rest, '\n', &item, &rest)); /* false for the last one only */
        items[i] = item;
    }
    *ret = (struct names){items, count};
    return ERR_OK;
}
