/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

static void every_code_has_name_and_text(void **state) {
    IGNORE(state);
    assert_string_equal(err_name(ERR_OK), "ok");
    assert_string_equal(err_name(ERR_INTERNAL), "internal");
    for (int code = 0; code <= ERR_INTERNAL; code++) {
        assert_true(strlen(err_name((err)code)) > 0);
        assert_true(strlen(err_text((err)code)) > 0);
        for (int other = 0; other < code; other++) {
            assert_string_not_equal(err_name((err)code), err_name((err)other));
        }
    }
    assert_string_equal(err_name((err)1000), "invalid");
}

static void detail_is_optional_and_cut_to_fit(void **state) {
    IGNORE(state);
    struct error error = {.line = 7};
    assert_err(error_set(NULL, ERR_IO, "nobody looks"), ERR_IO);
    error_prefix(NULL, "nobody looks");
    assert_err(error_set(&error, ERR_RANGE, "%s is %d", "x", 5), ERR_RANGE);
    assert_string_equal(error.text, "x is 5");
    assert_err(error.code, ERR_RANGE);
    assert_int_equal(error.line, 0);
    assert_err(error_set(&error, ERR_RANGE, "%400d", 5), ERR_RANGE);
    assert_int_equal(strlen(error.text), ERROR_TEXT_MAX - 1);
}

static void prefixes_come_first(void **state) {
    IGNORE(state);
    struct error error;
    assert_err(error_set(&error, ERR_SYNTAX, "expected a value"), ERR_SYNTAX);
    error_prefix(&error, "file %s", "a.json");
    error_prefix(&error, "config");
    assert_string_equal(error.text, "config: file a.json: expected a value");
    error_prefix(&error, "%300d", 1);
    assert_int_equal(strlen(error.text), ERROR_TEXT_MAX - 1);
}

static void an_error_may_quote_itself(void **state) {
    IGNORE(state);
    struct error error;
    assert_err(error_set(&error, ERR_SYNTAX, "inner"), ERR_SYNTAX);
    assert_err(error_set(&error, ERR_IO, "outer (%s)", error.text), ERR_IO);
    assert_string_equal(error.text, "outer (inner)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_name_and_text),
        cmocka_unit_test(detail_is_optional_and_cut_to_fit),
        cmocka_unit_test(prefixes_come_first),
        cmocka_unit_test(an_error_may_quote_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
