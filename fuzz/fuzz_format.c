/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formatter, at widths and indentations that the first two bytes choose. What parses can be
 * formatted; the result says the same (format_policies checks that itself and would fail), has as
 * many comments as before, and formatting it again changes nothing.
 */
#include "fuzz.h"

#include "cedar/text/format.h"
#include "cedar/text/lex.h"

enum { ARENA_MAX = 256 << 20, DEPTH_MAX = 100 };

static const struct parse_limits limits = {.max_bytes = 8 << 20, .max_depth = DEPTH_MAX};

static size_t count_comments(str text) {
    struct lexer lexer = {.text = text};
    struct token token;
    size_t count = 0;
    size_t end = 0;
    do {
        lex_next(&lexer, &token);
        str gap = str_slice(text, end, token.span.start);
        for (size_t at = str_find(gap, STR("//")); at != SIZE_MAX; at = str_find(gap, STR("//"))) {
            count++;
            while (at < gap.len && gap.ptr[at] != '\n' && gap.ptr[at] != '\r') {
                at++;
            }
            gap = str_slice(gap, at, gap.len);
        }
        end = token.span.end;
    } while (token.kind != TOKEN_END);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    struct format_options options = {.line_width = data[0], .indent_width = data[1] % 9};
    str text = fuzz_input(data + 2, size - 2);
    struct arena arena;
    const struct ast_policy_set *set;
    str once;
    str twice;
    arena_init(&arena, allocator_libc(), ARENA_MAX);
    err error = format_policies(&arena, text, &options, &limits, &once, NULL);
    FUZZ_CHECK(error == ERR_OK || error == ERR_SYNTAX || error == ERR_LIMIT);
    if (error == ERR_OK) {
        FUZZ_CHECK(count_comments(text) == count_comments(once));
        FUZZ_CHECK(format_policies(&arena, once, &options, &limits, &twice, NULL) == ERR_OK);
        FUZZ_CHECK(str_equal(once, twice));
    } else if (error == ERR_SYNTAX) {
        FUZZ_CHECK(parse_policy_set(&arena, text, &limits, &set, NULL) == ERR_SYNTAX);
    }
    arena_done(&arena);
    return 0;
}
