/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/scope.h"

#include "base/assert.h"

struct scope_row {
    enum scope scope;
    str text;
    str meaning;
};

static const struct scope_row scope_rows[] = {
#define X(name, bit, text, meaning) {name, STR_INIT(text), STR_INIT(meaning)},
    SCOPE_TABLE(X)
#undef X
};
_Static_assert(ARRAY_LEN(scope_rows) == SCOPE_COUNT, "SCOPE_COUNT counts the table");

enum scope scope_at(size_t i) {
    ASSERT(i < SCOPE_COUNT);
    return scope_rows[i].scope;
}

str scope_text(size_t i) {
    ASSERT(i < SCOPE_COUNT);
    return scope_rows[i].text;
}

str scope_meaning(size_t i) {
    ASSERT(i < SCOPE_COUNT);
    return scope_rows[i].meaning;
}

/* RFC 6749 §3.3: %x21 / %x23-5B / %x5D-7E */
static bool byte_is_scope(char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static scope_set scope_lookup(str token) {
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (str_equal(scope_rows[i].text, token)) {
            return (scope_set)scope_rows[i].scope;
        }
    }
    return 0;
}

err scope_parse(str text, scope_set *ret, bool *ret_has_unknown) {
    scope_set set = 0;
    bool has_unknown = false;
    if (text.len > SCOPE_TEXT_MAX) {
        return ERR_LIMIT;
    }
    size_t start = 0;
    while (start < text.len) {
        size_t end = start;
        while (end < text.len && byte_is_scope(text.ptr[end])) {
            end++;
        }
        /* A token is never empty, and a space has a token behind it. */
        if (end == start || (end < text.len && (text.ptr[end] != ' ' || end + 1 == text.len))) {
            return ERR_SYNTAX;
        }
        scope_set one = scope_lookup(str_slice(text, start, end));
        has_unknown = has_unknown || one == 0;
        set |= one;
        start = end + 1;
    }
    *ret = set;
    if (ret_has_unknown != NULL) {
        *ret_has_unknown = has_unknown;
    }
    return ERR_OK;
}

void scope_format(struct buf *out, scope_set set) {
    bool is_first = true;
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scope_has(set, scope_rows[i].scope)) {
            if (!is_first) {
                buf_add_byte(out, ' ');
            }
            buf_add(out, scope_rows[i].text);
            is_first = false;
        }
    }
}
