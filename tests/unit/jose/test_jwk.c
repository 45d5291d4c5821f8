/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/jwk.h"

#include "forge.h"

#include "jose/keyset.h"
#include "jose/limits.h"

/* RFC 7515 appendix A.3.1 and RFC 8037 appendix A.2. */
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define OKP_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define EC_KEY "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""
#define OKP_KEY "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\""

static err decode(struct arena *a, const char *text, struct sign_key **ret_key, str *ret_kid) {
    const struct json *json;
    struct error error = {0};
    assert_int_equal(json_parse(a, str_c(text), &json_limits_default, &json, &error), ERR_OK);
    err result = jwk_decode(a, json, ret_key, ret_kid, &error);
    assert_int_equal(error.code, result);
    return result;
}

/* RFC 8037 appendix A.3; the EC value was computed with an independent implementation. */
static void thumbprints_are_those_of_rfc_7638(void **state) {
    static const struct {
        const char *jwk, *thumbprint;
    } cases[] = {
        {"{" OKP_KEY "}", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
        {"{" EC_KEY ",\"use\":\"sig\",\"kid\":\"1\"}",
         "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = NULL;
        str kid, thumbprint;
        assert_int_equal(decode(*state, cases[i].jwk, &key, &kid), ERR_OK);
        assert_int_equal(jwk_thumbprint(*state, key, &thumbprint), ERR_OK);
        assert_str(thumbprint, str_c(cases[i].thumbprint));
    }
}

static void a_written_key_reads_back_and_shows_nothing_private(void **state) {
    struct arena *a = *state;
    static const enum sign_alg algs[] = {SIGN_ES256, SIGN_EDDSA};
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = NULL;
        AUTO(sign_key_unrefp) struct sign_key *copy = NULL;
        assert_int_equal(sign_key_generate(algs[i], &key), ERR_OK);
        struct buf out;
        buf_init_arena(&out, a, 4096);
        struct json_writer w;
        json_writer_init(&w, &out);
        jwk_write(&w, key, STR("a \"kid\""));
        buf_add_byte(&out, '\0');
        str kid;
        assert_int_equal(decode(a, out.data, &copy, &kid), ERR_OK);
        assert_str(kid, STR("a \"kid\""));
        assert_int_equal(sign_key_alg(copy), algs[i]);
        assert_memory_equal(sign_key_public(copy), sign_key_public(key),
                            sizeof(struct sign_public));
        assert_false(sign_key_is_private(copy));
        assert_null(strstr(out.data, "\"d\""));
        assert_non_null(strstr(out.data, "\"use\":\"sig\""));
        assert_non_null(
            strstr(out.data, algs[i] == SIGN_ES256 ? "\"alg\":\"ES256\"" : "\"alg\":\"EdDSA\""));
    }
}

static void keys_not_for_us_are_told_from_broken_ones(void **state) {
    static const struct {
        const char *jwk;
        err expected;
    } cases[] = {
        {"{" EC_KEY "}", ERR_OK},
        {"{" EC_KEY ",\"alg\":\"ES256\",\"use\":\"sig\",\"key_ops\":[\"verify\"]}", ERR_OK},
        {"{" EC_KEY ",\"x5t\":\"abc\",\"unknown\":{\"a\":1}}", ERR_OK},
        {"{" OKP_KEY ",\"kid\":\"2\"}", ERR_OK},
        {"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", ERR_UNSUPPORTED},
        {"{\"kty\":\"oct\",\"k\":\"AAAA\"}", ERR_UNSUPPORTED},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}", ERR_UNSUPPORTED},
        {"{\"kty\":\"EC\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}", ERR_UNSUPPORTED},
        {"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" OKP_X "\"}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"alg\":\"EdDSA\"}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"alg\":\"HS256\"}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"alg\":\"none\"}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"use\":\"enc\"}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"key_ops\":[\"sign\"]}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"key_ops\":\"verify\"}", ERR_UNSUPPORTED},
        {"{" EC_KEY ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}", ERR_DENIED},
        {"{" EC_KEY ",\"kid\":\"\"}", ERR_LIMIT},
        {"{" EC_KEY ",\"kid\":7}", ERR_TYPE},
        {"{" EC_KEY ",\"alg\":null}", ERR_TYPE},
        {"{\"crv\":\"P-256\"}", ERR_MISSING},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}", ERR_MISSING},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":7,\"y\":\"" EC_Y "\"}", ERR_TYPE},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_Y "\",\"y\":\"" EC_X "\"}", ERR_RANGE},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "=\"}", ERR_SYNTAX},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"AAAA\"}", ERR_SYNTAX},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X OKP_X "\"}", ERR_LIMIT},
        {"[]", ERR_TYPE},
        {"null", ERR_TYPE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(sign_key_unrefp) struct sign_key *key = NULL;
        str kid;
        err result = decode(*state, cases[i].jwk, &key, &kid);
        if (result != cases[i].expected) {
            fail_msg("%s: %s", cases[i].jwk, err_name(result));
        }
        assert_true((key != NULL) == (result == ERR_OK));
    }
}

