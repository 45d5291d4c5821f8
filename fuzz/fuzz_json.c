/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: what the reader accepts, the writer can write, plain and pretty; reading that again
 * gives an equal tree. A refusal names a place inside the text. Caps are never exceeded.
 */
#include "fuzz.h"

#include "base/json.h"

enum { ARENA_MAX = 4 << 20, DEPTH_MAX = 32, VALUES_MAX = 5000 };

static const struct json_limits limits = {
    .max_bytes = 1 << 16, .max_depth = DEPTH_MAX, .max_values = VALUES_MAX};

static void check_equal(const struct json *a, const struct json *b) {
    FUZZ_CHECK(a->kind == b->kind && a->count == b->count);
    switch (a->kind) {
    case JSON_NULL:
        return;
    case JSON_BOOL:
        FUZZ_CHECK(a->boolean == b->boolean);
        return;
    case JSON_INT:
        FUZZ_CHECK(a->integer == b->integer);
        return;
    case JSON_NUMBER:
    case JSON_STRING:
        FUZZ_CHECK(str_equal(a->text, b->text));
        return;
    case JSON_ARRAY:
        for (uint32_t i = 0; i < a->count; i++) {
            check_equal(&a->items[i], &b->items[i]);
        }
        return;
    case JSON_OBJECT:
        for (uint32_t i = 0; i < a->count; i++) {
            FUZZ_CHECK(str_equal(a->members[i].name, b->members[i].name));
            FUZZ_CHECK(json_get(a, a->members[i].name) == &a->members[i].value);
            check_equal(&a->members[i].value, &b->members[i].value);
        }
        return;
    }
    UNREACHABLE();
}

static void check_round_trip(struct arena *a, const struct json *tree, bool is_pretty) {
    struct buf buf;
    struct json_writer w;
    buf_init_arena(&buf, a, ARENA_MAX);
    json_writer_init(&w, &buf);
    w.is_pretty = is_pretty;
    json_tree(&w, tree);
    str text;
    const struct json *again;
    struct json_limits wide = limits;
    wide.max_bytes = ARENA_MAX; /* indentation and escapes make the text longer */
    FUZZ_CHECK(buf_finish(&buf, &text) == ERR_OK);
    FUZZ_CHECK(json_parse(a, text, &wide, &again, NULL) == ERR_OK);
    check_equal(tree, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena small;
    struct arena large;
    arena_init(&small, allocator_libc(), ARENA_MAX);
    arena_init(&large, allocator_libc(), 4 * ARENA_MAX);
    str text = fuzz_input(data, size);
    const struct json *tree;
    struct error error;
    err code = json_parse(&small, text, &limits, &tree, &error);
    FUZZ_CHECK(arena_total(&small) <= ARENA_MAX);
    if (code == ERR_OK) {
        check_round_trip(&large, tree, false);
        check_round_trip(&large, tree, true);
    } else {
        FUZZ_CHECK(code == ERR_SYNTAX || code == ERR_LIMIT);
        FUZZ_CHECK(error.code == code && error.offset <= size && error.text[0] != '\0');
        FUZZ_CHECK(code == ERR_LIMIT || (error.line > 0 && error.column > 0));
    }
    arena_done(&small);
    arena_done(&large);
    return 0;
}
