/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/jws.h"

#include "forge.h"

#include "jose/keyset.h"
#include "jose/limits.h"

/* RFC 7515 appendix A.3 and RFC 8037 appendix A.4. */
static void published_objects_verify(void **state) {
    struct arena *a = *state;
    static const struct {
        const char *jwks, *token, *payload;
    } cases[] = {
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\","
         "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
         "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
         "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
         "LmNvbS9pc19yb290Ijp0cnVlfQ."
         "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
         "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"},
        {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"1\","
         "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
         "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
         "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
         "Example of Ed25519 signing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(keyset_unrefp) struct keyset *keys = NULL;
        assert_int_equal(keyset_decode(str_c(cases[i].jwks), &keys, NULL), ERR_OK);
        struct jws jws;
        assert_int_equal(jws_parse(a, str_c(cases[i].token), JOSE_TOKEN_DEFAULT, &jws), ERR_OK);
        assert_str(jws.payload, str_c(cases[i].payload));
        assert_true(str_is_absent(jws.kid) && str_is_absent(jws.typ));
        assert_int_equal(jws_verify(&jws, keyset_find(keys, STR("1"))), ERR_OK);
    }
}

static void a_signed_object_is_written_as_it_is_read(void **state) {
    struct arena *a = *state;
    static const enum sign_alg algs[] = {SIGN_ES256, SIGN_EDDSA};
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = NULL;
        assert_int_equal(sign_key_generate(algs[i], &key), ERR_OK);
        str token;
        assert_int_equal(jws_sign(a, key, STR("k1"), STR("at+jwt"), STR("payload"), &token),
                         ERR_OK);
        struct jws jws;
        assert_int_equal(jws_parse(a, token, JOSE_TOKEN_DEFAULT, &jws), ERR_OK);
        assert_str(jws.alg, str_c(sign_alg_name(algs[i])));
        assert_str(jws.kid, STR("k1"));
        assert_str(jws.typ, STR("at+jwt"));
        assert_str(jws.payload, STR("payload"));
        assert_int_equal(jws_verify(&jws, key), ERR_OK);
    }
}

