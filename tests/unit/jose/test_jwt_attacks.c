/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on token verification (threat classes 8, 9, 10, 11; RFC 8725 §2). Each must be refused,
 * and with the reason that tells an operator what happened.
 */
#include "jose/jwt.h"

#include "fixture.h"

#include "crypto/mac.h"
#include "jose/limits.h"

#define CLAIMS "{" GOOD_CLAIMS "}"

/* A token with some other text in place of the signature. */
static str with_signature(struct fixture *f, const char *header, str signature) {
    return forge_join(&f->arena, forge_input(&f->arena, str_c(header), STR(CLAIMS)),
                      forge_base64(&f->arena, signature));
}

static str good_token(struct fixture *f) {
    str token = forge_token(&f->arena, f->es256, STR(GOOD_HEADER), STR(CLAIMS));
    assert_int_equal(verify(f, token), JWT_VALID);
    return token;
}

static void unsigned_tokens_are_refused(void **state) {
    struct fixture *f = *state;
    static const char *const algs[] = {"none", "None", "NONE", "nOnE", "none ", "", "null"};
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        str header;
        assert_int_equal(arena_format(&f->arena, &header,
                                      "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"e\"}", algs[i]),
                         ERR_OK);
        enum jwt_reason expected = algs[i][0] == '\0' ? JWT_MALFORMED : JWT_ALG;
        str input = forge_input(&f->arena, header, STR(CLAIMS));
        assert_reason(verify(f, forge_join(&f->arena, input, STR(""))), expected, algs[i]);
        /* A genuine signature does not help. */
        assert_reason(verify(f, forge_token(&f->arena, f->es256, header, STR(CLAIMS))), expected,
                      algs[i]);
    }
    /* The algorithm is refused before the key is looked for: an unknown kid makes verifiers fetch
     * keys, which a forged token must not be able to cause this way. */
    str no_kid = forge_input(&f->arena, STR("{\"alg\":\"none\",\"typ\":\"at+jwt\"}"), STR(CLAIMS));
    assert_int_equal(verify(f, forge_join(&f->arena, no_kid, STR(""))), JWT_ALG);
    str empty = with_signature(f, GOOD_HEADER, STR(""));
    assert_int_equal(verify(f, empty), JWT_SIGNATURE);
}

/* The public key, in every form that a confused verifier might use as an HMAC key. */
static void a_mac_made_with_the_public_key_is_refused(void **state) {
    struct fixture *f = *state;
    const struct sign_public *public = sign_key_public(f->es256);
    str jwks;
    assert_int_equal(keyset_encode(f->keys, &f->arena, &jwks), ERR_OK);
    uint8_t point[1 + 2 * SIGN_COORDINATE_SIZE] = {4};
    memcpy(point + 1, public->x, sizeof public->x);
    memcpy(point + 1 + sizeof public->x, public->y, sizeof public->y);
    const str hmac_keys[] = {
        jwks,
        str_make((const char *)point, sizeof point),
        str_make((const char *)public->x, sizeof public->x),
        STR(""),
    };
    static const char *const headers[] = {
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"e\"}",
        GOOD_HEADER,
    };
    static const enum jwt_reason expected[] = {JWT_ALG, JWT_SIGNATURE};
    for (size_t h = 0; h < ARRAY_LEN(headers); h++) {
        for (size_t k = 0; k < ARRAY_LEN(hmac_keys); k++) {
            uint8_t mac[MAC_SHA256_SIZE];
            mac_sha256_key(hmac_keys[k], forge_input(&f->arena, str_c(headers[h]), STR(CLAIMS)),
                           mac);
            str token = with_signature(f, headers[h], str_make((const char *)mac, sizeof mac));
            assert_reason(verify(f, token), expected[h], headers[h]);
        }
    }
}

static void a_key_is_used_only_with_its_algorithm(void **state) {
    struct fixture *f = *state;
    /* The kid of one key, the algorithm of the other, a genuine signature of either. */
    static const char *const headers[] = {
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"e\"}",
        "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"d\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        str by_es256 = forge_token(&f->arena, f->es256, str_c(headers[i]), STR(CLAIMS));
        str by_eddsa = forge_token(&f->arena, f->eddsa, str_c(headers[i]), STR(CLAIMS));
        assert_int_equal(verify(f, by_es256), JWT_ALG);
        assert_int_equal(verify(f, by_eddsa), JWT_ALG);
    }
    str crossed = forge_token(&f->arena, f->eddsa, STR(GOOD_HEADER), STR(CLAIMS));
    assert_int_equal(verify(f, crossed), JWT_SIGNATURE);
}

