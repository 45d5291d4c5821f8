/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/model/email.h"

#define L64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static int setup(void **state) {
    static struct arena arena;
    arena_init(&arena, allocator_libc(), 1 << 16);
    *state = &arena;
    return 0;
}

static int teardown(void **state) {
    arena_done(*state);
    return 0;
}

static void addresses_are_accepted_and_have_one_key(void **state) {
    static const struct {
        str text;
        str address;
        str key;
    } cases[] = {
        {STR_INIT("a@b.co"), STR_INIT("a@b.co"), STR_INIT("a@b.co")},
        {STR_INIT("Ann.Bee@Example.COM"), STR_INIT("Ann.Bee@example.com"),
         STR_INIT("ann.bee@example.com")},
        {STR_INIT("o'brien+tag=x@mail-1.example.co.uk"),
         STR_INIT("o'brien+tag=x@mail-1.example.co.uk"),
         STR_INIT("o'brien+tag=x@mail-1.example.co.uk")},
        {STR_INIT("!#$%&'*+-/=?^_~@1.2.x3"), STR_INIT("!#$%&'*+-/=?^_~@1.2.x3"),
         STR_INIT("!#$%&'*+-/=?^_~@1.2.x3")},
        {STR_INIT("u@xn--bcher-kva.example"), STR_INIT("u@xn--bcher-kva.example"),
         STR_INIT("u@xn--bcher-kva.example")},
        {STR_INIT(L64 "@" L63 ".com"), STR_INIT(L64 "@" L63 ".com"), STR_INIT(L64 "@" L63 ".com")},
        /* 254 bytes, the most there may be */
        {STR_INIT(L64 "@" L63 "." L63 "." L61), STR_INIT(L64 "@" L63 "." L63 "." L61),
         STR_INIT(L64 "@" L63 "." L63 "." L61)},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct email email;
        struct error detail = {0};
        if (email_parse(*state, cases[i].text, &email, &detail) != ERR_OK) {
            fail_msg("%.*s: %s", STR_FMT(cases[i].text), detail.text);
        }
        assert_true(str_equal(email.address, cases[i].address));
        assert_true(str_equal(email.key, cases[i].key));
    }
}

static void anything_else_is_refused_with_a_reason(void **state) {
    static const struct {
        str text;
        err code;
        const char *reason;
    } cases[] = {
        {STR_INIT(""), ERR_SYNTAX, "no @"},
        {STR_INIT("plain"), ERR_SYNTAX, "no @"},
        {STR_INIT("@example.com"), ERR_SYNTAX, "nothing before"},
        {STR_INIT("a@"), ERR_SYNTAX, "empty part"},
        {STR_INIT("a@localhost"), ERR_SYNTAX, "no dot"},
        {STR_INIT("a@b@c.com"), ERR_SYNTAX, "domain contains"},
        {STR_INIT("a b@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT(" a@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("a@c.com "), ERR_SYNTAX, "domain contains"},
        {STR_INIT("a@c.com\n"), ERR_SYNTAX, "domain contains"},
        {STR_INIT("a\0@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("a@c.com\0"), ERR_SYNTAX, "domain contains"},
        {STR_INIT("\"a\"@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("a(x)@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("<a@c.com>"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("a,b@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("\xc3\xa4@c.com"), ERR_SYNTAX, "before the @ contains"},
        {STR_INIT("a@\xc3\xa4.com"), ERR_SYNTAX, "domain contains"},
        {STR_INIT(".a@c.com"), ERR_SYNTAX, "dot before"},
        {STR_INIT("a.@c.com"), ERR_SYNTAX, "dot before"},
        {STR_INIT("a..b@c.com"), ERR_SYNTAX, "dot before"},
        {STR_INIT("a@.com"), ERR_SYNTAX, "empty part"},
        {STR_INIT("a@c..com"), ERR_SYNTAX, "empty part"},
        {STR_INIT("a@c.com."), ERR_SYNTAX, "empty part"},
        {STR_INIT("a@-c.com"), ERR_SYNTAX, "hyphen"},
        {STR_INIT("a@c-.com"), ERR_SYNTAX, "hyphen"},
        {STR_INIT("a@c_d.com"), ERR_SYNTAX, "domain contains"},
        {STR_INIT("a@127.0.0.1"), ERR_SYNTAX, "top-level"},
        {STR_INIT("a@[127.0.0.1]"), ERR_SYNTAX, "domain contains"},
        {STR_INIT("a" L64 "@c.com"), ERR_LIMIT, "64"},
        {STR_INIT("a@a" L63 ".com"), ERR_LIMIT, "63"},
        {STR_INIT(L64 "@" L63 "." L63 "." L61 "a"), ERR_LIMIT, "254"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct email email = {0};
        struct error detail = {0};
        err result = email_parse(*state, cases[i].text, &email, &detail);
        if (result != cases[i].code || strstr(detail.text, cases[i].reason) == NULL) {
            fail_msg("%.*s: %s %s", STR_FMT(cases[i].text), err_name(result), detail.text);
        }
        assert_null(email.address.ptr);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(addresses_are_accepted_and_have_one_key, setup, teardown),
        cmocka_unit_test_setup_teardown(anything_else_is_refused_with_a_reason, setup, teardown),
    };
    return cmocka_run_group_tests_name("auth/model/email", tests, NULL, NULL);
}