/* Threat classes 8 and 9: nothing in the header may choose how it is checked. */
static void headers_are_parsed_strictly(void **state) {
    struct arena *a = *state;
    static const struct {
        const char *header;
        err expected;
    } cases[] = {
        {"{\"alg\":\"ES256\"}", ERR_OK},
        {"{\"alg\":\"none\"}", ERR_OK}, /* parsing proves nothing: no key will match */
        {"{\"alg\":\"ES256\",\"kid\":\"1\",\"typ\":\"JWT\",\"cty\":\"x\",\"other\":[1]}", ERR_OK},
        {" {\"alg\" : \"ES256\"} ", ERR_OK},
        {"{\"alg\":\"ES256\",\"crit\":[\"exp\"]}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"crit\":[]}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"b64\":false}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"b64\":true}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\"}}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"jku\":\"https://evil.example/keys\"}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"x5u\":\"https://evil.example/cert\"}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"x5c\":[\"MIIB\"]}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"enc\":\"A256GCM\"}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"zip\":\"DEF\"}", ERR_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"alg\":\"none\"}", ERR_SYNTAX},
        {"{\"alg\":\"ES256\",\"\\u0061lg\":\"none\"}", ERR_SYNTAX},
        {"{\"alg\":\"ES256\",\"kid\":1}", ERR_TYPE},
        {"{\"alg\":\"ES256\",\"kid\":\"\"}", ERR_LIMIT},
        {"{\"alg\":\"ES256\",\"typ\":null}", ERR_TYPE},
        {"{\"alg\":[\"ES256\"]}", ERR_TYPE},
        {"{}", ERR_MISSING},
        {"[]", ERR_TYPE},
        {"\"ES256\"", ERR_TYPE},
        {"{\"alg\":\"ES256\"", ERR_SYNTAX},
        {"{\"alg\":\"ES256\"}x", ERR_SYNTAX},
        {"{\"alg\":\"ES256\",\"x\":[[[[[[1]]]]]]}", ERR_LIMIT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str token = forge_join(a, forge_input(a, str_c(cases[i].header), STR("x")), STR("AAAA"));
        struct jws jws = {0};
        err result = jws_parse(a, token, JOSE_TOKEN_DEFAULT, &jws);
        if (result != cases[i].expected) {
            fail_msg("%s: %s", cases[i].header, err_name(result));
        }
        assert_true(str_is_absent(jws.alg) == (result != ERR_OK));
    }
}

static void only_three_canonical_parts_are_read(void **state) {
    struct arena *a = *state;
    static const struct {
        const char *token;
        err expected;
    } cases[] = {
        {"eyJhbGciOiJFUzI1NiJ9.eA.AAAA", ERR_OK},
        {"eyJhbGciOiJFUzI1NiJ9..", ERR_OK},
        {"", ERR_SYNTAX},
        {".", ERR_SYNTAX},
        {"..", ERR_LIMIT},
        {"eyJhbGciOiJFUzI1NiJ9", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA.AAAA.", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA.AAAA.AAAA", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA.AA.AA.AA", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA.AAAA\n", ERR_SYNTAX},
        {" eyJhbGciOiJFUzI1NiJ9.eA.AAAA", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA==.AAAA", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eB.AAAA", ERR_SYNTAX}, /* bits behind the last byte */
        {"eyJhbGciOiJFUzI1NiJ9.eA.AAB", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.eA.++++", ERR_SYNTAX},
        {"eyJhbGciOiJFUzI1NiJ9.e.AAAA", ERR_SYNTAX},
        {"Bearer eyJhbGciOiJFUzI1NiJ9.eA.AAAA", ERR_SYNTAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct jws jws;
        err result = jws_parse(a, str_c(cases[i].token), JOSE_TOKEN_DEFAULT, &jws);
        if (result != cases[i].expected) {
            fail_msg("%s: %s", cases[i].token, err_name(result));
        }
    }
}

/* Threat class 10. */
static void sizes_are_limited(void **state) {
    struct arena *a = *state;
    static char filler[JOSE_TOKEN_MAX];
    memset(filler, 'x', sizeof filler);
    AUTO(sign_key_unrefp) struct sign_key *key = NULL;
    assert_int_equal(sign_key_generate(SIGN_EDDSA, &key), ERR_OK);
    struct jws jws;
    str token;
    assert_int_equal(jws_sign(a, key, STR("k"), STR("JWT"), str_make(filler, 6000), &token),
                     ERR_OK);
    assert_int_equal(jws_parse(a, token, token.len, &jws), ERR_OK);
    assert_int_equal(jws_parse(a, token, token.len - 1, &jws), ERR_LIMIT);
    assert_int_equal(jws_sign(a, key, STR("k"), STR("JWT"), str_make(filler, 12200), &token),
                     ERR_LIMIT);

    str header;
    assert_int_equal(
        arena_format(a, &header, "{\"alg\":\"EdDSA\",\"x\":\"%.*s\"}", JOSE_HEADER_MAX, filler),
        ERR_OK);
    token = forge_token(a, key, header, STR("{}"));
    assert_int_equal(jws_parse(a, token, JOSE_TOKEN_DEFAULT, &jws), ERR_LIMIT);
    assert_int_equal(
        arena_format(a, &header, "{\"alg\":\"EdDSA\",\"kid\":\"%.*s\"}", JOSE_KID_MAX + 1, filler),
        ERR_OK);
    token = forge_token(a, key, header, STR("{}"));
    assert_int_equal(jws_parse(a, token, JOSE_TOKEN_DEFAULT, &jws), ERR_LIMIT);
}

/* Threat class 8: the key chooses the algorithm. */
static void the_header_must_name_the_keys_algorithm(void **state) {
    struct arena *a = *state;
    AUTO(sign_key_unrefp) struct sign_key *es256 = NULL;
    AUTO(sign_key_unrefp) struct sign_key *eddsa = NULL;
    assert_int_equal(sign_key_generate(SIGN_ES256, &es256), ERR_OK);
    assert_int_equal(sign_key_generate(SIGN_EDDSA, &eddsa), ERR_OK);
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",  "{\"alg\":\"None\"}",   "{\"alg\":\"HS256\"}", "{\"alg\":\"EdDSA\"}",
        "{\"alg\":\"es256\"}", "{\"alg\":\"ES256 \"}", "{\"alg\":\"ES384\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        struct jws jws;
        str token = forge_token(a, es256, str_c(headers[i]), STR("{}"));
        assert_int_equal(jws_parse(a, token, JOSE_TOKEN_DEFAULT, &jws), ERR_OK);
        assert_int_equal(jws_verify(&jws, es256), ERR_UNSUPPORTED);
    }
    struct jws jws;
    str token = forge_token(a, eddsa, STR("{\"alg\":\"ES256\"}"), STR("{}"));
    assert_int_equal(jws_parse(a, token, JOSE_TOKEN_DEFAULT, &jws), ERR_OK);
    assert_int_equal(jws_verify(&jws, eddsa), ERR_UNSUPPORTED);
    assert_int_equal(jws_verify(&jws, es256), ERR_SIGNATURE);
}

static void types_are_compared_as_media_types(void **state) {
    (void)state;
    static const struct {
        const char *typ;
        bool is_at_jwt;
    } cases[] = {
        {"at+jwt", true},
        {"AT+JWT", true},
        {"application/at+jwt", true},
        {"Application/At+Jwt", true},
        {"JWT", false},
        {"", false},
        {"application/", false},
        {"at+jwt ", false},
        {"at+jwt;x=1", false},
        {"text/at+jwt", false},
        {"application/application/at+jwt", false},
        {"dpop+jwt", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(jws_typ_is(str_c(cases[i].typ), STR("at+jwt")), cases[i].is_at_jwt);
    }
    assert_false(jws_typ_is((str){0}, STR("at+jwt")));
    /* The prefix is only left out where no other '/' is (RFC 7515 §4.1.9). */
    assert_true(jws_typ_is(STR("text/plain"), STR("text/plain")));
    assert_false(jws_typ_is(STR("application/text/plain"), STR("text/plain")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(published_objects_verify),
        ARENA_TEST(a_signed_object_is_written_as_it_is_read),
        ARENA_TEST(headers_are_parsed_strictly),
        ARENA_TEST(only_three_canonical_parts_are_read),
        ARENA_TEST(sizes_are_limited),
        ARENA_TEST(the_header_must_name_the_keys_algorithm),
        ARENA_TEST(types_are_compared_as_media_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