static void a_key_brought_along_is_refused(void **state) {
    struct fixture *f = *state;
    AUTO(sign_key_unrefp) struct sign_key *mine = NULL;
    assert_int_equal(sign_key_generate(SIGN_ES256, &mine), ERR_OK);
    AUTO(keyset_unrefp) struct keyset *set = NULL;
    assert_int_equal(keyset_new(&(struct keyset_entry){STR("e"), mine}, 1, &set), ERR_OK);
    str jwks;
    assert_int_equal(keyset_encode(set, &f->arena, &jwks), ERR_OK);
    str jwk = str_slice(jwks, strlen("{\"keys\":["), jwks.len - 2);
    static const char *const endings[] = {",\"kid\":\"e\"}", "}"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct buf header;
        buf_init_arena(&header, &f->arena, 4096);
        buf_add_c(&header, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"jwk\":");
        buf_add(&header, jwk);
        buf_add_c(&header, endings[i]);
        str token = forge_token(&f->arena, mine, buf_str(&header), STR(CLAIMS));
        assert_reason(verify(f, token), JWT_MALFORMED, endings[i]);
    }
}

static void the_kid_only_names_a_key(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *kid;
        enum jwt_reason expected;
    } cases[] = {
        {"\"kid\":\"E\"", JWT_UNKNOWN_KID},
        {"\"kid\":\"e \"", JWT_UNKNOWN_KID},
        {"\"kid\":\"e\\u0000\"", JWT_UNKNOWN_KID},
        {"\"kid\":\"../../../dev/null\"", JWT_UNKNOWN_KID},
        {"\"kid\":\"' OR '1'='1\"", JWT_UNKNOWN_KID},
        {"\"kid\":\"http://127.0.0.1/\"", JWT_UNKNOWN_KID},
        {"\"kid\":\"|id\"", JWT_UNKNOWN_KID},
        {"\"x\":1", JWT_UNKNOWN_KID},
        {"\"kid\":\"\"", JWT_MALFORMED},
        {"\"kid\":null", JWT_MALFORMED},
        {"\"kid\":[\"e\"]", JWT_MALFORMED},
        {"\"kid\":\"x\",\"kid\":\"e\"", JWT_MALFORMED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str header;
        assert_int_equal(arena_format(&f->arena, &header,
                                      "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",%s}", cases[i].kid),
                         ERR_OK);
        str token = forge_token(&f->arena, f->es256, header, STR(CLAIMS));
        assert_reason(verify(f, token), cases[i].expected, cases[i].kid);
    }
}

/* r = s = 0 and friends verify everywhere in implementations that forget the range check. */
static void psychic_signatures_are_refused(void **state) {
    struct fixture *f = *state;
    str order =
        from_hex(&f->arena, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    char bytes[SIGN_SIGNATURE_SIZE] = {0};
    str signature = str_make(bytes, sizeof bytes);
    assert_int_equal(verify(f, with_signature(f, GOOD_HEADER, signature)), JWT_SIGNATURE);
    memcpy(bytes, order.ptr, order.len);
    assert_int_equal(verify(f, with_signature(f, GOOD_HEADER, signature)), JWT_SIGNATURE);
    memcpy(bytes + 32, order.ptr, order.len);
    assert_int_equal(verify(f, with_signature(f, GOOD_HEADER, signature)), JWT_SIGNATURE);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(verify(f, with_signature(f, GOOD_HEADER, signature)), JWT_SIGNATURE);
    memset(bytes, 0, sizeof bytes);
    static const char eddsa[] = "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"d\"}";
    assert_int_equal(verify(f, with_signature(f, eddsa, signature)), JWT_SIGNATURE);
}

/* The same (r, s) as a DER sequence, as X.509 and most libraries write it. */
static void a_der_signature_is_refused(void **state) {
    struct fixture *f = *state;
    uint8_t raw[SIGN_SIGNATURE_SIZE];
    str input = forge_input(&f->arena, STR(GOOD_HEADER), STR(CLAIMS));
    assert_int_equal(sign_message(f->es256, input, raw), ERR_OK);
    uint8_t der[72];
    size_t len = 2;
    for (size_t half = 0; half < 2; half++) {
        bool needs_zero = (raw[32 * half] & 0x80) != 0;
        der[len++] = 2;
        der[len++] = needs_zero ? 33 : 32;
        if (needs_zero) {
            der[len++] = 0;
        }
        memcpy(der + len, raw + 32 * half, 32);
        len += 32;
    }
    der[0] = 0x30;
    der[1] = (uint8_t)(len - 2);
    str token = with_signature(f, GOOD_HEADER, str_make((const char *)der, len));
    assert_int_equal(verify(f, token), JWT_SIGNATURE);
}

static void no_changed_or_missing_byte_is_accepted(void **state) {
    struct fixture *f = *state;
    str token = good_token(f);
    char *bytes = arena_alloc(&f->arena, token.len + 1);
    assert_non_null(bytes);
    struct arena_mark mark = arena_mark(&f->arena);
    for (size_t i = 0; i < token.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(bytes, token.ptr, token.len);
            bytes[i] = (char)(bytes[i] ^ (1 << bit));
            assert_true(verify(f, str_make(bytes, token.len)) != JWT_VALID);
            arena_reset(&f->arena, mark);
        }
        assert_true(verify(f, str_slice(token, 0, i)) != JWT_VALID);
        assert_true(verify(f, str_slice(token, i + 1, token.len)) != JWT_VALID);
        arena_reset(&f->arena, mark);
    }
    static const char appended[] = {'A', '=', '.', ' ', '\n', '\0', '~'};
    memcpy(bytes, token.ptr, token.len);
    for (size_t i = 0; i < sizeof appended; i++) {
        bytes[token.len] = appended[i];
        assert_true(verify(f, str_make(bytes, token.len + 1)) != JWT_VALID);
    }
}

