/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include "vectors.h"

#include "crypto/id.h"

static void tokens_are_43_url_safe_characters_and_differ(void **state) {
    str tokens[64];
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        assert_int_equal(random_token(*state, &tokens[i]), ERR_OK);
        assert_int_equal(tokens[i].len, RANDOM_TOKEN_LEN);
        for (size_t k = 0; k < tokens[i].len; k++) {
            char c = tokens[i].ptr[k];
            assert_true(byte_is_alnum(c) || c == '-' || c == '_');
        }
        for (size_t k = 0; k < i; k++) {
            assert_false(str_equal(tokens[i], tokens[k]));
        }
    }
}

/* Every bit of a block must be seen both ways; 2^-128 * 2048 that this fails by chance. */
static void every_bit_is_random(void **state) {
    (void)state;
    uint8_t ones[256] = {0}, zeros[256] = {0};
    for (int i = 0; i < 128; i++) {
        uint8_t block[256];
        random_bytes(block, sizeof block);
        for (size_t k = 0; k < sizeof block; k++) {
            ones[k] |= block[k];
            zeros[k] |= (uint8_t)~block[k];
        }
    }
    for (size_t k = 0; k < sizeof ones; k++) {
        assert_int_equal(ones[k], 0xff);
        assert_int_equal(zeros[k], 0xff);
    }
    assert_true(random_u64() != random_u64());
}

static void nothing_is_written_behind_the_end(void **state) {
    (void)state;
    char block[8] = "1234567";
    random_bytes(block, 0);
    assert_string_equal(block, "1234567");
    random_bytes(block, 3);
    assert_string_equal(block + 3, "4567");
}

static void uuids_carry_time_version_and_variant(void **state) {
    (void)state;
    char text[ID_UUID_SIZE];
    id_uuid(UINT64_C(0x017f22e279b0), text); /* the example of RFC 9562 appendix A.6 */
    assert_int_equal(strlen(text), ID_UUID_LEN);
    assert_memory_equal(text, "017f22e2-79b0-7", 15);
    assert_true(strchr("89ab", text[19]) != NULL);
    assert_true(id_is_uuid(str_c(text)));
}

static void uuids_sort_by_time(void **state) {
    str before, after;
    for (uint64_t now_ms = 1; now_ms < (UINT64_C(1) << 47); now_ms *= 7) {
        assert_int_equal(id_uuid_new(*state, now_ms, &before), ERR_OK);
        assert_int_equal(id_uuid_new(*state, now_ms + 1, &after), ERR_OK);
        assert_true(str_compare(before, after) < 0);
    }
}

static void uuids_of_one_millisecond_differ(void **state) {
    str one, other;
    assert_int_equal(id_uuid_new(*state, 5, &one), ERR_OK);
    assert_int_equal(id_uuid_new(*state, 5, &other), ERR_OK);
    assert_false(str_equal(one, other));
}

static void hex_ids_are_32_digits(void **state) {
    str one, other;
    assert_int_equal(id_hex_new(*state, &one), ERR_OK);
    assert_int_equal(id_hex_new(*state, &other), ERR_OK);
    assert_int_equal(one.len, ID_HEX_LEN);
    assert_false(str_equal(one, other));
}

static void only_canonical_uuids_are_recognised(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_uuid;
    } cases[] = {
        {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f", true},
        {"00000000-0000-0000-0000-000000000000", true},
        {"017F22E2-79b0-7cc3-98c4-dc0c0c07398f", false},
        {"017f22e2-79b0-7cc3-98c4-dc0c0c07398", false},
        {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", false},
        {"017f22e2079b0-7cc3-98c4-dc0c0c07398f", false},
        {"017f22e2-79b0-7cc3-98c4-dc0c0c07398g", false},
        {"{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", false},
        {"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(id_is_uuid(str_c(cases[i].text)), cases[i].is_uuid);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(tokens_are_43_url_safe_characters_and_differ),
        ARENA_TEST(every_bit_is_random),
        ARENA_TEST(nothing_is_written_behind_the_end),
        ARENA_TEST(uuids_carry_time_version_and_variant),
        ARENA_TEST(uuids_sort_by_time),
        ARENA_TEST(uuids_of_one_millisecond_differ),
        ARENA_TEST(hex_ids_are_32_digits),
        ARENA_TEST(only_canonical_uuids_are_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
