/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include "vectors.h"

static const enum sign_alg algs[] = {SIGN_ES256, SIGN_EDDSA};

static struct sign_key *generate(enum sign_alg alg) {
    struct sign_key *key = NULL;
    assert_int_equal(sign_key_generate(alg, &key), ERR_OK);
    return key;
}

static str bytes_str(const uint8_t *bytes, size_t len) {
    return str_make((const char *)bytes, len);
}

static struct sign_key *public_of(const struct sign_key *key) {
    const struct sign_public *public = sign_key_public(key);
    struct sign_key *copy = NULL;
    str y = public->alg == SIGN_EDDSA ? (str){0} : bytes_str(public->y, sizeof public->y);
    assert_int_equal(
        sign_key_from_public(public->alg, bytes_str(public->x, sizeof public->x), y, &copy),
        ERR_OK);
    return copy;
}

/* RFC 6979 A.2.5 and RFC 8032 §7.1 test 2. */
static void published_signatures_verify(void **state) {
    struct arena *a = *state;
    static const struct {
        enum sign_alg alg;
        const char *x, *y, *message, *signature;
    } cases[] = {
        {SIGN_ES256, "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
         "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", "73616d706c65",
         "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
         "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
        {SIGN_EDDSA, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", NULL, "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = NULL;
        str y = cases[i].y == NULL ? (str){0} : from_hex(a, cases[i].y);
        assert_int_equal(sign_key_from_public(cases[i].alg, from_hex(a, cases[i].x), y, &key),
                         ERR_OK);
        str message = from_hex(a, cases[i].message);
        str signature = from_hex(a, cases[i].signature);
        assert_int_equal(sign_verify(key, message, signature), ERR_OK);
        assert_int_equal(sign_verify(key, STR("other"), signature), ERR_SIGNATURE);
    }
}

static void a_signature_verifies_with_the_public_half_only_for_its_message(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = generate(algs[i]);
        AUTO(sign_key_unrefp) struct sign_key *public = public_of(key);
        AUTO(sign_key_unrefp) struct sign_key *stranger = generate(algs[i]);
        assert_true(sign_key_is_private(key));
        assert_false(sign_key_is_private(public));
        assert_int_equal(sign_key_alg(public), algs[i]);

        uint8_t bytes[SIGN_SIGNATURE_SIZE];
        assert_int_equal(sign_message(key, STR("message"), bytes), ERR_OK);
        str signature = bytes_str(bytes, sizeof bytes);
        assert_int_equal(sign_verify(key, STR("message"), signature), ERR_OK);
        assert_int_equal(sign_verify(public, STR("message"), signature), ERR_OK);
        assert_int_equal(sign_verify(public, STR("messagf"), signature), ERR_SIGNATURE);
        assert_int_equal(sign_verify(public, STR(""), signature), ERR_SIGNATURE);
        assert_int_equal(sign_verify(stranger, STR("message"), signature), ERR_SIGNATURE);
    }
}

static void every_changed_bit_breaks_a_signature(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = generate(algs[i]);
        uint8_t bytes[SIGN_SIGNATURE_SIZE];
        assert_int_equal(sign_message(key, STR("m"), bytes), ERR_OK);
        for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            assert_int_equal(sign_verify(key, STR("m"), bytes_str(bytes, sizeof bytes)),
                             ERR_SIGNATURE);
            bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
    }
}

static void a_signature_has_exactly_64_bytes(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = generate(algs[i]);
        uint8_t bytes[2 * SIGN_SIGNATURE_SIZE] = {0};
        assert_int_equal(sign_message(key, STR("m"), bytes), ERR_OK);
        for (size_t len = 0; len <= sizeof bytes; len++) {
            assert_int_equal(sign_verify(key, STR("m"), bytes_str(bytes, len)),
                             len == SIGN_SIGNATURE_SIZE ? ERR_OK : ERR_SIGNATURE);
        }
        assert_int_equal(sign_verify(key, STR("m"), (str){0}), ERR_SIGNATURE);
    }
}