/* The last character of a 64-byte signature carries 4 unused bits: only one spelling may pass. */
static void trailing_bits_of_base64_are_refused(void **state) {
    struct fixture *f = *state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    str token = good_token(f);
    char *bytes = arena_alloc(&f->arena, token.len);
    assert_non_null(bytes);
    memcpy(bytes, token.ptr, token.len);
    int valid = 0;
    for (size_t i = 0; i < 64; i++) {
        bytes[token.len - 1] = alphabet[i];
        valid += verify(f, str_make(bytes, token.len)) == JWT_VALID;
    }
    assert_int_equal(valid, 1);
}

static void parts_of_two_tokens_do_not_mix(void **state) {
    struct fixture *f = *state;
    str other = forge_token(&f->arena, f->es256, STR(GOOD_HEADER),
                            STR("{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE
                                "\",\"sub\":\"admin\",\"client_id\":"
                                "\"web\",\"jti\":\"id-2\",\"iat\":1699999990,\"exp\":1700000300}"));
    assert_int_equal(verify(f, other), JWT_VALID);
    str token = good_token(f);
    str header = {0}, rest = {0}, claims = {0}, signature = {0}, ignored = {0};
    assert_true(str_cut(token, '.', &header, &rest) && str_cut(rest, '.', &ignored, &signature));
    assert_true(str_cut(other, '.', &ignored, &rest) && str_cut(rest, '.', &claims, &ignored));
    str mixed = forge_join(&f->arena, forge_join(&f->arena, header, claims), signature);
    assert_int_equal(verify(f, mixed), JWT_SIGNATURE);
}

static void a_stranger_with_our_kid_is_refused(void **state) {
    struct fixture *f = *state;
    AUTO(sign_key_unrefp) struct sign_key *stranger = NULL;
    assert_int_equal(sign_key_generate(SIGN_ES256, &stranger), ERR_OK);
    str token = forge_token(&f->arena, stranger, STR(GOOD_HEADER), STR(CLAIMS));
    assert_int_equal(verify(f, token), JWT_SIGNATURE);
}

static void oversized_and_nested_tokens_are_refused(void **state) {
    struct fixture *f = *state;
    struct buf claims;
    buf_init_arena(&claims, &f->arena, 64 * 1024);
    buf_add_c(&claims, "{" GOOD_CLAIMS ",\"x\":\"");
    while (claims.len < 6 * 1024) {
        buf_add_byte(&claims, 'x');
    }
    buf_add_c(&claims, "\"}");
    str token = forge_token(&f->arena, f->es256, STR(GOOD_HEADER), buf_str(&claims));
    assert_true(token.len > JOSE_TOKEN_DEFAULT);
    assert_int_equal(verify(f, token), JWT_MALFORMED);
    struct jwt_expect expect = jwt_expect_access_token(STR(ISSUER), STR(AUDIENCE));
    expect.max_bytes = JOSE_TOKEN_MAX;
    const struct verified_token *verified = NULL;
    assert_int_equal(jwt_verify(&f->arena, token, f->keys, &expect, NOW_S, &verified), JWT_VALID);

    buf_clear(&claims);
    buf_add_c(&claims, "{" GOOD_CLAIMS ",\"x\":");
    for (int i = 0; i < JOSE_CLAIMS_DEPTH; i++) {
        buf_add_byte(&claims, '[');
    }
    for (int i = 0; i < JOSE_CLAIMS_DEPTH; i++) {
        buf_add_byte(&claims, ']');
    }
    buf_add_byte(&claims, '}');
    token = forge_token(&f->arena, f->es256, STR(GOOD_HEADER), buf_str(&claims));
    assert_int_equal(verify(f, token), JWT_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(unsigned_tokens_are_refused),
        FIXTURE_TEST(a_mac_made_with_the_public_key_is_refused),
        FIXTURE_TEST(a_key_is_used_only_with_its_algorithm),
        FIXTURE_TEST(a_key_brought_along_is_refused),
        FIXTURE_TEST(the_kid_only_names_a_key),
        FIXTURE_TEST(psychic_signatures_are_refused),
        FIXTURE_TEST(a_der_signature_is_refused),
        FIXTURE_TEST(no_changed_or_missing_byte_is_accepted),
        FIXTURE_TEST(trailing_bits_of_base64_are_refused),
        FIXTURE_TEST(parts_of_two_tokens_do_not_mix),
        FIXTURE_TEST(a_stranger_with_our_kid_is_refused),
        FIXTURE_TEST(oversized_and_nested_tokens_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
