/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/form.h"

struct fixture {
    struct arena arena;
    struct form form;
    struct error error;
};

static int start(void **state) {
    static struct fixture f;
    f = (struct fixture){0};
    arena_init(&f.arena, allocator_libc(), TEST_MEMORY_MAX);
    *state = &f;
    return 0;
}

static int stop(void **state) {
    struct fixture *f = *state;
    arena_done(&f->arena);
    return 0;
}

static void fields_are_decoded_in_order(void **state) {
    struct fixture *f = *state;
    str text = STR("grant_type=authorization_code&code=a%2Bb+c&empty=&bare&%C3%A9=1&&x=a=b");
    assert_ok(form_parse(&f->arena, text, &f->form, &f->error));
    assert_int_equal(f->form.count, 6);
    assert_str_is(form_get(&f->form, STR("code")), STR("a+b c"));
    assert_false(str_is_absent(form_get(&f->form, STR("empty"))));
    assert_false(str_is_absent(form_get(&f->form, STR("bare"))));
    assert_str_is(f->form.fields[4].name, STR("\xc3\xa9"));
    assert_str_is(form_get(&f->form, STR("x")), STR("a=b"));
    assert_true(str_is_absent(form_get(&f->form, STR("y"))));
    assert_true(str_is_absent(form_repeated(&f->form)));
}

static void nothing_is_an_empty_form(void **state) {
    struct fixture *f = *state;
    assert_ok(form_parse(&f->arena, (str){NULL, 0}, &f->form, &f->error));
    assert_int_equal(f->form.count, 0);
    assert_ok(form_parse(&f->arena, STR("&&"), &f->form, &f->error));
    assert_int_equal(f->form.count, 0);
}

static void repeated_names_are_found(void **state) {
    struct fixture *f = *state;
    assert_ok(form_parse(&f->arena, STR("a=1&b=2&%61=3&b=4"), &f->form, &f->error));
    assert_str_is(form_repeated(&f->form), STR("a"));
    assert_int_equal(form_count(&f->form, STR("a")), 2);
    assert_int_equal(form_count(&f->form, STR("c")), 0);
    assert_str_is(form_get(&f->form, STR("a")), STR("1"));
}

static void malformed_text_is_refused(void **state) {
    static const char *const texts[] = {"a=%",   "a=%4",  "a=%zz",      "%00=a",
                                        "a=%00", "a=%ff", "a=\xc0\xaf", "\x80"};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(form_parse(&f->arena, str_c(texts[i]), &f->form, &f->error), ERR_SYNTAX);
    }
}

static void limits_hold(void **state) {
    struct fixture *f = *state;
    static char text[FORM_VALUE_MAX + 16];
    size_t len = 0;
    for (int i = 0; i < FORM_FIELDS_MAX; i++) {
        memcpy(text + len, "a&", 2);
        len += 2;
    }
    assert_ok(form_parse(&f->arena, str_make(text, len), &f->form, &f->error));
    text[len++] = 'a';
    assert_int_equal(form_parse(&f->arena, str_make(text, len), &f->form, &f->error), ERR_LIMIT);
    memset(text, 'a', sizeof text);
    assert_int_equal(form_parse(&f->arena, str_make(text, FORM_NAME_MAX + 1), &f->form, &f->error),
                     ERR_LIMIT);
    text[1] = '=';
    assert_ok(form_parse(&f->arena, str_make(text, FORM_VALUE_MAX + 2), &f->form, &f->error));
    assert_int_equal(form_parse(&f->arena, str_make(text, FORM_VALUE_MAX + 3), &f->form, &f->error),
                     ERR_LIMIT);
}

static void the_content_type_of_a_body_is_checked(void **state) {
    static const struct {
        const char *type;
        int status;
    } rows[] = {
        {"application/x-www-form-urlencoded", 0},
        {"Application/X-WWW-Form-Urlencoded; charset=UTF-8", 0},
        {"application/json", 415},
        {"application/x-www-form-urlencoded2", 415},
        {"application/x-www-form-urlencoded; charset=utf-16", 415},
        {"", 415},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_header header = {STR_INIT("content-type"), str_c(rows[i].type)};
        struct http_request req = test_request(&f->arena, &header);
        struct http_response resp = {0};
        req.body = STR("a=b");
        assert_int_equal(form_body_or_problem(&req, &resp, &f->form), rows[i].status == 0);
        assert_int_equal(resp.status, rows[i].status);
    }
    struct http_header header = {STR_INIT("content-type"), str_c(rows[0].type)};
    struct http_request req = test_request(&f->arena, &header);
    struct http_response resp = {0};
    req.body = STR("a=%");
    assert_false(form_body_or_problem(&req, &resp, &f->form));
    assert_int_equal(resp.status, 400);
    req.query = STR("a=1&a=2");
    assert_true(form_query_or_problem(&req, &resp, &f->form));
    assert_int_equal(f->form.count, 2);
}

static void pairs_are_encoded(void **state) {
    struct fixture *f = *state;
    struct buf out;
    buf_init_arena(&out, &f->arena, 256);
    form_add(&out, '?', STR("code"), STR("a b&c"));
    form_add(&out, '&', STR("state"), STR("="));
    form_add(&out, 0, STR("x"), STR(""));
    assert_str_is(buf_str(&out), STR("?code=a%20b%26c&state=%3Dx="));
}

#define FORM_TEST(fn) cmocka_unit_test_setup_teardown(fn, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        FORM_TEST(fields_are_decoded_in_order),
        FORM_TEST(nothing_is_an_empty_form),
        FORM_TEST(repeated_names_are_found),
        FORM_TEST(malformed_text_is_refused),
        FORM_TEST(limits_hold),
        FORM_TEST(the_content_type_of_a_body_is_checked),
        FORM_TEST(pairs_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
