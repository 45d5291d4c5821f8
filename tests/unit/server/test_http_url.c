/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/url.h"

static void paths_are_decoded_once_or_refused(void **state) {
    static const struct {
        str raw;
        str path; /* absent: refused */
    } rows[] = {
        {STR_INIT("/"), STR_INIT("/")},
        {STR_INIT("/a/b"), STR_INIT("/a/b")},
        {STR_INIT("/a/"), STR_INIT("/a/")},
        {STR_INIT("/a:@!$&'()*+,=~-._"), STR_INIT("/a:@!$&'()*+,=~-._")},
        {STR_INIT("/%61%2562"), STR_INIT("/a%62")},
        {STR_INIT("/%C3%A9"), STR_INIT("/\xc3\xa9")},
        {STR_INIT("/a%20b%3bc%3F"), STR_INIT("/a b;c?")},
        {STR_INIT("/..."), STR_INIT("/...")},
        {STR_INIT("/.a/..b"), STR_INIT("/.a/..b")},
        {STR_INIT("/%252e%252e/"), STR_INIT("/%2e%2e/")},
        {STR_INIT(""), {0}},
        {STR_INIT("a"), {0}},
        {STR_INIT("//"), {0}},
        {STR_INIT("/a//b"), {0}},
        {STR_INIT("/."), {0}},
        {STR_INIT("/.."), {0}},
        {STR_INIT("/a/./b"), {0}},
        {STR_INIT("/a/.%2e"), {0}},
        {STR_INIT("/%2E"), {0}},
        {STR_INIT("/%2f"), {0}},
        {STR_INIT("/%5C"), {0}},
        {STR_INIT("/%00"), {0}},
        {STR_INIT("/%1f"), {0}},
        {STR_INIT("/%7F"), {0}},
        {STR_INIT("/%"), {0}},
        {STR_INIT("/%a"), {0}},
        {STR_INIT("/%g0"), {0}},
        {STR_INIT("/%ff"), {0}},
        {STR_INIT("/%ed%a0%80"), {0}},
        {STR_INIT("/a;b"), {0}},
        {STR_INIT("/a?b"), {0}},
        {STR_INIT("/a b"), {0}},
        {STR_INIT("/a\\b"), {0}},
        {STR_INIT("/a|b"), {0}},
        {STR_INIT("/\xc3\xa9"), {0}},
    };
    struct arena arena;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str path = {NULL, 0};
        err code = url_path_decode(&arena, rows[i].raw, &path);
        if (code != (str_is_absent(rows[i].path) ? ERR_SYNTAX : ERR_OK)) {
            fail_msg("%s gives %s", rows[i].raw.ptr, err_name(code));
        }
        assert_str_is(path, rows[i].path);
    }
    arena_done(&arena);
}

static void memory_is_only_needed_for_escapes(void **state) {
    struct arena arena;
    str path;
    IGNORE(state);
    arena_init(&arena, allocator_libc(), 1);
    assert_ok(url_path_decode(&arena, STR("/plain"), &path));
    assert_int_equal(url_path_decode(&arena, STR("/%61"), &path), ERR_LIMIT);
    arena_done(&arena);
}

static void queries_are_checked(void **state) {
    IGNORE(state);
    assert_true(url_query_is_valid((str){NULL, 0}));
    assert_true(url_query_is_valid(STR("a=b&c=%00/?:@;")));
    assert_false(url_query_is_valid(STR("a=%")));
    assert_false(url_query_is_valid(STR("a=%0")));
    assert_false(url_query_is_valid(STR("a=%0g")));
    assert_false(url_query_is_valid(STR("a=#")));
    assert_false(url_query_is_valid(STR("a=b c")));
    assert_false(url_query_is_valid(STR("a=\"b\"")));
    assert_false(url_query_is_valid(STR("a=\xc3\xa9")));
}

static void encoding_and_decoding_are_inverse(void **state) {
    struct arena arena;
    struct buf buf;
    str encoded;
    str decoded;
    str text = STR("a-z_0.9~ \t%+&=/?#\xc3\xa9\xf0\x9f\x8c\xb3");
    IGNORE(state);
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    buf_init_arena(&buf, &arena, 4096);
    url_encode(&buf, text);
    assert_ok(buf_finish(&buf, &encoded));
    assert_str_is(encoded, STR("a-z_0.9~%20%09%25%2B%26%3D%2F%3F%23%C3%A9%F0%9F%8C%B3"));
    assert_ok(url_decode(&arena, encoded, false, &decoded));
    assert_str_is(decoded, text);
    assert_ok(url_decode(&arena, STR("a+b%2B"), true, &decoded));
    assert_str_is(decoded, STR("a b+"));
    assert_ok(url_decode(&arena, STR("a+b"), false, &decoded));
    assert_str_is(decoded, STR("a+b"));
    assert_int_equal(url_decode(&arena, STR("a%00"), false, &decoded), ERR_SYNTAX);
    assert_int_equal(url_decode(&arena, STR("%80"), false, &decoded), ERR_SYNTAX);
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_decoded_once_or_refused),
        cmocka_unit_test(memory_is_only_needed_for_escapes),
        cmocka_unit_test(queries_are_checked),
        cmocka_unit_test(encoding_and_decoding_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