static struct keyset *decode_set(str text, err expected) {
    struct keyset *keys = NULL;
    struct error error = {0};
    assert_int_equal(keyset_decode(text, &keys, &error), expected);
    assert_int_equal(error.code, expected);
    assert_true((keys != NULL) == (expected == ERR_OK));
    return keys;
}

static void a_set_keeps_what_it_can_use(void **state) {
    (void)state;
    AUTO(keyset_unrefp)
    struct keyset *keys =
        decode_set(STR("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"AQAB\",\"e\":\"AQAB\"},"
                       "{" EC_KEY ",\"kid\":\"e\"},{" OKP_KEY "},{\"kty\":\"EC\"},7],\"x\":1}"),
                   ERR_OK);
    assert_int_equal(keyset_count(keys), 2);
    assert_int_equal(keyset_skipped(keys), 3);
    assert_int_equal(sign_key_alg(keyset_find(keys, STR("e"))), SIGN_ES256);
    str thumbprint = STR("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_int_equal(sign_key_alg(keyset_find(keys, thumbprint)), SIGN_EDDSA);
    assert_str(keyset_at(keys, 1).kid, thumbprint);
}

/* Threat class 9: a kid is an opaque name. */
static void a_kid_is_found_only_exactly(void **state) {
    (void)state;
    AUTO(keyset_unrefp)
    struct keyset *keys = decode_set(
        STR("{\"keys\":[{" EC_KEY ",\"kid\":\"../../etc/passwd' OR 1=1 --\\u0000x\"}]}"), ERR_OK);
    str exact = str_make("../../etc/passwd' OR 1=1 --\0x", 29);
    assert_non_null(keyset_find(keys, exact));
    assert_null(keyset_find(keys, str_slice(exact, 0, 27)));
    assert_null(keyset_find(keys, str_slice(exact, 0, 28)));
    assert_null(keyset_find(keys, STR("../../etc/passwd")));
    assert_null(keyset_find(keys, STR("")));
    assert_null(keyset_find(keys, (str){0}));
}

static void documents_that_are_no_key_sets_are_refused(void **state) {
    struct arena *a = *state;
    static const struct {
        const char *text;
        err expected;
    } cases[] = {
        {"{\"keys\":[]}", ERR_OK},
        {"", ERR_SYNTAX},
        {"{\"keys\":[]", ERR_SYNTAX},
        {"{\"keys\":[]}{}", ERR_SYNTAX},
        {"{}", ERR_MISSING},
        {"[]", ERR_MISSING},
        {"{\"keys\":{}}", ERR_TYPE},
        {"{\"keys\":null}", ERR_TYPE},
        {"{\"keys\":[],\"keys\":[]}", ERR_SYNTAX},
        {"{\"keys\":[{" EC_KEY ",\"kid\":\"a\"},{" OKP_KEY ",\"kid\":\"a\"}]}", ERR_EXISTS},
        {"{\"keys\":[{" EC_KEY "},{" EC_KEY "}]}", ERR_EXISTS},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keyset *keys = NULL;
        err result = keyset_decode(str_c(cases[i].text), &keys, NULL);
        if (result != cases[i].expected) {
            fail_msg("%s: %s", cases[i].text, err_name(result));
        }
        keyset_unref(keys);
    }
    struct buf many;
    buf_init_arena(&many, a, 128 * 1024);
    buf_add_c(&many, "{\"keys\":[0");
    for (int i = 0; i < JOSE_JWKS_KEYS; i++) {
        buf_add_c(&many, ",0");
    }
    buf_add_c(&many, "]}");
    keyset_unref(decode_set(buf_str(&many), ERR_LIMIT));
    while (many.len <= JOSE_JWKS_MAX) {
        buf_add_byte(&many, ' ');
    }
    keyset_unref(decode_set(buf_str(&many), ERR_LIMIT));
}

static void a_set_of_own_keys_is_published_and_read_back(void **state) {
    struct arena *a = *state;
    AUTO(sign_key_unrefp) struct sign_key *access = NULL;
    AUTO(sign_key_unrefp) struct sign_key *old = NULL;
    assert_int_equal(sign_key_generate(SIGN_ES256, &access), ERR_OK);
    assert_int_equal(sign_key_generate(SIGN_EDDSA, &old), ERR_OK);
    const struct keyset_entry entries[] = {{.key = access}, {.kid = STR("old"), .key = old}};
    AUTO(keyset_unrefp) struct keyset *keys = NULL;
    assert_int_equal(keyset_new(entries, ARRAY_LEN(entries), &keys), ERR_OK);
    str text, again;
    assert_int_equal(keyset_encode(keys, a, &text), ERR_OK);
    assert_true(str_find(text, STR("\"d\"")) == SIZE_MAX);

    AUTO(keyset_unrefp) struct keyset *read = decode_set(text, ERR_OK);
    assert_int_equal(keyset_count(read), 2);
    assert_int_equal(keyset_skipped(read), 0);
    for (size_t i = 0; i < 2; i++) {
        const struct sign_key *copy = keyset_find(read, keyset_at(keys, i).kid);
        assert_non_null(copy);
        assert_memory_equal(sign_key_public(copy), sign_key_public(entries[i].key),
                            sizeof(struct sign_public));
    }
    assert_int_equal(keyset_encode(read, a, &again), ERR_OK);
    assert_str(again, text);
}

static void a_set_refuses_ambiguous_and_odd_entries(void **state) {
    (void)state;
    AUTO(sign_key_unrefp) struct sign_key *key = NULL;
    assert_int_equal(sign_key_generate(SIGN_EDDSA, &key), ERR_OK);
    static const char long_kid[JOSE_KID_MAX + 1] = "x";
    const struct keyset_entry twice[] = {{STR("a"), key}, {STR("a"), key}};
    const struct keyset_entry empty[] = {{STR(""), key}};
    const struct keyset_entry too_long[] = {{str_make(long_kid, sizeof long_kid), key}};
    struct keyset_entry many[JOSE_JWKS_KEYS + 1];
    char kids[JOSE_JWKS_KEYS + 1];
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        kids[i] = (char)(i + 1);
        many[i] = (struct keyset_entry){str_make(&kids[i], 1), key};
    }
    struct keyset *keys = NULL;
    assert_int_equal(keyset_new(twice, 2, &keys), ERR_EXISTS);
    assert_int_equal(keyset_new(empty, 1, &keys), ERR_RANGE);
    assert_int_equal(keyset_new(too_long, 1, &keys), ERR_RANGE);
    assert_int_equal(keyset_new(many, ARRAY_LEN(many), &keys), ERR_LIMIT);
    assert_null(keys);
    assert_int_equal(keyset_new(many, JOSE_JWKS_KEYS, &keys), ERR_OK);
    assert_int_equal(keyset_count(keys), JOSE_JWKS_KEYS);
    keyset_unref(keys);
    assert_int_equal(keyset_new(NULL, 0, &keys), ERR_OK);
    assert_null(keyset_find(keys, STR("a")));
    keyset_unref(keys);
}