/* Zero, the group order and values above it, in either half: a "psychic" signature must fail. */
static void es256_refuses_halves_outside_the_group(void **state) {
    struct arena *a = *state;
    static const char *const halves[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    AUTO(sign_key_unrefp) struct sign_key *key = generate(SIGN_ES256);
    uint8_t good[SIGN_SIGNATURE_SIZE];
    assert_int_equal(sign_message(key, STR("m"), good), ERR_OK);
    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        str half = from_hex(a, halves[i]);
        for (size_t k = 0; k < ARRAY_LEN(halves); k++) {
            str pair;
            assert_int_equal(arena_format(a, &pair, "%s%s", halves[i], halves[k]), ERR_OK);
            const char *hex = NULL;
            assert_int_equal(arena_c_string(a, pair, &hex), ERR_OK);
            assert_int_equal(sign_verify(key, STR("m"), from_hex(a, hex)), ERR_SIGNATURE);
        }
        for (size_t at = 0; at <= 32; at += 32) {
            uint8_t bytes[SIGN_SIGNATURE_SIZE];
            memcpy(bytes, good, sizeof bytes);
            memcpy(bytes + at, half.ptr, half.len);
            assert_int_equal(sign_verify(key, STR("m"), bytes_str(bytes, sizeof bytes)),
                             ERR_SIGNATURE);
        }
    }
}

static void a_public_key_cannot_sign(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = generate(algs[i]);
        AUTO(sign_key_unrefp) struct sign_key *public = public_of(key);
        uint8_t bytes[SIGN_SIGNATURE_SIZE] = {0};
        assert_int_equal(sign_message(public, STR("m"), bytes), ERR_MISUSE);
        assert_int_equal(bytes[0], 0);
    }
}

static void bad_public_keys_are_refused(void **state) {
    struct arena *a = *state;
    const char *good_x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
    const char *good_y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const struct {
        enum sign_alg alg;
        const char *x, *y;
        err expected;
    } cases[] = {
        {SIGN_ES256, good_x, good_y, ERR_OK},
        {SIGN_ES256, good_y, good_x, ERR_RANGE},
        {SIGN_ES256, "0000000000000000000000000000000000000000000000000000000000000000",
         "0000000000000000000000000000000000000000000000000000000000000000", ERR_RANGE},
        {SIGN_ES256, "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", good_y,
         ERR_RANGE},
        {SIGN_ES256, "60fed4ba", good_y, ERR_SYNTAX},
        {SIGN_ES256, good_x, "", ERR_SYNTAX},
        {SIGN_ES256, good_x, NULL, ERR_SYNTAX},
        {SIGN_EDDSA, good_x, good_y, ERR_SYNTAX},
        {SIGN_EDDSA, "60fed4ba", NULL, ERR_SYNTAX},
        {SIGN_UNSET, good_x, good_y, ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = NULL;
        str y = cases[i].y == NULL ? (str){0} : from_hex(a, cases[i].y);
        assert_int_equal(sign_key_from_public(cases[i].alg, from_hex(a, cases[i].x), y, &key),
                         cases[i].expected);
        assert_true((key != NULL) == (cases[i].expected == ERR_OK));
    }
}

static struct secret *counting_secret(size_t len) {
    uint8_t bytes[64];
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)i;
    }
    struct secret *secret = NULL;
    assert_int_equal(secret_new(bytes, len, &secret), ERR_OK);
    return secret;
}

/* Computed with an independent implementation. INVARIANT: these values never change, or running
 * installations would lose their keys at an upgrade. */
static void derivation_gives_the_keys_it_always_gave(void **state) {
    struct arena *a = *state;
    AUTO(secret_freep) struct secret *root = counting_secret(32);
    AUTO(sign_key_unrefp) struct sign_key *es256 = NULL;
    AUTO(sign_key_unrefp) struct sign_key *eddsa = NULL;
    assert_int_equal(sign_key_derive(SIGN_ES256, root, STR("access"), &es256), ERR_OK);
    assert_int_equal(sign_key_derive(SIGN_EDDSA, root, STR("access"), &eddsa), ERR_OK);
    const struct sign_public *public = sign_key_public(es256);
    assert_bytes(public->x,
                 from_hex(a, "b092200f27667d0a070b3a84815f29e621464e4e6633acb7ad280051c12e364d"));
    assert_bytes(public->y,
                 from_hex(a, "8c3e1cf53116a4deb1e4b4e48e4575ac5da016937d67f319e57e3be6c3d9ac1e"));
    assert_bytes(sign_key_public(eddsa)->x,
                 from_hex(a, "6183610aa545d111f5a974dcd40d5b9a3c189699348ec51cfbf2000c2187e094"));
}

