/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include "vectors.h"

/* Cheap, so that the tests are quick; the default is tried once. */
static const struct password_params cheap = {.memory_kib = 64, .passes = 1, .lanes = 1};

/* From the test suite of the reference implementation (argon2 20171227, version 19). */
static void published_hashes_verify(void **state) {
    (void)state;
    static const char *const hashes[] = {
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    };
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        assert_int_equal(password_verify(str_c(hashes[i]), STR("password")), ERR_OK);
        assert_int_equal(password_verify(str_c(hashes[i]), STR("Password")), ERR_DENIED);
    }
}

static void a_hash_verifies_only_its_password(void **state) {
    str phc, again;
    str password = STR("correct horse \xf0\x9f\x90\x8e battery");
    assert_int_equal(password_hash(*state, &password_params_default, password, &phc), ERR_OK);
    assert_true(str_has_prefix(phc, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_int_equal(password_verify(phc, password), ERR_OK);
    assert_int_equal(password_verify(phc, STR("correct horse")), ERR_DENIED);
    assert_int_equal(password_verify(phc, STR("")), ERR_DENIED);
    assert_int_equal(password_hash(*state, &cheap, password, &phc), ERR_OK);
    assert_int_equal(password_hash(*state, &cheap, password, &again), ERR_OK);
    assert_false(str_equal(phc, again)); /* another salt */
}

static void an_empty_password_is_a_password_like_others(void **state) {
    str phc;
    assert_int_equal(password_hash(*state, &cheap, STR(""), &phc), ERR_OK);
    assert_int_equal(password_verify(phc, STR("")), ERR_OK);
    assert_int_equal(password_verify(phc, STR("x")), ERR_DENIED);
    /* What password_check refuses is hashed as "" for its duration; it must not match either. */
    assert_int_equal(password_verify(phc, str_make("\xff", 1)), ERR_DENIED);
}

static void length_and_encoding_are_checked(void **state) {
    struct arena *a = *state;
    char text[600];
    memset(text, 'a', sizeof text);
    char wide[4 * (PASSWORD_MAX_CHARS + 1)];
    for (size_t i = 0; i < sizeof wide; i += 4) {
        memcpy(wide + i, "\xf0\x9f\x90\x8e", 4);
    }
    const struct {
        str password;
        err expected;
    } cases[] = {
        {STR(""), ERR_OK},
        {str_make(text, PASSWORD_MAX_CHARS), ERR_OK},
        {str_make(text, PASSWORD_MAX_CHARS + 1), ERR_LIMIT},
        {str_make(text, sizeof text), ERR_LIMIT},
        {str_make(wide, sizeof wide - 4), ERR_OK},
        {str_make(wide, sizeof wide), ERR_LIMIT},
        {str_make("a\0b", 3), ERR_SYNTAX},
        {str_make("\xc0\x80", 2), ERR_SYNTAX},
        {str_make("\xed\xa0\x80", 3), ERR_SYNTAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(password_check(cases[i].password), cases[i].expected);
        str phc;
        assert_int_equal(password_hash(a, &cheap, cases[i].password, &phc), cases[i].expected);
    }
}

#define SALT "c29tZXNhbHQ"
#define HASH "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

/* A stored value may come from a damaged or hostile database: never expensive, never a crash. */
static void hostile_stored_values_are_refused(void **state) {
    (void)state;
    static const char *const values[] = {
        "",
        "password",
        "$argon2id$v=19$m=256,t=2,p=1$" SALT,
        "$argon2id$v=19$m=256,t=2,p=1$" SALT "$",
        "$argon2id$v=19$m=256,t=2,p=1$" SALT "$" HASH "$",
        "$argon2id$v=19$m=256,t=2,p=1$" SALT "$" HASH "=",
        "$argon2id$v=19$m=256,t=2,p=1$" SALT "$" HASH " ",
        "$argon2id$v=19$m=256,t=2,p=1$" SALT "$nf65EOg",
        "$argon2id$v=19$m=256,t=2,p=1$c29t$" HASH,
        "$argon2i$v=19$m=256,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=16$m=256,t=2,p=1$" SALT "$" HASH,
        "$argon2id$m=256,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$t=2,m=256,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=256,t=2,p=1,x=1$" SALT "$" HASH,
        "$argon2id$v=19$m=0256,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=-1,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=0,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=4294967295,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=4294967552,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=262145,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=256,t=4294967295,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=256,t=17,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=256,t=0,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=256,t=2,p=5$" SALT "$" HASH,
        "$argon2id$v=19$m=256,t=2,p=0$" SALT "$" HASH,
        "$2b$12$abcdefghijklmnopqrstuuJ5mQ3mQ3mQ3mQ3mQ3mQ3mQ3mQ3mQ3mQ",
    };
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        assert_int_equal(password_verify(str_c(values[i]), STR("password")), ERR_CORRUPT);
        assert_true(password_needs_rehash(str_c(values[i]), &cheap));
    }
    static char long_value[4096] = "$argon2id$v=19$m=256,t=2,p=1$";
    memset(long_value + 29, 'A', sizeof long_value - 29);
    assert_int_equal(password_verify(str_make(long_value, sizeof long_value), STR("password")),
                     ERR_CORRUPT);
    assert_int_equal(password_verify((str){0}, STR("password")), ERR_CORRUPT);
}

static void other_parameters_ask_for_a_new_hash(void **state) {
    str phc;
    assert_int_equal(password_hash(*state, &cheap, STR("x"), &phc), ERR_OK);
    assert_false(password_needs_rehash(phc, &cheap));
    assert_true(password_needs_rehash(phc, &password_params_default));
    struct password_params other = cheap;
    other.passes++;
    assert_true(password_needs_rehash(phc, &other));
}

static void parameters_outside_the_limits_are_refused(void **state) {
    static const struct password_params bad[] = {
        {0},        {63, 1, 1}, {PASSWORD_MEMORY_MAX_KIB + 1, 1, 1},  {64, 0, 1}, {64, 17, 1},
        {64, 1, 0}, {64, 1, 5}, {UINT32_MAX, UINT32_MAX, UINT32_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        str phc;
        assert_int_equal(password_params_check(&bad[i]), ERR_RANGE);
        assert_int_equal(password_hash(*state, &bad[i], STR("x"), &phc), ERR_RANGE);
    }
    assert_int_equal(password_params_check(&password_params_default), ERR_OK);
}

/* Threat class 27: the dummy takes any input that a login form can send. */
static void the_dummy_takes_any_password(void **state) {
    (void)state;
    static const char long_text[4096];
    password_verify_dummy(&cheap, STR("password"));
    password_verify_dummy(&cheap, (str){0});
    password_verify_dummy(&cheap, str_make(long_text, sizeof long_text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(published_hashes_verify),
        ARENA_TEST(a_hash_verifies_only_its_password),
        ARENA_TEST(an_empty_password_is_a_password_like_others),
        ARENA_TEST(length_and_encoding_are_checked),
        ARENA_TEST(hostile_stored_values_are_refused),
        ARENA_TEST(other_parameters_ask_for_a_new_hash),
        ARENA_TEST(parameters_outside_the_limits_are_refused),
        ARENA_TEST(the_dummy_takes_any_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