static void a_set_lives_as_long_as_its_last_reference(void **state) {
    (void)state;
    struct sign_key *key = NULL;
    assert_int_equal(sign_key_generate(SIGN_EDDSA, &key), ERR_OK);
    struct keyset *keys = NULL;
    assert_int_equal(keyset_new(&(struct keyset_entry){STR("a"), key}, 1, &keys), ERR_OK);
    sign_key_unref(key);
    struct keyset *second = keyset_ref(keys);
    keyset_unref(keys);
    uint8_t signature[SIGN_SIGNATURE_SIZE];
    assert_int_equal(sign_message(keyset_find(second, STR("a")), STR("m"), signature), ERR_OK);
    keyset_unref(second);
    keyset_unref(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(thumbprints_are_those_of_rfc_7638),
        ARENA_TEST(a_written_key_reads_back_and_shows_nothing_private),
        ARENA_TEST(keys_not_for_us_are_told_from_broken_ones),
        ARENA_TEST(a_set_keeps_what_it_can_use),
        ARENA_TEST(a_kid_is_found_only_exactly),
        ARENA_TEST(documents_that_are_no_key_sets_are_refused),
        ARENA_TEST(a_set_of_own_keys_is_published_and_read_back),
        ARENA_TEST(a_set_refuses_ambiguous_and_odd_entries),
        ARENA_TEST(a_set_lives_as_long_as_its_last_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