static void replicas_derive_one_key_and_labels_separate_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(secret_freep) struct secret *root = counting_secret(32);
        AUTO(secret_freep) struct secret *other_root = counting_secret(33);
        AUTO(sign_key_unrefp) struct sign_key *one = NULL;
        AUTO(sign_key_unrefp) struct sign_key *two = NULL;
        AUTO(sign_key_unrefp) struct sign_key *label = NULL;
        AUTO(sign_key_unrefp) struct sign_key *rotated = NULL;
        assert_int_equal(sign_key_derive(algs[i], root, STR("access"), &one), ERR_OK);
        assert_int_equal(sign_key_derive(algs[i], root, STR("access"), &two), ERR_OK);
        assert_int_equal(sign_key_derive(algs[i], root, STR("id"), &label), ERR_OK);
        assert_int_equal(sign_key_derive(algs[i], other_root, STR("access"), &rotated), ERR_OK);
        uint8_t bytes[SIGN_SIGNATURE_SIZE];
        assert_int_equal(sign_message(one, STR("m"), bytes), ERR_OK);
        str signature = bytes_str(bytes, sizeof bytes);
        assert_int_equal(sign_verify(two, STR("m"), signature), ERR_OK);
        assert_int_equal(sign_verify(label, STR("m"), signature), ERR_SIGNATURE);
        assert_int_equal(sign_verify(rotated, STR("m"), signature), ERR_SIGNATURE);
    }
}

static void derivation_refuses_weak_roots_and_odd_labels(void **state) {
    (void)state;
    static const char long_label[65] = "x";
    AUTO(secret_freep) struct secret *weak = counting_secret(15);
    AUTO(secret_freep) struct secret *root = counting_secret(16);
    struct sign_key *key = NULL;
    assert_int_equal(sign_key_derive(SIGN_ES256, weak, STR("access"), &key), ERR_RANGE);
    assert_int_equal(sign_key_derive(SIGN_ES256, root, STR(""), &key), ERR_RANGE);
    assert_int_equal(sign_key_derive(SIGN_ES256, root, str_make(long_label, 65), &key), ERR_RANGE);
    assert_int_equal(sign_key_derive(SIGN_UNSET, root, STR("access"), &key), ERR_UNSUPPORTED);
    assert_int_equal(sign_key_generate(SIGN_UNSET, &key), ERR_UNSUPPORTED);
    assert_null(key);
}

/* Threat class 8. */
static void algorithm_names_are_exact(void **state) {
    (void)state;
    assert_int_equal(sign_alg_find(STR("ES256")), SIGN_ES256);
    assert_int_equal(sign_alg_find(STR("EdDSA")), SIGN_EDDSA);
    static const char *const others[] = {"",      "none",  "None",   "es256", "EDDSA", "ES256 ",
                                         "HS256", "RS256", "ES256K", "ES384", "ES25"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_int_equal(sign_alg_find(str_c(others[i])), SIGN_UNSET);
    }
    assert_int_equal(sign_alg_find((str){0}), SIGN_UNSET);
    assert_string_equal(sign_alg_name(SIGN_ES256), "ES256");
    assert_string_equal(sign_alg_name(SIGN_EDDSA), "EdDSA");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(published_signatures_verify),
        ARENA_TEST(a_signature_verifies_with_the_public_half_only_for_its_message),
        ARENA_TEST(every_changed_bit_breaks_a_signature),
        ARENA_TEST(a_signature_has_exactly_64_bytes),
        ARENA_TEST(es256_refuses_halves_outside_the_group),
        ARENA_TEST(a_public_key_cannot_sign),
        ARENA_TEST(bad_public_keys_are_refused),
        ARENA_TEST(derivation_gives_the_keys_it_always_gave),
        ARENA_TEST(replicas_derive_one_key_and_labels_separate_keys),
        ARENA_TEST(derivation_refuses_weak_roots_and_odd_labels),
        ARENA_TEST(algorithm_names_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
