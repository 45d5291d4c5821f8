/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: an accepted path is unambiguous (it begins with '/', has no empty, "." or ".."
 * segment, no control byte, no backslash, and is UTF-8); encoded again segment by segment it is
 * accepted as the same path. Encoding and decoding any clean text is the identity.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "server/http/url.h"

enum { MEMORY_MAX = 1 << 20 };

static void check_segments(str path) {
    str rest = str_slice(path, 1, path.len);
    bool has_more = true;
    while (has_more) {
        str segment;
        has_more = str_cut(rest, '/', &segment, &rest);
        FUZZ_CHECK(segment.len > 0 || !has_more);
        FUZZ_CHECK(!str_equal(segment, STR(".")) && !str_equal(segment, STR("..")));
    }
}

static void check_path(struct arena *a, str path) {
    struct buf out;
    str again;
    FUZZ_CHECK(path.len > 0 && path.ptr[0] == '/' && utf8_is_valid(path, NULL));
    buf_init_arena(&out, a, path.len * 3);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        FUZZ_CHECK(c >= 0x20 && c != 0x7f && c != '\\');
        if (c == '/') {
            buf_add_byte(&out, '/');
        } else {
            url_encode(&out, str_slice(path, i, i + 1));
        }
    }
    check_segments(path);
    FUZZ_CHECK(url_path_decode(a, buf_str(&out), &again) == ERR_OK);
    FUZZ_CHECK(str_equal(again, path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str input = fuzz_input(data, size);
    struct arena arena;
    struct buf out;
    str result;
    if (size > 8192) {
        return 0;
    }
    arena_init(&arena, allocator_libc(), MEMORY_MAX);
    if (url_path_decode(&arena, input, &result) == ERR_OK) {
        check_path(&arena, result);
    }
    buf_init_arena(&out, &arena, size * 3 + 1);
    url_encode(&out, input);
    FUZZ_CHECK(url_query_is_valid(buf_str(&out)));
    bool is_clean = utf8_is_valid(input, NULL) && str_find_byte(input, '\0') == SIZE_MAX;
    err code = url_decode(&arena, buf_str(&out), true, &result);
    FUZZ_CHECK(code == (is_clean ? ERR_OK : ERR_SYNTAX));
    FUZZ_CHECK(!is_clean || str_equal(result, input));
    if (url_authority_is_valid(input)) {
        FUZZ_CHECK(str_find_byte(input, '@') == SIZE_MAX && str_find_byte(input, '/') == SIZE_MAX);
    }
    arena_done(&arena);
    return 0;
}
