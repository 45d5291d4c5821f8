/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/scope.h"

#include "tests/unit/auth/flow/fixture.h"

static str formatted(struct arena *a, scope_set set) {
    struct buf out;
    str text;
    buf_init_arena(&out, a, SCOPE_TEXT_MAX);
    scope_format(&out, set);
    OK(buf_finish(&out, &text));
    return text;
}

static void known_scopes_come_back_in_the_order_of_the_table(void **state) {
    (void)state;
    struct arena a;
    scope_set set = 0;
    arena_init(&a, allocator_libc(), 4096);
    OK(scope_parse(STR("email openid"), &set, NULL));
    assert_true(scope_has(set, SCOPE_OPENID) && scope_has(set, SCOPE_EMAIL));
    assert_false(scope_has(set, SCOPE_PROFILE));
    assert_str(formatted(&a, set), STR("openid email"));
    assert_str(formatted(&a, 0), STR(""));
    arena_done(&a);
}

static void unknown_scopes_are_left_out_and_told(void **state) {
    (void)state;
    scope_set set = 0;
    bool has_unknown = false;
    OK(scope_parse(STR("openid urn:x:y read:all"), &set, &has_unknown));
    assert_int_equal(set, SCOPE_OPENID);
    assert_true(has_unknown);
    OK(scope_parse(STR("openid openid"), &set, &has_unknown));
    assert_int_equal(set, SCOPE_OPENID);
    assert_false(has_unknown);
}

static void absent_and_empty_are_the_empty_set(void **state) {
    (void)state;
    scope_set set = 99;
    OK(scope_parse((str){NULL, 0}, &set, NULL));
    assert_int_equal(set, 0);
    OK(scope_parse(STR(""), &set, NULL));
    assert_int_equal(set, 0);
}

static void text_outside_rfc_6749_is_a_syntax_error(void **state) {
    (void)state;
    static const str bad[] = {
        STR_INIT(" openid"),    STR_INIT("openid "),      STR_INIT("openid  email"),
        STR_INIT("open\"id"),   STR_INIT("open\\id"),     STR_INIT("openid\temail"),
        STR_INIT("openid\x7f"), STR_INIT("open\xc3\xa9"), STR_INIT("openid\0"),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        scope_set set = 0;
        assert_int_equal(scope_parse(bad[i], &set, NULL), ERR_SYNTAX);
    }
    char longest[SCOPE_TEXT_MAX + 1];
    scope_set set = 0;
    memset(longest, 'a', sizeof longest);
    OK(scope_parse(str_make(longest, SCOPE_TEXT_MAX), &set, NULL));
    assert_int_equal(scope_parse(str_make(longest, SCOPE_TEXT_MAX + 1), &set, NULL), ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_scopes_come_back_in_the_order_of_the_table),
        cmocka_unit_test(unknown_scopes_are_left_out_and_told),
        cmocka_unit_test(absent_and_empty_are_the_empty_set),
        cmocka_unit_test(text_outside_rfc_6749_is_a_syntax_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
