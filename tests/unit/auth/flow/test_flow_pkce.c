/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/pkce.h"

#include "tests/unit/auth/flow/fixture.h"

static void the_vector_of_rfc_7636_appendix_b_verifies(void **state) {
    (void)state;
    assert_true(pkce_verify(STR(FIXTURE_CHALLENGE), STR(FIXTURE_VERIFIER)));
}

static void another_verifier_does_not(void **state) {
    (void)state;
    assert_false(
        pkce_verify(STR(FIXTURE_CHALLENGE), STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")));
}

static void the_challenge_itself_is_no_verifier(void **state) {
    (void)state; /* method `plain` */
    assert_false(pkce_verify(STR(FIXTURE_CHALLENGE), STR(FIXTURE_CHALLENGE)));
}

static void forms_outside_rfc_7636_are_refused(void **state) {
    (void)state;
    static const str verifiers[] = {
        {NULL, 0},
        STR_INIT(""),
        STR_INIT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX"), /* 42 */
        STR_INIT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX="),
        STR_INIT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEj\0X"),
    };
    for (size_t i = 0; i < ARRAY_LEN(verifiers); i++) {
        assert_false(pkce_verifier_is_valid(verifiers[i]));
        assert_false(pkce_verify(STR(FIXTURE_CHALLENGE), verifiers[i]));
    }
    char longest[PKCE_VERIFIER_MAX + 1];
    memset(longest, '~', sizeof longest);
    assert_true(pkce_verifier_is_valid(str_make(longest, PKCE_VERIFIER_MAX)));
    assert_false(pkce_verifier_is_valid(str_make(longest, PKCE_VERIFIER_MAX + 1)));
    assert_false(pkce_challenge_is_valid(STR("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c")));
    assert_false(pkce_challenge_is_valid(STR("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c.")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_of_rfc_7636_appendix_b_verifies),
        cmocka_unit_test(another_verifier_does_not),
        cmocka_unit_test(the_challenge_itself_is_no_verifier),
        cmocka_unit_test(forms_outside_rfc_7636_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
