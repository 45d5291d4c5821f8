/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: every pair that is read from a Cookie header could be set as a cookie, and reading
 * what Set-Cookie says gives the pair back; looking up its name finds it, unless another value
 * claims the name too; the input is used up in as many steps as it has separators, at most.
 */
#include "fuzz.h"

#include "server/http/cookie.h"

enum { MEMORY_MAX = 1 << 20 };

static void check_pair(struct arena *a, const struct http_request *req, str name, str value) {
    struct cookie cookie = {.name = name, .value = value};
    str text;
    str again_name;
    str again_value;
    str found;
    FUZZ_CHECK(cookie_format(a, &cookie, &text) == ERR_OK);
    FUZZ_CHECK(cookie_next(&text, &again_name, &again_value));
    FUZZ_CHECK(str_equal(again_name, name) && str_equal(again_value, value));
    err code = cookie_find(req, name, &found);
    FUZZ_CHECK(code == ERR_EXISTS || (code == ERR_OK && str_equal(found, value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct http_header header = {STR_INIT("cookie"), fuzz_input(data, size)};
    struct http_request req = {.headers = &header, .header_count = 1};
    struct arena arena;
    str rest = header.value;
    str name;
    str value;
    size_t pairs = 0;
    if (size > 8192) {
        return 0;
    }
    arena_init(&arena, allocator_libc(), MEMORY_MAX);
    while (cookie_next(&rest, &name, &value)) {
        FUZZ_CHECK(++pairs <= size);
        if (pairs <= 64) {
            struct arena_mark mark = arena_mark(&arena);
            check_pair(&arena, &req, name, value);
            arena_reset(&arena, mark);
        }
    }
    arena_done(&arena);
    return 0;
}
