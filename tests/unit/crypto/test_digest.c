/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include "vectors.h"

#include "crypto/ct.h"

static void sha256_and_sha512_give_the_published_values(void **state) {
    struct arena *a = *state;
    uint8_t digest[DIGEST_SHA512_SIZE];
    static const struct {
        const char *text;
        const char *sha256;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        digest_sha256(str_c(cases[i].text), digest);
        assert_bytes(digest, from_hex(a, cases[i].sha256));
    }
    digest_sha512(STR("abc"), digest);
    assert_bytes(digest, from_hex(a, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d"
                                     "39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa"
                                     "54ca49f"));
}

static void absent_hashes_like_empty(void **state) {
    (void)state;
    uint8_t absent[DIGEST_SHA256_SIZE], empty[DIGEST_SHA256_SIZE];
    digest_sha256((str){0}, absent);
    digest_sha256(STR(""), empty);
    assert_memory_equal(absent, empty, sizeof empty);
}

/* RFC 7636 appendix B. */
static void text_form_is_the_pkce_challenge(void **state) {
    str text;
    assert_int_equal(
        digest_sha256_text(*state, STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), &text),
        ERR_OK);
    assert_str(text, STR("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    assert_int_equal(text.len, DIGEST_SHA256_TEXT_LEN);
}

static void hex_is_lower_case(void **state) {
    str text;
    assert_int_equal(digest_hex(*state, str_make("\x00\xab\xFF", 3), &text), ERR_OK);
    assert_str(text, STR("00abff"));
    assert_int_equal(digest_hex(*state, STR(""), &text), ERR_OK);
    assert_int_equal(text.len, 0);
}

static void a_full_arena_is_reported(void **state) {
    (void)state;
    struct arena tiny;
    arena_init(&tiny, allocator_libc(), 8);
    str text = STR("untouched");
    assert_int_equal(digest_hex(&tiny, STR("0123456789"), &text), ERR_LIMIT);
    assert_int_equal(digest_sha256_text(&tiny, STR("x"), &text), ERR_LIMIT);
    assert_str(text, STR("untouched"));
    arena_done(&tiny);
}

/* Threat class 28. */
static void comparison_sees_every_byte(void **state) {
    (void)state;
    uint8_t left[40], right[40];
    for (size_t i = 0; i < sizeof left; i++) {
        memset(left, 0x5a, sizeof left);
        memset(right, 0x5a, sizeof right);
        assert_true(ct_equal(left, right, sizeof left));
        right[i] ^= 0x80;
        assert_false(ct_equal(left, right, sizeof left));
        assert_true(ct_equal(left, right, i));
    }
    assert_true(ct_equal(left, right, 0));
}

static void comparison_by_digest_takes_any_lengths(void **state) {
    (void)state;
    assert_true(ct_equal_digest(STR("secret"), STR("secret")));
    assert_true(ct_equal_digest(STR(""), (str){0}));
    assert_false(ct_equal_digest(STR("secret"), STR("secret ")));
    assert_false(ct_equal_digest(STR("secret"), STR("")));
    assert_false(ct_equal_digest(str_make("a\0b", 3), str_make("a\0c", 3)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(sha256_and_sha512_give_the_published_values),
        ARENA_TEST(absent_hashes_like_empty),
        ARENA_TEST(text_form_is_the_pkce_challenge),
        ARENA_TEST(hex_is_lower_case),
        ARENA_TEST(a_full_arena_is_reported),
        ARENA_TEST(comparison_sees_every_byte),
        ARENA_TEST(comparison_by_digest_takes_any_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
