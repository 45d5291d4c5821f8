/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: formatting what was parsed and parsing it again gives the same set; every known
 * scope in the set stands as a whole word in the text; no other word of the text is in the set.
 */
#include "fuzz.h"

#include "auth/flow/scope.h"

static bool has_word(str text, str word) {
    str rest = text;
    while (rest.len > 0) {
        str head;
        IGNORE(str_cut(rest, ' ', &head, &rest)); /* without a space the rest is the last word */
        if (str_equal(head, word)) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str text = fuzz_input(data, size);
    scope_set set = 0;
    scope_set again = 0;
    bool has_unknown = false;
    struct arena arena;
    struct buf out;
    str formatted;
    if (scope_parse(text, &set, &has_unknown) != ERR_OK) {
        return 0;
    }
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        FUZZ_CHECK(scope_has(set, scope_at(i)) == has_word(text, scope_text(i)));
    }
    arena_init(&arena, allocator_libc(), 1 << 16);
    buf_init_arena(&out, &arena, SCOPE_TEXT_MAX);
    scope_format(&out, set);
    FUZZ_CHECK(buf_finish(&out, &formatted) == ERR_OK);
    FUZZ_CHECK(scope_parse(formatted, &again, &has_unknown) == ERR_OK);
    FUZZ_CHECK(again == set && !has_unknown);
    arena_done(&arena);
    return 0;
}
